#include "delivery_text.h"

#include <string.h>

#include "instant.h"
#include "obligation_text.h"
#include "plain.h"
#include "utf8.h"

#define US 1000000

void buf_london(struct buf *b, int64_t us)
{
    char day[24], time[INSTANT_TEXT_LEN];
    if (us == DELIVERY_NEVER)
        return;
    int ahead = instant_ahead(us);
    instant_format(us - us % US + (int64_t)ahead * US, time);
    buf_printf(b, "%s %.8s %s", civil_words(instant_day(us), day, sizeof day), time + strlen("2026-06-15T"),
               ahead != 0 ? "BST" : "GMT");
}

void buf_answer(struct buf *b, const struct delivery *d)
{
    bool said = strcmp(d->answer, "ok") != 0;
    if (d->http_status != 0)
        buf_printf(b, "%d%s", d->http_status, said ? " " : "");
    if (said || d->http_status == 0)
        buf_plain(b, d->answer);
}

/* --- CSV and JSON: the same fields in the same order ---------------------------------------------------------------------- */

enum kind { TEXT, NUMBER, STATUS, TIME };

/* One row for each field, in the order of the output. */
static const struct field {
    const char *name;
    enum kind kind;
    size_t at; /* in struct delivery */
} fields[] = {
#define FIELD(kind, name, member)                                                                            \
    {                                                                                                        \
#name, kind, offsetof(struct delivery, member)                                                       \
    }
    FIELD(TEXT, message_id, message_id),     FIELD(TEXT, type, type),
    FIELD(TEXT, case_ref, case_ref),         FIELD(TEXT, limit, limit),
    FIELD(TEXT, subject, subject),           FIELD(NUMBER, items, items),
    FIELD(TEXT, endpoint, endpoint),         FIELD(TEXT, state, state),
    FIELD(TIME, created_at, created_at),     FIELD(NUMBER, attempts, attempts),
    FIELD(NUMBER, unrecorded, unrecorded),   FIELD(NUMBER, replays, replays),
    FIELD(TIME, first_attempt_at, first_at), FIELD(TIME, last_attempt_at, last_at),
    FIELD(STATUS, http_status, http_status), FIELD(TEXT, answer, answer),
    FIELD(TIME, accepted_at, accepted_at),   FIELD(TIME, processed_at, processed_at),
    FIELD(TIME, next_attempt_at, next_at),   FIELD(TIME, seen_at, seen_at),
    FIELD(TEXT, seen_by, seen_by),           FIELD(TEXT, body_sha256, sha256),
};

enum { FIELDS = sizeof fields / sizeof fields[0] };

static const char *text_of(const struct delivery *d, const struct field *f)
{
    const char *s;
    memcpy(&s, (const char *)d + f->at, sizeof s);
    return s;
}

static int number_of(const struct delivery *d, const struct field *f)
{
    int n;
    memcpy(&n, (const char *)d + f->at, sizeof n);
    return n;
}

static int64_t time_of(const struct delivery *d, const struct field *f)
{
    int64_t us;
    memcpy(&us, (const char *)d + f->at, sizeof us);
    return us;
}

static void csv_text(struct buf *b, const char *s)
{
    struct buf clean = {0};
    if (utf8_valid(s)) {
        buf_csv_guarded(b, s);
        return;
    }
    buf_utf8(&clean, s);
    b->failed |= clean.failed;
    if (!clean.failed)
        buf_csv_guarded(b, clean.p);
    buf_free(&clean);
}

static void csv_row(struct buf *b, const struct delivery *d)
{
    char time[INSTANT_TEXT_LEN];
    for (const struct field *f = fields; f < fields + FIELDS; f++) {
        if (f != fields)
            buf_text(b, ",");
        if (f->kind == TEXT)
            csv_text(b, text_of(d, f));
        else if (f->kind == NUMBER || (f->kind == STATUS && number_of(d, f) != 0))
            buf_printf(b, "%d", number_of(d, f));
        else if (f->kind == TIME && time_of(d, f) != DELIVERY_NEVER)
            buf_text(b, instant_format(time_of(d, f), time));
    }
    buf_text(b, "\n");
}

