#include "config_check.h"

#include <arpa/inet.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "config.h"
#include "pgconninfo.h"

bool config_check_conninfo(const char *name, const char *value, struct err *e)
{
    struct err why = {""};
    if (pg_conninfo_check(value, NULL, &why))
        return true;
    if (strstr(why.text, "password") != NULL)
        return err_set(e, "%s: %.400s (%s_password_file)", name, why.text, name);
    return err_set(e, "%s: %.400s", name, why.text);
}

static bool unix_addr(const char *path, struct sockaddr_storage *addr, socklen_t *len, struct err *e)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    size_t n = strlen(path);
    if (path[0] != '/')
        return err_set(e, "unix: needs an absolute path");
    if (n >= sizeof un.sun_path)
        return err_set(e, "the path of a Unix socket has at most %zu bytes", sizeof un.sun_path - 1);
    memcpy(un.sun_path, path, n + 1);
    memcpy(addr, &un, sizeof un);
    *len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + 1);
    return true;
}

static bool parse_port(const char *text, in_port_t *port)
{
    static const struct config_option bounds = {.name = "port", .min = 1, .max = 65535};
    long n;
    if (!config_check_int(&bounds, text, &n, NULL))
        return false;
    *port = htons((uint16_t)n);
    return true;
}

bool config_listen_addr(const char *listen, struct sockaddr_storage *addr, socklen_t *len, bool *local,
                        struct err *e)
{
    *local = true;
    *addr = (struct sockaddr_storage){0};
    if (strncmp(listen, "unix:", 5) == 0)
        return unix_addr(listen + 5, addr, len, e);

    struct sockaddr_in *v4 = (struct sockaddr_in *)addr;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)addr;
    bool bracketed = listen[0] == '[';
    const char *colon = strrchr(listen, ':');
    char host[INET6_ADDRSTRLEN + 2] = "";
    size_t n = colon == NULL ? 0 : (size_t)(colon - listen);
    bool known = false;

    if (n > 0 && n < sizeof host && (!bracketed || (n > 2 && listen[n - 1] == ']'))) {
        memcpy(host, listen + bracketed, n - 2 * bracketed);
        if (bracketed && inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
            v6->sin6_family = AF_INET6;
            *len = sizeof *v6;
            known = parse_port(colon + 1, &v6->sin6_port);
            *local = IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
        } else if (!bracketed && inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
            v4->sin_family = AF_INET;
            *len = sizeof *v4;
            known = parse_port(colon + 1, &v4->sin_port);
            *local = (ntohl(v4->sin_addr.s_addr) >> IN_CLASSA_NSHIFT) == IN_LOOPBACKNET;
        }
    }
    if (!known)
        return err_set(e, "'%s' is not an address: write 127.0.0.1:PORT, [::1]:PORT or unix:/PATH", listen);
    return true;
}

bool config_check_listen(const char *name, const char *value, struct err *e)
{
    struct sockaddr_storage addr;
    socklen_t len;
    bool local;
    struct err why = {""};
    return config_listen_addr(value, &addr, &len, &local, &why) || err_set(e, "%s: %.400s", name, why.text);
}

bool config_nobody_known(const struct config *c, struct err *e)
{
    return err_set(e, "%s: %s, and nobody can: set api_token_file, or web_config_file with basic_auth_users",
                   c->auth_wanted,
                   c->http_auth == HTTP_AUTH_ALWAYS
                       ? "everybody has to say who he is"
                       : "other machines can reach this and have to say who they are");
}

bool config_check_auth(struct config *c, struct err *e)
{
    struct sockaddr_storage addr;
    socklen_t len;
    bool local = true;
    if (!config_listen_addr(c->listen, &addr, &len, &local, e))
        return false;
    c->auth_wanted = c->http_auth == HTTP_AUTH_ALWAYS ? "http_auth" : local ? NULL : "listen";
    return c->auth_wanted == NULL || c->api_token_file != NULL || c->web_config_file != NULL ||
           config_nobody_known(c, e);
}

bool config_check_path(const char *name, const char *value, struct err *e)
{
    return (value[0] == '/' && strlen(value) < PATH_MAX) || err_set(e, "%s must be an absolute path", name);
}

bool config_check_secret(const char *name, const char *value, struct err *e)
{
    if (value[0] == '/')
        return config_check_path(name, value, e);
    const char *id = value + strlen("credential:");
    /* What systemd allows as the name of a credential, less the odd ones: it becomes one component of a path. */
    if (strncmp(value, "credential:", strlen("credential:")) != 0 || id[0] == '\0' || id[0] == '.' ||
        strlen(id) > 64 ||
        strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-") != strlen(id))
        return err_set(
            e, "%s must be an absolute path or credential:NAME (the secret itself never stands here)", name);
    return true;
}

bool config_check_webhook_name(const char *value, struct err *e)
{
    size_t n = strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789_-");
    return (n >= 1 && n <= 32 && value[n] == '\0') ||
           err_set(e, "webhook \"%.64s\": a name is 1 to 32 of a-z, 0-9, '_' and '-'", value);
}

bool config_check_int(const struct config_option *o, const char *value, long *out, struct err *e)
{
    const char *digits = value + (value[0] == '-');
    size_t n = strlen(digits);
    bool number = n > 0 && n <= 9 && strspn(digits, "0123456789") == n && (digits[0] != '0' || n == 1);
    *out = number ? strtol(value, NULL, 10) : 0;
    if (!number || *out < o->min || *out > o->max)
        return err_set(e, "%s must be a whole number from %d to %d, not '%.64s'", o->name, o->min, o->max,
                       value);
    return true;
}

int config_word_index(const char *words, const char *value)
{
    size_t len = strlen(value);
    int index = 0;
    for (const char *w = words; len > 0; index++) {
        size_t n = strcspn(w, " ");
        if (n == len && memcmp(w, value, n) == 0)
            return index;
        if (w[n] == '\0')
            break;
        w += n + 1;
    }
    return -1;
}

bool config_check_word(const struct config_option *o, const char *value, struct err *e)
{
    return config_word_index(o->words, value) >= 0 ||
           err_set(e, "%s: '%.64s' is not one of %s", o->name, value, o->words);
}
