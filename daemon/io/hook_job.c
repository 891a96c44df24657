#include "hook_job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "hook_mail.h"

/* After this long a new TLS connection reads the CA bundle again (about 20 ms), so that a renewed one is
 * noticed. */
#define CA_CACHE_S 3600L

/* --- what curl calls
 * -------------------------------------------------------------------------------------------- */

/* A number of seconds beyond HOOK_RETRY_AFTER_MAX, of any length: curl takes what no int64_t holds for nonsense. */
static bool is_above_most(const char *value, size_t len)
{
    int64_t s = 0;
    size_t i = 0, digits;
    while (i < len && (value[i] == ' ' || value[i] == '\t'))
        i++;
    for (digits = i; i < len && value[i] >= '0' && value[i] <= '9'; i++)
        if (s <= HOOK_RETRY_AFTER_MAX)
            s = s * 10 + (value[i] - '0');
    bool some = i > digits;
    while (i < len && strchr(" \t\r\n", value[i]) != NULL)
        i++;
    return some && i == len && s > HOOK_RETRY_AFTER_MAX;
}

/* Sees 1xx heads, the reply head and trailers, a line at a time. */
static size_t on_header(char *line, size_t size, size_t n, void *ud)
{
    struct hook_job *job = ud;
    size_t len = size * n;
    job->header_bytes += len;
    if (job->header_bytes > HOOK_REPLY_HEAD_CAP) {
        job->headers_cut = true;
        return 0;
    }
    if (job->head_complete)
        return len;
    if (!job->in_head) {
        char text[32] = "";
        memcpy(text, line, len < sizeof text ? len : sizeof text - 1);
        const char *space = strchr(text, ' ');
        job->status = space != NULL ? (int)strtol(space, NULL, 10) : 0;
        job->saw_retry_after = job->asked_most = false;
        job->in_head = true;
    } else if (len > 12 && strncasecmp(line, "Retry-After:", 12) == 0) {
        job->saw_retry_after = true;
        job->asked_most = is_above_most(line + 12, len - 12);
    } else if (len <= 2 && (line[0] == '\r' || line[0] == '\n')) {
        job->head_complete = job->status >= 200;
        job->in_head = false;
    }
    return len;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *ud)
{
    struct hook_job *job = ud;
    size_t len = size * n, room = HOOK_HEAD_MAX - job->head_len, keep = len < room ? len : room;
    memcpy(job->head + job->head_len, bytes, keep);
    job->head_len += keep;
    job->body_bytes += len;
    if (job->body_bytes <= HOOK_BODY_CAP)
        return len;
    job->body_cut = true;
    return 0;
}

/* --- making a job
 * ----------------------------------------------------------------------------------------------- */

static bool add_header(struct hook_job *job, const char *name, const char *value, struct err *e)
{
    char line[1100];
    if (value == NULL)
        return true;
    size_t len = strlen(value);
    if (len == 0 || len > 1000)
        return err_set(e, "header %s: the value must have 1 to 1000 bytes", name);
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)value[i] < 0x20 || value[i] == 0x7f)
            return err_set(e, "header %s: the value holds a control character", name);
    snprintf(line, sizeof line, "%s: %s", name, value);
    struct curl_slist *longer = curl_slist_append(job->headers, line);
    if (longer == NULL)
        return err_set(e, "out of memory");
    job->headers = longer;
    return true;
}

static bool set_headers(struct hook_job *job, const struct hook_request *req, struct err *e)
{
    if (!add_header(job, "Content-Type", req->content_type != NULL ? req->content_type : "application/json",
                    e) ||
        !add_header(job, "webhook-id", req->webhook_id, e) ||
        !add_header(job, "webhook-timestamp", req->webhook_timestamp, e) ||
        !add_header(job, "webhook-signature", req->webhook_signature, e))
        return false;
    /* Without a value curl leaves its own `Expect: 100-continue` out, which many receivers answer late or
     * never. */
    struct curl_slist *longer = curl_slist_append(job->headers, "Expect:");
    if (longer == NULL)
        return err_set(e, "out of memory");
    job->headers = longer;
    return true;
}

