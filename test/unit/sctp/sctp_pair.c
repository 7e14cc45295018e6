/* SPDX-License-Identifier: BSD-3-Clause */
/* Two workers' SCTP and the links between them: see sctp_pair.h. */
#include "unit/sctp/sctp_pair.h"

#include <stdlib.h>

#include "wire/checksum.h"
#include "wire/endian.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

#define CHECKSUM_OFFSET 8

struct pair *
pair_create(uint64_t seed)
{
	struct pair *pair = calloc(1, sizeof(*pair));

	assert_non_null(pair);
	random_init(&pair->random, seed);
	pair->now_ns = 1000 * SECOND_NS + random_below(&pair->random, 1U << 31) * 1000;
	pair->link_count = 1;
	for (unsigned i = 0; i < PAIR_LINKS; i++)
		pair->links[i].delay_ns = 10 * MS_NS;
	sctp_config_init(&pair->config);
	pair->config.pool = test_pool();
	pair->config.assocs_max = 8;
	pair->config.paths_max = 32;
	pair->config.chunks_max = 4096;
	pair->config.stream_blocks_max = 64;
	pair->config.listeners_max = 4;
	pair->config.notices_max = 64;
	pair->config.secret.words[0] = random_draw(&pair->random);
	pair->config.secret.words[1] = random_draw(&pair->random);
	sctp_settings_init(&pair->settings);
	pair->settings.receive_buffer = pair->settings.send_buffer = 65536;
	for (unsigned i = 0; i < 2; i++)
		pair->ends[i].size_max = 100;
	pair->out = (struct sctp_out){ .send4 = &pair->send4,
		.send6 = &pair->send6,
		.handover = &pair->handover,
		.done = &pair->done,
		.punts = &pair->punts,
		.drops = &pair->drops };
	return pair;
}

void
pair_start(struct pair *pair)
{
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(
			sctp_core_create(&pair->config, pair->now_ns, &pair->ends[i].core), 0);
}

void
pair_destroy(struct pair *pair)
{
	struct rte_mempool *pool = pair->config.pool;

	flight_free(&pair->flight);
	for (unsigned i = 0; i < 2; i++)
		sctp_core_destroy(pair->ends[i].core);
	free(pair);
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
}

/* ---- addresses ---- */

struct ip_addr
pair_addr(const struct pair *pair, unsigned end, unsigned link)
{
	struct ip_addr addr = { .family = IP_FAMILY_4, .bytes = { 10, 0, (uint8_t)link } };

	if (!pair->ip6 || link % 2 == 0) {
		addr.bytes[3] = (uint8_t)(end + 1);
		return addr;
	}
	addr = (struct ip_addr){ IP_FAMILY_6, { 0x20, 0x01, [6] = (uint8_t)link } };
	addr.bytes[15] = (uint8_t)(end + 1);
	return addr;
}

struct sctp_bind
pair_bind(const struct pair *pair, unsigned end)
{
	struct sctp_bind bind = { .addr_count = pair->link_count,
		.port = end == PAIR_CLIENT ? 4000 : PAIR_PORT };

	for (unsigned i = 0; i < pair->link_count; i++)
		bind.addrs[i] = pair_addr(pair, end, i);
	return bind;
}

void
pair_listen(struct pair *pair)
{
	struct pair_end *end = &pair->ends[PAIR_SERVER];
	struct sctp_bind bind = pair_bind(pair, PAIR_SERVER);

	assert_int_equal(sctp_listen(end->core, &bind, &pair->settings, 4, end, &end->listener), 0);
}

void
pair_connect(struct pair *pair)
{
	struct pair_end *end = &pair->ends[PAIR_CLIENT];
	struct sctp_bind bind = pair_bind(pair, PAIR_CLIENT);
	struct sctp_bind remote = pair_bind(pair, PAIR_SERVER);

	/* It learns of the others by the INIT ACK. */
	remote.addr_count = 1;
	assert_int_equal(
		sctp_connect(end->core, &bind, &remote, &pair->settings, end, &end->assoc), 0);
}

