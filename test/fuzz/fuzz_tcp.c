/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Segments that a peer makes up, near what is expected, to connections of two workers in all their
 * states, with users that send, read and close, while time passes. Whatever comes: each packet has one
 * end, nothing is out of bounds, and when the users are gone and time has passed nothing is left.
 *
 * An input is a row of steps, each of STEP_BYTES: what to do, and numbers that are added to what the
 * other side expects; a segment's options and data follow it.
 */
#include "fuzz/fuzz.h"
#include "fuzz/pool.h"
#include "tcp/tcp.h"
#include "wire/endian.h"
#include "wire/ip4.h"
#include "wire/ip6.h"
#include "wire/tcp.h"

#define POOL_MBUFS  1023
#define CONNS       4
#define PORT        80
#define STEP_BYTES  12
#define STEPS_MAX   64
#define SECOND_NS   1000000000ULL
#define SECRET_PORT 1000

enum { DO_SEGMENT, DO_TIME = 8, DO_SEND, DO_READ, DO_CLOSE, DO_ERROR, DO_CONNECT, DO_COUNT };

/* The peer's side of a connection, as far as it cares. */
struct peer {
	struct tcp_conn *conn; /* what we have of it */
	uint32_t seq, ack; /* what it would say next */
};

static struct rte_mempool *pool;
static struct tcp_ports *ports;
static struct tcp_core *cores[2];
static struct tcp_listener *listener;
static struct tcp_settings settings;
static struct peer peers[CONNS];
static struct pkt_vec in, sent, handover, done, punts, drops;
static uint64_t now_ns;
static const struct tcp_out out = { .send4 = &sent,
	.send6 = &sent,
	.handover = &handover,
	.done = &done,
	.punts = &punts,
	.drops = &drops };

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	pool = fuzz_pool_create("tcp", POOL_MBUFS);
	tcp_settings_init(&settings);
	settings.receive_buffer = settings.receive_buffer_max = 20000;
	settings.send_buffer = settings.send_buffer_max = 20000;
	return 0;
}

/* Connections 0 and 1 are IPv4's, the others IPv6's; the odd ones are begun here. */
static struct tcp_tuple
tuple_of(unsigned i)
{
	struct tcp_tuple tuple = { .local_port = i % 2 == 0 ? PORT : (uint16_t)(4000 + i),
		.remote_port = (uint16_t)(5000 + i),
		.iface = PKT_IFACE_NONE,
		.family = i < 2 ? IP_FAMILY_4 : IP_FAMILY_6 };

	tuple.local[0] = tuple.remote[0] = 0x20;
	tuple.local[3] = 1;
	tuple.remote[3] = 2;
	return tuple;
}

/* ---- what we have sent tells the peer what is expected ---- */

static void
sent_note(const struct rte_mbuf *pkt)
{
	const uint8_t *l4 = rte_pktmbuf_mtod_offset(pkt, const uint8_t *, pkt->l3_len);
	unsigned i = be16_load(l4 + 2) - 5000U;
	uint32_t length = pkt->pkt_len - pkt->l3_len - (l4[12] >> 4) * 4U;

	rte_mbuf_sanity_check(pkt, 1);
	fuzz_check(i < CONNS && (l4[12] >> 4) >= 5, "a segment for nobody");
	if (l4[13] & TCP_ACK)
		peers[i].seq = be32_load(l4 + 8);
	peers[i].ack = be32_load(l4 + 4) + length + ((l4[13] & (TCP_SYN | TCP_FIN)) != 0);
}

static void
vecs_empty(void)
{
	struct pkt_vec *vecs[] = { &sent, &done, &punts, &drops };

	for (uint32_t i = 0; i < sent.count; i++)
		sent_note(sent.pkts[i]);
	for (unsigned i = 0; i < RTE_DIM(vecs); i++) {
		rte_pktmbuf_free_bulk(vecs[i]->pkts, vecs[i]->count);
		vecs[i]->count = 0;
	}
}

/* ---- users ---- */

static void
user_events(struct tcp_core *core)
{
	struct tcp_event event;

	while (tcp_events(core, &event, 1) > 0) {
		struct tcp_conn *conn;

		if (event.listener == NULL)
			continue;
		while ((conn = tcp_accept(core, listener, NULL)) != NULL) {
			unsigned i = tcp_conn_tuple(conn)->remote_port - 5000U;

			fuzz_check(i < CONNS, "accepted from nowhere");
			if (peers[i].conn != NULL)
				tcp_abort(cores[0], conn);
			else
				peers[i].conn = conn;
		}
	}
}

