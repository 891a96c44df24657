#include "httpauth.h"

#include <openssl/evp.h>
#include <string.h>

/* What is behind the name of the scheme, or NULL when it is another one. */
static const char *behind(const char *header, const char *scheme)
{
    size_t n = strlen(scheme);
    if (strncasecmp(header, scheme, n) != 0 || header[n] != ' ')
        return NULL;
    return header + n + strspn(header + n, " ");
}

static bool copy(char *to, size_t room, const char *from, size_t len)
{
    if (len >= room)
        return false;
    memcpy(to, from, len);
    to[len] = '\0';
    return true;
}

/* base64 of NAME:PASSWORD. */
static bool read_basic(struct httpauth *a, const char *text)
{
    unsigned char plain[3 * 128];
    size_t len = strlen(text), pad = len - strcspn(text, "=");
    if (len == 0 || len % 4 != 0 || pad > 2 || len / 4 * 3 > sizeof plain ||
        strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") != len - pad)
        return false;
    int n = EVP_DecodeBlock(plain, (const unsigned char *)text, (int)len);
    bool ok = false;
    if (n > 0) {
        size_t bytes = (size_t)n - pad;
        const char *user = (const char *)plain, *colon = memchr(plain, ':', bytes);
        ok = colon != NULL && memchr(plain, '\0', bytes) == NULL &&
             copy(a->user, sizeof a->user, user, (size_t)(colon - user)) &&
             copy(a->secret, sizeof a->secret, colon + 1, bytes - (size_t)(colon + 1 - user));
    }
    explicit_bzero(plain, sizeof plain);
    return ok;
}

void httpauth_parse(const char *header, struct httpauth *out)
{
    const char *rest;
    *out = (struct httpauth){.kind = HTTPAUTH_NONE};
    if (header == NULL)
        return;
    out->kind = HTTPAUTH_UNKNOWN;
    if ((rest = behind(header, "Bearer")) != NULL) {
        if (*rest != '\0' && copy(out->secret, sizeof out->secret, rest, strlen(rest)))
            out->kind = HTTPAUTH_BEARER;
    } else if ((rest = behind(header, "Basic")) != NULL) {
        if (read_basic(out, rest))
            out->kind = HTTPAUTH_BASIC;
    }
}

void httpauth_wipe(struct httpauth *a)
{
    explicit_bzero(a, sizeof *a);
}
