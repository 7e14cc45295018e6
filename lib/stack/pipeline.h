/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of the pipeline share: the accounting of stages, and rings to other workers. */
#ifndef STACK_PIPELINE_H
#define STACK_PIPELINE_H

#include <rte_cycles.h>

#include "base/counter.h"
#include "stack/stack_hook.h"
#include "stack/worker.h"

/* Charge the time since the last stage ended to this one. */
static inline void
stage_end(struct worker *w, enum stage stage, uint32_t packets)
{
	struct stage_stats *stats = &w->counters.stages[stage];
	uint64_t now = rte_rdtsc();

	counter_add(&stats->cycles, now - w->tsc);
	counter_add(&stats->packets, packets);
	counter_add(&stats->vectors, 1);
	w->tsc = now;
	stack_hook_stage();
}

static inline void
stage_trace(struct worker *w, enum stage stage, const struct pkt_vec *vec)
{
	if (unlikely(w->trace.open > 0))
		trace_stage(w, stage, vec);
}

/* pipeline.c: put a vector on a ring; what does not fit joins the drops. @return packets that went */
uint32_t pipeline_ring_put(struct rte_ring *ring, struct ring_counters *counters,
	struct pkt_vec *vec, struct pkt_vec *drops, enum drop_reason full);

/* pipeline.c: from the IP inputs to the wires. Every vector is empty at the end. */
void pipeline_run(struct worker *w);

/* pipeline_sock.c: what is for transports, to their sockets; what they do not take, to `errors`. */
void pipeline_transports(struct worker *w);

/* pipeline_sock.c: what a transport has made, of both families, is to be routed. @return how many */
uint32_t pipeline_sent_take(struct worker *w, struct pkt_vec *sent);

/* pipeline_tcp.c: segments to their connections; answers join the replies. */
void pipeline_tcp_input(struct worker *w, bool handed);
/* pipeline_sctp.c: likewise packets to associations */
void pipeline_sctp_input(struct worker *w, bool handed);

#endif
