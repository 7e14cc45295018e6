/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Very many idle connections of TCP on one worker: scale.h says what is measured.
 * tcp_scale [EAL options] [-- CONNECTIONS]
 */
#include <stdlib.h>

#include "base/counter.h"
#include "scale.h"
#include "tcp_peers.h"

/* Keep-alives, in the time that the clock here shows. */
#define IDLE_MS 60000

static struct scale_side
create(uint32_t sockets, uint32_t conns, uint32_t mbufs)
{
	struct tcp_peers *peers = tcp_peers_create(conns,
		&(struct loop_config){ .sockets = sockets,
			.mbufs = mbufs,
			.app = &app_echo,
			.app_config = { SOCK_TCP, 2 * PKT_BURST, IDLE_MS } });

	return (struct scale_side){ peers->loop, peers, &peers->established, &peers->ended,
		&peers->bytes, &peers->resets };
}

static void
destroy(void *peers)
{
	tcp_peers_destroy(peers);
}

static uint32_t
waiting(const void *arg)
{
	const struct tcp_peers *peers = arg;

	return peers->queue_tail - peers->queue_head;
}

static void
begin(void *peers, uint32_t conn)
{
	tcp_peers_send(peers, conn, TCP_SYN, 0);
}

static void
end(void *peers, uint32_t conn)
{
	tcp_peers_send(peers, conn, TCP_FIN | TCP_ACK, 0);
}

static void
request(void *peers, uint32_t conn, uint32_t length)
{
	tcp_peers_send(peers, conn, TCP_ACK | TCP_PSH, (uint16_t)length);
}

static uint64_t
keepalives(const struct scale_side *side, uint32_t conns)
{
	return counter_read(&tcp_stats(side->loop->worker->tcp)[TCP_STAT_keepalives]);
}

static const struct scale_memory memories[] = { { "a connection", create }, { NULL, NULL } };

static const struct scale_ops ops = {
	.program = "tcp_scale",
	.memories = memories,
	.idle_name = "keep-alive",
	.default_count = 1000000,
	.most = 16 << 20,
	/* Half-open ones, those in TIME-WAIT and so on. */
	.others_max = 65536,
	.idle_ns = 2 * IDLE_MS * 1000000ULL,
	.create = create,
	.destroy = destroy,
	.waiting = waiting,
	.begin = begin,
	.end = end,
	.request = request,
	.idle_count = keepalives,
};

int
main(int argc, char **argv)
{
	scale_main(argc, argv, &ops);
	return EXIT_SUCCESS;
}
