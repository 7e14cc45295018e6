/* SPDX-License-Identifier: BSD-3-Clause */
/* The story of a packet: which stage follows which. Called by worker.c; nothing else connects stages. */
#include "stack/pipeline.h"

typedef void ip_stage_fn(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out);

/* Run one of IP's stages on a vector, and empty it. */
static inline void
ip_stage(struct worker *w, enum stage stage, ip_stage_fn *run, struct pkt_vec *in,
	const struct ip_out *out)
{
	if (in->count == 0)
		return;
	stage_trace(w, stage, in);
	run(&w->ip, in, out);
	stage_end(w, stage, in->count);
	in->count = 0;
}

static void
stage_ether_output(struct worker *w)
{
	struct worker_vecs *v = &w->vecs;
	const struct ether_output_out out = { v->tx, &v->tx_ports, &v->drops };

	if (v->ether.count == 0)
		return;
	stage_trace(w, STAGE_ether_output, &v->ether);
	ether_output(w->ip.nexthops, w->nexthop_counters, &v->ether, &out);
	stage_end(w, STAGE_ether_output, v->ether.count);
	v->ether.count = 0;
}

uint32_t
pipeline_ring_put(struct rte_ring *ring, struct ring_counters *counters, struct pkt_vec *vec,
	struct pkt_vec *drops, enum drop_reason full)
{
	/* Full handoff rings have several producers, punt rings one: the ring's own flags know. */
	uint32_t done = rte_ring_enqueue_burst(ring, (void **)vec->pkts, vec->count, NULL);
	uint32_t depth = rte_ring_count(ring);

	counter_add(&counters->enqueued, done);
	counter_add(&counters->drops, vec->count - done);
	if (depth > counters->high)
		counter_set(&counters->high, depth);
	for (uint32_t i = done; i < vec->count; i++)
		pkt_drop(drops, vec->pkts[i], full);
	vec->count = 0;
	return done;
}

/* Packets of a vector, from its index on, that did not come from a port. */
static uint32_t
own_count(const struct pkt_vec *vec, uint32_t from)
{
	uint32_t own = 0;

	for (uint32_t i = from; i < vec->count; i++)
		own += (pkt_meta(vec->pkts[i])->flags & (PKT_ORIGINATED | PKT_INJECTED)) != 0;
	return own;
}

/*
 * Rate limits keep the control thread alive in a flood; then the punt ring, or a counted drop. What
 * has an adjacency by now is not dropped: rather it overtakes others.
 */
static void
stage_punt(struct worker *w)
{
	struct worker_vecs *v = &w->vecs;
	uint32_t count = v->punts.count, kept = 0, own, dropped;

	if (count == 0)
		return;
	stage_trace(w, STAGE_punt, &v->punts);
	for (uint32_t i = 0; i < count; i++) {
		struct rte_mbuf *pkt = v->punts.pkts[i];
		struct pkt_meta *meta = pkt_meta(pkt);

		meta->worker = w->index;
		if (rate_limit_take(&w->punt_limits[meta->reason], meta->iface, w->ip.now_ns))
			v->punts.pkts[kept++] = pkt;
		else if (pipeline_glean_is_over(w, pkt))
			pipeline_glean_pass(w, pkt);
		else
			pkt_drop(&v->drops, pkt, DROP_punt_rate_limited);
	}
	v->punts.count = kept;
	/* Before control has them; those that the ring does not take are drops instead. */
	own = own_count(&v->punts, 0);
	dropped = v->drops.count;
	pipeline_glean_note(w, &v->punts, w->counters.punted + v->punts.count);
	counter_add(&w->counters.punted,
		pipeline_ring_put(
			w->punt, &w->punt_ring, &v->punts, &v->drops, DROP_punt_ring_full));
	counter_add(&w->counters.punted_own, own - own_count(&v->drops, dropped));
	stage_end(w, STAGE_punt, count);
	stage_ether_output(w);
}

