/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whole associations between two SCTPs with two or three paths, over a wire that does as the input says
 * to each packet: lose it, repeat it, hold it back, change it (and authenticate what it then says), bring
 * an old one again, or cut its path; while users send messages both ways, reset streams, change
 * addresses and keys, begin again, pause, and perhaps give up. Messages arrive whole, once, and in the
 * order of their streams, and all of them that are not to be given up, unless somebody forged a packet;
 * whatever happens, the bounds hold, and in the end nothing is left.
 *
 * An input is SETUP_BYTES of what the ends are like, and then what becomes of packets: see wire.h. What
 * users do is in sctp_users.c.
 */
#include "fuzz/fuzz.h"
#include "fuzz/pool.h"
#include "fuzz/sctp_users.h"
#include "sctp/sctp_auth.h"
#include "wire/endian.h"
#include "wire/icmp.h"
#include "wire/ip4.h"
#include "wire/udp.h"

#define POOL_MBUFS 4095
#define STEPS_MAX  20000
#define SECOND_NS  1000000000ULL
/* Steps at one time; and time that suffices for all that there is to do. */
#define STEPS_AT_ONCE 2000
#define TIME_MAX_NS   (20000 * SECOND_NS)
#define RECEIVED_MAX  100000
#define AUTH_FIXED    8U /* of an AUTH chunk, before its digest */

struct sctp_pair pair;
static bool cut[PATHS]; /* by the path's number */
static bool late; /* its end was not awaited */
static struct pkt_vec in, send4, send6, done, punts, drops, handover;
static const struct sctp_out out = { .send4 = &send4,
	.send6 = &send6,
	.handover = &handover,
	.done = &done,
	.punts = &punts,
	.drops = &drops };

/* ---- packets ---- */

static unsigned
path_of(const struct rte_mbuf *pkt)
{
	return pkt->l3_len == IP4_HDR_LENGTH ? rte_pktmbuf_mtod(pkt, const uint8_t *)[14] : 1;
}

/* A forged packet may have spoken of another. */
static bool
is_for(const struct rte_mbuf *pkt, unsigned e)
{
	const uint8_t *ip = rte_pktmbuf_mtod(pkt, const uint8_t *);
	const bool four = pkt->l3_len == IP4_HDR_LENGTH;
	const struct ip_addr dst = four ? ip_addr_from4(ip + 16) : ip_addr_from6(ip + 24);
	bool is = false;

	for (unsigned path = 0; path < PATHS; path++) {
		const struct ip_addr addr = addr_of(e, path);

		is |= ip_addr_equal(&dst, &addr);
	}
	return is;
}

/* Where SCTP begins. */
static uint32_t
sctp_offset(const struct rte_mbuf *pkt)
{
	const uint8_t *ip = rte_pktmbuf_mtod(pkt, const uint8_t *);
	const uint8_t proto = pkt->l3_len == IP4_HDR_LENGTH ? ip[9] : ip[6];

	return pkt->l3_len + (proto == IP_PROTO_UDP ? (uint32_t)UDP_HDR_LENGTH : 0);
}

/* What an AUTH chunk says of the chunks behind it is right again: RFC 4895 6.2. */
static void
chunks_authenticate(const struct sctp_auth *auth, uint8_t *chunks, uint32_t length)
{
	static const uint8_t zeros[HMAC_LENGTH_MAX];
	struct sctp_cursor cursor = { chunks, length };
	struct sctp_chunk chunk;

	while (sctp_chunk_next(&cursor, &chunk) > 0) {
		uint8_t *at = chunks + (chunk.value - SCTP_CHUNK_HDR_LENGTH - chunks);
		const uint32_t front = AUTH_FIXED + hmac_length((enum hmac_hash)auth->hash);
		const struct sctp_auth_key *key;

		if (chunk.type != SCTP_AUTH || chunk.length != front - SCTP_CHUNK_HDR_LENGTH)
			continue;
		key = sctp_auth_key_find(&auth->keys, be16_load(chunk.value));
		if (key != NULL)
			hmac((enum hmac_hash)auth->hash, key->secrets[auth->hash],
				hmac_length((enum hmac_hash)auth->hash),
				(const struct hmac_part[]){ { at, AUTH_FIXED },
					{ zeros, front - AUTH_FIXED },
					{ at + front, (size_t)(chunks + length - at) - front } },
				3, at + AUTH_FIXED);
		return;
	}
}

