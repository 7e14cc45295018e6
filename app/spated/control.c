/* SPDX-License-Identifier: BSD-3-Clause */
/* The control thread's loop: signals, clients, and the stack's slow work. */
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/server.h"
#include "spated/daemon.h"

#define CONTROL_IDLE_MS 1

/* Blocked before DPDK makes threads, so that all inherit it; read as events. */
int
control_signals(struct error *err)
{
	sigset_t signals;
	int fd;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		return error_set(err, errno, "cannot watch signals: %s", strerror(errno));
	return fd;
}

static uint64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000ULL + (uint64_t)now.tv_nsec;
}

void
control_run(struct daemon *daemon, int signal_fd)
{
	struct pollfd fds[] = {
		{ .fd = signal_fd, .events = POLLIN },
		{ .fd = cli_server_fd(daemon->server), .events = POLLIN },
	};
	struct signalfd_siginfo info;

	while (!daemon->stop) {
		bool busy = stack_poll(daemon->stack, now_ns());

		if (poll(fds, sizeof(fds) / sizeof(fds[0]), busy ? 0 : CONTROL_IDLE_MS) < 0 &&
			errno != EINTR) {
			log(daemon, ERROR, "poll: %s", strerror(errno));
			return;
		}
		if (fds[0].revents != 0 && read(signal_fd, &info, sizeof(info)) == sizeof(info)) {
			log(daemon, NOTICE, "%s", strsignal((int)info.ssi_signo));
			daemon->stop = true;
		}
		ping_poll(daemon);
		telemetry_poll();
		captures_poll(daemon);
		cli_server_run(daemon->server);
	}
}
