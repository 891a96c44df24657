/* Who has read what: one line in the log for every answer with cases in it. */
#ifndef EHCWATCH_READ_LOG_H
#define EHCWATCH_READ_LOG_H

#include "access.h"
#include "httpd.h"

/* Logs the event list_read with WHO, PEER, METHOD, READ (the address), FILTER (the query as it was given, 300 bytes of it at most) and
 * STATUS, 0 when the answer is still to come. The query's names are known by now, so that nothing but what was asked for can be in it. */
void read_log(const struct caller *who, const struct httpd_request *q, unsigned status);

#endif
