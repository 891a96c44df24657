/* The bytes of one log message: a bounded buffer, escaping, and the journal's two forms of a field. Pure; what does not
 * fit is cut. */
#ifndef EHCWATCH_LOGTEXT_H
#define EHCWATCH_LOGTEXT_H

#include <stddef.h>

#include "err.h"

enum { TEXT_MAX = 24 * 1024, VALUE_MAX = 1024, MESSAGE_MAX = 4096 };

struct text {
    size_t len;
    char at[TEXT_MAX + 1]; /* not terminated; there is room for a NUL at `len` */
};

void text_printf(struct text *t, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Appends `n` bytes with control characters (C0, DEL, C1) and bytes that are no UTF-8 as \n, \r, \t or \xHH;
 * newlines stay when `keep_newlines`. */
void text_escaped(struct text *t, const char *s, size_t n, bool keep_newlines);

/* Appends " name=value" in lower case, the value in quotes when it is empty or has a blank, a quote or "=" in it. */
void text_pair(struct text *t, const char *name, const char *value);

/* Appends NAME=value in the journal's native form, with a length prefix when the value has a newline. Values are cut at
 * VALUE_MAX bytes, MESSAGE at MESSAGE_MAX. */
void text_field(struct text *t, const char *name, const char *value);

#endif
