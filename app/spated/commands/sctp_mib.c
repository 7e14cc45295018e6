/* SPDX-License-Identifier: BSD-3-Clause */
/* sctp show mib: the scalars of RFC 3873 by its names, but for "sctp" in front. */
#include "commands/sctp.h"

#include "commands/call.h"

/* In the MIB's order. */
static const enum sctp_stat scalars[] = {
	SCTP_STAT_active_estabs,
	SCTP_STAT_passive_estabs,
	SCTP_STAT_aborteds,
	SCTP_STAT_shutdowns,
	SCTP_STAT_out_of_blues,
	SCTP_STAT_checksum_errors,
	SCTP_STAT_out_ctrl_chunks,
	SCTP_STAT_out_order_chunks,
	SCTP_STAT_out_unorder_chunks,
	SCTP_STAT_in_ctrl_chunks,
	SCTP_STAT_in_order_chunks,
	SCTP_STAT_in_unorder_chunks,
	SCTP_STAT_frag_usr_msgs,
	SCTP_STAT_reasm_usr_msgs,
	SCTP_STAT_out_sctp_packs,
	SCTP_STAT_in_sctp_packs,
};

int
sctp_show_mib(struct cli_call *call)
{
	struct show *show = call->show;
	const struct stack *stack = stack_of(call);
	const struct sctp_settings *settings = &stack->sctp_settings;
	uint64_t stats[SCTP_STAT_COUNT];
	struct sctp_counts counts;

	stack_sctp_stats(stack, stack->worker_count, stats, &counts);
	show_record_begin(show, NULL);
	show_u64(show, "curr_estab", counts.curr_estab);
	for (unsigned i = 0; i < sizeof(scalars) / sizeof(scalars[0]); i++)
		show_u64(show, sctp_stat_name(scalars[i]), stats[scalars[i]]);
	/* RFC 9260 6.3, sctpRtoAlgorithm: Van Jacobson's. */
	show_string(show, "rto_algorithm", "vanj");
	show_u64(show, "rto_min_ms", settings->rto_min_ms);
	show_u64(show, "rto_max_ms", settings->rto_max_ms);
	show_u64(show, "rto_initial_ms", settings->rto_initial_ms);
	show_u64(show, "max_assocs", counts.assocs_max);
	show_u64(show, "val_cookie_life_ms", settings->cookie_life_ms);
	show_u64(show, "max_init_retr", settings->init_retries);
	show_record_end(show);
	return 0;
}
