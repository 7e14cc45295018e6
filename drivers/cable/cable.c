/* SPDX-License-Identifier: BSD-3-Clause */
/* Cables and their ends: made by the first port that names them, joined by the second. By control. */
#include "cable/cable_priv.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>
#include <rte_malloc.h>

/* Stacks of other control threads have ends in this list, too. */
static LIST_HEAD(cables, cable) cables = LIST_HEAD_INITIALIZER(cables);
static pthread_mutex_t cables_lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned next_id;

/* ---- a cable ---- */

static struct rte_rcu_qsbr *
gate_create(void)
{
	size_t size = rte_rcu_qsbr_get_memsize(CABLE_GATE_MAX);
	struct rte_rcu_qsbr *gate = rte_zmalloc("cable gate", size, RTE_CACHE_LINE_SIZE);

	if (gate == NULL)
		return NULL;
	rte_rcu_qsbr_init(gate, CABLE_GATE_MAX);
	for (unsigned i = 0; i < CABLE_GATE_MAX; i++)
		rte_rcu_qsbr_thread_register(gate, i);
	return gate;
}

void
cable_gate_wait(struct cable *cable)
{
	rte_rcu_qsbr_synchronize(cable->gate, RTE_QSBR_THRID_INVALID);
}

static void
cable_free(struct cable *cable)
{
	for (unsigned i = 0; i < 2; i++) {
		free(cable->ends[i].setup);
		free(cable->ends[i].spare);
		free(cable->ends[i].txqs);
		cable_medium_fini(&cable->ends[i].medium);
	}
	rte_free(cable->gate);
	free(cable);
}

static bool
end_alloc(struct cable_end *end)
{
	end->setup = calloc(1, sizeof(*end->setup));
	end->spare = calloc(1, sizeof(*end->spare));
	end->txqs = aligned_alloc(_Alignof(struct cable_txq), CABLE_QUEUE_MAX * sizeof(*end->txqs));
	/* Its counters are the peer's statistics, also while nobody has opened it. */
	if (end->txqs != NULL)
		memset(end->txqs, 0, CABLE_QUEUE_MAX * sizeof(*end->txqs));
	return end->setup != NULL && end->spare != NULL && end->txqs != NULL;
}

static struct cable *
cable_create(const struct cable_args *args)
{
	struct cable *cable = aligned_alloc(_Alignof(struct cable), sizeof(*cable));

	if (cable == NULL)
		return NULL;
	memset(cable, 0, sizeof(*cable));
	cable->gate = gate_create();
	if (cable->gate == NULL || !end_alloc(&cable->ends[0]) || !end_alloc(&cable->ends[1])) {
		cable_free(cable);
		return NULL;
	}
	cable->id = next_id++;
	cable->ns_per_tsc_32 = (1000000000ULL << 32) / rte_get_tsc_hz();
	for (unsigned i = 0; i < 2; i++) {
		cable->ends[i].cable = cable;
		cable->ends[i].index = i;
		strlcpy(cable->ends[i].name, i == 0 ? args->end : args->peer, PORT_NAME_MAX);
	}
	return cable;
}

/* The end that waits for somebody of this name with this peer; NULL: there is none. */
static struct cable_end *
end_find(const struct cable_args *args, struct error *err, int *ret)
{
	struct cable *cable;

	*ret = 0;
	LIST_FOREACH (cable, &cables, entry) {
		for (unsigned i = 0; i < 2; i++) {
			struct cable_end *end = &cable->ends[i];
			const char *peer = cable_peer(end)->name;
			bool ours = strcmp(end->name, args->end) == 0;

			if (ours && end->opened) {
				*ret = error_set(err, EEXIST,
					"a cable has an end %s already, with the peer %s",
					args->end, peer);
				return NULL;
			}
			if (ours && strcmp(peer, args->peer) == 0)
				return end;
			if (end->opened && strcmp(end->name, args->peer) == 0 &&
				strcmp(peer, args->end) != 0) {
				*ret = error_set(
					err, EBUSY, "%s has another peer: %s", args->peer, peer);
				return NULL;
			}
		}
	}
	return NULL;
}

