#include "reject.h"

#include <stdlib.h>
#include <string.h>

struct reject reject_row(enum finding_kind kind, const int64_t *case_id, const char *text, size_t len,
                         civil_day on)
{
    struct reject r = {.kind = (uint8_t)kind, .on = on, .has_case = case_id != NULL};
    size_t n = len < REJECT_TEXT - 1 ? len : REJECT_TEXT - 1;
    if (case_id != NULL)
        r.case_id = *case_id;
    while (n > 0 && n < len && ((unsigned char)text[n] & 0xc0) == 0x80)
        n--; /* not within a character of UTF-8 */
    if (n > 0)
        memcpy(r.text, text, n);
    return r;
}

struct rejects *rejects_new(const struct reject *row, size_t n)
{
    struct rejects *r = malloc(sizeof *r + n * sizeof r->row[0]);
    if (r == NULL)
        return NULL;
    *r = (struct rejects){.refs = 1, .n = n};
    if (n > 0)
        memcpy(r->row, row, n * sizeof r->row[0]);
    return r;
}

struct rejects *rejects_ref(struct rejects *r)
{
    r->refs++;
    return r;
}

void rejects_unref(struct rejects *r)
{
    if (r != NULL && --r->refs == 0)
        free(r);
}
