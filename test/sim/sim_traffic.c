/* SPDX-License-Identifier: BSD-3-Clause */
/* Pings, and flows of numbered datagrams that are watched on their way. */
#include "sim/sim_private.h"

#include <stdlib.h>
#include <string.h>

#include "support/packet.h"
#include "wire/icmp.h"

#define FLOW_MAGIC   0x53505242 /* "SPRB" */
#define FLOW_HEADER  12 /* magic, flow, sequence number */
#define FLOW_SIZE    32
#define FLOW_ARRIVED 1 /* in `seen` */
#define FLOW_LATE    2 /* it left a node behind a later one */
#define UDP_LENGTH   8
#define FLOWS_MAX    4096
#define PINGS_MAX    256
#define NOBODY_HEARS 33434 /* traceroute's port */

/* ---- pings ---- */

static void
ping_answered(void *arg, const struct stack_ping_answer *answer)
{
	struct sim_ping *ping = arg;

	if (answer->type == ICMP4_ECHO_REPLY || answer->type == ICMP6_ECHO_REPLY) {
		ping->received++;
		return;
	}
	ping->errors++;
	ping->error_type = answer->type;
	ping->error_code = answer->code;
}

static void
ping_send(struct sim *sim, void *arg)
{
	struct sim_ping *ping = arg;
	struct error err = { 0 };

	/* Without a buffer it is as if it had been lost. */
	stack_ping_send(sim_stack(ping->from), ping->ping, (uint16_t)ping->sent, &err);
	if (++ping->sent < ping->config.count)
		sim_after_ms(sim, ping->config.interval_ms, ping_send, ping);
}

struct sim_ping *
sim_ping(struct sim_node *from, const struct sim_node *to, uint8_t family,
	const struct sim_ping_config *config)
{
	const struct ip_addr dst = sim_addr(to, family);

	return sim_ping_start(from, &dst, IP_VRF_DEFAULT, config);
}

struct sim_ping *
sim_ping_start(struct sim_node *from, const struct ip_addr *dst, uint16_t vrf,
	const struct sim_ping_config *config)
{
	struct sim *sim = from->sim;
	const struct stack_ping_config asked = { .dst = *dst,
		.vrf = vrf,
		.size_bytes = config->size_bytes,
		.ttl = config->ttl,
		.df = config->df };
	struct sim_ping *ping = calloc(1, sizeof(*ping));
	struct error err = { 0 };

	if (ping == NULL)
		abort();
	sim_assert(sim->ping_count < PINGS_MAX, "no more than %u pings", PINGS_MAX);
	ping->config = *config;
	ping->from = from;
	if (config->count == 0)
		ping->config.count = 1;
	if (config->interval_ms == 0)
		ping->config.interval_ms = 1000;
	if (stack_ping_create(sim_stack(from), &asked, ping_answered, ping, &ping->ping, &err) < 0)
		sim_fail("%s: ping: %s", from->name, err.text);
	if (sim->pings == NULL)
		sim->pings = calloc(PINGS_MAX, sizeof(struct sim_ping *));
	sim->pings[sim->ping_count++] = ping;
	ping_send(sim, ping);
	return ping;
}

/* ---- flows ---- */

static void
put32(uint8_t *to, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		to[i] = (uint8_t)(value >> (24 - 8 * i));
}

