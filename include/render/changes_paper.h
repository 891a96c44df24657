/* What has changed since the last meeting, as a paper (changes.h has the definitions).
 *
 *   changes  one by one: what is new, has got worse, came and went in between, was cleared and how
 *   counts   how many, by limit and team
 *
 * Pure. */
#ifndef EHCWATCH_CHANGES_PAPER_H
#define EHCWATCH_CHANGES_PAPER_H

#include "changes.h"
#include "paper.h"

/* Of the `limits` (LIMIT_BIT), and of the kinds of changes (bit of each enum change_kind). The changes are finished; they and the snapshot
 * that they are of outlive the paper. NULL: out of memory. */
struct paper *changes_paper_new(const struct changes *c, const struct snapshot *s, uint64_t limits,
                                unsigned kinds);

#endif
