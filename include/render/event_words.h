/* Events, grounds and subjects in the words of people who work with them. Pure. */
#ifndef EHCWATCH_EVENT_WORDS_H
#define EHCWATCH_EVENT_WORDS_H

#include "buf.h"
#include "exception.h"

/* What had happened, as a phrase without a verb of its own: "request for an assessment received". "" for EV_UNKNOWN. */
const char *event_words(enum event ev);

/* " (social care)" after an event, for a subject of the pool; nothing for SUBJECT_NONE. */
void subject_words(struct buf *b, const struct names *subjects, uint32_t subject);

/* "absence from the area" */
const char *ground_words(enum ground g);

/* "the instrument's own words were read": how well a limit is supported. */
const char *evidence_words(enum limit_evidence v);

/* "Wednesday 4 March 2026" */
void day_words(struct buf *b, civil_day d);

#endif
