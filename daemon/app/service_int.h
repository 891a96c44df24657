/* The service's own view of itself: its life (service.c) and its settings (service_reload.c). */
#ifndef EHCWATCH_SERVICE_INT_H
#define EHCWATCH_SERVICE_INT_H

#include <ev.h>

#include "composer.h"
#include "desk.h"
#include "dispatch.h"
#include "endpoint.h"
#include "gate.h"
#include "history.h"
#include "httpd.h"
#include "lease.h"
#include "looplag.h"
#include "metrics_cache.h"
#include "papers.h"
#include "poller.h"
#include "refresh.h"
#include "routes.h"
#include "service.h"
#include "upkeep.h"
#include "xlsx_maker.h"

/* A server that ends what it has begun, after a reload; NULL: none. As many reloads may follow each other within the drain. */
enum { RETIRED_MOST = 4 };
struct retired {
    struct httpd *httpd;
    double since; /* monotonic */
};

struct service {
    char *config_file;
    struct core core;
    struct credentials *passwords; /* of the start: the connections read them for as long as they live */
    struct endpoints *endpoints;
    struct httpd *httpd;
    struct retired retired[RETIRED_MOST];
    struct webconfig *web; /* in force, or NULL; the gate's */
    struct poller *poller;
    struct composer *composer;
    struct refresh *refresh;
    struct history *history;
    struct dispatch *dispatch;
    struct looplag *looplag;
    struct routes routes;
    struct desk *desk;
    struct papers_desk *papers;
    struct xlsx_maker *workbooks;
    struct upkeep *upkeep;
    struct metrics_cache *metrics;
    struct gate *gate;

    ev_signal term, interrupt, hangup;
    ev_timer report;   /* what systemd and the metrics are told of ourselves */
    ev_timer watchdog; /* only under a unit that asks for it */
    ev_timer bound;    /* of stopping, whatever a database does */
    bool reload_wanted, stopping;
    int left; /* parts that have not stopped yet */
};

/* Takes tokens and web configuration out of the credentials: they are the ones in force, at the gate. */
void service_take_access(struct service *s, const struct config *c, struct credentials *cr);

/* Opens what is listened on, the unit's socket or the configuration's. */
bool service_listen(struct service *s, struct err *e) MUST_CHECK;

/* A server with this web configuration on the socket of the one that serves. */
struct httpd *service_serve_beside(struct service *s, struct webconfig *web, struct err *e) MUST_CHECK;

/* What of a configuration counts at once. */
void service_apply(struct service *s, const struct config *c);

/* Reads the file again; only while the poller and the composer are idle. */
void service_reload(struct service *s);

#endif
