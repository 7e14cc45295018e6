/* SPDX-License-Identifier: BSD-3-Clause */
/* Starts DPDK and the stack: which CPUs, which memory, what EAL is told. */
#include <glob.h>
#include <limits.h>
#include <mntent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/stdlib.h>
#include <bsd/string.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_pdump.h>

#include "base/log.h"
#include "spated/daemon.h"

#define NO_HUGE_MB_BASE       256
#define NO_HUGE_MB_PER_WORKER 96
/* A socket, its connection, and others that are half open or in TIME-WAIT. */
#define NO_HUGE_SOCKETS_PER_MB 400
/* An association, its paths, and what goes with it. */
#define NO_HUGE_ASSOCS_PER_MB 128

void
startup_init(struct startup *startup)
{
	*startup = (struct startup){
		.worker_count = 1,
		.mbufs_per_worker = STACK_MBUFS_DEFAULT,
		.sockets_per_worker = STACK_SOCKETS_DEFAULT,
		.assocs_per_worker = STACK_ASSOCS_DEFAULT,
	};
}

void
startup_fini(struct startup *startup)
{
	while (startup->eal_arg_count > 0)
		free(startup->eal_args[--startup->eal_arg_count]);
}

static int
add_arg(struct startup *startup, const char *arg, struct error *err)
{
	char *copy = strdup(arg);

	/* EAL wants a NULL behind the last, and may reorder them. */
	if (copy == NULL || startup->eal_arg_count == DAEMON_EAL_ARGS_MAX - 1) {
		free(copy);
		return error_set(err, E2BIG, "at most %d EAL arguments", DAEMON_EAL_ARGS_MAX - 1);
	}
	startup->eal_args[startup->eal_arg_count++] = copy;
	return 0;
}

int
startup_add_eal_args(struct startup *startup, const char *text, struct error *err)
{
	char *words = strdup(text), *rest = words, *word;
	int rc = 0;

	if (words == NULL)
		return error_set(err, ENOMEM, "no memory");
	while (rc == 0 && (word = strsep(&rest, " \t")) != NULL) {
		if (*word != '\0')
			rc = add_arg(startup, word, err);
	}
	free(words);
	startup->eal_args_said = startup->eal_arg_count;
	return rc;
}

int
startup_check_eal_args(const struct startup *startup, const char *text, struct error *err)
{
	char *words = strdup(text), *rest = words, *word;
	unsigned at = 0;
	int rc = words != NULL ? 0 : error_set(err, ENOMEM, "no memory");

	/* In their order, as several lines may have said them. */
	while (rc == 0 && (word = strsep(&rest, " \t")) != NULL) {
		if (*word == '\0')
			continue;
		while (at < startup->eal_args_said && strcmp(startup->eal_args[at], word) != 0)
			at++;
		if (at++ == startup->eal_args_said)
			rc = error_set(err, EBUSY,
				"DPDK was not started with '%s': restart spated with -c", word);
	}
	free(words);
	return rc;
}

/* Whether the user said one of these options, in either form: "-m 512" or "--file-prefix=x". */
static bool
eal_arg_given(const struct startup *startup, const char *option)
{
	size_t length = strlen(option);

	for (unsigned i = 0; i < startup->eal_arg_count; i++) {
		const char *arg = startup->eal_args[i];

		if (strncmp(arg, option, length) == 0 &&
			(arg[length] == '\0' || arg[length] == '='))
			return true;
	}
	return false;
}

static unsigned
read_number(const char *path)
{
	FILE *file = fopen(path, "re");
	unsigned number = 0;

	if (file == NULL)
		return 0;
	if (fscanf(file, "%u", &number) != 1) // NOLINT(cert-err34-c): 0 is right for no number
		number = 0;
	fclose(file);
	return number;
}

static bool
hugepages_free(void)
{
	glob_t paths;
	bool found = false;

	if (glob("/sys/kernel/mm/hugepages/hugepages-*/free_hugepages", 0, NULL, &paths) != 0)
		return false;
	for (size_t i = 0; i < paths.gl_pathc; i++)
		found |= read_number(paths.gl_pathv[i]) > 0;
	globfree(&paths);
	return found;
}

