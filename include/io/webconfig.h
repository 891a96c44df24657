/* TLS, response headers and passwords of the HTTP server, from a file in the format of Prometheus' exporter toolkit (web.yml):
 *
 *     tls_server_config:
 *       cert_file: server.crt             # the chain; relative names are relative to this file
 *       key_file: server.key
 *       client_auth_type: RequireAndVerifyClientCert
 *       client_ca_file: clients.crt
 *       min_version: TLS12
 *     http_server_config:
 *       headers: {Strict-Transport-Security: max-age=31536000}
 *     basic_auth_users:
 *       jo: $2y$10$...                    # bcrypt, as of htpasswd -B
 *
 * `promtool check web-config` accepts what is accepted here. The reverse does not hold: what cannot be honoured is refused by name,
 * with file and line, and never left out in silence. The file and the key are files of secret.h.
 * Source: github.com/prometheus/exporter-toolkit, docs/web-configuration.md. */
#ifndef EHCWATCH_WEBCONFIG_H
#define EHCWATCH_WEBCONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "token.h"

#define WEBCONFIG_HASH_LEN 60 /* of bcrypt */
#define WEBCONFIG_HEADERS  3

enum webconfig_client {
    WEBCONFIG_NO_CLIENT,       /* nobody is asked for a certificate */
    WEBCONFIG_CLIENT_IF_GIVEN, /* one that is shown has to be good */
    WEBCONFIG_CLIENT_REQUIRED,
};

struct webconfig_user {
    char name[TOKEN_NAME_MAX + 1], hash[WEBCONFIG_HASH_LEN + 1];
};

struct webconfig {
    unsigned refs;
    char *cert, *key, *client_ca; /* PEM; NULL: none, and without cert no TLS */
    enum webconfig_client client;
    char priorities[200]; /* of GnuTLS */
    struct {
        const char *name; /* a constant */
        char *value;
    } header[WEBCONFIG_HEADERS]; /* the first n_headers */
    size_t n_headers;
    struct webconfig_user *user;
    size_t n_users;
};

/* Reads the file of a reference as in secret.h, and those that it names, and proves that a server could start with them. Blocks on the
 * file system. NULL and `e` ("FILE:LINE: what", never a byte of a key or a hash). */
struct webconfig *webconfig_load(const char *ref, struct err *e) MUST_CHECK;
struct webconfig *webconfig_ref(struct webconfig *w);
void webconfig_unref(struct webconfig *w); /* the last one wipes; NULL is fine */

/* Whether a server that runs with one need not be started anew for the other; NULL: none. */
bool webconfig_serves_alike(const struct webconfig *a, const struct webconfig *b);

/* The hash of a user, or NULL. */
const char *webconfig_hash(const struct webconfig *w, const char *name);

#endif