static bool url_usable(const struct hook_request *req, struct err *e)
{
    char *scheme = NULL, shown[256];
    CURLU *u = curl_url();
    bool ok = u != NULL && curl_url_set(u, CURLUPART_URL, req->url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
              curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK;
    hook_url_public(req->url, shown, sizeof shown);
    if (!ok)
        err_set(e, "the URL of a webhook cannot be read; write https://HOST/PATH");
    else if (req->mail_from != NULL)
        ok = strcasecmp(scheme, "smtp") == 0 || strcasecmp(scheme, "smtps") == 0 ||
             err_set(e, "%s: mail goes to smtp:// or smtps://", shown);
    else if (strcasecmp(scheme, "http") == 0 && !req->allow_http)
        ok = err_set(e, "%s: plain http is not allowed for this webhook", shown);
    else if (strcasecmp(scheme, "https") != 0 && strcasecmp(scheme, "http") != 0)
        ok = err_set(e, "%s: a webhook goes to https:// or http://", shown);
    curl_free(scheme);
    curl_url_cleanup(u);
    return ok;
}

/* Each call returns 0 or a code; any failure at all means that curl is not what we were built for, or out of
 * memory. */
static bool set_transport(CURL *c, const char *ca_file, const struct hook_request *req)
{
    int bad = 0;
    bad |= (int)curl_easy_setopt(c, CURLOPT_URL, req->url);
    bad |= (int)curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR,
                                 req->mail_from != NULL ? "smtp,smtps"
                                 : req->allow_http      ? "https,http"
                                                        : "https");
    bad |= (int)curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    bad |= (int)curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS,
                                 req->connect_ms > 0 ? req->connect_ms : HOOK_CONNECT_MS);
    bad |= (int)curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, req->total_ms > 0 ? req->total_ms : HOOK_TOTAL_MS);
    bad |= (int)curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, 1L);
    bad |= (int)curl_easy_setopt(c, CURLOPT_FORBID_REUSE, 1L);
    bad |= (int)curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    bad |= (int)curl_easy_setopt(c, CURLOPT_PROXY, req->proxy != NULL ? req->proxy : "");
    bad |= (int)curl_easy_setopt(c, CURLOPT_NOPROXY, ""); /* not what the environment says */
    bad |= (int)curl_easy_setopt(c, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    bad |= (int)curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    bad |= (int)curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    /* Else the removal of a job whose name is still being resolved waits for the resolver thread. */
    bad |= (int)curl_easy_setopt(c, CURLOPT_QUICK_EXIT, 1L);
    bad |= (int)curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    /* A CA directory, which Debian sets by default, would switch curl's CA cache off. */
    bad |= (int)curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
    bad |= (int)curl_easy_setopt(c, CURLOPT_CAINFO, req->ca_file != NULL ? req->ca_file : ca_file);
    bad |= (int)curl_easy_setopt(c, CURLOPT_PROXY_CAPATH, NULL);
    bad |= (int)curl_easy_setopt(c, CURLOPT_PROXY_CAINFO, ca_file);
    bad |= (int)curl_easy_setopt(c, CURLOPT_CA_CACHE_TIMEOUT, CA_CACHE_S);
    return bad == 0;
}

static bool set_callbacks(CURL *c, struct hook_job *job)
{
    int bad = 0;
    bad |= (int)curl_easy_setopt(c, CURLOPT_PRIVATE, job);
    bad |= (int)curl_easy_setopt(c, CURLOPT_ERRORBUFFER, job->curl_text);
    bad |= (int)curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, hook_guard_open);
    bad |= (int)curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, job);
    bad |= (int)curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
    bad |= (int)curl_easy_setopt(c, CURLOPT_HEADERDATA, job);
    bad |= (int)curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
    bad |= (int)curl_easy_setopt(c, CURLOPT_WRITEDATA, job);
    return bad == 0;
}

static bool set_message(CURL *c, const struct hook_job *job, const char *user_agent,
                        const struct hook_request *req)
{
    int bad = 0;
    bad |= (int)curl_easy_setopt(c, CURLOPT_USERAGENT, user_agent);
    bad |= (int)curl_easy_setopt(c, CURLOPT_HTTPHEADER, job->headers);
    /* The size first: curl copies by it, and would stop at a NUL byte otherwise. */
    bad |= (int)curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)req->body_len);
    bad |= (int)curl_easy_setopt(c, CURLOPT_COPYPOSTFIELDS, req->body_len > 0 ? req->body : "");
    return bad == 0;
}

struct hook_job *hook_job_new(const char *ca_file, const char *user_agent, const struct hook_request *req,
                              struct err *e)
{
    if (!url_usable(req, e))
        return NULL;
    struct hook_job *job = calloc(1, sizeof *job);
    if (job == NULL) {
        err_set(e, "out of memory");
        return NULL;
    }
    hook_guard_init(job, req);
    if (!set_headers(job, req, e))
        goto fail;
    job->easy = curl_easy_init();
    if (job->easy == NULL || !set_transport(job->easy, ca_file, req) || !set_callbacks(job->easy, job) ||
        !(req->mail_from != NULL ? hook_mail_prepare(job, req)
                                 : set_message(job->easy, job, user_agent, req))) {
        err_set(e, "libcurl %s refused to prepare a request", curl_version_info(CURLVERSION_NOW)->version);
        goto fail;
    }
    return job;
fail:
    hook_job_free(job);
    return NULL;
}

/* --- the outcome
 * ------------------------------------------------------------------------------------------------ */

/* curl takes a reply that ends inside its head for a success. */
static bool broke_in_head(const struct hook_job *job, CURLcode result)
{
    return result == CURLE_OK && job->mail == NULL && !job->head_complete;
}

