/* SPDX-License-Identifier: BSD-3-Clause */
/* Hosts of all kinds, as folders of the files that the kernel would show. */
#include "spated/check_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MEMINFO "MemTotal: 8000000 kB\nMemFree: 1 kB\nMemAvailable: 4000000 kB\n"
#define MOUNTS  "proc /proc proc rw 0 0\nnodev /dev/hugepages hugetlbfs rw,pagesize=2M 0 0\n"

static const struct host_rights root_rights = {
	.root = true, .cpus = 4, .memlock_bytes = UINT64_MAX
};
static char folder[] = "/tmp/spate_host_XXXXXX";
static struct strbuf out;

static void
run(const char *command)
{
	assert_int_equal(system(command), 0);
}

static void
write_file(const char *path, const char *text)
{
	char command[512], full[256];
	FILE *file;

	snprintf(full, sizeof(full), "%s%s", folder, path);
	snprintf(command, sizeof(command), "mkdir -p $(dirname %s)", full);
	run(command);
	file = fopen(full, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* A host that has it all. */
static int
host_setup(void **state)
{
	static const char template[] = "/tmp/spate_host_XXXXXX";

	memcpy(folder, template, sizeof(template));
	if (mkdtemp(folder) == NULL)
		return -1;
	write_file("/proc/meminfo", MEMINFO);
	write_file("/proc/mounts", MOUNTS);
	write_file("/proc/cmdline", "quiet isolcpus=1-3 nohz_full=1-3 rcu_nocbs=1-3\n");
	write_file("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "512\n");
	write_file("/sys/kernel/mm/hugepages/hugepages-1048576kB/free_hugepages", "2\n");
	write_file("/sys/devices/system/node/node0/hugepages/hugepages-2048kB/free_hugepages",
		"512\n");
	write_file("/sys/devices/system/cpu/isolated", "1-3\n");
	write_file("/sys/devices/system/cpu/nohz_full", "1-3\n");
	write_file("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n");
	write_file("/sys/bus/pci/drivers/vfio-pci/bind", "");
	write_file("/sys/kernel/iommu_groups/0/type", "DMA\n");
	write_file("/dev/net/tun", "");
	return 0;
}

static int
host_teardown(void **state)
{
	char command[64];

	strbuf_free(&out);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

/* @return how much is missing; fails if the line of `topic` does not begin so and say `words` */
static unsigned
check(const struct host_rights *rights, const char *finding, const char *topic, const char *words)
{
	char begin[64];
	const char *line, *found;
	unsigned missing;

	strbuf_reset(&out);
	missing = check_host(folder, rights, &out);
	snprintf(begin, sizeof(begin), "%-8s %-10s ", finding, topic);
	line = strstr(strbuf_text(&out), begin);
	if (line == NULL)
		fail_msg("no \"%s\" in:\n%s", begin, strbuf_text(&out));
	found = strstr(line, words);
	if (found == NULL || found > strchr(line, '\n'))
		fail_msg("no \"%s\" in: %s", words, line);
	return missing;
}

static void
good_host(void **state)
{
	assert_int_equal(check(&root_rights, "ok", "memory", "3072 MB"), 0);
	assert_null(strstr(strbuf_text(&out), "advice"));
	assert_null(strstr(strbuf_text(&out), "missing"));
	check(&root_rights, "ok", "isolation", "worker cores 1-3");
}

static void
not_root(void **state)
{
	struct host_rights rights = { .root = false, .cpus = 4, .memlock_bytes = 64 << 10 };

	assert_int_equal(check(&rights, "missing", "root", "not root"), 1);
	check(&rights, "advice", "memlock", "64 KB");
	rights.memlock_bytes = UINT64_MAX;
	check(&rights, "ok", "memlock", "");
}

static void
one_cpu(void **state)
{
	const struct host_rights rights = { .root = true, .cpus = 1, .memlock_bytes = UINT64_MAX };

	assert_int_equal(check(&rights, "advice", "cpus", "worker poll adaptive"), 0);
}

/* Workers that would leave no CPU to anybody else. */
static void
all_cpus(void **state)
{
	struct host_rights rights = {
		.root = true, .cpus = 4, .workers = 4, .memlock_bytes = UINT64_MAX
	};

	assert_int_equal(check(&rights, "advice", "cpus", "take all 4"), 0);
	rights.workers = 3;
	check(&rights, "ok", "cpus", "3 for workers");
}

static void
memory(void **state)
{
	write_file("/proc/mounts", "proc /proc proc rw 0 0\n");
	assert_int_equal(check(&root_rights, "missing", "memory", "mount -t hugetlbfs"), 1);
	write_file("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "0\n");
	write_file("/sys/kernel/mm/hugepages/hugepages-1048576kB/free_hugepages", "0\n");
	assert_int_equal(check(&root_rights, "advice", "memory", "vm.nr_hugepages"), 0);
	write_file("/proc/meminfo", "MemTotal: 8000000 kB\nMemAvailable: 400000 kB\n");
	assert_int_equal(check(&root_rights, "missing", "memory", "390 MB"), 1);
}

static void
numa(void **state)
{
	check(&root_rights, "ok", "numa", "one node");
	write_file(
		"/sys/devices/system/node/node1/hugepages/hugepages-2048kB/free_hugepages", "0\n");
	assert_int_equal(check(&root_rights, "advice", "numa", "on node1"), 0);
	write_file(
		"/sys/devices/system/node/node1/hugepages/hugepages-2048kB/free_hugepages", "7\n");
	check(&root_rights, "ok", "numa", "2 nodes");
}

static void
isolation(void **state)
{
	write_file("/proc/cmdline", "quiet isolcpus=1-3 nohz_full=1-3\n");
	check(&root_rights, "advice", "isolation", "rcu_nocbs=1-3");
	write_file("/proc/cmdline", "quiet isolcpus=1-3 rcu_nocbs=1-3\n");
	/* So the kernel says that there is none. */
	write_file("/sys/devices/system/cpu/nohz_full", "(null)\n");
	check(&root_rights, "advice", "isolation", "nohz_full=1-3");
	write_file("/sys/devices/system/cpu/isolated", "\n");
	check(&root_rights, "advice", "isolation", "isolcpus=LIST");
}

static void
governor(void **state)
{
	write_file("/sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "powersave\n");
	check(&root_rights, "advice", "governor", "1 CPUs");
}

static void
vfio(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r %s/sys/kernel/iommu_groups", folder);
	run(command);
	check(&root_rights, "advice", "vfio", "intel_iommu=on");
	write_file("/sys/module/vfio/parameters/enable_unsafe_noiommu_mode", "Y\n");
	check(&root_rights, "ok", "vfio", "no IOMMU");
	snprintf(command, sizeof(command), "rm -r %s/sys/bus", folder);
	run(command);
	check(&root_rights, "advice", "vfio", "modprobe vfio-pci");
}

static void
tap(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm %s/dev/net/tun", folder);
	run(command);
	assert_int_equal(check(&root_rights, "advice", "tap", "modprobe tun"), 0);
}

/* A host that shows nothing at all: no crash, and what cannot be seen is missing or advised. */
static void
empty_host(void **state)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -r %s/*", folder);
	run(command);
	assert_int_equal(check(&root_rights, "missing", "memory", "0 MB"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, host_setup, host_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(good_host),
		TEST(not_root),
		TEST(one_cpu),
		TEST(all_cpus),
		TEST(memory),
		TEST(numa),
		TEST(isolation),
		TEST(governor),
		TEST(vfio),
		TEST(tap),
		TEST(empty_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
