/* Which addresses a webhook may reach.
 *
 * A URL in the configuration may name, or be made to resolve to, something inside our own network: a metadata
 * service, a database, this machine. The check runs on the address that is about to be connected to, after
 * DNS, so a name that changes its answer between check and use gains nothing. Behind a forward proxy it would
 * see the proxy only; ehcwatchd uses none.
 *
 * Source: IANA special-purpose address registries; RFC 6052 and RFC 8215 (NAT64), RFC 3056 (6to4), RFC 4380
 * (Teredo). */
#ifndef EHCWATCH_NETGUARD_H
#define EHCWATCH_NETGUARD_H

#include <stdbool.h>
#include <sys/socket.h>

/* True when the address is on the public Internet. False for loopback, private, link-local, shared,
 * benchmark, multicast, reserved and unspecified ranges, also when wrapped in ::ffff:0:0/96, 64:ff9b::/96 or
 * 2002::/16, and for every family but AF_INET and AF_INET6. `sa` must be as long as its family says. Neither
 * blocks nor allocates. */
bool netguard_allowed(const struct sockaddr *sa);

#endif
