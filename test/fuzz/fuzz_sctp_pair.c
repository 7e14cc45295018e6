/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whole associations between two SCTPs with two or three paths, over a wire that does as the input says
 * to each packet: lose it, repeat it, hold it back, change it (and authenticate what it then says), bring
 * an old one again, or cut its path; while users send messages both ways, reset streams, change
 * addresses and keys, begin again, pause, and perhaps give up. Messages arrive whole, once, and in the
 * order of their streams, and all of them that are not to be given up, unless somebody forged a packet;
 * whatever happens, the bounds hold, and in the end nothing is left.
 *
 * An input is SETUP_BYTES of what the ends are like, and then what becomes of packets: see wire.h.
 */
#include "fuzz/fuzz.h"
#include "fuzz/pool.h"
#include "fuzz/wire.h"
#include "sctp/sctp_assoc.h"
#include "sctp/sctp_auth.h"
#include "wire/endian.h"
#include "wire/icmp.h"
#include "wire/ip4.h"
#include "wire/udp.h"

#define POOL_MBUFS  4095
#define SETUP_BYTES 12
#define STEPS_MAX   20000
#define SECOND_NS   1000000000ULL
/* Steps at one time; and time that suffices for all that there is to do. */
#define STEPS_AT_ONCE 2000
#define TIME_MAX_NS   (20000 * SECOND_NS)
#define PORT          80
#define PATHS         3U
#define STREAMS       6U
#define MESSAGES_MAX  64U
#define LENGTH_MAX    5000U
#define RECEIVED_MAX  100000
#define AUTH_FIXED    8U /* of an AUTH chunk, before its digest */

enum { CLIENT, SERVER };

/* Of a message, to say which it is: the first bytes of each. */
struct label {
	uint32_t number, length;
};

/* What comes of a message is kept until its end is there. */
struct part {
	uint32_t length;
	uint8_t bytes[LENGTH_MAX];
};

struct end {
	struct sctp_core *core;
	struct sctp_listener *listener;
	struct sctp_assoc *assoc; /* NULL: none, or closed */
	unsigned to_send, sent, received;
	bool seen[MESSAGES_MAX]; /* of the other's messages */
	int64_t last[STREAMS]; /* the last ordered one of each stream */
	struct part parts[STREAMS][2];
	bool paused, full, closed, shut; /* full: it waits to be writable */
};

static struct wire wire;
static struct sctp_config config;
static struct sctp_settings settings;
static struct end ends[2];
static uint8_t setup[SETUP_BYTES];
static bool cut[PATHS]; /* by the path's number */
static bool late; /* its end was not awaited */
static bool gave_up; /* an end, waiting for the other */
static bool meddled; /* a user did not wait for the end, or began again */
static struct pkt_vec in, send4, send6, done, punts, drops, handover;
static const struct sctp_out out = { .send4 = &send4,
	.send6 = &send6,
	.handover = &handover,
	.done = &done,
	.punts = &punts,
	.drops = &drops };

/* ---- packets ---- */

/* Path 1 is IPv6's. */
static struct ip_addr
addr_of(unsigned e, unsigned path)
{
	struct ip_addr addr = { .family = path == 1 ? IP_FAMILY_6 : IP_FAMILY_4,
		.bytes = { 0x20, 0, (uint8_t)path } };

	addr.bytes[addr.family == IP_FAMILY_4 ? 3 : 15] = (uint8_t)(1 + e);
	return addr;
}

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
	const struct sctp_assoc *assoc = ends[from].assoc;
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
	wire.pool = fuzz_pool_create("sctp", POOL_MBUFS);
	wire.seal = packet_seal;
	return 0;
}

/* ---- an end begins ---- */

static struct sctp_bind
bind_of(unsigned e)
{
	return (struct sctp_bind){ .addrs = { addr_of(e, 0), addr_of(e, 1) },
		.addr_count = setup[0] & 1 ? 1 : 2,
		.port = e == CLIENT ? 4000 : PORT };
}

static void
core_create(unsigned e)
{
	fuzz_check(sctp_core_create(&config, wire.now_ns, &ends[e].core) == 0, "no core");
	sctp_defaults_set(ends[e].core, &settings);
	if (e == SERVER) {
		const struct sctp_bind bind = bind_of(e);

		fuzz_check(sctp_listen(
				   ends[e].core, &bind, &settings, 2, NULL, &ends[e].listener) == 0,
			"no listener");
	}
}

