/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes and takes down a whole stack. */
#include "stack/stack_group.h"
#include "stack/worker.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_rcu_qsbr.h>

static int
stack_create_rcu(struct stack *stack, struct error *err)
{
	size_t size = rte_rcu_qsbr_get_memsize(WORKER_MAX);

	stack->rcu = rte_zmalloc("rcu", size, RTE_CACHE_LINE_SIZE);
	if (stack->rcu == NULL || rte_rcu_qsbr_init(stack->rcu, WORKER_MAX) != 0)
		return error_set(err, ENOMEM, "no memory for the RCU variable");
	for (unsigned i = 0; i < stack->config.worker_count; i++)
		rte_rcu_qsbr_thread_register(stack->rcu, i);
	return 0;
}

/* What is held for neighbours, to lib/neigh, which does not look into it. */
static uint32_t
pkt_buffers(const void *pkt)
{
	return ((const struct rte_mbuf *)pkt)->nb_segs;
}

static int
stack_create_tables(struct stack *stack, struct error *err)
{
	uint32_t max;

	stack->ifaces = iface_table_create(stack->rcu);
	stack->nexthops = nexthop_table_create(stack->rcu, stack->config.nexthops_max, -1);
	if (stack->ifaces == NULL || stack->nexthops == NULL)
		return error_set(err, ENOMEM, "no memory for interfaces and nexthops");
	stack->groups = stack_groups_create(nexthop_table_max(stack->nexthops));
	if (stack->groups == NULL)
		return error_set(err, ENOMEM, "no memory for the nexthop groups");
	if (stack_vrf_add(stack, STACK_VRF_DEFAULT_NAME, err) < 0)
		return -ENOMEM;
	stack->config.neigh.buffers = pkt_buffers;
	stack->neighs = neigh_table_create(&stack->config.neigh);
	if (stack->neighs == NULL)
		return error_set(err, ENOMEM, "no memory for the neighbour table");
	max = nexthop_table_max(stack->nexthops);
	stack->nexthop_base = calloc(max, sizeof(*stack->nexthop_base));
	stack->nexthop_held = calloc(max, sizeof(*stack->nexthop_held));
	stack->nexthop_seen = calloc(max, sizeof(*stack->nexthop_seen));
	if (stack->nexthop_base == NULL || stack->nexthop_held == NULL ||
		stack->nexthop_seen == NULL)
		return error_set(err, ENOMEM, "no memory for the nexthop counters");
	return 0;
}

/* For as long as the user has none of his own. */
static void
stack_secret_init(struct stack_nd_config *config, struct entropy *entropy)
{
	for (unsigned i = 0; i + 8 < sizeof(config->random_secret); i += 8)
		snprintf(config->random_secret + i, sizeof(config->random_secret) - i, "%08" PRIx32,
			entropy_u32(entropy));
}

int
stack_create(const struct stack_config *config, struct stack **out, struct error *err)
{
	static unsigned next_id; /* names of DPDK objects must differ within a process */
	struct stack *stack;
	int rc;

	if (config->worker_count == 0 || config->worker_count > WORKER_MAX)
		return error_set(err, EINVAL, "from 1 to %u workers are possible, not %u",
			WORKER_MAX, config->worker_count);
	rc = pkt_init();
	if (rc < 0)
		return error_set(
			err, -rc, "cannot register packet metadata: %s", rte_strerror(-rc));
	stack = calloc(1, sizeof(*stack));
	if (stack == NULL)
		return error_set(err, ENOMEM, "no memory for the stack");
	stack->config = *config;
	if (config->sockets_per_worker == 0)
		stack->config.sockets_per_worker = STACK_SOCKETS_DEFAULT;
	if (config->assocs_per_worker == 0)
		stack->config.assocs_per_worker = STACK_ASSOCS_DEFAULT;
	stack->id = next_id++;
	entropy_init(&stack->entropy, config->seed);
	stack_secret_init(&stack->config.nd, &stack->entropy);
	toeplitz_init(&stack->toeplitz, toeplitz_default_key);
	TAILQ_INIT(&stack->autoconfs);
	TAILQ_INIT(&stack->autoconf_routes);
	token_bucket_init(
		&stack->autoconf_log, STACK_AUTOCONF_LOG_RATE, STACK_AUTOCONF_LOG_BURST, 0);
	TAILQ_INIT(&stack->mlds);
	TAILQ_INIT(&stack->dads);
	TAILQ_INIT(&stack->anycasts);
	TAILQ_INIT(&stack->announces);
	TAILQ_INIT(&stack->proxies);
	TAILQ_INIT(&stack->pings);
	TAILQ_INIT(&stack->arpings);
	TAILQ_INIT(&stack->services);
	stack->ip_id_seed = entropy_u64(&stack->entropy);
	stack->pmtu.seed = entropy_u32(&stack->entropy);
	stack->tcp_offload = (struct tcp_offload){ .gro = true, .tso = true };
	tcp_policy_init(&stack->tcp_policy);
	stack->tcp_secret.words[0] = entropy_u64(&stack->entropy);
	stack->tcp_secret.words[1] = entropy_u64(&stack->entropy);
	sctp_settings_init(&stack->sctp_settings);
	stack->sctp_secret.words[0] = entropy_u64(&stack->entropy);
	stack->sctp_secret.words[1] = entropy_u64(&stack->entropy);

	rc = stack_create_rcu(stack, err);
	if (rc < 0)
		goto fail;
	rc = stack_create_tables(stack, err);
	if (rc < 0)
		goto fail;
	stack->udp_ports = udp_ports_create(entropy_u32(&stack->entropy));
	stack->tcp_ports = tcp_ports_create();
	stack->sctp_ports = sctp_ports_create();
	if (stack->udp_ports == NULL || stack->tcp_ports == NULL || stack->sctp_ports == NULL) {
		rc = error_set(err, ENOMEM, "no memory for the ports of UDP, TCP and SCTP");
		goto fail;
	}
	rc = stack_ephemeral_create(stack, err);
	if (rc < 0)
		goto fail;
	for (unsigned i = 0; i < config->worker_count; i++) {
		rc = worker_create(stack, i, &stack->workers[i], err);
		if (rc < 0)
			goto fail;
		stack->worker_count++;
	}
	*out = stack;
	return 0;

fail:
	stack_destroy(stack);
	return rc;
}

