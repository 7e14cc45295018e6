/* SPDX-License-Identifier: BSD-3-Clause */
/* The first stack of a process, which starts DPDK, leaves the process as it was. */
#include "unit/embed/embed_fixture.h"

#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a program has said of itself, and a library must not change. */
struct self {
	struct sigaction actions[NSIG];
	sigset_t blocked;
	cpu_set_t cpus;
	char name[16];
};

static void
self_look(struct self *self)
{
	memset(self, 0, sizeof(*self));
	for (int i = 1; i < NSIG; i++)
		(void)sigaction(i, NULL, &self->actions[i]);
	pthread_sigmask(SIG_SETMASK, NULL, &self->blocked);
	sched_getaffinity(0, sizeof(self->cpus), &self->cpus);
	pthread_getname_np(pthread_self(), self->name, sizeof(self->name));
}

static void
self_compare(const struct self *a, const struct self *b)
{
	for (int i = 1; i < NSIG; i++) {
		assert_ptr_equal(a->actions[i].sa_handler, b->actions[i].sa_handler);
		assert_int_equal(a->actions[i].sa_flags, b->actions[i].sa_flags);
		assert_int_equal(sigismember(&a->blocked, i), sigismember(&b->blocked, i));
	}
	assert_true(CPU_EQUAL(&a->cpus, &b->cpus));
	assert_string_equal(a->name, b->name);
}

/* @return what the library called by `run` wrote to stdout and stderr, in bytes */
static long
output_of(void (*run)(void))
{
	FILE *file = tmpfile();
	int out = dup(STDOUT_FILENO), errors = dup(STDERR_FILENO);
	struct stat status;

	assert_non_null(file);
	fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	dup2(fileno(file), STDERR_FILENO);
	run();
	fflush(stdout);
	fflush(stderr);
	dup2(out, STDOUT_FILENO);
	dup2(errors, STDERR_FILENO);
	close(out);
	close(errors);
	assert_int_equal(fstat(fileno(file), &status), 0);
	fclose(file);
	return status.st_size;
}

static struct spate *stack;

static void
first_stack(void)
{
	stack = stack_on(SPATE_LINK_IP);
}

static void
test_leaves_no_trace(void **state)
{
	struct self before, after;
	cpu_set_t one;
	long bytes;

	/* One CPU of those there are, to see that it stays so. */
	self_look(&before);
	CPU_ZERO(&one);
	for (int i = CPU_SETSIZE - 1; i >= 0 && CPU_COUNT(&one) == 0; i--) {
		if (CPU_ISSET(i, &before.cpus))
			CPU_SET(i, &one);
	}
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	self_look(&before);
	expect(spate_memory_set(31), -EINVAL);
	expect(spate_memory_set(65537), -EINVAL);
	expect(spate_memory_set(64), 0);
	bytes = output_of(first_stack);
	self_look(&after);
	self_compare(&before, &after);
	assert_int_equal(bytes, 0);
}

/* Whatever thread made it, another may go on with it. */
static void *
other_main(void *arg)
{
	hand_in(stack, "i0", .src = "10.0.0.2", .dst = "10.0.0.1", .icmp_type = ICMP4_ECHO_REQUEST,
		.spoil = PACKET_NO_ETHER);
	take_out(stack, "i0", .src = "10.0.0.1", .dst = "10.0.0.2", .icmp_type = PACKET_ZERO,
		.spoil = PACKET_NO_ETHER);
	spate_destroy(stack);
	return NULL;
}

static void
test_other_thread(void **state)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, other_main, NULL), 0);
	pthread_join(thread, NULL);
}

static unsigned long long
signals_blocked(const char *tid)
{
	unsigned long long blocked = 0;
	char line[256], path[300];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%s/status", tid);
	file = fopen(path, "re");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		if (strncmp(line, "SigBlk:", 7) == 0)
			blocked = strtoull(line + 7, NULL, 16);
	}
	fclose(file);
	return blocked;
}

/* They find no thread of the library's that would take them. */
static void
test_signals_are_the_programs(void **state)
{
	DIR *dir = opendir("/proc/self/task");
	const struct dirent *entry;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.' || atoi(entry->d_name) == getpid())
			continue;
		assert_true(signals_blocked(entry->d_name) >> (SIGINT - 1) & 1);
		assert_true(signals_blocked(entry->d_name) >> (SIGALRM - 1) & 1);
	}
	closedir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_leaves_no_trace),
		cmocka_unit_test(test_other_thread),
		cmocka_unit_test(test_signals_are_the_programs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
