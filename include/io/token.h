/* Who may change something over HTTP: names, roles and the hashes of their tokens, from a file.
 *
 *     # one line each; the hash is that of the token's characters, without a line end
 *     jo officer sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
 *
 * The file is one of secret.h. It holds no token, so that who reads it can use none; a token has 256 random bits, so that no salt
 * and no slow hash is called for. */
#ifndef EHCWATCH_TOKEN_H
#define EHCWATCH_TOKEN_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

/* Each may what those before it may. */
enum token_role {
    TOKEN_READER,
    TOKEN_OFFICER,  /* acknowledges and snoozes, and takes back what was his */
    TOKEN_MANAGER,  /* snoozes what is breached, and takes back anybody's */
    TOKEN_OPERATOR, /* sends messages again */
    TOKEN_ROLES,
};

#define TOKEN_NAME_MAX 64
#define TOKEN_HASH_LEN 32

struct token {
    char name[TOKEN_NAME_MAX + 1]; /* letters, digits and . _ - @ */
    enum token_role role;
    uint8_t hash[TOKEN_HASH_LEN]; /* SHA-256 */
};

struct token_list;

/* Reads the file of a reference as in secret.h: blocks for as long as the disk does. A name twice, a hash twice and a file without a
 * line are errors. NULL and `e` ("FILE:LINE: what", never a byte of a hash). */
struct token_list *token_load(const char *ref, struct err *e) MUST_CHECK;
void token_list_free(struct token_list *l); /* NULL is fine */

/* Whose token it is, or NULL; borrowed. Compares with every one in the list, each in time that does not depend on where they differ. */
const struct token *token_find(const struct token_list *l, const char *presented, size_t len);

const char *token_role_name(enum token_role r);

/* Reads the name of a role. */
bool token_role_by_name(const char *name, size_t len, enum token_role *role);

/* Whether it can stand for a person in the file. */
bool token_name_ok(const char *name, size_t len);

#define TOKEN_TEXT_LEN 49 /* "ehct_", 43 characters of A-Z a-z 0-9 - _, and the NUL */
#define TOKEN_HEX_LEN  65

/* Makes a new token from the system's random numbers, and the hash for the file. False: there were none. */
bool token_make(char text[TOKEN_TEXT_LEN], char hex[TOKEN_HEX_LEN]) MUST_CHECK;

#endif
