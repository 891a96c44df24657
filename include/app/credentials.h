/* The passwords and signing secrets that a configuration names, read from their files.
 *
 * They are read once, at start and at reload: this blocks on the file system. An error is one line that names the
 * configuration, the option and the file, and never a byte of a secret:
 *     /etc/ehcwatchd.conf: webhook "mis": secret_file /etc/ehcwatchd/mis.secret: No such file or directory */
#ifndef EHCWATCH_CREDENTIALS_H
#define EHCWATCH_CREDENTIALS_H

#include <stddef.h>

#include "err.h"
#include "secret.h"
#include "token.h"
#include "webconfig.h"

struct config;

enum credentials_part {
    CREDENTIALS_SOURCE = 1,
    CREDENTIALS_STATE = 2,
    CREDENTIALS_WEBHOOKS = 4,
    CREDENTIALS_TOKENS = 16,
    CREDENTIALS_ALL = 23,
    /* Leaves out what only systemd can pass, when $CREDENTIALS_DIRECTORY is not set: for a check by hand. */
    CREDENTIALS_IF_PASSED = 8,
};

/* What an endpoint's files hold besides its signing keys; each NULL when the configuration names no such file. */
struct credentials_hook {
    char *url, *routing_key, *password;
};

struct credentials {
    char *source_password, *state_password; /* NULL: none is configured, or that part was not asked for */
    struct token_list *tokens;              /* NULL: none */
    struct webconfig *web;                  /* NULL: none; read with the tokens */
    struct secret_set *webhook;             /* by the index of config->webhook; n = 0 for a disabled one */
    struct credentials_hook *hook;          /* by the same index */
    size_t n_webhooks;                      /* 0 when the webhooks were not asked for */
};

/* Reads the parts asked for (enum credentials_part, or-ed) of `c`, which came from `file`. NULL and `e` when one cannot
 * be used. The caller owns the result; nothing in it points into `c`. */
MUST_CHECK struct credentials *credentials_load(const char *file, const struct config *c, unsigned parts,
                                                struct err *e);

/* Wipes and frees; NULL is fine. */
void credentials_free(struct credentials *cr);

#endif
