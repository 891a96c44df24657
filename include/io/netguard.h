/* Which addresses a webhook may reach.
 *
 * A URL in the configuration may name, or be made to resolve to, something inside our own network: a metadata
 * service, a database, this machine. The check runs on the address that is about to be connected to, after
 * DNS, so a name that changes its answer between check and use gains nothing. Behind a forward proxy there is
 * only the proxy's address to see: egress is then the proxy's to police.
 *
 * Source: IANA special-purpose address registries (what is not globally reachable); RFC 6052 and RFC 8215
 * (NAT64), RFC 2765 (IPv4-translated), RFC 3056 (6to4), RFC 4380 (Teredo). */
#ifndef EHCWATCH_NETGUARD_H
#define EHCWATCH_NETGUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "err.h"

#define NETGUARD_NETS_MAX 16

/* A network, "10.1.2.0/24", "fd00::/8", or one address, "10.1.2.3". */
struct netguard_net {
    uint8_t addr[16]; /* the bytes beyond `bits` are 0 */
    uint8_t bits;
    bool v4;
};

/* What one endpoint may reach beside the public Internet. All zero: nothing. */
struct netguard {
    struct netguard_net net[NETGUARD_NETS_MAX];
    size_t n;
    bool named; /* the host of the URL is itself on the list of what may be reached */
};

/* Reads a network. False without a reason when `text` is no address at all, so that it may be a name; with one
 * in `e` when it is an address but no network: length out of range, bits beyond the length, all of a family. */
bool netguard_net_parse(const char *text, struct netguard_net *net, struct err *e);

/* True when the address is on the public Internet, in one of the networks of `guard` (NULL: none), or when the
 * host was named there and the address is private, shared or loopback: a name never opens link-local (cloud
 * metadata), multicast or reserved addresses, which its DNS might make of it. An IPv4 address is judged the same when
 * it comes wrapped in ::ffff:0:0/96, ::ffff:0:0:0/96, 64:ff9b::/96 or 2002::/16. False for every family but
 * AF_INET and AF_INET6. `sa` must be as long as its family says. Neither blocks nor allocates. */
bool netguard_allowed(const struct sockaddr *sa, const struct netguard *guard);

#endif
