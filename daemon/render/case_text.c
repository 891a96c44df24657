#include "case_text.h"

#include <stdlib.h>

#include "count_words.h"
#include "instant.h"
#include "obligation_text.h"

struct gathered {
    struct obligation *o;
    size_t n, cap;
    bool failed;
};

static void gather(void *ud, const struct obligation *o)
{
    struct gathered *g = ud;
    if (g->n == g->cap) {
        size_t cap = g->cap ? g->cap * 2 : 32;
        struct obligation *more = reallocarray(g->o, cap, sizeof *more);
        if (more == NULL) {
            g->failed = true;
            return;
        }
        g->o = more;
        g->cap = cap;
    }
    g->o[g->n++] = *o;
}

static void member(struct buf *b, const char *name, const char *value)
{
    buf_printf(b, ",\"%s\":", name);
    json_text(b, value);
}

static void date(struct buf *b, const char *name, civil_day d)
{
    char text[CIVIL_TEXT_LEN];
    if (d == CIVIL_NONE)
        buf_printf(b, ",\"%s\":null", name);
    else
        buf_printf(b, ",\"%s\":\"%s\"", name, civil_format(d, text));
}

static void instant(struct buf *b, const char *name, int64_t us)
{
    char text[INSTANT_TEXT_LEN];
    buf_printf(b, ",\"%s\":\"%s\"", name, instant_format(us, text));
}

/* --- obligations ----------------------------------------------------------------------------------------------------- */

/* The event that opened it: of several on the day, the first that the limit names, with the subject it shows. */
static enum event start_event(const struct rule *r, const struct case_facts *cf, const struct obligation *o)
{
    for (size_t i = 0; i < cf->n && cf->facts[i].on <= o->start; i++) {
        const struct fact *f = &cf->facts[i];
        if (f->on < o->start || (r->starts.any & EVENT_BIT(f->event)) == 0)
            continue;
        if (r->names_subject && f->subject != o->subject)
            continue;
        for (const struct limit_term *t = r->starts.terms; t->event != EV_UNKNOWN; t++)
            if (t->event == f->event && (t->subject == SUBJECT_NONE || t->subject == f->subject))
                return (enum event)f->event;
    }
    return EV_UNKNOWN;
}

static void event_on(struct buf *b, const char *name, enum event event, civil_day on)
{
    if (event == EV_UNKNOWN)
        buf_printf(b, ",\"%s\":{\"event\":null", name);
    else
        buf_printf(b, ",\"%s\":{\"event\":\"%s\"", name, event_name(event));
    date(b, "occurred_on", on);
    buf_text(b, "}");
}

static void obligation(struct buf *b, const struct obligation_text *t, const char *ref,
                       const struct case_facts *cf, const struct obligation *o)
{
    const struct rule *r = obligation_rule(t->rulebook, o);
    struct obligation shown = *o;
    char words[COUNT_WORDS_LEN];
    if (obligation_ended_by_birthday(t->rulebook, o))
        shown.closed = CIVIL_NONE;
    obligation_json(b, t, ref, &shown);
    if (b->failed)
        return;
    b->n--; /* the object goes on */
    member(b, "count", count_words(r->limit, o->start, words, sizeof words));
    event_on(b, "start", start_event(r, cf, o), o->start);
    if (o->closed == CIVIL_NONE)
        buf_text(b, ",\"closing\":null");
    else
        event_on(b, "closing", (enum event)o->closed_by, shown.closed);
    buf_text(b, "}");
}

static void drift(struct buf *b, const struct rulebook *rb, civil_day as_of, const struct gathered *g)
{
    const unsigned kinds = 1u << KIND_STATUTORY | 1u << KIND_TARGET | 1u << KIND_DERIVED;
    civil_day earliest = INT32_MAX;
    for (size_t i = 0; i < g->n; i++)
        if (state_is_open((enum state)g->o[i].state) &&
            (kinds & 1u << rb->rule[g->o[i].limit].limit->kind) != 0 && g->o[i].due < earliest)
            earliest = g->o[i].due;
    if (earliest == INT32_MAX)
        buf_text(b, ",\"drift\":null");
    else
        buf_printf(b, ",\"drift\":%d", as_of - earliest);
}

/* --- the case -------------------------------------------------------------------------------------------------------- */

static void facts(struct buf *b, const struct words *w, const struct case_facts *cf)
{
    buf_text(b, ",\"facts\":[");
    for (size_t i = 0; i < cf->n; i++) {
        const struct fact *f = &cf->facts[i];
        buf_printf(b, "%s{\"event\":\"%s\"", i > 0 ? "," : "", event_name((enum event)f->event));
        member(b, "subject", names_text(w->subjects, f->subject));
        date(b, "occurred_on", f->on);
        buf_text(b, "}");
    }
    buf_text(b, "]");
}

/* A claim that begins after the as-of date is not seen. */
static void exceptions(struct buf *b, const struct case_facts *cf, civil_day as_of)
{
    const char *between = "";
    buf_text(b, ",\"exceptions\":[");
    for (size_t i = 0; i < cf->n_claims; i++) {
        const struct claim *c = &cf->claims[i];
        if (c->from > as_of)
            continue;
        buf_printf(b, "%s{\"ground\":\"%s\"", between, ground_name((enum ground)c->ground));
        date(b, "from_on", c->from);
        date(b, "to_on", c->to);
        buf_text(b, "}");
        between = ",";
    }
    buf_text(b, "]");
}

static void explain(struct buf *b, const struct case_text_about *about, const struct snapshot *s,
                    const struct record_case *k, const char *ref, struct case_facts *cf, struct gathered *g)
{
    const struct words *w = s->words;
    const struct obligation_text t = {about->rulebook, about->calendar, w->subjects};
    obligation_sort(&t, g->o, g->n);
    buf_text(b, "{\"case_ref\":");
    json_text(b, ref);
    member(b, "locality", names_text(w->places, k->locality));
    member(b, "team", names_text(w->places, k->team));
    member(b, "officer", names_text(w->places, k->officer));
    member(b, "stage", stage_name(stage_of(cf)));
    date(b, "as_of", s->as_of);
    instant(b, "evaluated_at", about->evaluated_at);
    instant(b, "known_at", s->read_at);
    member(b, "rulebook", about->rulebook->version);
    drift(b, about->rulebook, s->as_of, g);
    buf_text(b, ",\"obligations\":[");
    for (size_t i = 0; i < g->n; i++) {
        buf_text(b, i > 0 ? ",\n" : "\n");
        obligation(b, &t, ref, cf, &g->o[i]);
    }
    buf_text(b, "]");
    exceptions(b, cf, s->as_of);
    facts(b, w, cf);
    buf_text(b, "}\n");
}

void case_text(struct buf *b, const struct case_text_about *about, const struct snapshot *s,
               const unsigned char *record)
{
    struct record_room room = {0};
    struct record_case k;
    struct gathered g = {0};
    struct buf ref = {0};
    record_head(record, &k);
    buf_bytes(&ref, k.ref, k.ref_len);
    if (record_view(record, s->words, s->as_of, KNOWN_NOW, &room))
        evaluate(about->rulebook, about->calendar, &room.view, s->as_of, s->limits, gather, &g);
    else
        g.failed = true;
    if (g.failed || ref.failed)
        b->failed = true;
    else
        explain(b, about, s, &k, ref.p, &room.view, &g);
    buf_free(&ref);
    free(g.o);
    record_room_free(&room);
}
