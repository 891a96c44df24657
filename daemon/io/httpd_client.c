#include "httpd_client.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "clock.h"
#include "httpd_reply.h"
#include "httpd_request.h"

struct client {
    struct clients *all;
    struct client *next, *prev;
    struct MHD_Connection *connection;
    double since;
    struct target target;
    struct err target_error;
    bool target_ok, seen, has_body, answered;
};

const char *httpd_header(const struct httpd_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

static bool peer_is_local(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (info == NULL || info->client_addr == NULL) {
        return false;
    }
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    switch (info->client_addr->sa_family) {
    case AF_UNIX:
        return true;
    case AF_INET:
        memcpy(&v4, info->client_addr, sizeof v4);
        return ntohl(v4.sin_addr.s_addr) >> 24 == 127;
    case AF_INET6:
        memcpy(&v6, info->client_addr, sizeof v6);
        return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr) ||
               (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr) && v6.sin6_addr.s6_addr[12] == 127);
    default:
        return false;
    }
}

static bool is_get_or_head(const char *method)
{
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

static enum MHD_Result answer(struct client *c, const char *method)
{
    struct httpd_reply reply = {NULL, 0};
    if (!is_get_or_head(method)) {
        httpd_problem(&reply, 405, "Method not allowed", "only GET and HEAD are served here");
        httpd_reply_header(&reply, "Allow", "GET, HEAD");
    } else if (c->has_body) {
        httpd_problem(&reply, 413, "Request body refused", "a %s request has no body here", method);
    } else if (!c->target_ok) {
        httpd_problem(&reply, 400, "Bad request", "%s", c->target_error.text);
    } else {
        struct httpd_request request = {.method = method,
                                        .path = c->target.path,
                                        .params = c->target.params,
                                        .param_count = c->target.param_count,
                                        .local = peer_is_local(c->connection),
                                        .connection = c->connection};
        c->all->handler(c->all->ud, &request, &reply);
        if (reply.status == 0) {
            httpd_problem(&reply, 500, "Internal error", "this address gave no answer");
        }
    }
    if (reply.response == NULL) {
        return MHD_NO;
    }
    enum MHD_Result queued = MHD_queue_response(c->connection, reply.status, reply.response);
    MHD_destroy_response(reply.response);
    if (queued == MHD_YES) {
        c->answered = true;
        c->all->open_replies++;
    }
    return queued;
}

static bool announces_body(struct MHD_Connection *connection)
{
    const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Transfer-Encoding") != NULL ||
           (length != NULL && strtoull(length, NULL, 10) > 0);
}

/* Called when the head is complete, for each piece of a body, and at the end. */
enum MHD_Result client_on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **context)
{
    (void)cls;
    (void)url;
    (void)version;
    (void)upload;
    struct client *c = *context;
    if (c == NULL) {
        return MHD_NO;
    }
    if (c->answered) {
        *upload_size = 0;
        return MHD_YES;
    }
    if (!c->seen) {
        c->seen = true;
        c->has_body = announces_body(connection);
        /* A body is refused before it is read; the library sees to it that the client can read the refusal. */
        return c->has_body ? answer(c, method) : MHD_YES;
    }
    return answer(c, method);
}

static struct client *client_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info != NULL ? info->socket_context : NULL;
}

/* The only place where the target is seen undecoded. What this returns is `*context` of on_request. */
void *client_on_target(void *cls, const char *target, struct MHD_Connection *connection)
{
    (void)cls;
    struct client *c = client_of(connection);
    if (c != NULL) {
        target_clear(&c->target);
        c->target_ok = target_parse(&c->target, target, &c->target_error);
    }
    return c;
}

void client_on_completed(void *cls, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode how)
{
    (void)cls;
    (void)connection;
    (void)how;
    struct client *c = *context;
    if (c != NULL && c->answered) {
        c->answered = false;
        c->all->open_replies--;
    }
}

void client_on_connection(void *cls, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode what)
{
    struct clients *all = cls;
    struct client *c = *socket_context;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        c = calloc(1, sizeof *c);
        *socket_context = c;
        if (c == NULL) {
            return;
        }
        c->all = all;
        c->connection = connection;
        c->since = clock_mono();
        c->next = all->first;
        if (c->next != NULL) {
            c->next->prev = c;
        }
        all->first = c;
    } else if (c != NULL) {
        *(c->prev != NULL ? &c->prev->next : &all->first) = c->next;
        if (c->next != NULL) {
            c->next->prev = c->prev;
        }
        target_clear(&c->target);
        free(c);
        *socket_context = NULL;
    }
}

/* The library's own timeout starts anew with each byte; a client that drips bytes has to be cut off by age. The
 * descriptor stays the library's: it sees the end of the stream and cleans up. */
void clients_cut_off(struct clients *all, double now, double timeout_s, double reply_max_s)
{
    for (struct client *c = all->first; c != NULL; c = c->next) {
        if (now - c->since > (c->answered ? reply_max_s : timeout_s)) {
            const union MHD_ConnectionInfo *info =
                MHD_get_connection_info(c->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
            shutdown(info->connect_fd, SHUT_RDWR);
        }
    }
}
