#include "quality.h"

#define BIT(e)       EVENT_BIT(EV_##e)
#define PLAN_STARTS  (BIT(PLAN_ISSUED) | BIT(PLAN_TRANSFERRED_IN))
#define PLAN_ENDS    (BIT(PLAN_CEASED) | BIT(PLAN_TRANSFERRED_OUT))
#define OVERTURNINGS (BIT(TRIBUNAL_ORDER) | BIT(APPEAL_CONCEDED) | BIT(MEDIATION_AGREED))

/* The first of `later` follows from one of `earlier`. Where the earlier ones are missing altogether, that is a finding too if
 * the case must have had one (`owed`); other things may have begun before the records did. The steps from the request to
 * the plan are in check_request. */
static const struct order {
    uint64_t later, earlier;
    bool owed;
} orders[] = {
    {EVENTS_REVIEW_DECIDED | PLAN_ENDS | BIT(REVIEW_MEETING) | BIT(REVIEW_REPORT_SENT) |
         BIT(AMENDMENT_NOTICE_SENT) | BIT(AMENDMENT_DROPPED) | BIT(PLAN_AMENDED) | BIT(REASSESS_REQUESTED) |
         BIT(REASSESS_AGREED) | BIT(REASSESS_REFUSED) | BIT(REASSESS_PLAN_SENT) | BIT(CEASE_NOTIFIED),
     PLAN_STARTS, true},
    {BIT(APPEAL_RESPONSE_SENT) | BIT(APPEAL_WITHDRAWN) | BIT(APPEAL_CONCEDED) | BIT(TRIBUNAL_ORDER),
     BIT(APPEAL_RECEIVED), false},
    {BIT(MEDIATION_HELD) | BIT(MEDIATION_AGREED) | BIT(MEDIATION_DONE) | BIT(ICB_NOTIFIED),
     BIT(MEDIATION_REQUESTED), false},
    {BIT(CONSULTATION_REPLIED), BIT(CONSULTATION_SENT), false},
    {BIT(REASSESS_REFUSED) | BIT(REASSESS_WITHDRAWN), BIT(REASSESS_REQUESTED), false},
    {BIT(REASSESS_PLAN_SENT), BIT(REASSESS_AGREED), false},
    {BIT(DIRECT_PAYMENT_REVIEWED) | BIT(DIRECT_PAYMENT_ENDED), BIT(DIRECT_PAYMENT_STARTED), false},
};

#define REQUEST_STEPS                                                                                        \
    (BIT(ASSESS_AGREED) | BIT(ASSESS_REFUSED) | BIT(ISSUE_AGREED) | BIT(ISSUE_REFUSED) | BIT(DRAFT_SENT) |   \
     BIT(REQUEST_WITHDRAWN))

#define NONE UINT32_MAX

/* The facts of a case, with the first and last of each event that is present. They are sorted by date: the lesser index is
 * the earlier day or the same. */
struct look {
    const struct quality_day *day;
    const struct case_facts *cf;
    finding_fn *emit;
    void *ud;
    uint32_t first[EV_COUNT], last[EV_COUNT];
};

static uint32_t earliest(const struct look *l, uint64_t events)
{
    uint32_t at = NONE;
    for (uint64_t left = events & l->cf->present; left != 0; left &= left - 1) {
        uint32_t i = l->first[__builtin_ctzll(left)];
        at = i < at ? i : at;
    }
    return at;
}

static uint32_t latest(const struct look *l, uint64_t events)
{
    uint32_t at = NONE;
    for (uint64_t left = events & l->cf->present; left != 0; left &= left - 1) {
        uint32_t i = l->last[__builtin_ctzll(left)];
        at = at == NONE || i > at ? i : at;
    }
    return at;
}

/* Of the fact at an index; CIVIL_NONE, which is before every date, for NONE. */
static civil_day on(const struct look *l, uint32_t at)
{
    return at == NONE ? CIVIL_NONE : l->cf->facts[at].on;
}

static bool among(const struct fact *f, uint64_t events)
{
    return (EVENT_BIT(f->event) & events) != 0;
}

static bool any_between(const struct look *l, uint64_t events, civil_day from, civil_day to)
{
    const struct case_facts *cf = l->cf;
    for (size_t i = 0; (events & cf->present) != 0 && i < cf->n && cf->facts[i].on <= to; i++)
        if (cf->facts[i].on >= from && among(&cf->facts[i], events))
            return true;
    return false;
}

