/* Accepted connections of the HTTP server and the one request that each carries: what the library calls back. */
#ifndef EHCWATCH_HTTPD_CLIENT_H
#define EHCWATCH_HTTPD_CLIENT_H

#include <microhttpd.h>

#include "httpd.h"

struct client;

struct clients {
    httpd_handler *handler;
    void *ud;
    struct client *first;  /* each from accept to close */
    unsigned open_replies; /* answered, and not yet sent whole or given up */
};

/* Cuts off those that have not completed their request within `timeout_s` of being accepted, or not fetched their answer
 * within `reply_max_s`. The library notices in its next pass. */
void clients_cut_off(struct clients *all, double now, double timeout_s, double reply_max_s);

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