/* To the port, if one of its queues is ours; else to the worker whose it is. */
static void
tx_port(struct worker *w, unsigned port, const struct worker_txq *txq, struct pkt_vec *vec)
{
	struct worker_vecs *v = &w->vecs;
	uint32_t before = v->drops.count;

	if (unlikely(txq->port == NULL)) {
		for (uint32_t i = 0; i < vec->count; i++)
			pkt_drop(&v->drops, vec->pkts[i], DROP_tx_port_down);
		vec->count = 0;
	} else if (likely(txq->owner == w->index)) {
		pipeline_count_tx(w, port, vec);
		counter_add(&w->counters.tx, port_tx(txq->port, txq->queue, vec, &v->drops));
		pipeline_count_unsent(w, port, &v->drops, before);
	} else {
		struct worker *owner = w->stack->workers[txq->owner];

		counter_add(&w->counters.handoff_out,
			pipeline_ring_put(owner->handoff, &w->handoff_rings[owner->index], vec,
				&v->drops, DROP_handoff_ring_full));
	}
	pipeline_drops_output(w, port, &v->drops, before);
}

/* Packets that come from nowhere but a port, and whose metadata nobody wrote: where they need it. */
static void
tx_fast_port(struct worker *w, unsigned port, const struct worker_txq *txq, struct pkt_vec *vec)
{
	struct pkt_vec *drops = &w->vecs.drops;
	uint32_t before = drops->count;
	bool tagged = (w->vecs.fast_tagged >> port & 1) != 0;

	if (unlikely(txq->port == NULL || txq->owner != w->index)) {
		for (uint32_t i = 0; i < vec->count; i++) {
			pkt_meta_init(vec->pkts[i], PKT_IFACE_NONE, 0);
			pkt_meta(vec->pkts[i])->tx_port = port;
		}
		tx_port(w, port, txq, vec);
		return;
	}
	if (unlikely(tagged))
		pipeline_count_tx(w, port, vec);
	counter_add(&w->counters.tx, port_tx(txq->port, txq->queue, vec, drops));
	if (likely(drops->count == before))
		return;
	for (uint32_t i = before; i < drops->count; i++) {
		uint8_t reason = pkt_meta(drops->pkts[i])->reason;

		pkt_meta_init(drops->pkts[i], PKT_IFACE_NONE, 0);
		pkt_meta(drops->pkts[i])->reason = reason;
	}
	if (tagged)
		pipeline_count_unsent(w, port, drops, before);
	pipeline_drops_output(w, port, drops, before);
}

/* What the fast path sent first, then what the stages did: the order in which they were done. */
static void
stage_tx(struct worker *w)
{
	struct worker_vecs *v = &w->vecs;
	const struct worker_queues *queues = __atomic_load_n(&w->queues, __ATOMIC_ACQUIRE);
	uint64_t fast = v->fast_ports, ports = v->tx_ports;
	uint32_t count = 0;

	if ((fast | ports) == 0)
		return;
	v->fast_ports = v->tx_ports = 0;
	for (; fast != 0; fast &= fast - 1) {
		unsigned port = __builtin_ctzll(fast);

		count += v->fast_tx[port].count;
		tx_fast_port(w, port, &queues->txqs[port], &v->fast_tx[port]);
	}
	v->fast_tagged = 0;
	for (; ports != 0; ports &= ports - 1) {
		unsigned port = __builtin_ctzll(ports);

		count += v->tx[port].count;
		stage_trace(w, STAGE_tx, &v->tx[port]);
		tx_port(w, port, &queues->txqs[port], &v->tx[port]);
	}
	stage_end(w, STAGE_tx, count);
}

/* SCTP would hear of it late, if nothing follows: sctp_unsent.c. TCP probes for such tails. */
static void
unsent_note(struct worker *w, const struct rte_mbuf *pkt)
{
	const struct pkt_meta *meta = pkt_meta(pkt);

	if (meta->flags & PKT_ORIGINATED &&
		(meta->reason == DROP_tx_queue_full || meta->reason == DROP_handoff_ring_full))
		sctp_unsent(w->sctp, pkt);
}

