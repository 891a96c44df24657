#include "obligation_rows.h"

#include <stdlib.h>
#include <string.h>

#include "count.h"

/* Texts are copied in steps of so many bytes, past their end: the source is padded, and a row has that much room to spare. */
enum { STEP = 16, MOST_VERSIONS = LIMIT_MAX + LATER_MAX };

struct padded {
    const char *p;
    size_t len;
};

#define FAR_BACK UINT8_MAX

struct day_text {
    char text[CIVIL_TEXT_LEN]; /* ",2026-03-29", not NUL-terminated */
    uint8_t back;              /* to the last working day on or before; FAR_BACK: the calendar knows */
};

struct obligation_rows {
    struct obligation_text with;
    uint8_t rank[LIMIT_MAX];          /* of a limit among the ids as bytes */
    struct padded limit[LIMIT_MAX];   /* ",final_plan_20w," */
    struct padded state[STATE_COUNT]; /* ",on_track," */
    uint8_t rival[MOST_VERSIONS]; /* 1: safe_on is the day before due; later versions behind the first ones */
    size_t longest;               /* of the limits */
    civil_day first;              /* of the days */
    size_t n_days;
    struct day_text *days;
    char *texts;
};

const char *obligation_rows_header(void)
{
    return "case_ref,limit,subject,start_on,due_on,safe_on,act_by,state,closed_on,days\n";
}

static struct padded between_commas(char **at, const char *text)
{
    struct padded p = {*at, strlen(text) + 2};
    (*at)[0] = ',';
    memcpy(*at + 1, text, p.len - 2);
    (*at)[p.len - 1] = ',';
    *at += (p.len + STEP - 1) / STEP * STEP;
    return p;
}

static void prepare_limits(struct obligation_rows *r, char **at)
{
    const struct rulebook *rb = r->with.rulebook;
    for (size_t i = 0; i < rb->n; i++) {
        r->limit[i] = between_commas(at, rb->rule[i].limit->id);
        if (r->limit[i].len > r->longest)
            r->longest = r->limit[i].len;
        r->rival[i] = count_has_rival(rb->rule[i].limit->count);
        for (size_t k = 0; k < rb->n; k++)
            r->rank[i] += strcmp(rb->rule[k].limit->id, rb->rule[i].limit->id) < 0;
    }
    for (size_t i = 0; i < rb->n_later; i++)
        r->rival[LIMIT_MAX + i] = count_has_rival(rb->later[i].limit->count);
}

static void prepare_days(struct obligation_rows *r)
{
    for (size_t i = 0; i < r->n_days; i++) {
        char text[CIVIL_TEXT_LEN];
        civil_day d = r->first + (civil_day)i;
        r->days[i].text[0] = ',';
        memcpy(r->days[i].text + 1, civil_format(d, text), CIVIL_TEXT_LEN - 1);
        civil_day back = d - calendar_working_day_before(r->with.calendar, d);
        r->days[i].back = (uint8_t)(back < FAR_BACK ? back : FAR_BACK);
    }
}

struct obligation_rows *obligation_rows_new(const struct obligation_text *t, civil_day from, civil_day to)
{
    struct obligation_rows *r = calloc(1, sizeof *r);
    size_t bytes = 0;
    if (r == NULL)
        return NULL;
    r->with = *t;
    r->first = from;
    r->n_days = to >= from ? (size_t)(to - from) + 1 : 0;
    for (size_t i = 0; i < t->rulebook->n; i++)
        bytes += strlen(t->rulebook->rule[i].limit->id) + 2 + STEP;
    for (int s = 0; s < STATE_COUNT; s++)
        bytes += strlen(state_name((enum state)s)) + 2 + STEP;
    r->texts = calloc(1, bytes);
    r->days = calloc(r->n_days + 2, sizeof *r->days); /* the last can be copied in whole steps */
    if (r->texts == NULL || r->days == NULL) {
        obligation_rows_free(r);
        return NULL;
    }
    char *at = r->texts;
    prepare_limits(r, &at);
    for (int s = 0; s < STATE_COUNT; s++)
        r->state[s] = between_commas(&at, state_name((enum state)s));
    prepare_days(r);
    return r;
}

void obligation_rows_free(struct obligation_rows *r)
{
    if (r == NULL)
        return;
    free(r->days);
    free(r->texts);
    free(r);
}

/* --- order --------------------------------------------------------------------------------------------------------------- */

