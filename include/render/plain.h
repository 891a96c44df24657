/* Text for people at a terminal: what a database holds cannot move their cursor or fake a line.
 *
 * Control characters and bytes that are no UTF-8 become U+FFFD. Pure. */
#ifndef EHCWATCH_PLAIN_H
#define EHCWATCH_PLAIN_H

#include <stdint.h>

#include "buf.h"

void buf_plain(struct buf *b, const char *s);

/* The same, cut or filled with blanks to `width` characters (a cut one ends in an ellipsis). Characters of double width are
 * counted as one. */
void buf_plain_column(struct buf *b, const char *s, size_t width);

/* "1,620": how a count is written wherever people read it, in a sentence as in a table. In a call of buf_printf: "%s", COUNT(n). */
#define COUNT_LEN 28
#define COUNT(n)  count_text((char[COUNT_LEN]){""}, (int64_t)(n))
const char *count_text(char out[COUNT_LEN], int64_t n);

/* The same of digits, with what stands before and behind them. */
void buf_commas(struct buf *b, const char *digits);

/* "1,620.5": one digit, rounded as html_number rounds it in a table. */
void buf_tenths(struct buf *b, double x);

/* "1 day", "12 days", "1,200 days" */
void buf_days(struct buf *b, int n);

#endif