static void
user_connect(unsigned e)
{
	const struct sctp_bind from = bind_of(e);
	struct sctp_bind to = bind_of(1 - e);

	to.addr_count = 1;
	if (ends[e].assoc == NULL && !ends[e].closed &&
		sctp_connect(ends[e].core, &from, &to, &settings, NULL, &ends[e].assoc) != 0)
		ends[e].assoc = NULL;
}

/* It has lost its state, and begins again: RFC 9260 5.2. */
static void
user_restart(unsigned e)
{
	sctp_core_destroy(ends[e].core);
	ends[e].assoc = NULL;
	ends[e].listener = NULL;
	memset(ends[e].parts, 0, sizeof(ends[e].parts));
	core_create(e);
	user_connect(e);
	meddled = true;
}

/* ---- users ---- */

static void
user_stream(struct end *end, uint8_t how, uint8_t number)
{
	const uint16_t stream = number % STREAMS;

	switch (how) {
	case 0: sctp_streams_reset(end->core, end->assoc, SCTP_RESET_OUTGOING, &stream, 1); break;
	case 1: sctp_streams_reset(end->core, end->assoc, SCTP_RESET_INCOMING, &stream, 1); break;
	case 2:
		sctp_streams_reset(
			end->core, end->assoc, SCTP_RESET_INCOMING | SCTP_RESET_OUTGOING, NULL, 0);
		break;
	case 3: sctp_assoc_reset(end->core, end->assoc); break;
	case 4: sctp_streams_add(end->core, end->assoc, number & 3, number >> 2 & 3); break;
	case 5: sctp_scheduler_set(end->core, end->assoc, number % SCTP_SCHED_COUNT); break;
	default: sctp_stream_value_set(end->core, end->assoc, stream, number); break;
	}
}

static void
user_address(unsigned e, uint8_t how, uint8_t number)
{
	const struct ip_addr ours = addr_of(e, number % PATHS),
			     theirs = addr_of(1 - e, number % PATHS);
	const struct ip_addr any = { .family = number & 4 ? IP_FAMILY_4 : IP_FAMILY_6 };
	struct sctp_core *core = ends[e].core;
	struct sctp_assoc *assoc = ends[e].assoc;

	switch (how) {
	case 0: sctp_addr_add(core, assoc, &ours); break;
	case 1: sctp_addr_delete(core, assoc, number & 8 ? &any : &ours); break;
	case 2: sctp_peer_primary_set(core, assoc, &ours); break;
	case 3: sctp_primary_set(core, assoc, &theirs); break;
	default: sctp_heartbeat(core, assoc, &theirs); break;
	}
}

static void
user_key(struct end *end, uint8_t how, uint8_t number)
{
	const uint16_t id = number % 3;

	switch (how) {
	case 0: sctp_auth_key_set(end->core, end->assoc, id, "key", 3); break;
	case 1: sctp_auth_key_activate(end->core, end->assoc, id); break;
	case 2: sctp_auth_key_deactivate(end->core, end->assoc, id); break;
	default: sctp_auth_key_delete(end->core, end->assoc, id); break;
	}
	/* An end may have a key that the other does not know. */
	meddled = true;
}

static void
user_give_up(struct end *end, uint8_t how)
{
	meddled = true;
	switch (how) {
	case 0: sctp_shutdown(end->core, end->assoc); return;
	case 1: sctp_close(end->core, end->assoc); break;
	case 2: sctp_abort(end->core, end->assoc, "enough", 6); break;
	default: sctp_kill(end->core, end->assoc); return;
	}
	end->assoc = NULL;
	end->closed = true;
}

static void
user_act(uint8_t what, uint8_t number)
{
	const unsigned e = what & 1, how = what >> 1 & 31;

	if (how >= 28) {
		ends[e].paused = !ends[e].paused;
	} else if (how == 27) {
		user_connect(e);
	} else if (how == 26) {
		user_restart(e);
	} else if (ends[e].assoc == NULL) {
		return;
	} else if (how >= 22) {
		user_give_up(&ends[e], (uint8_t)(how - 22));
	} else if (how >= 18) {
		user_key(&ends[e], (uint8_t)(how - 18), number);
	} else if (how >= 10) {
		user_address(e, (uint8_t)(how - 10), number);
	} else {
		user_stream(&ends[e], (uint8_t)how, number);
	}
}

