#include "netguard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/* What a host that was named by the configuration may turn out to be. */
enum reach {
    NEVER,   /* whatever its name: link-local, multicast, reserved */
    BY_NAME, /* inside the organisation's network, or this machine */
};

struct range {
    uint8_t bits;
    enum reach reach;
    uint8_t head[16];
};

static const struct range denied_v4[] = {
    {8, NEVER, {0}},             /* this network */
    {8, BY_NAME, {10}},          /* private */
    {10, BY_NAME, {100, 64}},    /* shared, carrier NAT */
    {8, BY_NAME, {127}},         /* loopback */
    {16, NEVER, {169, 254}},     /* link-local, cloud metadata */
    {12, BY_NAME, {172, 16}},    /* private */
    {24, NEVER, {192, 0, 0}},    /* protocol assignments */
    {24, NEVER, {192, 0, 2}},    /* documentation */
    {24, NEVER, {192, 88, 99}},  /* dead 6to4 relays */
    {16, BY_NAME, {192, 168}},   /* private */
    {15, NEVER, {198, 18}},      /* benchmarking */
    {24, NEVER, {198, 51, 100}}, /* documentation */
    {24, NEVER, {203, 0, 113}},  /* documentation */
    {4, NEVER, {224}},           /* multicast */
    {4, NEVER, {240}},           /* reserved, and broadcast */
};

static const struct range denied_v6[] = {
    {128, BY_NAME, {[15] = 1}},                  /* loopback */
    {96, NEVER, {0}},                            /* ::, and the dead IPv4-compatible form */
    {48, NEVER, {0x00, 0x64, 0xff, 0x9b, 0, 1}}, /* NAT64 of the local operator: leads inside by design */
    {64, NEVER, {0x01}},                         /* discard */
    {23, NEVER, {0x20, 0x01}}, /* protocol assignments; Teredo, 2001::/32, hides an IPv4 address */
    {32, NEVER, {0x20, 0x01, 0x0d, 0xb8}}, /* documentation */
    {20, NEVER, {0x3f, 0xff}},             /* documentation */
    {16, NEVER, {0x5f, 0x00}},             /* segment routing */
    {7, BY_NAME, {0xfc}},                  /* unique local */
    {10, NEVER, {0xfe, 0x80}},             /* link-local */
    {10, NEVER, {0xfe, 0xc0}},             /* site-local, dead but still routed by some */
    {8, NEVER, {0xff}},                    /* multicast */
};

/* Ranges that carry an IPv4 address, and the byte it starts at. */
static const struct {
    uint8_t bits, at, prefix[12];
} wrappers[] = {
    {96, 12, {[10] = 0xff, [11] = 0xff}}, /* IPv4-mapped */
    {96, 12, {[8] = 0xff, [9] = 0xff}},   /* IPv4-translated */
    {96, 12, {0x00, 0x64, 0xff, 0x9b}},   /* NAT64 */
    {16, 2, {0x20, 0x02}},                /* 6to4 */
};

static bool has_prefix(const uint8_t *addr, const uint8_t *prefix, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;
    if (memcmp(addr, prefix, whole) != 0)
        return false;
    return rest == 0 || ((addr[whole] ^ prefix[whole]) >> (8 - rest)) == 0;
}

static bool on_list(const struct netguard *guard, const uint8_t *addr, bool v4)
{
    for (size_t i = 0; guard != NULL && i < guard->n; i++)
        if (guard->net[i].v4 == v4 && has_prefix(addr, guard->net[i].addr, guard->net[i].bits))
            return true;
    return false;
}

/* Public, or opened by the name; in both the first range that holds the address decides. */
static bool may_reach(const struct range *ranges, size_t n, const uint8_t *addr, const struct netguard *guard)
{
    for (size_t i = 0; i < n; i++)
        if (has_prefix(addr, ranges[i].head, ranges[i].bits))
            return guard != NULL && guard->named && ranges[i].reach == BY_NAME;
    return true;
}

static bool v4_allowed(const uint8_t addr[4], const struct netguard *guard)
{
    return on_list(guard, addr, true) ||
           may_reach(denied_v4, sizeof denied_v4 / sizeof denied_v4[0], addr, guard);
}

static bool v6_allowed(const uint8_t addr[16], const struct netguard *guard)
{
    if (on_list(guard, addr, false))
        return true;
    for (size_t i = 0; i < sizeof wrappers / sizeof wrappers[0]; i++)
        if (has_prefix(addr, wrappers[i].prefix, wrappers[i].bits))
            return v4_allowed(addr + wrappers[i].at, guard);
    return may_reach(denied_v6, sizeof denied_v6 / sizeof denied_v6[0], addr, guard);
}

bool netguard_allowed(const struct sockaddr *sa, const struct netguard *guard)
{
    if (sa->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, sa, sizeof in);
        uint8_t addr[4];
        memcpy(addr, &in.sin_addr, sizeof addr);
        return v4_allowed(addr, guard);
    }
    if (sa->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, sa, sizeof in6);
        return v6_allowed(in6.sin6_addr.s6_addr, guard);
    }
    return false;
}

/* --- networks ------------------------------------------------------------------------------------------------- */

/* The address before the slash: the strict forms only, no "127.1" and no zone. */
static bool parse_addr(const char *text, size_t len, struct netguard_net *net)
{
    char host[INET6_ADDRSTRLEN] = "";
    if (len >= sizeof host)
        return false;
    memcpy(host, text, len);
    *net = (struct netguard_net){.v4 = true, .bits = 32};
    if (inet_pton(AF_INET, host, net->addr) == 1)
        return true;
    *net = (struct netguard_net){.v4 = false, .bits = 128};
    return inet_pton(AF_INET6, host, net->addr) == 1;
}

static void clear_beyond(struct netguard_net *net)
{
    for (unsigned bit = net->bits; bit < 128; bit++)
        net->addr[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
}

bool netguard_net_parse(const char *text, struct netguard_net *net, struct err *e)
{
    size_t len = strcspn(text, "/");
    const char *digits = text[len] == '/' ? text + len + 1 : NULL;
    if (!parse_addr(text, len, net))
        return false;
    if (digits == NULL)
        return true;
    size_t n = strspn(digits, "0123456789");
    long bits = n >= 1 && n <= 3 && digits[n] == '\0' ? strtol(digits, NULL, 10) : -1;
    if (bits < 1 || bits > net->bits)
        return err_set(e, "'%.64s' must end with a length of 1 to %d", text, net->bits);
    struct netguard_net whole = *net;
    net->bits = (uint8_t)bits;
    clear_beyond(net);
    return memcmp(net->addr, whole.addr, sizeof net->addr) == 0 ||
           err_set(e, "'%.64s' has bits set beyond its first %ld", text, bits);
}
