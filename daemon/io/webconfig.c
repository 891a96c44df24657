#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "secret.h"
#include "webconfig_int.h"
#include "webconfig_tls.h"

enum { CERTIFICATES_MAX = 1 << 20, COST_MIN = 4, COST_MAX = 14 };

struct taking {
    struct webconfig *w;
    char file[PATH_MAX];
    int cert_line, key_line, ca_line, client_line, min_line; /* 0: not there */
    int min, max;                                            /* places in `versions` */
};

static const char *const versions[] = {"TLS12", "TLS13"};

/* --- files -------------------------------------------------------------------------------------------------------------- */

/* A name relative to the file that it stands in. */
static bool beside(const struct taking *t, const char *name, char path[PATH_MAX], struct err *e)
{
    const char *slash = strrchr(t->file, '/');
    int dir = name[0] == '/' || slash == NULL ? 0 : (int)(slash - t->file) + 1;
    int n = snprintf(path, PATH_MAX, "%.*s%s", dir, t->file, name);
    return (name[0] != '\0' && n < PATH_MAX) || err_set(e, "the name of a file is wanted");
}

/* Certificates are no secret. */
static char *read_plain(const char *path, struct err *e)
{
    char *text = malloc(CERTIFICATES_MAX + 1);
    int fd = text != NULL ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK) : -1;
    size_t len = 0;
    ssize_t n = -1;
    while (fd >= 0 && len <= CERTIFICATES_MAX && (n = read(fd, text + len, CERTIFICATES_MAX + 1 - len)) > 0)
        len += (size_t)n;
    bool ok = n == 0 && memchr(text, '\0', len) == NULL;
    if (text == NULL)
        err_set(e, "out of memory");
    else if (!ok)
        err_set(e, "%s: %s", path, n < 0 ? strerror(errno) : "not a file of certificates");
    if (fd >= 0)
        close(fd);
    if (ok) {
        text[len] = '\0';
        char *fitting = realloc(text, len + 1);
        return fitting != NULL ? fitting : text;
    }
    free(text);
    return NULL;
}

static bool take_cert(void *ud, const struct web_key *key, const char *name, const char *value, int line,
                      struct err *e)
{
    struct taking *t = ud;
    char path[PATH_MAX];
    (void)name;
    *(key->what != 0 ? &t->ca_line : &t->cert_line) = line;
    char **to = key->what != 0 ? &t->w->client_ca : &t->w->cert;
    return beside(t, value, path, e) && (*to = read_plain(path, e)) != NULL;
}

static bool take_key(void *ud, const struct web_key *key, const char *name, const char *value, int line,
                     struct err *e)
{
    struct taking *t = ud;
    char path[PATH_MAX];
    size_t len;
    (void)key;
    (void)name;
    t->key_line = line;
    return beside(t, value, path, e) && (t->w->key = secret_text(path, &len, e)) != NULL;
}

/* --- words -------------------------------------------------------------------------------------------------------------- */

static bool take_client(void *ud, const struct web_key *key, const char *name, const char *value, int line,
                        struct err *e)
{
    static const char *const words[] = {"NoClientCert", "VerifyClientCertIfGiven",
                                        "RequireAndVerifyClientCert"};
    struct taking *t = ud;
    (void)key;
    (void)name;
    t->client_line = line;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i], value) == 0) {
            t->w->client = (enum webconfig_client)i;
            return true;
        }
    return err_set(
        e,
        "'%.60s' is not one of NoClientCert, VerifyClientCertIfGiven, RequireAndVerifyClientCert; a "
        "certificate that is not verified proves nothing",
        value);
}

static bool take_version(void *ud, const struct web_key *key, const char *name, const char *value, int line,
                         struct err *e)
{
    struct taking *t = ud;
    (void)name;
    if (key->what == 0)
        t->min_line = line;
    for (int i = 0; i < 2; i++)
        if (strcmp(versions[i], value) == 0) {
            *(key->what != 0 ? &t->max : &t->min) = i;
            return true;
        }
    return err_set(e, "'%.60s' is not one of TLS12, TLS13", value);
}

