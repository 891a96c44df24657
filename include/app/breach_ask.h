/* What somebody asks of the breach list: the same words in a query and on a command line. */
#ifndef EHCWATCH_BREACH_ASK_H
#define EHCWATCH_BREACH_ASK_H

#include "breach_list.h"

/* An empty set was not asked for. */
struct breach_ask {
    const struct rulebook *rulebook;
    const struct snapshot
        *snapshot; /* NULL: nothing was read yet, so that places and watched limits cannot be looked up */
    struct breach_filter filter;
    uint64_t limits;
    unsigned kinds, states;
    bool
        narrow; /* a place that no case has is as good as any: who asks may not learn from an error which there are */
    unsigned
        allowed; /* states that can be asked for: breached and excepted, unless the caller allows others */
};

void breach_ask_begin(struct breach_ask *a, const struct rulebook *rb, const struct snapshot *s);

/* Takes `value` (one, or several between commas) of limit, kind, state, locality, team, officer, band, age, stage or exception. False: `e`
 * says "NAME=VALUE: what is wrong". Without a snapshot places are passed over. */
bool breach_ask_take(struct breach_ask *a, const char *name, const char *value, struct err *e) MUST_CHECK;

/* What it comes to. Who names a limit asks for it whatever its kind; else only the statutory ones are shown. */
struct breach_filter breach_ask_filter(const struct breach_ask *a);

/* A date, and a time that is a whole second, of a parameter of that name. */
bool ask_date(const char *name, const char *value, civil_day *d, struct err *e) MUST_CHECK;
bool ask_time(const char *name, const char *value, int64_t *us, struct err *e) MUST_CHECK;

#endif
