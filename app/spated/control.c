/* SPDX-License-Identifier: BSD-3-Clause */
/* The control thread's loop: signals, clients, and the stack's slow work. */
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/engine.h"
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
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* A capture that grows beyond a limit fails by itself. */
	signal(SIGXFSZ, SIG_IGN);
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

/* SIGHUP: somebody rotates logs. The configuration is that of the CLI by now: 'config load' reads
 * a file, all of it or nothing. */
static void
control_reload(struct daemon *daemon)
{
	notify_reloading(&daemon->notify);
	process_log_reopen(daemon);
	log(daemon, NOTICE, "log reopened");
	notify_send(&daemon->notify, "READY=1");
}

static void
control_signal(struct daemon *daemon, int signal_fd)
{
	struct signalfd_siginfo info;

	if (read(signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP) {
		control_reload(daemon);
		return;
	}
	log(daemon, NOTICE, "%s", strsignal((int)info.ssi_signo));
	daemon->stop = true;
}

/* A sign of life, as long as every worker has gone on since the last one. */
static void
control_watchdog(struct daemon *daemon)
{
	struct worker_stats stats;
	bool alive = true;

	if (!notify_watchdog_due(&daemon->notify, now_ns()))
		return;
	for (unsigned i = 0; i < daemon->stack->worker_count; i++) {
		stack_worker_stats(daemon->stack, i, &stats);
		if (stats.loops == daemon->worker_loops[i]) {
			log(daemon, WARNING, "worker %u makes no progress", i);
			alive = false;
		}
		daemon->worker_loops[i] = stats.loops;
	}
	if (alive)
		notify_send(&daemon->notify, "WATCHDOG=1");
}

void
control_run(struct daemon *daemon, int signal_fd)
{
	struct pollfd fds[] = {
		{ .fd = signal_fd, .events = POLLIN },
		{ .fd = cli_server_fd(daemon->server), .events = POLLIN },
	};
	bool busy = false;

	while (!daemon->stop) {
		busy |= stack_poll(daemon->stack, now_ns());

		if (poll(fds, sizeof(fds) / sizeof(fds[0]), busy ? 0 : CONTROL_IDLE_MS) < 0 &&
			errno != EINTR) {
			log(daemon, ERROR, "poll: %s", strerror(errno));
			return;
		}
		if (fds[0].revents != 0)
			control_signal(daemon, signal_fd);
		control_watchdog(daemon);
		busy = cli_poll(daemon->cli);
		jobs_poll(daemon);
		telemetry_poll();
		captures_poll(daemon);
		cli_server_run(daemon->server);
	}
}
