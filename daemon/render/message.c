#include "message.h"

#include <stdio.h>
#include <string.h>

#include "count_words.h"
#include "explain.h"
#include "instant.h"
#include "obligation_text.h"

static void instant(struct buf *b, const char *key, int64_t us)
{
    char text[INSTANT_TEXT_LEN];
    buf_printf(b, "\"%s\":\"%s\"", key, instant_format(us, text));
}

static void member(struct buf *b, const char *key, const char *value)
{
    buf_printf(b, ",\"%s\":", key);
    json_text(b, value);
}

static void date(struct buf *b, const char *key, civil_day d)
{
    char text[CIVIL_TEXT_LEN];
    if (d == CIVIL_NONE)
        buf_printf(b, ",\"%s\":null", key);
    else
        buf_printf(b, ",\"%s\":\"%s\"", key, civil_format(d, text));
}

static void step(struct buf *b, const char *name, const char *fact, civil_day on, bool first)
{
    char text[CIVIL_TEXT_LEN];
    buf_printf(b, "%s{\"step\":\"%s\",\"fact\":", first ? "" : ",", name);
    json_text(b, fact);
    if (on == CIVIL_NONE)
        buf_text(b, ",\"date\":null}");
    else
        buf_printf(b, ",\"date\":\"%s\"}", civil_format(on, text));
}

/* The start event of the obligation, by its name; the limit's first when the facts are gone. */
static const char *start_fact(const struct message_about *m, const struct case_facts *cf,
                              const struct obligation *o)
{
    const struct limit_term *starts = obligation_limit(m->rulebook, o)->starts;
    for (size_t i = 0; cf != NULL && i < cf->n && cf->facts[i].on <= o->start; i++)
        for (const struct limit_term *t = starts; cf->facts[i].on == o->start && t->event != EV_UNKNOWN; t++)
            if (t->event == cf->facts[i].event &&
                (t->subject == SUBJECT_NONE || t->subject == cf->facts[i].subject))
                return event_name((enum event)t->event);
    return event_name((enum event)starts[0].event);
}

static void why(struct buf *b, const struct message_about *m, const struct case_facts *cf,
                const struct change *c)
{
    const struct obligation *o = &c->now;
    char words[200];
    count_words(obligation_limit(m->rulebook, o), o->start, words, sizeof words);
    buf_text(b, ",\"why\":[");
    step(b, "start", start_fact(m, cf, o), o->start, true);
    step(b, "count", words, o->due, false);
    if (c->withdrawn)
        step(b, "withdrawn", "the fact that started it is no longer recorded", CIVIL_NONE, false);
    else if (obligation_ended_by_birthday(m->rulebook, o))
        step(b, "closed", "the child is no longer under five", CIVIL_NONE, false);
    else if (o->closed != CIVIL_NONE)
        step(b, "closed", o->closed_by != EV_UNKNOWN ? event_name((enum event)o->closed_by) : "overtaken",
             o->closed, false);
    else
        step(b, "open", "no event has closed it", m->as_of, false);
    if (o->exception != EXCEPTION_NONE) {
        char text[64];
        snprintf(text, sizeof text, "exception %s",
                 exception_verdict_name((enum exception_verdict)o->exception));
        step(b, "exception", text, CIVIL_NONE, false);
    }
    if (c->due_before != CIVIL_NONE && c->due_before != o->due)
        step(b, "due_before", "the due date told before", c->due_before, false);
    buf_text(b, "]");
}

/* What changed, when that happened and when it became known. */
static void restated(struct buf *b, const struct message_about *m, const struct cause *c)
{
    if (c->how == CAUSE_UNKNOWN) {
        buf_text(b, ",\"restated\":null");
        return;
    }
    bool claim = c->how == CAUSE_CLAIM_RECORDED || c->how == CAUSE_CLAIM_VOIDED;
    buf_printf(b, ",\"restated\":{\"how\":\"%s\"", cause_how_name(c->how));
    member(b, "fact", claim ? ground_name(c->ground) : event_name(c->event));
    member(b, "subject", claim ? "" : names_text(m->subjects, c->subject));
    date(b, "happened_on", c->on);
    buf_text(b, ",");
    instant(b, "known_at", c->known_at);
    buf_text(b, "}");
}

