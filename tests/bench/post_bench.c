/* What the delivery of webhooks is measured against: a receiver that costs little, and a loop that does nothing but post.
 *
 *     post_bench sink                          prints its port, answers 200 to every POST until its input ends; a path that
 *                                              begins with /hang is read and never answered
 *     post_bench bare URL POSTS AT_ONCE BYTES  curl's multi interface and nothing else: no queue, no record, no signature.
 *                                              Prints posts a second and CPU microseconds for each; a connection for each
 *                                              post, as the daemon does it, then with connections kept open */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS 4096
#define HEAD_CAP    8192

/* --- the receiver ---------------------------------------------------------------------------------------------------- */

struct connection {
    bool open, hangs, in_body;
    size_t n, left; /* bytes of the head so far; of the body to come */
    char head[HEAD_CAP + 1];
};

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static const char ANSWER[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/* False: close it. */
static bool answer(int fd)
{
    return send(fd, ANSWER, sizeof ANSWER - 1, MSG_NOSIGNAL) == (ssize_t)(sizeof ANSWER - 1);
}

/* What of `len` bytes belongs to the next request comes back. False: close it. */
static bool take(int fd, struct connection *c, const char *bytes, size_t len)
{
    while (len > 0) {
        if (!c->in_body) {
            size_t room = HEAD_CAP - c->n, n = len < room ? len : room;
            memcpy(c->head + c->n, bytes, n);
            c->n += n;
            c->head[c->n] = '\0';
            char *end = strstr(c->head, "\r\n\r\n");
            if (end == NULL) {
                bytes += n;
                len -= n;
                if (c->n == HEAD_CAP)
                    return false;
                continue;
            }
            const char *length = strcasestr(c->head, "\r\ncontent-length:");
            size_t rest = c->n - (size_t)(end + 4 - c->head);
            c->left = length != NULL ? strtoul(length + 17, NULL, 10) : 0;
            c->hangs = strncmp(c->head, "POST /hang", 10) == 0;
            c->in_body = true;
            bytes += n - rest;
            len -= n - rest;
        }
        size_t n = len < c->left ? len : c->left;
        c->left -= n;
        bytes += n;
        len -= n;
        if (c->left > 0)
            continue;
        c->in_body = false;
        c->n = 0;
        if (!c->hangs && !answer(fd))
            return false;
    }
    return true;
}

static int listener(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || listen(fd, 1024) < 0 ||
        getsockname(fd, (struct sockaddr *)&a, &len) < 0)
        die("listen");
    printf("%d\n", ntohs(a.sin_port));
    fflush(stdout);
    return fd;
}

static void watch(int epoll, int fd)
{
    struct epoll_event e = {.events = EPOLLIN, .data = {.fd = fd}};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e) < 0)
        die("epoll_ctl");
}

static void serve(int fd, struct connection *c)
{
    static char buffer[65536];
    ssize_t n;
    while ((n = recv(fd, buffer, sizeof buffer, 0)) > 0)
        if (!take(fd, c, buffer, (size_t)n)) {
            n = 0;
            break;
        }
    if (n < 0 && errno == EAGAIN)
        return;
    close(fd);
    c->open = false;
}

static int sink(void)
{
    struct connection *c = calloc(CONNECTIONS, sizeof *c);
    int epoll = epoll_create1(EPOLL_CLOEXEC), door = listener();
    watch(epoll, door);
    watch(epoll, STDIN_FILENO);
    for (;;) {
        struct epoll_event events[64];
        int n = epoll_wait(epoll, events, 64, -1);
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            if (fd == STDIN_FILENO)
                return 0;
            if (fd != door) {
                serve(fd, &c[fd]);
                continue;
            }
            int new;
            while ((new = accept4(door, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
                if (new >= CONNECTIONS)
                    die("too many connections");
                c[new] = (struct connection){.open = true};
                watch(epoll, new);
            }
        }
    }
}

/* --- the bare loop --------------------------------------------------------------------------------------------------- */

static size_t swallow(char *bytes, size_t size, size_t n, void *ud)
{
    (void)bytes;
    (void)ud;
    return size * n;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu_seconds(void)
{
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
           (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

static CURL *prepare(const char *url, const char *body, long bytes, struct curl_slist *headers, long fresh)
{
    CURL *c = curl_easy_init();
    curl_easy_setopt(c, CURLOPT_URL, url);
    curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, bytes);
    curl_easy_setopt(c, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, swallow);
    curl_easy_setopt(c, CURLOPT_PROXY, "");
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, fresh);
    curl_easy_setopt(c, CURLOPT_FORBID_REUSE, fresh);
    return c;
}

static void post_all(const char *url, long posts, long at_once, const char *body, long bytes, long fresh)
{
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    headers = curl_slist_append(headers, "Expect:");
    CURLM *multi = curl_multi_init();
    double began = seconds(), cpu = cpu_seconds();
    long started = 0, ended = 0, good = 0;
    for (; started < at_once && started < posts; started++)
        curl_multi_add_handle(multi, prepare(url, body, bytes, headers, fresh));
    while (ended < posts) {
        int running, left;
        CURLMsg *m;
        curl_multi_perform(multi, &running);
        while ((m = curl_multi_info_read(multi, &left)) != NULL) {
            CURL *c = m->easy_handle;
            long status = 0;
            curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
            good += status == 200;
            ended++;
            curl_multi_remove_handle(multi, c);
            if (started < posts) {
                curl_multi_add_handle(multi, c);
                started++;
            } else {
                curl_easy_cleanup(c);
            }
        }
        if (ended < posts)
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    double took = seconds() - began;
    if (good != posts) {
        fprintf(stderr, "%ld of %ld posts were answered with 200\n", good, posts);
        exit(1);
    }
    printf("%.0f %.1f\n", (double)posts / took, (cpu_seconds() - cpu) / (double)posts * 1e6);
    curl_multi_cleanup(multi);
    curl_slist_free_all(headers);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "sink") == 0)
        return sink();
    if (argc != 6 || strcmp(argv[1], "bare") != 0) {
        fprintf(stderr, "usage: post_bench sink | bare URL POSTS AT_ONCE BYTES\n");
        return 2;
    }
    long bytes = strtol(argv[5], NULL, 10);
    char *body = malloc((size_t)bytes + 1);
    if (body == NULL)
        die("body");
    memset(body, 'x', (size_t)bytes);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    for (long fresh = 1; fresh >= 0; fresh--)
        post_all(argv[2], strtol(argv[3], NULL, 10), strtol(argv[4], NULL, 10), body, bytes, fresh);
    free(body);
    return 0;
}
