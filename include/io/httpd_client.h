/* Accepted connections of the HTTP server and the one request that each carries: what the library calls back. */
#ifndef EHCWATCH_HTTPD_CLIENT_H
#define EHCWATCH_HTTPD_CLIENT_H

#include <microhttpd.h>

#include "httpd.h"
#include "webconfig.h"

struct client;
struct ev_loop;

struct clients {
    httpd_handler *handler;
    void *ud;
    bool (*takes_post)(const char *path);
    bool (*problem)(void *ud, struct httpd_reply *reply, const char *accept, unsigned status,
                    const char *title, const char *detail); /* as in struct httpd_conf */
    size_t body_max;
    struct webconfig *web; /* a reference, or NULL */
    struct ev_loop *loop;
    void (*wake)(void *ud); /* there is something to resume: clients_resume and a pass of the library, soon */
    void *wake_ud;
    struct client *first;  /* each from accept to close */
    bool touched;          /* by the library, since clients_take_touched: something came about */
    bool ending;           /* nothing is asked of the handler any more */
    unsigned open_replies; /* parked, or answered and not yet sent whole or given up */
};

/* Cuts off those that have not completed their request within `timeout_s` of being accepted, or not fetched their answer
 * within `reply_max_s`. The library notices in its next pass. */
void clients_cut_off(struct clients *all, double now, double timeout_s, double reply_max_s);

/* Whether the library has called back since this was asked last. */
bool clients_take_touched(struct clients *all);

/* Whether an answer is on its way to somebody. */
bool clients_answering(const struct clients *all);

/* Gives the library back what was parked and has its answer; it asks for that in its next pass. */
void clients_resume(struct clients *all);

/* Ends with 503 what is parked and whatever comes from now on. */
void clients_end_parked(struct clients *all);

/* For MHD_start_daemon, `cls` being the struct clients: the access handler, and the options URI_LOG_CALLBACK,
 * NOTIFY_COMPLETED and NOTIFY_CONNECTION. */
enum MHD_Result client_on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **context);
void *client_on_target(void *cls, const char *target, struct MHD_Connection *connection);
void client_on_completed(void *cls, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode how);
void client_on_connection(void *cls, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode what);

#endif
