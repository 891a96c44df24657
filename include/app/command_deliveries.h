/* The subcommand `deliveries`, in its parts: reading (command_deliveries.c) and changing (deliveries_change.c). */
#ifndef EHCWATCH_COMMAND_DELIVERIES_H
#define EHCWATCH_COMMAND_DELIVERIES_H

#include "delivery_ask.h"
#include "statesession.h"

struct deliveries_request {
    const char *file;
    char **names; /* the arguments behind the verb */
    int n_names;
    struct delivery_ask ask;
    bool dead;
    const char *format; /* NULL: text */
};

/* Each returns the exit code; the session is open. deliveries_endpoint: EXIT_DONE when there is or was one of that name, or it is
 * configured. */
int deliveries_endpoint(struct state_session *s, const char *name);
int deliveries_replay(struct state_session *s, const struct deliveries_request *r);
int deliveries_enable(struct state_session *s, const struct deliveries_request *r);
int deliveries_test(struct state_session *s, const struct deliveries_request *r);

#endif
