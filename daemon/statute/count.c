#include "count.h"

static civil_day months_starting_with(civil_day start, int n)
{
    bool clamped;
    civil_day d = civil_months_on(start, n, &clamped);
    return clamped ? d : d - 1;
}

typedef bool day_fn(const struct calendar *, civil_day);

/* The n-th day that counts, from `first` on. *exhausted is set when the days looked at reach past the known ones. */
static civil_day nth_day(const struct calendar *cal, day_fn *counts, civil_day first, int n, bool *exhausted)
{
    civil_day d = first;
    for (int left = n;; d++)
        if (counts(cal, d) && --left <= 0)
            break;
    *exhausted |= d > cal->last_known;
    return d;
}

/* The day of the move may lie past the calendar: what is counted are the working days before it. */
static civil_day move_due(const struct calendar *cal, civil_day start, int n, const struct case_facts *cf,
                          bool *exhausted)
{
    for (size_t i = 0; cf != NULL && i < cf->n; i++)
        if (cf->facts[i].event == EV_MOVED_OUT && cf->facts[i].on >= start) {
            if (nth_day(cal, calendar_is_working_day, start + 1, n, exhausted) <= cf->facts[i].on)
                return cf->facts[i].on;
            break;
        }
    return nth_day(cal, calendar_is_working_day, start, n, exhausted);
}

static civil_day transfer_review_due(civil_day start, const struct case_facts *cf)
{
    const uint64_t plan_or_review = EVENT_BIT(EV_PLAN_ISSUED) | EVENT_BIT(EV_REVIEW_DECIDED_AMEND) |
                                    EVENT_BIT(EV_REVIEW_DECIDED_CEASE) |
                                    EVENT_BIT(EV_REVIEW_DECIDED_MAINTAIN);
    civil_day due = months_starting_with(start, 3), last = CIVIL_NONE;
    for (size_t i = 0; cf != NULL && i < cf->n && cf->facts[i].on < start; i++)
        if (EVENT_BIT(cf->facts[i].event) & plan_or_review)
            last = cf->facts[i].on;
    if (last != CIVIL_NONE && months_starting_with(last, 12) > due)
        due = months_starting_with(last, 12);
    return due;
}

/* The day before the first end of an appeal on or after `from`; while there is none, the as-of date itself. */
static civil_day appeal_over(const struct case_facts *cf, civil_day from, civil_day as_of)
{
    const uint64_t ends =
        EVENT_BIT(EV_TRIBUNAL_ORDER) | EVENT_BIT(EV_APPEAL_WITHDRAWN) | EVENT_BIT(EV_APPEAL_CONCEDED);
    for (size_t i = 0; i < cf->n; i++)
        if (cf->facts[i].on >= from && (EVENT_BIT(cf->facts[i].event) & ends))
            return cf->facts[i].on - 1;
    return as_of;
}

static civil_day cease_due(civil_day start, int n, const struct case_facts *cf, civil_day as_of)
{
    civil_day base = civil_add_months(start, n), due = base;
    for (size_t i = 0; cf != NULL && i < cf->n && cf->facts[i].on <= base; i++) {
        const struct fact *f = &cf->facts[i];
        civil_day d = CIVIL_NONE;
        if (f->on < start)
            continue;
        if (f->event == EV_MEDIATION_CERTIFICATE)
            d = civil_add_months(f->on, 1);
        else if (f->event == EV_APPEAL_RECEIVED)
            d = appeal_over(cf, f->on, as_of);
        if (d > due)
            due = d;
    }
    return due;
}

int count_days(enum limit_count count, int n)
{
    switch (count) {
    case COUNT_WITHIN_WEEKS:
        return 7 * n;
    case COUNT_WITHIN_DAYS:
        return n;
    case COUNT_DAYS_BEGINNING_WITH:
        return n - 1;
    case COUNT_NOTICE_WEEKS:
        return -7 * n;
    default:
        return COUNT_NOT_IN_DAYS;
    }
}

civil_day count_due(enum limit_count count, int n, civil_day start, const struct calendar *cal,
                    const struct case_facts *cf, civil_day as_of, bool *exhausted)
{
    bool ran_out = false;
    civil_day due = start;
    switch (count) {
    case COUNT_WITHIN_WEEKS:
    case COUNT_WITHIN_DAYS:
    case COUNT_DAYS_BEGINNING_WITH:
    case COUNT_NOTICE_WEEKS:
        return start + count_days(count, n);
    case COUNT_MONTHS_STARTING_WITH:
        return months_starting_with(start, n);
    case COUNT_MONTHS_STARTING_WITH_LESS_28D:
        return months_starting_with(start, n) - 28;
    case COUNT_MONTHS_AFTER:
        return civil_add_months(start, n);
    case COUNT_MONTHS_BEFORE:
        return civil_add_months(start, -n);
    case COUNT_BEFORE_15_FEB:
        return civil_from_ymd(civil_to_ymd(start).year, 2, 14);
    case COUNT_BEFORE_31_MAR:
        return civil_from_ymd(civil_to_ymd(start).year, 3, 30);
    case COUNT_TRANSFER_REVIEW_MONTHS:
        return transfer_review_due(start, cf);
    case COUNT_CEASE_FLOOR_MONTHS:
        return cease_due(start, n, cf, as_of);
    case COUNT_WORKING_DAYS_AFTER:
        due = nth_day(cal, calendar_is_working_day, start + 1, n, &ran_out);
        break;
    case COUNT_WORKING_DAYS_BEGINNING_WITH:
        due = nth_day(cal, calendar_is_working_day, start, n, &ran_out);
        break;
    case COUNT_MOVE_WORKING_DAYS:
        due = move_due(cal, start, n, cf, &ran_out);
        break;
    case COUNT_TRIBUNAL_DAYS_AFTER:
        due = nth_day(cal, calendar_is_tribunal_day, start + 1, n, &ran_out);
        break;
    case COUNT_COUNT:
        break;
    }
    if (ran_out && exhausted != NULL)
        *exhausted = true;
    return due;
}

bool count_of_working_days(enum limit_count count)
{
    return count == COUNT_WORKING_DAYS_AFTER || count == COUNT_WORKING_DAYS_BEGINNING_WITH ||
           count == COUNT_MOVE_WORKING_DAYS || count == COUNT_TRIBUNAL_DAYS_AFTER;
}

bool count_has_rival(enum limit_count count)
{
    return count == COUNT_WITHIN_WEEKS || count == COUNT_WITHIN_DAYS;
}

bool count_is_backward(enum limit_count count)
{
    return count == COUNT_BEFORE_15_FEB || count == COUNT_BEFORE_31_MAR || count == COUNT_MONTHS_BEFORE ||
           count == COUNT_NOTICE_WEEKS;
}
