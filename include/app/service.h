/* The running daemon: everything built up in order, torn down in reverse, once.
 *
 * service_new opens what must be there for a start (configuration, listener) and nothing else: databases and receivers may come
 * later. All is on one loop and one thread. */
#ifndef EHCWATCH_SERVICE_H
#define EHCWATCH_SERVICE_H

#include "err.h"

struct service;

/* What a failed start is to be reported as. */
enum service_fault { SERVICE_BAD_CONFIG, SERVICE_FAILED };

struct service *service_new(const char *config_file, enum service_fault *fault, struct err *e) MUST_CHECK;

/* Runs until SIGTERM or SIGINT has been obeyed: deliveries and transactions under way are ended or given back within the
 * configured bound. A second signal ends at once. */
void service_run(struct service *s);
void service_free(struct service *s);

#endif
