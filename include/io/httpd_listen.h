/* The listening socket of the HTTP server. */
#ifndef EHCWATCH_HTTPD_LISTEN_H
#define EHCWATCH_HTTPD_LISTEN_H

#include "httpd.h"

/* Opens what `conf` names, or checks the descriptor it passes: listening, stream, made non-blocking and close-on-exec.
 * Returns the descriptor, or -1 and `e`. Does not block. */
int listen_open(const struct httpd_conf *conf, struct err *e) MUST_CHECK;

/* The path of "unix:/path", else NULL. Points into `address`. */
const char *listen_unix_path(const char *address);

/* The bound TCP port, 0 for other families. */
int listen_port(int fd);

#endif
