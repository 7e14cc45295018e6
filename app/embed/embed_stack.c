/* SPDX-License-Identifier: BSD-3-Clause */
/* Stacks come and go. */
#include <pthread.h>
#include <stdlib.h>

#include <rte_lcore.h>

#include "embed/embed.h"
#include "spate_version.h"

/* Of one stack. They are enough for its queues, and a quarter for fragments (lib/ip). */
#define MBUFS    4096
#define NEXTHOPS 4096
/* Of all stacks. */
#define MEMORY_MB     512
#define MEMORY_MB_MIN 32
#define MEMORY_MB_MAX 65536

#define FLAGS         (SPATE_CLOCK_MANUAL | SPATE_DAD | SPATE_ANNOUNCE | SPATE_MLD)

/* DPDK's objects have names in common, and stacks are counted. */
static pthread_mutex_t process_lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned memory_mb = MEMORY_MB;

const char *
spate_version(void)
{
	return SPATE_VERSION;
}

int
spate_memory_set(unsigned megabytes)
{
	struct error err;
	int rc = 0;

	pthread_mutex_lock(&process_lock);
	if (embed_eal_is_started())
		rc = error_set(&err, EBUSY, "memory is set before the first stack is made");
	else if (megabytes < MEMORY_MB_MIN || megabytes > MEMORY_MB_MAX)
		rc = error_set(&err, EINVAL, "memory is from %u to %u MB, not %u", MEMORY_MB_MIN,
			MEMORY_MB_MAX, megabytes);
	else
		memory_mb = megabytes;
	pthread_mutex_unlock(&process_lock);
	return embed_result(rc, &err);
}

/* @param seed 0: the system's random numbers */
static int
stack_make(unsigned flags, uint64_t seed, struct stack **stack, struct error *err)
{
	struct stack_config config = {
		.worker_count = 1,
		.mbufs_per_worker = MBUFS,
		.nexthops_max = NEXTHOPS,
		.neigh = NEIGH_CONFIG_DEFAULT,
		.nd = STACK_ND_CONFIG_DEFAULT,
	};
	int rc;

	embed_log_start();
	rc = embed_eal_start(memory_mb, err);
	if (rc < 0)
		return rc;
	config.lcores[0] = rte_get_main_lcore();
	config.seed = seed;
	config.neigh.seed = (uint32_t)(seed ^ seed >> 32);
	if ((flags & SPATE_DAD) == 0)
		config.nd.dad_transmits = 0;
	if ((flags & SPATE_ANNOUNCE) == 0)
		config.nd.announce_count = 0;
	if ((flags & SPATE_MLD) == 0)
		config.nd.mld_robustness = 0;
	return stack_create(&config, stack, err);
}

static int
spate_make(unsigned flags, uint64_t seed, struct spate **result)
{
	struct spate *spate;
	struct error err;
	int rc;

	if ((flags & ~(unsigned)FLAGS) != 0)
		return embed_result(
			error_set(&err, EINVAL, "no flags are known by 0x%x", flags & ~FLAGS),
			&err);
	spate = calloc(1, sizeof(*spate));
	if (spate == NULL)
		return embed_result(error_set(&err, ENOMEM, "no memory for a stack"), &err);
	spate->flags = flags;
	pthread_mutex_lock(&process_lock);
	rc = stack_make(flags, seed, &spate->stack, &err);
	pthread_mutex_unlock(&process_lock);
	if (rc < 0) {
		free(spate);
		return embed_result(rc, &err);
	}
	embed_clock_start(spate);
	embed_sockets_start(spate);
	*result = spate;
	return 0;
}

int
spate_create(unsigned flags, struct spate **result)
{
	return spate_make(flags, 0, result);
}

int
spate_create_seeded(unsigned flags, uint64_t seed, struct spate **result)
{
	struct error err;

	if (seed == 0)
		return embed_result(error_set(&err, EINVAL, "a seed is a number, but not 0"), &err);
	return spate_make(flags, seed, result);
}

void
spate_destroy(struct spate *spate)
{
	if (spate == NULL)
		return;
	embed_sockets_stop(spate);
	pthread_mutex_lock(&process_lock);
	stack_destroy(spate->stack);
	pthread_mutex_unlock(&process_lock);
	free(spate);
}
