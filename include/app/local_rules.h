/* The rulebook that a configuration stands for: the built-in table, with its standards and thresholds. */
#ifndef EHCWATCH_LOCAL_RULES_H
#define EHCWATCH_LOCAL_RULES_H

#include "config.h"
#include "rulebook.h"

/* One reference, the caller's; it borrows nothing from the configuration. NULL: out of memory. */
struct rulebook *local_rules(const struct config *c);

/* "advice_received" or "advice_received:health", of the vocabulary of events and the subjects that the law names. */
bool config_term(const char *text, struct limit_term *term, struct err *e) MUST_CHECK;

/* "1 day", "3 weeks", "5 working days" or "2 months": how it is counted. False: it is none of these. */
bool config_within(const char *text, enum limit_count *count, int *n) MUST_CHECK;

#endif
