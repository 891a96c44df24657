/* The table of limits for readers and programs. Pure. */
#ifndef EHCWATCH_RULES_TEXT_H
#define EHCWATCH_RULES_TEXT_H

#include "buf.h"
#include "rulebook.h"

/* Exactly the columns and the order of the rulebook's limits.csv. */
void rules_csv(struct buf *b, const struct rulebook *rb);

/* {"rulebook": version, "limits": [...]}, lists as arrays of "event" or "event:subject". */
void rules_json(struct buf *b, const struct rulebook *rb);

/* One limit a paragraph. */
void rules_text(struct buf *b, const struct rulebook *rb);

#endif
