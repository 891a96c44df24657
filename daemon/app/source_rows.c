#include "source_rows.h"

#include <stdlib.h>
#include <string.h>

#include "utf8.h"

static const char *text_of(const struct pg_field *f)
{
    return pg_field_null(f) ? "" : (const char *)f->data;
}

static size_t length_of(const struct pg_field *f)
{
    return pg_field_null(f) ? 0 : (size_t)f->len;
}

static bool is_ascii(const char *s, size_t len)
{
    unsigned char all = 0;
    for (size_t i = 0; i < len; i++)
        all |= (unsigned char)s[i];
    return all < 0x80;
}

/* The text of a field; what is not UTF-8 in it replaced. Good until the next call. False: out of memory. */
static bool clean_text(struct source_rows *r, const struct pg_field *f, const char **text, size_t *len)
{
    *text = text_of(f);
    *len = length_of(f);
    if (is_ascii(*text, *len))
        return true;
    char *raw = strndup(*text, *len);
    buf_free(&r->clean);
    if (raw != NULL)
        buf_utf8(&r->clean, raw);
    free(raw);
    *text = r->clean.p;
    *len = r->clean.n;
    return raw != NULL && !r->clean.failed;
}

static uint32_t place(struct source_rows *r, const struct pg_field *f)
{
    const char *text;
    size_t len;
    return clean_text(r, f, &text, &len) ? names_add(r->words->places, text, len) : NAMES_FULL;
}

/* A subject is stored in indexes, where a letter of several kB would make a whole batch fail: it is cut, between two characters. */
enum { SUBJECT_MOST = 200 }; /* bytes */

static uint32_t subject(struct source_rows *r, const struct pg_field *f)
{
    const char *text;
    size_t len;
    if (!clean_text(r, f, &text, &len))
        return NAMES_FULL;
    if (len > SUBJECT_MOST)
        for (len = SUBJECT_MOST; len > 0 && (text[len] & 0xc0) == 0x80; len--)
            ;
    return names_add(r->words->subjects, text, len);
}

/* IMPOSSIBLE: before 1900. ALWAYS and FOREVER are no days to count from either, but bounds that an exception may have. */
enum reading { READ, EMPTY, IMPOSSIBLE, ALWAYS, FOREVER };

/* A date: EMPTY for NULL, ALWAYS for -infinity, FOREVER for infinity and what lies after 2199; CIVIL_NONE unless it was READ. A
 * field of another width is another type, and an error of the source. */
static bool date_of(struct source_rows *r, const struct pg_field *f, const char *column, civil_day *d,
                    enum reading *got)
{
    struct err why;
    *d = CIVIL_NONE;
    *got = EMPTY;
    if (pg_field_null(f))
        return true;
    if (f->len != 4)
        return err_set(&r->err, "%s has %d bytes, a date has 4: the column has changed its type", column,
                       f->len);
    if (!pg_field_date(
            f, d, &why)) /* the sign bit comes first: -infinity is the least of all, infinity the greatest */
        *got = f->data[0] & 0x80 ? ALWAYS : FOREVER;
    else
        *got = *d < CIVIL_FIRST ? IMPOSSIBLE : *d > CIVIL_LAST ? FOREVER : READ;
    if (*got != READ)
        *d = CIVIL_NONE;
    return true;
}

/* A time, of any year; infinity and the like count as not given. */
static bool time_of(struct source_rows *r, const struct pg_field *f, const char *column, int64_t *us)
{
    struct err why;
    *us = TIME_NONE;
    if (pg_field_null(f))
        return true;
    if (f->len != 8)
        return err_set(&r->err, "%s has %d bytes, a timestamptz has 8: the column has changed its type",
                       column, f->len);
    if (!pg_field_timestamptz(f, us, &why))
        *us = TIME_NONE;
    return true;
}

/* A row that takes no part. `what`: the field that names it. */
static void reject(struct source_rows *r, enum finding_kind kind, const int64_t *id,
                   const struct pg_field *what, civil_day on)
{
    intake_reject(r->intake, kind, id, text_of(what), length_of(what), on);
}

/* An event or exception without a case. One that was voided is of no concern to anybody. */
static bool homeless(struct source_rows *r, const struct pg_field *f)
{
    if (pg_field_null(&f[0]) && pg_field_null(&f[5]))
        reject(r, FINDING_UNKNOWN_CASE, NULL, &f[1], CIVIL_NONE);
    return pg_field_null(&f[0]);
}