static void
packet_seal(unsigned from, struct rte_mbuf *pkt)
{
	const uint32_t offset = sctp_offset(pkt);
	uint8_t *header = rte_pktmbuf_mtod_offset(pkt, uint8_t *, offset);
	const struct sctp_assoc *assoc = pair.ends[from].assoc;
	uint32_t crc = 0;

	if (pkt->pkt_len < offset + SCTP_HDR_LENGTH)
		return;
	if (assoc != NULL && assoc->auth != NULL)
		chunks_authenticate(assoc->auth, header + SCTP_HDR_LENGTH,
			pkt->pkt_len - offset - SCTP_HDR_LENGTH);
	memcpy(header + SCTP_CHECKSUM_FIELD, &crc, sizeof(crc));
	crc = pkt_crc32c(pkt, offset, pkt->pkt_len - offset);
	memcpy(header + SCTP_CHECKSUM_FIELD, &crc, sizeof(crc));
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	pair.wire.pool = fuzz_pool_create("sctp", POOL_MBUFS);
	pair.wire.seal = packet_seal;
	return 0;
}

/* ---- the wire ---- */

enum fate {
	TOO_BIG = WIRE_FATE_USER, /* and an ICMP error says so */
	USER,
	CUT, /* its path, or no more */
};

static void
used_free(void)
{
	struct pkt_vec *vecs[] = { &done, &punts, &drops };

	for (unsigned i = 0; i < RTE_DIM(vecs); i++) {
		rte_pktmbuf_free_bulk(vecs[i]->pkts, vecs[i]->count);
		vecs[i]->count = 0;
	}
}

/* By a router, about a packet of IPv4. */
static void
too_big(unsigned from, const uint8_t *quoted, uint16_t mtu)
{
	const struct ip_addr to = addr_of(from, quoted[14]);
	struct ip4_build build = { .payload_length = ICMP_HDR_LENGTH + IP4_HDR_LENGTH + 16,
		.proto = IP_PROTO_ICMP,
		.ttl = 64 };
	struct rte_mbuf *pkt = rte_pktmbuf_alloc(pair.wire.pool);
	uint8_t *icmp;

	if (pkt == NULL)
		return;
	pkt_meta_init(pkt, 1, 0);
	memcpy(&build.src_be, to.bytes, 4);
	memcpy(&build.dst_be, to.bytes, 4);
	ip4_hdr_build((void *)rte_pktmbuf_append(pkt, IP4_HDR_LENGTH), &build);
	pkt->l3_len = IP4_HDR_LENGTH;
	icmp = (uint8_t *)rte_pktmbuf_append(pkt, build.payload_length);
	memset(icmp, 0, ICMP_HDR_LENGTH);
	icmp[0] = ICMP4_UNREACHABLE;
	icmp[1] = ICMP4_FRAGMENTATION_NEEDED;
	be16_store(icmp + 6, mtu);
	memcpy(icmp + ICMP_HDR_LENGTH, quoted, IP4_HDR_LENGTH + 16);
	in.count = 0;
	pkt_vec_append(&in, pkt);
	sctp_error_input(pair.ends[from].core, &in, &out);
	used_free();
}

static void
packet_sent(unsigned from, struct rte_mbuf *pkt)
{
	const unsigned path = path_of(pkt);
	uint8_t quoted[IP4_HDR_LENGTH + 16] = { 0 }, what;

	fuzz_check(path < PATHS, "a path that there is not");
	if ((cut[path] && pair.wire.input_left > 0) || !is_for(pkt, 1 - from)) {
		rte_pktmbuf_free(pkt);
		return;
	}
	pkt_copy_out(pkt, 0, sizeof(quoted), quoted);
	switch ((enum fate)wire_send(&pair.wire, from, pkt)) {
	case TOO_BIG:
		what = wire_byte(&pair.wire);
		if (path != 1)
			too_big(from, quoted, (uint16_t)(500 + what * 4U));
		break;
	case USER:
		what = wire_byte(&pair.wire);
		user_act(what, wire_byte(&pair.wire));
		break;
	case CUT: cut[path] = !cut[path]; break;
	default: break;
	}
}

