/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whole connections between two TCPs, over a wire that does as the input says to each segment: lose it,
 * repeat it, hold it back, change it, or bring an old one again; while users send both ways, pause, and
 * perhaps give up. Data arrives as it was sent, and all of it, unless somebody changed a segment and
 * made its checksum right; whatever happens, the books of the sender are right after each step, and in
 * the end nothing is left.
 *
 * An input is SETUP_BYTES of what the ends are like, and then what becomes of segments: see wire.h.
 */
#include "fuzz/fuzz.h"
#include "fuzz/pool.h"
#include "fuzz/wire.h"
#include "tcp/tcp_conn.h"
#include "wire/checksum.h"
#include "wire/endian.h"
#include "wire/ip4.h"
#include "wire/ip6.h"
#include "wire/tcp.h"

#define POOL_MBUFS  4095
#define SETUP_BYTES 10
#define STEPS_MAX   60000
#define PORT        80
#define CHUNK       2000

enum { CLIENT, SERVER };

struct end {
	struct tcp_core *core;
	struct tcp_conn *conn; /* NULL: none yet, or closed */
	uint64_t to_send, sent, received;
	bool paused, full, at_end, closed; /* full: it waits to be writable */
	uint32_t seq; /* of its last segment */
};

static struct wire wire;
static struct tcp_listener *listener;
static struct tcp_settings settings;
static enum ip_family family;
static struct end ends[2];
static struct pkt_vec in, sent, handover, done, punts, drops;
static bool meddled; /* a user did not wait for the end */
static const struct tcp_out out = { .send4 = &sent,
	.send6 = &sent,
	.handover = &handover,
	.done = &done,
	.punts = &punts,
	.drops = &drops };

static void
segment_seal(unsigned from, struct rte_mbuf *pkt)
{
	const uint8_t *ip = rte_pktmbuf_mtod(pkt, uint8_t *);
	uint32_t length = pkt->pkt_len - pkt->l3_len;
	struct tcp_header *tcp = rte_pktmbuf_mtod_offset(pkt, struct tcp_header *, pkt->l3_len);
	bool four = pkt->l3_len == IP4_HDR_LENGTH;
	struct ip_addr src = four ? ip_addr_from4(ip + 12) : ip_addr_from6(ip + 8);
	struct ip_addr dst = four ? ip_addr_from4(ip + 16) : ip_addr_from6(ip + 24);

	(void)from;
	tcp->checksum = 0;
	tcp->checksum = checksum_finish(pkt_sum(pkt, pkt->l3_len, length) +
		checksum_pseudo(&src, &dst, IP_PROTO_TCP, length));
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	wire.pool = fuzz_pool_create("tcp", POOL_MBUFS);
	wire.seal = segment_seal;
	return 0;
}

/* ---- the books of a sender ---- */

static void
books_check(const struct tcp_conn *conn)
{
	uint32_t sacked = 0, lost = 0, retrans = 0, count = 0, seq = conn->snd_una;
	bool unsent = false;
	struct tcp_seg *seg;

	STAILQ_FOREACH (seg, &conn->queue, next) {
		uint32_t space = tcp_seg_space(seg);

		unsent |= seg == conn->unsent;
		fuzz_check(seg->seq == seq, "a gap in the send queue");
		fuzz_check(unsent || seq_until(tcp_seg_end(seg), conn->snd_nxt), "sent unsent");
		sacked += seg->state & TCP_SEG_SACKED ? space : 0;
		lost += seg->state & TCP_SEG_LOST ? space : 0;
		retrans += seg->state & TCP_SEG_RETRANS ? space : 0;
		seq += space;
		count++;
	}
	fuzz_check(unsent == (conn->unsent != NULL), "what is unsent is not in the queue");
	fuzz_check(seq == conn->snd_end && count == conn->seg_count, "the queue's end");
	fuzz_check(lost == conn->lost_bytes && retrans == conn->retrans_bytes, "the pipe");
	fuzz_check(!conn->sack_ok || sacked == conn->sacked_bytes, "the scoreboard");
	fuzz_check(conn->sacked_bytes + conn->lost_bytes <=
			tcp_flight_size(conn) + conn->retrans_bytes,
		"less than nothing is in flight");
	fuzz_check(conn->cc.cwnd_bytes >= conn->snd_mss, "no window");
	TAILQ_FOREACH (seg, &conn->in_flight, by_time)
		fuzz_check(!(seg->state & TCP_SEG_SACKED), "what has arrived is in flight");
}

/* ---- the wire ---- */

enum fate {
	TOO_BIG = WIRE_FATE_USER, /* and an ICMP error says so */
	USER,
};

static void
user_act(unsigned e, uint8_t how)
{
	struct end *end = &ends[e];

	if (end->conn == NULL)
		return;
	switch (how % 8) {
	case 0: tcp_shutdown(end->core, end->conn, TCP_SHUTDOWN_WRITE); break;
	case 1: tcp_shutdown(end->core, end->conn, TCP_SHUTDOWN_READ); break;
	case 2:
		tcp_close(end->core, end->conn);
		end->conn = NULL;
		break;
	case 3:
		tcp_abort(end->core, end->conn);
		end->conn = NULL;
		break;
	default: end->paused = !end->paused; return;
	}
	meddled = true;
}

