/* A time limit: one row of the law.
 *
 * An obligation is one limit applied to one case. It is opened by a start event, discharged, voided (not owed after
 * all) or lapses (overtaken). The words are the rulebook's; how they act together is in evaluate.h. */
#ifndef EHCWATCH_LIMIT_H
#define EHCWATCH_LIMIT_H

#include "civil.h"
#include "event.h"

enum limit_kind {
    KIND_STATUTORY,
    KIND_TARGET,
    KIND_GUIDANCE,
    KIND_FLOOR,
    KIND_DERIVED,
    KIND_LOCAL,
    KIND_COUNT
};

enum limit_per {
    PER_ONCE,    /* only the case's first start by date opens */
    PER_CASE,    /* a start is ignored while one is open */
    PER_SUBJECT, /* the same, apart for each subject */
    PER_CYCLE,   /* a start that opens supersedes the one still open */
    PER_START,   /* every start opens its own: limits that count backward */
};

enum limit_life { LIFE_REQUEST, LIFE_PLAN, LIFE_CASE, LIFE_COUNT };

enum limit_count {
    COUNT_WITHIN_WEEKS,
    COUNT_WITHIN_DAYS,
    COUNT_DAYS_BEGINNING_WITH,
    COUNT_MONTHS_STARTING_WITH,
    COUNT_MONTHS_STARTING_WITH_LESS_28D,
    COUNT_MONTHS_AFTER,
    COUNT_MONTHS_BEFORE,
    COUNT_NOTICE_WEEKS,
    COUNT_BEFORE_15_FEB,
    COUNT_BEFORE_31_MAR,
    COUNT_WORKING_DAYS_AFTER,
    COUNT_WORKING_DAYS_BEGINNING_WITH,
    COUNT_MOVE_WORKING_DAYS,
    COUNT_TRANSFER_REVIEW_MONTHS,
    COUNT_CEASE_FLOOR_MONTHS,
    COUNT_TRIBUNAL_DAYS_AFTER,
    COUNT_COUNT,
};

enum limit_exceptions { EXCEPTIONS_NONE, EXCEPTIONS_X1, EXCEPTIONS_X2, EXCEPTIONS_X3 };
enum limit_applies { APPLIES_ALWAYS, APPLIES_UNDER_FIVE, APPLIES_PLAN_EXISTS, APPLIES_PLAN_BY_DUE };

/* How well the row is supported: the instrument's own words were read, or not. */
enum limit_evidence {
    EVIDENCE_READ,
    EVIDENCE_PARTLY_READ,
    EVIDENCE_SECONDARY,
    EVIDENCE_MEMORY,
    EVIDENCE_INFERRED,
};

/* An event, or the event with one subject only. */
struct limit_term {
    uint8_t event;   /* enum event; EV_UNKNOWN ends a list */
    uint8_t subject; /* enum subject; SUBJECT_NONE = any */
};

#define LIMIT_MAX_TERMS 13 /* the longest list of the table, and its end */

struct limit {
    const char *id;
    const char *title;
    enum limit_kind kind;
    struct limit_term starts[LIMIT_MAX_TERMS];
    struct limit_term discharged_by[LIMIT_MAX_TERMS];
    struct limit_term voided_by[LIMIT_MAX_TERMS];
    struct limit_term lapsed_by[LIMIT_MAX_TERMS];
    enum limit_per per;
    enum limit_life life;
    enum limit_count count;
    int n;          /* of the count; 0 where the count takes none */
    int warn_days;  /* at risk from this many days before the due date */
    int early_days; /* discharge events this many days before the start count too */
    enum limit_exceptions exceptions;
    enum limit_applies applies;
    struct limit_term requires[LIMIT_MAX_TERMS];
    civil_day in_force_from; /* first start date to which the row applies */
    civil_day in_force_to;   /* first one to which it no longer does; 0 = still in force */
    const char *citation;
    enum limit_evidence evidence;
};

/* The compiled-in table, in the order of the rulebook. limit_by_id gives its index or -1. */
#define LIMIT_MAX 64 /* sets of limits are bit masks */
size_t limit_count(void);
const struct limit *limit_at(size_t i);
int limit_by_id(const char *id);
bool limit_known(const char *id);

/* The rulebook's words for the enums. */
const char *limit_kind_name(enum limit_kind k);
const char *limit_per_name(enum limit_per p);
const char *limit_life_name(enum limit_life l);
const char *limit_count_name(enum limit_count c);
const char *limit_exceptions_name(enum limit_exceptions x);
const char *limit_applies_name(enum limit_applies a);
const char *limit_evidence_name(enum limit_evidence v);

/* COUNT_COUNT and KIND_COUNT when unknown. */
enum limit_count limit_count_by_name(const char *name);
enum limit_kind limit_kind_by_name(const char *name);

/* Whether an obligation of the limit shows a subject (rulebook section 8). */
bool limit_names_subject(const struct limit *l);

#endif
