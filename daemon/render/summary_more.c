#include "summary_more.h"

#include "obligation_text.h"
#include "table.h"

/* --- by place ------------------------------------------------------------------------------------------------------------ */

static void states(struct buf *b, const uint32_t n[STATE_COUNT])
{
    bool any = false;
    buf_text(b, "{");
    for (int st = 0; st < STATE_COUNT; st++) {
        if (n[st] == 0)
            continue;
        buf_printf(b, "%s\"%s\":%u", any ? "," : "", state_name((enum state)st), n[st]);
        any = true;
    }
    buf_text(b, "}");
}

static void places(struct buf *b, const char *name, const struct place_rows *rows,
                   const struct summary_more *m, uint64_t watched)
{
    const struct rulebook *rb = m->figures->how->rulebook;
    buf_printf(b, ",\n\"%s\":[", name);
    for (size_t i = 0; i < rows->n; i++) {
        const struct place_row *r = &rows->row[i];
        const struct cell place = cell_text(names_text(m->by_place->names, r->place));
        buf_text(b, i > 0 ? ",\n{\"name\":" : "\n{\"name\":");
        cell_json(b, &place, 0);
        buf_printf(b, ",\"cases\":%u,\"open_cases\":%u,\"breached_cases\":%u,\"limits\":{", r->cases,
                   r->open_cases, r->breached_cases);
        bool any = false;
        for (size_t l = 0; l < rb->n; l++) {
            if ((watched & LIMIT_BIT(l)) == 0)
                continue;
            buf_printf(b, "%s\"%s\":", any ? "," : "", rb->rule[l].limit->id);
            states(b, r->states[l]);
            any = true;
        }
        buf_text(b, "}}");
    }
    buf_text(b, "]");
}

/* --- figures ------------------------------------------------------------------------------------------------------------- */

static void bands(struct buf *b, const struct figures *f)
{
    buf_text(b, ",\n\"bands\":[");
    for (int i = 0; i < BAND_COUNT; i++)
        buf_printf(b, "%s{\"weeks\":\"%s\",\"open\":%u,\"overdue\":%u,\"excepted\":%u}", i > 0 ? "," : "",
                   weeks_bands[i].name, f->bands[i].open, f->bands[i].overdue, f->bands[i].excepted);
    buf_text(b, "]");
}

static void ratio(struct buf *b, const char *name, uint32_t part, uint32_t whole)
{
    const struct cell share = cell_ratio(part, whole);
    buf_printf(b, ",\"%s\":", name);
    cell_json(b, &share, 4);
}

/* The plans by weeks, named as in the paper of figures. */
static void issued(struct buf *b, const struct figures *f, const struct figure_set *s)
{
    const uint32_t n = s->figure[FIGURE_PLANS].counted, excepted = s->figure[FIGURE_PLANS].excepted;
    buf_text(b, ",\"issued\":");
    if (!f->recorded[FIGURE_PLANS]) {
        buf_text(b, "null");
        return;
    }
    buf_printf(b, "{\"issued\":%u,\"in_20_weeks\":%u,\"in_20_to_52_weeks\":%u,\"over_52_weeks\":%u", n,
               s->waits[WAIT_20], s->waits[WAIT_52], s->waits[WAIT_LONGER]);
    ratio(b, "share_20_weeks", s->waits[WAIT_20], n);
    ratio(b, "share_20_to_52_weeks", s->waits[WAIT_52], n);
    ratio(b, "share_over_52_weeks", s->waits[WAIT_LONGER], n);
    buf_printf(b, ",\"excepted\":%u", excepted);
    ratio(b, "share_20_weeks_without_exceptions", s->waits[WAIT_20], n - excepted);
    buf_text(b, "}");
}

static void period(struct buf *b, const struct figures *f, const char *name, const struct figure_period *p)
{
    char from[CIVIL_TEXT_LEN], to[CIVIL_TEXT_LEN];
    buf_printf(b, ",\n\"%s\":{\"from_on\":\"%s\",\"to_on\":\"%s\",\"figures\":{", name,
               civil_format(p->from, from), civil_format(p->to, to));
    for (int i = 0; i < FIGURE_COUNT; i++) {
        const uint32_t counted = p->set[ALL_AGES].figure[i].counted;
        const uint32_t in_time = p->set[ALL_AGES].figure[i].in_time;
        buf_printf(b, "%s\"%s\":", i > 0 ? "," : "", figure_rules[i].id);
        if (!f->recorded[i]) {
            buf_text(b, "null");
            continue;
        }
        buf_printf(b, "{\"counted\":%u,\"in_time\":%u", counted, in_time);
        ratio(b, "share", in_time, counted);
        buf_printf(b, ",\"excepted\":%u}", p->set[ALL_AGES].figure[i].excepted);
    }
    buf_text(b, "}");
    issued(b, f, &p->set[ALL_AGES]);
    buf_text(b, "}");
}

static void open_now(struct buf *b, const struct figures *f)
{
    buf_text(b, ",\n\"open\":{");
    for (int i = 0; i < FIGURE_COUNT; i++) {
        buf_printf(b, "%s\"%s\":", i > 0 ? "," : "", figure_rules[i].id);
        if (f->recorded[i])
            buf_printf(b, "{\"open\":%u,\"overdue\":%u,\"excepted\":%u}", f->now[i].open, f->now[i].overdue,
                       f->now[i].excepted);
        else
            buf_text(b, "null");
    }
    buf_text(b, "}");
}

void summary_more(struct buf *b, const struct summary_more *m, uint64_t watched)
{
    const struct figures *f = m->figures;
    places(b, "localities", &m->by_place->localities, m, watched);
    places(b, "teams", &m->by_place->teams, m, watched);
    bands(b, f);
    buf_printf(b, ",\n\"published\":{\"target\":%.2f", FIGURE_TARGET);
    period(b, f, "year", figures_period(f, civil_to_ymd(f->how->as_of).year));
    period(b, f, "twelve_months", figures_period(f, 0));
    buf_text(b, "}");
    open_now(b, f);
}