static struct sctp_message
message_of(unsigned number)
{
	const bool may_be_lost = setup[6] & 16 && number % 3 == 0;

	return (struct sctp_message){ .stream = (uint16_t)(number * 7 / 4 % STREAMS),
		.flags = setup[10] & 1 && number % 4 == 1 ? SCTP_MESSAGE_UNORDERED : 0,
		.ppid_be = number,
		.pr_policy = may_be_lost ? 1 + number % (SCTP_PR_COUNT - 1) : SCTP_PR_DEFAULT,
		.pr_value = setup[11] % 8U };
}

static uint32_t
length_of(unsigned e, unsigned number)
{
	const uint32_t most = RTE_MIN(LENGTH_MAX, settings.send_buffer / 2);

	return (uint32_t)sizeof(struct label) +
		(number + 1 + e) * (setup[9] + 1) * 37U % (most - (uint32_t)sizeof(struct label));
}

static uint8_t
byte_of(unsigned number, uint32_t at)
{
	return (uint8_t)(number * 31 + at * 7 + (at >> 8));
}

static void
user_send(unsigned e)
{
	static uint8_t bytes[LENGTH_MAX];
	struct end *end = &ends[e];

	for (; end->sent < end->to_send && !end->full; end->sent++) {
		const struct sctp_message message = message_of(end->sent);
		const struct label label = { end->sent, length_of(e, end->sent) };

		for (uint32_t i = 0; i < label.length; i++)
			bytes[i] = byte_of(label.number, i);
		memcpy(bytes, &label, sizeof(label));
		end->full = sctp_send(end->core, end->assoc, &message, bytes, label.length) != 0;
		if (end->full)
			return;
	}
}

static void
message_check(struct end *end, const struct sctp_message *message, const struct part *part)
{
	struct label label;
	bool good = true;

	memcpy(&label, part->bytes, sizeof(label));
	fuzz_check(part->length >= sizeof(label) && label.length == part->length &&
			label.number < MESSAGES_MAX &&
			message_of(label.number).stream == message->stream,
		"not a message that was sent");
	fuzz_check(!end->seen[label.number], "a message comes twice");
	end->seen[label.number] = true;
	end->received++;
	for (uint32_t i = sizeof(label); i < part->length; i++)
		good &= part->bytes[i] == byte_of(label.number, i);
	fuzz_check(good, "a byte is not what was sent");
	if (message->flags & SCTP_MESSAGE_UNORDERED)
		return;
	fuzz_check(end->last[message->stream] < label.number, "out of order");
	end->last[message->stream] = label.number;
}

static void
user_notice(struct end *end)
{
	struct sctp_notice notice;

	if (!sctp_notice_take(end->core, end->assoc, &notice))
		return;
	if (notice.type == SCTP_NOTICE_PART_ABORTED && notice.stream < STREAMS)
		end->parts[notice.stream][notice.unordered].length = 0;
	/* Of what was coming nothing more comes. */
	if (notice.type == SCTP_NOTICE_RESTART)
		memset(end->parts, 0, sizeof(end->parts));
}

static void
user_receive(struct end *end)
{
	static uint8_t bytes[LENGTH_MAX];

	while (end->assoc != NULL && !end->paused) {
		struct sctp_message message;
		struct part *part;
		int64_t n;

		while (sctp_notice_is_next(end->assoc))
			user_notice(end);
		n = sctp_recv(end->core, end->assoc, bytes, 1000 + setup[8] * 16U, &message);
		if (n <= 0)
			return;
		if (wire.forged)
			continue;
		fuzz_check(message.stream < STREAMS, "a stream that was not sent on");
		part = &end->parts[message.stream][(message.flags & SCTP_MESSAGE_UNORDERED) != 0];
		fuzz_check(part->length + (uint64_t)n <= LENGTH_MAX, "more than was sent");
		memcpy(part->bytes + part->length, bytes, (size_t)n);
		part->length += (uint32_t)n;
		if (message.flags & SCTP_MESSAGE_END) {
			message_check(end, &message, part);
			part->length = 0;
		}
	}
}

static void
user_accept(unsigned e)
{
	struct sctp_assoc *assoc;

	while (ends[e].listener != NULL &&
		(assoc = sctp_accept(ends[e].core, ends[e].listener, NULL)) != NULL) {
		if (ends[e].assoc == NULL && !ends[e].closed)
			ends[e].assoc = assoc;
		else
			sctp_abort(ends[e].core, assoc, NULL, 0);
	}
}