void
pair_open(struct pair *pair)
{
	pair_listen(pair);
	pair_connect(pair);
	pair_run_for(pair, 10 * pair->links[0].delay_ns);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_ESTABLISHED);
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_ESTABLISHED);
}

/* ---- applications ---- */

/* A message is its number, its length, and bytes that follow from these. */
static size_t
message_length(const struct pair_end *end, unsigned number)
{
	return 8 + (number * 2654435761U >> 4) % (end->size_max - 7);
}

static uint8_t
message_byte(unsigned number, size_t at)
{
	return (uint8_t)(number * 31 + at * 7 + (at >> 8));
}

static void
app_send(struct pair_end *end)
{
	static uint8_t bytes[1 << 20];

	while (end->assoc != NULL && end->sent < end->to_send) {
		unsigned number = end->sent;
		size_t length = message_length(end, number);
		struct sctp_message message = { .stream = (uint16_t)(number % PAIR_STREAMS),
			.flags = end->unordered ? SCTP_MESSAGE_UNORDERED : 0,
			.ppid_be = number };
		int ret;

		for (size_t i = 8; i < length; i++)
			bytes[i] = message_byte(number, i);
		memcpy(bytes, &number, 4);
		be32_store(bytes + 4, (uint32_t)length);
		ret = sctp_send(end->core, end->assoc, &message, bytes, length);
		if (ret != 0)
			return;
		end->sent++;
	}
	if (end->shutdown_when_sent && end->assoc != NULL && end->sent == end->to_send) {
		sctp_shutdown(end->core, end->assoc);
		end->shutdown_when_sent = false;
	}
}

static void
message_check(struct pair_end *end, const struct sctp_message *message)
{
	unsigned number, stream;
	const uint8_t *bytes = end->partial;

	memcpy(&number, bytes, 4);
	end->received++;
	stream = number % PAIR_STREAMS;
	if (end->partial_length < 8 || be32_load(bytes + 4) != end->partial_length ||
		number >= PAIR_MESSAGES || end->seen[number] || message->ppid_be != number ||
		message->stream != stream) {
		end->bad = true;
		return;
	}
	end->seen[number] = true;
	for (size_t i = 8; i < end->partial_length; i++)
		end->bad |= bytes[i] != message_byte(number, i);
	if (message->flags & SCTP_MESSAGE_UNORDERED)
		return;
	end->bad |= number / PAIR_STREAMS != end->next_of_stream[stream]++;
}

static void
app_receive(struct pair_end *end)
{
	while (!end->reads_not) {
		struct sctp_message message;
		int64_t ret = sctp_recv(end->core, end->assoc, end->partial + end->partial_length,
			sizeof(end->partial) - end->partial_length, &message);

		if (ret < 0 && ret != -EAGAIN)
			end->error = (int)-ret;
		if (ret == 0)
			end->at_end = true;
		if (ret <= 0)
			return;
		end->partial_length += (size_t)ret;
		if (message.flags & SCTP_MESSAGE_END) {
			message_check(end, &message);
			end->partial_length = 0;
		}
	}
}

static void
app_notices(struct pair_end *end)
{
	struct sctp_notice notice;

	while (sctp_notice_take(end->core, end->assoc, &notice)) {
		end->notices[notice.type]++;
		end->last_notice = notice;
		if (notice.type == SCTP_NOTICE_PATH)
			end->last_path = notice;
		if (notice.cause != 0)
			end->cause = notice.cause;
		/* A peer that has begun again numbers anew. */
		if (notice.type == SCTP_NOTICE_RESTART) {
			memset(end->next_of_stream, 0, sizeof(end->next_of_stream));
			memset(end->seen, 0, sizeof(end->seen));
		}
	}
}

static void
app_event(struct pair_end *end, const struct sctp_event *event)
{
	end->events |= event->events;
	if (event->listener != NULL) {
		if (end->assoc == NULL)
			end->assoc = sctp_accept(end->core, end->listener, end);
		return;
	}
	if (event->assoc != end->assoc)
		return;
	app_notices(end);
	if (event->events & SCTP_EVENT_CLOSED)
		end->closed = true;
	if (event->events & (SCTP_EVENT_READABLE | SCTP_EVENT_ERROR))
		app_receive(end);
	if (end->at_end && end->close_at_end && end->sent >= end->to_send) {
		sctp_close(end->core, end->assoc);
		end->assoc = NULL;
		return;
	}
	app_send(end);
}

