/* SPDX-License-Identifier: BSD-3-Clause */
/* Packet traces: the stages that a packet passed, and what each decided. */
#include "stack/worker.h"

#include <rte_cycles.h>

#include "base/counter.h"
#include "wire/endian.h"
#include "wire/ip4.h"
#include "wire/ip6.h"
#include "wire/mac.h"

/* Addresses and protocol of a frame, if it is IP at all. Nothing is validated yet. */
static bool
trace_flow(const struct rte_mbuf *pkt, struct ip_flow *flow)
{
	const struct ether_hdr *ether = rte_pktmbuf_mtod(pkt, const struct ether_hdr *);
	const void *l3 = ether + 1;

	*flow = (struct ip_flow){ 0 };
	if (ether->type_be == RTE_BE16(ETHER_TYPE_IP4) &&
		pkt->data_len >= ETHER_HDR_LENGTH + IP4_HDR_LENGTH) {
		const struct ip4_header *hdr = l3;

		flow->src = ip_addr_from4(&hdr->src_be);
		flow->dst = ip_addr_from4(&hdr->dst_be);
		flow->proto = hdr->proto;
		return true;
	}
	if (ether->type_be == RTE_BE16(ETHER_TYPE_IP6) &&
		pkt->data_len >= ETHER_HDR_LENGTH + IP6_HDR_LENGTH) {
		const struct ip6_header *hdr = l3;

		flow->src = ip_addr_from6(hdr->src);
		flow->dst = ip_addr_from6(hdr->dst);
		flow->proto = hdr->next_header;
		return true;
	}
	return false;
}

static bool
trace_matches(const struct trace_filter *filter, const struct rte_mbuf *pkt)
{
	bool wants_ip = filter->proto != 0 || filter->src.addr.family != IP_FAMILY_NONE ||
		filter->dst.addr.family != IP_FAMILY_NONE;
	struct ip_flow flow;

	if ((filter->iface != IFACE_NONE && filter->iface != pkt_meta(pkt)->iface) ||
		(filter->vrf != TRACE_VRF_ANY && filter->vrf != pkt_meta(pkt)->vrf))
		return false;
	if (!wants_ip)
		return true;
	if (!trace_flow(pkt, &flow))
		return false;
	return (filter->proto == 0 || filter->proto == flow.proto) &&
		(filter->src.addr.family == IP_FAMILY_NONE ||
			ip_prefix_contains(&filter->src, &flow.src)) &&
		(filter->dst.addr.family == IP_FAMILY_NONE ||
			ip_prefix_contains(&filter->dst, &flow.dst));
}

/* Pick packets of a received vector, as long as some are wanted. After ether_input gave metadata. */
void
trace_pick(struct worker *w, const struct pkt_vec *vec)
{
	struct worker_trace *trace = &w->trace;

	for (uint32_t i = 0; i < vec->count && trace->wanted > 0; i++) {
		const struct rte_mbuf *pkt = vec->pkts[i];
		struct trace_record *record;

		if (trace->count == TRACE_PACKETS_MAX || !trace_matches(&trace->filter, pkt))
			continue;
		record = &trace->records[trace->count++];
		*record = (struct trace_record){
			.start_tsc = rte_rdtsc(),
			.iface = pkt_meta(pkt)->iface,
			.vrf = pkt_meta(pkt)->vrf,
			.length = pkt->pkt_len,
			.worker = w->index,
			.byte_count = RTE_MIN(pkt->data_len, TRACE_BYTES_MAX),
		};
		memcpy(record->bytes, rte_pktmbuf_mtod(pkt, const void *), record->byte_count);
		pkt_meta(pkt)->trace = trace->count;
		trace->wanted--;
		trace->open++;
	}
}

/* Note that the traced packets of a vector are at a stage. */
void
trace_stage(struct worker *w, enum stage stage, const struct pkt_vec *vec)
{
	bool last = stage == STAGE_drop || stage == STAGE_punt || stage == STAGE_tx ||
		stage == STAGE_udp_input || stage == STAGE_udp_error;
	uint64_t now = rte_rdtsc();

	for (uint32_t i = 0; i < vec->count; i++) {
		struct pkt_meta *meta = pkt_meta(vec->pkts[i]);
		struct trace_record *record;

		if (meta->trace == 0)
			continue;
		record = &w->trace.records[meta->trace - 1];
		if (record->step_count < TRACE_STEPS_MAX)
			record->steps[record->step_count++] = (struct trace_step){
				.stage = stage,
				.reason = meta->reason,
				.tx_port = meta->tx_port,
				.nexthop = meta->nexthop,
				.cycles = (uint32_t)(now - record->start_tsc),
			};
		/* Still traced: what a port or ring does not take is dropped after all. */
		record->finished |= last;
	}
}

/* ---- control's side: mailbox messages ---- */

struct trace_add_msg {
	struct worker_msg msg;
	unsigned count;
	const struct trace_filter *filter;
};

static void
trace_add_run(struct worker *w, struct worker_msg *msg)
{
	const struct trace_add_msg *add = (const struct trace_add_msg *)msg;

	w->trace.filter = *add->filter;
	w->trace.wanted = RTE_MIN(add->count, TRACE_PACKETS_MAX - w->trace.count);
}

int
stack_trace_add(
	struct stack *stack, unsigned count, const struct trace_filter *filter, struct error *err)
{
	struct trace_add_msg add = {
		.msg = { .run = trace_add_run }, .count = count, .filter = filter
	};

	if (count == 0 || count > TRACE_PACKETS_MAX)
		return error_set(err, EINVAL,
			"from 1 to %u packets can be traced at a time, not %u", TRACE_PACKETS_MAX,
			count);
	for (unsigned i = 0; i < stack->worker_count; i++)
		mailbox_call(stack->workers[i], &add.msg);
	return 0;
}

struct trace_get_msg {
	struct worker_msg msg;
	struct trace_record *records;
	unsigned max, count;
};

static void
trace_get_run(struct worker *w, struct worker_msg *msg)
{
	struct trace_get_msg *get = (struct trace_get_msg *)msg;

	get->count = RTE_MIN(w->trace.count, get->max);
	memcpy(get->records, w->trace.records, sizeof(*get->records) * get->count);
}

unsigned
stack_trace_get(struct stack *stack, struct trace_record *records, unsigned max)
{
	unsigned count = 0;

	for (unsigned i = 0; i < stack->worker_count; i++) {
		struct trace_get_msg get = { .msg = { .run = trace_get_run },
			.records = records + count,
			.max = max - count };

		mailbox_call(stack->workers[i], &get.msg);
		count += get.count;
	}
	return count;
}

/* Packets in the pipeline hold record numbers, but none is in it between two loops. */
static void
trace_clear_run(struct worker *w, struct worker_msg *msg)
{
	(void)msg;
	w->trace.wanted = 0;
	w->trace.count = 0;
	w->trace.open = 0;
}

void
stack_trace_clear(struct stack *stack)
{
	struct worker_msg msg = { .run = trace_clear_run };

	for (unsigned i = 0; i < stack->worker_count; i++)
		mailbox_call(stack->workers[i], &msg);
}