static void
end_note(struct end *end, const struct sctp_event *event)
{
	if (event->events & SCTP_EVENT_WRITABLE)
		end->full = false;
	if (!(event->events & SCTP_EVENT_CLOSED))
		return;
	end->closed = true;
	/* RFC 9260 8.1: whatever was sent again was lost again. */
	gave_up |= sctp_error(end->assoc) == ETIMEDOUT;
}

static void
users_act(unsigned e)
{
	struct end *end = &ends[e];
	struct sctp_event event;

	while (sctp_events(end->core, &event, 1) > 0) {
		if (event.listener != NULL)
			user_accept(e);
		else if (event.assoc == end->assoc)
			end_note(end, &event);
	}
	/* When nothing more happens to packets, nobody keeps anything waiting either; nor at the end. */
	if (wire.input_left == 0 || end->closed)
		end->paused = false;
	if (end->assoc == NULL)
		return;
	user_receive(end);
	user_send(e);
	if (end->closed) {
		sctp_close(end->core, end->assoc);
		end->assoc = NULL;
	} else if (!end->shut && end->sent == end->to_send &&
		ends[1 - e].sent == ends[1 - e].to_send) {
		end->shut = sctp_shutdown(end->core, end->assoc) == 0;
	}
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
	struct rte_mbuf *pkt = rte_pktmbuf_alloc(wire.pool);
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
	sctp_error_input(ends[from].core, &in, &out);
	used_free();
}

