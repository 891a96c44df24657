/* Who may read and change what over HTTP: names, roles, the hashes of their tokens and the teams they may see, from a file.
 *
 *     # one line each; the hash is that of the token's characters, without a line end
 *     jo officer sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
 *     di reader sha256:fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9 teams=North,South East
 *     mo manager password
 *
 * The rest of a line behind teams= is a list of teams; in a name %2C is a comma and %25 a percent sign. Without it all teams are seen.
 * `password` in place of a hash: the password of that name is in the basic_auth_users of the web configuration file (webconfig.h).
 *
 * The file is one of secret.h. It holds no token, so that who reads it can use none; a token has 256 random bits, so that no salt
 * and no slow hash is called for. */
#ifndef EHCWATCH_TOKEN_H
#define EHCWATCH_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

/* Each may what those before it may. */
enum token_role {
    TOKEN_METRICS,  /* /metrics, /readyz and nothing else */
    TOKEN_READER,   /* pages, lists and cases */
    TOKEN_MEETING,  /* marks a meeting */
    TOKEN_OFFICER,  /* acknowledges and snoozes, and takes back what was his */
    TOKEN_MANAGER,  /* snoozes what is breached, and takes back anybody's */
    TOKEN_OPERATOR, /* sends messages again */
    TOKEN_ROLES,
};

#define TOKEN_ROLE_WORDS "metrics, reader, meeting, officer, manager, operator"

#define TOKEN_NAME_MAX 64
#define TOKEN_HASH_LEN 32
#define TOKEN_TEAMS    64  /* how many teams at most */
#define TOKEN_TEAM_LEN 960 /* bytes of their names, with a NUL behind each */

/* Teams by name; none: every team, and cases without one. */
struct token_teams {
    size_t n;
    char text[TOKEN_TEAM_LEN]; /* one after the other, each with a NUL behind it */
};

/* A plain value: whoever answers later keeps a copy, because a reload takes the list away. */
struct token {
    char name[TOKEN_NAME_MAX + 1]; /* letters, digits and . _ - @ */
    enum token_role role;
    bool password;                /* it is elsewhere: there is no hash */
    uint8_t hash[TOKEN_HASH_LEN]; /* SHA-256 */
    struct token_teams teams;
};

struct token_list;

/* Reads the file of a reference as in secret.h: blocks for as long as the disk does. A name twice, a hash twice and a file without a
 * line are errors. NULL and `e` ("FILE:LINE: what", never a byte of a hash). */
struct token_list *token_load(const char *ref, struct err *e) MUST_CHECK;
void token_list_free(struct token_list *l); /* NULL is fine */

/* The line of a name, or NULL; borrowed. */
const struct token *token_named(const struct token_list *l, const char *name);

/* The teams as they stand in a file behind "teams=". False: `e` says why. */
bool token_teams_read(struct token_teams *t, const char *text, size_t len, struct err *e) MUST_CHECK;

/* The name behind this one, the first for NULL; NULL: there is none left. */
const char *token_team_next(const struct token_teams *t, const char *team);

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
