#include "case_text.h"

#include "case_view.h"
#include "instant.h"
#include "obligation_text.h"

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
    if (us == TIME_NONE)
        buf_printf(b, ",\"%s\":null", name);
    else
        buf_printf(b, ",\"%s\":\"%s\"", name, instant_format(us, text));
}

/* A member whose value is one of the sentences. */
static void words(struct buf *b, const char *name, void (*write)(struct buf *, const struct explanation *),
                  const struct explanation *x)
{
    struct buf text = {0};
    write(&text, x);
    b->failed |= text.failed;
    if (!text.failed)
        member(b, name, text.n > 0 ? text.p : "");
    buf_free(&text);
}

/* --- obligations ----------------------------------------------------------------------------------------------------- */

static void event(struct buf *b, const char *name, const struct explanation *x,
                  const struct explained_fact *f)
{
    if (f->event == EV_UNKNOWN)
        buf_printf(b, ",\"%s\":{\"event\":null", name);
    else
        buf_printf(b, ",\"%s\":{\"event\":\"%s\"", name, event_name(f->event));
    member(b, "subject", names_text(x->about->subjects, f->subject));
    date(b, "occurred_on", f->on);
    instant(b, "recorded_at", f->recorded_at);
    buf_text(b, "}");
}

static void exception(struct buf *b, const struct explanation *x, const struct explained_exception *e)
{
    struct buf text = {0};
    buf_printf(b, "{\"ground\":\"%s\"", e->ground);
    date(b, "from_on", e->claim.from);
    date(b, "to_on", e->claim.to);
    buf_printf(b, ",\"verdict\":\"%s\",\"reason\":\"%s\"", exception_verdict_name(e->verdict),
               exception_reason_name(e->test.reason));
    explain_exception_words(&text, x, e);
    b->failed |= text.failed;
    if (!text.failed)
        member(b, "text", text.p);
    buf_text(b, "}");
    buf_free(&text);
}

static void exceptions_weighed(struct buf *b, const struct explanation *x)
{
    struct explained_exception e;
    const char *between = "";
    buf_text(b, ",\"exceptions\":[");
    for (size_t i = 0; i < x->n_exceptions; i++) {
        if (!explain_exception(x, i, &e))
            continue;
        buf_text(b, between);
        exception(b, x, &e);
        between = ",";
    }
    buf_text(b, "]");
}

static void notes(struct buf *b, const struct explanation *x)
{
    const char *between = "";
    buf_text(b, ",\"notes\":[");
    for (size_t i = 0; i < law_note_count(); i++) {
        const struct law_note *n = law_note_at(i);
        if (!explain_noted(x, i))
            continue;
        buf_printf(b, "%s{\"id\":\"%s\"", between, n->id);
        member(b, "citation", n->citation);
        member(b, "text", n->text);
        buf_text(b, "}");
        between = ",";
    }
    buf_text(b, "]");
}

static void obligation(struct buf *b, const struct case_view *v, const struct obligation *o)
{
    const struct obligation_text t = {v->about.rulebook, v->about.calendar, v->about.subjects};
    struct explanation x;
    struct obligation shown = *o;
    explain(&x, &v->about, o);
    if (x.ending == ENDING_BIRTHDAY)
        shown.closed = CIVIL_NONE;
    obligation_json(b, &t, v->ref.p, &shown);
    if (b->failed)
        return;
    b->n--; /* the object goes on */
    member(b, "count", x.count);
    event(b, "start", &x, &x.start);
    if (x.ending == ENDING_OPEN || x.ending == ENDING_PASSED)
        buf_text(b, ",\"closing\":null");
    else
        event(b, "closing", &x, &x.closing);
    words(b, "status", explain_state, &x);
    exceptions_weighed(b, &x);
    notes(b, &x);
    words(b, "text", explain_paragraph, &x);
    buf_text(b, "}");
}

/* --- the case -------------------------------------------------------------------------------------------------------- */

static void facts(struct buf *b, const struct case_view *v)
{
    const struct case_facts *cf = &v->room.view;
    buf_text(b, ",\"facts\":[");
    for (size_t i = 0; i < cf->n; i++) {
        const struct fact *f = &cf->facts[i];
        buf_printf(b, "%s{\"event\":\"%s\"", i > 0 ? "," : "", event_name((enum event)f->event));
        member(b, "subject", names_text(v->about.subjects, f->subject));
        date(b, "occurred_on", f->on);
        buf_text(b, "}");
    }
    buf_text(b, "]");
}

/* A claim that begins after the as-of date is not seen. */
static void exceptions(struct buf *b, const struct case_view *v)
{
    const struct case_facts *cf = &v->room.view;
    const char *between = "";
    buf_text(b, ",\"exceptions\":[");
    for (size_t i = 0; i < cf->n_claims; i++) {
        const struct claim *c = &cf->claims[i];
        if (c->from > v->about.as_of)
            continue;
        buf_printf(b, "%s{\"ground\":\"%s\"", between, ground_name((enum ground)c->ground));
        date(b, "from_on", c->from);
        date(b, "to_on", c->to);
        buf_text(b, "}");
        between = ",";
    }
    buf_text(b, "]");
}

static void show(struct buf *b, const struct case_text_about *about, const struct case_view *v)
{
    const struct judge_how *how = &about->how;
    const struct names *places = how->words->places;
    buf_text(b, "{\"case_ref\":");
    json_text(b, v->ref.p);
    member(b, "locality", names_text(places, v->head.locality));
    member(b, "team", names_text(places, v->head.team));
    member(b, "officer", names_text(places, v->head.officer));
    if (v->there)
        member(b, "stage", stage_name(v->stage));
    else
        buf_text(b, ",\"stage\":null");
    date(b, "as_of", how->as_of);
    instant(b, "evaluated_at", about->evaluated_at);
    instant(b, "known_at", how->known_at == KNOWN_NOW ? about->read_at : how->known_at);
    member(b, "rulebook", how->rulebook->version);
    if (v->any_open)
        buf_printf(b, ",\"drift\":%d", v->drift);
    else
        buf_text(b, ",\"drift\":null");
    member(b, "drift_limits", v->watched ? "watched" : "shown");
    buf_text(b, ",\"obligations\":[");
    for (size_t i = 0; i < v->n; i++) {
        buf_text(b, i > 0 ? ",\n" : "\n");
        obligation(b, v, &v->obligations[i]);
    }
    buf_text(b, "]");
    exceptions(b, v);
    facts(b, v);
    buf_text(b, "}\n");
}

void case_text(struct buf *b, const struct case_text_about *about, const unsigned char *record)
{
    struct case_view v;
    if (case_view_make(&v, &about->how, record)) {
        case_view_watched(&v, &about->how, about->watched);
        show(b, about, &v);
    } else
        b->failed = true;
    case_view_free(&v);
}
