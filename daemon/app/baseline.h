/* The end of a baseline: states are written, from now on changes are told. */
#ifndef EHCWATCH_BASELINE_H
#define EHCWATCH_BASELINE_H

#include "pglink.h"
#include "writer.h"

/* Marks the work's fresh limits as baselined and owes every endpoint one summary, in one statement; `fn` gets the outcome: a
 * row, or none when `term` is over and nothing was done. False: nothing was sent. */
bool baseline_end(const struct core *core, struct pg_link *link, const struct writer_work *work,
                  const struct writer_endpoint *endpoints, size_t n, const char *term, pg_result_fn *fn,
                  void *ud, struct err *e) MUST_CHECK;

#endif
