#include "netguard.h"

#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

struct range {
    uint8_t bits;
    uint8_t head[8]; /* no prefix below is longer than 96 bits, and those of 96 end in zeros */
};

static const struct range denied_v4[] = {
    {8, {0}},          /* this network */
    {8, {10}},         /* private */
    {10, {100, 64}},   /* shared, carrier NAT */
    {8, {127}},        /* loopback */
    {16, {169, 254}},  /* link-local, cloud metadata */
    {12, {172, 16}},   /* private */
    {24, {192, 0, 0}}, /* protocol assignments */
    {16, {192, 168}},  /* private */
    {15, {198, 18}},   /* benchmarking */
    {4, {224}},        /* multicast */
    {4, {240}},        /* reserved, and broadcast */
};

static const struct range denied_v6[] = {
    {96, {0}},                            /* ::, ::1 and the dead IPv4-compatible form */
    {48, {0x00, 0x64, 0xff, 0x9b, 0, 1}}, /* NAT64 of the local operator: leads inside by design */
    {32, {0x20, 0x01, 0, 0}},             /* Teredo: hides an IPv4 address */
    {7, {0xfc}},                          /* unique local */
    {10, {0xfe, 0x80}},                   /* link-local */
    {10, {0xfe, 0xc0}},                   /* site-local, dead but still routed by some */
    {8, {0xff}},                          /* multicast */
};

/* Ranges that carry an IPv4 address, and the byte it starts at. */
static const struct {
    uint8_t bits, at, prefix[12];
} wrappers[] = {
    {96, 12, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}}, /* IPv4-mapped */
    {96, 12, {0x00, 0x64, 0xff, 0x9b}},                   /* NAT64 */
    {16, 2, {0x20, 0x02}},                                /* 6to4 */
};

static bool has_prefix(const uint8_t *addr, const uint8_t *prefix, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;
    if (memcmp(addr, prefix, whole) != 0)
        return false;
    return rest == 0 || ((addr[whole] ^ prefix[whole]) >> (8 - rest)) == 0;
}

static bool in_any(const uint8_t *addr, size_t addr_len, const struct range *ranges, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t prefix[16] = {0};
        memcpy(prefix, ranges[i].head, addr_len < sizeof ranges[i].head ? addr_len : sizeof ranges[i].head);
        if (has_prefix(addr, prefix, ranges[i].bits))
            return true;
    }
    return false;
}

static bool v4_allowed(const uint8_t addr[4])
{
    return !in_any(addr, 4, denied_v4, sizeof denied_v4 / sizeof denied_v4[0]);
}

static bool v6_allowed(const uint8_t addr[16])
{
    for (size_t i = 0; i < sizeof wrappers / sizeof wrappers[0]; i++)
        if (has_prefix(addr, wrappers[i].prefix, wrappers[i].bits))
            return v4_allowed(addr + wrappers[i].at);
    return !in_any(addr, 16, denied_v6, sizeof denied_v6 / sizeof denied_v6[0]);
}

bool netguard_allowed(const struct sockaddr *sa)
{
    if (sa->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, sa, sizeof in);
        uint8_t addr[4];
        memcpy(addr, &in.sin_addr, sizeof addr);
        return v4_allowed(addr);
    }
    if (sa->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, sa, sizeof in6);
        return v6_allowed(in6.sin6_addr.s6_addr);
    }
    return false;
}