/* ---- the links ---- */

static unsigned
link_of(const struct rte_mbuf *pkt)
{
	const uint8_t *ip = rte_pktmbuf_mtod(pkt, const uint8_t *);

	return pkt->l3_len == IP4_HDR_LENGTH ? ip[18] : ip[24 + 6];
}

/* As it arrives: a NIC has filled in its checksum. */
static struct rte_mbuf *
frame_copy(const struct pair *pair, const struct rte_mbuf *pkt)
{
	struct rte_mbuf *copy = flight_copy(pair->config.pool, pkt);
	uint8_t *checksum =
		rte_pktmbuf_mtod_offset(copy, uint8_t *, copy->l3_len + CHECKSUM_OFFSET);
	uint32_t crc;

	memset(checksum, 0, sizeof(crc));
	crc = pkt_crc32c(copy, copy->l3_len, copy->pkt_len - copy->l3_len);
	memcpy(checksum, &crc, sizeof(crc));
	return copy;
}

static void
chunks_note(struct pair *pair, const struct pair_packet *packet)
{
	struct sctp_cursor cursor = packet->chunks;
	struct sctp_chunk chunk;
	int ret;

	while ((ret = sctp_chunk_next(&cursor, &chunk)) > 0) {
		pair->chunks_sent[packet->from][chunk.type]++;
		if (chunk.type == SCTP_COOKIE_ECHO && chunk.length <= sizeof(pair->cookie)) {
			memcpy(pair->cookie, chunk.value, chunk.length);
			pair->cookie_length = chunk.length;
			pair->cookie_fields = packet->fields;
		}
	}
	assert_int_equal(ret, 0);
}

static void
last_note(struct pair *pair, const struct pair_packet *packet)
{
	assert_true(packet->chunks.left <= sizeof(pair->last[0]));
	memcpy(pair->last[packet->from], packet->chunks.at, packet->chunks.left);
	pair->last_chunks[packet->from].at = pair->last[packet->from];
	pair->last_chunks[packet->from].left = packet->chunks.left;
	pair->last_fields[packet->from] = packet->fields;
	pair->last_link[packet->from] = packet->link;
}

static void
link_send(struct pair *pair, unsigned from, struct rte_mbuf *pkt)
{
	/* In one piece. */
	struct rte_mbuf *frame = frame_copy(pair, pkt);
	const uint8_t *l4 = rte_pktmbuf_mtod_offset(frame, uint8_t *, pkt->l3_len);
	struct pair_packet packet = { .from = from,
		.link = link_of(pkt),
		.chunks = { l4 + SCTP_HDR_LENGTH, pkt->pkt_len - pkt->l3_len - SCTP_HDR_LENGTH } };
	uint64_t due_ns[2];
	unsigned count = 0;

	assert_true(packet.link < PAIR_LINKS);
	pair->cut_asked = pkt_meta(pkt)->flags & PKT_TO_CUT ? pkt_meta(pkt)->icmp_rest : 0;
	assert_int_equal(sctp_hdr_parse(l4, SCTP_HDR_LENGTH, &packet.fields), 0);
	chunks_note(pair, &packet);
	last_note(pair, &packet);
	pair->chained += pkt->nb_segs > 1;
	if (pair->filter == NULL || pair->filter(pair, &packet))
		count = virtual_link_pass(&pair->links[packet.link], &pair->random, pair->now_ns,
			from, pkt->pkt_len, due_ns);
	for (unsigned i = 0; i < count; i++)
		flight_add(&pair->flight, 1 - from, frame_copy(pair, frame), NULL, due_ns[i]);
	rte_pktmbuf_free(frame);
	rte_pktmbuf_free(pkt);
}

/* ---- time ---- */

