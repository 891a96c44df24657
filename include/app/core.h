/* What the parts of the running daemon share: one struct, owned by command_run, on one thread. */
#ifndef EHCWATCH_CORE_H
#define EHCWATCH_CORE_H

#include "caseload.h"
#include "config.h"
#include "credentials.h"
#include "status.h"

struct ev_loop;

struct core {
    struct ev_loop *loop;
    struct config *config;           /* in force; swapped by a reload */
    struct credentials *credentials; /* of that configuration */
    struct rulebook *rulebook;       /* of that configuration, a reference; swapped with it */
    struct calendar calendar;
    struct words *words;
    struct status status;
};

#endif
