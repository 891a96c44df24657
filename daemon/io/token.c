#include "token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "secret.h"

#define HASH_PREFIX  "sha256:"
#define TEAMS_PREFIX "teams="
#define PASSWORD     "password"
#define WRITE_LINE                                                                                           \
    "each line must be NAME, one of " TOKEN_ROLE_WORDS ", sha256: with 64 digits of the hash (or the word "  \
    "password), and perhaps teams="

static const char *const roles[TOKEN_ROLES] = {"metrics", "reader",  "meeting",
                                               "officer", "manager", "operator"};

struct token_list {
    size_t n, cap;
    struct token *item;
};

const char *token_role_name(enum token_role r)
{
    return roles[r];
}

bool token_role_by_name(const char *name, size_t len, enum token_role *role)
{
    for (int r = 0; r < TOKEN_ROLES; r++)
        if (strlen(roles[r]) == len && memcmp(roles[r], name, len) == 0) {
            *role = (enum token_role)r;
            return true;
        }
    return false;
}

bool token_name_ok(const char *name, size_t len)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@";
    for (size_t i = 0; i < len; i++)
        if (name[i] == '\0' || strchr(allowed, name[i]) == NULL)
            return false;
    return len > 0 && len <= TOKEN_NAME_MAX;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hash(const char *s, size_t len, uint8_t hash[TOKEN_HASH_LEN])
{
    size_t prefix = strlen(HASH_PREFIX);
    if (len != prefix + 2 * TOKEN_HASH_LEN || memcmp(s, HASH_PREFIX, prefix) != 0)
        return false;
    for (size_t i = 0; i < TOKEN_HASH_LEN; i++) {
        int high = hex_digit(s[prefix + 2 * i]), low = hex_digit(s[prefix + 2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        hash[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static size_t word(const char *line, size_t len, size_t *at, const char **start)
{
    while (*at < len && (line[*at] == ' ' || line[*at] == '\t'))
        ++*at;
    size_t from = *at;
    while (*at < len && line[*at] != ' ' && line[*at] != '\t')
        ++*at;
    *start = line + from;
    return *at - from;
}

/* --- teams -------------------------------------------------------------------------------------------------------------- */

const char *token_team_next(const struct token_teams *t, const char *team)
{
    const char *end = t->text;
    for (size_t i = 0; i < t->n; i++) {
        const char *here = end;
        end += strlen(end) + 1;
        if (team == NULL)
            return here;
        if (here == team)
            team = NULL;
    }
    return NULL;
}

/* One name, without the blanks around it and with its %2C and %25 undone, to `out`; what it takes with its NUL, 0: it is none. */
static size_t read_team(const char *text, size_t len, char *out, size_t room)
{
    size_t n = 0;
    while (len > 0 && (text[0] == ' ' || text[0] == '\t'))
        text++, len--;
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if ((unsigned char)c < ' ' || n + 1 >= room)
            return 0;
        if (c == '%') {
            const char *code = i + 2 < len ? text + i + 1 : "";
            if (strncasecmp(code, "2c", 2) != 0 && strncmp(code, "25", 2) != 0)
                return 0;
            c = code[1] == '5' ? '%' : ',';
            i += 2;
        }
        out[n++] = c;
    }
    out[n] = '\0';
    return n > 0 ? n + 1 : 0;
}

bool token_teams_read(struct token_teams *t, const char *text, size_t len, struct err *e)
{
    size_t used = 0;
    *t = (struct token_teams){.n = 0};
    for (const char *end = text + len;; text++) {
        const char *comma = memchr(text, ',', (size_t)(end - text));
        size_t n = (size_t)((comma != NULL ? comma : end) - text);
        size_t took = t->n < TOKEN_TEAMS ? read_team(text, n, t->text + used, sizeof t->text - used) : 0;
        if (took == 0)
            return err_set(
                e,
                "teams= wants 1 to %d names with a comma between, %d bytes in all, %%2C and %%25 for a comma "
                "and a %% in a name",
                TOKEN_TEAMS, TOKEN_TEAM_LEN);
        used += took;
        t->n++;
        text += n;
        if (comma == NULL)
            return true;
    }
}

/* --- the file ----------------------------------------------------------------------------------------------------------- */

/* What is behind the hash: nothing, or teams= up to the end of the line. */
static bool read_rest(struct token_teams *t, const char *rest, size_t len, const char *where, struct err *e)
{
    struct err why = {""};
    while (len > 0 && (rest[0] == ' ' || rest[0] == '\t'))
        rest++, len--;
    if (len == 0)
        return true;
    size_t n = strlen(TEAMS_PREFIX);
    if (len < n || memcmp(rest, TEAMS_PREFIX, n) != 0)
        return err_set(e, "%s: " WRITE_LINE, where);
    return token_teams_read(t, rest + n, len - n, &why) || err_set(e, "%s: %s", where, why.text);
}

static bool is_new(const struct token_list *l, const struct token *t, const char *where, struct err *e)
{
    for (size_t i = 0; i < l->n; i++) {
        const struct token *other = &l->item[i];
        if (strcmp(other->name, t->name) == 0)
            return err_set(e, "%s: %s is there twice", where, t->name);
        if (!t->password && !other->password && memcmp(other->hash, t->hash, sizeof t->hash) == 0)
            return err_set(e, "%s: %s has the token of %s", where, t->name, other->name);
    }
    return true;
}

static bool take_line(void *ud, const char *line, size_t len, const char *where, struct err *e)
{
    struct token_list *l = ud;
    struct token t = {.name = ""};
    const char *name, *role, *hash;
    size_t at = 0;
    if (line[0] == '#')
        return true;
    size_t name_len = word(line, len, &at, &name), role_len = word(line, len, &at, &role),
           hash_len = word(line, len, &at, &hash);
    t.password = hash_len == strlen(PASSWORD) && memcmp(hash, PASSWORD, hash_len) == 0;
    if (!token_name_ok(name, name_len) || !token_role_by_name(role, role_len, &t.role) ||
        (!t.password && !read_hash(hash, hash_len, t.hash)))
        return err_set(e, "%s: " WRITE_LINE, where);
    memcpy(t.name, name, name_len);
    if (!read_rest(&t.teams, line + at, len - at, where, e) || !is_new(l, &t, where, e))
        return false;
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 8;
        struct token *more = reallocarray(l->item, cap, sizeof *more);
        if (more == NULL)
            return err_set(e, "%s: out of memory", where);
        l->item = more;
        l->cap = cap;
    }
    l->item[l->n++] = t;
    return true;
}

struct token_list *token_load(const char *ref, struct err *e)
{
    struct token_list *l = calloc(1, sizeof *l);
    if (l == NULL) {
        err_set(e, "%s: out of memory", ref);
        return NULL;
    }
    bool ok = secret_lines(ref, take_line, l, e);
    if (ok && l->n == 0)
        ok = err_set(e, "%s: no token in it; " WRITE_LINE, ref);
    if (ok)
        return l;
    token_list_free(l);
    return NULL;
}

void token_list_free(struct token_list *l)
{
    if (l == NULL)
        return;
    free(l->item);
    free(l);
}

static bool digest(const char *text, size_t len, uint8_t hash[TOKEN_HASH_LEN])
{
    unsigned n = 0;
    return EVP_Digest(text, len, hash, &n, EVP_sha256(), NULL) == 1 && n == TOKEN_HASH_LEN;
}

const struct token *token_find(const struct token_list *l, const char *presented, size_t len)
{
    uint8_t hash[TOKEN_HASH_LEN];
    const struct token *found = NULL;
    if (!digest(presented, len, hash))
        return NULL;
    for (size_t i = 0; i < l->n; i++)
        if (CRYPTO_memcmp(l->item[i].hash, hash, sizeof hash) == 0 && !l->item[i].password)
            found = &l->item[i];
    return found;
}

const struct token *token_named(const struct token_list *l, const char *name)
{
    for (size_t i = 0; i < l->n; i++)
        if (strcmp(l->item[i].name, name) == 0)
            return &l->item[i];
    return NULL;
}

bool token_make(char text[TOKEN_TEXT_LEN], char hex[TOKEN_HEX_LEN])
{
    uint8_t random[TOKEN_HASH_LEN], hash[TOKEN_HASH_LEN];
    char base64[45];
    if (RAND_bytes(random, sizeof random) != 1)
        return false;
    EVP_EncodeBlock((uint8_t *)base64, random, sizeof random);
    base64[43] = '\0'; /* the padding */
    for (char *p = base64; *p != '\0'; p++)
        *p = *p == '+' ? '-' : *p == '/' ? '_' : *p;
    snprintf(text, TOKEN_TEXT_LEN, "ehct_%.43s", base64);
    bool ok = digest(text, strlen(text), hash);
    for (size_t i = 0; ok && i < TOKEN_HASH_LEN; i++)
        snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    OPENSSL_cleanse(random, sizeof random);
    OPENSSL_cleanse(base64, sizeof base64);
    return ok;
}
