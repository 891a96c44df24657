#include "clearance_paper.h"

#include <stdio.h>

#include "plain.h"

static void milli(struct buf *b, uint64_t n)
{
    buf_tenths(b, (double)n / 1000);
}

static void percent(struct buf *b, uint32_t part, uint32_t of)
{
    if (of == 0)
        buf_text(b, "none");
    else
        buf_tenths(b, 100 * ((double)part / of));
    buf_text(b, of == 0 ? "" : "%");
}

static void say_load(struct buf *b, const struct clearance *c)
{
    buf_printf(b, "%s assessments are open, %s of them for more than 20 weeks. ", COUNT(c->open),
               COUNT(c->overdue));
    if (c->again > 0)
        buf_printf(
            b,
            "%s of them were taken up again after a refusal: they need a plan, too, though the published "
            "figure has done with their 20 weeks. ",
            COUNT(c->again));
    buf_text(b, "The plan counts with ");
    milli(b, c->ask.capacity_milli);
    buf_text(b, " finished plans a week (in the last 8 weeks there were ");
    milli(b, c->recent_plans * 125);
    buf_text(b, ") and ");
    milli(b, c->ask.arrivals_milli);
    buf_text(b, " requests a week, of which ");
    milli(b, c->need_milli);
    buf_text(b, " will need a plan.\n");
}

static void say_needs(struct buf *b, const struct clearance *c)
{
    buf_text(b, "To keep up with what comes in takes ");
    milli(b, c->need_milli);
    buf_text(b, c->need_milli > c->ask.capacity_milli
                    ? " plans a week: more than there are, so that the backlog grows whatever comes first. "
                    : " plans a week: no more than there are. ");
    if (c->clear_capacity == 0)
        buf_printf(b, "Nobody will be overdue in %d weeks who could have been finished by then.\n",
                   c->ask.weeks);
    else
        buf_printf(
            b,
            "To have nobody overdue in %d weeks, with what comes in meanwhile, takes %s plans a week until "
            "then%s.\n",
            c->ask.weeks, COUNT(c->clear_capacity),
            c->clear_left > 0 ? " (apart from those that cannot be far enough by then, since advice is "
                                "still waited for or the family still has its time)"
                              : "");
}

static void say_policy(struct buf *b, const struct clearance *c, const struct clearance_run *r,
                       const char *name)
{
    const struct clearance_week *w = &r->week[c->ask.weeks];
    buf_printf(b, "%s: ", name);
    percent(b, r->in_time, r->issued);
    buf_printf(b,
               " of the %s plans of the %d weeks in time; at the end %s over 20 weeks, %s over 52 weeks. The "
               "longest "
               "wait is %d weeks then, and %d of those whose plan could have been finished.\n",
               COUNT(r->issued), c->ask.weeks, COUNT(w->overdue), COUNT(w->over_52), w->longest_days / 7,
               w->longest_held_days / 7);
}

static void say_policies(struct buf *b, const struct clearance *c)
{
    char mix[60];
    snprintf(mix, sizeof mix, "Mix, %d%% kept for those who can be in time", c->ask.save);
    say_policy(b, c, &c->runs[CLEARANCE_OLDEST], "Oldest first");
    say_policy(b, c, &c->runs[CLEARANCE_NEAREST], "Nearest deadline first");
    say_policy(b, c, &c->runs[CLEARANCE_MIX], mix);
    buf_text(
        b, "The balance is for the meeting to strike. The published figure counts the plans that are issued, "
           "so it "
           "rises most when those wait who are late already; the children who have waited longest are not in "
           "it until their plan is issued, and then they count as late.\n");
}

static void say_week(struct buf *b, const struct clearance *c)
{
    const struct clearance_week *w = &c->runs[c->ask.policy].week[1];
    buf_printf(b, "For the coming week %s plans can be issued and %s cases are far enough. ",
               COUNT(w->capacity), COUNT(c->ready));
    if (c->ready < w->capacity)
        buf_text(
            b, "There is less to finish than could be finished: what holds things up is before the draft.\n");
    else
        buf_printf(b, "The list has the %s that come first under the policy \"%s\".\n", COUNT(c->n_picks),
                   clearance_policy_name(c->ask.policy));
}

static void say_how(struct buf *b, const struct clearance *c)
{
    buf_printf(
        b,
        "How it is made: every open case can be finished from a day on, which is what is left of its stage "
        "and the "
        "least that the stages to come take (one in ten is through in that time; 15 days at least from the "
        "draft "
        "to the plan, for the family's comments). Others' advice takes as long as it took in the last twelve "
        "months: those times are spread evenly over the cases that wait for it. Half of those that come in "
        "can "
        "have a plan after %d days. In each week the policy chooses among those that are far enough. "
        "Requests go "
        "on coming in, and as many cases end without a plan as did in the last twelve months. Unused "
        "capacity "
        "is lost. Nobody is sick, and nothing takes longer because it is rushed: it is arithmetic, to "
        "compare "
        "policies by, and no promise.\n",
        c->lead_days);
}

void clearance_words(struct buf *b, const struct paper *paper)
{
    const struct clearance *c = ((const struct clearance_paper *)paper)->plan;
    say_load(b, c);
    say_needs(b, c);
    say_policies(b, c);
    say_week(b, c);
    say_how(b, c);
}
