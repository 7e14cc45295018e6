/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads what the kernel says of CPUs, memory and devices, and says what to do about it. */
#include "spated/check_host.h"

#include <glob.h>
#include <limits.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <bsd/string.h>

/* What a start without hugepages takes: see startup.c. */
#define MEMORY_NEEDED_MB 512
#define TEXT_MAX         4096

enum finding { FINDING_OK, FINDING_ADVICE, FINDING_MISSING };

struct check {
	const char *root;
	const struct host_rights *rights;
	struct strbuf *out;
	unsigned missing;
};

static void __attribute__((format(printf, 4, 5)))
report(struct check *check, enum finding finding, const char *topic, const char *fmt, ...)
{
	static const char *const words[] = { "ok", "advice", "missing" };
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap); // NOLINT(clang-analyzer-valist.*): started above
	va_end(ap);
	strbuf_printf(check->out, "%-8s %-10s %s\n", words[finding], topic, text);
	check->missing += finding == FINDING_MISSING ? 1 : 0;
}

/* The file's text without its last newline; "" if it cannot be read. */
static const char *
read_text(const struct check *check, const char *path, char text[TEXT_MAX])
{
	char full[PATH_MAX];
	FILE *file;
	size_t length;

	text[0] = '\0';
	snprintf(full, sizeof(full), "%s%s", check->root, path);
	file = fopen(full, "re");
	if (file == NULL)
		return text;
	length = fread(text, 1, TEXT_MAX - 1, file);
	fclose(file);
	while (length > 0 && text[length - 1] == '\n')
		length--;
	text[length] = '\0';
	return text;
}

static uint64_t
read_number(const struct check *check, const char *path)
{
	char text[TEXT_MAX];

	return strtoull(read_text(check, path, text), NULL, 10);
}

/* The paths that match, without the root. @return their number; free them with globfree() */
static size_t
find(const struct check *check, const char *pattern, glob_t *paths)
{
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s%s", check->root, pattern);
	return glob(full, 0, NULL, paths) == 0 ? paths->gl_pathc : 0;
}

static bool
exists(const struct check *check, const char *pattern)
{
	glob_t paths;
	bool found = find(check, pattern, &paths) > 0;

	globfree(&paths);
	return found;
}

static void
check_root(struct check *check)
{
	if (check->rights->root)
		report(check, FINDING_OK, "root", "spated runs as root");
	else
		report(check, FINDING_MISSING, "root",
			"this is not root: devices, hugepages and /run/spate need it");
}

static void
check_cpus(struct check *check)
{
	unsigned cpus = check->rights->cpus;

	if (cpus > 1 && check->rights->workers >= cpus)
		report(check, FINDING_ADVICE, "cpus",
			"%u workers that poll without a pause take all %u: leave one for the "
			"control thread and the kernel, or say 'worker poll adaptive'",
			check->rights->workers, cpus);
	else if (cpus > 1)
		report(check, FINDING_OK, "cpus",
			"%u may be used: one for control and the kernel, %u for workers", cpus,
			cpus - 1);
	else
		report(check, FINDING_ADVICE, "cpus",
			"only one may be used: the worker shares it with the control thread. Say "
			"'worker poll adaptive'");
}

/* Of a folder with hugepages-SIZEkB/free_hugepages. */
static uint64_t
hugepages_free_mb(const struct check *check, const char *folder)
{
	char pattern[PATH_MAX];
	uint64_t free_kb = 0;
	glob_t paths;
	size_t count;

	snprintf(pattern, sizeof(pattern), "%s/hugepages-*kB/free_hugepages", folder);
	count = find(check, pattern, &paths);
	for (size_t i = 0; i < count; i++) {
		const char *path = paths.gl_pathv[i] + strlen(check->root);
		const char *size = strstr(path, "/hugepages-");

		free_kb +=
			read_number(check, path) * strtoull(size + strlen("/hugepages-"), NULL, 10);
	}
	globfree(&paths);
	return free_kb >> 10;
}

