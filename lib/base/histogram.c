/* SPDX-License-Identifier: BSD-3-Clause */
/* What is read out of histograms: sums and percentiles. */
#include "base/histogram.h"

void
histogram_merge(struct histogram *sum, const struct histogram *histogram)
{
	uint64_t min = counter_read(&histogram->min), max = counter_read(&histogram->max);
	uint64_t count = 0;

	for (unsigned i = 0; i < HISTOGRAM_SLOTS; i++) {
		uint64_t n = counter_read(&histogram->slots[i]);

		sum->slots[i] += n;
		count += n;
	}
	if (count == 0)
		return;
	if (sum->count == 0 || min < sum->min)
		sum->min = min;
	if (max > sum->max)
		sum->max = max;
	/* So that the count is that of the slots, whatever was noted meanwhile. */
	sum->count += count;
	sum->sum += counter_read(&histogram->sum);
}

static uint64_t
slot_last(unsigned slot)
{
	unsigned shift = slot < 2 * HISTOGRAM_PARTS ? 0 : slot / HISTOGRAM_PARTS - 1;
	uint64_t part = slot - (uint64_t)shift * HISTOGRAM_PARTS;

	return ((part + 1) << shift) - 1;
}

uint64_t
histogram_percentile(const struct histogram *histogram, uint32_t of_100000)
{
	/* Rounded up, without the product that might not fit. */
	uint64_t rank = histogram->count / 100000 * of_100000 +
		(histogram->count % 100000 * of_100000 + 99999) / 100000;
	uint64_t seen = 0;

	if (rank == 0)
		return histogram->count > 0 ? histogram->min : 0;
	for (unsigned i = 0; i < HISTOGRAM_SLOTS; i++) {
		seen += histogram->slots[i];
		if (seen >= rank && i < HISTOGRAM_SLOTS - 1 && slot_last(i) < histogram->max)
			return slot_last(i);
		if (seen >= rank)
			return histogram->max;
	}
	return 0;
}