void
cable_link_update(struct cable *cable)
{
	bool up = true;

	for (unsigned i = 0; i < 2; i++)
		up &= cable->ends[i].started && cable->ends[i].plugged;
	__atomic_store_n(&cable->up, up, __ATOMIC_RELEASE);
	if (up)
		return;
	cable_gate_wait(cable);
	for (unsigned i = 0; i < 2; i++)
		cable_medium_flush(&cable->ends[i].medium, cable->ends[i].tap, cable_now_ns(cable));
}

/* ---- an end ---- */

/* FNV-1a: what an end has of its own, the same at each start. */
static uint64_t
name_hash(const char *name)
{
	uint64_t hash = 14695981039346656037ULL;

	for (const char *c = name; *c != '\0'; c++)
		hash = (hash ^ (uint8_t)*c) * 1099511628211ULL;
	return hash;
}

/* A local address. */
static struct mac_addr
mac_of(const char *name)
{
	const uint64_t hash = name_hash(name);
	struct mac_addr mac;

	memcpy(mac.bytes, &hash, sizeof(mac.bytes));
	mac.bytes[0] = (mac.bytes[0] & 0xfc) | 0x02;
	return mac;
}

/* As a NIC that was just put in. */
static void
end_init(struct cable_end *end, const struct cable_args *args)
{
	struct cable_setup *setup = end->setup;

	memset(end->txqs, 0, CABLE_QUEUE_MAX * sizeof(*end->txqs));
	memset(end->rxqs, 0, sizeof(end->rxqs));
	end->offloads_possible = args->offloads;
	end->flight = args->flight;
	end->flushed = 0;
	end->tap = NULL;
	end->port_tap = NULL;
	cable_medium_fini(&end->medium);
	cable_medium_init(&end->medium, name_hash(args->end), cable_receive, cable_peer(end));
	end->plugged = true;
	end->opened = true;
	memset(setup, 0, sizeof(*setup));
	setup->groups_all = true;
	setup->mac_count = 1;
	setup->macs[0] = mac_of(args->end);
	cable_rss_init(&setup->rss, args->key_length);
	toeplitz_init(&setup->toeplitz, setup->rss.key);
}

static int
end_take(const struct cable_args *args, struct cable_end **taken, struct error *err)
{
	struct cable_end *end;
	struct cable *cable;
	int ret;

	end = end_find(args, err, &ret);
	if (ret != 0)
		return ret;
	if (end == NULL) {
		cable = cable_create(args);
		if (cable == NULL)
			return error_set(err, ENOMEM, "no memory for a cable");
		LIST_INSERT_HEAD(&cables, cable, entry);
		end = &cable->ends[0];
	}
	end_init(end, args);
	*taken = end;
	return 0;
}

static int
cable_open(struct port *port, const char *text, struct error *err)
{
	struct cable_end *end = NULL;
	struct cable_args args;
	int ret = cable_args_parse(port, text, &args, err);

	if (ret != 0)
		return ret;
	pthread_mutex_lock(&cables_lock);
	ret = end_take(&args, &end, err);
	pthread_mutex_unlock(&cables_lock);
	if (ret != 0)
		return ret;
	port->driver = end;
	port->mac = end->setup->macs[0];
	port->rxq_max = port->txq_max = CABLE_QUEUE_MAX;
	strlcpy(port->device_name, args.end, sizeof(port->device_name));
	strlcpy(port->driver_name, "cable", sizeof(port->driver_name));
	return 0;
}

static int
cable_start(struct port *port, struct error *err)
{
	struct cable_end *end = port->driver;

	if (!end->configured)
		return error_set(err, EINVAL, "%s is not configured", port->name);
	pthread_mutex_lock(&cables_lock);
	end->started = true;
	cable_link_update(end->cable);
	pthread_mutex_unlock(&cables_lock);
	return 0;
}