bool source_row_case(void *ud, const struct pg_field *f)
{
    static const char birth[] = "date_of_birth";
    struct source_rows *r = ud;
    struct record_case k = {0};
    enum reading born;
    if (!pg_field_null(&f[0]) && !pg_field_int8(&f[0], &k.id, &r->err))
        return false;
    if (pg_field_null(&f[0]) || length_of(&f[1]) == 0) {
        reject(r, FINDING_UNKNOWN_CASE, pg_field_null(&f[0]) ? NULL : &k.id, &f[1], CIVIL_NONE);
        return true;
    }
    if (!date_of(r, &f[5], "ehc_case.date_of_birth", &k.born, &born))
        return false;
    if (born != READ && born != EMPTY)
        intake_reject(r->intake, FINDING_BAD_DATE, &k.id, birth, sizeof birth - 1, CIVIL_NONE);
    k.locality = place(r, &f[2]);
    k.team = place(r, &f[3]);
    k.officer = place(r, &f[4]);
    if (k.locality == NAMES_FULL || k.team == NAMES_FULL || k.officer == NAMES_FULL)
        return err_set(&r->err, "out of memory");
    if (!clean_text(r, &f[1], &k.ref, &k.ref_len))
        return err_set(&r->err, "out of memory");
    return intake_case(r->intake, &k, &r->err);
}

bool source_row_claim(void *ud, const struct pg_field *f)
{
    struct source_rows *r = ud;
    struct record_claim c;
    int64_t id = 0;
    enum reading from, to;
    if (homeless(r, f))
        return true;
    enum ground g = ground_by_name(text_of(&f[1]), length_of(&f[1]));
    if (!pg_field_int8(&f[0], &id, &r->err) ||
        !date_of(r, &f[2], "ehc_exception.from_on", &c.claim.from, &from) ||
        !date_of(r, &f[3], "ehc_exception.to_on", &c.claim.to, &to) ||
        !time_of(r, &f[4], "ehc_exception.recorded_at", &c.recorded_at) ||
        !time_of(r, &f[5], "ehc_exception.voided_at", &c.voided_at))
        return false;
    /* An exception open at an end is one without that day (rulebook section 5), and is shown as such. */
    bool bad = from == IMPOSSIBLE || from == FOREVER || to == IMPOSSIBLE || to == ALWAYS;
    if (g == GROUND_COUNT || bad) {
        if (c.voided_at == TIME_NONE)
            reject(r, g == GROUND_COUNT ? FINDING_UNKNOWN_GROUND : FINDING_BAD_DATE, &id, &f[1],
                   c.claim.from);
        return true;
    }
    c.claim.ground = (uint8_t)g;
    return intake_claim(r->intake, id, &c, &r->err);
}

/* As event_by_name; 28 and 4 spread its vocabulary, of which no word is longer than 30, over the places. */
static enum event event_of(struct source_rows *r, const struct pg_field *f)
{
    const char *name = text_of(f);
    size_t len = length_of(f);
    if (len == 0 || len > sizeof r->met[0].name)
        return EV_UNKNOWN;
    unsigned first = (unsigned char)name[0], middle = (unsigned char)name[len / 2];
    struct source_event *met = &r->met[(len + 28 * first + 4 * middle) % 128];
    if (met->len != len || memcmp(met->name, name, len) != 0) {
        met->len = (uint8_t)len;
        met->event = (uint8_t)event_by_name(name, len);
        memcpy(met->name, name, len);
    }
    return (enum event)met->event;
}

bool source_row_event(void *ud, const struct pg_field *f)
{
    struct source_rows *r = ud;
    struct record_fact fact;
    int64_t id = 0;
    enum reading on;
    if (homeless(r, f))
        return true;
    fact.event = event_of(r, &f[1]);
    if (!pg_field_int8(&f[0], &id, &r->err) || !date_of(r, &f[3], "ehc_event.occurred_on", &fact.on, &on) ||
        !time_of(r, &f[4], "ehc_event.recorded_at", &fact.recorded_at) ||
        !time_of(r, &f[5], "ehc_event.voided_at", &fact.voided_at))
        return false;
    if (fact.event == EV_UNKNOWN || on != READ) {
        if (fact.voided_at == TIME_NONE)
            reject(r, fact.event == EV_UNKNOWN ? FINDING_UNKNOWN_EVENT : FINDING_BAD_DATE, &id, &f[1],
                   fact.on);
        return true;
    }
    fact.subject = subject(r, &f[2]);
    if (fact.subject == NAMES_FULL)
        return err_set(&r->err, "out of memory");
    return intake_fact(r->intake, id, &fact, &r->err);
}
