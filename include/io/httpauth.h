/* The Authorization header of a request, taken apart: RFC 6750 (Bearer) and RFC 7617 (Basic). Pure. */
#ifndef EHCWATCH_HTTPAUTH_H
#define EHCWATCH_HTTPAUTH_H

#include "token.h"

#define HTTPAUTH_SECRET_MAX 256

enum httpauth_kind {
    HTTPAUTH_NONE,    /* no header */
    HTTPAUTH_BEARER,  /* secret: the token */
    HTTPAUTH_BASIC,   /* user and secret */
    HTTPAUTH_UNKNOWN, /* another scheme, or not well formed, or too long */
};

/* Holds a secret: wipe it. */
struct httpauth {
    enum httpauth_kind kind;
    char user[TOKEN_NAME_MAX + 1];
    char secret[HTTPAUTH_SECRET_MAX + 1];
};

/* `header` is the value, or NULL. */
void httpauth_parse(const char *header, struct httpauth *out);
void httpauth_wipe(struct httpauth *a);

#endif
