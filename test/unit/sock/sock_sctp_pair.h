/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Two ends with sockets of SCTP and a link between them, on a virtual clock: each has its own lib/sctp and
 * lib/sock, and both the addresses and ways of one stack. The client's is 10.0.0.1, the server's 10.0.0.2,
 * which the stack knows as a neighbour.
 */
#ifndef UNIT_SOCK_SCTP_PAIR_H
#define UNIT_SOCK_SCTP_PAIR_H

#include "unit/sock/sock_fixture.h"

#include "sctp/sctp.h"
#include "wire/ip4.h"

#define CLIENT          0
#define SERVER          1
#define CLIENT_ADDR     "10.0.0.1"
#define SERVER_ADDR     "10.0.0.2"
#define SERVER_PORT     7
#define PAIR_STEP_NS    1000000ULL
#define PAIR_FRAMES_MAX 1024

struct sock_end {
	struct sctp_core *sctp;
	struct sock_core *socks;
	struct sock_fixture app; /* without a stack of its own */
};

struct sock_pair {
	struct stack_fixture *f;
	uint64_t now_ns;
	struct sock_end ends[2];
	struct rte_mbuf *frames[2][PAIR_FRAMES_MAX]; /* to an end */
	unsigned frame_count[2];
	bool cut; /* nothing arrives */
	uint32_t assocs_max; /* of each; 0: 16 */
};

static inline void
sock_pair_end_create(struct sock_pair *pair, unsigned index)
{
	struct worker *w = pair->f->stack->workers[0];
	struct sock_end *end = &pair->ends[index];
	struct sctp_config sctp;
	struct sock_config socks = {
		.numa_node = w->numa_node,
		.socks_max = 64,
		.ip = &w->ip,
		.udp = w->udp,
		.tcp = w->tcp,
		.output = &w->output,
		.pool = w->pool,
		.entropy = &pair->f->stack->entropy,
	};

	sctp_config_init(&sctp);
	sctp.pool = w->pool;
	sctp.socket_id = w->numa_node;
	sctp.assocs_max = pair->assocs_max != 0 ? pair->assocs_max : 16;
	sctp.paths_max = 64;
	sctp.chunks_max = 4096;
	sctp.stream_blocks_max = 64;
	sctp.listeners_max = 4;
	sctp.notices_max = 64;
	sctp.secret.words[0] = index + 1;
	assert_int_equal(sctp_core_create(&sctp, pair->now_ns, &end->sctp), 0);
	for (unsigned i = 0; i < SOCK_PROTO_COUNT; i++)
		socks.ports[i] = stack_ephemeral_get(pair->f->stack, (enum sock_proto)i);
	socks.sctp = end->sctp;
	end->socks = sock_core_create(&socks);
	assert_non_null(end->socks);
	end->app.app.ops = &sock_fixture_ops;
	end->app.app.state = &end->app;
	assert_int_equal(sock_app_start(end->socks, &end->app.app, NULL), 0);
}

static inline struct sock_pair *
sock_pair_create_with(uint32_t assocs_max)
{
	struct sock_pair *pair = calloc(1, sizeof(*pair));

	assert_non_null(pair);
	pair->f = stack_fixture_create(&(struct stack_fixture_config){ .ports = 1, .seed = 1 });
	pair->now_ns = pair->f->stack->workers[0]->ip.now_ns;
	pair->assocs_max = assocs_max;
	sock_pair_end_create(pair, CLIENT);
	sock_pair_end_create(pair, SERVER);
	return pair;
}

static inline struct sock_pair *
sock_pair_create(void)
{
	return sock_pair_create_with(0);
}

/* What a NIC does: another packet with the same bytes, and its checksum. */
static inline struct rte_mbuf *
sock_pair_copy(struct rte_mbuf *pkt, struct rte_mempool *pool)
{
	struct rte_mbuf *copy = rte_pktmbuf_copy(pkt, pool, 0, UINT32_MAX);
	uint32_t crc;

	assert_non_null(copy);
	copy->l2_len = 0;
	copy->l3_len = pkt->l3_len;
	copy->ol_flags = 0;
	crc = pkt_crc32c(copy, copy->l3_len, copy->pkt_len - copy->l3_len);
	memcpy(rte_pktmbuf_mtod_offset(copy, uint8_t *, copy->l3_len + 8), &crc, sizeof(crc));
	pkt_meta_init(copy, 1, 0);
	return copy;
}

