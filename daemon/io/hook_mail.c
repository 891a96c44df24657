#include "hook_mail.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAIL_TYPE "message/rfc822"
#define GO_AHEAD  354 /* with the mail; the next reply is about it */

struct hook_mail {
    char *body;
    size_t len, at;
    struct curl_slist *to;
    bool fit;    /* the body is a mail */
    int code;    /* of the last reply, but for that to QUIT */
    bool judged; /* the reply to the mail is there: what comes after it is about QUIT */
    CURLcode result;
    void (*wake)(void *ud);
    void *ud;

    pthread_t thread;
    pthread_mutex_t lock; /* of the rest, which both sides touch */
    bool ended, aborted;
    int fd; /* the socket that is open, or -1 */
};

/* --- on the thread ------------------------------------------------------------------------------------------------------ */

static size_t on_read(char *to, size_t size, size_t n, void *ud)
{
    struct hook_mail *m = ((struct hook_job *)ud)->mail;
    size_t room = size * n, left = m->len - m->at, take = left < room ? left : room;
    memcpy(to, m->body + m->at, take);
    m->at += take;
    return take;
}

static void keep(struct hook_job *job, const char *text, size_t len)
{
    size_t room = HOOK_HEAD_MAX - job->head_len;
    len = len < room ? len : room;
    memcpy(job->head + job->head_len, text, len);
    job->head_len += len;
}

/* A line of a reply: "250-more" or "250 the last". */
static size_t on_reply(char *line, size_t size, size_t n, void *ud)
{
    struct hook_job *job = ud;
    size_t len = size * n;
    job->header_bytes += len;
    if (job->header_bytes > HOOK_REPLY_HEAD_CAP) {
        job->headers_cut = true;
        return 0;
    }
    while (len > 0 && (line[len - 1] == '\r' || line[len - 1] == '\n'))
        len--;
    if (len < 3 || memcmp(line, "221", 3) == 0 || (job->mail->judged && !job->in_head))
        return size * n;
    if (!job->in_head) {
        char code[4] = {line[0], line[1], line[2], '\0'};
        job->mail->judged = job->mail->code == GO_AHEAD;
        job->mail->code = (int)strtol(code, NULL, 10);
        job->head_len = 0;
    } else {
        keep(job, "\n", 1);
    }
    keep(job, line, len);
    job->in_head = len > 3 && line[3] == '-';
    return size * n;
}

static curl_socket_t on_open(void *ud, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct hook_job *job = ud;
    curl_socket_t fd = hook_guard_open(job, purpose, address);
    pthread_mutex_lock(&job->mail->lock);
    job->mail->fd = fd == CURL_SOCKET_BAD ? -1 : fd;
    pthread_mutex_unlock(&job->mail->lock);
    return fd;
}

static int on_close(void *ud, curl_socket_t fd)
{
    struct hook_mail *m = ((struct hook_job *)ud)->mail;
    pthread_mutex_lock(&m->lock);
    if (m->fd == fd)
        m->fd = -1; /* the number may belong to somebody else from here on */
    int rc = close(fd);
    pthread_mutex_unlock(&m->lock);
    return rc;
}

static int on_progress(void *ud, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return hook_mail_aborted(ud);
}

static void *run(void *ud)
{
    struct hook_job *job = ud;
    struct hook_mail *m = job->mail;
    void (*wake)(void *) = m->wake;
    void *whom = m->ud;
    m->result = curl_easy_perform(job->easy);
    pthread_mutex_lock(&m->lock);
    m->ended = true;
    pthread_mutex_unlock(&m->lock);
    wake(whom); /* the pool, which joins this thread before it goes */
    return NULL;
}

/* --- on the loop --------------------------------------------------------------------------------------------------------- */

