/* A small HTTP server inside the event loop: GET, HEAD and, where an address takes one, POST; one request per connection.
 *
 * libmicrohttpd runs on our loop (its epoll descriptor is one watcher, its next deadline one timer). The handler is
 * called once for each complete request and answers before it returns, from data it already has, or parks the request
 * and answers from a later callback of the loop: it never waits.
 * Every answer carries Cache-Control: no-store, X-Content-Type-Options: nosniff and Connection: close, except those that
 * the library writes itself to what is not HTTP. Other methods get 405, bodies that nobody takes or that are too long 413,
 * those that do not say how long they are 411, a bad escape in the target 400, without the handler being asked. Up to 4 MB
 * of an unwanted body are thrown away before its refusal, which a client that is still writing might never read.
 *
 * A full house makes clients wait in the listen queue, and hurts nobody else: an idle client, one that does not finish its TLS
 * handshake, a client that drips its request and one that does not fetch its answer are cut off. A handshake takes a signature, up to
 * two milliseconds of the loop with RSA and a fraction of one with ECDSA. The parser is not for the open Internet. Nothing here
 * blocks. */
#ifndef EHCWATCH_HTTPD_H
#define EHCWATCH_HTTPD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"

struct ev_loop;
struct webconfig;
struct httpd;
struct httpd_reply;

/* Zero means the default. */
struct httpd_conf {
    const char
        *listen; /* "127.0.0.1:9820", "[::1]:9820" (port 0: any free one) or "unix:/path"; numeric, because a
                           name would have to be looked up */
    int listen_fd;    /* used when `listen` is NULL: a listening stream socket, e.g. from unit_listener() */
    mode_t unix_mode; /* of the Unix socket; default 0660 */
    unsigned
        max_connections; /* at a time; default 64, and 32 with TLS: so many handshakes may come at once */
    unsigned timeout_s; /* for a request to be complete, and for an answer to make any progress; default 15 */
    unsigned reply_max_s;                 /* for an answer to be fetched whole; default 600 */
    size_t body_max;                      /* bytes of a request body that is taken */
    bool (*takes_post)(const char *path); /* NULL: no address does */

    /* Writes an error for somebody who would rather read a page: one whose `accept` (the header, or NULL) says so. False: he would not, and gets
     * problem+json. NULL: everybody does. */
    bool (*problem)(void *ud, struct httpd_reply *reply, const char *accept, unsigned status,
                    const char *title, const char *detail);
    struct webconfig *web; /* TLS and more headers; a reference is taken, even on failure; NULL: none */
};

struct httpd_param {
    const char *name, *value; /* decoded, never NULL */
};

/* Valid during the handler call only. Strings are as sent, apart from the decoding: control characters and bytes that are
 * no UTF-8 are possible, a NUL is not. */
struct httpd_request {
    const char *
        method; /* "GET" or "HEAD": answer both alike, the body of a HEAD is not sent; "POST" where it is taken */
    const char *path;                 /* starts with "/", decoded once */
    const struct httpd_param *params; /* of the query, in their order, duplicates kept; + is a blank */
    size_t param_count;
    const char *body; /* of a POST, with a NUL behind it; never NULL */
    size_t body_len;
    bool local;       /* the peer is on the loopback interface or a Unix socket */
    const char *peer; /* its address as text, without the port; "unix" */
    void *connection;
};

/* Must call one of the reply functions, or httpd_park; 500 is sent if it does not. Must not call httpd_stop or httpd_free. */
typedef void httpd_handler(void *ud, const struct httpd_request *request, struct httpd_reply *reply);

/* Opens the listener and starts serving when `loop` runs. `conf` is copied, a passed descriptor is taken over, even on
 * failure. A Unix socket left behind by a dead process is replaced, one that is in use is not. NULL and `e` on failure.
 * The caller owns the result; the loop must outlive it. */
struct httpd *httpd_new(struct ev_loop *loop, const struct httpd_conf *conf, httpd_handler *handler, void *ud,
                        struct err *e) MUST_CHECK;

/* A second server on the socket of `old`, with another `web`. Either one may be freed and the other goes on; when that is `old`, which is
 * then to be stopped after httpd_inherit, nobody who connects meanwhile is turned away. */
