/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packets that peers make up, near what is expected, to associations of two workers in all their states,
 * by two paths, with users that send, read, shut down and close, while time passes. Whatever comes: each
 * packet has one end, what is sent is well-formed, the bounds hold, and when the users are gone and time
 * has passed nothing is left.
 *
 * An input is a row of steps, each of STEP_BYTES: what to do, to whom, and numbers; the chunks of a
 * packet follow it, each as type, flags, length, and so many bytes. In them what the peer would know is
 * filled in: its TSNs, ours, the cookie, the nonce of a heartbeat.
 */
#include "fuzz/fuzz.h"
#include "fuzz/pool.h"
#include "pkt/crc32c.h"
#include "sctp/sctp.h"
#include "wire/endian.h"
#include "wire/ip4.h"
#include "wire/ip6.h"
#include "wire/udp.h"

#define POOL_MBUFS   1023
#define ASSOCS       3
#define PORT         80
#define STEP_BYTES   6
#define STEPS_MAX    64
#define CHUNK_BYTES  3
#define PACKET_MAX   1400
#define SECOND_NS    1000000000ULL
#define RECEIVED_MAX 30000
#define FIRST_TSN    1000

enum { DO_PACKET, DO_TIME = 8, DO_SEND, DO_READ, DO_END, DO_CONNECT, DO_PATH, DO_COUNT };

/* A peer, and what it knows. */
struct peer {
	struct sctp_assoc *assoc; /* what we have of it */
	uint32_t vtag; /* ours */
	uint32_t tsn; /* its next */
	uint32_t cum; /* the last of ours that it has seen */
	uint8_t cookie[512], nonce[64];
	uint32_t cookie_length, nonce_length;
};

static struct rte_mempool *pool;
static struct sctp_ports *ports;
static struct sctp_core *cores[2];
static struct sctp_listener *listener;
static struct sctp_settings settings;
static struct peer peers[ASSOCS];
static struct pkt_vec in, send4, send6, handover, done, punts, drops;
static uint64_t now_ns;
static const struct sctp_out out = { .send4 = &send4,
	.send6 = &send6,
	.handover = &handover,
	.done = &done,
	.punts = &punts,
	.drops = &drops };

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	pool = fuzz_pool_create("sctp", POOL_MBUFS);
	sctp_settings_init(&settings);
	settings.receive_buffer = 10000;
	settings.send_buffer = 20000;
	settings.out_streams = settings.in_streams = 20;
	settings.extensions =
		SCTP_EXT_AUTH | SCTP_EXT_RE_CONFIG | SCTP_EXT_ECN | SCTP_EXT_ZERO_CHECKSUM;
	settings.udp_port = SCTP_ENCAPS_PORT;
	settings.reconfig = SCTP_RECONFIG_STREAMS | SCTP_RECONFIG_ASSOC | SCTP_RECONFIG_CHANGE;
	return 0;
}

static struct ip_addr
addr_of(uint8_t family, uint8_t last)
{
	struct ip_addr addr = { .family = family, .bytes = { 0x20, 0, 0 } };

	addr.bytes[family == IP_FAMILY_4 ? 3 : 15] = last;
	return addr;
}

static struct sctp_bind
bind_of(uint16_t port, uint8_t last)
{
	return (struct sctp_bind){ .addrs = { addr_of(IP_FAMILY_4, last),
					   addr_of(IP_FAMILY_6, last) },
		.addr_count = 2,
		.port = port };
}

/* The last one is begun here. */
static uint16_t
local_port(unsigned i)
{
	return i == ASSOCS - 1 ? 4000 : PORT;
}

/* ---- what we have sent tells the peer what is expected ---- */

static void
init_ack_note(struct peer *peer, const struct sctp_chunk *chunk)
{
	struct sctp_init init;

	fuzz_check(sctp_init_parse(chunk, &init) == 0, "a malformed INIT");
	peer->vtag = init.initiate_tag;
	peer->cum = init.initial_tsn - 1;
	if (init.cookie == NULL || init.cookie_length > sizeof(peer->cookie))
		return;
	memcpy(peer->cookie, init.cookie, init.cookie_length);
	peer->cookie_length = init.cookie_length;
}

