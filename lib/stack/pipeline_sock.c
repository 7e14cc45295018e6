/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The pipeline's end at a host: packets for sockets, here or of other workers, and what applications
 * send. For pipeline.c and worker.c.
 */
#include "stack/pipeline.h"

typedef void udp_stage_fn(
	struct udp_core *core, const struct pkt_vec *in, const struct udp_out *out);

/* Packets that a stage has not kept: those in the vectors that go on. */
static uint32_t
passed_count(const struct worker_vecs *v)
{
	return v->handover.count + v->unreachable.count + v->punts.count + v->drops.count +
		v->encapsulated.count + v->encapsulated_errors.count;
}

static void
stage_udp(struct worker *w, enum stage stage, udp_stage_fn *run, struct pkt_vec *in)
{
	struct worker_vecs *v = &w->vecs;
	const struct udp_out out = { &v->handover, &v->unreachable, &v->done, &v->punts, &v->drops,
		&v->encapsulated, &v->encapsulated_errors };
	uint32_t passed = passed_count(v);

	if (in->count == 0)
		return;
	stage_trace(w, stage, in);
	run(w->udp, in, &out);
	counter_add(&w->ip.counters.delivered, in->count - (passed_count(v) - passed));
	stage_end(w, stage, in->count);
	in->count = 0;
}

/* To the workers whose sockets they are for. */
static void
handover_put(struct worker *w)
{
	struct pkt_vec *handover = &w->vecs.handover, one;
	uint64_t workers = 0;

	for (uint32_t i = 0; i < handover->count; i++) {
		/* A trace is the worker's that began it. */
		pkt_meta(handover->pkts[i])->trace = 0;
		workers |= UINT64_C(1) << pkt_meta(handover->pkts[i])->worker;
	}
	for (; workers != 0; workers &= workers - 1) {
		unsigned to = (unsigned)__builtin_ctzll(workers);

		one.count = 0;
		for (uint32_t i = 0; i < handover->count; i++) {
			if (pkt_meta(handover->pkts[i])->worker == to)
				pkt_vec_append(&one, handover->pkts[i]);
		}
		counter_add(&w->counters.handover_out,
			pipeline_ring_put(w->stack->workers[to]->handover, &w->handover_rings[to],
				&one, &w->vecs.drops, DROP_handover_ring_full));
	}
	handover->count = 0;
}

/* What is left when the transports have had theirs. */
static void
transports_end(struct worker *w)
{
	struct worker_vecs *v = &w->vecs;

	if (v->unreachable.count > 0)
		ip_no_port(&v->unreachable, &w->out4, &w->out6);
	v->unreachable.count = 0;
	if (v->done.count > 0)
		rte_pktmbuf_free_bulk(v->done.pkts, v->done.count);
	v->done.count = 0;
	if (v->handover.count > 0)
		handover_put(w);
}

void
pipeline_transports(struct worker *w)
{
	struct worker_vecs *v = &w->vecs;

	stage_udp(w, STAGE_udp_input, udp_input, &v->udp);
	stage_udp(w, STAGE_udp_error, udp_error, &v->udp_errors);
	pipeline_tcp_input(w, false);
	pipeline_sctp_input(w, false);
	transports_end(w);
}

static struct pkt_vec *
handover_vec(struct worker_vecs *v, const struct rte_mbuf *pkt)
{
	switch ((enum handover_kind)pkt_meta(pkt)->reason) {
	case HANDOVER_UDP_ERROR: return &v->udp_errors;
	case HANDOVER_TCP:
	case HANDOVER_TCP_FOLLOWS: return &v->tcp;
	case HANDOVER_TCP_ERROR: return &v->tcp_errors;
	case HANDOVER_SCTP: return &v->sctp;
	case HANDOVER_SCTP_ERROR: return &v->sctp_errors;
	case HANDOVER_SCTP_ENCAPSULATED: return &v->encapsulated;
	case HANDOVER_SCTP_ENCAPSULATED_ERROR: return &v->encapsulated_errors;
	default: return &v->udp;
	}
}

bool
pipeline_handover(struct worker *w)
{
	struct rte_mbuf *pkts[PKT_BURST];
	unsigned count = rte_ring_dequeue_burst(w->handover, (void **)pkts, PKT_BURST, NULL);
	struct worker_vecs *v = &w->vecs;

	if (count == 0)
		return false;
	counter_add(&w->counters.handover_in, count);
	for (unsigned i = 0; i < count; i++)
		pkt_vec_append(handover_vec(v, pkts[i]), pkts[i]);
	stage_end(w, STAGE_handover, count);
	stage_udp(w, STAGE_udp_input, udp_input_handed, &v->udp);
	stage_udp(w, STAGE_udp_error, udp_error_handed, &v->udp_errors);
	pipeline_tcp_input(w, true);
	pipeline_sctp_input(w, true);
	transports_end(w);
	pipeline_run(w);
	return true;
}

static void
reply_append(struct worker_vecs *v, struct rte_mbuf *pkt)
{
	bool is4 = *pkt_l3(pkt, const uint8_t *) >> 4 == 4;

	pkt_vec_append(is4 ? &v->replies4 : &v->replies6, pkt);
}

uint32_t
pipeline_sent_take(struct worker *w, struct pkt_vec *sent)
{
	uint32_t count = sent->count;

	for (uint32_t i = 0; i < count; i++)
		reply_append(&w->vecs, sent->pkts[i]);
	sent->count = 0;
	counter_add(&w->ip.counters.originated, count);
	return count;
}

/* A burst of what transports want sent, to be routed. @return how many */
static uint32_t
output_take(struct worker *w)
{
	uint32_t count = RTE_MIN(pkt_queue_count(&w->output), (uint32_t)PKT_BURST);

	for (uint32_t i = 0; i < count; i++)
		reply_append(&w->vecs, pkt_queue_take(&w->output));
	counter_add(&w->ip.counters.originated, count);
	return count;
}

bool
pipeline_sockets(struct worker *w)
{
	bool busy = sock_pending(w->socks) || pkt_queue_count(&w->output) > 0;

	if (unlikely(busy)) {
		sock_poll(w->socks);
		do {
			stage_end(w, STAGE_sock, output_take(w));
			pipeline_run(w);
		} while (pkt_queue_count(&w->output) > 0);
	}
	/* Connections and associations send what applications have just given them. */
	busy |= pipeline_tcp(w);
	busy |= pipeline_sctp(w);
	return busy;
}