static bool set_mail(CURL *c, struct hook_job *job, const struct hook_request *req)
{
    int bad = 0;
    bad |= (int)curl_easy_setopt(c, CURLOPT_PROXY, ""); /* a proxy of the web does not carry mail */
    bad |=
        (int)curl_easy_setopt(c, CURLOPT_USE_SSL, (long)(req->allow_plain ? CURLUSESSL_TRY : CURLUSESSL_ALL));
    bad |= (int)curl_easy_setopt(c, CURLOPT_MAIL_FROM, req->mail_from);
    bad |= (int)curl_easy_setopt(c, CURLOPT_MAIL_RCPT, job->mail->to);
    bad |= (int)curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
    bad |= (int)curl_easy_setopt(c, CURLOPT_READFUNCTION, on_read);
    bad |= (int)curl_easy_setopt(c, CURLOPT_READDATA, job);
    bad |= (int)curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_reply);
    bad |= (int)curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, on_open);
    bad |= (int)curl_easy_setopt(c, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    bad |= (int)curl_easy_setopt(c, CURLOPT_CLOSESOCKETDATA, job);
    bad |= (int)curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
    bad |= (int)curl_easy_setopt(c, CURLOPT_XFERINFODATA, job);
    bad |= (int)curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    /* What QUIT may wait for its answer, in seconds; the transfer has its own limit. */
    bad |= (int)curl_easy_setopt(c, CURLOPT_SERVER_RESPONSE_TIMEOUT,
                                 ((req->total_ms > 0 ? req->total_ms : HOOK_TOTAL_MS) + 999) / 1000);
    if (req->user != NULL) {
        bad |= (int)curl_easy_setopt(c, CURLOPT_USERNAME, req->user);
        bad |= (int)curl_easy_setopt(c, CURLOPT_PASSWORD, req->password != NULL ? req->password : "");
    }
    return bad == 0;
}

bool hook_mail_prepare(struct hook_job *job, const struct hook_request *req)
{
    struct hook_mail *m = job->mail = calloc(1, sizeof *m);
    if (m == NULL)
        return false;
    pthread_mutex_init(&m->lock, NULL);
    m->fd = -1;
    m->fit = req->content_type != NULL && strcasecmp(req->content_type, MAIL_TYPE) == 0;
    m->body = malloc(req->body_len + 1);
    if (m->body == NULL)
        return false;
    memcpy(m->body, req->body, req->body_len);
    m->len = req->body_len;
    for (size_t i = 0; i < req->n_mail_to; i++) {
        struct curl_slist *longer = curl_slist_append(m->to, req->mail_to[i]);
        if (longer == NULL)
            return false;
        m->to = longer;
    }
    return set_mail(job->easy, job, req);
}

bool hook_mail_start(struct hook_job *job, void (*wake)(void *ud), void *ud)
{
    struct hook_mail *m = job->mail;
    sigset_t all, before;
    m->wake = wake;
    m->ud = ud;
    if (!m->fit) {
        snprintf(job->curl_text, sizeof job->curl_text,
                 "the message was made for another format: it is no mail");
        return false;
    }
    sigfillset(&all); /* signals are the loop's */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&m->thread, NULL, run, job);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc != 0)
        snprintf(job->curl_text, sizeof job->curl_text, "no thread for mail: %s", strerror(rc));
    return rc == 0;
}

bool hook_mail_ended(struct hook_job *job)
{
    pthread_mutex_lock(&job->mail->lock);
    bool ended = job->mail->ended;
    pthread_mutex_unlock(&job->mail->lock);
    return ended;
}

CURLcode hook_mail_join(struct hook_job *job)
{
    pthread_join(job->mail->thread, NULL);
    return job->mail->result;
}

/* The socket is shut so that whatever curl waits for is over. */
void hook_mail_abort(struct hook_job *job)
{
    pthread_mutex_lock(&job->mail->lock);
    job->mail->aborted = true;
    if (job->mail->fd >= 0)
        shutdown(job->mail->fd, SHUT_RDWR);
    pthread_mutex_unlock(&job->mail->lock);
}

bool hook_mail_aborted(struct hook_job *job)
{
    pthread_mutex_lock(&job->mail->lock);
    bool aborted = job->mail->aborted;
    pthread_mutex_unlock(&job->mail->lock);
    return aborted;
}

int hook_mail_code(const struct hook_job *job)
{
    return job->mail->code;
}

void hook_mail_free(struct hook_mail *mail)
{
    if (mail == NULL)
        return;
    pthread_mutex_destroy(&mail->lock);
    curl_slist_free_all(mail->to);
    free(mail->body);
    free(mail);
}