static void
chunk_note(struct peer *peer, const struct sctp_chunk *chunk)
{
	struct sctp_data data;

	switch (chunk->type) {
	case SCTP_INIT:
	case SCTP_INIT_ACK: init_ack_note(peer, chunk); break;
	case SCTP_DATA:
		fuzz_check(sctp_data_parse(chunk, &data) == 0 && data.length > 0, "bad DATA");
		peer->cum = data.tsn;
		break;
	case SCTP_SACK:
		fuzz_check(chunk->length >= SCTP_SACK_LENGTH, "a short SACK");
		peer->tsn = be32_load(chunk->value) + 1;
		break;
	case SCTP_HEARTBEAT:
		peer->nonce_length = RTE_MIN(chunk->length, (uint32_t)sizeof(peer->nonce));
		memcpy(peer->nonce, chunk->value, peer->nonce_length);
		break;
	default: break;
	}
}

/* Of what is sent, where SCTP begins: RFC 6951 5.3. */
static uint32_t
sent_offset(const struct rte_mbuf *pkt)
{
	const uint8_t *l4 = rte_pktmbuf_mtod_offset(pkt, const uint8_t *, pkt->l3_len);

	if ((pkt->ol_flags & RTE_MBUF_F_TX_L4_MASK) != RTE_MBUF_F_TX_UDP_CKSUM)
		return pkt->l3_len;
	fuzz_check(be16_load(l4) == SCTP_ENCAPS_PORT && be16_load(l4 + 2) != 0 &&
			be16_load(l4 + 4) == pkt->pkt_len - pkt->l3_len,
		"a bad UDP header");
	return pkt->l3_len + (uint32_t)UDP_HDR_LENGTH;
}

static void
sent_note(const struct rte_mbuf *pkt)
{
	const uint32_t offset = sent_offset(pkt);
	const uint8_t *l4 = rte_pktmbuf_mtod_offset(pkt, const uint8_t *, offset);
	struct sctp_cursor cursor = { l4 + SCTP_HDR_LENGTH,
		pkt->pkt_len - offset - SCTP_HDR_LENGTH };
	unsigned i = be16_load(l4 + 2) - 5000U;
	struct sctp_chunk chunk;
	int ret;

	rte_mbuf_sanity_check(pkt, 1);
	fuzz_check(i < ASSOCS && cursor.left > 0, "a packet for nobody");
	while ((ret = sctp_chunk_next(&cursor, &chunk)) > 0)
		chunk_note(&peers[i], &chunk);
	fuzz_check(ret == 0, "a malformed packet");
}

static void
vecs_empty(void)
{
	struct pkt_vec *vecs[] = { &send4, &send6, &done, &punts, &drops };

	for (uint32_t i = 0; i < send4.count; i++)
		sent_note(send4.pkts[i]);
	for (uint32_t i = 0; i < send6.count; i++)
		sent_note(send6.pkts[i]);
	for (unsigned i = 0; i < RTE_DIM(vecs); i++) {
		rte_pktmbuf_free_bulk(vecs[i]->pkts, vecs[i]->count);
		vecs[i]->count = 0;
	}
}

/* ---- users ---- */

static void
user_events(struct sctp_core *core)
{
	struct sctp_event event;
	struct sctp_notice notice;
	struct sctp_assoc *assoc;
	struct sctp_info info;

	while (sctp_events(core, &event, 1) > 0) {
		if (event.assoc != NULL) {
			while (sctp_notice_take(core, event.assoc, &notice))
				;
			continue;
		}
		while ((assoc = sctp_accept(core, listener, NULL)) != NULL) {
			sctp_info(core, assoc, &info);
			fuzz_check(info.remote_port - 5000U < ASSOCS, "accepted from nowhere");
			if (peers[info.remote_port - 5000U].assoc != NULL)
				sctp_abort(core, assoc, "twice", 5);
			else
				peers[info.remote_port - 5000U].assoc = assoc;
		}
	}
}

static void
bounds_check(void)
{
	struct sctp_counts counts;

	sctp_counts(cores[0], &counts);
	fuzz_check(counts.received <= RECEIVED_MAX + PACKET_MAX, "more waits than may");
	fuzz_check(counts.assocs <= ASSOCS + 1 && counts.paths <= 16, "more than there may be");
}

static void
loop(void)
{
	for (unsigned i = 0; i < 2; i++) {
		sctp_now_set(cores[i], now_ns);
		user_events(cores[i]);
		sctp_timers(cores[i]);
		sctp_flush(cores[i], &out);
		vecs_empty();
	}
	bounds_check();
}