/* The end of all that is dropped: counted by reason, and freed. */
static void
stage_drop(struct worker *w)
{
	struct pkt_vec *drops = &w->vecs.drops;

	if (drops->count == 0)
		return;
	stage_trace(w, STAGE_drop, drops);
	for (uint32_t i = 0; i < drops->count; i++) {
		const struct pkt_meta *meta = pkt_meta(drops->pkts[i]);
		struct iface_counters *iface = worker_iface_counters(w, meta->iface);

		counter_add(&w->counters.drops[meta->reason], 1);
		if (iface != NULL)
			counter_add(&iface->drops[meta->reason], 1);
		if (meta->flags & (PKT_ORIGINATED | PKT_INJECTED))
			counter_add(&w->counters.dropped_own, 1);
		unsent_note(w, drops->pkts[i]);
	}
	rte_pktmbuf_free_bulk(drops->pkts, drops->count);
	stage_end(w, STAGE_drop, drops->count);
	drops->count = 0;
}

/* One packet becomes as many as a vector holds: each is on its way before the next is cut. */
static void
stage_fragment(struct worker *w, enum stage stage, ip_stage_fn *run, struct pkt_vec *in,
	const struct ip_out *out)
{
	struct pkt_vec one;

	for (uint32_t i = 0; i < in->count; i++) {
		one.pkts[0] = in->pkts[i];
		one.count = 1;
		ip_stage(w, stage, run, &one, out);
		stage_ether_output(w);
		stage_tx(w);
		stage_drop(w);
	}
	in->count = 0;
}

/* Likewise one that came back with the link header of its neighbour, which its pieces get. */
static void
stage_fragment_frames(struct worker *w)
{
	struct worker_vecs *v = &w->vecs;
	const struct ether_output_out out = { v->tx, &v->tx_ports, &v->drops };
	struct ether_link link;
	struct pkt_vec one;

	for (uint32_t i = 0; i < v->frames.count; i++) {
		struct rte_mbuf *pkt = v->frames.pkts[i];

		one.pkts[0] = pkt;
		one.count = 1;
		ether_link_init(&link, pkt);
		if (*pkt_l3(pkt, const uint8_t *) >> 4 == 4)
			ip_stage(w, STAGE_ip4_fragment, ip4_fragment, &one, &w->out4);
		else
			ip_stage(w, STAGE_ip6_fragment, ip6_fragment, &one, &w->out6);
		ether_output_link(&link, &v->ether, &out);
		v->ether.count = 0;
		stage_tx(w);
		stage_drop(w);
	}
	v->frames.count = 0;
}

void
pipeline_run(struct worker *w)
{
	struct worker_vecs *v = &w->vecs;
	const struct ip_out *out4 = &w->out4, *out6 = &w->out6;

	/* What came in: validated, looked up, sorted. */
	ip_stage(w, STAGE_ip4_input, ip4_input, &v->ip4, out4);
	ip_stage(w, STAGE_ip6_input, ip6_input, &v->ip6, out6);

	/* For us: answers join the replies, and what is for sockets goes to their queues. */
	ip_stage(w, STAGE_ip4_local, ip4_local, &v->local4, out4);
	ip_stage(w, STAGE_ip6_local, ip6_local, &v->local6, out6);
	if (unlikely((v->udp.count | v->udp_errors.count | v->tcp.count | v->tcp_errors.count |
			     v->sctp.count | v->sctp_errors.count) != 0))
		pipeline_transports(w);

	/* To be passed on. */
	ip_stage(w, STAGE_ip4_forward, ip4_forward, &v->forward4, out4);
	ip_stage(w, STAGE_ip6_forward, ip6_forward, &v->forward6, out6);
	ip_stage(w, STAGE_ip4_output, ip4_output, &v->output4, out4);
	ip_stage(w, STAGE_ip6_output, ip6_output, &v->output6, out6);

	/* Whoever is owed an ICMP error gets it; it joins the replies. */
	ip_stage(w, STAGE_icmp4_error, icmp4_error, &v->errors4, out4);
	ip_stage(w, STAGE_icmp6_error, icmp6_error, &v->errors6, out6);

	/* What was made here finds its way out. An error about it ends as a drop. */
	ip_stage(w, STAGE_ip4_route, ip4_route, &v->replies4, out4);
	ip_stage(w, STAGE_ip6_route, ip6_route, &v->replies6, out6);
	ip_stage(w, STAGE_ip4_output, ip4_output, &v->output4, out4);
	ip_stage(w, STAGE_ip6_output, ip6_output, &v->output6, out6);
	ip_stage(w, STAGE_icmp4_error, icmp4_error, &v->errors4, out4);
	ip_stage(w, STAGE_icmp6_error, icmp6_error, &v->errors6, out6);

	/* What waits for a neighbour does not, if that became known meanwhile. */
	if (unlikely(v->punts.count > 0))
		pipeline_glean_take(w);
	stage_ether_output(w);
	stage_punt(w);
	stage_tx(w);
	stage_drop(w);

	/* What is too big for its link, now that the vectors have room for its pieces. */
	stage_fragment(w, STAGE_ip4_fragment, ip4_fragment, &v->fragments4, out4);
	stage_fragment(w, STAGE_ip6_fragment, ip6_fragment, &v->fragments6, out6);
	if (unlikely(v->frames.count > 0))
		stage_fragment_frames(w);
	w->trace.open = 0;
}