static struct tcp_tuple
tuple_of(unsigned e)
{
	struct tcp_tuple tuple = { .iface = PKT_IFACE_NONE, .family = (uint8_t)family };

	tuple.local[0] = tuple.remote[0] = 0x20;
	tuple.local[3] = (uint8_t)(1 + e);
	tuple.remote[3] = (uint8_t)(2 - e);
	tuple.local_port = e == CLIENT ? 4000 : PORT;
	tuple.remote_port = e == CLIENT ? PORT : 4000;
	return tuple;
}

static void
too_big(unsigned from, uint8_t eighths)
{
	const struct tcp_icmp icmp = { .tuple = tuple_of(from),
		.seq = ends[from].seq,
		.error = EMSGSIZE,
		.mtu = 100 + eighths * 6U };

	tcp_icmp_input(ends[from].core, &icmp);
}

static void
segment_sent(unsigned from, struct rte_mbuf *pkt)
{
	unsigned which;

	ends[from].seq = be32_load(rte_pktmbuf_mtod_offset(pkt, uint8_t *, pkt->l3_len + 4));
	switch ((enum fate)wire_send(&wire, from, pkt)) {
	case TOO_BIG: too_big(from, wire_byte(&wire)); break;
	case USER:
		which = wire_byte(&wire);
		user_act(which & 1, (uint8_t)(which >> 1));
		break;
	default: break;
	}
}

static void
vecs_empty(unsigned from)
{
	struct pkt_vec *vecs[] = { &done, &punts, &drops };

	for (uint32_t i = 0; i < sent.count; i++)
		segment_sent(from, sent.pkts[i]);
	sent.count = 0;
	for (unsigned i = 0; i < RTE_DIM(vecs); i++) {
		rte_pktmbuf_free_bulk(vecs[i]->pkts, vecs[i]->count);
		vecs[i]->count = 0;
	}
}

/* ---- users ---- */

static uint8_t
pattern(unsigned from, uint64_t at)
{
	return (uint8_t)((at * 2654435761U >> 16) ^ at ^ from * 85);
}

static void
user_send(unsigned e)
{
	struct end *end = &ends[e];
	uint8_t bytes[CHUNK];

	while (end->sent < end->to_send && !end->full) {
		uint32_t length = (uint32_t)RTE_MIN(end->to_send - end->sent, (uint64_t)CHUNK);
		int64_t n;

		for (uint32_t i = 0; i < length; i++)
			bytes[i] = pattern(e, end->sent + i);
		n = tcp_send(end->core, end->conn, bytes, length);
		end->full = n <= 0;
		end->sent += n > 0 ? (uint64_t)n : 0;
	}
	if (end->sent == end->to_send)
		tcp_shutdown(end->core, end->conn, TCP_SHUTDOWN_WRITE);
}

static void
user_receive(unsigned e)
{
	struct end *end = &ends[e];
	uint8_t bytes[CHUNK];
	int64_t n;

	while (end->conn != NULL && !end->paused) {
		n = tcp_recv(end->core, end->conn, bytes, sizeof(bytes));
		if (n <= 0) {
			end->at_end |= n == 0;
			return;
		}
		for (int64_t i = 0; i < n && !wire.forged; i++)
			fuzz_check(bytes[i] == pattern(1 - e, end->received + (uint64_t)i),
				"a byte is not what was sent");
		end->received += (uint64_t)n;
	}
}

static void
user_accept(unsigned e)
{
	struct tcp_conn *conn;

	while ((conn = tcp_accept(ends[e].core, listener, NULL)) != NULL) {
		if (ends[e].conn == NULL && !ends[e].closed)
			ends[e].conn = conn;
		else
			tcp_abort(ends[e].core, conn);
	}
}

static void
users_act(unsigned e)
{
	struct tcp_event event;
	struct end *end = &ends[e];

	while (tcp_events(end->core, &event, 1) > 0) {
		if (event.listener != NULL)
			user_accept(e);
		else if (event.conn == end->conn)
			end->closed |= (event.events & TCP_EVENT_CLOSED) != 0;
		if (event.conn == end->conn && event.events & TCP_EVENT_WRITABLE)
			end->full = false;
	}
	/* When nothing more happens to segments, nobody keeps anything waiting either; nor at the end. */
	if (wire.input_left == 0 || end->closed)
		end->paused = false;
	if (end->conn == NULL)
		return;
	user_send(e);
	user_receive(e);
	if (end->closed || (end->at_end && end->sent == end->to_send)) {
		tcp_close(end->core, end->conn);
		end->conn = NULL;
		end->closed = true;
	}
}

/* ---- time ---- */