static void
user_end(struct peer *peer, uint16_t number)
{
	if (number % 4 == 0)
		sctp_abort(cores[0], peer->assoc, &number, sizeof(number));
	else if (number % 4 == 1)
		sctp_close(cores[0], peer->assoc);
	else if (number % 4 == 2)
		sctp_kill(cores[0], peer->assoc);
	else
		sctp_shutdown(cores[0], peer->assoc);
	if (number % 4 <= 1)
		peer->assoc = NULL;
}

static void
user_act(unsigned what, unsigned i, uint16_t number)
{
	static uint8_t bytes[8192];
	struct sctp_bind from = bind_of(local_port(i), 1), to = bind_of((uint16_t)(5000 + i), 2);
	const struct ip_addr path = addr_of(number % 2 == 0 ? IP_FAMILY_4 : IP_FAMILY_6, 2);
	struct sctp_message message = { .stream = number % 23, .flags = number >> 8 & 3 };
	struct peer *peer = &peers[i];

	if (what == DO_CONNECT && peer->assoc == NULL) {
		to.addr_count = 1 + number % 2;
		if (sctp_connect(cores[0], &from, &to, &settings, peer, &peer->assoc) != 0)
			peer->assoc = NULL;
	}
	if (peer->assoc == NULL)
		return;
	switch (what) {
	case DO_SEND:
		sctp_send(cores[0], peer->assoc, &message, bytes, number % sizeof(bytes));
		break;
	case DO_READ:
		sctp_recv(cores[0], peer->assoc, bytes, number % sizeof(bytes), &message);
		break;
	case DO_END: user_end(peer, number); break;
	case DO_PATH:
		if (number & 2)
			sctp_primary_set(cores[0], peer->assoc, &path);
		else
			sctp_heartbeat(cores[0], peer->assoc, &path);
		break;
	default: break;
	}
}

/* ---- the peer ---- */

/* What of a step's fourth byte says how its packet comes. */
enum {
	BY_TWO_BUFFERS = 1,
	BY_IP6 = 2,
	BY_OTHER_ADDR = 4,
	BY_UDP = 8,
	BY_MARK = 16,
	BY_NO_SUM = 32
};

static void
ip_header(struct rte_mbuf *pkt, uint8_t how, size_t length)
{
	const uint8_t family = how & BY_IP6 ? IP_FAMILY_6 : IP_FAMILY_4;
	const struct ip_addr from = addr_of(family, how & BY_OTHER_ADDR ? 3 : 2),
			     to = addr_of(family, 1);
	const uint8_t proto = how & BY_UDP ? IP_PROTO_UDP : IP_PROTO_SCTP;
	const uint8_t tos = how & BY_MARK ? 3 : 0;

	if (family == IP_FAMILY_6) {
		ip6_hdr_build((void *)rte_pktmbuf_append(pkt, IP6_HDR_LENGTH),
			&(struct ip6_build){ .src = from.bytes,
				.dst = to.bytes,
				.payload_length = (uint16_t)length,
				.traffic_class = tos,
				.next_header = proto,
				.hop_limit = 64 });
		pkt->l3_len = IP6_HDR_LENGTH;
	} else {
		struct ip4_build build = {
			.payload_length = (uint16_t)length, .proto = proto, .ttl = 64, .tos = tos
		};

		memcpy(&build.src_be, from.bytes, 4);
		memcpy(&build.dst_be, to.bytes, 4);
		ip4_hdr_build((void *)rte_pktmbuf_append(pkt, IP4_HDR_LENGTH), &build);
		pkt->l3_len = IP4_HDR_LENGTH;
	}
}

static struct rte_mbuf *
buffer_create(void)
{
	struct rte_mbuf *pkt = rte_pktmbuf_alloc(pool);

	fuzz_check(pkt != NULL, "a buffer was lost");
	pkt_meta_init(pkt, 0, 0);
	pkt->tx_offload = 0;
	return pkt;
}

/* In one buffer, or the last half of it in another. */
static struct rte_mbuf *
packet_create(const uint8_t *step, const uint8_t *l4, uint32_t length)
{
	struct rte_mbuf *pkt = buffer_create();
	uint32_t front = step[3] & BY_TWO_BUFFERS ? length / 2 : length;
	uint32_t udp_length = step[3] & BY_UDP ? UDP_HDR_LENGTH : 0;

	ip_header(pkt, step[3], udp_length + length);
	/* As UDP has checked it: in one piece, and to our port. */
	if (udp_length > 0)
		udp_build(rte_pktmbuf_append(pkt, (uint16_t)udp_length),
			&(struct udp){ .src_port = step[5],
				.dst_port = SCTP_ENCAPS_PORT,
				.length = (uint16_t)(udp_length + length) });
	memcpy(rte_pktmbuf_append(pkt, (uint16_t)front), l4, front);
	if (front < length) {
		struct rte_mbuf *rest = buffer_create();

		memcpy(rte_pktmbuf_append(rest, (uint16_t)(length - front)), l4 + front,
			length - front);
		fuzz_check(rte_pktmbuf_chain(pkt, rest) == 0, "not chained");
	}
	return pkt;
}

