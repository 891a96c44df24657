/* Passwords that were right, for a while: what is kept says nothing about them without the key of this process. */
#ifndef EHCWATCH_GATE_MEMORY_H
#define EHCWATCH_GATE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GATE_MAC_LEN = 32, GATE_KEPT = 64 };

#define GATE_KEPT_FOR 300. /* seconds */

struct gate_memory {
    uint8_t key[GATE_MAC_LEN];
    struct {
        uint8_t mac[GATE_MAC_LEN];
        double until; /* of the monotonic clock; 0: free */
    } kept[GATE_KEPT];
};

/* False: no random numbers. */
bool gate_memory_init(struct gate_memory *m);

/* What stands for a password and the hash that it is right for. False: no memory. */
bool gate_memory_mac(const struct gate_memory *m, const char *hash, const char *password,
                     uint8_t mac[GATE_MAC_LEN]);

bool gate_memory_knows(const struct gate_memory *m, const uint8_t mac[GATE_MAC_LEN], double now);

/* The oldest makes room. */
void gate_memory_keep(struct gate_memory *m, const uint8_t mac[GATE_MAC_LEN], double now);

#endif
