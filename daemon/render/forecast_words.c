#include "forecast_paper.h"

#include <stdio.h>

#include "plain.h"

void stage_words(char *out, size_t cap, const struct pipeline_stage *s)
{
    snprintf(out, cap, "%s to %s", milestone_name(s->from), milestone_name(s->to));
}

static void say_plans(struct buf *b, const struct forecast_paper *p)
{
    const struct forecast *f = p->forecast;
    char day[32];
    civil_words(f->how->as_of, day, sizeof day);
    if (f->plan < 0 || (f->limits & LIMIT_BIT(f->plan)) == 0) {
        buf_text(b, "The limit of 20 weeks is not under watch here, so that nothing is said of it.\n");
        return;
    }
    const uint32_t *broken = p->view.broken[f->plan];
    buf_printf(
        b,
        "If nothing moves from %s on, %s assessments that are within their 20 weeks today will be over "
        "them in 1 week, %s in 2 weeks, %s in 4 weeks and %s in 8 weeks.\n",
        day, COUNT(broken[0]), COUNT(broken[1]), COUNT(broken[2]), COUNT(broken[3]));
    buf_text(b, "But things do move. At the pace of the last twelve months the number to expect is");
    for (int h = 0; h < FORECAST_HORIZONS; h++) {
        const struct forecast_expected *e = &p->view.expected[FORECAST_PLAN][h];
        buf_text(b, h == 0 ? " " : h == FORECAST_HORIZONS - 1 ? " and " : ", ");
        buf_tenths(b, e->milli / 1000.);
        buf_printf(b, " in %u week%s (nine times in ten between %s and %s)", forecast_weeks[h],
                   forecast_weeks[h] == 1 ? "" : "s", COUNT(e->low), COUNT(e->high));
    }
    buf_text(b,
             ". The others get their plan, are refused one, or leave, in time. The difference is work that "
             "has to be done for it: the forecast is no reason to wait.\n");
}

static void say_how(struct buf *b, const struct forecast_paper *p)
{
    const struct pipeline *l = p->forecast->pipeline;
    buf_printf(
        b,
        "How it is made: from the %s plans issued in the last twelve months, and from all assessments that "
        "ended otherwise or are still open, it is worked out how long each stage takes (",
        COUNT(l->plans));
    for (size_t k = 0; k < l->n_stages; k++)
        buf_printf(b, "%s%s", k == 0 ? "" : ", ", p->stage_names[k]);
    buf_text(
        b,
        "; estimator of Kaplan and Meier, 1958, with the two ways in which a stage can end kept apart as by "
        "Aalen and Johansen, 1978). For each open case that gives the chance that neither the plan nor "
        "another end comes in time, from the stage in which it is and the days that it has spent there "
        "already. The stages are those of the whole council, whichever team is asked for.\n");
    buf_text(
        b,
        "What it does not know: a change of pace. The interval is only the play of chance from case to case. "
        "A case that an exception would excuse is listed and marked, and not in the numbers.\n");
}

static void say_gaps(struct buf *b, const struct forecast_paper *p)
{
    const struct pipeline *l = p->forecast->pipeline;
    for (int m = 0; m < MILESTONE_COUNT; m++)
        if (!l->recorded[m])
            buf_printf(
                b, "Most cases have no record of the %s: the stages before and after it are taken as one.\n",
                milestone_name((enum milestone)m));
    if (l->gaps > 0)
        buf_printf(
            b,
            "In %s places a step is missing in the record of a single case; the stages beside it are not "
            "counted.\n",
            COUNT(l->gaps));
    if (p->flow.beyond > 0)
        buf_printf(b,
                   "%s open %s been longer in the stage than any that was seen to move on in the last twelve "
                   "months: nothing is known of such cases, so that they are taken to stay where they are.\n",
                   COUNT(p->flow.beyond), p->flow.beyond == 1 ? "case has" : "cases have");
}

void forecast_words(struct buf *b, const struct paper *paper)
{
    const struct forecast_paper *p = (const struct forecast_paper *)paper;
    say_plans(b, p);
    say_how(b, p);
    say_gaps(b, p);
}