/* By either worker: what the second does not know it hands over, and that ends there. */
static void
worker_input(unsigned worker, struct rte_mbuf *pkt, bool udp)
{
	in.count = 0;
	pkt_vec_append(&in, pkt);
	if (udp)
		sctp_encaps_input(cores[worker], &in, &out);
	else
		sctp_input(cores[worker], &in, &out);
	if (handover.count > 0) {
		in = handover;
		handover.count = 0;
		fuzz_check(pkt_meta(in.pkts[0])->worker == 1 - worker &&
				pkt_meta(in.pkts[0])->reason ==
					(udp ? HANDOVER_SCTP_ENCAPSULATED : HANDOVER_SCTP),
			"handed over to whom?");
		if (udp)
			sctp_encaps_input_handed(cores[1 - worker], &in, &out);
		else
			sctp_input_handed(cores[1 - worker], &in, &out);
		fuzz_check(handover.count == 0, "handed over twice");
	}
	fuzz_check(send4.count + send6.count <= 1, "more answers than packets");
	vecs_empty();
}

/* A byte moves a number a little, or anywhere. */
static uint32_t
moved(uint32_t number, uint8_t by)
{
	return by < 240 ? number + by % 16 - (by >= 128 ? 4U : 0)
			: number + (by & 15U) * 1000 - 7000;
}

/* What the peer knows goes where it belongs. @return the chunk's bytes of value */
static uint32_t
chunk_fill(struct peer *peer, uint8_t type, uint8_t *value, uint32_t length)
{
	const uint8_t by = value[0];

	switch (type) {
	case SCTP_INIT:
	case SCTP_INIT_ACK:
		be32_store(value, 0x7000 + (uint32_t)(peer - peers) + (by > 250));
		be32_store(value + 4, by % 8 == 7 ? 1000 : 20000);
		be16_store(value + 8, by % 64);
		be16_store(value + 10, value[1]);
		be32_store(value + 12, FIRST_TSN);
		peer->tsn = FIRST_TSN;
		return RTE_MAX(length, by == 0 ? 0 : SCTP_INIT_LENGTH);
	case SCTP_DATA: be32_store(value, moved(peer->tsn, by)); return length;
	case SCTP_SACK:
		be32_store(value, moved(peer->cum, by));
		be32_store(value + 4, value[4] * 100U);
		return length;
	case SCTP_ECNE:
	case SCTP_CWR:
	case SCTP_SHUTDOWN: be32_store(value, moved(peer->cum, by)); return length;
	case SCTP_COOKIE_ECHO:
		memcpy(value, peer->cookie, peer->cookie_length);
		value[RTE_MAX(peer->cookie_length, 1U) - 1] ^= by > 250;
		return peer->cookie_length;
	case SCTP_HEARTBEAT_ACK:
		memcpy(value, peer->nonce, peer->nonce_length);
		return peer->nonce_length;
	default: return length;
	}
}

