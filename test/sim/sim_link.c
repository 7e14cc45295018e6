/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What joins two nodes: frames are copied off one port double, delayed, and copied into buffers of
 * the other's stack. Whatever a seed does to frames, it does again.
 */
#include "sim/sim_private.h"

#include <stdio.h>
#include <stdlib.h>

#define FNV_PRIME 0x100000001b3
#define MILLION   1000000

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

static void
end_add(struct sim_link *link, unsigned end, struct sim_node *node)
{
	uint16_t queues = (uint16_t)link->sim->config.workers;
	const struct port_config config = { .rxq_count = queues, .txq_count = queues };
	struct port_double *wire;
	struct error err = { 0 };
	char name[32];

	sim_assert(node->port_count < SIM_PORTS_MAX, "no more than %u ports", SIM_PORTS_MAX);
	snprintf(name, sizeof(name), "%s.%u", link->name, end);
	wire = port_double_create(name);
	wire->mac = (struct mac_addr){ { 2, 0, 0, 0, (uint8_t)node->index,
		(uint8_t)node->port_count } };
	/* What the stack sends is as it leaves: checksums too. */
	wire->offloads = PORT_RX_RSS_HASH | PORT_TX_MULTI_SEGS;
	link->ends[end].node = node;
	link->ends[end].wire = wire;
	node->links[node->port_count] = link;
	node->ends[node->port_count++] = end;
	sim_node_touch(node);
	if (stack_port_add(node->stack, &port_double_ops, link->name, name, &config, &err) < 0)
		sim_fail("%s: %s", node->name, err.text);
	addr_add(link, end, "10.0.%u.%u/24");
	addr_add(link, end, "2001:db8:%x::%x/64");
	sim_node_link_changed(node);
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
	link->impairment.delay_ns = SIM_DELAY_NS;
	random_init(&link->random, random_draw(&sim->random) | 1);
	snprintf(link->name, sizeof(link->name), "l%u", link->index);
	end_add(link, 0, a);
	end_add(link, 1, b);
	capture_start(link);
	sim->links[sim->link_count++] = link;
	return link;
}

const char *
sim_iface(const struct sim_link *link)
{
	return link->name;
}

void
sim_link_impair(struct sim_link *link, const struct sim_impairment *impairment)
{
	link->impairment = *impairment;
	link->sim->unordered |= impairment->jitter_ns != 0 || impairment->duplicate_ppm != 0;
	link->sim->corrupting |= impairment->corrupt_ppm != 0;
}

void
sim_link_set(struct sim_link *link, bool up)
{
	link->up = up;
	link->sim->unordered = true;
	for (unsigned i = 0; i < 2; i++) {
		link->ends[i].wire->link.up = up;
		sim_node_link_changed(link->ends[i].node);
	}
}

void
sim_link_set_mtu(struct sim_link *link, uint16_t mtu)
{
	struct error err = { 0 };

	link->mtu = mtu;
	for (unsigned i = 0; i < 2; i++) {
		struct sim_node *node = link->ends[i].node;

		if (stack_iface_set_mtu(sim_stack(node), link->name, mtu, &err) < 0)
			sim_fail("%s: %s", node->name, err.text);
	}
}

bool
sim_link_is_up(const struct sim_link *link)
{
	return link->up;
}

/* ---- frames ---- */

static void
digest_add(struct sim *sim, const void *bytes, size_t length)
{
	const uint8_t *from = bytes;

	for (size_t i = 0; i < length; i++)
		sim->digest = (sim->digest ^ from[i]) * FNV_PRIME;
}

/* The trace of a run, in one number: who sent what when. */
static void
digest_frame(const struct sim_link *link, unsigned end, const struct sim_frame *frame)
{
	struct sim *sim = link->sim;
	const uint64_t head[] = { sim->now_ns, link->index * 2 + end, frame->length };

	digest_add(sim, head, sizeof(head));
	digest_add(sim, frame->bytes, frame->length);
	sim->frames++;
}

static void
capture(const struct sim_link *link, unsigned end, const struct sim_frame *frame,
	const char *comment)
{
	if (link->capture == NULL)
		return;
	pcapng_write(link->capture,
		&(struct pcapng_packet){
			.iface = end,
			.direction = PCAPNG_OUT,
			.time_ns = link->sim->now_ns,
			.bytes = frame->bytes,
			.length = frame->length,
			.comment = comment,
		});
}