static void tell(const struct look *l, enum finding_kind kind, const struct fact *f)
{
    l->emit(l->ud, &(struct finding){f->on, f->subject, (uint8_t)kind, f->event});
}

static void tell_at(const struct look *l, enum finding_kind kind, uint32_t at)
{
    tell(l, kind, &l->cf->facts[at]);
}

/* --- order ----------------------------------------------------------------------------------------------------------- */

/* The first day on which no plan can stem from a statement of special educational needs, converted without a request (SI
 * 2014/2270, as amended). */
#define STATEMENTS_GONE 17622 /* 2018-04-01 */

static void check_request(const struct look *l)
{
    uint32_t base = earliest(l, EVENTS_REQUEST | BIT(PLAN_TRANSFERRED_IN)),
             plan = earliest(l, BIT(PLAN_ISSUED));
    uint32_t step = earliest(l, REQUEST_STEPS);
    if (plan != NONE && (base == NONE || on(l, base) > on(l, plan))) {
        if (on(l, plan) < STATEMENTS_GONE)
            return;
        if ((l->cf->present & EVENTS_REQUEST) == 0)
            tell_at(l, FINDING_PLAN_WITHOUT_REQUEST, plan);
        else
            tell_at(l, FINDING_IMPOSSIBLE_ORDER, step < plan ? step : plan);
    } else if (step != NONE && (base == NONE || on(l, base) > on(l, step))) {
        tell_at(l, FINDING_IMPOSSIBLE_ORDER, step);
    }
}

static void check_orders(const struct look *l)
{
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        const struct order *o = &orders[i];
        if ((l->cf->present & o->later) == 0 || (!o->owed && (l->cf->present & o->earlier) == 0))
            continue;
        uint32_t later = earliest(l, o->later), earlier = earliest(l, o->earlier);
        if (earlier == NONE || on(l, earlier) > on(l, later))
            tell_at(l, FINDING_IMPOSSIBLE_ORDER, later);
    }
}

/* What ends the work that advice was for, or begins another: advice that came before it may answer a question that was put
 * before the records began. */
#define ADVICE_WORK_ENDS                                                                                     \
    (PLAN_STARTS | PLAN_ENDS | EVENTS_REVIEW_DECIDED | BIT(REVIEW_MEETING) | BIT(ASSESS_REFUSED) |           \
     BIT(ISSUE_REFUSED) | BIT(REQUEST_WITHDRAWN) | BIT(PLAN_AMENDED) | BIT(REASSESS_REQUESTED) |             \
     BIT(REASSESS_AGREED) | BIT(REASSESS_REFUSED) | BIT(REASSESS_WITHDRAWN) | BIT(REASSESS_PLAN_SENT) |      \
     BIT(TRIBUNAL_ORDER) | BIT(APPEAL_CONCEDED) | BIT(MEDIATION_AGREED) | BIT(MOVED_OUT) | BIT(CASE_CLOSED))

/* One body's advice, before it was asked for. */
static void check_advice(const struct look *l, enum subject body)
{
    const struct case_facts *cf = l->cf;
    uint32_t came = NONE, asked = NONE;
    for (uint32_t i = (uint32_t)cf->n; i-- > 0;) {
        if (cf->facts[i].subject != body)
            continue;
        if (cf->facts[i].event == EV_ADVICE_RECEIVED)
            came = i;
        else if (cf->facts[i].event == EV_ADVICE_REQUESTED)
            asked = i;
    }
    if (came == NONE || asked == NONE || on(l, asked) <= on(l, came))
        return;
    uint32_t request = earliest(l, EVENTS_REQUEST);
    civil_day again = request != NONE && on(l, request) > on(l, came) ? on(l, request) : on(l, came);
    if (!any_between(l, ADVICE_WORK_ENDS, on(l, came), on(l, asked)) &&
        !any_between(l, EVENTS_REQUEST, again + 1, on(l, asked)))
        tell_at(l, FINDING_IMPOSSIBLE_ORDER, came);
}

static void check_bodies(const struct look *l)
{
    /* "other" may be several, of which one answered before another was asked. */
    static const enum subject bodies[] = {SUBJECT_EDUCATION, SUBJECT_HEALTH, SUBJECT_PARENT,
                                          SUBJECT_PSYCHOLOGY, SUBJECT_SOCIAL_CARE};
    const uint64_t both = BIT(ADVICE_RECEIVED) | BIT(ADVICE_REQUESTED);
    if ((l->cf->present & both) != both ||
        earliest(l, BIT(ADVICE_RECEIVED)) > latest(l, BIT(ADVICE_REQUESTED)))
        return;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
        check_advice(l, bodies[i]);
}

