/* Ids of messages: random, so that nothing of a case can be read from them. */
#ifndef EHCWATCH_RANDOM_ID_H
#define EHCWATCH_RANDOM_ID_H

#include "err.h"

#include <stdbool.h>

#define RANDOM_ID_LEN 37 /* "msg_", 32 hexadecimal digits and the NUL */

/* False: the kernel has no random bytes yet, which happens in the first moments after boot only. Does not block. */
MUST_CHECK bool random_id(char out[RANDOM_ID_LEN]);

#endif
