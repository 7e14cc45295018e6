/* SPDX-License-Identifier: BSD-3-Clause */
/* DPDK for unit tests: see eal.h. */
#include "support/eal.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mbuf.h>

/* dpdk_tsan.c says why. */
#ifdef __SANITIZE_THREAD__
#define POOL_HANDLER " --mbuf-pool-ops-name=free_list"
#else
#define POOL_HANDLER ""
#endif

#define MEGABYTES 128 /* enough for most */

static struct rte_mempool *pool;

/*
 * "(0-2)@(1,3)": lcores that float over the CPUs we have. EAL would pin the
 * first one to CPU 0, and with it all the tests that run at the same time.
 */
static void
lcores_argument(char *text, size_t size, unsigned count)
{
	cpu_set_t cpus;
	size_t length;

	if (sched_getaffinity(0, sizeof(cpus), &cpus) != 0)
		fail_msg("sched_getaffinity failed");
	length = (size_t)snprintf(text, size, "(0-%u)@(", count - 1);
	for (int cpu = 0; cpu < CPU_SETSIZE && length < size; cpu++) {
		if (CPU_ISSET(cpu, &cpus))
			length += (size_t)snprintf(text + length, size - length, "%d,", cpu);
	}
	assert_in_range(length, 9, size - 1);
	text[length - 1] = ')';
}

static int
eal_setup(unsigned lcore_count, unsigned megabytes)
{
	static char line[2048]; /* EAL keeps pointers into it */
	char lcores[1024];
	char *argv[16];
	char *rest = line;
	int argc = 0;

	lcores_argument(lcores, sizeof(lcores), lcore_count);
	snprintf(line, sizeof(line),
		"test --lcores %s --no-huge -m %u --no-shconf --no-pci --no-telemetry --log-level=error" POOL_HANDLER,
		lcores, megabytes);
	while ((argv[argc] = strsep(&rest, " ")) != NULL)
		argc++;
	if (rte_eal_init(argc, argv) < 0) {
		print_error("EAL did not start: %s\n", rte_strerror(rte_errno));
		return -1;
	}
	pool = rte_pktmbuf_pool_create("test", TEST_POOL_SIZE, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, 0);
	if (pool == NULL) {
		print_error("no packet pool: %s\n", rte_strerror(rte_errno));
		return -1;
	}
	return 0;
}

int
test_eal_setup(void **state)
{
	return eal_setup(1, MEGABYTES);
}

int
test_eal_setup_lcores(void **state)
{
	return eal_setup(TEST_LCORES, MEGABYTES);
}

int
test_eal_setup_memory(unsigned megabytes)
{
	return eal_setup(1, megabytes);
}

int
test_pool_check(void **state)
{
	unsigned in_use = test_pool_in_use();

	if (in_use != 0) {
		print_error("%u packets were not freed\n", in_use);
		return -1;
	}
	return 0;
}

int
test_eal_teardown(void **state)
{
	int result = test_pool_check(state);

	rte_mempool_free(pool);
	pool = NULL;
	rte_eal_cleanup();
	return result;
}

struct rte_mempool *
test_pool(void)
{
	return pool;
}

unsigned
test_pool_in_use(void)
{
	return pool != NULL ? rte_mempool_in_use_count(pool) : 0;
}

struct rte_mbuf *
test_mbuf(const void *bytes, size_t len)
{
	return test_mbuf_chain(bytes, len, RTE_MBUF_DEFAULT_DATAROOM);
}

struct rte_mbuf *
test_mbuf_chain(const void *bytes, size_t len, size_t segment_len)
{
	const char *from = bytes;
	struct rte_mbuf *head = NULL;

	assert_in_range(segment_len, 1, RTE_MBUF_DEFAULT_DATAROOM);
	do {
		size_t part = len < segment_len ? len : segment_len;
		struct rte_mbuf *segment = rte_pktmbuf_alloc(pool);

		if (segment == NULL)
			fail_msg("the pool is empty");
		memcpy(rte_pktmbuf_append(segment, (uint16_t)part), from, part);
		if (head == NULL)
			head = segment;
		else if (rte_pktmbuf_chain(head, segment) != 0)
			fail_msg("too many segments");
		from += part;
		len -= part;
	} while (len > 0);
	return head;
}