static void check_requests(const struct look *l)
{
    const struct case_facts *cf = l->cf;
    uint32_t first = earliest(l, EVENTS_REQUEST), last = latest(l, EVENTS_REQUEST);
    if (first == NONE)
        return;
    if (cf->born != CIVIL_NONE && cf->born > on(l, first))
        tell_at(l, FINDING_BORN_AFTER_REQUEST, first);
    if (on(l, last) > on(l, first))
        for (uint32_t i = first; i <= last; i++)
            if (among(&cf->facts[i], EVENTS_REQUEST) && cf->facts[i].on > on(l, first))
                tell_at(l, FINDING_SECOND_REQUEST, i);
}

static void check_overturned(const struct look *l, enum event refused, enum event made)
{
    const struct case_facts *cf = l->cf;
    uint64_t both = EVENT_BIT(refused) | EVENT_BIT(made);
    if ((cf->present & both) != both)
        return;
    for (uint32_t i = l->first[refused]; i <= l->last[made] && i < cf->n; i++) {
        civil_day refusal = CIVIL_NONE;
        if (cf->facts[i].event != made)
            continue;
        for (uint32_t k = l->first[refused]; k < i; k++)
            if (cf->facts[k].event == refused && cf->facts[k].on < cf->facts[i].on)
                refusal = cf->facts[k].on;
        if (refusal == CIVIL_NONE || any_between(l, OVERTURNINGS, refusal, cf->facts[i].on) ||
            any_between(l, EVENTS_REQUEST, refusal + 1, cf->facts[i].on))
            continue;
        tell_at(l, FINDING_REFUSAL_OVERTURNED, i);
        return;
    }
}

static void check_subjects(const struct look *l)
{
    const struct case_facts *cf = l->cf;
    for (size_t i = 0; i < cf->n; i++)
        if (!event_may_have((enum event)cf->facts[i].event, cf->facts[i].subject))
            tell(l, FINDING_UNKNOWN_SUBJECT, &cf->facts[i]);
}

/* --- moves and ends -------------------------------------------------------------------------------------------------- */

static void check_moves(const struct look *l)
{
    const struct case_facts *cf = l->cf;
    civil_day before = CIVIL_NONE;
    if ((cf->present & BIT(MOVED_OUT)) == 0)
        return;
    for (uint32_t i = l->first[EV_MOVED_OUT]; i <= l->last[EV_MOVED_OUT]; i++) {
        if (cf->facts[i].event != EV_MOVED_OUT)
            continue;
        uint32_t next = i + 1;
        while (next < cf->n && !(cf->facts[next].event == EV_MOVED_OUT && cf->facts[next].on > on(l, i)))
            next++;
        civil_day to = next < cf->n ? cf->facts[next].on - 1 : INT32_MAX;
        if (!any_between(l, BIT(MOVE_KNOWN), before == CIVIL_NONE ? CIVIL_NONE : before + 1, to))
            tell_at(l, FINDING_MOVED_WITHOUT_AWARENESS, i);
        before = on(l, i);
    }
}

static void check_notices(const struct look *l)
{
    const struct case_facts *cf = l->cf;
    civil_day since = CIVIL_NONE, ceased = CIVIL_NONE;
    if ((cf->present & BIT(PLAN_CEASED)) == 0)
        return;
    uint32_t closed = earliest(l, BIT(CASE_CLOSED));
    for (uint32_t i = 0; i <= l->last[EV_PLAN_CEASED]; i++) {
        const struct fact *f = &cf->facts[i];
        if (among(f, PLAN_STARTS) && ceased != CIVIL_NONE)
            since = ceased + 1; /* a notice of the plan that ceased is not one of this plan */
        if (f->event != EV_PLAN_CEASED)
            continue;
        ceased = f->on;
        if ((closed == NONE || on(l, closed) > f->on) && !any_between(l, BIT(CEASE_NOTIFIED), since, f->on))
            tell(l, FINDING_PLAN_ENDED_WITHOUT_NOTICE, f);
    }
}