/* Without hugepages everything works, slower: say so, and go on. */
static int
add_memory_args(struct startup *startup, struct error *err)
{
	char megabytes[16];
	int rc;

	if (eal_arg_given(startup, "--no-huge") || eal_arg_given(startup, "-m") ||
		eal_arg_given(startup, "--socket-mem") || hugepages_free())
		return 0;
	log(daemon, WARNING,
		"no hugepages are free: running without, which is slower. "
		"'echo 512 > /proc/sys/vm/nr_hugepages' reserves 1 GB of them");
	snprintf(megabytes, sizeof(megabytes), "%u",
		NO_HUGE_MB_BASE +
			startup->worker_count *
				(NO_HUGE_MB_PER_WORKER * startup->mbufs_per_worker /
						STACK_MBUFS_DEFAULT +
					startup->sockets_per_worker / NO_HUGE_SOCKETS_PER_MB +
					startup->assocs_per_worker / NO_HUGE_ASSOCS_PER_MB));
	rc = add_arg(startup, "--no-huge", err);
	if (rc == 0)
		rc = add_arg(startup, "-m", err);
	if (rc == 0)
		rc = add_arg(startup, megabytes, err);
	return rc;
}

/* The CPUs that this process may use. */
static unsigned
allowed_cpus(unsigned cpus[CPU_SETSIZE])
{
	unsigned count = 0;
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 0;
	for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &set))
			cpus[count++] = cpu;
	}
	return count;
}

static bool
cpu_is_allowed(unsigned cpu, const unsigned *cpus, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (cpus[i] == cpu)
			return true;
	}
	return false;
}

/* The control thread has the first CPU; workers the others, and share where there are too few. */
static int
choose_cpus(struct startup *startup, unsigned *control, struct error *err)
{
	unsigned cpus[CPU_SETSIZE];
	unsigned count = allowed_cpus(cpus);

	if (count == 0)
		return error_set(err, EINVAL, "cannot tell which CPUs may be used");
	*control = cpus[0];
	for (unsigned i = 0; i < startup->worker_count; i++) {
		if (!startup->pinned)
			startup->cpus[i] = cpus[(i + 1) % count];
		else if (!cpu_is_allowed(startup->cpus[i], cpus, count))
			return error_set(err, EINVAL,
				"CPU %u is not there, or not allowed to this process: 'worker cores' "
				"may name %u to %u here",
				startup->cpus[i], cpus[0], cpus[count - 1]);
	}
	/* Pinned workers want their CPUs for themselves: control takes one that is none of theirs. */
	for (unsigned i = 0; startup->pinned && i < count; i++) {
		if (!cpu_is_allowed(cpus[i], startup->cpus, startup->worker_count)) {
			*control = cpus[i];
			break;
		}
	}
	return 0;
}

/* lcore 0 is control's; worker i runs on lcore i + 1. */
static int
add_lcore_args(struct startup *startup, struct error *err)
{
	char lcores[WORKER_MAX * 16];
	unsigned control = 0;
	int length, rc = choose_cpus(startup, &control, err);

	if (rc < 0)
		return rc;
	length = snprintf(lcores, sizeof(lcores), "0@%u", control);
	for (unsigned i = 0; i < startup->worker_count; i++)
		length += snprintf(lcores + length, sizeof(lcores) - (size_t)length, ",%u@%u",
			i + 1, startup->cpus[i]);
	rc = add_arg(startup, "--lcores", err);
	if (rc == 0)
		rc = add_arg(startup, lcores, err);
	return rc;
}

/* Telemetry warns at each start that it serves no clients of an older version. */
static int
add_log_args(struct startup *startup, struct error *err)
{
	int rc = add_arg(startup, "--log-level=lib.eal:warning", err);

	return rc < 0 ? rc : add_arg(startup, "--log-level=lib.telemetry:error", err);
}

