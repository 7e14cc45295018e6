/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Very many idle associations of two paths on one worker: scale.h says what is measured. Heartbeats run.
 * sctp_scale [EAL options] [-- ASSOCIATIONS]
 */
#include <stdlib.h>

#include "base/counter.h"
#include "scale.h"
#include "sctp_peers.h"

static struct scale_side
stack_create_for(uint32_t sockets, uint32_t assocs, uint32_t peer_count, uint32_t mbufs)
{
	struct sctp_peers *peers = sctp_peers_create(peer_count, false,
		&(struct loop_config){ .sockets = sockets,
			.assocs = assocs,
			.mbufs = mbufs,
			.app = &app_echo,
			.app_config = { SOCK_SCTP, 2 * PKT_BURST, 0 } });

	return (struct scale_side){ peers->loop, peers, &peers->established, &peers->ended,
		&peers->bytes, &peers->aborts };
}

static struct scale_side
create(uint32_t sockets, uint32_t peers, uint32_t mbufs)
{
	return stack_create_for(sockets, sockets, peers, mbufs);
}

/* Those of a one-to-many socket need no other. */
static struct scale_side
create_assocs(uint32_t assocs, uint32_t peers, uint32_t mbufs)
{
	return stack_create_for(1024, assocs, peers, mbufs);
}

/* All of these are there, and connections of TCP in the place of associations. */
static struct scale_side
create_sockets(uint32_t sockets, uint32_t peers, uint32_t mbufs)
{
	return stack_create_for(sockets, 1024, peers, mbufs);
}

static void
destroy(void *peers)
{
	sctp_peers_destroy(peers);
}

static uint32_t
waiting(const void *peers)
{
	return sctp_peers_waiting(peers);
}

static void
begin(void *peers, uint32_t assoc)
{
	sctp_peers_init(peers, assoc);
}

static void
end(void *peers, uint32_t assoc)
{
	sctp_peers_control(peers, assoc, SCTP_SHUTDOWN);
}

static void
request(void *peers, uint32_t assoc, uint32_t length)
{
	sctp_peers_data(peers, assoc, length);
}

/* Two paths each, and all of them confirmed and alive. */
static uint64_t
heartbeats(const struct scale_side *side, uint32_t assocs)
{
	const struct sctp_core *core = side->loop->worker->sctp;
	const struct sctp_peers *peers = side->peers;
	uint64_t sent = counter_read(&sctp_stats(core)[SCTP_STAT_heartbeats]);
	struct sctp_counts counts;

	sctp_counts(core, &counts);
	if (counts.assocs != assocs || counts.paths != 2 * assocs || counts.chunks != 0 ||
		counts.sent_blocks != 0)
		loop_die("%u associations, %u paths, %u chunks", counts.assocs, counts.paths,
			counts.chunks);
	if (counter_read(&sctp_stats(core)[SCTP_STAT_heartbeat_timeouts]) != 0 ||
		counter_read(&sctp_stats(core)[SCTP_STAT_bad_heartbeat_acks]) != 0 ||
		peers->heartbeats != sent)
		loop_die("of %" PRIu64 " heartbeats %" PRIu64 " arrived", sent, peers->heartbeats);
	return sent;
}

static const struct scale_memory memories[] = {
	{ "an association", create_assocs },
	{ "a socket, which may also be a connection of TCP,", create_sockets },
	{ "both", create },
	{ NULL, NULL },
};

static const struct scale_ops ops = {
	.program = "sctp_scale",
	.memories = memories,
	.idle_name = "heartbeat",
	.default_count = 100000,
	.most = 1 << 20,
	/* Those that change addresses, reset streams, send, miss data, or have notices; and sockets. */
	.others_max = 65536,
	/* Four times what RFC 9260 16 has, with RTO and jitter. */
	.idle_ns = 4 * 31500000000ULL,
	.create = create,
	.destroy = destroy,
	.waiting = waiting,
	.begin = begin,
	.end = end,
	.request = request,
	.idle_count = heartbeats,
};

int
main(int argc, char **argv)
{
	scale_main(argc, argv, &ops);
	return EXIT_SUCCESS;
}
