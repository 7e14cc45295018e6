/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What two CPUs are able to do for each other at the moment, which is what streams over memif are made of; no
 * stack, no DPDK. host.py runs it beside each round, to tell the machine's share from ours.
 *
 *   core_bench CPU CPU MILLISECONDS
 *
 * prints, of three measures that long: nanoseconds that a cache line takes from one CPU to the other;
 * Mbit/s of frames through a ring like memif's, into which one CPU copies and from which the other does; and
 * Mbit/s that one CPU copies within its own caches. Of each its best slice counts: who else runs for a
 * moment is not in it.
 */
#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define LINE       64
#define FRAME_SIZE 1514
#define SLOT_SIZE  2048
#define SLOTS      1024U /* memif's */
#define BURST      32U
#define OWN_SIZE   (256U << 10) /* of memory on either side of the ring: in the CPU's own caches */
/* Of a slice: the ring's places are no more than a little of it. */
#define FRAMES 16384U
#define ROUNDS 1000U
#define SKIP   77 /* as of a test: the CPUs are not there */

/* Each on a line of its own; what one writes the other reads. */
struct shared {
	_Alignas(LINE) uint32_t head; /* slots written */
	_Alignas(LINE) uint32_t tail; /* slots read */
	_Alignas(LINE) uint32_t ball; /* of the ping-pong; odd: the second CPU's turn */
	_Alignas(LINE) bool stop;
	_Alignas(SLOT_SIZE) uint8_t slots[SLOTS][SLOT_SIZE];
};

static struct shared *shared;
static uint8_t own[2][OWN_SIZE] __attribute__((aligned(SLOT_SIZE)));

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static cpu_set_t
only(size_t cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return set;
}

static void
stop_set(bool stop)
{
	__atomic_store_n(&shared->stop, stop, __ATOMIC_RELEASE);
}

static bool
stopped(void)
{
	return __atomic_load_n(&shared->stop, __ATOMIC_ACQUIRE);
}

/* ---- a line, there and back ---- */

static void *
pong(void *barrier)
{
	pthread_barrier_wait(barrier);
	while (!stopped())
		if (__atomic_load_n(&shared->ball, __ATOMIC_ACQUIRE) & 1)
			__atomic_fetch_add(&shared->ball, 1, __ATOMIC_ACQ_REL);
	return NULL;
}

static double
ping(void)
{
	const double begin = now();

	for (unsigned int i = 0; i < ROUNDS; i++) {
		__atomic_fetch_add(&shared->ball, 1, __ATOMIC_ACQ_REL);
		while (__atomic_load_n(&shared->ball, __ATOMIC_ACQUIRE) & 1)
			;
	}
	return (now() - begin) / ROUNDS / 2;
}

/* ---- frames through a ring ---- */

static void
frame_copy(void *to, const void *from)
{
	memcpy(to, from, FRAME_SIZE);
	/* Each is a copy by itself. */
	__asm__ volatile("" : : : "memory");
}

static uint8_t *
own_slot(unsigned int side, uint32_t i)
{
	return &own[side][i * SLOT_SIZE % OWN_SIZE];
}

static void *
ring_read(void *barrier)
{
	uint32_t tail = __atomic_load_n(&shared->tail, __ATOMIC_RELAXED);

	pthread_barrier_wait(barrier);
	while (!stopped()) {
		uint32_t head = __atomic_load_n(&shared->head, __ATOMIC_ACQUIRE);

		if (head - tail > BURST)
			head = tail + BURST;
		if (head == tail)
			continue;
		for (; tail != head; tail++)
			frame_copy(own_slot(1, tail), shared->slots[tail % SLOTS]);
		__atomic_store_n(&shared->tail, tail, __ATOMIC_RELEASE);
	}
	return NULL;
}

static double
ring_write(void)
{
	const double begin = now();
	uint32_t head = __atomic_load_n(&shared->head, __ATOMIC_RELAXED);
	const uint32_t end = head + FRAMES;

	while (head != end) {
		const uint32_t used = head - __atomic_load_n(&shared->tail, __ATOMIC_ACQUIRE);

		if (SLOTS - used < BURST)
			continue;
		for (unsigned int i = 0; i < BURST; i++, head++)
			frame_copy(shared->slots[head % SLOTS], own_slot(0, head));
		__atomic_store_n(&shared->head, head, __ATOMIC_RELEASE);
	}
	return (now() - begin) / FRAMES;
}

/* ---- one CPU alone ---- */

static void *
idle(void *barrier)
{
	pthread_barrier_wait(barrier);
	return NULL;
}

static double
copy(void)
{
	const double begin = now();

	for (unsigned int i = 0; i < FRAMES; i++)
		frame_copy(own_slot(0, i), own_slot(0, i + BURST));
	return (now() - begin) / FRAMES;
}

static double
megabits(double frame_seconds)
{
	return FRAME_SIZE * 8 / frame_seconds * 1e-6;
}

/* The first on the CPU where we are, the second on the other. @return the least that a slice took */
static double
run(double (*first)(void), void *(*second)(void *), size_t other, double seconds)
{
	const cpu_set_t set = only(other);
	pthread_barrier_t barrier;
	pthread_attr_t attr;
	pthread_t thread;
	double end, least;

	stop_set(false);
	pthread_barrier_init(&barrier, NULL, 2);
	pthread_attr_init(&attr);
	/* Before it runs: it may have a priority with which we would keep it from leaving our CPU. */
	pthread_attr_setaffinity_np(&attr, sizeof(set), &set);
	errno = pthread_create(&thread, &attr, second, &barrier);
	if (errno != 0)
		err(SKIP, "a thread on CPU %zu", other);
	pthread_barrier_wait(&barrier);
	end = now() + seconds;
	least = first();
	while (now() < end) {
		const double slice = first();

		least = slice < least ? slice : least;
	}
	stop_set(true);
	pthread_join(thread, NULL);
	pthread_attr_destroy(&attr);
	pthread_barrier_destroy(&barrier);
	return least;
}

int
main(int argc, char **argv)
{
	cpu_set_t set;
	double seconds;
	size_t other;

	if (argc != 4)
		errx(2, "core_bench CPU CPU MILLISECONDS");
	set = only(strtoul(argv[1], NULL, 10));
	other = strtoul(argv[2], NULL, 10);
	seconds = (double)strtol(argv[3], NULL, 10) * 1e-3;
	if (strcmp(argv[1], argv[2]) == 0)
		errx(SKIP, "two CPUs are needed");
	if (sched_setaffinity(0, sizeof(set), &set) != 0)
		err(SKIP, "CPU %s", argv[1]);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (shared == MAP_FAILED)
		err(1, "mmap");
	memset(own, 1, sizeof(own));
	printf("%.1f", run(ping, pong, other, seconds) * 1e9);
	printf(" %.0f", megabits(run(ring_write, ring_read, other, seconds)));
	printf(" %.0f\n", megabits(run(copy, idle, other, seconds)));
	return 0;
}