static int
add_default_args(struct daemon *daemon, struct error *err)
{
	struct startup *startup = &daemon->startup;
	char prefix[64];
	int rc = 0;

	if (eal_arg_given(startup, "-l") || eal_arg_given(startup, "--lcores") ||
		eal_arg_given(startup, "-c"))
		return error_set(err, EINVAL,
			"CPUs are chosen with 'worker count N' or 'worker cores LIST', not with EAL's "
			"options");
	snprintf(prefix, sizeof(prefix), "--file-prefix=spate-%s", daemon->options.name);
	if (!eal_arg_given(startup, "--file-prefix") && !eal_arg_given(startup, "--in-memory"))
		rc = add_arg(startup, prefix, err);
	/* PCI devices come one by one by 'port add': allow one that is none, and so not all. */
	if (rc == 0 && !eal_arg_given(startup, "-a") && !eal_arg_given(startup, "--no-pci") &&
		!eal_arg_given(startup, "-b"))
		rc = add_arg(startup, "--allow=ffff:ff:1f.7", err);
	if (rc == 0 && !eal_arg_given(startup, "--log-level"))
		rc = add_log_args(startup, err);
	if (rc == 0)
		rc = add_memory_args(startup, err);
	if (rc == 0)
		rc = add_lcore_args(startup, err);
	return rc;
}

static int
start_eal(struct daemon *daemon, struct error *err)
{
	char *argv[DAEMON_EAL_ARGS_MAX + 2] = { (char[]){ "spated" } };
	struct startup *startup = &daemon->startup;
	int rc = 0;

	for (int i = 0; rc == 0 && i < daemon->options.eal_arg_count; i++)
		rc = add_arg(startup, daemon->options.eal_args[i], err);
	if (rc == 0)
		rc = add_default_args(daemon, err);
	if (rc < 0)
		return rc;
	memcpy(argv + 1, startup->eal_args, sizeof(*argv) * startup->eal_arg_count);
	if (rte_eal_init((int)startup->eal_arg_count + 1, argv) < 0)
		return error_set(err, rte_errno != 0 ? rte_errno : EIO,
			"DPDK did not start: %s (its own messages are above; root, hugepages and "
			"EAL options are what it needs)",
			rte_strerror(rte_errno));
	/* For dpdk-dumpcap, which is another process. Without it everything else works. */
	if (rte_pdump_init() < 0)
		log(daemon, WARNING, "dpdk-dumpcap will not work: %s", rte_strerror(rte_errno));
	return 0;
}

/* The files of a hugepage mount that DPDK named after this instance. */
static void
hugepage_files_remove(const char *directory, const char *instance)
{
	char pattern[PATH_MAX];
	glob_t paths;

	snprintf(pattern, sizeof(pattern), "%s/spate-%smap_*", directory, instance);
	if (glob(pattern, GLOB_NOSORT, NULL, &paths) != 0)
		return;
	for (size_t i = 0; i < paths.gl_pathc; i++)
		unlink(paths.gl_pathv[i]);
	globfree(&paths);
}

/* DPDK leaves files of hugepages behind, which stay taken until a start of the same name. */
void
startup_cleanup(const struct daemon *daemon)
{
	FILE *mounts = setmntent("/proc/mounts", "re");
	const struct mntent *mount;

	rte_pdump_uninit();
	rte_eal_cleanup();
	if (mounts == NULL)
		return;
	while ((mount = getmntent(mounts)) != NULL) {
		if (strcmp(mount->mnt_type, "hugetlbfs") == 0)
			hugepage_files_remove(mount->mnt_dir, daemon->options.name);
	}
	endmntent(mounts);
}

int
startup_run(struct daemon *daemon, struct error *err)
{
	const struct startup *startup = &daemon->startup;
	struct stack_config config = {
		.worker_count = startup->worker_count,
		.mbufs_per_worker = startup->mbufs_per_worker,
		.sockets_per_worker = startup->sockets_per_worker,
		.peer_conns_per_worker = startup->peer_conns_per_worker,
		.assocs_per_worker = startup->assocs_per_worker,
		.nexthops_max = STACK_NEXTHOPS_DEFAULT,
		.neigh = NEIGH_CONFIG_DEFAULT,
		.nd = STACK_ND_CONFIG_DEFAULT,
	};
	int rc = start_eal(daemon, err);

	if (rc < 0)
		return rc;
	for (unsigned i = 0; i < startup->worker_count; i++)
		config.lcores[i] = i + 1;
	config.neigh.seed = 1 + arc4random_uniform(UINT32_MAX);
	rc = stack_create(&config, &daemon->stack, err);
	if (rc < 0) {
		startup_cleanup(daemon);
		return rc;
	}
	rc = stack_start(daemon->stack, err);
	if (rc < 0) {
		stack_destroy(daemon->stack);
		startup_cleanup(daemon);
	}
	return rc;
}