/* One line that is more than curl holds: it says that there was no memory, though a reply had begun. */
static bool line_too_long(const struct hook_job *job, CURLcode result)
{
    curl_off_t us = 0;
    return result == CURLE_OUT_OF_MEMORY && job->mail == NULL && !job->head_complete &&
           curl_easy_getinfo(job->easy, CURLINFO_STARTTRANSFER_TIME_T, &us) == CURLE_OK && us > 0;
}

static enum hook_kind kind_of(const struct hook_job *job, CURLcode result)
{
    if (job->mail != NULL && (result == CURLE_OK || hook_mail_code(job) >= 400))
        return HOOK_SMTP;
    /* The receiver has spoken: what became of the rest of its reply does not change the answer. */
    if (job->head_complete)
        return HOOK_HTTP;
    if (broke_in_head(job, result))
        return HOOK_RESET;
    switch (result) {
    case CURLE_OPERATION_TIMEDOUT:
        return HOOK_TIMEOUT;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return HOOK_DNS;
    case CURLE_COULDNT_CONNECT:
        return job->blocked > 0 && job->opened == 0 ? HOOK_BLOCKED : HOOK_CONNECT;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_USE_SSL_FAILED:
        return HOOK_TLS;
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE:
        return HOOK_RESET;
    default:
        return HOOK_OTHER;
    }
}

static void explain(struct hook_job *job, CURLcode result)
{
    const char *curl = job->curl_text[0] != '\0' ? job->curl_text : curl_easy_strerror(result);
    if (job->out.kind == HOOK_BLOCKED)
        snprintf(job->why, sizeof job->why,
                 "address %s is internal and this webhook allows it neither by allow nor by allow_internal",
                 job->blocked_addr);
    else if (job->out.kind == HOOK_HTTP && job->status >= 300 && job->status <= 399)
        snprintf(job->why, sizeof job->why, "HTTP %d: redirects are not followed", job->status);
    else if (job->out.kind == HOOK_HTTP && result != CURLE_OK && !job->body_cut)
        snprintf(job->why, sizeof job->why, "HTTP %d, reply body not complete: %s", job->status, curl);
    else if (job->out.kind == HOOK_HTTP)
        snprintf(job->why, sizeof job->why, "HTTP %d", job->status);
    else if (job->out.kind == HOOK_SMTP)
        snprintf(job->why, sizeof job->why, "SMTP %.*s", (int)(job->head_len < 300 ? job->head_len : 300),
                 job->head);
    else if (broke_in_head(job, result))
        snprintf(job->why, sizeof job->why, "closed inside the reply's headers");
    else if (job->headers_cut || line_too_long(job, result))
        snprintf(job->why, sizeof job->why, "reply headers larger than %d bytes", HOOK_REPLY_HEAD_CAP);
    else
        snprintf(job->why, sizeof job->why, "%s", curl);
    hook_text_clean_line(job->why);
}

static int retry_after(const struct hook_job *job)
{
    curl_off_t s = 0;
    if (!job->saw_retry_after || !job->head_complete)
        return -1;
    if (job->asked_most)
        return HOOK_RETRY_AFTER_MAX;
    /* curl reads both forms; a date in the past comes out negative and nonsense as 0. */
    if (curl_easy_getinfo(job->easy, CURLINFO_RETRY_AFTER, &s) != CURLE_OK || s < 0)
        s = 0;
    return s < HOOK_RETRY_AFTER_MAX ? (int)s : HOOK_RETRY_AFTER_MAX;
}

void hook_job_end(struct hook_job *job, CURLcode result)
{
    curl_off_t us = 0;
    long tunnel = 0;
    if (curl_easy_getinfo(job->easy, CURLINFO_TOTAL_TIME_T, &us) != CURLE_OK)
        us = 0;
    hook_text_clean(job->head, job->head_len);
    job->out = (struct hook_outcome){
        .kind = kind_of(job, result),
        .http_status = job->head_complete ? job->status : 0,
        .ms = us / 1000,
        .retry_after_s = retry_after(job),
        .head = job->head,
        .head_len = job->head_len,
        .why = job->why,
    };
    /* The proxy would not let us through: no word of the receiver. */
    if (job->out.kind == HOOK_RESET &&
        curl_easy_getinfo(job->easy, CURLINFO_HTTP_CONNECTCODE, &tunnel) == CURLE_OK && tunnel >= 300)
        job->out.kind = HOOK_CONNECT;
    if (job->out.kind == HOOK_SMTP)
        job->out.http_status = hook_mail_code(job);
    explain(job, result);
    curl_easy_cleanup(job->easy);
    job->easy = NULL;
}

void hook_job_end_cancelled(struct hook_job *job)
{
    job->head_complete = false;
    hook_job_end(job, CURLE_ABORTED_BY_CALLBACK);
    job->out.kind = HOOK_CANCELLED;
    snprintf(job->why, sizeof job->why, "cancelled");
}

void hook_job_free(struct hook_job *job)
{
    if (job == NULL)
        return;
    curl_easy_cleanup(job->easy);
    curl_slist_free_all(job->headers);
    hook_mail_free(job->mail);
    free(job);
}
