/* Where a webhook may go: the options allow and proxy. */
#ifndef EHCWATCH_EGRESS_H
#define EHCWATCH_EGRESS_H

#include "config.h"
#include "netguard.h"

/* Checks of one item of allow (a network, an address or a host name) and of proxy, as in config_check.h. */
bool egress_check_allow(const char *name, const char *value, struct err *e) MUST_CHECK;
bool egress_check_proxy(const char *name, const char *value, struct err *e) MUST_CHECK;

/* What the filter lets an endpoint of this URL reach. The items have passed egress_check_allow; at most
 * NETGUARD_NETS_MAX of them count. */
void egress_guard(struct netguard *guard, const struct config_list *allow, const char *url);

/* The proxy of this webhook: its own, or that of the file; NULL for none, and for mail. Borrowed from `c`. */
const char *egress_proxy(const struct config *c, const struct config_webhook *w);

#endif
