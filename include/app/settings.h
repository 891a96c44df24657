/* Everything that a configuration file stands for: the file, its secrets, its calendar, its rulebook, its endpoints. */
#ifndef EHCWATCH_SETTINGS_H
#define EHCWATCH_SETTINGS_H

#include "calendar.h"
#include "endpoint.h"
#include "rulebook.h"

struct settings {
    struct config *config;
    struct credentials *credentials;
    struct endpoints *endpoints; /* borrows from the config; routes by limits of the rulebook */
    struct rulebook *rulebook;   /* a reference */
    struct calendar calendar;
};

/* Reads and checks all of it, or nothing: one line in `e` that names the file and what to do. Blocks on the file system. */
bool settings_load(struct settings *s, const char *file, struct err *e) MUST_CHECK;
void settings_free(struct settings *s);

/* The calendar alone: the built-in one with the file of a configuration over it. */
bool settings_calendar(struct calendar *cal, const struct config *c, struct err *e) MUST_CHECK;

/* Warns of options that differ and cannot be changed while the daemon runs. */
void settings_need_restart(const struct config *old, const struct config *new, const char *file);

#endif
