#include "pgconninfo.h"

#include <arpa/inet.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *keyword, *instead;
} REFUSED[] = {
    {"password", "put it into a file of its own and name that"},
    {"sslpassword", "use a key without a passphrase, readable by the daemon only"},
    {"passfile", "put the password into a file of its own and name that"},
    {"service", "write the connection options out"},
};

static const char *value_of(const PQconninfoOption *o, const char *keyword)
{
    for (; o->keyword != NULL; o++)
        if (strcmp(o->keyword, keyword) == 0)
            return o->val != NULL ? o->val : "";
    return "";
}

/* libpq's text without its line break. It may quote the string, so it is left out where that may hold a password. */
static bool syntax_error(const char *conninfo, const char *libpq, struct err *e)
{
    if (strcasestr(conninfo, "password") != NULL || strchr(conninfo, '@') != NULL)
        return err_set(e, "the connection string cannot be read (and may not contain a password)");
    if (libpq == NULL)
        return err_set(e, "out of memory for a connection string");
    return err_set(e, "the connection string cannot be read: %.*s", (int)strcspn(libpq, "\n"), libpq);
}

static size_t items(const char *list)
{
    size_t n = 1;
    for (; *list != '\0'; list++)
        n += *list == ',';
    return n;
}

/* Copies item `n` of a comma-separated list, "" when there is none. */
static void item(const char *list, size_t n, char *out, size_t cap)
{
    while (n > 0 && *list != '\0')
        n -= *list++ == ',';
    snprintf(out, cap, "%.*s", (int)strcspn(list, ","), list);
}

static bool is_name(const char *host)
{
    unsigned char address[16];
    if (host[0] == '\0' || host[0] == '/' || host[0] == '@')
        return false; /* a Unix socket */
    if (strcmp(host, "localhost") == 0)
        return false;
    return inet_pton(AF_INET, host, address) != 1 && inet_pton(AF_INET6, host, address) != 1;
}

static bool check_options(const PQconninfoOption *o, struct pg_conninfo_note *note, struct err *e)
{
    for (size_t i = 0; i < sizeof REFUSED / sizeof REFUSED[0]; i++)
        if (value_of(o, REFUSED[i].keyword)[0] != '\0')
            return err_set(e, "%s does not belong into a connection string: %s", REFUSED[i].keyword,
                           REFUSED[i].instead);
    const char *host = value_of(o, "host");
    const char *hostaddr = value_of(o, "hostaddr");
    const char *port = value_of(o, "port");
    size_t hosts = items(hostaddr[0] != '\0' ? hostaddr : host);
    if (hostaddr[0] != '\0' && host[0] != '\0' && items(host) != hosts)
        return err_set(e, "%zu hosts but %zu hostaddrs in the connection string", items(host), hosts);
    if (port[0] != '\0' && items(port) != 1 && items(port) != hosts)
        return err_set(e, "%zu ports for %zu hosts in the connection string", items(port), hosts);
    for (size_t i = 0; note != NULL && i < items(host); i++) {
        char name[sizeof note->host], address[64];
        item(host, i, name, sizeof name);
        item(hostaddr, i, address, sizeof address);
        if (address[0] == '\0' && is_name(name)) {
            note->blocking_lookup = true;
            memcpy(note->host, name, sizeof name);
            break;
        }
    }
    return true;
}

bool pg_conninfo_check(const char *conninfo, struct pg_conninfo_note *note, struct err *e)
{
    if (note != NULL)
        *note = (struct pg_conninfo_note){0};
    char *libpq = NULL;
    PQconninfoOption *o = PQconninfoParse(conninfo, &libpq);
    bool ok = o != NULL ? check_options(o, note, e) : syntax_error(conninfo, libpq, e);
    PQconninfoFree(o);
    PQfreemem(libpq);
    return ok;
}
