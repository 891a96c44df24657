/* The gate of the HTTP server: finds out who asks, by token or by name and password, and turns away whom nobody knows.
 *
 * Who comes from this machine (loopback, a Unix socket) need not say who he is, unless the configuration says http_auth = always; what
 * changes something, and whatever comes from elsewhere, always does. A proxy on this machine makes everybody look local: nothing that a
 * request says about where it came from is believed.
 *
 * A token is looked up at once. A password of bcrypt takes its time: the request is parked and comes again when it has been looked at;
 * that it was right is remembered for some minutes, under a key that is made at the start and never leaves the process. Once some have
 * been wrong one after the other, whoever is wrong waits two seconds for the answer, and while many wait nobody's password is looked at
 * but those remembered. */
#ifndef EHCWATCH_GATE_H
#define EHCWATCH_GATE_H

#include "access.h"
#include "httpd.h"
#include "webconfig.h"

struct ev_loop;
struct gate;

struct gate_conf {
    struct token_list *tokens; /* NULL: none; taken over */
    struct webconfig *web;     /* whose basic_auth_users count; NULL: none; a reference is taken over */
    bool always;
};

/* Without a configuration: this machine reads, nobody changes anything. NULL: out of memory, or no random numbers. */
struct gate *gate_new(struct ev_loop *loop);

/* After httpd_free, which ends what is parked. NULL is fine. */
void gate_free(struct gate *g);

/* What is in force from now on. Passwords that were right are forgotten if their hash has changed. */
void gate_configure(struct gate *g, const struct gate_conf *conf);

/* Whether somebody can say who he is. */
bool gate_conf_knows_somebody(const struct token_list *tokens, const struct webconfig *web);

/* Within a handler: who asks. True: *who is filled in. False: 401, 403 or 429 has been answered, or the request is parked. `change`: an
 * answer changes something, so that a name is wanted whoever asks, and no page of another site may ask in a browser's name. `g` NULL: as
 * one without a configuration. */
bool gate_ask(struct gate *g, const struct httpd_request *q, bool change, struct caller *who,
              struct httpd_reply *reply);

#endif
