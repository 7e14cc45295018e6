/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Ephemeral ports, RFC 6056: which local port a new flow gets, so that strangers cannot guess it
 * and it is not used again too soon. For UDP, TCP and SCTP, and what translates addresses.
 *
 * Pure: which ports are in use is asked of the caller, who knows the five-tuples; secrets and
 * random numbers are in `struct ephemeral`, and are filled in by ephemeral_init().
 *
 * An algorithm is one file with its struct ephemeral_algorithm, and a line in the table of
 * ephemeral.c. What is to be configured is a struct ephemeral_policy: one for each protocol, shared
 * by all workers, immutable once they see it.
 */
#ifndef EPHEMERAL_EPHEMERAL_H
#define EPHEMERAL_EPHEMERAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/secret_random.h"
#include "base/siphash.h"
#include "wire/ip_addr.h"
#include "wire/toeplitz.h"

struct error;
struct ephemeral_search;

/** RFC 6056 3.2: all but the well-known ones. */
#define EPHEMERAL_MIN_DEFAULT 1024
#define EPHEMERAL_MAX_DEFAULT 65535
/** TABLE_LENGTH of RFC 6056 3.3.4: of so many destinations about two share a counter. */
#define EPHEMERAL_TABLE 4096

struct ephemeral_algorithm {
	const char *name;
	const char *help; /**< one line, with the RFC's section */
	uint16_t increment; /**< N of RFC 6056 3.3.5, where no policy says another; 0: has none */
	/** NULL: nothing to do. */
	void (*start)(struct ephemeral_search *search);
	/** @return the next candidate, counted from the least port; may be one tried before */
	uint32_t (*next)(struct ephemeral_search *search);
	/** The search ended, with or without a port. NULL: nothing to do. */
	void (*end)(struct ephemeral_search *search);
};

struct ephemeral_policy {
	const struct ephemeral_algorithm *algorithm;
	uint16_t min, max; /**< the range, both included */
	uint16_t increment; /**< the largest of random steps; 0: as the algorithm has it */
	uint64_t excluded[65536 / 64]; /**< a bit for each port */
};

/** What one worker knows for one protocol. Its owner's alone, but for the counters. */
struct ephemeral {
	struct siphash_key offset_key, index_key; /**< of F() and G() */
	struct secret_random random;
	uint32_t next; /**< next_ephemeral */
	uint64_t chosen; /**< ports given */
	uint64_t collisions; /**< candidates that were in use */
	uint64_t elsewhere; /**< candidates that other workers would receive */
	uint64_t exhausted; /**< searches without a result */
	uint16_t table[EPHEMERAL_TABLE];
};

/**
 * Which worker the packets come to that are sent to us: RSS in a device or in software. Only for
 * ports that hash addresses and ports of this protocol; NULL elsewhere.
 */
struct ephemeral_rss {
	const struct toeplitz *toeplitz;
	const uint16_t *bucket_workers; /**< the redirection table: a worker for each bucket */
	uint32_t bucket_count; /**< a hash's bucket is its remainder */
	uint16_t worker; /**< that they are to come to */
};

struct ephemeral_request {
	struct ip_flow flow; /**< src is local; src_port is what is asked for */
	uint32_t vrf; /**< the same addresses of another are another destination */
	const struct ephemeral_rss *rss; /**< NULL: all ports come here */
	/** Whether the flow cannot be ours: RFC 6056 3.3's check_suitable_port(). */
	bool (*in_use)(void *arg, const struct ip_flow *flow);
	void *arg;
};

/** @return NULL: there is no such algorithm */
const struct ephemeral_algorithm *ephemeral_algorithm_find(const char *name);
/** The table: NULL after the last. The first is the default. */
const struct ephemeral_algorithm *ephemeral_algorithm_get(unsigned index);

/** The defaults, nothing excluded. */
void ephemeral_policy_init(struct ephemeral_policy *policy);
/** @return 0; -EINVAL: not a range; -ENOSPC: no port would be left. Then nothing is changed */
int ephemeral_policy_range(
	struct ephemeral_policy *policy, uint16_t min, uint16_t max, struct error *err);
/** Ports outside of the range too. @return as ephemeral_policy_range() */
int ephemeral_policy_exclude(
	struct ephemeral_policy *policy, uint16_t first, uint16_t last, struct error *err);
/**
 * The next run of excluded ports that starts at `from` or above.
 *
 * @return false: there is none
 */
bool ephemeral_policy_excluded(
	const struct ephemeral_policy *policy, uint32_t from, uint16_t *first, uint16_t *last);

static inline bool
ephemeral_policy_excludes(const struct ephemeral_policy *policy, uint16_t port)
{
	return policy->excluded[port / 64] >> port % 64 & 1;
}

/** Draws the secrets and the starting values: RFC 6056 3.5. */
void ephemeral_init(struct ephemeral *ephemeral, struct entropy *entropy);

/**
 * Choose a port for a new flow. Every candidate asks in_use() at most once, but for those of
 * algorithms that draw them: these try as often as there are ports.
 *
 * @return 0; -EADDRNOTAVAIL: none was found
 */
int ephemeral_choose(struct ephemeral *ephemeral, const struct ephemeral_policy *policy,
	const struct ephemeral_request *request, uint16_t *port);

#endif
