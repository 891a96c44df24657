/* The target of a request line, taken apart. Pure. */
#ifndef EHCWATCH_HTTPD_REQUEST_H
#define EHCWATCH_HTTPD_REQUEST_H

#include "httpd.h"

enum { TARGET_PARAMS_MAX = 64 };

struct target {
    char *text; /* owns the bytes that the rest points into */
    const char *path;
    struct httpd_param *params;
    size_t param_count;
};

/* Takes apart "/path?name=value&..." (also with http://host in front), decoding %XX once and + in the query. False and
 * `e` for a target that is no path, a bad escape, %00, more than TARGET_PARAMS_MAX parameters or no memory; `t` then is
 * empty. Free with target_clear, which may be called twice. */
bool target_parse(struct target *t, const char *raw, struct err *e) MUST_CHECK;
void target_clear(struct target *t);

#endif