/* Packets on a port whose interface is down or missing end here. */
static void
rx_no_iface(struct worker *w, unsigned port)
{
	struct worker_vecs *v = &w->vecs;

	for (uint32_t i = 0; i < v->rx.count; i++)
		pipeline_drop_input(w, (uint16_t)port, v->rx.pkts[i], DROP_rx_no_iface);
	v->rx.count = 0;
}

/* Most packets end here, in their port's vector. A trace wants to see the stages instead. */
static void
stage_fast(struct worker *w, const struct iface *iface)
{
	struct worker_vecs *v = &w->vecs;
	const struct ip_fast_out out = { v->fast_tx, &v->fast_ports, &v->fast_tagged,
		w->nexthop_counters, w->iface_counters };
	uint32_t taken;

	if (unlikely((w->trace.wanted | w->trace.open) != 0 || iface->l2_only || iface->ip6_off))
		return;
	taken = ip_fast(&w->ip, iface, &v->rx, &out);
	if (likely(taken > 0))
		stage_end(w, STAGE_ip_fast, taken);
}

static void
stage_ether_input(struct worker *w, const struct iface *iface)
{
	struct worker_vecs *v = &w->vecs;
	const struct ether_input_out out = { &v->ip4, &v->ip6, &v->punts, &v->drops,
		w->iface_counters };

	if (likely(v->rx.count == 0))
		return;
	ether_input(iface, w->ip.ifaces, &v->rx, &out);
	if (unlikely(w->trace.wanted > 0))
		trace_pick(w, &v->rx);
	stage_trace(w, STAGE_ether_input, &v->rx);
	stage_end(w, STAGE_ether_input, v->rx.count);
	v->rx.count = 0;
}

/* Fragments that were given up, or whose time is over. */
bool
pipeline_reassembly(struct worker *w)
{
	uint32_t count;

	/* Most workers have none. */
	if (likely((w->ip.counters.held | w->ip.counters.datagrams) == 0) ||
		!ip_reassembly_due(&w->ip))
		return false;
	count = ip_reassembly_expire(&w->ip, &w->out4, &w->out6);
	stage_end(w, STAGE_ip_reassembly, count);
	pipeline_run(w);
	return true;
}

/* A burst that came in by a port, all the way. */
static inline void
rx_run(struct worker *w, unsigned port)
{
	struct worker_vecs *v = &w->vecs;
	const struct iface *iface = __atomic_load_n(&w->ip.ifaces->by_port[port], __ATOMIC_ACQUIRE);

	counter_add(&w->counters.rx, v->rx.count);
	if (unlikely(iface == NULL || !iface->up)) {
		rx_no_iface(w, port);
	} else {
		stage_fast(w, iface);
		if (likely(v->rx.count == 0)) {
			/* Nothing is left for the stages. */
			stage_tx(w);
			stage_drop(w);
			return;
		}
		stage_ether_input(w, iface);
	}
	pipeline_run(w);
	/* What fragments of this burst had to make room for goes before the next burst comes. */
	pipeline_reassembly(w);
}