static void
vectors_send(struct pair *pair, unsigned from)
{
	for (uint32_t i = 0; i < pair->send4.count; i++)
		link_send(pair, from, pair->send4.pkts[i]);
	for (uint32_t i = 0; i < pair->send6.count; i++)
		link_send(pair, from, pair->send6.pkts[i]);
	for (uint32_t i = 0; i < pair->done.count; i++)
		rte_pktmbuf_free(pair->done.pkts[i]);
	for (uint32_t i = 0; i < pair->drops.count; i++) {
		pair->drop_counts[pkt_meta(pair->drops.pkts[i])->reason]++;
		rte_pktmbuf_free(pair->drops.pkts[i]);
	}
	assert_int_equal(pair->handover.count + pair->punts.count, 0);
	pair->send4.count = pair->send6.count = pair->done.count = pair->drops.count = 0;
}

/* Take the frames that have arrived, in the order of their arrival. */
static void
frames_take(struct pair *pair, unsigned to)
{
	struct flight_packet packet;

	pair->in.count = 0;
	while (pair->in.count < PKT_BURST && flight_take(&pair->flight, to, pair->now_ns, &packet))
		pkt_vec_append(&pair->in, packet.pkt);
}

static void
events_take(struct pair *pair, unsigned index)
{
	struct pair_end *end = &pair->ends[index];
	struct sctp_event events[8];
	unsigned count;

	while ((count = sctp_events(end->core, events, RTE_DIM(events))) > 0) {
		for (unsigned i = 0; i < count; i++) {
			if (pair->app != NULL)
				pair->app(pair, index, &events[i]);
			else
				app_event(end, &events[i]);
		}
	}
}

/* One loop of a worker. */
static void
end_poll(struct pair *pair, unsigned index)
{
	struct pair_end *end = &pair->ends[index];

	sctp_now_set(end->core, pair->now_ns);
	frames_take(pair, index);
	sctp_input(end->core, &pair->in, &pair->out);
	events_take(pair, index);
	sctp_timers(end->core);
	events_take(pair, index);
	sctp_flush(end->core, &pair->out);
	/* A worker is back at once: what has ended with an ABORT has no timer that would wake anybody. */
	events_take(pair, index);
	vectors_send(pair, index);
}

static uint64_t
next_ns(const struct pair *pair)
{
	uint64_t next = flight_next_ns(&pair->flight);

	for (unsigned i = 0; i < 2; i++)
		next = RTE_MIN(next, sctp_next_ns(pair->ends[i].core));
	return next;
}

static bool
pair_step(struct pair *pair, uint64_t end_ns)
{
	uint64_t next = next_ns(pair);

	if (next > end_ns) {
		pair->now_ns = end_ns;
		for (unsigned i = 0; i < 2; i++)
			sctp_now_set(pair->ends[i].core, end_ns);
		return false;
	}
	pair->now_ns = RTE_MAX(pair->now_ns, next);
	end_poll(pair, PAIR_CLIENT);
	end_poll(pair, PAIR_SERVER);
	return true;
}

/* What tests did since the last time. */
static void
ends_begin(struct pair *pair)
{
	for (unsigned i = 0; i < 2; i++) {
		if (pair->app == NULL) {
			app_send(&pair->ends[i]);
			if (pair->ends[i].assoc != NULL)
				app_receive(&pair->ends[i]);
		}
		end_poll(pair, i);
	}
}

void
pair_run_for(struct pair *pair, uint64_t ns)
{
	uint64_t end_ns = pair->now_ns + ns;

	ends_begin(pair);
	while (pair_step(pair, end_ns))
		;
}

bool
pair_run_until(struct pair *pair, uint64_t ns, bool (*is_so)(const struct pair *pair))
{
	uint64_t end_ns = pair->now_ns + ns;

	ends_begin(pair);
	while (!is_so(pair)) {
		if (!pair_step(pair, end_ns))
			return false;
	}
	return true;
}

static bool
messages_are_there(const struct pair *pair)
{
	return pair->ends[0].received >= pair->ends[1].to_send &&
		pair->ends[1].received >= pair->ends[0].to_send;
}

void
pair_run_messages(struct pair *pair, uint64_t at_most_ns)
{
	pair_run_until(pair, at_most_ns, messages_are_there);
	for (unsigned i = 0; i < 2; i++) {
		assert_false(pair->ends[i].bad);
		assert_int_equal(pair->ends[i].received, pair->ends[1 - i].to_send);
	}
}

