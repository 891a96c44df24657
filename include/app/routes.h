/* What the HTTP server answers: metrics, health, breach lists, cases, the ledger of deliveries. The handler of httpd.h.
 *
 * What is known is answered at once from the status and its snapshot; long lists go out piece by piece and hold their
 * snapshot meanwhile. What is in the database is asked for at the desk (desk.h). Who asks is found
 * out at the gate (gate.h), and what he may see is in access.h. Errors are problem+json (RFC 9457); a parameter or value that is not known is refused by name,
 * because a filter that is silently dropped shows the wrong list. */
#ifndef EHCWATCH_ROUTES_H
#define EHCWATCH_ROUTES_H

#include "httpd.h"
#include "status.h"

struct caller;
struct desk;
struct gate;
struct metrics_cache;
struct papers_desk;
struct xlsx_maker;

/* The status, its rulebook and calendar, and the words of its snapshots must outlive the server; so must the desks. */
struct routes {
    const struct status *status;
    struct desk *desk;             /* NULL: 503 where it is asked */
    struct papers_desk *papers;    /* the same */
    struct xlsx_maker *workbooks;  /* NULL: 503 for .xlsx */
    struct meeting_marks *marks;   /* of the status: one that is marked here is known at once; or NULL */
    struct gate *gate;             /* NULL: this machine reads everything, nobody changes anything */
    const char *public_url;        /* for the call: where people find us, or NULL */
    const struct caller *caller;   /* in what a page is served with, for the call: never NULL */
    struct metrics_cache *metrics; /* NULL: made anew for each scrape */
};

/* For httpd_conf: the addresses that take a POST, and how long its body may be. */
bool routes_take_post(const char *path);
#define ROUTES_BODY_MAX 8192

/* For httpd_conf: a page that says what was the matter, for a browser. `ud` is the struct routes. */
bool routes_problem(void *ud, struct httpd_reply *reply, const char *accept, unsigned status,
                    const char *title, const char *detail);

/* `ud` is the struct routes. */
void routes_handle(void *ud, const struct httpd_request *request, struct httpd_reply *reply);

#endif
