/* What the parts of the running daemon share: one struct, owned by command_run, on one thread. */
#ifndef EHCWATCH_CORE_H
#define EHCWATCH_CORE_H

#include "caseload.h"
#include "config.h"
#include "credentials.h"
#include "instance.h"
#include "status.h"

struct ev_loop;
struct lease;

struct core {
    struct ev_loop *loop;
    struct config *config;           /* in force; swapped by a reload */
    struct credentials *credentials; /* of that configuration */
    struct rulebook *rulebook;       /* of that configuration, a reference; swapped with it */
    struct calendar calendar;
    struct words *words;
    struct status status;
    struct lease *lease;         /* who leads: lease_held() before a write that only the leader makes */
    char instance[INSTANCE_LEN]; /* which daemon this is: the lease's holder, the sender of an attempt */
};

#endif