/* @return bytes of the input that were used beside the step */
static size_t
packet_step(const uint8_t *step, unsigned i, const uint8_t *data, size_t size)
{
	uint8_t l4[PACKET_MAX] = { 0 }, value[1024];
	struct sctp_writer writer = { .data = l4, .used = SCTP_HDR_LENGTH, .room = sizeof(l4) };
	struct peer *peer = &peers[i];
	const uint32_t vtags[] = { peer->vtag, peer->vtag, peer->vtag, 0, 0x7000 + i, step[5] };
	uint32_t length, crc;
	size_t used = 0;

	for (unsigned count = 1 + step[4] % 4; count > 0 && size - used >= CHUNK_BYTES; count--) {
		const uint8_t *header = data + used;
		uint32_t place = sctp_chunk_begin(&writer, header[0], header[1]);

		length = (uint32_t)RTE_MIN(header[2] % 128U, size - used - CHUNK_BYTES);
		memset(value, 0, sizeof(value));
		memcpy(value, header + CHUNK_BYTES, length);
		used += CHUNK_BYTES + length;
		length = chunk_fill(peer, header[0], value, length);
		sctp_put(&writer, value, length);
		sctp_chunk_end(&writer, place);
		/* Lengths that lie. */
		if (header[2] >= 248 && !writer.full)
			be16_store(l4 + place + 2, (uint16_t)(length + header[2] - 248));
	}
	if (writer.full || writer.used < SCTP_HDR_LENGTH + SCTP_CHUNK_HDR_LENGTH)
		return used;
	sctp_hdr_build(l4,
		&(struct sctp_fields){ (uint16_t)(5000 + i), local_port(i),
			l4[SCTP_HDR_LENGTH] == SCTP_INIT && step[2] < 200
				? 0
				: vtags[step[2] % RTE_DIM(vtags)] });
	length = writer.used - step[5] % 4;
	crc = crc32c_finish(crc32c_add(CRC32C_INIT, l4, length));
	if (!(step[3] & BY_NO_SUM))
		memcpy(l4 + SCTP_CHECKSUM_FIELD, &crc, sizeof(crc));
	worker_input(step[3] >> 7, packet_create(step, l4, length), step[3] & BY_UDP);
	return used;
}

/* ---- an input ---- */

static void
start(void)
{
	const struct sctp_bind bind = bind_of(PORT, 1);
	struct sctp_config config;

	ports = sctp_ports_create();
	fuzz_check(ports != NULL, "no memory");
	sctp_config_init(&config);
	config.pool = pool;
	config.socket_id = -1;
	config.ports = ports;
	config.worker_count = 2;
	config.assocs_max = ASSOCS + 1;
	config.paths_max = 16;
	config.chunks_max = 64;
	config.stream_blocks_max = 4;
	config.notices_max = 16;
	config.auths_max = config.reconfigs_max = ASSOCS + 1;
	config.auth_keys_max = config.asconfs_max = ASSOCS + 1;
	config.received_max = RECEIVED_MAX;
	config.listeners_max = 1;
	config.secret.words[0] = PORT;
	now_ns = SECOND_NS;
	for (config.worker = 0; config.worker < 2; config.worker++) {
		fuzz_check(
			sctp_core_create(&config, now_ns, &cores[config.worker]) == 0, "no core");
		sctp_defaults_set(cores[config.worker], &settings);
	}
	fuzz_check(sctp_listen(cores[0], &bind, &settings, 2, NULL, &listener) == 0, "no listener");
	memset(peers, 0, sizeof(peers));
}

/* Users go, and time: nothing is left. */
static void
end(void)
{
	struct sctp_counts counts;

	sctp_unlisten(cores[0], listener);
	for (unsigned i = 0; i < ASSOCS; i++) {
		if (peers[i].assoc != NULL)
			sctp_close(cores[0], peers[i].assoc);
	}
	for (unsigned i = 0; i < 10000 && sctp_next_ns(cores[0]) != UINT64_MAX; i++) {
		now_ns = RTE_MAX(now_ns, sctp_next_ns(cores[0]));
		loop();
	}
	sctp_counts(cores[0], &counts);
	fuzz_check(counts.assocs + counts.paths + counts.chunks + counts.stream_blocks +
				counts.notices + counts.received + counts.listeners + counts.auths +
				counts.auth_keys + counts.reconfigs + counts.gap_maps ==
			0,
		"something is left");
	for (unsigned i = 0; i < 2; i++) {
		fuzz_check(sctp_next_ns(cores[i]) == UINT64_MAX, "something is never over");
		sctp_core_destroy(cores[i]);
	}
	sctp_ports_destroy(ports);
	fuzz_check(rte_mempool_in_use_count(pool) == 0, "a buffer was lost");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	start();
	for (unsigned steps = 0; size >= STEP_BYTES && steps < STEPS_MAX; steps++) {
		const uint8_t *step = data;
		unsigned what = step[0] % DO_COUNT, i = step[1] % ASSOCS;

		data += STEP_BYTES;
		size -= STEP_BYTES;
		if (what < DO_TIME) {
			size_t used = packet_step(step, i, data, size);

			data += used;
			size -= used;
		} else if (what == DO_TIME) {
			now_ns += (uint64_t)be32_load(step + 2) * 1000;
		} else {
			user_act(what, i, be16_load(step + 2));
		}
		loop();
	}
	end();
	return 0;
}