static void
vecs_empty(unsigned from)
{
	fuzz_check(handover.count == 0, "handed over to whom?");
	for (uint32_t i = 0; i < send4.count; i++)
		packet_sent(from, send4.pkts[i]);
	for (uint32_t i = 0; i < send6.count; i++)
		packet_sent(from, send6.pkts[i]);
	send4.count = send6.count = 0;
	used_free();
}

/* ---- time ---- */

static void
bounds_check(const struct sctp_core *core)
{
	struct sctp_counts counts;

	sctp_counts(core, &counts);
	fuzz_check(counts.received <= RECEIVED_MAX + 1500, "more waits than may");
	fuzz_check(counts.chunks <= pair.config.chunks_max &&
			counts.assocs <= pair.config.assocs_max &&
			counts.paths <= pair.config.paths_max &&
			counts.notices <= pair.config.notices_max,
		"more than there may be");
}

static void
input_take(unsigned e)
{
	static struct pkt_vec plain, encapsulated;

	plain.count = encapsulated.count = 0;
	wire_take(&pair.wire, e, &in);
	for (uint32_t i = 0; i < in.count; i++)
		pkt_vec_append(
			sctp_offset(in.pkts[i]) > in.pkts[i]->l3_len ? &encapsulated : &plain,
			in.pkts[i]);
	sctp_input(pair.ends[e].core, &plain, &out);
	sctp_encaps_input(pair.ends[e].core, &encapsulated, &out);
}

static void
end_poll(unsigned e)
{
	sctp_now_set(pair.ends[e].core, pair.wire.now_ns);
	input_take(e);
	vecs_empty(e);
	users_act(e);
	sctp_timers(pair.ends[e].core);
	users_act(e);
	sctp_flush(pair.ends[e].core, &out);
	vecs_empty(e);
	bounds_check(pair.ends[e].core);
}

static uint64_t
next_ns(void)
{
	uint64_t next = RTE_MIN(sctp_next_ns(pair.ends[0].core), sctp_next_ns(pair.ends[1].core));

	return RTE_MIN(next, wire_next_ns(&pair.wire));
}

static void
run(void)
{
	const uint64_t end_ns = pair.wire.now_ns + TIME_MAX_NS;
	unsigned at_once = 0;

	for (unsigned steps = 0; steps < STEPS_MAX && pair.wire.now_ns < end_ns; steps++) {
		uint64_t next;

		end_poll(CLIENT);
		end_poll(SERVER);
		next = next_ns();
		if (next == UINT64_MAX)
			return;
		at_once = next > pair.wire.now_ns ? 0 : at_once + 1;
		fuzz_check(at_once < STEPS_AT_ONCE, "there is always something to do at once");
		pair.wire.now_ns = RTE_MAX(pair.wire.now_ns, next);
	}
	fuzz_check(pair.wire.forged || pair.meddled || pair.wire.now_ns < end_ns,
		"it does not come to an end");
	late = true;
}

/* ---- an input ---- */

static void
config_set(void)
{
	sctp_config_init(&pair.config);
	pair.config.pool = pair.wire.pool;
	pair.config.socket_id = -1;
	pair.config.assocs_max = 4;
	pair.config.paths_max = 16;
	pair.config.chunks_max = 64 + pair.setup[8] * 4U;
	pair.config.stream_blocks_max = 8;
	pair.config.notices_max = 32;
	pair.config.listeners_max = 1;
	pair.config.received_max = RECEIVED_MAX;
	pair.config.auths_max = pair.config.auth_keys_max = pair.config.asconfs_max =
		pair.config.reconfigs_max = 4;
	pair.config.secret.words[0] = PORT;
}