static void
loop(void)
{
	for (unsigned i = 0; i < 2; i++) {
		tcp_now_set(cores[i], now_ns);
		user_events(cores[i]);
		tcp_timers(cores[i], &out);
		vecs_empty();
		tcp_flush(cores[i], &out);
		vecs_empty();
	}
}

static void
user_act(unsigned what, unsigned i, uint16_t number)
{
	static uint8_t bytes[4096];
	struct tcp_tuple tuple = tuple_of(i);
	struct peer *peer = &peers[i];

	if (what == DO_CONNECT && i % 2 != 0 && peer->conn == NULL) {
		if (tcp_connect(cores[0], &tuple, &settings, peer, &peer->conn) < 0)
			peer->conn = NULL;
		return;
	}
	if (peer->conn == NULL)
		return;
	switch (what) {
	case DO_SEND: tcp_send(cores[0], peer->conn, bytes, number % sizeof(bytes)); break;
	case DO_READ: tcp_recv(cores[0], peer->conn, bytes, number % sizeof(bytes)); break;
	case DO_CLOSE:
		if (number % 4 == 0) {
			tcp_abort(cores[0], peer->conn);
			peer->conn = NULL;
		} else if (number % 4 == 1) {
			tcp_close(cores[0], peer->conn);
			peer->conn = NULL;
		} else {
			tcp_shutdown(cores[0], peer->conn, number % 4);
		}
		break;
	default: break;
	}
}

/* ---- the peer ---- */

static void
ip_header(struct rte_mbuf *pkt, const struct tcp_tuple *tuple, size_t length)
{
	if (tuple->family == IP_FAMILY_6) {
		ip6_hdr_build((void *)rte_pktmbuf_append(pkt, IP6_HDR_LENGTH),
			&(struct ip6_build){ .src = tuple->remote,
				.dst = tuple->local,
				.payload_length = (uint16_t)length,
				.next_header = IP_PROTO_TCP,
				.hop_limit = 64 });
		pkt->l3_len = IP6_HDR_LENGTH;
	} else {
		struct ip4_build build = {
			.payload_length = (uint16_t)length, .proto = IP_PROTO_TCP, .ttl = 64
		};

		memcpy(&build.src_be, tuple->remote, 4);
		memcpy(&build.dst_be, tuple->local, 4);
		ip4_hdr_build((void *)rte_pktmbuf_append(pkt, IP4_HDR_LENGTH), &build);
		pkt->l3_len = IP4_HDR_LENGTH;
	}
}

static struct rte_mbuf *
packet_create(const struct tcp_tuple *tuple, const uint8_t *l4, size_t length)
{
	struct rte_mbuf *pkt = rte_pktmbuf_alloc(pool);

	fuzz_check(pkt != NULL, "a buffer was lost");
	pkt_meta_init(pkt, 0, 0);
	pkt->tx_offload = 0;
	ip_header(pkt, tuple, length);
	memcpy(rte_pktmbuf_append(pkt, (uint16_t)length), l4, length);
	pkt->ol_flags |= RTE_MBUF_F_RX_L4_CKSUM_GOOD;
	return pkt;
}

/* By either worker: what the second does not know it hands over, and that ends there. */
static void
worker_input(unsigned worker, struct rte_mbuf *const *pkts, unsigned count)
{
	in.count = 0;
	for (unsigned i = 0; i < count; i++)
		pkt_vec_append(&in, pkts[i]);
	tcp_input(cores[worker], &in, &out);
	if (handover.count > 0) {
		in = handover;
		handover.count = 0;
		fuzz_check(pkt_meta(in.pkts[0])->worker != worker, "handed over to itself");
		tcp_input_handed(cores[pkt_meta(in.pkts[0])->worker], &in, &out);
		fuzz_check(handover.count == 0, "handed over twice");
	}
	vecs_empty();
}

/* A byte moves a number a little, or anywhere. */
static uint32_t
moved(uint32_t number, uint8_t by)
{
	return by < 224 ? number + by % 7 * (by % 3 == 0 ? 1U : 536U) : number - (by & 31U) * 1000;
}

