#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "hook_job.h"

static void show_address(struct hook_job *job, const struct sockaddr *sa)
{
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    const char *text = NULL;
    if (sa->sa_family == AF_INET) {
        memcpy(&in, sa, sizeof in);
        text = inet_ntop(AF_INET, &in.sin_addr, job->blocked_addr, sizeof job->blocked_addr);
    } else if (sa->sa_family == AF_INET6) {
        memcpy(&in6, sa, sizeof in6);
        text = inet_ntop(AF_INET6, &in6.sin6_addr, job->blocked_addr, sizeof job->blocked_addr);
    }
    if (text == NULL)
        snprintf(job->blocked_addr, sizeof job->blocked_addr, "family %d", sa->sa_family);
}

/* The address that stands in the URL itself, in whatever way of writing (curl turns 0x7f.1 and 2130706433 into
 * 127.0.0.1); false when it is a name. */
static bool literal_address(const char *url, struct sockaddr_storage *ss)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    char *host = NULL;
    CURLU *u = curl_url();
    bool found = u != NULL && curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
                 curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK;
    size_t len = found ? strlen(host) : 0;
    memset(ss, 0, sizeof *ss);
    if (found && host[0] == '[' && len > 2) {
        host[len - 1] = '\0';
        found = inet_pton(AF_INET6, host + 1, &in6.sin6_addr) == 1;
        memcpy(ss, &in6, sizeof in6);
    } else if (found) {
        found = inet_pton(AF_INET, host, &in.sin_addr) == 1;
        memcpy(ss, &in, sizeof in);
    }
    curl_free(host);
    curl_url_cleanup(u);
    return found;
}

void hook_guard_init(struct hook_job *job, const struct hook_request *req)
{
    struct sockaddr_storage ss;
    const struct sockaddr *sa = (const struct sockaddr *)&ss;
    job->allow_internal = req->allow_internal;
    job->proxied = req->proxy != NULL;
    if (req->guard != NULL)
        job->guard = *req->guard;
    if (job->proxied && literal_address(req->url, &ss) && !netguard_allowed(sa, &job->guard)) {
        job->barred = true;
        show_address(job, sa);
    }
}

/* The one place after DNS and before connect: no answer can change between check and use. */
curl_socket_t hook_guard_open(void *ud, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct hook_job *job = ud;
    if (purpose != CURLSOCKTYPE_IPCXN)
        return CURL_SOCKET_BAD;
    bool allowed =
        job->allow_internal || (job->proxied ? !job->barred : netguard_allowed(&address->addr, &job->guard));
    if (!allowed) {
        job->blocked++;
        if (!job->proxied)
            show_address(job, &address->addr);
        return CURL_SOCKET_BAD;
    }
    job->opened++;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}
