#include "httpd_listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 128, SOCKET_FLAGS = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC };

const char *listen_unix_path(const char *address)
{
    return address != NULL && strncmp(address, "unix:", 5) == 0 ? address + 5 : NULL;
}

int listen_port(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
        struct sockaddr_storage room;
    } a;
    socklen_t len = sizeof a;
    if (getsockname(fd, &a.any, &len) != 0) {
        return 0;
    }
    return a.any.sa_family == AF_INET    ? ntohs(a.v4.sin_port)
           : a.any.sa_family == AF_INET6 ? ntohs(a.v6.sin6_port)
                                         : 0;
}

/* Only a socket that nobody listens on is taken for a leftover. */
static bool remove_stale(const char *path, const struct sockaddr_un *sa, struct err *e)
{
    struct stat st;
    if (lstat(path, &st) != 0) {
        return errno == ENOENT || err_set(e, "unix:%s: %s", path, strerror(errno));
    }
    if (!S_ISSOCK(st.st_mode)) {
        return err_set(e, "unix:%s: exists and is not a socket", path);
    }
    int fd = socket(AF_UNIX, SOCKET_FLAGS, 0);
    int rc = connect(fd, (const struct sockaddr *)sa, sizeof *sa);
    int why = rc == 0 ? 0 : errno;
    close(fd);
    if (why != ECONNREFUSED) {
        return err_set(e, "unix:%s: in use by another process", path);
    }
    return unlink(path) == 0 ||
           err_set(e, "unix:%s: cannot remove the old socket: %s", path, strerror(errno));
}

static int open_unix(const char *path, mode_t mode, struct err *e)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    if (path[0] != '/' || strlen(path) >= sizeof sa.sun_path) {
        err_set(e, "unix:%s: an absolute path of at most %zu bytes is needed", path, sizeof sa.sun_path - 1);
        return -1;
    }
    memcpy(sa.sun_path, path, strlen(path) + 1);
    if (!remove_stale(path, &sa, e)) {
        return -1;
    }
    int fd = socket(AF_UNIX, SOCKET_FLAGS, 0);
    /* The mode before bind closes the moment in which it would be too wide, the one after undoes the umask. */
    if (fd < 0 || fchmod(fd, mode) != 0 || bind(fd, (struct sockaddr *)&sa, sizeof sa) != 0 ||
        chmod(path, mode) != 0 || listen(fd, BACKLOG) != 0) {
        err_set(e, "unix:%s: cannot listen: %s", path, strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    return fd;
}

/* "HOST:PORT" or "[HOST]:PORT" into its parts. */
static bool split(const char *address, char *host, size_t size, const char **port)
{
    const char *colon = strrchr(address, ':');
    if (colon == NULL || colon == address || colon[1] == '\0') {
        return false;
    }
    const char *start = address, *end = colon;
    if (*address == '[') {
        start++;
        end--;
        if (*end != ']') {
            return false;
        }
    } else if (memchr(address, ':', (size_t)(colon - address)) != NULL) {
        return false;
    }
    size_t len = (size_t)(end - start);
    if (len == 0 || len >= size) {
        return false;
    }
    memcpy(host, start, len);
    host[len] = '\0';
    *port = colon + 1;
    return true;
}

static int open_tcp(const char *address, struct err *e)
{
    char host[64];
    const char *port;
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                             .ai_socktype = SOCK_STREAM};
    struct addrinfo *ai = NULL;
    if (!split(address, host, sizeof host, &port) || getaddrinfo(host, port, &hints, &ai) != 0) {
        err_set(e, "%s: not an address to listen on: write 127.0.0.1:9820, [::1]:9820 or unix:/path",
                address);
        return -1;
    }
    int one = 1, fd = socket(ai->ai_family, SOCKET_FLAGS, 0);
    bool ok =
        fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
        (ai->ai_family != AF_INET6 || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one) == 0) &&
        bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0;
    int why = errno;
    freeaddrinfo(ai);
    if (!ok) {
        err_set(e, "%s: cannot listen: %s", address, strerror(why));
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    return fd;
}

static int check_passed(int fd, struct err *e)
{
    int listening = 0, type = 0, flags = fcntl(fd, F_GETFL);
    socklen_t len = sizeof listening;
    if (flags < 0 || getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) != 0 ||
        getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0 || !listening || type != SOCK_STREAM ||
        fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
        err_set(e, "descriptor %d: not a listening stream socket", fd);
        if (flags >= 0) {
            close(fd);
        }
        return -1;
    }
    return fd;
}

int listen_open(const struct httpd_conf *conf, struct err *e)
{
    if (conf->listen == NULL) {
        return check_passed(conf->listen_fd, e);
    }
    const char *path = listen_unix_path(conf->listen);
    return path != NULL ? open_unix(path, conf->unix_mode != 0 ? conf->unix_mode : 0660, e)
                        : open_tcp(conf->listen, e);
}
