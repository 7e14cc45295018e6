/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A worker under floods of SCTP packets, while 100 associations send to it over a link of 10 Gbit/s, and new
 * ones come: flood.h says how. Once with a port that knows SCTP's checksum, once with one that does not.
 * sctp_flood [EAL options] [-- ROUNDS [NANOSECONDS OF A PACKET]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_random.h>

#include "base/counter.h"
#include "flood.h"
#include "sctp_peers.h"
#include "wire/endian.h"

#define STREAMS    100
#define WINDOW     32 /* packets of a stream that are not acknowledged */
#define DATA       1448
#define NEW_ASSOCS 1000 /* places for associations that come beside */
#define BACKLOG    128
#define ADDR_FLOOD 0xac100000U
#define PER_S      500e3
#define COOKIE_MAX 1024
/* Of the peer whose cookie is too old before the floods begin. */
#define EXPIRED    (STREAMS + NEW_ASSOCS)
#define EXPIRED_NS 61000000000ULL

enum flood_index {
	FLOOD_NONE,
	FLOOD_INIT,
	FLOOD_INIT_ONE,
	FLOOD_INIT_ADDRS,
	FLOOD_INIT_AUTH,
	FLOOD_INIT6,
	FLOOD_INIT6_ADDRS,
	FLOOD_INIT_CLOSED,
	FLOOD_INIT_STREAM,
	FLOOD_COOKIE_FORGED,
	FLOOD_COOKIE_STALE,
	FLOOD_COOKIE_AGAIN,
	FLOOD_ABORT,
	FLOOD_SHUTDOWN,
	FLOOD_SHUTDOWN_ACK,
	FLOOD_HEARTBEAT,
	FLOOD_DATA,
	FLOOD_STREAM_ABORT,
	FLOOD_STREAM_DATA,
	FLOOD_COUNT
};

static const struct {
	uint8_t chunk;
	uint8_t addrs; /* parameters of an INIT */
	bool auth, ip6, closed_port, one_source, streams;
} floods[FLOOD_COUNT] = {
	[FLOOD_NONE] = { 0 },
	[FLOOD_INIT] = { SCTP_INIT },
	[FLOOD_INIT_ONE] = { SCTP_INIT, .one_source = true },
	[FLOOD_INIT_ADDRS] = { SCTP_INIT, .addrs = 64 },
	[FLOOD_INIT_AUTH] = { SCTP_INIT, .auth = true },
	[FLOOD_INIT6] = { SCTP_INIT, .ip6 = true },
	[FLOOD_INIT6_ADDRS] = { SCTP_INIT, .ip6 = true, .addrs = 64 },
	[FLOOD_INIT_CLOSED] = { SCTP_INIT, .closed_port = true },
	[FLOOD_INIT_STREAM] = { SCTP_INIT, .streams = true },
	[FLOOD_COOKIE_FORGED] = { SCTP_COOKIE_ECHO },
	[FLOOD_COOKIE_STALE] = { SCTP_COOKIE_ECHO },
	[FLOOD_COOKIE_AGAIN] = { SCTP_COOKIE_ECHO, .streams = true },
	[FLOOD_ABORT] = { SCTP_ABORT },
	[FLOOD_SHUTDOWN] = { SCTP_SHUTDOWN },
	[FLOOD_SHUTDOWN_ACK] = { SCTP_SHUTDOWN_ACK },
	[FLOOD_HEARTBEAT] = { SCTP_HEARTBEAT },
	[FLOOD_DATA] = { SCTP_DATA },
	[FLOOD_STREAM_ABORT] = { SCTP_ABORT, .streams = true },
	[FLOOD_STREAM_DATA] = { SCTP_DATA, .streams = true },
};

static const struct flood_kind kinds[FLOOD_COUNT] = {
	[FLOOD_NONE] = { "none", 0 },
	[FLOOD_INIT] = { "INIT", PER_S },
	[FLOOD_INIT_ONE] = { "INIT, of one address", PER_S },
	[FLOOD_INIT_ADDRS] = { "INIT, 64 addresses", PER_S },
	[FLOOD_INIT_AUTH] = { "INIT, all extensions", PER_S },
	[FLOOD_INIT6] = { "INIT, IPv6", PER_S },
	[FLOOD_INIT6_ADDRS] = { "INIT, IPv6, 64 addresses", PER_S },
	[FLOOD_INIT_CLOSED] = { "INIT, closed port", PER_S },
	[FLOOD_INIT_STREAM] = { "INIT, of the streams", PER_S },
	[FLOOD_COOKIE_FORGED] = { "COOKIE ECHO, forged", PER_S },
	[FLOOD_COOKIE_STALE] = { "COOKIE ECHO, too old", PER_S },
	[FLOOD_COOKIE_AGAIN] = { "COOKIE ECHO, the streams'", PER_S },
	[FLOOD_ABORT] = { "ABORT", PER_S },
	[FLOOD_SHUTDOWN] = { "SHUTDOWN", PER_S },
	[FLOOD_SHUTDOWN_ACK] = { "SHUTDOWN ACK", PER_S },
	[FLOOD_HEARTBEAT] = { "HEARTBEAT", PER_S },
	[FLOOD_DATA] = { "DATA", PER_S },
	[FLOOD_STREAM_ABORT] = { "ABORT, to the streams", PER_S },
	[FLOOD_STREAM_DATA] = { "DATA, to the streams", PER_S },
};

/* ---- cookies ---- */

struct cookie {
	uint32_t vtag;
	uint16_t length;
	uint8_t bytes[COOKIE_MAX];
};

static struct cookie cookies[STREAMS + 1]; /* of the streams; the last is too old */

static void
cookie_keep(struct sctp_peers *peers, uint32_t assoc, const struct sctp_init *init)
{
	struct cookie *cookie;

	if (assoc >= STREAMS && assoc != EXPIRED)
		return;
	cookie = &cookies[assoc == EXPIRED ? STREAMS : assoc];
	if (init->cookie_length > COOKIE_MAX)
		loop_die("sctp_flood: a cookie of %u bytes", init->cookie_length);
	cookie->vtag = init->initiate_tag;
	cookie->length = init->cookie_length;
	memcpy(cookie->bytes, init->cookie, init->cookie_length);
}

/* ---- the floods ---- */

/* Whence one is, and for whom. */
struct flood_packet {
	uint64_t random;
	uint32_t assoc; /* if it is of one */
	struct sctp_fields fields;
};

static void
auth_put(struct sctp_writer *writer, uint64_t random)
{
	static const uint8_t chunks[] = { SCTP_ASCONF, SCTP_ASCONF_ACK };
	static const uint8_t hmacs[] = { 0, 3, 0, 1 };
	const uint64_t secret[4] = { random };

	sctp_extensions_put(writer,
		SCTP_EXT_FORWARD_TSN | SCTP_EXT_AUTH | SCTP_EXT_ASCONF | SCTP_EXT_RE_CONFIG |
			SCTP_EXT_I_DATA | SCTP_EXT_I_FORWARD_TSN);
	sctp_param_put(writer, SCTP_PARAM_RANDOM, secret, sizeof(secret));
	sctp_param_put(writer, SCTP_PARAM_CHUNKS, chunks, sizeof(chunks));
	sctp_param_put(writer, SCTP_PARAM_HMAC_ALGO, hmacs, sizeof(hmacs));
}

static void
init_put(struct sctp_writer *writer, unsigned kind, uint64_t random)
{
	uint8_t addr[16] = { 0x20, 0x01, 0x0d, 0xb8 };

	sctp_put_u32(writer, (uint32_t)random | 1);
	sctp_put_u32(writer, 65536);
	sctp_put_u16(writer, 10);
	sctp_put_u16(writer, 2048);
	sctp_put_u32(writer, (uint32_t)(random >> 32));
	for (unsigned i = 0; i < floods[kind].addrs; i++) {
		be32_store(addr + 12, (uint32_t)random + i);
		if (floods[kind].ip6 && i % 2 == 0)
			sctp_param_put(writer, SCTP_PARAM_IP6, addr, sizeof(addr));
		else
			sctp_param_put(
				writer, SCTP_PARAM_IP4, (uint8_t[4]){ 10, 3, 3, (uint8_t)i }, 4);
	}
	if (floods[kind].auth)
		auth_put(writer, random);
}

static void
cookie_put(struct sctp_writer *writer, unsigned kind, struct flood_packet *packet)
{
	const struct cookie *cookie =
		&cookies[kind == FLOOD_COOKIE_STALE ? STREAMS : packet->assoc];
	uint32_t at = writer->used;

	sctp_put(writer, cookie->bytes, cookie->length);
	packet->fields.vtag = cookie->vtag;
	if (kind == FLOOD_COOKIE_STALE)
		packet->fields.src_port = sctp_peers_port(EXPIRED);
	if (kind == FLOOD_COOKIE_FORGED)
		writer->data[at + packet->random % cookie->length] ^= 1;
}

static void
chunk_put(struct sctp_writer *writer, unsigned kind, struct flood_packet *packet)
{
	static const uint8_t zeros[64];
	uint32_t place = sctp_chunk_begin(writer, floods[kind].chunk,
		floods[kind].chunk == SCTP_DATA ? SCTP_DATA_BEGIN | SCTP_DATA_END : 0);

	switch (floods[kind].chunk) {
	case SCTP_INIT:
		packet->fields.vtag = 0;
		init_put(writer, kind, packet->random);
		break;
	case SCTP_COOKIE_ECHO: cookie_put(writer, kind, packet); break;
	case SCTP_DATA: sctp_put(writer, zeros, sizeof(zeros)); break;
	case SCTP_SHUTDOWN: sctp_put(writer, zeros, 4); break;
	case SCTP_HEARTBEAT: sctp_param_put(writer, SCTP_PARAM_HEARTBEAT_INFO, zeros, 40); break;
	default: break;
	}
	sctp_chunk_end(writer, place);
}

static uint32_t
flood_frame(void *arg, unsigned kind, uint8_t *frame)
{
	const uint32_t front = floods[kind].ip6 ? LOOP_HEADERS6 : LOOP_HEADERS4;
	const struct sctp_peers *peers = arg;
	struct flood_packet packet = { .random = rte_rand() };
	struct sctp_writer writer = { .data = frame + front + SCTP_HDR_LENGTH, .room = 1440 };
	uint32_t addr = ADDR_FLOOD + (floods[kind].one_source ? 0 : packet.random & 0xfffff);
	uint8_t addr6[16] = { 0x20, 0x01, 0x0d, 0xb8, 1 };

	packet.assoc = (uint32_t)(packet.random % STREAMS);
	packet.fields = (struct sctp_fields){
		.src_port = (uint16_t)(packet.random >> 40 | 1),
		.dst_port = floods[kind].closed_port ? APP_PORT + 1 : APP_PORT,
		.vtag = (uint32_t)(packet.random >> 16) | 1,
	};
	if (floods[kind].streams) {
		addr = sctp_peers_addr(packet.assoc, 0);
		packet.fields.src_port = sctp_peers_port(packet.assoc);
	}
	chunk_put(&writer, kind, &packet);
	if (!floods[kind].ip6)
		return sctp_peers_frame4(peers, frame, addr, &packet.fields, writer.used);
	memcpy(addr6 + 8, &packet.random, sizeof(packet.random));
	return sctp_peers_frame6(peers, frame, addr6, &packet.fields, writer.used);
}

/* ---- the peers ---- */

static uint32_t
waiting(void *arg)
{
	return sctp_peers_waiting(arg);
}

static bool
stream_send(void *arg, uint32_t stream)
{
	struct sctp_peers *peers = arg;

	if (sctp_peers_in_flight(&peers->assocs[stream]) >= WINDOW)
		return false;
	sctp_peers_data(peers, stream, DATA);
	return true;
}

static void
conn_begin(void *arg, uint32_t assoc, uint32_t old)
{
	struct sctp_peers *peers = arg;

	if (peers->assocs[old].established)
		sctp_peers_control(peers, old, SCTP_ABORT);
	peers->assocs[old].established = false;
	sctp_peers_init(peers, assoc);
}

static bool
flood_more(struct sctp_peers *peers, uint8_t *frame, uint32_t *length)
{
	return flood_next(peers->more_arg, sctp_peers_waiting(peers), frame, length);
}

static void
check(void *arg)
{
	struct sctp_peers *peers = arg;
	struct sctp_counts counts;

	sctp_counts(peers->loop->worker->sctp, &counts);
	if (counts.assocs > STREAMS + NEW_ASSOCS || counts.paths > 2 * counts.assocs)
		loop_die("sctp_flood: %u associations, %u paths", counts.assocs, counts.paths);
	if (peers->aborts > 0)
		loop_die("sctp_flood: an association was aborted");
}

static const struct flood_ops ops = {
	.waiting = waiting,
	.stream_send = stream_send,
	.conn_begin = conn_begin,
	.frame = flood_frame,
	.check = check,
};

/* ---- the report ---- */

static void
stats_print(const struct sctp_peers *peers)
{
	const uint64_t *stats = sctp_stats(peers->loop->worker->sctp);

	printf("what SCTP counted:\n");
	for (unsigned i = 0; i < SCTP_STAT_COUNT; i++) {
		if (counter_read(&stats[i]) > 0)
			printf("  %-22s %12" PRIu64 "\n", sctp_stat_name(i),
				counter_read(&stats[i]));
	}
}

static void
settle(struct sctp_peers *peers)
{
	do {
		peers->loop->now_ns += 1000000;
		loop_poll(peers->loop);
	} while (sctp_peers_waiting(peers) > 0);
}

static void
streams_open(struct sctp_peers *peers)
{
	peers->cookie = cookie_keep;
	sctp_peers_init(peers, EXPIRED);
	settle(peers);
	sctp_peers_control(peers, EXPIRED, SCTP_ABORT);
	settle(peers);
	peers->loop->now_ns += EXPIRED_NS;
	for (uint32_t i = 0; i < STREAMS; i++)
		sctp_peers_init(peers, i);
	settle(peers);
	if (peers->established != STREAMS + 1)
		loop_die("sctp_flood: %" PRIu64 " streams", peers->established);
}

static void
run(bool checksums, unsigned rounds, unsigned packet_ns)
{
	struct sctp_peers *peers = sctp_peers_create(EXPIRED + 1, checksums,
		&(struct loop_config){ .sockets = 4096,
			.assocs = 4096,
			.mbufs = 65536,
			.app = &app_discard,
			.app_config = { SOCK_SCTP, BACKLOG, 0 } });
	struct flood flood = { .config = {
				       .ops = &ops,
				       .arg = peers,
				       .loop = peers->loop,
				       .kinds = kinds,
				       .kind_count = FLOOD_COUNT,
				       .streams = STREAMS,
				       .conns = NEW_ASSOCS,
				       .data_bytes = DATA,
				       /* With headers, FCS, preamble and gap. */
				       .frame_bytes = DATA + 16 + 12 + 20 + 14 + 24,
				       .window = WINDOW,
				       .link_bytes_s = 1.25e9,
				       .new_per_s = 2000,
				       .round_ns = 50000000,
				       .packet_ns = packet_ns,
				       .established = &peers->established,
				       .answers = &peers->answers,
			       } };

	printf("checksums by the %s; ", checksums ? "worker" : "port");
	peers->more_arg = &flood;
	streams_open(peers);
	peers->more = flood_more;
	flood_run(&flood, rounds);
	if (checksums)
		stats_print(peers);
	sctp_peers_destroy(peers);
}

int
main(int argc, char **argv)
{
	unsigned packet_ns, rounds = flood_arguments(argc, argv, "sctp_flood", &packet_ns);

	run(false, rounds, packet_ns);
	run(true, rounds, packet_ns);
	rte_eal_cleanup();
	return EXIT_SUCCESS;
}
