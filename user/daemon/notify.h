/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notify.h - what a service tells its manager (sd_notify(3)): one datagram to the socket
 * that $NOTIFY_SOCKET names. That is all that libsystemd would be used for.
 */
#ifndef EC_NOTIFY_H
#define EC_NOTIFY_H

#include <stdint.h>

/* Lines as sd_notify(3) has them, such as "READY=1\nSTATUS=..."; does nothing where nobody
 * listens. 0 or negative errno. */
int notify(const char *lines);
__attribute__((format(printf, 1, 2))) int notify_format(const char *format, ...);
/* "RELOADING=1" with the time that systemd wants beside it, for Type=notify-reload. */
int notify_reloading(const char *status);
/* Time between two "WATCHDOG=1", half of what the manager allows; 0: it asks for none
 * (sd_watchdog_enabled(3)). */
uint64_t notify_watchdog_us(void);

#endif