static void
settings_set(void)
{
	sctp_settings_init(&pair.settings);
	pair.settings.extensions = (uint16_t)(pair.setup[1] ^ 0xff);
	pair.settings.reconfig = SCTP_RECONFIG_STREAMS | SCTP_RECONFIG_ASSOC | SCTP_RECONFIG_CHANGE;
	pair.settings.mtu = 576 + pair.setup[2] * 4U;
	pair.settings.receive_buffer = 4000 + pair.setup[3] * 200U;
	pair.settings.send_buffer = 2000 + pair.setup[4] * 200U;
	pair.settings.out_streams = pair.settings.in_streams = STREAMS;
	pair.settings.scheduler = pair.setup[6] % SCTP_SCHED_COUNT;
	pair.settings.pmtu_probing = (pair.setup[6] & 32) != 0;
	pair.settings.cc = pair.setup[6] & 64 ? cc_get(0) : pair.settings.cc;
	pair.settings.nodelay = (pair.setup[10] & 2) != 0;
	pair.settings.interleave = (pair.setup[10] & 4) != 0;
	pair.settings.pf_retries = pair.setup[10] & 8 ? 0 : pair.settings.pf_retries;
	pair.settings.partial_point = pair.setup[10] & 16 ? 500 : 0;
	pair.settings.udp_port = SCTP_ENCAPS_PORT;
	pair.settings.encaps_port = pair.setup[10] & 32 ? SCTP_ENCAPS_PORT : 0;
	pair.settings.heartbeat_interval_ms = pair.setup[10] & 64 ? 1000 : 30000;
	pair.settings.auth_chunk_count = pair.setup[10] & 128 ? 1 : 0;
	pair.settings.auth_chunks[0] = SCTP_DATA;
}

static void
start(void)
{
	config_set();
	settings_set();
	pair.wire.now_ns = 1000 * SECOND_NS;
	pair.wire.delay_ns = pair.setup[7] % 64U * WIRE_MS_NS;
	memset(pair.ends, 0, sizeof(pair.ends));
	memset(cut, 0, sizeof(cut));
	pair.meddled = pair.gave_up = late = false;
	for (unsigned e = 0; e < 2; e++) {
		pair.config.secret.words[1] = e;
		memset(pair.ends[e].last, 0xff, sizeof(pair.ends[e].last));
		core_create(e);
	}
	pair.ends[CLIENT].to_send = pair.setup[5] % MESSAGES_MAX;
	pair.ends[SERVER].to_send = pair.setup[5] * 3U % MESSAGES_MAX;
	user_connect(CLIENT);
	/* At the same time: RFC 9260 5.2.1. */
	if (pair.setup[0] & 2)
		user_connect(SERVER);
}

static void
all_arrived_check(unsigned e)
{
	for (unsigned i = 0; i < pair.ends[1 - e].to_send; i++)
		fuzz_check(pair.ends[e].seen[i] || message_of(i).pr_policy != SCTP_PR_DEFAULT,
			"not all has arrived");
}

static void
nothing_left_check(const struct sctp_core *core)
{
	struct sctp_counts counts;

	sctp_counts(core, &counts);
	fuzz_check(counts.assocs + counts.paths + counts.chunks + counts.stream_blocks +
				counts.notices + counts.received + counts.listeners + counts.auths +
				counts.auth_keys + counts.reconfigs + counts.asconfs +
				counts.gap_maps + counts.sent_blocks ==
			0,
		"something is left");
	fuzz_check(sctp_next_ns(core) == UINT64_MAX, "something is never over");
}

static void
end(void)
{
	for (unsigned e = 0; e < 2; e++) {
		if (!pair.wire.forged && !pair.meddled && !pair.gave_up && !late)
			all_arrived_check(e);
		if (pair.ends[e].assoc != NULL)
			sctp_abort(pair.ends[e].core, pair.ends[e].assoc, NULL, 0);
		pair.ends[e].assoc = NULL;
		pair.ends[e].closed = true;
	}
	sctp_unlisten(pair.ends[SERVER].core, pair.ends[SERVER].listener);
	pair.ends[SERVER].listener = NULL;
	pair.wire.forged = true;
	run();
	wire_clear(&pair.wire);
	for (unsigned e = 0; e < 2; e++) {
		nothing_left_check(pair.ends[e].core);
		sctp_core_destroy(pair.ends[e].core);
	}
	fuzz_check(rte_mempool_in_use_count(pair.wire.pool) == 0, "a buffer was lost");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < SETUP_BYTES)
		return 0;
	memcpy(pair.setup, data, SETUP_BYTES);
	pair.wire.input = data + SETUP_BYTES;
	pair.wire.input_left = size - SETUP_BYTES;
	start();
	run();
	end();
	return 0;
}
