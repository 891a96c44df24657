#include "message.h"

#include <stdio.h>
#include <string.h>

#include "count_words.h"
#include "explain.h"
#include "instant.h"
#include "notice_int.h"
#include "obligation_text.h"

static void instant(struct buf *b, const char *key, int64_t us)
{
    char text[INSTANT_TEXT_LEN];
    buf_printf(b, "\"%s\":\"%s\"", key, instant_format(us, text));
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
    json_member(b, "fact", claim ? ground_name(c->ground) : event_name(c->event));
    json_member(b, "subject", claim ? "" : names_text(m->subjects, c->subject));
    json_member_date(b, "happened_on", c->on);
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
        json_member(b, "text", text.p);
    buf_free(&text);
}

void message_case_link(struct buf *b, const char *base, const char *ref)
{
    buf_printf(b, "%s/v1/cases/", base);
    for (const char *p = ref; *p != '\0'; p++) /* the reference is one path segment */
        if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~", *p) != NULL)
            buf_bytes(b, p, 1);
        else
            buf_printf(b, "%%%02X", (unsigned char)*p);
}

static void link(struct buf *b, const struct message_about *m, const char *ref)
{
    struct buf address = {0};
    if (m->link != NULL)
        message_case_link(&address, m->link, ref);
    b->failed |= address.failed;
    if (!address.failed)
        json_member(b, "link", m->link != NULL ? address.p : NULL);
    buf_free(&address);
}

static void data(struct buf *b, const struct message_about *m, const struct message_case *k,
                 const struct change *c)
{
    const struct obligation *o = &c->now;
    const struct limit *l = obligation_limit(m->rulebook, o);
    buf_printf(b, "{\"event_seq\":%d", k->event_seq);
    json_member(b, "case_ref", k->ref);
    json_member(b, "limit", l->id);
    json_member(b, "title", l->title);
    json_member(b, "kind", limit_kind_name(l->kind));
    json_member(b, "subject", names_text(m->subjects, o->subject));
    json_member(b, "from", c->from == STATE_COUNT ? "none" : state_name(c->from));
    json_member(b, "to", state_name((enum state)o->state));
    json_member_date(b, "start_on", o->start);
    json_member_date(b, "due_on", o->due);
    json_member_date(b, "safe_on", obligation_safe_on(m->rulebook, o));
    json_member_date(b, "act_by", obligation_act_by(m->rulebook, m->calendar, o));
    json_member_date(b, "closed_on", obligation_ended_by_birthday(m->rulebook, o) ? CIVIL_NONE : o->closed);
    buf_printf(b, ",\"days\":%d", o->days);
    json_member_date(b, "as_of", m->as_of);
    buf_text(b, ",");
    instant(b, "known_at", m->known_at);
    json_member(b, "rulebook", m->rulebook->version);
    json_member(b, "citation", l->citation);
    json_member(b, "evidence", limit_evidence_name(l->evidence));
    why(b, m, k->facts, c);
    if (c->alert == ALERT_RESTATED)
        restated(b, m, &k->cause);
    paragraph(b, m, k, c);
    json_member(b, "locality", k->locality);
    json_member(b, "team", k->team);
    link(b, m, k->ref);
    buf_text(b, "}");
}

/* The same change as people are told it. */
static void as_notice(struct buf *b, enum format f, const struct channel *ch, const struct message_about *m,
                      const struct message_case *k, const struct change *c)
{
    const struct obligation *o = &c->now;
    const struct limit *l = obligation_limit(m->rulebook, o);
    struct buf address = {0};
    if (m->link != NULL)
        message_case_link(&address, m->link, k->ref);
    b->failed |= address.failed;
    const struct notice_item item = {
        .kind = NOTICE_CHANGE,
        .type = alert_type(c->alert),
        .case_ref = k->ref,
        .limit = l->id,
        .title = l->title,
        .subject = names_text(m->subjects, o->subject),
        .citation = l->citation,
        .locality = k->locality,
        .team = k->team,
        .link = m->link != NULL && !address.failed ? address.p : NULL,
        .from = c->from,
        .to = (enum state)o->state,
        .start = o->start,
        .due = o->due,
        .act_by =
            state_is_open((enum state)o->state) ? obligation_act_by(m->rulebook, m->calendar, o) : CIVIL_NONE,
        .closed = obligation_ended_by_birthday(m->rulebook, o) ? CIVIL_NONE : o->closed,
        .since = m->as_of,
        .days = o->days,
    };
    const struct notice n = {
        .type = item.type,
        .message_id = k->message_id,
        .team = k->team,
        .as_of = m->as_of,
        .timestamp = m->timestamp,
        .items = &item,
        .n = 1,
        .link = item.link,
        .rulebook = m->rulebook->version,
    };
    notice_body(b, f, ch, &n);
    buf_free(&address);
}

void message_transition(struct buf *b, enum format f, const struct channel *ch, const struct message_about *m,
                        const struct message_case *k, const struct change *c)
{
    if ((FORMAT_BIT(f) & FORMATS_SIGNED) == 0) {
        as_notice(b, f, ch, m, k, c);
        return;
    }
    envelope_begin(b, f, ch, alert_type(c->alert), k->message_id, m->timestamp, k->ref);
    data(b, m, k, c);
    buf_text(b, "}");
}
