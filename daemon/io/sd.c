#include "sd.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

#include "clock.h"

enum { STATUS_MAX = 251 };

/* One line: a newline in the text would start another assignment of the protocol. */
static void PRINTF_LIKE(2, 0) one_line(char *out, const char *fmt, va_list ap)
{
    vsnprintf(out, STATUS_MAX, fmt, ap);
    for (char *p = out; *p != '\0'; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f) {
            *p = ' ';
        }
    }
}

void unit_ready(const char *fmt, ...)
{
    char text[STATUS_MAX];
    va_list ap;
    va_start(ap, fmt);
    one_line(text, fmt, ap);
    va_end(ap);
    sd_notifyf(0, "READY=1\nSTATUS=%s", text);
}

void unit_status(const char *fmt, ...)
{
    char text[STATUS_MAX];
    va_list ap;
    va_start(ap, fmt);
    one_line(text, fmt, ap);
    va_end(ap);
    sd_notifyf(0, "STATUS=%s", text);
}

void unit_reloading(void)
{
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, (uint64_t)(clock_mono() * 1e6));
}

void unit_stopping(void)
{
    sd_notify(0, "STOPPING=1");
}

uint64_t unit_watchdog_usec(void)
{
    uint64_t usec = 0;
    return sd_watchdog_enabled(0, &usec) > 0 ? usec : 0;
}

void unit_watchdog_ping(void)
{
    sd_notify(0, "WATCHDOG=1");
}

bool unit_listener(int *fd, struct err *e)
{
    *fd = -1;
    int n = sd_listen_fds(1);
    if (n == 0) {
        return true;
    }
    if (n < 0) {
        return err_set(e, "socket activation: LISTEN_FDS cannot be used: %s", strerror(-n));
    }
    if (n > 1) {
        return err_set(e, "socket activation: %d sockets passed, the HTTP server takes one", n);
    }
    if (sd_is_socket(SD_LISTEN_FDS_START, AF_UNSPEC, SOCK_STREAM, 1) <= 0) {
        return err_set(e, "socket activation: the passed descriptor is not a listening stream socket");
    }
    *fd = SD_LISTEN_FDS_START;
    return true;
}
