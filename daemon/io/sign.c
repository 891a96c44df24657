#include "sign.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdio.h>
#include <string.h>

#define MAC_LEN 32

static bool mac(EVP_MAC *hmac, const struct secret_key *key, const char *head, const void *body, size_t len,
                uint8_t out[MAC_LEN])
{
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0),
                                 OSSL_PARAM_construct_end()};
    EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(hmac);
    size_t got = 0;
    bool ok = ctx != NULL && EVP_MAC_init(ctx, key->bytes, key->len, params) == 1 &&
              EVP_MAC_update(ctx, (const uint8_t *)head, strlen(head)) == 1 &&
              EVP_MAC_update(ctx, body, len) == 1 && EVP_MAC_final(ctx, out, &got, MAC_LEN) == 1 &&
              got == MAC_LEN;
    EVP_MAC_CTX_free(ctx);
    return ok;
}

bool sign_v1(const struct secret_set *keys, const char *id, int64_t unix_ts, const void *body, size_t len,
             char *out, size_t cap)
{
    char head[256], *at = out;
    if (cap > 0)
        out[0] = '\0';
    if (cap < SIGN_V1_CAP || keys->n == 0 || *id == '\0' || strchr(id, '.') != NULL || unix_ts < 0)
        return false;
    int n = snprintf(head, sizeof head, "%s.%" PRId64 ".", id, unix_ts);
    if (n < 0 || (size_t)n >= sizeof head)
        return false;

    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    bool ok = hmac != NULL;
    for (size_t i = 0; ok && i < keys->n; i++) {
        uint8_t digest[MAC_LEN];
        ok = mac(hmac, &keys->key[i], head, body, len, digest);
        if (!ok)
            break;
        at = stpcpy(at, i == 0 ? "v1," : " v1,");
        at += EVP_EncodeBlock((uint8_t *)at, digest, MAC_LEN);
    }
    if (!ok)
        out[0] = '\0';
    EVP_MAC_free(hmac);
    return ok;
}
