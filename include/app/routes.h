/* What the HTTP server answers: metrics, health, breach lists, cases. The handler of httpd.h.
 *
 * Everything is answered at once from the status and its snapshot; long lists go out piece by piece and hold their
 * snapshot meanwhile. Errors are problem+json (RFC 9457); a parameter or value that is not known is refused by name,
 * because a filter that is silently dropped shows the wrong list. */
#ifndef EHCWATCH_ROUTES_H
#define EHCWATCH_ROUTES_H

#include "httpd.h"
#include "status.h"

/* The status, its rulebook and calendar, and the words of its snapshots must outlive the server. */
struct routes {
    const struct status *status;
};

/* `ud` is the struct routes. */
void routes_handle(void *ud, const struct httpd_request *request, struct httpd_reply *reply);

#endif
