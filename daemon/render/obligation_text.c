#include "obligation_text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

static const char *limit_id(const struct obligation_text *t, const struct obligation *o)
{
    return obligation_limit(t->rulebook, o)->id;
}

void json_text(struct buf *b, const char *s)
{
    buf_bytes(b, "\"", 1);
    while (*s != '\0') {
        unsigned char c = (unsigned char)*s;
        size_t n = utf8_length(s);
        if (n == 0) {
            buf_text(b, "\xef\xbf\xbd");
            n = 1;
        } else if (c == '"' || c == '\\') {
            buf_printf(b, "\\%c", c);
        } else if (c < 0x20 || c == 0x7f) {
            buf_printf(b, "\\u%04x", c);
        } else {
            buf_bytes(b, s, n);
        }
        s += n;
    }
    buf_bytes(b, "\"", 1);
}

static void json_date(struct buf *b, const char *key, civil_day d)
{
    char text[CIVIL_TEXT_LEN];
    if (d == CIVIL_NONE)
        buf_printf(b, ",\"%s\":null", key);
    else
        buf_printf(b, ",\"%s\":\"%s\"", key, civil_format(d, text));
}

void obligation_json(struct buf *b, const struct obligation_text *t, const char *case_ref,
                     const struct obligation *o)
{
    const struct limit *l = obligation_limit(t->rulebook, o);
    buf_text(b, "{\"case_ref\":");
    json_text(b, case_ref);
    buf_printf(b, ",\"limit\":\"%s\",\"title\":", l->id);
    json_text(b, l->title);
    buf_printf(b, ",\"kind\":\"%s\",\"subject\":", limit_kind_name(l->kind));
    json_text(b, names_text(t->subjects, o->subject));
    json_date(b, "start_on", o->start);
    json_date(b, "due_on", o->due);
    json_date(b, "safe_on", obligation_safe_on(t->rulebook, o));
    json_date(b, "act_by", obligation_act_by(t->rulebook, t->calendar, o));
    buf_printf(b, ",\"state\":\"%s\"", state_name((enum state)o->state));
    json_date(b, "closed_on", o->closed);
    buf_printf(b, ",\"days\":%d,\"exception\":\"%s\",\"calendar_exhausted\":%s,\"citation\":", o->days,
               exception_verdict_name((enum exception_verdict)o->exception),
               o->calendar_exhausted ? "true" : "false");
    json_text(b, l->citation);
    buf_printf(b, ",\"evidence\":\"%s\"}", limit_evidence_name(l->evidence));
}

static int compare(const struct obligation_text *t, const struct obligation *a, const struct obligation *b)
{
    int c = a->limit == b->limit ? 0 : strcmp(limit_id(t, a), limit_id(t, b));
    if (c == 0 && a->subject != b->subject)
        c = strcmp(names_text(t->subjects, a->subject), names_text(t->subjects, b->subject));
    if (c == 0 && a->start != b->start)
        c = a->start < b->start ? -1 : 1;
    if (c == 0 && a->closed != b->closed)
        c = a->closed < b->closed ? -1 : 1; /* CIVIL_NONE is the empty text: first in both orders */
    if (c == 0)
        c = strcmp(state_name((enum state)a->state), state_name((enum state)b->state));
    return c;
}

void obligation_sort(const struct obligation_text *t, struct obligation *o, size_t n)
{
    for (size_t i = 1; i < n; i++) { /* a case has tens of them, nearly in order */
        struct obligation x = o[i];
        size_t j = i;
        for (; j > 0 && compare(t, &x, &o[j - 1]) < 0; j--)
            o[j] = o[j - 1];
        o[j] = x;
    }
}