static void
cable_stop(struct port *port)
{
	struct cable_end *end = port->driver;
	struct rte_mbuf *pkt;

	pthread_mutex_lock(&cables_lock);
	end->started = false;
	cable_link_update(end->cable);
	pthread_mutex_unlock(&cables_lock);
	cable_flows_clear(end);
	for (uint16_t q = 0; q < end->rxq_count; q++) {
		while (end->rxqs[q].ring != NULL &&
			rte_ring_dequeue(end->rxqs[q].ring, (void **)&pkt) == 0) {
			rte_pktmbuf_free(pkt);
			end->flushed++;
		}
	}
}

void
cable_queues_free(struct cable_end *end)
{
	for (uint16_t q = 0; q < CABLE_QUEUE_MAX; q++) {
		rte_ring_free(end->rxqs[q].ring);
		end->rxqs[q].ring = NULL;
	}
	end->configured = false;
}

static void
cable_close(struct port *port)
{
	struct cable_end *end = port->driver;
	struct cable *cable = end->cable;

	if (end->started)
		cable_stop(port);
	cable_queues_free(end);
	pthread_mutex_lock(&cables_lock);
	end->opened = false;
	end->tap = NULL;
	if (!cable_peer(end)->opened) {
		LIST_REMOVE(cable, entry);
		cable_free(cable);
	}
	pthread_mutex_unlock(&cables_lock);
	port->driver = NULL;
}

/* ---- what a user does with it ---- */

void
cable_plug(struct port *port, bool plugged)
{
	struct cable_end *end = port->driver;

	pthread_mutex_lock(&cables_lock);
	end->plugged = plugged;
	cable_link_update(end->cable);
	pthread_mutex_unlock(&cables_lock);
}

bool
cable_is_plugged(const struct port *port)
{
	return ((const struct cable_end *)port->driver)->plugged;
}

void
cable_tap_set(struct port *port, const struct cable_tap *tap)
{
	struct cable_end *end = port->driver;

	/* The control thread of the other end's stack may be telling it what a link took along. */
	pthread_mutex_lock(&cables_lock);
	__atomic_store_n(&end->tap, tap, __ATOMIC_RELEASE);
	cable_gate_wait(end->cable);
	pthread_mutex_unlock(&cables_lock);
}

static void
cable_port_tap_set(const struct port *port, const struct port_tap *tap)
{
	struct cable_end *end = port->driver;

	__atomic_store_n(&end->port_tap, tap, __ATOMIC_RELEASE);
}

void
cable_clock_set(struct port *port, uint64_t (*now_ns)(void *arg), void *arg)
{
	struct cable *cable = ((struct cable_end *)port->driver)->cable;

	cable->now_arg = arg;
	cable->now_ns = now_ns;
	for (unsigned i = 0; i < 2; i++)
		cable_medium_rewind(&cable->ends[i].medium);
}

const char *
cable_end_name(const struct port *port)
{
	return ((const struct cable_end *)port->driver)->name;
}

const char *
cable_peer_name(const struct port *port)
{
	return cable_peer(port->driver)->name;
}

const struct port_ops cable_port_ops = {
	.name = "cable",
	.open = cable_open,
	.configure = cable_configure,
	.start = cable_start,
	.stop = cable_stop,
	.close = cable_close,
	.set_mtu = cable_set_mtu,
	.set_promiscuous = cable_set_promiscuous,
	.set_groups = cable_set_groups,
	.set_mac = cable_set_mac,
	.add_mac = cable_add_mac,
	.remove_mac = cable_remove_mac,
	.link = cable_link,
	.stats = cable_stats,
	.xstats = cable_xstats,
	.rss_get = cable_rss_get,
	.rss_set_hash = cable_rss_set_hash,
	.rss_set_reta = cable_rss_set_reta,
	.flow_create = cable_flow_create,
	.flow_destroy = cable_flow_destroy,
	.flow_hits = cable_flow_hits,
	.tap_set = cable_port_tap_set,
	.rx = cable_rx,
	.tx = cable_tx,
};
