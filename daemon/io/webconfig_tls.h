/* What of a web configuration goes to GnuTLS, tried out. */
#ifndef EHCWATCH_WEBCONFIG_TLS_H
#define EHCWATCH_WEBCONFIG_TLS_H

#include "webconfig.h"

/* Forward secrecy and AEAD alone, from TLS 1.2 or 1.3 on. */
void webconfig_priorities(struct webconfig *w, bool tls12, bool tls13);

/* Whether a server could start with certificate, key and priorities, and ask for certificates of clients. */
bool webconfig_try_server(const struct webconfig *w, struct err *e) MUST_CHECK;
bool webconfig_try_clients(const struct webconfig *w, struct err *e) MUST_CHECK;

#endif
