/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What joins two nodes: a cable (drivers/cable), whose clock is the simulator's. Its tap sees what
 * becomes of each frame.
 */
#include "sim/sim_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FNV_PRIME    0x100000001b3
#define DIGEST_SHIFT 29
/* Nothing is polled while a burst arrives: sim_forward has 64 flows send 16 datagrams each at once. */
#define LINK_RXD 1024

/* ---- frames ---- */

/* As FNV does with bytes: words, which are eight times as fast, and rotated, as carries go up only. */
static void
digest_add(struct sim *sim, const void *bytes, size_t length)
{
	const uint8_t *from = bytes;
	uint64_t digest = sim->digest, word;
	size_t i = 0;

	for (; i + sizeof(word) <= length; i += sizeof(word)) {
		memcpy(&word, from + i, sizeof(word));
		digest = (digest ^ word) * FNV_PRIME;
		digest = digest << DIGEST_SHIFT | digest >> (64 - DIGEST_SHIFT);
	}
	for (; i < length; i++)
		digest = (digest ^ from[i]) * FNV_PRIME;
	sim->digest = digest;
}

/* The trace of a run, in one number: who sent what when. */
static void
digest_frame(const struct sim_link *link, unsigned end, const struct cable_event *event)
{
	struct sim *sim = link->sim;
	const uint64_t head[] = { event->time_ns, link->index * 2 + end, event->length };

	digest_add(sim, head, sizeof(head));
	digest_add(sim, event->frame, event->length);
}

/* As it left one node, and as it came to the other or did not. */
static void
capture(const struct sim_link *link, unsigned end, const struct cable_event *event)
{
	const bool sent = event->kind == CABLE_EVENT_SENT;
	char comment[64] = "";

	if (link->capture == NULL || event->kind == CABLE_EVENT_DUPLICATED)
		return;
	if (event->kind == CABLE_EVENT_LOST)
		snprintf(comment, sizeof(comment), "lost: %s", cable_lost_name(event->lost));
	pcapng_write(link->capture,
		&(struct pcapng_packet){
			.iface = sent ? end : !end,
			.direction = sent ? PCAPNG_OUT : PCAPNG_IN,
			.time_ns = event->time_ns,
			.bytes = event->frame,
			.length = event->length,
			.comment = comment[0] != '\0' ? comment : NULL,
		});
}

static void
frame_event(void *arg, const struct cable_event *event)
{
	struct sim_link_end *from = arg;
	struct sim_link *link = from->link;
	unsigned end = from == &link->ends[1];

	from->events[event->kind]++;
	capture(link, end, event);
	switch (event->kind) {
	case CABLE_EVENT_SENT:
		digest_frame(link, end, event);
		sim_frame_check(link, end, event->frame, event->length);
		sim_flows_sent(link, end, event->frame, event->length);
		break;
	case CABLE_EVENT_DELIVERED:
		sim_flows_arrived(link, !end, event->frame, event->length);
		link->ends[!end].node->dirty = true;
		break;
	case CABLE_EVENT_DUPLICATED:
	case CABLE_EVENT_LOST: break;
	}
}

/* ---- links ---- */

static void
addr_add(struct sim_link *link, unsigned end, const char *format)
{
	struct sim_node *node = link->ends[end].node;
	struct ip_prefix prefix;
	struct error err = { 0 };
	char text[64];

	snprintf(text, sizeof(text), format, link->index, end + 1);
	if (ip_prefix_parse(text, &prefix) < 0 ||
		stack_addr_add(node->stack, link->name, &prefix, &err) < 0)
		sim_fail("%s: %s: %s", node->name, text, err.text);
	link->ends[end].addr[prefix.addr.family == IP_FAMILY_6] = prefix.addr;
}

/* A NIC: what it cannot do is done in software. */
static const char *
offloads_draw(struct sim *sim)
{
	static const char *const offloads[] = { "all", "none", "rx-rss-hash,tx-multi-segs",
		"rx-ipv4-checksum,rx-l4-checksum,tx-tso,tx-multi-segs" };

	return offloads[sim_random(sim, RTE_DIM(offloads))];
}

static void
end_add(struct sim_link *link, unsigned end, struct sim_node *node)
{
	uint16_t queues = (uint16_t)link->sim->config.workers;
	const uint16_t txqs = node->txqs_max != 0 ? RTE_MIN(node->txqs_max, queues) : queues;
	const struct port_config config = {
		.rxq_count = queues, .txq_count = txqs, .rxd_count = LINK_RXD
	};
	struct error err = { 0 };
	char args[128];

	sim_assert(node->port_count < SIM_PORTS_MAX, "no more than %u ports", SIM_PORTS_MAX);
	snprintf(args, sizeof(args), "end %s.%u peer %s.%u offloads %s", link->name, end,
		link->name, !end, offloads_draw(link->sim));
	node->links[node->port_count] = link;
	node->ends[node->port_count++] = end;
	sim_node_touch(node);
	if (stack_port_add(node->stack, &cable_port_ops, link->name, args, &config, &err) < 0)
		sim_fail("%s: %s", node->name, err.text);
	link->ends[end].link = link;
	link->ends[end].node = node;
	link->ends[end].port = port_lookup(&node->stack->ports, link->name);
	link->ends[end].mac = link->ends[end].port->mac;
	addr_add(link, end, "10.0.%u.%u/24");
	addr_add(link, end, "2001:db8:%x::%x/64");
}

