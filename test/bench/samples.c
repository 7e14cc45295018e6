/* SPDX-License-Identifier: BSD-3-Clause */
/* Figures of several rounds: see samples.h. */
#include "samples.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <rte_malloc.h>

void
samples_add(struct samples *samples, uint64_t cycles)
{
	if (samples->count < SAMPLES_MAX)
		samples->cycles[samples->count++] = cycles;
}

static int
compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

double
samples_quantile(struct samples *samples, double part, unsigned batch)
{
	qsort(samples->cycles, samples->count, sizeof(samples->cycles[0]), compare_u64);
	return samples->count > 0
		? (double)samples->cycles[(uint32_t)(samples->count * part)] / batch
		: 0;
}

void
samples_row(const char *what, struct samples *empty, struct samples *full, unsigned batch)
{
	double e10 = samples_quantile(empty, 0.1, batch), e50 = samples_quantile(empty, 0.5, batch);
	double f10 = samples_quantile(full, 0.1, batch), f50 = samples_quantile(full, 0.5, batch);

	printf("%-24s %7.0f %7.0f  %7.0f %7.0f  %6.2f %6.2f\n", what, e10, e50, f10, f50, f10 / e10,
		f50 / e50);
}

static int
compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

void
doubles_sort(double *values, unsigned count)
{
	qsort(values, count, sizeof(*values), compare_double);
}

double
doubles_median(double *values, unsigned count)
{
	doubles_sort(values, count);
	return values[count / 2];
}

uint64_t
memory_used(void)
{
	struct mallinfo2 info = mallinfo2();
	struct rte_malloc_socket_stats stats;
	uint64_t used = info.uordblks + info.hblkhd;

	for (int socket = 0; socket < RTE_MAX_NUMA_NODES; socket++) {
		if (rte_malloc_get_socket_stats(socket, &stats) == 0)
			used += stats.heap_allocsz_bytes;
	}
	return used;
}

uint64_t
thread_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}