static bool
chance(struct sim_link *link, uint32_t ppm)
{
	return ppm != 0 && random_below(&link->random, MILLION) < ppm;
}

static void
frame_deliver(struct sim_link *link, const struct sim_frame *frame)
{
	struct sim_link_counters *counters = &link->ends[!frame->end].counters;
	struct sim_link_end *to = &link->ends[frame->end];
	struct rte_mbuf *pkt;

	if (!link->up) {
		counters->lost_down++;
		return;
	}
	pkt = rte_pktmbuf_alloc(to->node->stack->workers[0]->pool);
	if (pkt == NULL) {
		counters->no_buffer++;
		return;
	}
	sim_assert(rte_pktmbuf_tailroom(pkt) >= frame->length, "a frame of %u bytes on %s",
		frame->length, link->name);
	memcpy(rte_pktmbuf_append(pkt, (uint16_t)frame->length), frame->bytes, frame->length);
	if (!port_double_arrive(to->wire, pkt)) {
		rte_pktmbuf_free(pkt);
		counters->queue_full++;
		return;
	}
	counters->delivered++;
	if (!frame->corrupted)
		sim_flows_arrived(link, frame->end, frame->bytes, frame->length);
	to->node->dirty = true;
}

static void
frame_arrive(struct sim *sim, void *arg)
{
	struct sim_frame *frame = arg;

	frame->link->ends[!frame->end].counters.in_flight--;
	frame_deliver(frame->link, frame);
	free(frame);
}

/* A copy goes on its way. */
static void
frame_launch(struct sim_link *link, const struct sim_frame *sent)
{
	struct sim_link_counters *counters = &link->ends[!sent->end].counters;
	const struct sim_impairment *impairment = &link->impairment;
	struct sim_frame *frame = malloc(sizeof(*frame) + sent->length);
	uint64_t due_ns = link->sim->now_ns + impairment->delay_ns;

	if (frame == NULL)
		abort();
	memcpy(frame, sent, sizeof(*frame) + sent->length);
	if (chance(link, impairment->corrupt_ppm)) {
		uint32_t bit = random_below(&link->random, frame->length * 8);

		frame->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		frame->corrupted = true;
		counters->corrupted++;
	}
	if (impairment->jitter_ns != 0)
		due_ns += random_draw(&link->random) % impairment->jitter_ns;
	counters->in_flight++;
	sim_event_add(link->sim,
		&(struct sim_event){ .time_ns = due_ns,
			.run = frame_arrive,
			.drop = free,
			.arg = frame,
			.frame = true });
}

void
sim_link_send(struct sim_link *link, unsigned end, struct rte_mbuf *pkt)
{
	struct sim_link_counters *counters = &link->ends[end].counters;
	struct sim_frame *frame = malloc(sizeof(*frame) + pkt->pkt_len);
	const char *fate = NULL;

	if (frame == NULL)
		abort();
	*frame = (struct sim_frame){ .link = link, .end = !end, .length = pkt->pkt_len };
	pkt_copy_out(pkt, 0, pkt->pkt_len, frame->bytes);
	rte_pktmbuf_free(pkt);
	counters->sent++;
	digest_frame(link, end, frame);
	sim_frame_check(link, end, frame->bytes, frame->length);
	sim_flows_sent(link, end, frame->bytes, frame->length);
	if (!link->up) {
		counters->lost_down++;
		fate = "the link is down";
	} else if (chance(link, link->impairment.loss_ppm)) {
		counters->lost++;
		fate = "lost";
	} else {
		frame_launch(link, frame);
		if (chance(link, link->impairment.duplicate_ppm)) {
			counters->duplicated++;
			frame_launch(link, frame);
			fate = "duplicated";
		}
	}
	capture(link, end, frame, fate);
	free(frame);
}

void
sim_link_destroy(struct sim_link *link)
{
	for (unsigned i = 0; i < 2; i++)
		port_double_destroy(link->ends[i].wire);
	if (link->capture != NULL && pcapng_close(link->capture) < 0)
		sim_fail("the capture of %s could not be written", link->name);
	free(link);
}
