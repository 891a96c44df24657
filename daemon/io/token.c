#include "token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "secret.h"

#define HASH_PREFIX "sha256:"
#define WRITE_LINE                                                                                           \
    "each line must be NAME, one of reader, officer, manager, operator, and sha256: with 64 digits of the "  \
    "hash"

static const char *const roles[TOKEN_ROLES] = {"reader", "officer", "manager", "operator"};

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

static bool take_line(void *ud, const char *line, size_t len, const char *where, struct err *e)
{
    struct token_list *l = ud;
    struct token t = {.name = ""};
    const char *name, *role, *hash, *rest;
    size_t at = 0;
    if (line[0] == '#')
        return true;
    size_t name_len = word(line, len, &at, &name), role_len = word(line, len, &at, &role),
           hash_len = word(line, len, &at, &hash);
    if (!token_name_ok(name, name_len) || !token_role_by_name(role, role_len, &t.role) ||
        !read_hash(hash, hash_len, t.hash) || word(line, len, &at, &rest) != 0)
        return err_set(e, "%s: " WRITE_LINE, where);
    memcpy(t.name, name, name_len);
    for (size_t i = 0; i < l->n; i++) {
        if (strcmp(l->item[i].name, t.name) == 0)
            return err_set(e, "%s: %s is there twice", where, t.name);
        if (memcmp(l->item[i].hash, t.hash, sizeof t.hash) == 0)
            return err_set(e, "%s: %s has the token of %s", where, t.name, l->item[i].name);
    }
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
        if (CRYPTO_memcmp(l->item[i].hash, hash, sizeof hash) == 0)
            found = &l->item[i];
    return found;
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
