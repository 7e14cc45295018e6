/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Starts DPDK once a process, for good: EAL cannot be started again. It makes the thread that starts
 * it its main lcore, bound to CPUs; so that is a thread of ours, which then ends. What it does for
 * itself later it does in a thread that inherits from this one: no signal of the program's goes there.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "embed/embed.h"

static pid_t started_by; /* 0: not started */

bool
embed_eal_is_started(void)
{
	return started_by != 0;
}

/* "0@(1,3)": one lcore, on the CPUs that the program may use, of which CPU 0 may be none. */
static int
lcores_write(char *text, size_t size, struct error *err)
{
	cpu_set_t cpus;
	size_t length;

	if (sched_getaffinity(0, sizeof(cpus), &cpus) != 0)
		return error_set(
			err, errno, "cannot see which CPUs there are: %s", strerror(errno));
	length = (size_t)snprintf(text, size, "0@(");
	/* Of very many some suffice: the lcore's thread ends at once. */
	for (int cpu = 0; cpu < CPU_SETSIZE && length + 8 < size; cpu++) {
		if (CPU_ISSET(cpu, &cpus))
			length += (size_t)snprintf(text + length, size - length, "%d,", cpu);
	}
	text[length - 1] = ')';
	return 0;
}

/* @param line its words; EAL keeps pointers into it. @return rte_errno, as a pointer */
static void *
eal_main(void *line)
{
	char *argv[24], *rest = line;
	sigset_t signals;
	int argc = 0;

	sigfillset(&signals);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	while ((argv[argc] = strsep(&rest, " ")) != NULL)
		argc++;
	if (rte_eal_init(argc, argv) < 0)
		return (void *)(intptr_t)(rte_errno != 0 ? rte_errno : EIO);
	/* EAL opens the system's log in its own name, for lines that it has none of. */
	closelog();
	return NULL;
}

int
embed_eal_start(unsigned memory_mb, struct error *err)
{
	static char line[1200];
	char lcores[1024];
	pthread_t thread;
	void *result;
	int rc;

	if (started_by == getpid())
		return 0;
	if (started_by != 0)
		return error_set(err, ECHILD,
			"a parent of this process has made stacks: fork before the first one");
	rc = lcores_write(lcores, sizeof(lcores), err);
	if (rc < 0)
		return rc;
	snprintf(line, sizeof(line),
		"spate --lcores %s -m %u --no-huge --no-shconf --iova-mode=va --no-pci "
		"--no-telemetry --log-level=emergency",
		lcores, memory_mb);
	rc = pthread_create(&thread, NULL, eal_main, line);
	if (rc != 0)
		return error_set(err, rc, "no thread to start DPDK: %s", strerror(rc));
	pthread_join(thread, &result);
	if (result != NULL)
		return error_set(err, (int)(intptr_t)result,
			"DPDK does not start with %u MB of memory: %s", memory_mb,
			rte_strerror((int)(intptr_t)result));
	started_by = getpid();
	return 0;
}
