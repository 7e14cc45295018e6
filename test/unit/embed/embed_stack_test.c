/* SPDX-License-Identifier: BSD-3-Clause */
/* Stacks in a process: many one after the other, several at once, in threads, after a fork. */
#include "unit/embed/embed_fixture.h"

#include <dirent.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_malloc.h>

#define REQUEST                                                                \
	.src = "10.0.0.2", .dst = "10.0.0.1", .icmp_type = ICMP4_ECHO_REQUEST, \
	.spoil = PACKET_NO_ETHER
#define REPLY \
	.src = "10.0.0.1", .dst = "10.0.0.2", .icmp_type = PACKET_ZERO, .spoil = PACKET_NO_ETHER

/* A sanitizer takes its time. */
#ifdef __SANITIZE_ADDRESS__
#define LIVES 20
#else
#define LIVES 100
#endif

/* What a process has. */
struct means {
	size_t memory, allocations;
	unsigned files, threads;
};

static unsigned
entries(const char *path)
{
	DIR *dir = opendir(path);
	unsigned count = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count;
}

static struct means
means_now(void)
{
	struct rte_malloc_socket_stats stats;

	assert_int_equal(rte_malloc_get_socket_stats(0, &stats), 0);
	return (struct means){ stats.heap_allocsz_bytes, stats.alloc_count,
		entries("/proc/self/fd"), entries("/proc/self/task") };
}

/* A stack that has done something, and has not finished. */
static void
live(void)
{
	struct spate *stack = stack_on(SPATE_LINK_IP);

	expect(spate_iface_add(stack, "e1", SPATE_LINK_ETHERNET, 0, NULL), 0);
	expect(spate_addr_add(stack, "e1", "10.0.1.1/24"), 0);
	expect(spate_route_add(stack, "192.0.2.0/24", "10.0.1.2", NULL), 0);
	hand_in(stack, "i0", REQUEST);
	hand_in(stack, "i0", .src = "10.0.0.2", .dst = "192.0.2.1", .spoil = PACKET_NO_ETHER);
	hand_in(stack, "i0", .src = "10.0.0.2", .dst = "10.0.0.1", .frag = 0x2000,
		.payload_length = 40, .spoil = PACKET_NO_ETHER);
	spate_destroy(stack);
}

static void
test_nothing_is_left(void **state)
{
	struct means before, after;

	live();
	before = means_now();
	for (unsigned i = 0; i < LIVES; i++)
		live();
	after = means_now();
	assert_int_equal(after.memory, before.memory);
	assert_int_equal(after.allocations, before.allocations);
	assert_int_equal(after.files, before.files);
	assert_int_equal(after.threads, before.threads);
}

/* As many as there is memory for; then an error, and room again. */
static void
test_no_memory(void **state)
{
	struct spate *stacks[1000];
	unsigned count = 0;
	struct means before = means_now();

	while (count < 1000 && spate_create(0, &stacks[count]) == 0)
		count++;
	assert_in_range(count, 8, 999);
	expect(spate_create(0, &stacks[count]), -ENOMEM);
	while (count > 0)
		spate_destroy(stacks[--count]);
	assert_int_equal(means_now().memory, before.memory);
	live();
}

static void
test_several(void **state)
{
	struct spate *stacks[4];

	for (unsigned i = 0; i < 4; i++)
		stacks[i] = stack_on(SPATE_LINK_IP);
	hand_in(stacks[2], "i0", REQUEST);
	expect_silence(stacks[1], "i0");
	take_out(stacks[2], "i0", REPLY);
	spate_destroy(stacks[2]);
	hand_in(stacks[3], "i0", REQUEST);
	take_out(stacks[3], "i0", REPLY);
	expect(spate_advance(stacks[0], 1000), 0);
	assert_int_equal(spate_now(stacks[1]), 0);
	for (unsigned i = 0; i < 4; i++)
		spate_destroy(i == 2 ? NULL : stacks[i]);
}

static void *
thread_main(void *failed)
{
	uint8_t request[PACKET_MAX], reply[SPATE_FRAME_MAX];
	size_t length = packet_write(PACKET(REQUEST), request);

	for (unsigned i = 0; i < 5; i++) {
		struct spate *stack = stack_on(SPATE_LINK_IP);

		for (unsigned j = 0; j < 100; j++) {
			if (spate_input(stack, "i0", request, length) != 0 ||
				spate_output(stack, "i0", reply, sizeof(reply)) != (int)length)
				*(bool *)failed = true;
		}
		spate_destroy(stack);
	}
	return NULL;
}

/* Each thread has stacks of its own. */
static void
test_threads(void **state)
{
	pthread_t threads[3];
	bool failed[3] = { false };

	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, thread_main, &failed[i]), 0);
	for (unsigned i = 0; i < 3; i++) {
		pthread_join(threads[i], NULL);
		assert_false(failed[i]);
	}
}

/* The memory is the parent's. */
static void
test_fork(void **state)
{
	struct spate *stack = stack_of(0);
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(spate_create(0, &stack) == -ECHILD ? 0 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	spate_destroy(stack);
}

static void
test_refused(void **state)
{
	struct spate *stack;

	expect(spate_create(1U << 31, &stack), -EINVAL);
	expect(spate_memory_set(64), -EBUSY);
	assert_true(strlen(spate_version()) >= 5);
}

/* Enough for some stacks, and soon used up. */
static int
setup(void **state)
{
	return spate_memory_set(256);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_left),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_fork),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
