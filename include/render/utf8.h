/* Text that has to be UTF-8 whatever the source held. Pure. */
#ifndef EHCWATCH_UTF8_H
#define EHCWATCH_UTF8_H

#include "buf.h"

/* Length of the UTF-8 sequence at s, or 0 when it is not one (RFC 3629: no overlong form, no surrogate). */
size_t utf8_length(const char *s);

bool utf8_valid(const char *s);

/* The text with U+FFFD in place of every byte that is not UTF-8. */
void buf_utf8(struct buf *b, const char *s);

#endif
