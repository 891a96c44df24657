/* What /v1/summary says beyond the counts of the last evaluation: from the papers. Pure. */
#ifndef EHCWATCH_SUMMARY_MORE_H
#define EHCWATCH_SUMMARY_MORE_H

#include "buf.h"
#include "by_place.h"
#include "figures.h"

struct summary_more {
    const struct by_place *by_place;
    const struct figures *figures;
};

/* Members, each behind a comma:
 *
 *   "localities","teams": [{"name","cases","open_cases","breached_cases","limits":{id:{state:N}}}]   limits under watch; states that occur
 *   "bands": [{"weeks","open","overdue","excepted"}]                                               open assessments
 *   "published": {"target","year":{"from_on","to_on","figures":{id:{"counted","in_time","share","excepted"}},"issued":{…}},"twelve_months":{…}}
 *     "issued": {"issued","in_20_weeks","in_20_to_52_weeks","over_52_weeks","share_20_weeks","share_20_to_52_weeks","share_over_52_weeks",
 *     "excepted","share_20_weeks_without_exceptions"}: the plans by weeks from the request, as the paper of figures names them
 *   "open": {id:{"open","overdue","excepted"}}                                  what stands beside each figure and is in none of them
 *
 * A figure that the source cannot show is null. "excepted" are late plans that an exception covers: without exceptions they leave
 * "counted". */
void summary_more(struct buf *b, const struct summary_more *m, uint64_t watched);

#endif
