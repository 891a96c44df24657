/* Exceptions: whether the facts support a claim, and why or why not (rulebook section 5).
 *
 * "The authority need not comply with the time limit if it is impractical to do so because" of listed facts: an exception
 * disapplies a limit, it never moves its date. The facts are tested here; the word "impractical" is left to people. Each limit
 * knows one set of grounds:
 *
 *   X1  the school closed for four weeks, exceptional personal circumstances, absence from the area for four weeks; an
 *       authority's bare flag counts as unverified, for limits of a request
 *   X2  the same without the school closure and the bare flag, and an appointment missed with the body that is to advise
 *   X3  exceptional personal circumstances, absence for two weeks
 *
 * Pure. */
#ifndef EHCWATCH_EXCEPTION_H
#define EHCWATCH_EXCEPTION_H

#include "evaluate.h"

enum exception_reason {
    REASON_HOLDS,           /* every test of the ground holds */
    REASON_BARE_CLAIM,      /* the authority's flag without facts: supports, unverified */
    REASON_NOT_BEGUN,       /* begins after the as-of date: not seen */
    REASON_NO_EXCEPTIONS,   /* the limit knows no exceptions */
    REASON_NOT_IN_SET,      /* the limit knows exceptions, but not this ground */
    REASON_NO_FIRST_DAY,    /* a ground with dates, and the first is missing */
    REASON_ENDS_FIRST,      /* ends before it begins */
    REASON_OVER_BEFORE,     /* ended before the obligation began */
    REASON_AFTER_DUE,       /* began after the due date */
    REASON_TOO_SHORT,       /* shorter than the ground asks */
    REASON_ADVICE_NOT_THEN, /* school closure: no education advice asked for in the days that count */
    REASON_COUNT,
};

/* One claim, tested against one obligation. */
struct exception_test {
    enum exception_reason reason;
    civil_day
        to; /* the last day that was counted: of an exception still going on, the as-of date; CIVIL_NONE: none */
    int days, need; /* how long it lasted, how long it must; need 0: no length is asked for */
    civil_day advice_from, advice_to; /* school closure: when education advice must have been asked for */
};

/* The first test that fails decides the reason. `as_of` is the date of the evaluation. */
struct exception_test exception_test(const struct claim *c, const struct obligation *o, const struct limit *l,
                                     const struct case_facts *cf, civil_day as_of);

/* X2 only: the day on which the child missed an appointment with the obligation's body, in [start, due]; else
 * CIVIL_NONE. */
civil_day exception_appointment(const struct obligation *o, const struct limit *l,
                                const struct case_facts *cf);

/* What a claim tested so does for the obligation. */
enum exception_verdict exception_verdict_of(enum exception_reason r);

/* All claims of the case together: what the best of them does. */
enum exception_verdict exception_judge(const struct obligation *o, const struct limit *l,
                                       const struct case_facts *cf, civil_day as_of);

/* Fills in what the case's claims do for an obligation that is late, and its state where it is excepted. The
 * date stays: an exception disapplies a limit, it never moves a date. */
void exception_excuse(struct obligation *o, const struct limit *l, const struct case_facts *cf,
                      civil_day as_of);

/* "too_short": for programs. */
const char *exception_reason_name(enum exception_reason r);

#endif
