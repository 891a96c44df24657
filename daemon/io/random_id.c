#include "random_id.h"

#include <stdio.h>
#include <sys/random.h>

bool random_id(char out[RANDOM_ID_LEN])
{
    unsigned char bytes[16];
    if (getrandom(bytes, sizeof bytes, GRND_NONBLOCK) != (ssize_t)sizeof bytes)
        return false;
    int n = snprintf(out, RANDOM_ID_LEN, "msg_");
    for (size_t i = 0; i < sizeof bytes; i++)
        n += snprintf(out + n, RANDOM_ID_LEN - (size_t)n, "%02x", bytes[i]);
    return true;
}
