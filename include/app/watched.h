/* Which limits are under watch, by the configuration. */
#ifndef EHCWATCH_WATCHED_H
#define EHCWATCH_WATCHED_H

#include "config.h"
#include "rulebook.h"
#include "status.h"

enum watch_choice watched_choice(const struct config *c);

/* The limits of the rulebook that it stands for. `occurs` has the EVENT_BIT of each event that occurs in the source and
 * decides WATCH_AUTO: a limit that the source can never satisfy would be one false breach after the other. */
uint64_t watched_limits(const struct config *c, const struct rulebook *rb, uint64_t occurs);

#endif