static void
packet_sent(unsigned from, struct rte_mbuf *pkt)
{
	const unsigned path = path_of(pkt);
	uint8_t quoted[IP4_HDR_LENGTH + 16] = { 0 }, what;

	fuzz_check(path < PATHS, "a path that there is not");
	if ((cut[path] && wire.input_left > 0) || !is_for(pkt, 1 - from)) {
		rte_pktmbuf_free(pkt);
		return;
	}
	pkt_copy_out(pkt, 0, sizeof(quoted), quoted);
	switch ((enum fate)wire_send(&wire, from, pkt)) {
	case TOO_BIG:
		what = wire_byte(&wire);
		if (path != 1)
			too_big(from, quoted, (uint16_t)(500 + what * 4U));
		break;
	case USER:
		what = wire_byte(&wire);
		user_act(what, wire_byte(&wire));
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
	fuzz_check(counts.chunks <= config.chunks_max && counts.assocs <= config.assocs_max &&
			counts.paths <= config.paths_max && counts.notices <= config.notices_max,
		"more than there may be");
}

static void
input_take(unsigned e)
{
	static struct pkt_vec plain, encapsulated;

	plain.count = encapsulated.count = 0;
	wire_take(&wire, e, &in);
	for (uint32_t i = 0; i < in.count; i++)
		pkt_vec_append(
			sctp_offset(in.pkts[i]) > in.pkts[i]->l3_len ? &encapsulated : &plain,
			in.pkts[i]);
	sctp_input(ends[e].core, &plain, &out);
	sctp_encaps_input(ends[e].core, &encapsulated, &out);
}

static void
end_poll(unsigned e)
{
	sctp_now_set(ends[e].core, wire.now_ns);
	input_take(e);
	vecs_empty(e);
	users_act(e);
	sctp_timers(ends[e].core);
	users_act(e);
	sctp_flush(ends[e].core, &out);
	vecs_empty(e);
	bounds_check(ends[e].core);
}

static uint64_t
next_ns(void)
{
	uint64_t next = RTE_MIN(sctp_next_ns(ends[0].core), sctp_next_ns(ends[1].core));

	return RTE_MIN(next, wire_next_ns(&wire));
}

static void
run(void)
{
	const uint64_t end_ns = wire.now_ns + TIME_MAX_NS;
	unsigned at_once = 0;

	for (unsigned steps = 0; steps < STEPS_MAX && wire.now_ns < end_ns; steps++) {
		uint64_t next;

		end_poll(CLIENT);
		end_poll(SERVER);
		next = next_ns();
		if (next == UINT64_MAX)
			return;
		at_once = next > wire.now_ns ? 0 : at_once + 1;
		fuzz_check(at_once < STEPS_AT_ONCE, "there is always something to do at once");
		wire.now_ns = RTE_MAX(wire.now_ns, next);
	}
	fuzz_check(wire.forged || meddled || wire.now_ns < end_ns, "it does not come to an end");
	late = true;
}

/* ---- an input ---- */

static void
config_set(void)
{
	sctp_config_init(&config);
	config.pool = wire.pool;
	config.socket_id = -1;
	config.assocs_max = 4;
	config.paths_max = 16;
	config.chunks_max = 64 + setup[8] * 4U;
	config.stream_blocks_max = 8;
	config.notices_max = 32;
	config.listeners_max = 1;
	config.received_max = RECEIVED_MAX;
	config.auths_max = config.auth_keys_max = config.asconfs_max = config.reconfigs_max = 4;
	config.secret.words[0] = PORT;
}

static void
settings_set(void)
{
	sctp_settings_init(&settings);
	settings.extensions = (uint16_t)(setup[1] ^ 0xff);
	settings.reconfig = SCTP_RECONFIG_STREAMS | SCTP_RECONFIG_ASSOC | SCTP_RECONFIG_CHANGE;
	settings.mtu = 576 + setup[2] * 4U;
	settings.receive_buffer = 4000 + setup[3] * 200U;
	settings.send_buffer = 2000 + setup[4] * 200U;
	settings.out_streams = settings.in_streams = STREAMS;
	settings.scheduler = setup[6] % SCTP_SCHED_COUNT;
	settings.pmtu_probing = (setup[6] & 32) != 0;
	settings.cc = setup[6] & 64 ? cc_get(0) : settings.cc;
	settings.nodelay = (setup[10] & 2) != 0;
	settings.interleave = (setup[10] & 4) != 0;
	settings.pf_retries = setup[10] & 8 ? 0 : settings.pf_retries;
	settings.partial_point = setup[10] & 16 ? 500 : 0;
	settings.udp_port = SCTP_ENCAPS_PORT;
	settings.encaps_port = setup[10] & 32 ? SCTP_ENCAPS_PORT : 0;
	settings.heartbeat_interval_ms = setup[10] & 64 ? 1000 : 30000;
	settings.auth_chunk_count = setup[10] & 128 ? 1 : 0;
	settings.auth_chunks[0] = SCTP_DATA;
}

static void
start(void)
{
	config_set();
	settings_set();
	wire.now_ns = 1000 * SECOND_NS;
	wire.delay_ns = setup[7] % 64U * WIRE_MS_NS;
	memset(ends, 0, sizeof(ends));
	memset(cut, 0, sizeof(cut));
	meddled = gave_up = late = false;
	for (unsigned e = 0; e < 2; e++) {
		config.secret.words[1] = e;
		memset(ends[e].last, 0xff, sizeof(ends[e].last));
		core_create(e);
	}
	ends[CLIENT].to_send = setup[5] % MESSAGES_MAX;
	ends[SERVER].to_send = setup[5] * 3U % MESSAGES_MAX;
	user_connect(CLIENT);
	/* At the same time: RFC 9260 5.2.1. */
	if (setup[0] & 2)
		user_connect(SERVER);
}

static void
all_arrived_check(unsigned e)
{
	for (unsigned i = 0; i < ends[1 - e].to_send; i++)
		fuzz_check(ends[e].seen[i] || message_of(i).pr_policy != SCTP_PR_DEFAULT,
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
		if (!wire.forged && !meddled && !gave_up && !late)
			all_arrived_check(e);
		if (ends[e].assoc != NULL)
			sctp_abort(ends[e].core, ends[e].assoc, NULL, 0);
		ends[e].assoc = NULL;
		ends[e].closed = true;
	}
	sctp_unlisten(ends[SERVER].core, ends[SERVER].listener);
	ends[SERVER].listener = NULL;
	wire.forged = true;
	run();
	wire_clear(&wire);
	for (unsigned e = 0; e < 2; e++) {
		nothing_left_check(ends[e].core);
		sctp_core_destroy(ends[e].core);
	}
	fuzz_check(rte_mempool_in_use_count(wire.pool) == 0, "a buffer was lost");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < SETUP_BYTES)
		return 0;
	memcpy(setup, data, SETUP_BYTES);
	wire.input = data + SETUP_BYTES;
	wire.input_left = size - SETUP_BYTES;
	start();
	run();
	end();
	return 0;
}