static void
end_poll(unsigned e)
{
	struct end *end = &ends[e];

	tcp_now_set(end->core, wire.now_ns);
	wire_take(&wire, e, &in);
	tcp_input(end->core, &in, &out);
	vecs_empty(e);
	users_act(e);
	tcp_timers(end->core, &out);
	vecs_empty(e);
	users_act(e);
	tcp_flush(end->core, &out);
	vecs_empty(e);
	/* One that tcp_flush() has ended has none left: its user is told at the next poll. */
	if (end->conn != NULL && end->conn->state != TCP_CLOSED)
		books_check(end->conn);
}

static uint64_t
next_ns(void)
{
	uint64_t next = RTE_MIN(tcp_next_ns(ends[0].core), tcp_next_ns(ends[1].core));

	return RTE_MIN(next, wire_next_ns(&wire));
}

static void
run(void)
{
	for (unsigned steps = 0; steps < STEPS_MAX; steps++) {
		uint64_t next;

		end_poll(CLIENT);
		end_poll(SERVER);
		next = next_ns();
		if (next == UINT64_MAX)
			return;
		wire.now_ns = RTE_MAX(wire.now_ns, next);
	}
	fuzz_check(wire.forged, "it does not come to an end");
}

/* ---- an input ---- */

static void
start(const uint8_t *setup)
{
	const struct tcp_bind bind = { .addr.family = IP_FAMILY_6, .port = PORT };
	struct tcp_config config;
	struct tcp_tuple tuple;

	tcp_config_init(&config);
	config.pool = wire.pool;
	config.socket_id = -1;
	config.conns_max = config.half_open_max = config.time_wait_max = 4;
	config.segments_max = 8 + setup[8] * 2U;
	config.runs_max = 2 + setup[9] % 32U;
	config.received_max = 100000;
	config.listeners_max = 1;
	config.secret.words[0] = 1;
	config.sack = (setup[0] & 1) == 0;
	config.timestamps = (setup[0] & 2) == 0;
	config.window_scaling = (setup[0] & 4) == 0;
	config.policy.ecn = setup[0] & 8 ? TCP_ECN_ON : TCP_ECN_PASSIVE;
	tcp_settings_init(&settings);
	settings.nodelay = (setup[0] & 16) != 0;
	settings.mtu = 576 + setup[1] * 4U;
	settings.receive_buffer = 2000 + setup[2] * 100U;
	settings.receive_buffer_max = settings.receive_buffer * (1 + setup[2] % 4U);
	settings.send_buffer = settings.send_buffer_max = 1000 + setup[3] * 100U;
	settings.cc = cc_get(setup[6] % 5U);
	family = setup[0] & 32 ? IP_FAMILY_6 : IP_FAMILY_4;
	wire.now_ns = 1000000000;
	wire.delay_ns = setup[7] % 64U * WIRE_MS_NS;
	memset(ends, 0, sizeof(ends));
	for (config.worker = 0; config.worker < 2; config.worker++)
		fuzz_check(tcp_core_create(&config, wire.now_ns, &ends[config.worker].core) == 0,
			"no core");
	ends[CLIENT].to_send = setup[4] * 200U;
	ends[SERVER].to_send = setup[5] * 200U;
	tuple = tuple_of(CLIENT);
	fuzz_check(tcp_listen(ends[SERVER].core, &bind, &settings, 2, NULL, &listener) == 0 &&
			tcp_connect(ends[CLIENT].core, &tuple, &settings, NULL,
				&ends[CLIENT].conn) == 0,
		"no connection");
}

/* RFC 9293 3.8.3: whatever was sent again was lost again; or what would have completed a handshake. */
static bool
somebody_gave_up(void)
{
	bool gave_up = false;

	for (unsigned e = 0; e < 2; e++) {
		const uint64_t *stats = tcp_stats(ends[e].core);

		gave_up |= stats[TCP_STAT_timeout_drops] > 0 || stats[TCP_STAT_scarce_drops] > 0 ||
			stats[TCP_STAT_half_open_timeouts] > 0;
	}
	return gave_up;
}

static void
end(void)
{
	for (unsigned e = 0; e < 2; e++) {
		fuzz_check(wire.forged || meddled || somebody_gave_up() ||
				(ends[e].conn == NULL && ends[e].received == ends[1 - e].to_send),
			"not all has arrived");
		if (ends[e].conn != NULL)
			tcp_abort(ends[e].core, ends[e].conn);
		ends[e].conn = NULL;
		ends[e].closed = true;
	}
	tcp_unlisten(ends[SERVER].core, listener);
	listener = NULL;
	wire.forged = true;
	run();
	wire_clear(&wire);
	for (unsigned e = 0; e < 2; e++)
		tcp_core_destroy(ends[e].core);
	fuzz_check(rte_mempool_in_use_count(wire.pool) == 0, "a buffer was lost");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < SETUP_BYTES)
		return 0;
	meddled = false;
	start(data);
	wire.input = data + SETUP_BYTES;
	wire.input_left = size - SETUP_BYTES;
	run();
	end();
	return 0;
}
