/* SPDX-License-Identifier: BSD-3-Clause */
/* The protocol is a datagram of lines: less than it would take to link libsystemd. */
#include "spated/notify.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The socket's path; one that begins with @ is in the abstract namespace. */
static bool
notify_address(struct notify *notify, const char *path)
{
	size_t length = strlen(path);

	if ((path[0] != '/' && path[0] != '@') || length < 2 ||
		length >= sizeof(notify->addr.sun_path))
		return false;
	notify->addr.sun_family = AF_UNIX;
	memcpy(notify->addr.sun_path, path, length);
	if (path[0] == '@')
		notify->addr.sun_path[0] = '\0';
	notify->addr_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	return true;
}

/* Twice in the time after which systemd gives up, as sd_watchdog_enabled(3) advises. */
static uint64_t
watchdog_interval(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");

	if (usec == NULL || (pid != NULL && strtol(pid, NULL, 10) != getpid()))
		return 0;
	return strtoull(usec, NULL, 10) * 1000 / 2;
}

void
notify_open(struct notify *notify)
{
	const char *path = getenv("NOTIFY_SOCKET");

	*notify = (struct notify){ .fd = -1 };
	if (path == NULL || !notify_address(notify, path))
		return;
	notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (notify->fd >= 0)
		notify->watchdog_ns = watchdog_interval();
}

void
notify_close(struct notify *notify)
{
	if (notify->fd >= 0)
		close(notify->fd);
	notify->fd = -1;
}

void
notify_send(const struct notify *notify, const char *state)
{
	ssize_t sent;

	if (notify->fd < 0)
		return;
	sent = sendto(notify->fd, state, strlen(state), MSG_NOSIGNAL,
		(const struct sockaddr *)&notify->addr, notify->addr_length);
	(void)sent;
}

void
notify_reloading(const struct notify *notify)
{
	struct timespec now;
	char state[64];

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%lld",
		(long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	notify_send(notify, state);
}

bool
notify_watchdog_due(struct notify *notify, uint64_t now_ns)
{
	if (notify->watchdog_ns == 0 || now_ns < notify->watchdog_due_ns)
		return false;
	notify->watchdog_due_ns = now_ns + notify->watchdog_ns;
	return true;
}
