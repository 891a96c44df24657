#include "journal_store.h"

#include <stdlib.h>
#include <string.h>

#include "pglink.h"
#include "record.h"
#include "sql_text.h"

static void end(struct journal_store *s, bool lost, const char *why)
{
    pg_copy_free(&s->copy);
    s->done(s->ud, why == NULL, lost, why != NULL ? why : "");
}

/* --- reading --------------------------------------------------------------------------------------------------------------- */

/* The word of an entry; false: one that this program does not know, such as a newer one wrote. */
static bool word_of(const struct pg_field *f, uint8_t *word)
{
    const char *text = f->len > 0 ? (const char *)f->data : "";
    size_t len = f->len > 0 ? (size_t)f->len : 0;
    enum event e = event_by_name(text, len);
    enum ground g = ground_by_name(text, len);
    *word = (uint8_t)(e != EV_UNKNOWN ? (unsigned)e : JOURNAL_CLAIM + (unsigned)g);
    return e != EV_UNKNOWN || g != GROUND_COUNT;
}

static bool on_row(void *ud, const struct pg_field *f)
{
    struct journal_store *s = ud;
    struct journal_entry e = {.on = CIVIL_NONE};
    int64_t seen = 0;
    if (!pg_field_int8(&f[0], &e.case_id, &s->err) ||
        (!pg_field_null(&f[3]) && !pg_field_date(&f[3], &e.on, &s->err)) ||
        (!pg_field_null(&f[4]) && !pg_field_int8(&f[4], &seen, &s->err)))
        return false;
    if (!word_of(&f[1], &e.word))
        return true;
    e.seen = seen < 0 ? 0 : seen > UINT32_MAX ? UINT32_MAX : (uint32_t)seen;
    if (f[2].len > 0)
        e.subject = names_add(s->words->subjects, (const char *)f[2].data, (size_t)f[2].len);
    return (e.subject != NAMES_FULL && journal_load(&s->journal, &e)) || err_set(&s->err, "out of memory");
}

static bool on_data(void *ud, const char *bytes, size_t len)
{
    struct journal_store *s = ud;
    return pg_copy_feed(&s->copy, bytes, len, &s->err);
}

static void on_read(void *ud, const struct pg_reply *r)
{
    struct journal_store *s = ud;
    s->loaded = r->ok && pg_copy_done(&s->copy, &s->err);
    if (s->loaded)
        end(s, false, NULL);
    else
        end(s, r->lost, s->err.text[0] != '\0' ? s->err.text : r->message);
}

static void on_state(void *ud, const struct pg_reply *r)
{
    struct journal_store *s = ud;
    if (!r->ok) {
        end(s, r->lost, r->message);
        return;
    }
    /* What is in memory and not in the database (any more) is written again, with its own time. */
    journal_forget_kept(&s->journal);
    s->journal.begun = PQgetvalue(r->res, 0, 0)[0] == 't';
    if (PQgetvalue(r->res, 0, 1)[0] != 't') {
        s->loaded = true;
        end(s, false, NULL);
        return;
    }
    s->err.text[0] = '\0';
    pg_copy_init(&s->copy, JOURNAL_COLUMNS, on_row, s);
    if (!pg_link_copy_out(s->link, sql_query("journal_read"), on_data, on_read, s))
        end(s, false, "out of memory");
}

bool journal_store_read(struct journal_store *s, journal_store_fn *done, void *ud)
{
    s->done = done;
    s->ud = ud;
    return pg_link_query(s->link, sql_query("journal_state"), 0, NULL, on_state, s);
}

/* --- writing --------------------------------------------------------------------------------------------------------------- */

static void on_written(void *ud, const struct pg_reply *r)
{
    struct journal_store *s = ud;
    if (!r->ok) {
        end(s, r->lost, r->message);
        return;
    }
    /* Another daemon was first with some: its times hold. */
    if (strtoull(PQcmdTuples((PGresult *)(uintptr_t)r->res), NULL, 10) < s->column[0].count)
        s->loaded = false;
    journal_mark_kept(&s->journal, s->at, s->to);
    end(s, false, NULL);
}

static void on_begun(void *ud, const struct pg_reply *r)
{
    struct journal_store *s = ud;
    s->journal.begun |= r->ok;
    end(s, r->lost, r->ok ? NULL : r->message);
}

static void add_entry(struct journal_store *s, const struct journal_entry *e)
{
    struct pg_array *a = s->column;
    pg_array_int8(a++, e->case_id);
    pg_array_text(a++, (e->word & JOURNAL_CLAIM) != 0 ? ground_name((enum ground)(e->word - JOURNAL_CLAIM))
                                                      : event_name((enum event)e->word));
    pg_array_text(a++, names_text(s->words->subjects, e->subject));
    pg_array_date(a++, e->on);
    if (e->seen != 0)
        pg_array_int8(a, e->seen);
    else
        pg_array_null(a);
}

bool journal_store_write(struct journal_store *s, bool empty, journal_store_fn *done, void *ud)
{
    const struct journal *j = &s->journal;
    const char *params[JOURNAL_COLUMNS];
    struct err e;
    s->done = done;
    s->ud = ud;
    if (j->n_new == 0)
        return !j->begun && !empty &&
               pg_link_query(s->link, sql_query("journal_begin"), 0, NULL, on_begun, s);
    for (int c = 0; c < JOURNAL_COLUMNS; c++)
        pg_array_clear(&s->column[c]);
    s->at = s->to = journal_next_new(j, 0);
    for (size_t i = s->at; i < j->n && s->column[0].count < JOURNAL_BATCH; i = journal_next_new(j, i + 1)) {
        add_entry(s, &j->entries[i]);
        s->to = i + 1;
    }
    for (int c = 0; c < JOURNAL_COLUMNS; c++)
        if ((params[c] = pg_array_literal(&s->column[c], &e)) == NULL)
            return false;
    return pg_link_query(s->link, sql_query("journal_write"), JOURNAL_COLUMNS, params, on_written, s);
}

void journal_store_init(struct journal_store *s, struct pg_link *link, struct words *words)
{
    *s = (struct journal_store){.link = link, .words = words};
    for (int c = 0; c < JOURNAL_COLUMNS; c++)
        pg_array_init(&s->column[c]);
}

void journal_store_free(struct journal_store *s)
{
    for (int c = 0; c < JOURNAL_COLUMNS; c++)
        pg_array_free(&s->column[c]);
    pg_copy_free(&s->copy);
    journal_clear(&s->journal);
}
