/* SPDX-License-Identifier: BSD-3-Clause */
/* Sets up the identifications of a worker: see ip_id.h. */
#include "ip/ip.h"

void
ip_id_init(struct ip_id *id, uint64_t random, unsigned worker, unsigned worker_count)
{
	id->seed = (uint32_t)random;
	id->step = worker_count;
	for (uint32_t i = 0; i < IP_ID_BUCKETS; i++) {
		uint32_t start = rte_jhash_1word(i, (uint32_t)(random >> 32));

		id->next[i] = start - start % worker_count + worker;
	}
}
