/* The findings of `evaluate --findings FILE`: collected case by case, sorted, written as CSV.
 *
 * case_ref,kind,event,subject,occurred_on,explanation, sorted by case_ref as bytes, then by kind in the order of finding.h, date,
 * event and subject. Rows that took no part say in the explanation where they stand ("events.csv:12"). */
#ifndef EHCWATCH_FINDINGS_FILE_H
#define EHCWATCH_FINDINGS_FILE_H

#include "casefile.h"
#include "caseload.h"

struct findings_file;

/* Both are borrowed until findings_file_free. NULL: out of memory. */
struct findings_file *findings_file_new(const struct casefile *cf, const struct rulebook *rb,
                                        civil_day as_of);

/* What is found in one case, whose facts have been settled, and in the obligations that came of it. False: out of memory. */
bool findings_file_case(struct findings_file *f, const struct casefile_case *k,
                        const struct case_facts *facts, const struct obligation *o, size_t n) MUST_CHECK;

/* After the last case: writes the file in place of one that may be there. */
bool findings_file_write(struct findings_file *f, const char *path, struct err *e) MUST_CHECK;
void findings_file_free(struct findings_file *f); /* NULL is fine */

#endif