static void json_row(struct buf *b, const struct delivery *d)
{
    char time[INSTANT_TEXT_LEN];
    for (const struct field *f = fields; f < fields + FIELDS; f++) {
        buf_printf(b, "%s\"%s\":", f != fields ? "," : "{", f->name);
        if (f->kind == TEXT)
            json_text(b, text_of(d, f));
        else if (f->kind == NUMBER || (f->kind == STATUS && number_of(d, f) != 0))
            buf_printf(b, "%d", number_of(d, f));
        else if (f->kind == TIME && time_of(d, f) != DELIVERY_NEVER)
            buf_printf(b, "\"%s\"", instant_format(time_of(d, f), time));
        else
            buf_text(b, "null");
    }
    buf_text(b, "}");
}

/* --- text ------------------------------------------------------------------------------------------------------------ */

#define OBLIGATION "obligation."

static void column(struct buf *b, struct buf *cell, size_t width)
{
    buf_plain_column(b, cell->n > 0 ? cell->p : "", width);
    buf_text(b, "  ");
    b->failed |= cell->failed;
    cell->n = 0;
}

static void text_row(struct buf *b, const struct delivery *d)
{
    struct buf cell = {0};
    bool plain = strncmp(d->type, OBLIGATION, strlen(OBLIGATION)) == 0;
    buf_london(&cell, d->created_at);
    column(b, &cell, 30); /* 30 September 2026 12:00:00 BST */
    buf_text(&cell, d->case_ref);
    column(b, &cell, 16);
    buf_text(&cell, plain ? d->type + strlen(OBLIGATION) : d->type);
    column(b, &cell, 16);
    buf_text(&cell, d->limit);
    column(b, &cell, 22);
    buf_text(&cell, d->endpoint);
    column(b, &cell, 12);
    buf_text(&cell, d->state);
    column(b, &cell, 10);
    buf_printf(&cell, "%d", d->attempts);
    column(b, &cell, 5);
    buf_answer(&cell, d);
    column(b, &cell, 18);
    buf_text(&cell, d->seen_by);
    column(b, &cell, 16);
    buf_free(&cell);
    buf_plain(b, d->message_id);
    buf_text(b, "\n");
}

static const char TEXT_HEAD[] =
    "made                            case              what              limit                   "
    "endpoint      state       tries  last answer         seen by           message\n";

void delivery_begin(struct buf *b, enum delivery_format f, int64_t read_at)
{
    char time[INSTANT_TEXT_LEN];
    if (f == DELIVERY_TEXT) {
        buf_text(b, TEXT_HEAD);
    } else if (f == DELIVERY_JSON) {
        buf_printf(b, "{\"read_at\":\"%s\",\"items\":[", instant_format(read_at, time));
    } else {
        for (const struct field *x = fields; x < fields + FIELDS; x++)
            buf_printf(b, "%s%s", x != fields ? "," : "", x->name);
        buf_text(b, "\n");
    }
}

void delivery_row(struct buf *b, enum delivery_format f, const struct delivery *d, size_t n)
{
    if (f == DELIVERY_TEXT) {
        text_row(b, d);
    } else if (f == DELIVERY_CSV) {
        csv_row(b, d);
    } else {
        buf_text(b, n > 0 ? ",\n" : "\n");
        json_row(b, d);
    }
}

void delivery_end(struct buf *b, enum delivery_format f, size_t n, long next_page)
{
    if (f == DELIVERY_TEXT)
        buf_printf(b, "%zu message%s\n", n, n == 1 ? "" : "s");
    else if (f == DELIVERY_JSON && next_page > 0)
        buf_printf(b, "%s],\"next_page\":%ld}\n", n > 0 ? "\n" : "", next_page);
    else if (f == DELIVERY_JSON)
        buf_printf(b, "%s],\"next_page\":null}\n", n > 0 ? "\n" : "");
}