static inline void
sock_pair_send(struct sock_pair *pair, unsigned from, struct pkt_vec *vec)
{
	struct rte_mempool *pool = pair->f->stack->workers[0]->pool;
	const unsigned to = 1 - from;

	for (uint32_t i = 0; i < vec->count; i++) {
		if (!pair->cut) {
			assert_in_range(pair->frame_count[to], 0, PAIR_FRAMES_MAX - 1);
			pair->frames[to][pair->frame_count[to]++] =
				sock_pair_copy(vec->pkts[i], pool);
		}
		rte_pktmbuf_free(vec->pkts[i]);
	}
	vec->count = 0;
}

/* One loop of an end's worker. */
static inline void
sock_pair_poll(struct sock_pair *pair, unsigned index)
{
	static struct pkt_vec in, send4, send6, handover, done, punts, drops;
	const struct sctp_out out = { &send4, &send6, &handover, &done, &punts, &drops };
	struct sock_end *end = &pair->ends[index];
	unsigned taken = 0;

	pair->f->stack->workers[0]->ip.now_ns = pair->now_ns;
	sctp_now_set(end->sctp, pair->now_ns);
	while (taken < pair->frame_count[index]) {
		in.count = 0;
		while (in.count < PKT_BURST && taken < pair->frame_count[index])
			pkt_vec_append(&in, pair->frames[index][taken++]);
		sctp_input(end->sctp, &in, &out);
		rte_pktmbuf_free_bulk(done.pkts, done.count);
		rte_pktmbuf_free_bulk(drops.pkts, drops.count);
		done.count = drops.count = 0;
		sock_pair_send(pair, index, &send4);
	}
	pair->frame_count[index] = 0;
	sock_poll(end->socks);
	sctp_timers(end->sctp);
	sock_poll(end->socks);
	sctp_flush(end->sctp, &out);
	sock_pair_send(pair, index, &send4);
	assert_int_equal(send6.count + handover.count + punts.count, 0);
}

/* A millisecond there, and a millisecond back. */
static inline void
sock_pair_run(struct sock_pair *pair, unsigned ms)
{
	for (unsigned i = 0; i < ms; i++) {
		pair->now_ns += PAIR_STEP_NS;
		sock_pair_poll(pair, CLIENT);
		sock_pair_poll(pair, SERVER);
	}
}

static inline void
sock_pair_destroy(struct sock_pair *pair)
{
	for (unsigned i = 0; i < 2; i++) {
		struct sock_end *end = &pair->ends[i];

		rte_pktmbuf_free_bulk(pair->frames[i], pair->frame_count[i]);
		sock_app_stop(&end->app.app);
		sock_core_destroy(end->socks);
		sctp_core_destroy(end->sctp);
	}
	stack_fixture_destroy(pair->f);
	free(pair);
}

static inline struct sock *
sock_pair_open(struct sock_pair *pair, unsigned end, enum sock_proto proto)
{
	struct sock *sock;

	assert_int_equal(
		sock_open(&pair->ends[end].app.app, proto, IP_FAMILY_4, IP_VRF_DEFAULT, &sock), 0);
	return sock;
}

static inline struct sock *
sock_pair_listen(struct sock_pair *pair, enum sock_proto proto)
{
	struct sock *sock = sock_pair_open(pair, SERVER, proto);

	assert_int_equal(sock_option_set(sock, SOCK_OPT_FREEBIND, 1), 0);
	assert_int_equal(sock_fixture_bind(sock, SERVER_ADDR, SERVER_PORT), 0);
	assert_int_equal(sock_listen(sock, 4), 0);
	return sock;
}

/* One-to-one sockets, established. */
static inline void
sock_pair_connect(
	struct sock_pair *pair, struct sock *listener, struct sock **client, struct sock **server)
{
	*client = sock_pair_open(pair, CLIENT, SOCK_SCTP);
	assert_int_equal(sock_fixture_connect(*client, SERVER_ADDR, SERVER_PORT), -EINPROGRESS);
	sock_pair_run(pair, 10);
	assert_int_equal(sock_accept(listener, server), 0);
}

static inline struct sctp_settings
sock_pair_settings(const struct sock *sock, uint32_t assoc)
{
	struct sctp_settings settings;

	assert_int_equal(sock_sctp_settings_get(sock, assoc, &settings), 0);
	return settings;
}

/* Have it tell all that RFC 6458 6.1 has. */
static inline void
sock_pair_subscribe(struct sock *sock)
{
	struct sctp_settings settings = sock_pair_settings(sock, SOCK_SCTP_FUTURE);

	settings.notices = UINT32_MAX;
	assert_int_equal(sock_sctp_settings_set(sock, SOCK_SCTP_ALL, &settings), 0);
}

#endif