/* @return bytes of the input that were used beside the step */
static size_t
segment_step(const uint8_t *step, unsigned i, const uint8_t *data, size_t size)
{
	const struct tcp_tuple tuple = tuple_of(i);
	uint32_t options = RTE_MIN(step[6] % 11 * 4U, (uint32_t)size & ~3U);
	uint32_t length = RTE_MIN(step[7] * 6U, 1400U);
	/* In two segments, one behind the other in a burst. */
	uint32_t front = (step[1] & 2) != 0 ? length / 2 : length;
	uint8_t l4[TCP_HDR_LENGTH_MAX + 1400] = { 0 };
	struct rte_mbuf *pkts[2];
	unsigned count = 0;
	struct tcp_fields fields = { .src_port = tuple.remote_port,
		.dst_port = tuple.local_port,
		.seq = moved(peers[i].seq, step[3]),
		.ack = moved(peers[i].ack, step[4]),
		.flags = step[2],
		.window = (uint16_t)(step[5] << 8),
		.hdr_length = (uint8_t)(TCP_HDR_LENGTH + options) };

	memcpy(l4 + TCP_HDR_LENGTH, data, options);
	tcp_hdr_build((struct tcp_header *)l4, &fields);
	pkts[count++] = packet_create(&tuple, l4, TCP_HDR_LENGTH + options + front);
	fields.seq += front;
	tcp_hdr_build((struct tcp_header *)l4, &fields);
	if (front < length)
		pkts[count++] =
			packet_create(&tuple, l4, TCP_HDR_LENGTH + options + length - front);
	worker_input(step[1] & 1, pkts, count);
	return options;
}

static void
error_step(const uint8_t *step, unsigned i)
{
	const struct tcp_icmp icmp = { .tuple = tuple_of(i),
		.seq = peers[i].ack - step[3],
		.error = step[4] % 2 != 0 ? EMSGSIZE : ECONNREFUSED,
		.hard = step[5] % 2 != 0,
		.mtu = step[6] * 8U };

	tcp_icmp_input(cores[0], &icmp);
}

/* ---- an input ---- */

static void
start(void)
{
	const struct tcp_bind bind = { .addr.family = IP_FAMILY_6, .port = PORT };
	struct tcp_config config;

	ports = tcp_ports_create();
	fuzz_check(ports != NULL, "no memory");
	tcp_config_init(&config);
	config.pool = pool;
	config.socket_id = -1;
	config.ports = ports;
	config.conns_max = config.half_open_max = config.time_wait_max = 3;
	config.segments_max = 32;
	config.runs_max = 8;
	config.received_max = 30000;
	config.listeners_max = 1;
	config.offload = (struct tcp_offload){ .gro = true, .tso = true };
	config.secret.words[0] = SECRET_PORT;
	now_ns = SECOND_NS;
	for (config.worker = 0; config.worker < 2; config.worker++)
		fuzz_check(tcp_core_create(&config, now_ns, &cores[config.worker]) == 0, "no core");
	fuzz_check(tcp_listen(cores[0], &bind, &settings, 2, NULL, &listener) == 0, "no listener");
	memset(peers, 0, sizeof(peers));
}

/* Users go, and time: nothing is left. */
static void
end(void)
{
	tcp_unlisten(cores[0], listener);
	for (unsigned i = 0; i < CONNS; i++) {
		if (peers[i].conn != NULL)
			tcp_close(cores[0], peers[i].conn);
	}
	for (unsigned i = 0; i < 10000 && tcp_next_ns(cores[0]) != UINT64_MAX; i++) {
		now_ns = RTE_MAX(now_ns, tcp_next_ns(cores[0]));
		loop();
	}
	for (unsigned i = 0; i < 2; i++) {
		fuzz_check(tcp_next_ns(cores[i]) == UINT64_MAX, "something is never over");
		tcp_core_destroy(cores[i]);
	}
	tcp_ports_destroy(ports);
	fuzz_check(rte_mempool_in_use_count(pool) == 0, "a buffer was lost");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	start();
	for (unsigned steps = 0; size >= STEP_BYTES && steps < STEPS_MAX; steps++) {
		const uint8_t *step = data;
		unsigned what = step[0] % DO_COUNT, i = step[1] / 2 % CONNS;

		data += STEP_BYTES;
		size -= STEP_BYTES;
		if (what < DO_TIME) {
			size_t used = segment_step(step, i, data, size);

			data += used;
			size -= used;
		} else if (what == DO_TIME) {
			now_ns += (uint64_t)be32_load(step + 2) * 1000;
		} else if (what == DO_ERROR) {
			error_step(step, i);
		} else {
			user_act(what, i, be16_load(step + 2));
		}
		loop();
	}
	end();
	return 0;
}
