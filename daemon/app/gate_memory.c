#include "gate_memory.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <string.h>

bool gate_memory_init(struct gate_memory *m)
{
    memset(m, 0, sizeof *m);
    return RAND_bytes(m->key, sizeof m->key) == 1;
}

/* The hash has one length, so that no two pairs give the same text. */
bool gate_memory_mac(const struct gate_memory *m, const char *hash, const char *password,
                     uint8_t mac[GATE_MAC_LEN])
{
    unsigned char text[512];
    size_t a = strlen(hash), b = strlen(password);
    unsigned len = 0;
    if (a + b > sizeof text)
        return false;
    memcpy(text, hash, a);
    memcpy(text + a, password, b);
    bool ok =
        HMAC(EVP_sha256(), m->key, sizeof m->key, text, a + b, mac, &len) != NULL && len == GATE_MAC_LEN;
    explicit_bzero(text, sizeof text);
    return ok;
}

bool gate_memory_knows(const struct gate_memory *m, const uint8_t mac[GATE_MAC_LEN], double now)
{
    bool found = false;
    for (size_t i = 0; i < GATE_KEPT; i++)
        if (CRYPTO_memcmp(m->kept[i].mac, mac, GATE_MAC_LEN) == 0 && m->kept[i].until > now)
            found = true;
    return found;
}

void gate_memory_keep(struct gate_memory *m, const uint8_t mac[GATE_MAC_LEN], double now)
{
    size_t oldest = 0;
    for (size_t i = 0; i < GATE_KEPT; i++)
        if (m->kept[i].until < m->kept[oldest].until)
            oldest = i;
    memcpy(m->kept[oldest].mac, mac, GATE_MAC_LEN);
    m->kept[oldest].until = now + GATE_KEPT_FOR;
}