int
stack_start(struct stack *stack, struct error *err)
{
	stack->stop = false;
	for (unsigned i = 0; i < stack->worker_count; i++) {
		unsigned lcore = stack->config.lcores[i];
		int rc = rte_eal_remote_launch(worker_main, stack->workers[i], lcore);

		if (rc < 0) {
			stack_stop(stack);
			return error_set(err, -rc, "cannot start worker %u on lcore %u: %s", i,
				lcore, rte_strerror(-rc));
		}
	}
	stack->running = true;
	return 0;
}

void
stack_stop(struct stack *stack)
{
	__atomic_store_n(&stack->stop, true, __ATOMIC_RELAXED);
	for (unsigned i = 0; i < stack->worker_count; i++)
		rte_eal_wait_lcore(stack->config.lcores[i]);
	stack->running = false;
}

/* Held packets go back to their pools before the pools go. */
static void
stack_destroy_neighs(struct stack *stack)
{
	if (stack->neighs == NULL)
		return;
	stack_neigh_iface_gone(stack, IFACE_NONE);
	stack_autoconf_iface_gone(stack, IFACE_NONE);
	stack_mld_iface_gone(stack, IFACE_NONE);
	stack_dad_iface_gone(stack, IFACE_NONE);
	stack_anycast_iface_gone(stack, IFACE_NONE);
	stack_announce_iface_gone(stack, IFACE_NONE);
	stack_proxy_iface_gone(stack, IFACE_NONE);
	neigh_table_destroy(stack->neighs);
	neigh_actions_free(&stack->neigh_actions);
}

void
stack_destroy(struct stack *stack)
{
	struct port *port;

	if (stack == NULL)
		return;
	while ((port = port_next(&stack->ports, 0)) != NULL) {
		if (port->up)
			port->ops->stop(port);
		port_unpublish(&stack->ports, port);
		port_destroy(port);
	}
	stack_destroy_neighs(stack);
	stack_services_stop(stack);
	stack_vrfs_destroy(stack);
	stack_groups_destroy(stack->groups);
	nexthop_table_destroy(stack->nexthops);
	iface_table_destroy(stack->ifaces);
	for (unsigned i = 0; i < stack->worker_count; i++)
		worker_drain(stack->workers[i]);
	for (unsigned i = 0; i < stack->worker_count; i++)
		worker_destroy(stack->workers[i]);
	stack_affinities_destroy(stack);
	udp_ports_destroy(stack->udp_ports);
	tcp_ports_destroy(stack->tcp_ports);
	sctp_ports_destroy(stack->sctp_ports);
	stack_ephemeral_destroy(stack);
	stack_iface_counters_destroy(stack);
	free(stack->nexthop_base);
	free(stack->nexthop_held);
	free(stack->nexthop_seen);
	rte_free(stack->rcu);
	free(stack);
}

void
stack_poll_mode_set(struct stack *stack, enum worker_poll_mode mode)
{
	__atomic_store_n(&stack->poll_mode, mode, __ATOMIC_RELAXED);
}
