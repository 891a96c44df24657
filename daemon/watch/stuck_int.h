/* What the files of the stuck part share: each counts one thing of a case. False: out of memory. */
#ifndef EHCWATCH_STUCK_INT_H
#define EHCWATCH_STUCK_INT_H

#include "stuck.h"

bool stuck_stages(struct stuck *s, const struct case_seen *seen);
bool stuck_advice(struct stuck *s, const struct case_seen *seen);
bool stuck_load(struct stuck *s, const struct case_seen *seen);
void stuck_reviews(struct stuck *s, const struct case_seen *seen);
void stuck_transfers_begin(struct stuck *s);
void stuck_transfers(struct stuck *s, const struct case_seen *seen);

/* One slice of sorting the loads; as stuck_finish. */
int stuck_load_sort(struct stuck *s);
void stuck_load_free(struct stuck_loads *l);

#endif
