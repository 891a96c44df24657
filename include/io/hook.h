/* Webhook POSTs on the event loop: libcurl's multi_socket interface driven by libev. Mail too, through SMTP, each on a
 * short thread of its own because libcurl blocks at the end of it (hook_mail.h).
 *
 * Every request has a connection of its own: a pooled connection that the other side closed while idle makes
 * libcurl 7.88 fail healthy posts (12 of them exhaust its five tries, curl issue 10646) and may send a POST
 * twice unasked. HTTP/1.1, no .netrc, redirect or cookie, no proxy but one that is asked for. Nothing here blocks, names are resolved in
 * libcurl's threads. The process must ignore SIGPIPE. */
#ifndef EHCWATCH_HOOK_H
#define EHCWATCH_HOOK_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct ev_loop;
struct hook_pool;
struct hook_job;
struct netguard;

#define HOOK_CA_FILE         "/etc/ssl/certs/ca-certificates.crt"
#define HOOK_CONNECT_MS      5000
#define HOOK_TOTAL_MS        20000
#define HOOK_RUNNING_MAX     16
#define HOOK_HEAD_MAX        2048        /* bytes of a reply body that are kept */
#define HOOK_BODY_CAP        (64 * 1024) /* bytes of a reply body that are read */
#define HOOK_REPLY_HEAD_CAP  (64 * 1024) /* bytes of reply headers that are read */
#define HOOK_RETRY_AFTER_MAX 86400

/* How a request ended. watch has the same list in the words of retry policy; app maps one onto the other. */
enum hook_kind {
    HOOK_HTTP, /* a complete reply head: http_status counts, also when the body broke off or was cut */
    HOOK_SMTP, /* a relay's answer: http_status is its code; 2xx: it has taken the mail, after the final dot */
    HOOK_TIMEOUT,   /* connect or total time ran out first */
    HOOK_CONNECT,   /* refused or unreachable */
    HOOK_DNS,       /* the name has no address */
    HOOK_TLS,       /* handshake or certificate */
    HOOK_RESET,     /* the connection broke or was closed before a complete reply head */
    HOOK_BLOCKED,   /* every address is internal and the request does not allow that; nothing was sent */
    HOOK_CANCELLED, /* hook_cancel or hook_pool_free; may or may not have reached the receiver */
    HOOK_OTHER,     /* not HTTP, too many headers, no memory */
};

struct hook_conf {
    const char *ca_file;    /* PEM bundle; NULL: HOOK_CA_FILE. libcurl reads it again at most once an hour */
    const char *user_agent; /* "ehcwatchd/0.2.0" */
    unsigned running_max;   /* connections, and resolver threads, at a time; 0: HOOK_RUNNING_MAX */
};

/* Everything is copied by hook_post; the caller may free it when the call returns. */
struct hook_request {
    const char *url;
    const void *body;
    size_t body_len;
    const char *content_type; /* NULL: application/json */
    const char *webhook_id;   /* these three: NULL leaves the header out */
    const char *webhook_timestamp;
    const char *webhook_signature;
    long connect_ms; /* 0: HOOK_CONNECT_MS */
    long total_ms;   /* 0: HOOK_TOTAL_MS; counts from the start of the request, not of the wait for a slot */
    const char *mail_from; /* not NULL: a mail, body and all, to a relay at smtp:// or smtps:// */
    const char *const *mail_to;
    size_t n_mail_to;
    const char *user, *password;  /* at the relay; NULL: none are asked for */
    bool allow_plain;             /* a relay without STARTTLS will do */
    bool allow_http;              /* plain http:// is permitted */
    bool allow_internal;          /* the address filter (netguard.h) is off */
    const struct netguard *guard; /* what the filter lets through beside public addresses; NULL: nothing */
    const char *ca_file;          /* trusted in place of the pool's; NULL: the pool's */

    /* "http://proxy:3128": everything goes there, whatever its address. The filter then sees only addresses that
     * stand in the URL itself. NULL: straight to the receiver, whatever the environment says. */
    const char *proxy;
};

/* Valid during the callback only. Text that the receiver sent is untrusted: made valid UTF-8, control
 * characters but newline and tab replaced by '?', otherwise as it came. */
struct hook_outcome {
    enum hook_kind kind;
    int http_status;   /* 200..599, or what the receiver made up, for HOOK_HTTP and HOOK_SMTP; else 0 */
    int64_t ms;        /* from start to end; 0 when it never started */
    int retry_after_s; /* Retry-After, at most HOOK_RETRY_AFTER_MAX; nonsense or past: 0; absent: -1 */
    const char *head;  /* first bytes of the reply body, NUL-terminated */
    size_t head_len;   /* at most HOOK_HEAD_MAX */
    const char *why;   /* one line for log and ledger, without path, query or userinfo of the URL */
};

/* Called exactly once for each successful hook_post, from the loop and never from inside hook_post or
 * hook_cancel; the jobs that hook_pool_free cancels are reported from inside that. It may call hook_post,
 * hook_cancel and hook_pool_inflight, not hook_pool_free, and may not run the loop. The job is gone when it
 * returns. */
typedef void hook_done_fn(void *ud, const struct hook_outcome *out);

/* A pool on `loop`, which must outlive it. NULL when the CA file cannot be read (checked so that a bad
 * configuration is found at start) or memory is out. The strings of `conf` are copied. */
MUST_CHECK struct hook_pool *hook_pool_new(struct ev_loop *loop, const struct hook_conf *conf, struct err *e);

/* Cancels and reports what is left, then frees. A hook_post from such a report fails. NULL is fine. */
void hook_pool_free(struct hook_pool *pool);

/* Queues a POST; it starts on the loop's next pass or when a slot is free. Returns the handle for
 * hook_cancel, valid until its callback returns, or NULL with a reason: URL not https (or http, if allowed;
 * of mail, smtp or smtps) or unreadable, a header value empty, over 1000 bytes or with control characters, pool being freed, no
 * memory. Must not be called by code that libcurl calls. */
MUST_CHECK struct hook_job *hook_post(struct hook_pool *pool, const struct hook_request *req,
                                      hook_done_fn *done, void *ud, struct err *e);

/* Ends the job at once, a mail within a second; its callback follows from the loop with HOOK_CANCELLED, or with what a mail
 * had come to by then. No effect on a job that has ended and waits for its callback, or is in it. */
void hook_cancel(struct hook_job *job);

/* Jobs whose callback has not been called: waiting, running and ended. Claim no more than running_max minus
 * this, so that a lease does not run out in the queue. */
size_t hook_pool_inflight(const struct hook_pool *pool);

/* The URL without query, fragment and userinfo, for a log or a page; "(unreadable URL)" when it is not one.
 * What does not fit is cut. The path stays, and for some services (Slack) the path is the secret: show those
 * by name only. */
void hook_url_public(const char *url, char *out, size_t cap);

#endif
