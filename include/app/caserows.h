/* The obligations of a casefile, evaluated and written on all cores in the order of the output (rulebook section 8). */
#ifndef EHCWATCH_CASEROWS_H
#define EHCWATCH_CASEROWS_H

#include "findings_file.h"

struct caserows_how {
    civil_day as_of;
    uint64_t limits;                /* LIMIT_BIT */
    bool json;                      /* objects with the rulebook's version; or CSV */
    int out;                        /* a file descriptor */
    struct findings_file *findings; /* gets what is found on the way; NULL: nothing is looked for */
    unsigned threads;               /* at most; 0: as many as there are cores */
};

/* Settles the facts of the casefile. Blocks until everything is written. False: it could not be, or out of memory. */
bool caserows_write(struct casefile *cf, const struct rulebook *rb,
                    const struct caserows_how *how) MUST_CHECK;

#endif
