/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Segments that follow each other and leave as one packet, with one header, through all stages, until the port
 * or what is in front of it cuts it. For the scoreboard each remains a segment of its own.
 */
#include "tcp/tcp_tso.h"

/* Bytes of an IP packet with all its headers: its length has 16 bits. */
#define TSO_LENGTH_MAX 65535U

bool
tcp_tso_takes(const struct tcp_core *core, const struct tcp_conn *conn, const struct tcp_tso *tso,
	const struct tcp_seg *seg)
{
	/* All but the last are alike. */
	if (!core->config.offload.tso || tso->send.segments == 0 ||
		tso->last_length != conn->snd_mss || seg->length == 0)
		return false;
	/* What differs from one segment to the next. */
	if (conn->runs != NULL || conn->dsack_ok || conn->snd_up_ok || seg->flags & TCP_SYN)
		return false;
	/* Of what is sent again, what lies between may have arrived. */
	if (seg->seq != tso->send.seq + tso->send.length)
		return false;
	return conn->hdr_length + tso->send.length + seg->length <= TSO_LENGTH_MAX;
}

void
tcp_tso_add(struct tcp_tso *tso, struct rte_mbuf *pkt, const struct tcp_send *send)
{
	if (tso->send.segments == 0) {
		tso->pkt = pkt;
		tso->send = *send;
	} else {
		tso->last->next = pkt;
		tso->pkt->nb_segs = (uint16_t)(tso->pkt->nb_segs + pkt->nb_segs);
		tso->pkt->pkt_len += pkt->pkt_len;
		tso->send.length += send->length;
		tso->send.segments++;
		/* RFC 9293 3.10.8: those of the end; what cuts it has them on the last. */
		tso->send.flags |= send->flags & (TCP_FIN | TCP_PSH);
	}
	tso->last = rte_pktmbuf_lastseg(pkt);
	tso->last_length = send->length;
}

void
tcp_tso_send(struct tcp_core *core, struct tcp_conn *conn, struct tcp_tso *tso,
	const struct tcp_out *out)
{
	if (tso->send.segments == 0)
		return;
	tcp_header_send(core, conn, tso->pkt, &tso->send, out);
	tso->send.segments = 0;
}