struct httpd *httpd_beside(const struct httpd *old, const struct httpd_conf *conf, httpd_handler *handler,
                           void *ud, struct err *e) MUST_CHECK;

/* From now on it is `h` that removes the Unix socket; `old`, when it is stopped, waits for those who are connected, too. */
void httpd_inherit(struct httpd *h, struct httpd *old);

/* The TCP port that is listened on, 0 for a Unix socket. */
int httpd_port(const struct httpd *h);

/* Closes the listener now, then calls `stopped` once, from the loop and never from within this call, when every answer
 * under way has been sent or `within_s` seconds are over. `stopped` may call httpd_free. */
void httpd_stop(struct httpd *h, double within_s, void (*stopped)(void *ud), void *ud);

/* Cuts off what is left, frees everything, removes the Unix socket. What is parked is told `over`. NULL is fine. */
void httpd_free(struct httpd *h);

/* First value of a request header, e.g. "Accept", or NULL. Valid during the handler call. */
const char *httpd_header(const struct httpd_request *request, const char *name);

/* Answers with `len` bytes at `bytes`, which came from malloc and belong to the reply from now on. A second answer to the
 * same request replaces the first. */
void httpd_reply_bytes(struct httpd_reply *reply, unsigned status, const char *content_type, void *bytes,
                       size_t len);

/* The same with a copy of a string. */
void httpd_reply_text(struct httpd_reply *reply, unsigned status, const char *content_type, const char *text);

/* A request that is answered later. */
struct httpd_parked;

/* Within the handler, in place of an answer: the request waits for httpd_unpark, and its strings do not live that long. If none
 * comes within `within_s` seconds the server answers 504 itself (and to a POST, that it may still be carried out), and 503 when it is freed first; either way `over(ud)` is
 * called then, once, and the handle is gone. A client that leaves meanwhile is noticed when it is answered. Never fails. */
struct httpd_parked *httpd_park(struct httpd_reply *reply, double within_s, void (*over)(void *ud), void *ud);

/* What to fill with the functions of this header. Valid until httpd_unpark. */
struct httpd_reply *httpd_parked_reply(struct httpd_parked *p);

/* Whether the client has hung up, so that the work for its answer can be left. */
bool httpd_parked_left(const struct httpd_parked *p);

/* Sends what was filled in, from the loop; 500 when that is nothing. The handle is gone. May be called within the handler. */
void httpd_unpark(struct httpd_parked *p);

/* The same, but the request goes to the handler again, whole, as if it had just come. */
void httpd_ask_again(struct httpd_parked *p);

/* Answers with the first `size` bytes of a regular file, which is the reply's from now on. It is read as the client takes it: a file
 * that has just been written, so that no disk is waited for. */
void httpd_reply_file(struct httpd_reply *reply, unsigned status, const char *content_type, int fd,
                      uint64_t size);

#define HTTPD_AGAIN (-2)

/* Writes up to `max` (at most 32 KiB) bytes: returns how many, 0 at the end, HTTPD_AGAIN when there is nothing to write yet and
 * it is to be asked again when the loop has turned, -1 on error: the client then sees a broken transfer, not a short list.
 * Called from the loop, repeatedly, until the end or until the client is gone. */
typedef ssize_t httpd_read_fn(void *ctx, char *buf, size_t max);

/* Answers with what `read_fn` yields, piece by piece as the client takes it. `free_fn(ctx)` is called exactly once when
 * nothing more will be read, perhaps before this returns. */
void httpd_reply_stream(struct httpd_reply *reply, unsigned status, const char *content_type,
                        httpd_read_fn *read_fn, void (*free_fn)(void *ctx), void *ctx);

/* The status of the answer that has been given so far; 0: none. */
unsigned httpd_reply_status(const struct httpd_reply *reply);

/* Adds a header to the answer that has been given by one of the calls above. A value with a line break is left out. */
void httpd_reply_header(struct httpd_reply *reply, const char *name, const char *value);

/* What a cache may do with the answer that has been given, in place of no-store. */
void httpd_reply_cache(struct httpd_reply *reply, const char *how);

/* Answers with application/problem+json (RFC 9457), or as httpd_conf's `problem` has it. The detail may quote what the client sent: it is escaped. */
void httpd_problem(struct httpd_reply *reply, unsigned status, const char *title, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

#endif