static void check_after_closed(const struct look *l)
{
    const struct case_facts *cf = l->cf;
    if ((cf->present & BIT(CASE_CLOSED)) == 0)
        return;
    uint32_t closed = l->first[EV_CASE_CLOSED];
    for (uint32_t i = closed + 1; i < cf->n; i++)
        if (on(l, i) > on(l, closed) && !among(&cf->facts[i], EVENTS_SEEN_AHEAD))
            tell_at(l, FINDING_EVENT_AFTER_CLOSED, i);
}

/* --- reviews --------------------------------------------------------------------------------------------------------- */

/* An order of the Tribunal on or after a day that the plan continues. */
static bool continues(const struct look *l, civil_day from)
{
    const struct case_facts *cf = l->cf;
    if ((cf->present & BIT(TRIBUNAL_ORDER)) == 0)
        return false;
    for (uint32_t i = l->first[EV_TRIBUNAL_ORDER]; i <= l->last[EV_TRIBUNAL_ORDER]; i++)
        if (cf->facts[i].event == EV_TRIBUNAL_ORDER && cf->facts[i].on >= from &&
            (cf->facts[i].subject == SUBJECT_CONTINUE || cf->facts[i].subject == SUBJECT_CONTINUE_AMEND))
            return true;
    return false;
}

/* Nobody will review the plan here any more. */
static bool over(const struct look *l)
{
    civil_day start = on(l, latest(l, PLAN_STARTS)), end = on(l, latest(l, PLAN_ENDS));
    if ((l->cf->present & BIT(CASE_CLOSED)) != 0 || any_between(l, BIT(MOVED_OUT), start, l->day->as_of))
        return true;
    return end != CIVIL_NONE && end >= start && !continues(l, end);
}

static void check_meeting(const struct look *l)
{
    const struct case_facts *cf = l->cf;
    if ((cf->present & BIT(REVIEW_ARRANGED)) == 0)
        return;
    uint32_t i = l->last[EV_REVIEW_ARRANGED];
    while (cf->facts[i].event != EV_REVIEW_ARRANGED || on(l, i) >= l->day->as_of)
        if (i-- == l->first[EV_REVIEW_ARRANGED])
            return;
    civil_day held = on(l, latest(l, EVENTS_REVIEW_DECIDED | BIT(REVIEW_MEETING)));
    if (held < on(l, i) - QUALITY_MEETING_DAYS && !over(l))
        tell_at(l, FINDING_MEETING_NOT_HELD, i);
}

static void check_review_date(const struct look *l)
{
    if ((l->cf->present & PLAN_STARTS) == 0)
        return;
    uint32_t since = latest(l, PLAN_STARTS | EVENTS_REVIEW_DECIDED | BIT(REVIEW_MEETING));
    civil_day ahead = on(l, latest(l, BIT(REVIEW_ARRANGED)));
    if (on(l, since) <= l->day->year_before && ahead < l->day->as_of && !over(l))
        tell_at(l, FINDING_PLAN_WITHOUT_REVIEW_DATE, since);
}

/* --- all of it ------------------------------------------------------------------------------------------------------- */

struct quality_day quality_day(civil_day as_of)
{
    return (struct quality_day){as_of, civil_add_months(as_of, -QUALITY_REVIEW_MONTHS)};
}

void quality_check(const struct quality_day *day, const struct case_facts *cf, bool unassigned,
                   finding_fn *emit, void *ud)
{
    struct look l; /* first and last are read for the events that are present, and not cleared before */
    l.day = day;
    l.cf = cf;
    l.emit = emit;
    l.ud = ud;
    for (size_t i = 0; i < cf->n; i++) {
        l.last[cf->facts[i].event] = (uint32_t)i;
        l.first[cf->facts[cf->n - 1 - i].event] = (uint32_t)(cf->n - 1 - i);
    }
    check_request(&l);
    check_orders(&l);
    check_bodies(&l);
    for (size_t i = 0; i < cf->n_ahead; i++)
        tell(&l, FINDING_DATE_IN_THE_FUTURE, &cf->ahead[i]);
    check_requests(&l);
    check_meeting(&l);
    check_overturned(&l, EV_ASSESS_REFUSED, EV_ASSESS_AGREED);
    check_overturned(&l, EV_ISSUE_REFUSED, EV_PLAN_ISSUED);
    check_moves(&l);
    check_notices(&l);
    check_review_date(&l);
    check_after_closed(&l);
    check_subjects(&l);
    if (unassigned)
        tell(&l, FINDING_MISSING_OFFICER, &(struct fact){.on = CIVIL_NONE});
}
