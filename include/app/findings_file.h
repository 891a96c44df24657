/* The findings of `evaluate --findings FILE`: collected case by case, in parts by several threads, sorted, written as CSV.
 *
 * case_ref,kind,event,subject,occurred_on,explanation, sorted by case_ref as bytes, then by kind in the order of finding.h, date,
 * event and subject. Rows that took no part say in the explanation where they stand ("events.csv:12"). */
#ifndef EHCWATCH_FINDINGS_FILE_H
#define EHCWATCH_FINDINGS_FILE_H

#include "casefile.h"
#include "caseload.h"
#include "quality.h"

struct findings_file;

/* Both are borrowed until findings_file_free. `past`: the file was read as of what was known at a time. NULL: out of memory. */
struct findings_file *findings_file_new(const struct casefile *cf, const struct rulebook *rb, civil_day as_of,
                                        bool past);

/* The findings of some cases, which one thread makes: {0} is none. */
struct findings_part {
    struct findings_row *rows;
    size_t n, cap;
    struct quality_share exceptions;
};

/* What is found in one case, whose facts have been settled, and in the obligations that came of it. False: out of memory. */
bool findings_file_case(const struct findings_file *f, struct findings_part *part,
                        const struct casefile_case *k, const struct case_facts *facts,
                        const struct obligation *o, size_t n) MUST_CHECK;

/* Takes the findings over; the part is empty then, and can be used again. One thread at a time. False: out of memory. */
bool findings_file_add(struct findings_file *f, struct findings_part *part) MUST_CHECK;
void findings_part_free(struct findings_part *part);

/* After the last case: writes the file in place of one that may be there. */
bool findings_file_write(struct findings_file *f, const char *path, struct err *e) MUST_CHECK;
void findings_file_free(struct findings_file *f); /* NULL is fine */

#endif
