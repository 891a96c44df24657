/* Text for people at a terminal: what a database holds cannot move their cursor or fake a line.
 *
 * Control characters and bytes that are no UTF-8 become U+FFFD. Pure. */
#ifndef EHCWATCH_PLAIN_H
#define EHCWATCH_PLAIN_H

#include "buf.h"

void buf_plain(struct buf *b, const char *s);

/* The same, cut or filled with blanks to `width` characters (a cut one ends in an ellipsis). Characters of double width are
 * counted as one. */
void buf_plain_column(struct buf *b, const char *s, size_t width);

/* "1 day", "12 days" */
void buf_days(struct buf *b, int n);

#endif