/* What the word has to be: ours to promise, or nothing that we do. */
static bool take_word(void *ud, const struct web_key *key, const char *name, const char *value, int line,
                      struct err *e)
{
    static const struct {
        const char *word, *why;
    } only[] = {
        {"false", "HTTP/1.1 is served, write false"},
        {"true", "the server's order counts, write true"},
        {"nosniff", "write nosniff, which every answer carries"},
    };
    (void)ud;
    (void)name;
    (void)line;
    return strcmp(value, only[key->what].word) == 0 || err_set(e, "%s", only[key->what].why);
}

static bool take_header(void *ud, const struct web_key *key, const char *name, const char *value, int line,
                        struct err *e)
{
    struct webconfig *w = ((struct taking *)ud)->w;
    (void)name;
    (void)line;
    for (const char *p = value; *p != '\0'; p++)
        if ((unsigned char)*p < ' ' || *p == 127)
            return err_set(e, "a control character in the value of a header");
    if (value[0] == '\0')
        return err_set(e, "a value is wanted");
    w->header[w->n_headers].name = strrchr(key->path, '.') + 1;
    w->header[w->n_headers].value = strdup(value);
    return w->header[w->n_headers++].value != NULL || err_set(e, "out of memory");
}

static bool is_bcrypt(const char *hash, int *cost)
{
    static const char base64[] = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    if (strlen(hash) != WEBCONFIG_HASH_LEN || hash[0] != '$' || hash[1] != '2' ||
        strchr("aby", hash[2]) == NULL || hash[3] != '$' || hash[6] != '$' ||
        strspn(hash + 4, "0123456789") != 2 || strspn(hash + 7, base64) != 53)
        return false;
    *cost = (hash[4] - '0') * 10 + hash[5] - '0';
    return true;
}

static bool take_user(void *ud, const struct web_key *key, const char *name, const char *value, int line,
                      struct err *e)
{
    struct webconfig *w = ((struct taking *)ud)->w;
    int cost;
    (void)key;
    (void)line;
    if (!token_name_ok(name, strlen(name)))
        return err_set(e, "a name is 1 to %d letters, digits and . _ - @", TOKEN_NAME_MAX);
    if (!is_bcrypt(value, &cost))
        return err_set(e, "not a hash of bcrypt ($2y$10$...); htpasswd -nB NAME makes one");
    if (cost < COST_MIN || cost > COST_MAX)
        return err_set(e, "the cost of a hash is %d to %d here: each sign-in has to wait for it", COST_MIN,
                       COST_MAX);
    struct webconfig_user *more = reallocarray(w->user, w->n_users + 1, sizeof *more);
    if (more == NULL)
        return err_set(e, "out of memory");
    w->user = more;
    struct webconfig_user *u = &w->user[w->n_users++];
    snprintf(u->name, sizeof u->name, "%s", name);
    snprintf(u->hash, sizeof u->hash, "%s", value);
    return true;
}

/* --- the keys ----------------------------------------------------------------------------------------------------------- */

#define TLS     "tls_server_config."
#define HEADERS "http_server_config.headers."

static const struct web_key keys[] = {
    {"tls_server_config", NULL, NULL, 0},
    {TLS "cert_file", take_cert, NULL, 0},
    {TLS "key_file", take_key, NULL, 0},
    {TLS "client_ca_file", take_cert, NULL, 1},
    {TLS "client_auth_type", take_client, NULL, 0},
    {TLS "min_version", take_version, NULL, 0},
    {TLS "max_version", take_version, NULL, 1},
    {TLS "prefer_server_cipher_suites", take_word, NULL, 1},
    {TLS "cipher_suites", NULL, "the suites are chosen here: TLS 1.2 and 1.3 with forward secrecy and AEAD",
     0},
    {TLS "curve_preferences", NULL, "the curves are chosen by GnuTLS", 0},
    {TLS "client_allowed_sans", NULL, "is not understood here: sign certificates with a CA of their own", 0},
    {TLS "cert", NULL, "write cert_file: certificates stand in files", 0},
    {TLS "key", NULL, "write key_file: a key stands in a file", 0},
    {TLS "client_ca", NULL, "write client_ca_file: certificates stand in files", 0},
    {"http_server_config", NULL, NULL, 0},
    {"http_server_config.http2", take_word, NULL, 0},
    {"http_server_config.headers", NULL, NULL, 0},
    {HEADERS "Strict-Transport-Security", take_header, NULL, 0},
    {HEADERS "X-Frame-Options", take_header, NULL, 0},
    {HEADERS "X-XSS-Protection", take_header, NULL, 0},
    {HEADERS "X-Content-Type-Options", take_word, NULL, 2},
    {HEADERS "Content-Security-Policy", NULL, "each page has a strict policy of its own", 0},
    {"rate_limit", NULL, "is not understood here: a proxy can limit", 0},
    {"basic_auth_users", NULL, NULL, 0},
    {"basic_auth_users.*", take_user, NULL, 0},
    {NULL, NULL, NULL, 0},
};

