/* Preloaded into the daemon under test: a network of its own. Names get the answers of a file, every connection to an
 * Internet address is written down, and none leaves the machine: what is not loopback is refused, but for addresses that
 * the file leads to a listener of the test.
 *
 * The file $EHC_NETSHIM has a line for each rule, read again at each call:
 *     name HOST ANSWER...        each lookup takes the next answer, the last for good; an answer is ADDRESS[,ADDRESS...]
 *     route ADDRESS PORT         a connection to that address goes to 127.0.0.1:PORT instead
 * $EHC_NETSHIM.log gets a line for each call: "lookup HOST ANSWER" and "connect ADDRESS PORT", as the daemon asked. */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NAMES_MOST 32

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    char host[64];
    int asked;
} names[NAMES_MOST];

static void write_down(const char *what, const char *who, const char *more)
{
    char path[512], line[512];
    snprintf(path, sizeof path, "%s.log", getenv("EHC_NETSHIM"));
    int n = snprintf(line, sizeof line, "%s %s %s\n", what, who, more);
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, line, (size_t)n) != n)
        abort(); /* a connection that is not seen would be a test that shows nothing */
    close(fd);
}

/* How often this name was asked for before. */
static int times_asked(const char *host)
{
    int n = 0;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < NAMES_MOST; i++) {
        if (names[i].host[0] == '\0')
            snprintf(names[i].host, sizeof names[i].host, "%s", host);
        if (strcmp(names[i].host, host) == 0) {
            n = names[i].asked++;
            break;
        }
    }
    pthread_mutex_unlock(&lock);
    return n;
}

/* The rest of the line that begins with these two words, into `rest`. */
static int rule(const char *kind, const char *key, char *rest, size_t cap)
{
    char line[512], begin[160];
    FILE *f = fopen(getenv("EHC_NETSHIM"), "re");
    size_t len = (size_t)snprintf(begin, sizeof begin, "%s %s ", kind, key);
    int found = 0;
    while (f != NULL && !found && fgets(line, sizeof line, f) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        found = strncmp(line, begin, len) == 0;
        if (found)
            snprintf(rest, cap, "%s", line + len);
    }
    if (f != NULL)
        fclose(f);
    return found;
}

/* One entry of the list that freeaddrinfo takes apart: glibc makes it in one piece, address behind it. */
static struct addrinfo *entry(const char *address, const char *service, const struct addrinfo *hints)
{
    struct addrinfo numeric = *hints, *out = NULL;
    numeric.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) =
        (int (*)(const char *, const char *, const struct addrinfo *, struct addrinfo **))dlsym(
            RTLD_NEXT, "getaddrinfo");
    return real(address, service, &numeric, &out) == 0 ? out : NULL;
}

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
    static const struct addrinfo none = {.ai_socktype = SOCK_STREAM};
    char rest[400], *save = NULL, *answer = NULL;
    if (host == NULL || !rule("name", host, rest, sizeof rest)) {
        *out = host != NULL ? entry(host, service, hints != NULL ? hints : &none) : NULL;
        return *out != NULL ? 0 : EAI_NONAME;
    }
    char *next = strtok_r(rest, " ", &save);
    for (int n = times_asked(host); next != NULL && n >= 0; n--, next = strtok_r(NULL, " ", &save))
        answer = next;
    write_down("lookup", host, answer);
    struct addrinfo **tail = out;
    *out = NULL;
    for (char *a = strtok_r(answer, ",", &save); a != NULL; a = strtok_r(NULL, ",", &save)) {
        *tail = entry(a, service, hints != NULL ? hints : &none);
        while (*tail != NULL)
            tail = &(*tail)->ai_next;
    }
    return *out != NULL ? 0 : EAI_NONAME;
}

int connect(int fd, const struct sockaddr *sa, socklen_t len)
{
    int (*real)(int, const struct sockaddr *, socklen_t) =
        (int (*)(int, const struct sockaddr *, socklen_t))dlsym(RTLD_NEXT, "connect");
    char host[64] = "", port[16], to[16];
    if (sa->sa_family != AF_INET && sa->sa_family != AF_INET6)
        return real(fd, sa, len);
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    memcpy(&in, sa, sizeof in);
    if (sa->sa_family == AF_INET6)
        memcpy(&in6, sa, sizeof in6);
    inet_ntop(sa->sa_family, sa->sa_family == AF_INET ? (void *)&in.sin_addr : (void *)&in6.sin6_addr, host,
              sizeof host);
    snprintf(port, sizeof port, "%d", ntohs(in.sin_port)); /* at the same place in both */
    write_down("connect", host, port);
    if (sa->sa_family == AF_INET && rule("route", host, to, sizeof to)) {
        in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        in.sin_port = htons((in_port_t)strtol(to, NULL, 10));
        return real(fd, (const struct sockaddr *)&in, sizeof in);
    }
    if (strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0 || strncmp(host, "::ffff:127.", 11) == 0)
        return real(fd, sa, len);
    errno = ENETUNREACH;
    return -1;
}
