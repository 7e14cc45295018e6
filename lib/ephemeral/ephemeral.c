/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The search for a port, and what its candidates are held against: see ephemeral.h. The algorithms
 * say in which order ports are tried.
 */
#include "ephemeral/ephemeral_priv.h"

#include <errno.h>
#include <string.h>

#include "base/counter.h"
#include "pkt/flow_hash.h"
#include "wire/endian.h"

static const struct ephemeral_algorithm *const algorithms[] = {
	&ephemeral_hash_increments,
	&ephemeral_simple,
	&ephemeral_redraw,
	&ephemeral_simple_hash,
	&ephemeral_double_hash,
	&ephemeral_increments,
};

#define ALGORITHM_COUNT (sizeof(algorithms) / sizeof(algorithms[0]))

const struct ephemeral_algorithm *
ephemeral_algorithm_get(unsigned index)
{
	return index < ALGORITHM_COUNT ? algorithms[index] : NULL;
}

const struct ephemeral_algorithm *
ephemeral_algorithm_find(const char *name)
{
	for (unsigned i = 0; i < ALGORITHM_COUNT; i++) {
		if (strcmp(algorithms[i]->name, name) == 0)
			return algorithms[i];
	}
	return NULL;
}

void
ephemeral_init(struct ephemeral *ephemeral, struct entropy *entropy)
{
	*ephemeral = (struct ephemeral){ .next = entropy_u32(entropy) };
	entropy_fill(entropy, &ephemeral->offset_key, sizeof(ephemeral->offset_key));
	entropy_fill(entropy, &ephemeral->index_key, sizeof(ephemeral->index_key));
	secret_random_init(&ephemeral->random, entropy);
	entropy_fill(entropy, ephemeral->table, sizeof(ephemeral->table));
}

uint64_t
ephemeral_hash(const struct siphash_key *key, const struct ephemeral_request *request)
{
	const struct ip_flow *flow = &request->flow;
	struct {
		uint8_t local[16], remote[16];
		uint32_t vrf;
		uint16_t remote_port;
		uint8_t proto, family;
	} input = {
		.vrf = request->vrf,
		.remote_port = flow->dst_port,
		.proto = flow->proto,
		.family = flow->dst.family,
	};

	_Static_assert(sizeof(input) == 40, "no padding: all of it is hashed");
	memcpy(input.local, flow->src.bytes, sizeof(input.local));
	memcpy(input.remote, flow->dst.bytes, sizeof(input.remote));
	return siphash(key, &input, sizeof(input));
}

void
ephemeral_counter_find(struct ephemeral_search *search)
{
	uint64_t index = ephemeral_hash(&search->ephemeral->index_key, search->request);

	search->counter = &search->ephemeral->table[index % EPHEMERAL_TABLE];
}

/*
 * What comes back hashes to this, with 0 for our port. The hash is linear: each candidate adds its
 * own part (toeplitz.h).
 */
static uint32_t
rss_base(const struct ephemeral_rss *rss, const struct ip_flow *flow)
{
	struct ip_flow back = {
		.src = flow->dst,
		.dst = flow->src,
		.proto = flow->proto,
		.src_port = flow->dst_port,
	};

	return flow_hash_flow(rss->toeplitz, &back);
}

static bool
rss_comes_here(
	const struct ephemeral_rss *rss, uint32_t base, const struct ip_flow *flow, uint16_t port)
{
	unsigned position = 2 * ip_addr_length(&flow->src) + 2;
	uint8_t port_be[2];
	uint32_t hash;

	be16_store(port_be, port);
	hash = base ^ toeplitz_table_hash(rss->toeplitz, position, port_be, sizeof(port_be));
	return rss->bucket_workers[hash % rss->bucket_count] == rss->worker;
}

static int
search_run(struct ephemeral_search *search, uint16_t *port)
{
	const struct ephemeral_request *request = search->request;
	struct ephemeral *ephemeral = search->ephemeral;
	struct ip_flow flow = request->flow;
	uint32_t base = request->rss != NULL ? rss_base(request->rss, &flow) : 0;

	for (uint32_t i = 0; i < search->count; i++) {
		flow.src_port =
			(uint16_t)(search->policy->min + search->policy->algorithm->next(search));
		if (ephemeral_policy_excludes(search->policy, flow.src_port))
			continue;
		/* Cheaper than to ask whether it is in use. */
		if (request->rss != NULL &&
			!rss_comes_here(request->rss, base, &flow, flow.src_port)) {
			counter_add(&ephemeral->elsewhere, 1);
			continue;
		}
		if (request->in_use(request->arg, &flow)) {
			counter_add(&ephemeral->collisions, 1);
			continue;
		}
		counter_add(&ephemeral->chosen, 1);
		*port = flow.src_port;
		return 0;
	}
	counter_add(&ephemeral->exhausted, 1);
	return -EADDRNOTAVAIL;
}

int
ephemeral_choose(struct ephemeral *ephemeral, const struct ephemeral_policy *policy,
	const struct ephemeral_request *request, uint16_t *port)
{
	const struct ephemeral_algorithm *algorithm = policy->algorithm;
	struct ephemeral_search search = {
		.ephemeral = ephemeral,
		.policy = policy,
		.request = request,
		.count = policy->max - policy->min + 1U,
	};
	int rc;

	if (algorithm->start != NULL)
		algorithm->start(&search);
	rc = search_run(&search, port);
	if (algorithm->end != NULL)
		algorithm->end(&search);
	return rc;
}
