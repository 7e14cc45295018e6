/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ICMP errors: RFC 9293 3.9.2.2, with the doubts of RFC 5927. One is heard only if it quotes a segment
 * that is in flight; none ends a connection that is established.
 */
#include "tcp/tcp_priv.h"

bool
tcp_icmp_input(struct tcp_core *core, const struct tcp_icmp *icmp)
{
	uint32_t hash = tcp_table_hash(&core->table, &icmp->tuple);
	struct tcp_conn *conn;
	enum tcp_kind kind;

	conn = (struct tcp_conn *)tcp_table_lookup(&core->table, &icmp->tuple, hash, &kind);
	/* RFC 5927 4.1: SND.UNA =< SEG.SEQ < SND.NXT */
	if (kind != TCP_KIND_CONN || seq_before(icmp->seq, conn->snd_una) ||
		seq_from(icmp->seq, conn->snd_nxt)) {
		tcp_count(core, TCP_STAT_icmp_ignored);
		return false;
	}
	if (icmp->error == EMSGSIZE) {
		tcp_mtu_probe_too_big(core, conn, icmp->seq, icmp->mtu);
		tcp_pmtu_set(core, conn, icmp->mtu, true);
		return true;
	}
	/* RFC 5927 6.2: hard errors are soft ones, once it is synchronized. */
	if (icmp->hard && conn->state == TCP_SYN_SENT)
		tcp_conn_end(core, conn, icmp->error);
	else
		conn->icmp_error = (uint8_t)icmp->error;
	return true;
}