static uint64_t
clock_read(void *sim)
{
	return sim_now_ns(sim);
}

static void
capture_start(struct sim_link *link)
{
	const struct sim *sim = link->sim;
	char path[512];

	if (sim->config.capture_dir == NULL)
		return;
	snprintf(path, sizeof(path), "%s/%s.pcapng", sim->config.capture_dir, link->name);
	link->capture = pcapng_create(path);
	if (link->capture == NULL)
		sim_fail("%s cannot be written", path);
	for (unsigned i = 0; i < 2; i++)
		pcapng_iface_add(link->capture, link->ends[i].node->name);
}

struct sim_link *
sim_link(struct sim_node *a, struct sim_node *b)
{
	struct sim *sim = a->sim;
	struct sim_link *link = calloc(1, sizeof(*link));

	if (link == NULL)
		abort();
	sim_assert(sim->link_count < SIM_LINKS_MAX, "no more than %u links", SIM_LINKS_MAX);
	link->sim = sim;
	link->index = sim->link_count;
	link->up = true;
	link->mtu = PORT_MTU_DEFAULT;
	link->seed = random_draw(&sim->random) | 1;
	snprintf(link->name, sizeof(link->name), "l%u", link->index);
	end_add(link, 0, a);
	end_add(link, 1, b);
	cable_clock_set(link->ends[0].port, clock_read, sim);
	sim_link_impair(link, &(struct cable_impair){ .delay_ns = SIM_DELAY_NS });
	capture_start(link);
	for (unsigned i = 0; i < 2; i++) {
		struct sim_link_end *end = &link->ends[i];

		end->tap = (struct cable_tap){ frame_event, end };
		cable_tap_set(end->port, &end->tap);
		sim_node_link_changed(end->node);
	}
	sim->links[sim->link_count++] = link;
	return link;
}

void
sim_link_know(struct sim_link *link)
{
	for (unsigned i = 0; i < 2; i++) {
		const struct sim_link_end *peer = &link->ends[!i];
		struct sim_node *node = link->ends[i].node;
		struct error err = { 0 };

		for (unsigned six = 0; six < 2; six++) {
			if (stack_neigh_add(sim_stack(node), link->name, &peer->addr[six],
				    &peer->mac, &err) < 0)
				sim_fail("%s: %s", node->name, err.text);
		}
	}
}

struct sim_node *
sim_link_node(const struct sim_link *link, unsigned end)
{
	return link->ends[end].node;
}

const char *
sim_iface(const struct sim_link *link)
{
	return link->name;
}

static bool
is_reordering(const struct cable_impair *impair)
{
	/* What is wrong in a datagram of a flow, and right by its checksum, may be its number. */
	return impair->jitter_ns != 0 || impair->reorder != 0 || impair->duplicate != 0 ||
		impair->corrupt_before != 0;
}

void
sim_link_impair(struct sim_link *link, const struct cable_impair *impair)
{
	struct cable_impair seeded = *impair;
	struct cable_counters counters;
	struct error err = { 0 };

	seeded.seed = link->seed;
	link->sim->unordered |= is_reordering(impair);
	link->sim->corrupting |=
		impair->corrupt_before != 0 || impair->corrupt_after != 0 || impair->truncate != 0;
	for (unsigned i = 0; i < 2; i++) {
		/* Frames that take less time overtake those on their way. */
		sim_link_counters(link, i, &counters);
		link->sim->unordered |= counters.in_flight != 0;
		if (cable_impair_set(link->ends[i].port, &seeded, &err) < 0)
			sim_fail("%s: %s", link->name, err.text);
	}
}

void
sim_link_counters(const struct sim_link *link, unsigned end, struct cable_counters *counters)
{
	cable_counters(link->ends[end].port, counters);
}

void
sim_link_set(struct sim_link *link, bool up)
{
	link->up = up;
	link->sim->unordered = true;
	cable_plug(link->ends[0].port, up);
	for (unsigned i = 0; i < 2; i++)
		sim_node_link_changed(link->ends[i].node);
}

void
sim_link_set_mtu(struct sim_link *link, uint16_t mtu)
{
	struct error err = { 0 };

	link->mtu = mtu;
	for (unsigned i = 0; i < 2; i++) {
		struct sim_node *node = link->ends[i].node;
		int rc = 0;

		/* The NIC has to take as much. */
		if (mtu > link->ends[i].port->config.mtu)
			rc = stack_port_set_mtu(sim_stack(node), link->name, mtu, &err);
		if (rc == 0)
			rc = stack_iface_set_mtu(sim_stack(node), link->name, mtu, &err);
		if (rc < 0)
			sim_fail("%s: %s", node->name, err.text);
	}
}

bool
sim_link_is_up(const struct sim_link *link)
{
	return link->up;
}

void
sim_link_destroy(struct sim_link *link)
{
	if (link->capture != NULL && pcapng_close(link->capture) < 0)
		sim_fail("the capture of %s could not be written", link->name);
	free(link);
}
