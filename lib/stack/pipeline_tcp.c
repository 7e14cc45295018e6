/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * TCP in the pipeline: segments for connections here, and once a loop what is due and what connections
 * have to send. Called by pipeline_sock.c.
 */
#include "stack/pipeline.h"

static struct tcp_out
tcp_out_of(struct worker_vecs *v)
{
	/* One vector for both families: as many packets in all as those behind it hold. */
	return (struct tcp_out){ .send4 = &v->tcp_sent,
		.send6 = &v->tcp_sent,
		.handover = &v->handover,
		.done = &v->done,
		.punts = &v->punts,
		.drops = &v->drops };
}

typedef void tcp_stage_fn(
	struct tcp_core *core, const struct pkt_vec *in, const struct tcp_out *out);

static void
stage_tcp(struct worker *w, enum stage stage, tcp_stage_fn *run, struct pkt_vec *in)
{
	struct worker_vecs *v = &w->vecs;
	struct tcp_out out = tcp_out_of(v);
	uint32_t passed = v->handover.count + v->punts.count + v->drops.count;

	if (in->count == 0)
		return;
	stage_trace(w, stage, in);
	run(w->tcp, in, &out);
	passed = v->handover.count + v->punts.count + v->drops.count - passed;
	counter_add(&w->ip.counters.delivered, in->count - passed);
	stage_end(w, stage, in->count);
	in->count = 0;
}

/*
 * The clock of the burst's arrival. That of the loop's start was read before the burst was: who was without
 * a CPU in between would find round trips shorter than they were.
 */
static void
clock_follow(struct worker *w)
{
	if (w->vecs.tcp.count > 0 && likely(w->clock_runs))
		tcp_now_set(w->tcp, worker_now_ns(w));
}

void
pipeline_tcp_input(struct worker *w, bool handed)
{
	clock_follow(w);
	stage_tcp(w, STAGE_tcp_input, handed ? tcp_input_handed : tcp_input, &w->vecs.tcp);
	stage_tcp(w, STAGE_tcp_error, handed ? tcp_error_input_handed : tcp_error_input,
		&w->vecs.tcp_errors);
	pipeline_sent_take(w, &w->vecs.tcp_sent);
}

/*
 * One vector a loop: connections with more to send are next in the following, so that what comes in
 * meanwhile is not lost, and queues of ports can drain.
 */
bool
pipeline_tcp(struct worker *w)
{
	struct tcp_out out = tcp_out_of(&w->vecs);

	if (likely(tcp_next_ns(w->tcp) > w->ip.now_ns))
		return false;
	tcp_timers(w->tcp, &out);
	tcp_flush(w->tcp, &out);
	stage_end(w, STAGE_tcp_output, pipeline_sent_take(w, &w->vecs.tcp_sent));
	pipeline_run(w);
	return true;
}