/* One burst from a queue of ours. */
bool
pipeline_rx(struct worker *w, const struct worker_rxq *rxq)
{
	struct worker_vecs *v = &w->vecs;
	uint32_t count;

	port_rx(rxq->port, rxq->queue, &v->rx);
	count = v->rx.count;
	if (count == 0)
		return false;
	stage_end(w, STAGE_rx, count);
	if (unlikely(rxq->spread != NULL || rxq->flows != NULL)) {
		pipeline_spread_out(w, rxq, &v->rx);
		stage_end(w, STAGE_spread, count);
	}
	rx_run(w, rxq->port->index);
	return true;
}

/* Packets that other workers polled for us: those of each port as one burst. */
bool
pipeline_spread(struct worker *w)
{
	struct pkt_vec *rx = &w->vecs.rx;
	struct rte_mbuf *pkts[PKT_BURST];
	uint32_t count = pipeline_spread_in(w, pkts);

	if (count == 0)
		return false;
	stage_end(w, STAGE_spread, count);
	for (uint32_t i = 0; i < count;) {
		uint16_t port = pkt_meta(pkts[i])->tx_port;

		while (i < count && pkt_meta(pkts[i])->tx_port == port)
			pkt_vec_append(rx, pkts[i++]);
		rx_run(w, port);
	}
	return true;
}

/* Packets of other workers for ports that have no queue for them but one of ours. */
bool
pipeline_handoff(struct worker *w)
{
	struct worker_vecs *v = &w->vecs;
	const struct ether_output_out out = { v->tx, &v->tx_ports, &v->drops };
	struct rte_mbuf *pkts[PKT_BURST];
	unsigned count = rte_ring_dequeue_burst(w->handoff, (void **)pkts, PKT_BURST, NULL);

	if (count == 0)
		return false;
	counter_add(&w->counters.handoff_in, count);
	for (unsigned i = 0; i < count; i++)
		ether_output_port(&out, pkts[i], pkt_meta(pkts[i])->tx_port);
	stage_end(w, STAGE_handoff, count);
	stage_tx(w);
	stage_drop(w);
	return true;
}

void
pipeline_init(struct worker *w)
{
	struct worker_vecs *v = &w->vecs;

	w->out4 = (struct ip_out){
		.local = &v->local4,
		.udp = &v->udp,
		.udp_errors = &v->udp_errors,
		.tcp = &v->tcp,
		.tcp_errors = &v->tcp_errors,
		.sctp = &v->sctp,
		.sctp_errors = &v->sctp_errors,
		.forward = &v->forward4,
		.replies = &v->replies4,
		.output = &v->output4,
		.ether = &v->ether,
		.fragments = &v->fragments4,
		.errors = &v->errors4,
		.punts = &v->punts,
		.drops = &v->drops,
	};
	w->out6 = (struct ip_out){
		.local = &v->local6,
		.udp = &v->udp,
		.udp_errors = &v->udp_errors,
		.tcp = &v->tcp,
		.tcp_errors = &v->tcp_errors,
		.sctp = &v->sctp,
		.sctp_errors = &v->sctp_errors,
		.forward = &v->forward6,
		.replies = &v->replies6,
		.output = &v->output6,
		.ether = &v->ether,
		.fragments = &v->fragments6,
		.errors = &v->errors6,
		.punts = &v->punts,
		.drops = &v->drops,
	};
}

const char *
stage_name(enum stage stage)
{
	static const char *const names[STAGE_COUNT] = {
#define STAGE(name) [STAGE_##name] = #name,
#include "stack/stage.def"
#undef STAGE
	};

	return names[stage];
}
