#include "rules_text.h"

#include "obligation_text.h"

static void term(struct buf *b, const struct limit_term *t)
{
    buf_text(b, event_name((enum event)t->event));
    if (t->subject != SUBJECT_NONE)
        buf_printf(b, ":%s", subject_known_name((enum subject)t->subject));
}

static void terms(struct buf *b, const struct limit_term *t, const char *between)
{
    for (size_t i = 0; t[i].event != EV_UNKNOWN; i++) {
        if (i > 0)
            buf_text(b, between);
        term(b, &t[i]);
    }
}

static void date(struct buf *b, civil_day d)
{
    char text[CIVIL_TEXT_LEN];
    if (d != 0)
        buf_text(b, civil_format(d, text));
}

static void csv_row(struct buf *b, const struct rule *r)
{
    const struct limit *l = r->limit;
    buf_printf(b, "%s,%s,", l->id, limit_kind_name(l->kind));
    buf_csv(b, l->title);
    const struct limit_term *lists[] = {l->starts, l->discharged_by, l->voided_by, l->lapsed_by};
    for (size_t i = 0; i < 4; i++) {
        buf_text(b, ",");
        terms(b, lists[i], "|");
    }
    buf_printf(b, ",%s,%s,%s,", limit_per_name(l->per), limit_life_name(l->life), limit_count_name(l->count));
    if (l->n != 0)
        buf_printf(b, "%d", l->n);
    buf_printf(b, ",%d,%d,%s,%s,", r->warn_days, l->early_days, limit_exceptions_name(l->exceptions),
               limit_applies_name(l->applies));
    terms(b, l->requires, "|");
    buf_text(b, ",");
    date(b, l->in_force_from);
    buf_text(b, ",");
    date(b, l->in_force_to);
    buf_text(b, ",");
    buf_csv(b, l->citation);
    buf_printf(b, ",%s\n", limit_evidence_name(l->evidence));
}

void rules_csv(struct buf *b, const struct rulebook *rb)
{
    buf_text(b,
             "id,kind,title,starts,discharged_by,voided_by,lapsed_by,per,life,count,n,warn_days,early_days,"
             "exceptions,applies,requires,in_force_from,in_force_to,citation,evidence\n");
    for (size_t i = 0; i < rb->n; i++)
        csv_row(b, &rb->rule[i]);
}

static void json_terms(struct buf *b, const char *key, const struct limit_term *t)
{
    buf_printf(b, ",\"%s\":[", key);
    for (size_t i = 0; t[i].event != EV_UNKNOWN; i++) {
        buf_text(b, i > 0 ? ",\"" : "\"");
        term(b, &t[i]);
        buf_text(b, "\"");
    }
    buf_text(b, "]");
}

static void json_limit(struct buf *b, const struct rule *r)
{
    const struct limit *l = r->limit;
    buf_printf(b, "{\"id\":\"%s\",\"kind\":\"%s\",\"title\":", l->id, limit_kind_name(l->kind));
    json_text(b, l->title);
    json_terms(b, "starts", l->starts);
    json_terms(b, "discharged_by", l->discharged_by);
    json_terms(b, "voided_by", l->voided_by);
    json_terms(b, "lapsed_by", l->lapsed_by);
    buf_printf(b, ",\"per\":\"%s\",\"life\":\"%s\",\"count\":\"%s\",\"n\":", limit_per_name(l->per),
               limit_life_name(l->life), limit_count_name(l->count));
    if (l->n != 0)
        buf_printf(b, "%d", l->n);
    else
        buf_text(b, "null");
    buf_printf(b, ",\"warn_days\":%d,\"early_days\":%d,\"exceptions\":\"%s\",\"applies\":\"%s\"",
               r->warn_days, l->early_days, limit_exceptions_name(l->exceptions),
               limit_applies_name(l->applies));
    json_terms(b, "requires", l->requires);
    buf_text(b, ",\"in_force_from\":\"");
    date(b, l->in_force_from);
    buf_text(b, "\",\"in_force_to\":");
    if (l->in_force_to != 0) {
        buf_text(b, "\"");
        date(b, l->in_force_to);
        buf_text(b, "\"");
    } else {
        buf_text(b, "null");
    }
    buf_text(b, ",\"citation\":");
    json_text(b, l->citation);
    buf_printf(b, ",\"evidence\":\"%s\"}", limit_evidence_name(l->evidence));
}

void rules_json(struct buf *b, const struct rulebook *rb)
{
    buf_printf(b, "{\"rulebook\":\"%s\",\"limits\":[\n", rb->version);
    for (size_t i = 0; i < rb->n; i++) {
        json_limit(b, &rb->rule[i]);
        buf_text(b, i + 1 < rb->n ? ",\n" : "\n");
    }
    buf_text(b, "]}\n");
}

static void text_list(struct buf *b, const char *label, const struct limit_term *t)
{
    if (t[0].event == EV_UNKNOWN)
        return;
    buf_printf(b, "    %-14s ", label);
    terms(b, t, ", ");
    buf_text(b, "\n");
}

void rules_text(struct buf *b, const struct rulebook *rb)
{
    buf_printf(b, "Rulebook %s: %zu limits\n", rb->version, rb->n);
    for (size_t i = 0; i < rb->n; i++) {
        const struct limit *l = rb->rule[i].limit;
        buf_printf(b, "\n%s (%s)\n    %s\n", l->id, limit_kind_name(l->kind), l->title);
        text_list(b, "starts with", l->starts);
        text_list(b, "discharged by", l->discharged_by);
        text_list(b, "voided by", l->voided_by);
        text_list(b, "lapses with", l->lapsed_by);
        text_list(b, "shown once", l->requires);
        buf_printf(b, "    %-14s %s", "counted", limit_count_name(l->count));
        if (l->n != 0)
            buf_printf(b, " %d", l->n);
        buf_printf(b, "; one per %s in the life of the %s; at risk %d days before\n", limit_per_name(l->per),
                   limit_life_name(l->life), rb->rule[i].warn_days);
        buf_printf(b, "    %-14s %s (%s)\n", "source", l->citation, limit_evidence_name(l->evidence));
    }
}
