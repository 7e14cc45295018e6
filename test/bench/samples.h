/* SPDX-License-Identifier: BSD-3-Clause */
/* Figures of several rounds: quantiles of cycles, medians of what rounds brought, memory that is in use. */
#ifndef BENCH_SAMPLES_H
#define BENCH_SAMPLES_H

#include <stdint.h>

#define SAMPLES_MAX 2048

/* Cycles of batches, of which the median counts: what others do on the machine falls out. */
struct samples {
	uint32_t count;
	uint64_t cycles[SAMPLES_MAX];
};

/* Those beyond SAMPLES_MAX are not kept. */
void samples_add(struct samples *samples, uint64_t cycles);
/* The value below which a part of them is, for one of a batch of so many. */
double samples_quantile(struct samples *samples, double part, unsigned batch);
/* 10 % and median of both, and their ratios. */
void samples_row(const char *what, struct samples *empty, struct samples *full, unsigned batch);

/* It sorts them. */
void doubles_sort(double *values, unsigned count);
double doubles_median(double *values, unsigned count);

/* Bytes, of DPDK's heaps and the C library's. */
uint64_t memory_used(void);
/* CPU time of this thread. */
uint64_t thread_ns(void);

#endif
