/* The little that we say to systemd. Without systemd (no $NOTIFY_SOCKET, no $LISTEN_FDS) every call does nothing.
 *
 * sd_notify(3) waits when PID 1 does not read its queue (some hundred messages); nothing else here can block. */
#ifndef EHCWATCH_SD_H
#define EHCWATCH_SD_H

#include <stdint.h>

#include "err.h"

/* READY=1 with a STATUS= line. Sent when the configuration is valid, the listener open and the loop about to turn, and
 * again after each reload; never made to wait for the database. */
void unit_ready(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* STATUS= alone: the line that `systemctl status` shows. Control characters become blanks, 250 bytes are kept. */
void unit_status(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* RELOADING=1 with MONOTONIC_USEC=; unit_ready() ends the reload, whether it changed anything or was refused. */
void unit_reloading(void);

/* STOPPING=1. */
void unit_stopping(void);

/* The watchdog time of the unit in microseconds, 0 when there is none for this process. Ping at half of it. */
uint64_t unit_watchdog_usec(void);
void unit_watchdog_ping(void);

/* The listening stream socket passed by socket activation in `*fd`, or -1 when none was passed. The caller owns it;
 * the variables are taken out of the environment, so only the first call sees it. False when more than one socket was
 * passed or it is not a listening stream socket. */
bool unit_listener(int *fd, struct err *e) MUST_CHECK;

#endif