/* What `ehcwatchd explain` says of the obligation, in one paragraph. */
static void paragraph(struct buf *b, const struct message_about *m, const struct message_case *k,
                      const struct change *c)
{
    const struct explain_about about = {
        .rulebook = m->rulebook,
        .calendar = m->calendar,
        .subjects = m->subjects,
        .facts = k->facts,
        .record = k->record,
        .as_of = m->as_of,
        .known_at = KNOWN_NOW,
    };
    struct explanation x;
    struct buf text = {0};
    explain(&x, &about, &c->now);
    if (c->withdrawn)
        x.ending = ENDING_WITHDRAWN;
    explain_paragraph(&text, &x);
    b->failed |= text.failed;
    if (!text.failed)
        member(b, "text", text.p);
    buf_free(&text);
}

void message_transition(struct buf *b, const struct message_about *m, const struct message_case *k,
                        const struct change *c)
{
    const struct obligation *o = &c->now;
    const struct limit *l = obligation_limit(m->rulebook, o);
    buf_printf(b, "{\"type\":\"%s\",", alert_type(c->alert));
    instant(b, "timestamp", m->timestamp);
    buf_printf(b, ",\"data\":{\"event_seq\":%d", k->event_seq);
    member(b, "case_ref", k->ref);
    member(b, "limit", l->id);
    member(b, "title", l->title);
    member(b, "kind", limit_kind_name(l->kind));
    member(b, "subject", names_text(m->subjects, o->subject));
    member(b, "from", c->from == STATE_COUNT ? "none" : state_name(c->from));
    member(b, "to", state_name((enum state)o->state));
    date(b, "start_on", o->start);
    date(b, "due_on", o->due);
    date(b, "safe_on", obligation_safe_on(m->rulebook, o));
    date(b, "act_by", obligation_act_by(m->rulebook, m->calendar, o));
    date(b, "closed_on", obligation_ended_by_birthday(m->rulebook, o) ? CIVIL_NONE : o->closed);
    buf_printf(b, ",\"days\":%d", o->days);
    date(b, "as_of", m->as_of);
    buf_text(b, ",");
    instant(b, "known_at", m->known_at);
    member(b, "rulebook", m->rulebook->version);
    member(b, "citation", l->citation);
    member(b, "evidence", limit_evidence_name(l->evidence));
    why(b, m, k->facts, c);
    if (c->alert == ALERT_RESTATED)
        restated(b, m, &k->cause);
    paragraph(b, m, k, c);
    member(b, "locality", k->locality);
    member(b, "team", k->team);
    buf_text(b, ",\"link\":");
    if (m->link != NULL) {
        struct buf link = {0};
        buf_printf(&link, "%s/v1/cases/", m->link);
        for (const char *p = k->ref; *p != '\0'; p++) /* the reference is one path segment */
            if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~", *p) != NULL)
                buf_bytes(&link, p, 1);
            else
                buf_printf(&link, "%%%02X", (unsigned char)*p);
        b->failed |= link.failed;
        if (!link.failed)
            json_text(b, link.p);
        buf_free(&link);
    } else {
        buf_text(b, "null");
    }
    buf_text(b, "}}");
}

void message_baseline(struct buf *b, const struct message_about *m, const struct snapshot *s, uint64_t limits)
{
    bool first = true;
    buf_text(b, "{\"type\":\"baseline.summary\",");
    instant(b, "timestamp", m->timestamp);
    buf_printf(b, ",\"data\":{\"cases\":%zu,\"breached_cases\":%u", s->n_cases, s->tally.breached_cases);
    date(b, "as_of", m->as_of);
    buf_text(b, ",");
    instant(b, "known_at", m->known_at);
    member(b, "rulebook", m->rulebook->version);
    buf_text(b, ",\"limits\":[");
    for (size_t i = 0; i < m->rulebook->n; i++) {
        if ((limits & LIMIT_BIT(i)) == 0)
            continue;
        const struct limit *l = m->rulebook->rule[i].limit;
        buf_printf(b, "%s{\"limit\":\"%s\"", first ? "" : ",", l->id);
        member(b, "title", l->title);
        for (int st = 0; st < STATE_COUNT; st++)
            buf_printf(b, ",\"%s\":%u", state_name((enum state)st), s->tally.states[i][st]);
        buf_text(b, "}");
        first = false;
    }
    buf_text(b, "],\"link\":");
    if (m->link != NULL)
        json_text(b, m->link);
    else
        buf_text(b, "null");
    buf_text(b, "}}");
}
