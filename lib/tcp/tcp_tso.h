/* SPDX-License-Identifier: BSD-3-Clause */
/* Segments that leave as one packet, which is cut behind lib/tcp: tcp_tso.c. */
#ifndef TCP_TCP_TSO_H
#define TCP_TCP_TSO_H

#include "tcp/tcp_priv.h"

/* One that is being filled. */
struct tcp_tso {
	struct rte_mbuf *pkt, *last; /* of its first and last segment */
	struct tcp_send send; /* of all of it; segments 0: there is none */
	uint32_t last_length; /* bytes of the last segment */
};

/* Whether a segment may be part of it, as its next one. */
bool tcp_tso_takes(const struct tcp_core *core, const struct tcp_conn *conn,
	const struct tcp_tso *tso, const struct tcp_seg *seg);
/* It is, or it is the first one. */
void tcp_tso_add(struct tcp_tso *tso, struct rte_mbuf *pkt, const struct tcp_send *send);
/* Send what there is, and be empty. */
void tcp_tso_send(struct tcp_core *core, struct tcp_conn *conn, struct tcp_tso *tso,
	const struct tcp_out *out);

#endif
