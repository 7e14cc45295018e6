/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Identifications of what is made here: IPv4's (RFC 6864) and IPv6's for fragments (RFC 7739).
 *
 * A counter for each bucket of destinations: fragments of different datagrams to one destination
 * do not mix until the counter wraps, and no destination learns how much the others are sent. The
 * workers' counters interleave, so that they differ as well.
 */
#ifndef IP_IP_ID_H
#define IP_IP_ID_H

#include <stdint.h>
#include <string.h>

#include <rte_jhash.h>

#define IP_ID_BUCKETS 256

struct ip_id {
	uint32_t seed; /**< random: which destinations share a counter */
	uint32_t step; /**< workers that there are */
	uint32_t next
		[IP_ID_BUCKETS]; /**< a random start, a multiple of step, and the worker's index */
};

/** @param addr_length 4 or 16; low 16 bits of the result serve IPv4 */
static inline uint32_t
ip_id_next(struct ip_id *id, const void *dst, uint32_t addr_length)
{
	uint32_t words[4]; /* aligned, as the hash wants them */
	uint32_t *next, value;

	memcpy(words, dst, addr_length);
	next = &id->next[rte_jhash_32b(words, addr_length / 4, id->seed) % IP_ID_BUCKETS];
	value = *next;
	*next += id->step;
	return value;
}

/** @param random seeds it: the same for all workers of a stack */
void ip_id_init(struct ip_id *id, uint64_t random, unsigned worker, unsigned worker_count);

#endif
