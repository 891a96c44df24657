#include "source_begin.h"

#include <stdio.h>
#include <string.h>

#include "log.h"

static const char *const tables[SOURCE_TABLES] = {
    "casework.ehc_case",
    "casework.ehc_exception",
    "casework.ehc_event",
};

void source_begin_forget(struct source_begin *b)
{
    b->without = 0;
    b->told = false;
}

/* Not there, not ours to lock, not of a kind that has locks: as opposed to a lock that was not to be had, or a server in trouble. */
static bool will_not(const struct pg_reply *r)
{
    return !r->ok && (strncmp(r->sqlstate, "42", 2) == 0 || strcmp(r->sqlstate, "3F000") == 0);
}

static bool ask_next(struct source_begin *b);
static bool begin(struct source_begin *b);

static void out_of_memory(struct source_begin *b)
{
    const struct pg_reply r = {.message = "out of memory"};
    b->begun(b->ud, &r);
}

static void on_asked(void *ud, const struct pg_reply *r)
{
    struct source_begin *b = ud;
    if (will_not(r)) {
        b->without |= 1U << b->asking;
        snprintf(b->why, sizeof b->why, "%s", r->message);
    } else if (!r->ok) {
        b->begun(b->ud, r);
        return;
    }
    b->asking++;
    if (!(b->asking < SOURCE_TABLES ? ask_next(b) : begin(b)))
        out_of_memory(b);
}

/* One table in a transaction of its own: a text of several statements is one, and leaves nothing behind whatever comes of it. */
static bool ask_next(struct source_begin *b)
{
    char sql[96];
    snprintf(sql, sizeof sql, "LOCK TABLE %s IN ACCESS SHARE MODE; SELECT", tables[b->asking]);
    return pg_link_script(b->link, sql, on_asked, b);
}

static void on_begun(void *ud, const struct pg_reply *r)
{
    struct source_begin *b = ud;
    if (!will_not(r) || b->asked) {
        b->begun(b->ud, r);
        return;
    }
    b->asked = true;
    b->without = 0;
    b->asking = 0;
    if (!pg_link_script(b->link, "ROLLBACK", NULL, NULL) || !ask_next(b))
        out_of_memory(b);
}

static bool begin(struct source_begin *b)
{
    char sql[256] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    size_t n = strlen(sql);
    const char *before = "; LOCK TABLE ";
    for (int i = 0; i < SOURCE_TABLES; i++)
        if ((b->without & 1U << i) == 0) {
            n += (size_t)snprintf(sql + n, sizeof sql - n, "%s%s", before, tables[i]);
            before = ", ";
        }
    if (strcmp(before, ", ") == 0)
        snprintf(sql + n, sizeof sql - n, " IN ACCESS SHARE MODE");
    return pg_link_script(b->link, sql, on_begun, b);
}

bool source_begin(struct source_begin *b)
{
    b->asked = false;
    return begin(b);
}

void source_begin_tell(struct source_begin *b)
{
    char names[96] = "";
    size_t n = 0;
    if (b->told || b->without == 0)
        return;
    for (int i = 0; i < SOURCE_TABLES; i++)
        if ((b->without & 1U << i) != 0)
            n += (size_t)snprintf(names + n, sizeof names - n, "%s%s", n > 0 ? ", " : "", tables[i]);
    log_ev(
        LOG_NOTICE, "source_not_locked", LOG_NO_FIELDS,
        "%s cannot be locked while read (%s): emptied and filled again during a reading, it may look empty",
        names, b->why);
    b->told = true;
}
