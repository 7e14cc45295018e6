/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whole connections between two TCPs, over a wire that does as the input says to each segment: lose it,
 * repeat it, hold it back, change it, or bring an old one again; while users send both ways, pause, and
 * perhaps give up. Data arrives as it was sent, and all of it, unless somebody changed a segment and
 * made its checksum right; whatever happens, the books of the sender are right after each step, and in
 * the end nothing is left.
 *
 * An input is SETUP_BYTES of what the ends are like, and then what becomes of segments, in the order in
 * which they are sent: a byte each, and what it needs behind it. Behind its end all arrives.
 */
#include <rte_mbuf.h>

#include "fuzz/eal.h"
#include "fuzz/fuzz.h"
#include "fuzz/tcp_wire.h"
#include "tcp/tcp_conn.h"
#include "wire/endian.h"

#define POOL_MBUFS  4095
#define SETUP_BYTES 10
#define STEPS_MAX   60000
#define MS_NS       1000000ULL
#define PORT        80
#define CHUNK       2000
/* So many in a row that do not arrive: connections are not to end for that. */
#define LOST_MAX 3

enum { CLIENT, SERVER };

struct end {
	struct tcp_core *core;
	struct tcp_conn *conn; /* NULL: none yet, or closed */
	uint64_t to_send, sent, received;
	bool paused, at_end, closed;
	uint32_t seq; /* of its last segment */
};

static struct wire wire;
static struct tcp_listener *listener;
static struct tcp_settings settings;
static enum ip_family family;
static struct end ends[2];
static unsigned lost_in_row;
static struct pkt_vec in, sent, handover, done, punts, drops;
static const uint8_t *input;
static size_t input_left;
static bool forged; /* a segment that nobody sent was made to look right */
static bool meddled; /* a user did not wait for the end */
static const struct tcp_out out = { .send4 = &sent,
	.send6 = &sent,
	.handover = &handover,
	.done = &done,
	.punts = &punts,
	.drops = &drops };

static void
fini(void)
{
	rte_mempool_free(wire.pool);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	fuzz_eal_init(64);
	fuzz_check(pkt_init() == 0, "no metadata");
	wire.pool = rte_pktmbuf_pool_create("tcp", POOL_MBUFS, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, -1);
	fuzz_check(wire.pool != NULL, "no memory");
	atexit(fini);
	return 0;
}

/* The next of the input; 0 behind its end. */
static uint8_t
byte_next(void)
{
	if (input_left == 0)
		return 0;
	input_left--;
	return *input++;
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

/* Bytes of headers, options or data; as a sum that stays as it was would not notice 0xff for 0. */
static void
mangle(struct rte_mbuf *pkt, bool right)
{
	uint32_t length = pkt->pkt_len - pkt->l3_len;
	uint8_t *l4 = rte_pktmbuf_mtod_offset(pkt, uint8_t *, pkt->l3_len);
	unsigned count = right ? 1 + byte_next() % 4U : 1;

	while (count-- > 0) {
		uint32_t at = byte_next() % RTE_MIN(length, 100U);

		l4[at] ^= right ? byte_next() : (uint8_t)(1 << byte_next() % 8U);
	}
	if (right)
		wire_checksum_set(pkt);
	forged |= right;
}

enum fate {
	ARRIVES,
	LOST = 6,
	DOUBLED,
	LATE,
	SPOILED,
	FORGED,
	OLD_ONE,
	TOO_BIG, /* and an ICMP error says so */
	USER,
	FATES = 16
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

/* @return whether it is on its way */
static bool
wire_act(unsigned from, struct rte_mbuf *pkt, enum fate fate)
{
	unsigned to = 1 - from, which;

	switch (fate) {
	case DOUBLED: wire_add(&wire, to, wire_copy(&wire, pkt), byte_next() * MS_NS); return false;
	case LATE: wire_add(&wire, to, pkt, byte_next() * 4 * MS_NS); return true;
	case SPOILED: mangle(pkt, false); return false;
	case FORGED: mangle(pkt, true); return false;
	case OLD_ONE: wire_old_add(&wire, byte_next() % WIRE_OLD_MAX); return false;
	case TOO_BIG: too_big(from, byte_next()); return false;
	case USER:
		which = byte_next();
		user_act(which & 1, (uint8_t)(which >> 1));
		return false;
	default: return false;
	}
}

static void
segment_sent(unsigned from, struct rte_mbuf *sent_pkt)
{
	struct rte_mbuf *pkt = wire_copy(&wire, sent_pkt);
	enum fate fate = (enum fate)(byte_next() % FATES);
	bool arrives;

	rte_mbuf_sanity_check(sent_pkt, 1);
	rte_pktmbuf_free(sent_pkt);
	if (pkt == NULL)
		return;
	ends[from].seq = be32_load(rte_pktmbuf_mtod_offset(pkt, uint8_t *, pkt->l3_len + 4));
	wire_checksum_set(pkt);
	wire_old_keep(&wire, 1 - from, pkt);
	arrives = fate != LOST && fate != SPOILED;
	if (!arrives && ++lost_in_row > LOST_MAX)
		fate = ARRIVES;
	if (fate == LOST) {
		rte_pktmbuf_free(pkt);
		return;
	}
	if (fate != SPOILED)
		lost_in_row = 0;
	if (!wire_act(from, pkt, fate))
		wire_add(&wire, 1 - from, pkt, 0);
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

	while (end->conn != NULL && end->sent < end->to_send) {
		uint32_t length = (uint32_t)RTE_MIN(end->to_send - end->sent, (uint64_t)CHUNK);
		int64_t n;

		for (uint32_t i = 0; i < length; i++)
			bytes[i] = pattern(e, end->sent + i);
		n = tcp_send(end->core, end->conn, bytes, length);
		if (n <= 0)
			return;
		end->sent += (uint64_t)n;
	}
	if (end->conn != NULL)
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
		for (int64_t i = 0; i < n && !forged; i++)
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
	}
	/* When nothing more happens to segments, nobody keeps anything waiting either; nor at the end. */
	if (input_left == 0 || end->closed)
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
	if (end->conn != NULL)
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
	fuzz_check(forged, "it does not come to an end");
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
	wire.delay_ns = setup[7] % 64U * MS_NS;
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

		gave_up |= stats[TCP_STAT_timeout_drops] + stats[TCP_STAT_half_open_timeouts] > 0;
	}
	return gave_up;
}

static void
end(void)
{
	for (unsigned e = 0; e < 2; e++) {
		fuzz_check(forged || meddled || somebody_gave_up() ||
				(ends[e].conn == NULL && ends[e].received == ends[1 - e].to_send),
			"not all has arrived");
		if (ends[e].conn != NULL)
			tcp_abort(ends[e].core, ends[e].conn);
		ends[e].conn = NULL;
		ends[e].closed = true;
	}
	tcp_unlisten(ends[SERVER].core, listener);
	listener = NULL;
	forged = true;
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
	forged = meddled = false;
	lost_in_row = 0;
	start(data);
	input = data + SETUP_BYTES;
	input_left = size - SETUP_BYTES;
	run();
	end();
	return 0;
}