/* What no single key shows. */
static bool check_together(const struct taking *t, struct err *e)
{
    bool asks = t->w->client != WEBCONFIG_NO_CLIENT, tls = t->cert_line != 0;
    int client = t->client_line != 0 ? t->client_line : t->ca_line;
    const struct {
        bool wrong;
        int line;
        const char *why;
    } rows[] = {
        {tls != (t->key_line != 0), tls ? t->cert_line : t->key_line, "cert_file and key_file go together"},
        {asks && t->ca_line == 0, client, "client_auth_type wants client_ca_file"},
        {!asks && t->ca_line != 0, t->ca_line,
         "client_ca_file wants a client_auth_type that asks for certificates"},
        {!tls && client != 0, client, "there is no cert_file"},
        {!tls && t->min_line != 0, t->min_line, "there is no cert_file"},
        {t->min > t->max, t->min_line, "min_version is above max_version"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].wrong)
            return err_set(e, "%s:%d: tls_server_config: %s", t->file, rows[i].line, rows[i].why);
    return true;
}

static bool check(const struct taking *t, struct err *e)
{
    struct err why = {""};
    if (!check_together(t, e))
        return false;
    webconfig_priorities(t->w, t->min == 0, t->max == 1);
    if (t->cert_line != 0 && !webconfig_try_server(t->w, &why))
        return err_set(e, "%s:%d: tls_server_config.cert_file: %s", t->file, t->cert_line, why.text);
    if (t->ca_line != 0 && !webconfig_try_clients(t->w, &why))
        return err_set(e, "%s:%d: tls_server_config.client_ca_file: %s", t->file, t->ca_line, why.text);
    return true;
}

struct webconfig *webconfig_load(const char *ref, struct err *e)
{
    struct taking t = {.w = calloc(1, sizeof(struct webconfig)), .max = 1};
    size_t len = 0;
    char *text = NULL;
    if (t.w == NULL) {
        err_set(e, "%s: out of memory", ref);
        return NULL;
    }
    t.w->refs = 1;
    bool ok = secret_path(ref, t.file, e) && (text = secret_text(ref, &len, e)) != NULL &&
              web_yaml_read(t.file, text, len, keys, &t, e) && check(&t, e);
    secret_password_free(text);
    if (ok)
        return t.w;
    webconfig_unref(t.w);
    return NULL;
}

struct webconfig *webconfig_ref(struct webconfig *w)
{
    w->refs++;
    return w;
}

void webconfig_unref(struct webconfig *w)
{
    if (w == NULL || --w->refs > 0)
        return;
    free(w->cert);
    secret_password_free(w->key);
    free(w->client_ca);
    for (size_t i = 0; i < w->n_headers; i++)
        free(w->header[i].value);
    if (w->user != NULL)
        explicit_bzero(w->user, w->n_users * sizeof *w->user);
    free(w->user);
    free(w);
}

const char *webconfig_hash(const struct webconfig *w, const char *name)
{
    for (size_t i = 0; w != NULL && i < w->n_users; i++)
        if (strcmp(w->user[i].name, name) == 0)
            return w->user[i].hash;
    return NULL;
}

static bool same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool webconfig_serves_alike(const struct webconfig *a, const struct webconfig *b)
{
    static const struct webconfig none;
    a = a != NULL ? a : &none;
    b = b != NULL ? b : &none;
    bool alike = same(a->cert, b->cert) && same(a->key, b->key) && same(a->client_ca, b->client_ca) &&
                 a->client == b->client && (a->cert == NULL || strcmp(a->priorities, b->priorities) == 0) &&
                 a->n_headers == b->n_headers;
    for (size_t i = 0; alike && i < a->n_headers; i++)
        alike = strcmp(a->header[i].name, b->header[i].name) == 0 &&
                strcmp(a->header[i].value, b->header[i].value) == 0;
    return alike;
}
