/* Proof of delivery for one case: a sheet to print, as plain text or as one HTML page. Pure.
 *
 * Every message about the case in the order in which they were made: to whom, when it was first tried, when it was accepted or
 * processed, with which status, which bytes (SHA-256), and who acknowledged it. */
#ifndef EHCWATCH_PROOF_H
#define EHCWATCH_PROOF_H

#include "delivery_text.h"

/* The style that the sheet in HTML has within it, as a Content-Security-Policy names it: a browser takes no other. */
#define PROOF_STYLE "'sha256-vzdWaqjq0odvkJ5PQZXE1ic5IAp30EFBrKWQ02uY2Nw='"

enum proof_format { PROOF_TEXT, PROOF_HTML };

/* Before the first of `n` messages. */
void proof_begin(struct buf *b, enum proof_format f, const char *case_ref, size_t n, int64_t read_at);

/* Message number `n`, from 1 on. */
void proof_row(struct buf *b, enum proof_format f, const struct delivery *d, size_t n);
void proof_end(struct buf *b, enum proof_format f);

#endif
