#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_PREFIX        "whsec_"
#define CREDENTIAL_PREFIX "credential:"
#define WRITE_KEYS        "each line must be whsec_ and a padded base64 key of 24 to 64 bytes"

/* The content of a secret file, on the stack of the reader only. */
struct content {
    size_t len;
    char bytes[SECRET_FILE_MAX + 1];
};

static bool resolve(const char *ref, char path[PATH_MAX], struct err *e)
{
    const char *name = ref, *dir = "", *slash = "";
    if (strncmp(ref, CREDENTIAL_PREFIX, strlen(CREDENTIAL_PREFIX)) == 0) {
        name = ref + strlen(CREDENTIAL_PREFIX);
        if (*name == '\0' || strchr(name, '/') != NULL || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
            return err_set(e, "%s: a credential is named by one word without a slash", ref);
        dir = getenv("CREDENTIALS_DIRECTORY");
        slash = "/";
        if (dir == NULL || *dir != '/')
            return err_set(
                e, "%s: no credentials were passed to this process; add LoadCredential=%s:FILE to the unit",
                ref, name);
    }
    int n = snprintf(path, PATH_MAX, "%s%s%s", dir, slash, name);
    if (n <= 0 || n >= PATH_MAX)
        return err_set(e, "%s: the path of a secret file is empty or too long", ref);
    return true;
}

static bool may_be_trusted(int fd, const char *path, struct err *e)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return err_set(e, "%s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return err_set(e, "%s: a secret must be a regular file", path);
    if ((st.st_mode & (S_IRWXO | S_IWGRP)) != 0)
        return err_set(e, "%s: mode %04o opens a secret to others; run chmod 0640 on it, or 0600", path,
                       (unsigned)(st.st_mode & 07777));
    if (st.st_size > SECRET_FILE_MAX)
        return err_set(e, "%s: larger than %d bytes; this is not a secret file", path, SECRET_FILE_MAX);
    return true;
}

static bool read_all(int fd, const char *path, struct content *c, struct err *e)
{
    while (c->len < sizeof c->bytes) {
        ssize_t n = read(fd, c->bytes + c->len, sizeof c->bytes - c->len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set(e, "%s: %s", path, strerror(errno));
        if (n == 0)
            return true;
        c->len += (size_t)n;
    }
    return err_set(e, "%s: larger than %d bytes; this is not a secret file", path, SECRET_FILE_MAX);
}

static bool slurp(const char *ref, char path[PATH_MAX], struct content *c, struct err *e)
{
    c->len = 0;
    if (!resolve(ref, path, e))
        return false;
    /* Without O_NONBLOCK a FIFO in the place of the file would stop the daemon here. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return err_set(e, "%s: %s", path, strerror(errno));
    bool ok = may_be_trusted(fd, path, e) && read_all(fd, path, c, e);
    close(fd);
    return ok;
}

static int sextet(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Canonical base64 only: whole quads, padding in the last one alone, unused bits zero. A lenient reader would
 * let two texts stand for one key, and a key that another program reads differently fails at the receiver,
 * not here. */
static bool decode(const char *text, size_t len, struct secret_key *key)
{
    key->len = 0;
    if (len == 0 || len % 4 != 0)
        return false;
    for (size_t i = 0; i < len; i += 4) {
        bool last = i + 4 == len;
        size_t pad = last && text[i + 3] == '=' ? (text[i + 2] == '=' ? 2 : 1) : 0;
        uint32_t bits = 0;
        for (size_t k = 0; k < 4; k++) {
            int v = k < 4 - pad ? sextet(text[i + k]) : 0;
            if (v < 0)
                return false;
            bits = bits << 6 | (uint32_t)v;
        }
        if ((bits & ((UINT32_C(1) << (8 * pad)) - 1)) != 0 || key->len + 3 - pad > SECRET_KEY_MAX)
            return false;
        for (size_t k = 0; k < 3 - pad; k++)
            key->bytes[key->len++] = (uint8_t)(bits >> (16 - 8 * k));
    }
    return key->len >= SECRET_KEY_MIN;
}

static bool add_key(struct secret_set *out, const char *line, size_t len, const char *path, unsigned no,
                    struct err *e)
{
    size_t prefix = strlen(KEY_PREFIX);
    if (out->n == SECRET_KEYS_MAX)
        return err_set(e, "%s:%u: a third key; keep the newest and the one before it", path, no);
    if (line[len - 1] == '\r')
        return err_set(e, "%s:%u: ends with a carriage return; save the file with Unix line ends", path, no);
    if (len < prefix || memcmp(line, KEY_PREFIX, prefix) != 0)
        return err_set(e, "%s:%u: does not start with whsec_; %s", path, no, WRITE_KEYS);
    if (!decode(line + prefix, len - prefix, &out->key[out->n]))
        return err_set(e, "%s:%u: not a usable key; %s", path, no, WRITE_KEYS);
    out->n++;
    return true;
}

bool secret_load(struct secret_set *out, const char *ref, struct err *e)
{
    char path[PATH_MAX];
    struct content c;
    memset(out, 0, sizeof *out);
    bool ok = slurp(ref, path, &c, e);
    unsigned no = 1;
    for (size_t at = 0; ok && at < c.len; no++) {
        const char *line = c.bytes + at, *end = memchr(line, '\n', c.len - at);
        size_t len = end != NULL ? (size_t)(end - line) : c.len - at;
        ok = len == 0 || add_key(out, line, len, path, no, e);
        at += len + 1;
    }
    if (ok && out->n == 0)
        ok = err_set(e, "%s: no key in it; %s", path, WRITE_KEYS);
    if (!ok)
        secret_wipe(out);
    explicit_bzero(&c, sizeof c);
    return ok;
}

void secret_wipe(struct secret_set *set)
{
    explicit_bzero(set, sizeof *set);
}

bool secret_lines(const char *ref, secret_line_fn *line, void *ud, struct err *e)
{
    char path[PATH_MAX], where[PATH_MAX + 16];
    struct content c;
    bool ok = slurp(ref, path, &c, e);
    unsigned no = 1;
    for (size_t at = 0; ok && at < c.len; no++) {
        const char *from = c.bytes + at, *end = memchr(from, '\n', c.len - at);
        size_t len = end != NULL ? (size_t)(end - from) : c.len - at;
        snprintf(where, sizeof where, "%s:%u", path, no);
        ok = len == 0 || line(ud, from, len, where, e);
        at += len + 1;
    }
    explicit_bzero(&c, sizeof c);
    return ok;
}

bool secret_path(const char *ref, char *path, struct err *e)
{
    return resolve(ref, path, e);
}

char *secret_text(const char *ref, size_t *len, struct err *e)
{
    char path[PATH_MAX], *text = NULL;
    struct content c;
    if (slurp(ref, path, &c, e)) {
        if (memchr(c.bytes, '\0', c.len) != NULL) {
            err_set(e, "%s: holds a NUL byte", path);
        } else {
            text = strndup(c.bytes, c.len);
            *len = c.len;
            if (text == NULL)
                err_set(e, "%s: out of memory", path);
        }
    }
    explicit_bzero(&c, sizeof c);
    return text;
}

char *secret_line(const char *ref, const char *what, struct err *e)
{
    char path[PATH_MAX], *password = NULL;
    struct content c;
    if (!slurp(ref, path, &c, e))
        goto out;
    const char *end = memchr(c.bytes, '\n', c.len);
    size_t len = end != NULL ? (size_t)(end - c.bytes) : c.len;
    if (len == 0) {
        err_set(e, "%s:1: empty; write the %s on the first line", path, what);
        goto out;
    }
    if (c.bytes[len - 1] == '\r') {
        err_set(e, "%s:1: ends with a carriage return; save the file with Unix line ends", path);
        goto out;
    }
    if (memchr(c.bytes, '\0', len) != NULL) {
        err_set(e, "%s:1: holds a NUL byte; a %s is text", path, what);
        goto out;
    }
    password = strndup(c.bytes, len);
    if (password == NULL)
        err_set(e, "%s: out of memory", path);
out:
    explicit_bzero(&c, sizeof c);
    return password;
}

char *secret_password(const char *ref, struct err *e)
{
    return secret_line(ref, "password", e);
}

void secret_password_free(char *password)
{
    if (password == NULL)
        return;
    explicit_bzero(password, strlen(password));
    free(password);
}
