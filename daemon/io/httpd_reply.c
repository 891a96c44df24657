#include "httpd_reply.h"

#include <jansson.h>
#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "httpd_client.h"
#include "logtext.h"

/* MHD_add_response_header copies both strings; it fails on line breaks and without memory only. */
static void add(struct MHD_Response *r, const char *name, const char *value)
{
    if (r != NULL) {
        (void)MHD_add_response_header(r, name, value);
    }
}

static void set(struct httpd_reply *reply, unsigned status, const char *content_type, struct MHD_Response *r)
{
    if (reply->response != NULL) {
        MHD_destroy_response(reply->response);
    }
    reply->response = r;
    reply->status = status;
    add(r, "Content-Type", content_type);
    add(r, "Cache-Control", "no-store");
    add(r, "X-Content-Type-Options", "nosniff");
    add(r, "Connection", "close");
}

void httpd_reply_bytes(struct httpd_reply *reply, unsigned status, const char *content_type, void *bytes,
                       size_t len)
{
    struct MHD_Response *r = MHD_create_response_from_buffer(len, bytes, MHD_RESPMEM_MUST_FREE);
    if (r == NULL) {
        free(bytes);
    }
    set(reply, status, content_type, r);
}

void httpd_reply_text(struct httpd_reply *reply, unsigned status, const char *content_type, const char *text)
{
    char *copy = strdup(text);
    httpd_reply_bytes(reply, status, content_type, copy, copy != NULL ? strlen(copy) : 0);
}

struct stream {
    httpd_read_fn *read_fn;
    void (*free_fn)(void *ctx);
    void *ctx;
};

static ssize_t stream_read(void *cls, uint64_t pos, char *buf, size_t max)
{
    (void)pos;
    struct stream *s = cls;
    max = max < STREAM_CHUNK ? max : STREAM_CHUNK;
    ssize_t n = s->read_fn(s->ctx, buf, max);
    if (n == 0) {
        return MHD_CONTENT_READER_END_OF_STREAM;
    }
    if (n == HTTPD_AGAIN) {
        return 0; /* the library asks again on its next run, for which it wants no time to pass */
    }
    return n < 0 || (size_t)n > max ? MHD_CONTENT_READER_END_WITH_ERROR : n;
}

static void stream_free(void *cls)
{
    struct stream *s = cls;
    if (s->free_fn != NULL) {
        s->free_fn(s->ctx);
    }
    free(s);
}

void httpd_reply_stream(struct httpd_reply *reply, unsigned status, const char *content_type,
                        httpd_read_fn *read_fn, void (*free_fn)(void *ctx), void *ctx)
{
    struct stream *s = malloc(sizeof *s);
    struct MHD_Response *r = NULL;
    if (s != NULL) {
        *s = (struct stream){read_fn, free_fn, ctx};
        r = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_CHUNK, stream_read, s, stream_free);
        if (r == NULL) {
            stream_free(s);
        }
    } else if (free_fn != NULL) {
        free_fn(ctx);
    }
    set(reply, status, content_type, r);
}

void httpd_reply_file(struct httpd_reply *reply, unsigned status, const char *content_type, int fd,
                      uint64_t size)
{
    struct MHD_Response *r = MHD_create_response_from_fd64(size, fd);
    if (r == NULL) {
        close(fd);
    }
    set(reply, status, content_type, r);
}

unsigned httpd_reply_status(const struct httpd_reply *reply)
{
    return reply->status;
}

void httpd_reply_header(struct httpd_reply *reply, const char *name, const char *value)
{
    add(reply->response, name, value);
}

void httpd_reply_cache(struct httpd_reply *reply, const char *how)
{
    if (reply->response != NULL &&
        MHD_del_response_header(reply->response, "Cache-Control", "no-store") == MHD_YES) {
        add(reply->response, "Cache-Control", how);
    }
}

void httpd_problem(struct httpd_reply *reply, unsigned status, const char *title, const char *fmt, ...)
{
    char detail[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(detail, sizeof detail, fmt, ap);
    va_end(ap);
    const struct clients *all = reply->all;
    if (all != NULL && all->problem != NULL &&
        all->problem(all->ud, reply,
                     MHD_lookup_connection_value(reply->connection, MHD_HEADER_KIND, "Accept"), status, title,
                     detail)) {
        return;
    }
    /* JSON has to be UTF-8, what a client sent need not be. */
    struct text t = {.len = 0};
    text_escaped(&t, detail, strlen(detail), false);
    json_t *o = json_pack("{s:s, s:i, s:s%}", "title", title, "status", (int)status, "detail", t.at, t.len);
    char *body = o != NULL ? json_dumps(o, JSON_COMPACT) : NULL;
    json_decref(o);
    httpd_reply_bytes(reply, status, "application/problem+json", body, body != NULL ? strlen(body) : 0);
}
