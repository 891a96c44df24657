/* Who is at the other end of an accepted connection. */
#ifndef EHCWATCH_HTTPD_PEER_H
#define EHCWATCH_HTTPD_PEER_H

#include <microhttpd.h>
#include <netinet/in.h>
#include <stdbool.h>

#include "webconfig.h"

#define PEER_TEXT_LEN INET6_ADDRSTRLEN

/* The address as text, "unix" for a Unix socket, and whether it is of this machine. */
bool peer_of(struct MHD_Connection *connection, char text[PEER_TEXT_LEN]);

/* Whether the certificate that was shown, or that none was, is as wanted. The library asks for one and takes whatever comes. */
bool peer_certified(struct MHD_Connection *connection, enum webconfig_client wanted);

#endif
