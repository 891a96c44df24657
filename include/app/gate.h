/* The gate of the HTTP server: finds out who asks, by token or by name and password, and turns away whom nobody knows.
 *
 * Who comes from this machine (loopback, a Unix socket) need not say who he is, unless the configuration says http_auth = always; what
 * changes something, and whatever comes from elsewhere, always does. A proxy on this machine makes everybody look local: nothing that a
 * request says about where it came from is believed. */
#ifndef EHCWATCH_GATE_H
#define EHCWATCH_GATE_H

#include "access.h"
#include "httpd.h"

struct gate;

struct gate_conf {
    struct token_list *tokens; /* NULL: none; taken over */
    bool always;
};

struct gate *gate_new(
    void); /* without a configuration: this machine reads, nobody changes anything. NULL: out of memory */
void gate_free(struct gate *g); /* NULL is fine */

/* What is in force from now on. */
void gate_configure(struct gate *g, const struct gate_conf *conf);

/* Within a handler: who asks. True: *who is filled in. False: 401 or 403 has been answered. `change`: an answer changes something, so
 * that a name is wanted whoever asks. `g` NULL: as one without a configuration. */
bool gate_ask(struct gate *g, const struct httpd_request *q, bool change, struct caller *who,
              struct httpd_reply *reply);

#endif
