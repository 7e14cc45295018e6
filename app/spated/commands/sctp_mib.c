/* SPDX-License-Identifier: BSD-3-Clause */
/* sctp show mib: the scalars of RFC 3873, by its names. */
#include "commands/sctp.h"

#include "commands/call.h"

/* RFC 3873 5, sctpRtoAlgorithm: vanj, which is RFC 9260's. */
#define RTO_ALGORITHM_VANJ 2

static const struct {
	const char *name;
	enum sctp_stat stat;
} scalars[] = {
	{ "sctpActiveEstabs", SCTP_STAT_active_estabs },
	{ "sctpPassiveEstabs", SCTP_STAT_passive_estabs },
	{ "sctpAborteds", SCTP_STAT_aborteds },
	{ "sctpShutdowns", SCTP_STAT_shutdowns },
	{ "sctpOutOfBlues", SCTP_STAT_out_of_blues },
	{ "sctpChecksumErrors", SCTP_STAT_checksum_errors },
	{ "sctpOutCtrlChunks", SCTP_STAT_out_ctrl_chunks },
	{ "sctpOutOrderChunks", SCTP_STAT_out_order_chunks },
	{ "sctpOutUnorderChunks", SCTP_STAT_out_unorder_chunks },
	{ "sctpInCtrlChunks", SCTP_STAT_in_ctrl_chunks },
	{ "sctpInOrderChunks", SCTP_STAT_in_order_chunks },
	{ "sctpInUnorderChunks", SCTP_STAT_in_unorder_chunks },
	{ "sctpFragUsrMsgs", SCTP_STAT_frag_usr_msgs },
	{ "sctpReasmUsrMsgs", SCTP_STAT_reasm_usr_msgs },
	{ "sctpOutSCTPPacks", SCTP_STAT_out_sctp_packs },
	{ "sctpInSCTPPacks", SCTP_STAT_in_sctp_packs },
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
	show_u64(show, "sctpCurrEstab", counts.curr_estab);
	for (unsigned i = 0; i < sizeof(scalars) / sizeof(scalars[0]); i++)
		show_u64(show, scalars[i].name, stats[scalars[i].stat]);
	/* None is ever set back while spated runs. */
	show_u64(show, "sctpDiscontinuityTime", 0);
	show_u64(show, "sctpRtoAlgorithm", RTO_ALGORITHM_VANJ);
	show_u64(show, "sctpRtoMin", settings->rto_min_ms);
	show_u64(show, "sctpRtoMax", settings->rto_max_ms);
	show_u64(show, "sctpRtoInitial", settings->rto_initial_ms);
	show_u64(show, "sctpMaxAssocs", counts.assocs_max);
	show_u64(show, "sctpValCookieLife", settings->cookie_life_ms);
	show_u64(show, "sctpMaxInitRetr", settings->init_retries);
	show_record_end(show);
	return 0;
}
