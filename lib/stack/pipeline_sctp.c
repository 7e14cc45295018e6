/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * SCTP in the pipeline: packets for associations here, and once a loop what is due and what associations
 * have to send. Called by pipeline_sock.c.
 */
#include "stack/pipeline.h"

static struct sctp_out
sctp_out_of(struct worker_vecs *v)
{
	/* One vector for both families: as many packets in all as those behind it hold. */
	return (struct sctp_out){ .send4 = &v->sctp_sent,
		.send6 = &v->sctp_sent,
		.handover = &v->handover,
		.done = &v->done,
		.punts = &v->punts,
		.drops = &v->drops };
}

typedef void sctp_stage_fn(
	struct sctp_core *core, const struct pkt_vec *in, const struct sctp_out *out);

static void
stage_sctp(struct worker *w, enum stage stage, sctp_stage_fn *run, struct pkt_vec *in)
{
	struct worker_vecs *v = &w->vecs;
	struct sctp_out out = sctp_out_of(v);
	uint32_t passed = v->handover.count + v->punts.count + v->drops.count;

	if (in->count == 0)
		return;
	stage_trace(w, stage, in);
	run(w->sctp, in, &out);
	passed = v->handover.count + v->punts.count + v->drops.count - passed;
	counter_add(&w->ip.counters.delivered, in->count - passed);
	stage_end(w, stage, in->count);
	in->count = 0;
}

void
pipeline_sctp_input(struct worker *w, bool handed)
{
	struct worker_vecs *v = &w->vecs;

	stage_sctp(w, STAGE_sctp_input, handed ? sctp_input_handed : sctp_input, &v->sctp);
	stage_sctp(w, STAGE_sctp_error, handed ? sctp_error_input_handed : sctp_error_input,
		&v->sctp_errors);
	/* UDP has sorted them out, before. */
	stage_sctp(w, STAGE_sctp_input, handed ? sctp_encaps_input_handed : sctp_encaps_input,
		&v->encapsulated);
	stage_sctp(w, STAGE_sctp_error,
		handed ? sctp_encaps_error_input_handed : sctp_encaps_error_input,
		&v->encapsulated_errors);
	pipeline_sent_take(w, &v->sctp_sent);
}

/* One vector a loop, as TCP: associations with more to send are next in the following. */
bool
pipeline_sctp(struct worker *w)
{
	struct sctp_out out = sctp_out_of(&w->vecs);

	if (likely(sctp_next_ns(w->sctp) > w->ip.now_ns))
		return false;
	sctp_timers(w->sctp);
	sctp_flush(w->sctp, &out);
	stage_end(w, STAGE_sctp_output, pipeline_sent_take(w, &w->vecs.sctp_sent));
	pipeline_run(w);
	return true;
}