static uint32_t
get32(const uint8_t *from)
{
	return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

/* The next datagram of a flow, as it comes from a socket. */
static size_t
datagram_write(const struct sim_flow *flow, uint8_t datagram[PACKET_MAX])
{
	char src[IP_TEXT_MAX], dst[IP_TEXT_MAX];
	uint8_t payload[PACKET_MAX];

	put32(payload, FLOW_MAGIC);
	put32(payload + 4, flow->id);
	put32(payload + 8, flow->sent);
	for (unsigned i = FLOW_HEADER; i < flow->config.size_bytes; i++)
		payload[i] = (uint8_t)(flow->sent + i);
	return packet_write(
		PACKET(.src = ip_addr_format(&flow->src, src),
			.dst = ip_addr_format(&flow->dst, dst), .src_port = flow->config.src_port,
			.dst_port = NOBODY_HEARS, .id = (uint16_t)flow->sent, .payload = payload,
			.payload_length = flow->config.size_bytes, .spoil = PACKET_NO_ETHER),
		datagram);
}

static void
datagram_send(struct sim_flow *flow)
{
	struct stack *stack = flow->from->stack;
	unsigned worker = flow->id % stack->worker_count;
	struct rte_mbuf *pkt = rte_pktmbuf_alloc(stack->workers[worker]->pool);
	uint8_t datagram[PACKET_MAX];
	size_t length = datagram_write(flow, datagram);
	const uint64_t injected = stack->counters.injected;

	sim_node_touch(flow->from);
	flow->sent++;
	/* As if it had been lost. */
	if (pkt == NULL)
		return;
	memcpy(rte_pktmbuf_append(pkt, (uint16_t)length), datagram, length);
	pkt_meta_init(pkt, PKT_IFACE_NONE, PKT_ORIGINATED);
	pkt_meta(pkt)->reason = flow->dst.family == IP_FAMILY_4 ? INJECT_IP4 : INJECT_IP6;
	pkt->tx_offload = 0;
	stack_inject(stack, worker, pkt);
	flow->from->injected_seen += stack->counters.injected - injected;
}

static void
flow_send(struct sim *sim, void *arg)
{
	struct sim_flow *flow = arg;

	for (unsigned i = 0; i < flow->config.burst && flow->sent < flow->config.count; i++)
		datagram_send(flow);
	if (flow->sent < flow->config.count)
		sim_event_add(sim,
			&(struct sim_event){
				.time_ns = sim->now_ns + flow->config.interval_us * 1000,
				.run = flow_send,
				.arg = flow });
}

struct sim_flow *
sim_flow(struct sim_node *from, const struct sim_node *to, uint8_t family,
	const struct sim_flow_config *config)
{
	struct sim *sim = from->sim;
	struct sim_flow *flow = calloc(1, sizeof(*flow));

	if (flow == NULL)
		abort();
	sim_assert(sim->flow_count < FLOWS_MAX, "no more than %u flows", FLOWS_MAX);
	flow->config = *config;
	flow->id = sim->flow_count;
	flow->from = from;
	flow->to = to;
	flow->src = sim_addr(from, family);
	flow->dst = sim_addr(to, family);
	if (config->count == 0)
		flow->config.count = 1;
	if (config->burst == 0)
		flow->config.burst = 1;
	if (config->interval_us == 0)
		flow->config.interval_us = 1000;
	if (config->size_bytes < FLOW_HEADER)
		flow->config.size_bytes = FLOW_SIZE;
	if (config->src_port == 0)
		flow->config.src_port = (uint16_t)(1024 + flow->id);
	flow->seen = calloc(flow->config.count, 1);
	if (sim->flows == NULL)
		sim->flows = calloc(FLOWS_MAX, sizeof(struct sim_flow *));
	if (flow->seen == NULL || sim->flows == NULL)
		abort();
	sim->flows[sim->flow_count++] = flow;
	flow_send(sim, flow);
	return flow;
}

/* The flow that a frame is of. @return NULL: of none, or in an error about it */
static struct sim_flow *
flow_of(struct sim *sim, const uint8_t *frame, uint32_t length, uint32_t *sequence)
{
	uint32_t udp_length = 0, id;
	const uint8_t *udp = sim_frame_udp(frame, length, &udp_length);

	if (sim->corrupting && !sim_frame_is_intact(frame, length))
		return NULL;
	if (udp == NULL || udp_length < UDP_LENGTH + FLOW_HEADER ||
		get32(udp + UDP_LENGTH) != FLOW_MAGIC)
		return NULL;
	id = get32(udp + UDP_LENGTH + 4);
	*sequence = get32(udp + UDP_LENGTH + 8);
	if (id >= sim->flow_count || *sequence >= sim->flows[id]->config.count)
		return NULL;
	return sim->flows[id];
}

/*
 * What control held until a neighbour was known leaves behind what came since; and whoever was late
 * once stays behind.
 */
static bool
may_be_late(const struct sim_flow *flow, uint32_t sequence, const struct sim_node *node)
{
	return (flow->seen[sequence] & FLOW_LATE) != 0 ||
		node->stack->counters.injected != node->injected_seen;
}

/* Whatever changed meanwhile: a packet takes a way that a route to where it goes has had. */
static void
way_check(const struct sim_flow *flow, const struct sim_link *link, unsigned end)
{
	const struct sim_node *node = link->ends[end].node;
	const struct sim_link *to = flow->to->links[0];
	uint16_t ways = node->ways[to->index];

	if (ways == 0 || link == to || link->sim->corrupting)
		return;
	for (unsigned i = 0; i < node->port_count; i++)
		sim_assert(node->links[i] != link || (ways & 1U << i) != 0,
			"%s sent a datagram of flow %u by %s, where no route to %s leads",
			node->name, flow->id, link->name, to->name);
}

void
sim_flows_sent(struct sim_link *link, unsigned end, const uint8_t *frame, uint32_t length)
{
	struct sim *sim = link->sim;
	unsigned node = link->ends[end].node->index, way = link->index * 2 + end;
	uint32_t sequence;
	struct sim_flow *flow = sim->flow_count > 0 ? flow_of(sim, frame, length, &sequence) : NULL;

	if (flow == NULL)
		return;
	way_check(flow, link, end);
	if (flow->way[node] != 0 && flow->way[node] != way + 1)
		flow->path_changes++;
	flow->way[node] = (uint8_t)(way + 1);
	if (sequence + 1 < flow->last[way]) {
		flow->inversions++;
		sim_assert(sim->unordered || may_be_late(flow, sequence, link->ends[end].node),
			"datagram %u of flow %u left %s behind %u", sequence, flow->id,
			link->ends[end].node->name, flow->last[way] - 1);
		flow->seen[sequence] |= FLOW_LATE;
	}
	flow->last[way] = RTE_MAX(flow->last[way], sequence + 1);
}

void
sim_flows_arrived(struct sim_link *link, unsigned end, const uint8_t *frame, uint32_t length)
{
	struct sim *sim = link->sim;
	uint32_t sequence;
	struct sim_flow *flow = sim->flow_count > 0 ? flow_of(sim, frame, length, &sequence) : NULL;

	if (flow == NULL || flow->to != link->ends[end].node)
		return;
	if (flow->seen[sequence] & FLOW_ARRIVED)
		flow->duplicates++;
	else
		flow->arrived++;
	flow->seen[sequence] |= FLOW_ARRIVED;
}

void
sim_traffic_destroy(struct sim *sim)
{
	for (unsigned i = 0; i < sim->ping_count; i++) {
		struct sim_ping *ping = sim->pings[i];

		stack_ping_destroy(sim_stack(ping->from), ping->ping);
		free(ping);
	}
	for (unsigned i = 0; i < sim->flow_count; i++) {
		free(sim->flows[i]->seen);
		free(sim->flows[i]);
	}
	free(sim->pings);
	free(sim->flows);
}
