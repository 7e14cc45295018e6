/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How many connections a peer has here, so that one cannot take all places from the others. Counters by a
 * keyed hash of its address, as many as there may be connections: who shares one with others is refused
 * a little early, and nobody can choose with whom.
 */
#include "tcp/tcp_priv.h"

/* Whoever has one address of IPv6 has its subnet: RFC 4291 2.5.4. */
#define PREFIX6_LENGTH 8

static uint32_t *
count_of(const struct tcp_core *core, const struct tcp_tuple *tuple)
{
	struct siphash_key key = core->config.secret;
	/* A link-local address is one of its link's. */
	uint64_t words[2] = { 0,
		(uint64_t)tuple->iface << 16 | (uint64_t)tuple->vrf << 8 | tuple->family };

	key.words[0] ^= 0x70656572;
	memcpy(words, tuple->remote, tuple->family == IP_FAMILY_4 ? 4 : PREFIX6_LENGTH);
	return &core->peer_counts[siphash(&key, words, sizeof(words)) & core->peer_mask];
}

int
tcp_peers_init(struct tcp_core *core)
{
	uint32_t counts = 64;

	if (core->config.peer_conns_max == 0)
		return 0;
	while (counts < core->config.conns_max)
		counts *= 2;
	core->peer_mask = counts - 1;
	core->peer_counts = rte_zmalloc_socket(
		"tcp peers", counts * sizeof(*core->peer_counts), 64, core->config.socket_id);
	return core->peer_counts != NULL ? 0 : -ENOMEM;
}

void
tcp_peers_fini(struct tcp_core *core)
{
	rte_free(core->peer_counts);
}

void
tcp_peer_conn_add(struct tcp_core *core, const struct tcp_tuple *tuple)
{
	if (core->peer_counts != NULL)
		++*count_of(core, tuple);
}

void
tcp_peer_conn_remove(struct tcp_core *core, const struct tcp_tuple *tuple)
{
	if (core->peer_counts != NULL)
		--*count_of(core, tuple);
}

bool
tcp_peer_refuses(struct tcp_core *core, struct tcp_segment *segment, const struct tcp_out *out)
{
	if (core->peer_counts == NULL ||
		*count_of(core, &segment->tuple) < core->config.peer_conns_max)
		return false;
	tcp_count(core, TCP_STAT_peer_refused);
	tcp_reset_send(core, segment, out);
	tcp_segment_drop(segment, DROP_tcp_peer_full);
	return true;
}