/* ---- for tests ---- */

void
pair_inject_bytes(
	struct pair *pair, unsigned to, uint32_t vtag, const void *chunks, uint32_t length)
{
	struct ip_addr from_addr = pair_addr(pair, 1 - to, pair->inject_link);
	const bool is6 = from_addr.family == IP_FAMILY_6;
	struct ip_addr to_addr = pair_addr(pair, to, is6 ? pair->inject_link : 0);
	const uint32_t front = is6 ? IP6_HDR_LENGTH : IP4_HDR_LENGTH;
	uint16_t server_port = pair->inject_port != 0 ? pair->inject_port : PAIR_PORT;
	uint8_t bytes[RTE_MBUF_DEFAULT_DATAROOM] = { 0 };
	struct ip4_build build = { .payload_length = (uint16_t)(SCTP_HDR_LENGTH + length),
		.ttl = 64,
		.proto = IP_PROTO_SCTP };
	struct rte_mbuf *pkt;

	memcpy(&build.src_be, from_addr.bytes, 4);
	memcpy(&build.dst_be, to_addr.bytes, 4);
	ip4_hdr_build((struct ip4_header *)bytes, &build);
	if (is6)
		ip6_hdr_build((struct ip6_header *)bytes,
			&(struct ip6_build){ .src = from_addr.bytes,
				.dst = to_addr.bytes,
				.payload_length = build.payload_length,
				.next_header = IP_PROTO_SCTP,
				.hop_limit = 64 });
	sctp_hdr_build(bytes + front,
		&(struct sctp_fields){ to == PAIR_SERVER ? 4000 : server_port,
			to == PAIR_SERVER ? server_port : 4000, vtag });
	memcpy(bytes + front + SCTP_HDR_LENGTH, chunks, length);
	pkt = test_mbuf(bytes, front + SCTP_HDR_LENGTH + length);
	pkt->l3_len = front & 0x1ff;
	flight_add(&pair->flight, to, frame_copy(pair, pkt), NULL, pair->now_ns);
	rte_pktmbuf_free(pkt);
	end_poll(pair, to);
}

void
pair_inject(struct pair *pair, unsigned to, uint32_t vtag, uint8_t type, uint8_t flags,
	const void *value, uint16_t length)
{
	uint8_t bytes[1500];
	struct sctp_writer writer = { .data = bytes, .room = sizeof(bytes) };
	uint32_t place = sctp_chunk_begin(&writer, type, flags);

	sctp_put(&writer, value, length);
	sctp_chunk_end(&writer, place);
	pair_inject_bytes(pair, to, vtag, bytes, writer.used);
}

uint64_t
pair_stat(const struct pair *pair, unsigned end, enum sctp_stat stat)
{
	return sctp_stats(pair->ends[end].core)[stat];
}

enum sctp_state
pair_state(const struct pair *pair, unsigned end)
{
	const struct sctp_assoc *assoc = pair->ends[end].assoc;

	return assoc != NULL ? sctp_assoc_state(assoc) : SCTP_CLOSED;
}

struct sctp_info
pair_info(const struct pair *pair, unsigned end)
{
	struct sctp_info info;

	sctp_info(pair->ends[end].core, pair->ends[end].assoc, &info);
	return info;
}

int
pair_group_setup(void **state)
{
	return test_eal_setup(state) != 0 || pkt_init() != 0;
}

void
pair_data_inject(struct pair *pair, uint32_t tsn, uint16_t stream, uint16_t ssn, uint8_t flags)
{
	uint8_t value[16];

	be32_store(value, tsn);
	be16_store(value + 4, stream);
	be16_store(value + 6, ssn);
	memset(value + 8, 0, 8);
	pair_inject(pair, PAIR_SERVER, pair_info(pair, PAIR_SERVER).local_tag, SCTP_DATA, flags,
		value, sizeof(value));
}

struct pair *
pair_opened(uint64_t seed)
{
	struct pair *pair = pair_create(seed);

	pair->ends[PAIR_SERVER].reads_not = true;
	pair_start(pair);
	pair_open(pair);
	return pair;
}
