/* The HTTP server's own view of a client: its life (httpd_client.c) and its waiting (httpd_park.c). */
#ifndef EHCWATCH_HTTPD_CLIENT_INT_H
#define EHCWATCH_HTTPD_CLIENT_INT_H

#include <ev.h>

#include "httpd_client.h"
#include "httpd_reply.h"
#include "httpd_request.h"

enum parking {
    PARKING_NONE,
    PARKING_WAITS, /* suspended; the answer is to come */
    PARKING_READY, /* suspended; the answer is there */
    PARKING_OVER,  /* resumed; the library will ask for the answer */
};

struct client {
    struct clients *all;
    struct client *next, *prev;
    struct MHD_Connection *connection;
    double since;
    struct target target;
    struct err target_error;
    char *body; /* NULL: none is taken */
    size_t body_len, body_cap, thrown_away;
    bool target_ok, seen, has_body, chunked, open; /* counted in open_replies */
    struct httpd_reply reply;
    enum parking parking;
    bool changes;    /* a POST */
    bool again;      /* resumed, it goes to the handler once more */
    bool anew;       /* parked again before the first was unparked */
    ev_timer parked; /* how long it may take */
    void (*over)(void *ud);
    void *over_ud;
};

/* Whether it is one of those that an answer is under way to. */
void client_count_open(struct client *c, bool open);

/* The answer of a server that stops. */
void client_say_stopping(struct client *c);

#endif
