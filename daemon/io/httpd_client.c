#include "httpd_client_int.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "clock.h"
#include "httpd_peer.h"

enum { THROWN_AWAY_MAX = 4 * 1024 * 1024 };

const char *httpd_header(const struct httpd_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

static bool is_get_or_head(const char *method)
{
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

void client_count_open(struct client *c, bool open)
{
    if (open && !c->open) {
        c->all->open_replies++;
    } else if (!open && c->open) {
        c->all->open_replies--;
    }
    c->open = open;
}

void client_say_stopping(struct client *c)
{
    httpd_problem(&c->reply, 503, "Stopping", "the daemon is stopping");
}

static enum MHD_Result send_reply(struct client *c)
{
    if (c->reply.status == 0) {
        httpd_problem(&c->reply, 500, "Internal error", "this address gave no answer");
    }
    if (c->reply.response == NULL) {
        return MHD_NO;
    }
    for (size_t i = 0; c->all->web != NULL && i < c->all->web->n_headers; i++)
        httpd_reply_header(&c->reply, c->all->web->header[i].name, c->all->web->header[i].value);
    enum MHD_Result queued = MHD_queue_response(c->connection, c->reply.status, c->reply.response);
    MHD_destroy_response(c->reply.response);
    c->reply.response = NULL;
    if (queued == MHD_YES) {
        client_count_open(c, true);
    }
    return queued;
}

static void ask_handler(struct client *c, const char *method)
{
    char peer[PEER_TEXT_LEN];
    bool local = peer_of(c->connection, peer);
    c->changes = strcmp(method, "POST") == 0;
    const struct httpd_request request = {.method = method,
                                          .path = c->target.path,
                                          .params = c->target.params,
                                          .param_count = c->target.param_count,
                                          .body = c->body != NULL ? c->body : "",
                                          .body_len = c->body_len,
                                          .local = local,
                                          .peer = peer,
                                          .connection = c->connection};
    c->all->handler(c->all->ud, &request, &c->reply);
}

static bool takes_post(const struct client *c)
{
    return c->target_ok && c->all->takes_post != NULL && c->all->takes_post(c->target.path);
}

/* Whether the method or the body that the head announces is refused; the refusal is in c->reply. */
static bool refuse(struct client *c, const char *method)
{
    bool post = strcmp(method, "POST") == 0 && takes_post(c);
    if (!post && !is_get_or_head(method)) {
        httpd_problem(&c->reply, 405, "Method not allowed", "only GET and HEAD are served here");
        httpd_reply_header(&c->reply, "Allow", "GET, HEAD");
    } else if (!post && c->has_body) {
        httpd_problem(&c->reply, 413, "Request body refused", "a %s request has no body here", method);
    } else if (c->chunked) {
        httpd_problem(&c->reply, 411, "Length required", "a request body must say how long it is");
    } else if (c->has_body && c->body == NULL) {
        httpd_problem(&c->reply, 413, "Request body too long", "at most %zu bytes are taken here",
                      c->all->body_max);
    } else {
        return false;
    }
    return true;
}

static enum MHD_Result answer(struct client *c, const char *method)
{
    c->reply = (struct httpd_reply){.client = c, .all = c->all, .connection = c->connection};
    if (refuse(c, method)) {
        return send_reply(c);
    }
    if (!c->target_ok) {
        httpd_problem(&c->reply, 400, "Bad request", "%s", c->target_error.text);
    } else if (c->all->ending) {
        client_say_stopping(c);
    } else if (!peer_certified(c->connection,
                               c->all->web != NULL ? c->all->web->client : WEBCONFIG_NO_CLIENT)) {
        httpd_problem(&c->reply, 403, "No certificate", "a certificate of a client is wanted here");
    } else {
        ask_handler(c, method);
        if (c->parking != PARKING_NONE) {
            MHD_suspend_connection(c->connection);
            return MHD_YES;
        }
    }
    return send_reply(c);
}

static const char *head_of(const struct client *c, const char *name)
{
    return MHD_lookup_connection_value(c->connection, MHD_HEADER_KIND, name);
}

/* The head is complete. A client that writes what is not wanted is refused when it has done so: to close while it still
 * writes resets the connection, and it may never read the refusal. At once is refused who asks first (Expect), and who
 * has very much to write. */
static enum MHD_Result begin(struct client *c, const char *method)
{
    const char *length = head_of(c, "Content-Length");
    unsigned long long n = length != NULL ? strtoull(length, NULL, 10) : 0;
    c->seen = true;
    c->chunked = head_of(c, "Transfer-Encoding") != NULL;
    c->has_body = c->chunked || n > 0;
    if (!c->has_body) {
        return MHD_YES;
    }
    if (strcmp(method, "POST") == 0 && takes_post(c) && !c->chunked && n <= c->all->body_max) {
        c->body = calloc(1, (size_t)n + 1);
        c->body_cap = (size_t)n;
    }
    if (c->body == NULL && (head_of(c, "Expect") != NULL || n > THROWN_AWAY_MAX)) {
        return answer(c, method);
    }
    return MHD_YES;
}

static enum MHD_Result take_piece(struct client *c, const char *piece, size_t len)
{
    if (c->body == NULL) {
        c->thrown_away += len;
        return c->thrown_away <= THROWN_AWAY_MAX ? MHD_YES : MHD_NO;
    }
    size_t room = c->body_cap - c->body_len, n = len < room ? len : room;
    memcpy(c->body + c->body_len, piece, n);
    c->body_len += n;
    return MHD_YES;
}

/* Called when the head is complete, for each piece of a body, at the end, and again when what was parked is resumed. */
enum MHD_Result client_on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **context)
{
    (void)cls;
    (void)url;
    (void)version;
    (void)connection;
    struct client *c = *context;
    if (c == NULL) {
        return MHD_NO;
    }
    c->all->touched = true;
    if (c->parking == PARKING_OVER) {
        bool again = c->again;
        c->parking = PARKING_NONE;
        c->again = false;
        return again ? answer(c, method) : send_reply(c);
    }
    if (c->open) {
        *upload_size = 0;
        return MHD_YES;
    }
    if (!c->seen) {
        return begin(c, method);
    }
    if (*upload_size > 0) {
        size_t len = *upload_size;
        *upload_size = 0;
        return take_piece(c, upload, len);
    }
    return answer(c, method);
}

/* --- connections ------------------------------------------------------------------------------------------------- */

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
    if (c != NULL) {
        client_count_open(c, false);
    }
}

void client_on_connection(void *cls, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode what)
{
    struct clients *all = cls;
    struct client *c = *socket_context;
    all->touched = true;
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
        if (c->reply.response != NULL) { /* made, and the client had left */
            MHD_destroy_response(c->reply.response);
        }
        free(c->body);
        free(c);
        *socket_context = NULL;
    }
}

/* The library's own timeout starts anew with each byte; a client that drips bytes has to be cut off by age. The
 * descriptor stays the library's: it sees the end of the stream and cleans up. */
void clients_cut_off(struct clients *all, double now, double timeout_s, double reply_max_s)
{
    for (struct client *c = all->first; c != NULL; c = c->next) {
        bool waits = c->parking == PARKING_WAITS || c->parking == PARKING_READY;
        if (!waits && now - c->since > (c->open ? reply_max_s : timeout_s)) {
            const union MHD_ConnectionInfo *info =
                MHD_get_connection_info(c->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
            shutdown(info->connect_fd, SHUT_RDWR);
        }
    }
}
