/* The end of an evaluation that was written: it is noted, baselines end, and whoever was not told case by case gets one summary. */
#ifndef EHCWATCH_BASELINE_H
#define EHCWATCH_BASELINE_H

#include "pglink.h"
#include "writer.h"

/* Whether the work has such an end: all cases were read, or an import was written. */
bool evaluation_ends(const struct writer_work *work);

/* One statement; `fn` gets the outcome: a row, or none when `term` is over and nothing was done. False: nothing was sent. */
bool evaluation_end(const struct core *core, struct pg_link *link, const struct writer_work *work,
                    const struct writer_endpoint *endpoints, size_t n, const char *term, pg_result_fn *fn,
                    void *ud, struct err *e) MUST_CHECK;

/* Before an import is written: its date and size are noted, so that whoever goes on with it does not tell the rest of it. As above. */
bool evaluation_bulk(const struct core *core, struct pg_link *link, const struct writer_work *work,
                     const char *term, pg_result_fn *fn, void *ud) MUST_CHECK;

#endif