static uint64_t
memory_available_mb(const struct check *check)
{
	char text[TEXT_MAX];
	const char *line = strstr(read_text(check, "/proc/meminfo", text), "MemAvailable:");

	return line != NULL ? strtoull(line + strlen("MemAvailable:"), NULL, 10) >> 10 : 0;
}

static void
check_memory(struct check *check)
{
	uint64_t huge_mb = hugepages_free_mb(check, "/sys/kernel/mm/hugepages");
	uint64_t available_mb = memory_available_mb(check);
	char text[TEXT_MAX];

	if (huge_mb > 0 && strstr(read_text(check, "/proc/mounts", text), " hugetlbfs ") == NULL)
		report(check, FINDING_MISSING, "memory",
			"hugepages are free, but not mounted: 'mount -t hugetlbfs none "
			"/dev/hugepages', or 'eal --no-huge -m MEGABYTES' in the configuration");
	else if (huge_mb > 0)
		report(check, FINDING_OK, "memory", "%llu MB of hugepages are free",
			(unsigned long long)huge_mb);
	else if (available_mb >= MEMORY_NEEDED_MB)
		report(check, FINDING_ADVICE, "memory",
			"no hugepages are free: spated runs without, slower. 'sysctl "
			"vm.nr_hugepages=512' reserves 1 GB; default_hugepagesz=1G hugepagesz=1G "
			"hugepages=N on the kernel's command line is best");
	else
		report(check, FINDING_MISSING, "memory",
			"no hugepages are free, and only %llu MB of memory are available: %d MB are "
			"needed",
			(unsigned long long)available_mb, MEMORY_NEEDED_MB);
}

/* A worker's packets and tables should be on its own node. */
static void
check_numa(struct check *check)
{
	char folder[PATH_MAX], without[256] = "";
	unsigned nodes = 0;
	glob_t paths;
	size_t count = find(check, "/sys/devices/system/node/node[0-9]*", &paths);

	for (size_t i = 0; i < count; i++) {
		const char *path = paths.gl_pathv[i] + strlen(check->root);

		nodes++;
		snprintf(folder, sizeof(folder), "%s/hugepages", path);
		if (hugepages_free_mb(check, folder) > 0)
			continue;
		strlcat(without, " ", sizeof(without));
		strlcat(without, strrchr(path, '/') + 1, sizeof(without));
	}
	globfree(&paths);
	if (nodes <= 1)
		report(check, FINDING_OK, "numa", "one node: all memory is near");
	else if (without[0] == '\0')
		report(check, FINDING_OK, "numa", "%u nodes, each with free hugepages", nodes);
	else
		report(check, FINDING_ADVICE, "numa",
			"no hugepages are free on%s: reserve some in "
			"/sys/devices/system/node/NODE/hugepages, and choose workers on the NIC's "
			"node with 'worker cores'",
			without);
}

/* Busy workers want their CPUs for themselves: no tasks, no ticks, no RCU callbacks. */
static void
check_isolation(struct check *check)
{
	char isolated[TEXT_MAX], nohz[TEXT_MAX], cmdline[TEXT_MAX];

	read_text(check, "/sys/devices/system/cpu/isolated", isolated);
	read_text(check, "/sys/devices/system/cpu/nohz_full", nohz);
	read_text(check, "/proc/cmdline", cmdline);
	if (isolated[0] == '\0')
		report(check, FINDING_ADVICE, "isolation",
			"no CPU is isolated: for steady latency put isolcpus=LIST nohz_full=LIST "
			"rcu_nocbs=LIST on the kernel's command line, and say 'worker cores LIST'");
	else if (nohz[0] == '\0' || nohz[0] == '(' || strstr(cmdline, "rcu_nocbs=") == NULL)
		report(check, FINDING_ADVICE, "isolation",
			"CPUs %s are isolated, but the kernel still interrupts them: add "
			"nohz_full=%s rcu_nocbs=%s to its command line",
			isolated, isolated, isolated);
	else
		report(check, FINDING_OK, "isolation", "'worker cores %s' uses the isolated CPUs",
			isolated);
}

