/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * What systemd is told, by the datagrams of sd_notify(3): readiness, reload, the end, and that the
 * daemon lives. Nothing where nobody asked for it (NOTIFY_SOCKET in the environment).
 */
#ifndef SPATED_NOTIFY_H
#define SPATED_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct notify {
	int fd; /**< -1: nobody listens */
	struct sockaddr_un addr;
	socklen_t addr_length;
	uint64_t watchdog_ns; /**< between two signs of life; 0: none wanted */
	uint64_t watchdog_due_ns;
};

/** Read NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID. */
void notify_open(struct notify *notify);
void notify_close(struct notify *notify);
/** @param state lines as "READY=1"; lost if the listener does not take it at once */
void notify_send(const struct notify *notify, const char *state);
void notify_reloading(const struct notify *notify);

/** Whether it is time for a sign of life; then notify_send() "WATCHDOG=1", if there is life. */
bool notify_watchdog_due(struct notify *notify, uint64_t now_ns);

#endif
