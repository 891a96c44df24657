/* One POST: its easy handle, what its callbacks saw, and the outcome made of both. Private to hook*.c.
 *
 * Nothing in hook_job.c knows the loop or the multi handle; the pool moves a job from list to list. The
 * callbacks only take notes: no curl call is made from inside curl. */
#ifndef EHCWATCH_HOOK_JOB_H
#define EHCWATCH_HOOK_JOB_H

#include <curl/curl.h>
#include <sys/queue.h>

#include "hook.h"
#include "netguard.h"

enum hook_stage { HOOK_WAITING, HOOK_RUNNING, HOOK_ENDED }; /* the list of the pool that the job is on */

struct hook_mail;

struct hook_job {
    TAILQ_ENTRY(hook_job) link;
    struct hook_pool *pool;
    enum hook_stage stage;
    CURL *easy; /* NULL once ended */
    struct curl_slist *headers;
    struct hook_mail *mail; /* hook_mail.h; NULL: HTTP */
    hook_done_fn *done;
    void *ud;

    bool allow_internal, proxied;
    bool barred; /* the URL holds an internal address, which the proxy would reach for us */
    struct netguard guard;
    unsigned opened, blocked; /* sockets made, addresses refused */
    char blocked_addr[64];

    int status;   /* of the reply head being read */
    bool in_head; /* its status line was seen: another line of that look is a header like any other */
    bool head_complete, saw_retry_after, headers_cut, body_cut;
    bool asked_most; /* Retry-After was a number beyond HOOK_RETRY_AFTER_MAX */
    size_t header_bytes, body_bytes;
    char head[HOOK_HEAD_MAX + 1];
    size_t head_len;
    char curl_text[CURL_ERROR_SIZE];

    struct hook_outcome out;
    char why[CURL_ERROR_SIZE + 128];
};

TAILQ_HEAD(hook_jobs, hook_job);

/* A job ready to be added to a multi handle, or NULL with the reason; the caller frees it. */
MUST_CHECK struct hook_job *hook_job_new(const char *ca_file, const char *user_agent,
                                         const struct hook_request *req, struct err *e);

/* Turns the result and the notes into job->out and lets go of the easy handle, which must be in no multi
 * handle. */
void hook_job_end(struct hook_job *job, CURLcode result);

/* The same for a job that was taken back. */
void hook_job_end_cancelled(struct hook_job *job);

/* The easy handle must be in no multi handle; NULL is fine. */
void hook_job_free(struct hook_job *job);

/* hook_guard.c: takes from the request what may be reached; and curl's call between DNS and connect, with the job as
 * its data, which makes the socket or refuses. */
void hook_guard_init(struct hook_job *job, const struct hook_request *req);
curl_socket_t hook_guard_open(void *ud, curlsocktype purpose, struct curl_sockaddr *address);

/* hook_text.c: replaces, in place, bytes that are not UTF-8 and control characters but \n and \t by '?'. */
void hook_text_clean(char *s, size_t len);

/* hook_text.c: the same and one line, ASCII only, for text that goes into a log. */
void hook_text_clean_line(char *s);

#endif