/* Of two obligations of one limit. */
static int compare(const struct obligation_rows *r, const struct obligation *a, const struct obligation *b)
{
    int c = 0;
    if (a->subject != b->subject)
        c = strcmp(names_text(r->with.subjects, a->subject), names_text(r->with.subjects, b->subject));
    if (c == 0 && a->start != b->start)
        c = a->start < b->start ? -1 : 1;
    if (c == 0 && a->closed != b->closed)
        c = a->closed < b->closed ? -1 : 1; /* CIVIL_NONE is the empty text: first in both orders */
    if (c == 0 && a->state != b->state)
        c = strcmp(state_name((enum state)a->state), state_name((enum state)b->state));
    return c;
}

/* First each limit to its place, then those of one limit, which are few, among themselves. */
void obligation_rows_sort(const struct obligation_rows *r, const struct obligation *o, size_t n,
                          struct obligation *sorted)
{
    size_t at[LIMIT_MAX + 1] = {0};
    for (size_t i = 0; i < n; i++)
        at[r->rank[o[i].limit] + 1]++;
    for (size_t i = 1; i <= LIMIT_MAX; i++)
        at[i] += at[i - 1];
    for (size_t i = 0; i < n; i++)
        sorted[at[r->rank[o[i].limit]]++] = o[i];
    for (size_t i = 1; i < n; i++) {
        if (sorted[i].limit != sorted[i - 1].limit || compare(r, &sorted[i], &sorted[i - 1]) >= 0)
            continue;
        struct obligation x = sorted[i];
        size_t j = i;
        for (; j > 0 && sorted[j - 1].limit == x.limit && compare(r, &x, &sorted[j - 1]) < 0; j--)
            sorted[j] = sorted[j - 1];
        sorted[j] = x;
    }
}

/* --- rows ---------------------------------------------------------------------------------------------------------------- */

static inline char *put(char *p, struct padded text)
{
    for (size_t i = 0; i < text.len; i += STEP)
        memcpy(p + i, text.p + i, STEP);
    return p + text.len;
}

/* With the comma before it. */
static inline char *put_date(const struct obligation_rows *r, char *p, civil_day d)
{
    size_t i = (size_t)((int64_t)d - r->first);
    if (d >= r->first && i < r->n_days) {
        memcpy(p, r->days[i].text, STEP);
        return p + CIVIL_TEXT_LEN;
    }
    *p++ = ',';
    if (d == CIVIL_NONE)
        return p;
    civil_format(d, p);
    return p + CIVIL_TEXT_LEN - 1;
}

static inline civil_day act_by(const struct obligation_rows *r, civil_day safe_on)
{
    size_t i = (size_t)((int64_t)safe_on - r->first);
    if (safe_on >= r->first && i < r->n_days && r->days[i].back != FAR_BACK)
        return safe_on - r->days[i].back;
    return calendar_working_day_before(r->with.calendar, safe_on);
}

static inline char *put_number(char *p, int32_t n)
{
    char digits[12], *d = digits + sizeof digits;
    uint32_t u = n < 0 ? 0u - (uint32_t)n : (uint32_t)n;
    do
        *--d = (char)('0' + u % 10);
    while ((u /= 10) > 0);
    if (n < 0)
        *--d = '-';
    size_t len = (size_t)(digits + sizeof digits - d);
    memcpy(p, d, len);
    return p + len;
}

#define ROW_REST (160 + STEP) /* all of a row but its reference, limit and subject */

void obligation_rows_csv(const struct obligation_rows *r, struct buf *b, const char *case_ref,
                         const struct obligation *o, size_t n)
{
    size_t ref_at = b->n;
    if (n > 0)
        buf_csv(b, case_ref);
    const size_t ref_len = b->n - ref_at;
    for (size_t i = 0; i < n; i++, o++) {
        char *row = buf_room(b, ref_len + r->longest + 2 * STEP), *p = row;
        if (row == NULL)
            return;
        if (i > 0)
            p = put(p, (struct padded){b->p + ref_at,
                                       ref_len}); /* of the first row, which is longer by more than a step */
        p = put(p, r->limit[o->limit]);
        buf_filled(b, (size_t)(p - row));
        if (o->subject != SUBJECT_NONE)
            buf_csv(b, names_text(r->with.subjects, o->subject));
        row = p = buf_room(b, ROW_REST);
        if (row == NULL)
            return;
        civil_day safe_on = o->due - r->rival[o->version == 0 ? o->limit : LIMIT_MAX + o->version - 1];
        p = put_date(r, p, o->start);
        p = put_date(r, p, o->due);
        p = put_date(r, p, safe_on);
        p = put_date(r, p, act_by(r, safe_on));
        p = put(p, r->state[o->state]);
        p = put_date(r, p - 1, o->closed);
        *p++ = ',';
        p = put_number(p, o->days);
        *p++ = '\n';
        buf_filled(b, (size_t)(p - row));
    }
}
