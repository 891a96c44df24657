/* Secrets from files: signing keys of webhooks, passwords of databases.
 *
 * A reference is a path, or `credential:NAME` for the file NAME in $CREDENTIALS_DIRECTORY (systemd
 * LoadCredential=). The file must be regular, at most SECRET_FILE_MAX bytes, not open to other users in any
 * way and not writable by its group: 0400, 0440, 0600 and 0640 are fine. Reading it blocks for as long as the
 * disk does, so it belongs to start and reload, not to the running loop. An error names the file and line and
 * what to do, and never a byte of the content. Every copy made on the way is wiped. */
#ifndef EHCWATCH_SECRET_H
#define EHCWATCH_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define SECRET_FILE_MAX 65536
#define SECRET_KEY_MIN  24
#define SECRET_KEY_MAX  64
#define SECRET_KEYS_MAX 2

/* The signing keys of one endpoint, newest first: two while a key is being replaced. A plain value that its
 * holder owns; whoever copies it must wipe the copy too. */
struct secret_set {
    size_t n; /* 1 or 2 after a successful load, 0 when empty */
    struct secret_key {
        uint8_t bytes[SECRET_KEY_MAX];
        size_t len; /* SECRET_KEY_MIN..SECRET_KEY_MAX */
    } key[SECRET_KEYS_MAX];
};

/* Reads one or two lines of `whsec_` and base64 (RFC 4648 section 4, padded, canonical), the newest first;
 * empty lines are skipped. On failure `out` is empty. Source: Standard Webhooks 1.0.0, "Signature scheme". */
MUST_CHECK bool secret_load(struct secret_set *out, const char *ref, struct err *e);

/* Overwrites the keys and leaves the set empty. */
void secret_wipe(struct secret_set *set);

/* Calls `line` with every line of a file that is not empty, without its end, and with "PATH:NUMBER" for errors; false from it ends the
 * reading. The line is borrowed and wiped afterwards. */
typedef bool secret_line_fn(void *ud, const char *line, size_t len, const char *where, struct err *e);
MUST_CHECK bool secret_lines(const char *ref, secret_line_fn *line, void *ud, struct err *e);

/* The first line of a file that holds `what` (one word, for the error), without its line end: a URL, a key. As
 * secret_password. */
MUST_CHECK char *secret_line(const char *ref, const char *what, struct err *e);

/* The whole of a file, as a string of *len bytes (a NUL byte in it is an error) that the caller owns and gives to secret_password_free. */
MUST_CHECK char *secret_text(const char *ref, size_t *len, struct err *e);

/* The path that a reference stands for, into `path` of PATH_MAX bytes. */
MUST_CHECK bool secret_path(const char *ref, char *path, struct err *e);

/* The first line of a password file without its line end, as a string the caller owns and gives to
 * secret_password_free. NULL when the file cannot be used, or the line is empty or holds a NUL byte. */
MUST_CHECK char *secret_password(const char *ref, struct err *e);

/* Wipes and frees; NULL is fine. */
void secret_password_free(char *password);

#endif
