/* Errors are values with context.
 *
 * A function that can fail takes a `struct err *` from its caller, fills it with one sentence that names the
 * file, line, row or endpoint and what to do, and returns false (or NULL). Nothing below the top logs: the
 * caller that decides what to do about an error logs it, once. Pure; allocates nothing. */
#ifndef EHCWATCH_ERR_H
#define EHCWATCH_ERR_H

#include <stdbool.h>

#define MUST_CHECK        __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

struct err {
    char text[512]; /* NUL-terminated, one line, no secret in it; empty when nothing failed */
};

/* Writes the message into `e` (NULL is allowed: then the text is lost) and returns false, so that a failing
 * function can say `return err_set(e, "...")`. Text that does not fit is cut. */
bool err_set(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