static void
check_governor(struct check *check)
{
	char text[TEXT_MAX];
	unsigned slow = 0;
	glob_t paths;
	size_t count =
		find(check, "/sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_governor", &paths);

	for (size_t i = 0; i < count; i++) {
		read_text(check, paths.gl_pathv[i] + strlen(check->root), text);
		slow += strcmp(text, "performance") != 0 ? 1 : 0;
	}
	globfree(&paths);
	if (count == 0)
		report(check, FINDING_OK, "governor", "the kernel does not change CPU speeds here");
	else if (slow == 0)
		report(check, FINDING_OK, "governor", "all CPUs run at full speed");
	else
		report(check, FINDING_ADVICE, "governor",
			"%u CPUs may be slowed down: 'cpupower frequency-set -g performance'",
			slow);
}

static void
check_vfio(struct check *check)
{
	char text[TEXT_MAX];

	if (!exists(check, "/sys/bus/pci/drivers/vfio-pci"))
		report(check, FINDING_ADVICE, "vfio",
			"the vfio-pci driver is not loaded: NICs by 'port add NAME pci' need it. "
			"'modprobe vfio-pci'");
	else if (exists(check, "/sys/kernel/iommu_groups/[0-9]*"))
		report(check, FINDING_OK, "vfio",
			"bind NICs to vfio-pci with 'dpdk-devbind.py -b vfio-pci ADDRESS'");
	else if (read_text(check, "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode",
			 text)[0] == 'Y')
		report(check, FINDING_OK, "vfio", "no IOMMU, and vfio does without");
	else
		report(check, FINDING_ADVICE, "vfio",
			"the IOMMU is off: put intel_iommu=on (or amd_iommu=on) iommu=pt on the "
			"kernel's command line, or, without protection, 'echo 1 > "
			"/sys/module/vfio/parameters/enable_unsafe_noiommu_mode'");
}

static void
check_tap(struct check *check)
{
	if (exists(check, "/dev/net/tun"))
		report(check, FINDING_OK, "tap", "tap ports can be made");
	else
		report(check, FINDING_ADVICE, "tap",
			"/dev/net/tun is not there: tap ports need it. 'modprobe tun'");
}

/* vfio pins a guest's share of memory, and af_xdp its rings: root may, others up to the limit. */
static void
check_memlock(struct check *check)
{
	const struct host_rights *rights = check->rights;

	if (rights->root || rights->memlock_bytes == UINT64_MAX)
		report(check, FINDING_OK, "memlock", "memory can be locked");
	else
		report(check, FINDING_ADVICE, "memlock",
			"at most %llu KB can be locked, too little for vfio and af_xdp: 'ulimit -l "
			"unlimited', or LimitMEMLOCK=infinity in systemd",
			(unsigned long long)(rights->memlock_bytes >> 10));
}

void
check_host_rights(struct host_rights *rights)
{
	struct rlimit limit;
	cpu_set_t cpus;

	rights->root = geteuid() == 0;
	rights->cpus =
		sched_getaffinity(0, sizeof(cpus), &cpus) == 0 ? (unsigned)CPU_COUNT(&cpus) : 1;
	rights->memlock_bytes = UINT64_MAX;
	if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
		rights->memlock_bytes = limit.rlim_cur;
}

unsigned
check_host(const char *root, const struct host_rights *rights, struct strbuf *out)
{
	struct check check = { .root = root, .rights = rights, .out = out };

	check_root(&check);
	check_cpus(&check);
	check_memory(&check);
	check_numa(&check);
	check_isolation(&check);
	check_governor(&check);
	check_vfio(&check);
	check_tap(&check);
	check_memlock(&check);
	return check.missing;
}
