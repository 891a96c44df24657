/* A clock for how long the loop of this thread is held up by what it does itself: computing and waiting count, but not the
 * time for which the thread could have run and the machine ran something else. Of a busy machine it says the same as of an
 * idle one. */
#ifndef EHCWATCH_OWN_TIME_H
#define EHCWATCH_OWN_TIME_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "clock.h"

/* Seconds on clock_mono() less those spent on the run queue, which Linux counts in the second field of schedstat. */
static inline double own_time(void)
{
    static int fd = -1;
    char text[128];
    unsigned long long ran = 0, waited = 0;
    if (fd < 0)
        fd = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    if (sscanf(text, "%llu %llu", &ran, &waited) != 2) {
        printf("Bail out! /proc/thread-self/schedstat cannot be read\n");
        exit(1);
    }
    return clock_mono() - (double)waited / 1e9;
}

#endif
