/* What is wrong, or cannot be right, in the data of a case.
 *
 * Limits are only as good as the dates they are counted from. A row that says something impossible still takes part as far as
 * it can, and is told as a finding: never silently dropped, never a reason to stop. The check reads a case that was
 * settled for the day (facts.h). Where the facts of a case leave it open whether something is wrong, nothing is found: a list
 * of false findings is not read. Pure; nothing here allocates. */
#ifndef EHCWATCH_QUALITY_H
#define EHCWATCH_QUALITY_H

#include "evaluate.h"
#include "finding.h"

/* Every threshold of the check. */
#define QUALITY_MEETING_DAYS    28 /* a meeting held so long before the arranged day is that meeting */
#define QUALITY_REVIEW_MONTHS   12
#define QUALITY_EXCEPTION_LIMIT "final_plan_20w"
#define QUALITY_EXCEPTION_SHARE                                                                              \
    25 /* per cent; 6 are claimed nationally (DfE, SEN2), and all by some councils */
#define QUALITY_EXCEPTION_CASES 20 /* the share of fewer says nothing */

/* `f` is the callee's to copy. */
typedef void finding_fn(void *ud, const struct finding *f);

/* A day of evaluation, prepared once for many cases. */
struct quality_day {
    civil_day as_of;
    civil_day year_before; /* QUALITY_REVIEW_MONTHS before it */
};

struct quality_day quality_day(civil_day as_of);

/* All that can be found in the facts of one case, settled for the same day. `unassigned`: an open case without an officer. The
 * order of the findings depends on the facts alone. */
void quality_check(const struct quality_day *day, const struct case_facts *cf, bool unassigned,
                   finding_fn *emit, void *ud);

/* For exception_unsupported: which claims of a case excuse a late obligation, and which only fail to. The obligations are added
 * one by one; {.failed = 0} begins a case. Claims beyond the 64th are passed over. */
struct quality_claims {
    uint64_t failed, held; /* bit of each claim: for at least one late obligation */
    uint8_t limit[64];     /* of a claim that failed: the first limit that it failed for */
};

void quality_claims_add(struct quality_claims *c, const struct rulebook *rb, const struct obligation *o,
                        const struct case_facts *cf, civil_day as_of);
void quality_claims_tell(const struct quality_claims *c, const struct case_facts *cf, finding_fn *emit,
                         void *ud);

/* For exceptions_implausible: the share of the obligations of one limit, void ones left out, that carry an exception, late or not,
 * supported or unverified. */
struct quality_share {
    uint64_t obligations, excepted;
};

/* `limit`: the index of QUALITY_EXCEPTION_LIMIT in the rulebook, or -1: nothing is counted. */
void quality_share_add(struct quality_share *share, const struct rulebook *rb, int limit,
                       const struct obligation *o, const struct case_facts *cf, civil_day as_of);

bool quality_exceptions_implausible(const struct quality_share *share);

#endif
