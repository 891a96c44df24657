/* Standard Webhooks 1.0.0 signatures, scheme v1: HMAC-SHA256 over `id.timestamp.body`.
 *
 * The bytes that are signed must be the bytes that are sent, and the timestamp that of this attempt.
 * Receivers decode the body as UTF-8 and parse it as JSON before they check; that is the business of whoever
 * freezes the body. */
#ifndef EHCWATCH_SIGN_H
#define EHCWATCH_SIGN_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "secret.h"

/* Room for the header value with both keys: twice "v1," and 44 characters of base64, a space and the NUL. */
#define SIGN_V1_CAP (SECRET_KEYS_MAX * (3 + 44 + 1))

/* Writes the value of the webhook-signature header, "v1,NEW" or "v1,NEW v1,OLD", into out. False with an
 * empty string when the set is empty, the id is empty or holds a '.', the time is negative, `cap` is below
 * SIGN_V1_CAP, or OpenSSL fails. The time is written to the webhook-timestamp header as plain decimal. Does
 * not block. */
MUST_CHECK bool sign_v1(const struct secret_set *keys, const char *id, int64_t unix_ts, const void *body,
                        size_t len, char *out, size_t cap);

#endif
