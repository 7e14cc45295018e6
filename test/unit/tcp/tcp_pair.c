/* SPDX-License-Identifier: BSD-3-Clause */
/* Two workers' TCP, and their applications: see tcp_pair.h. The link is tcp_pair_link.c. */
#include <stdlib.h>

#include "unit/tcp/tcp_pair_link.h"
#include "wire/ip4.h"

#define CHUNK 3000 /* bytes that an application sends or reads at a time */

uint8_t
pair_pattern(unsigned from, uint64_t at)
{
	return (uint8_t)((at * 2654435761U >> 16) ^ at ^ from * 85);
}

struct pair *
pair_create(uint64_t seed)
{
	struct pair *pair = calloc(1, sizeof(*pair));

	assert_non_null(pair);
	random_init(&pair->random, seed);
	pair->now_ns = 1000 * SECOND_NS + random_below(&pair->random, 1U << 31) * 1000;
	pair->family = IP_FAMILY_4;
	pair->link.delay_ns = 10 * MS_NS;
	tcp_config_init(&pair->config);
	pair->config.pool = test_pool();
	pair->config.conns_max = pair->config.half_open_max = pair->config.time_wait_max = 64;
	pair->config.segments_max = 512;
	pair->config.runs_max = 64;
	pair->config.listeners_max = 4;
	pair->config.secret.words[0] = random_draw(&pair->random);
	pair->config.secret.words[1] = random_draw(&pair->random);
	tcp_settings_init(&pair->settings);
	pair->settings.receive_buffer = pair->settings.receive_buffer_max = 65535;
	pair->settings.send_buffer = pair->settings.send_buffer_max = 65536;
	for (unsigned i = 0; i < 2; i++) {
		pair->ends[i].read_max = UINT64_MAX;
		pair->ends[i].intact = true;
	}
	pair->out = (struct tcp_out){ .send4 = &pair->send4,
		.send6 = &pair->send6,
		.done = &pair->done,
		.drops = &pair->drops };
	return pair;
}

void
pair_start(struct pair *pair)
{
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(
			tcp_core_create(&pair->config, pair->now_ns, &pair->ends[i].core), 0);
}

void
pair_destroy(struct pair *pair)
{
	flight_free(&pair->flight);
	for (unsigned i = 0; i < 2; i++)
		tcp_core_destroy(pair->ends[i].core);
	free(pair);
	assert_int_equal(test_pool_in_use(), 0);
}

struct tcp_tuple
pair_tuple(const struct pair *pair, unsigned end)
{
	struct tcp_tuple tuple = { .family = (uint8_t)pair->family, .iface = PKT_IFACE_NONE };
	uint8_t *mine = tuple.local, *other = tuple.remote;
	unsigned length = pair->family == IP_FAMILY_4 ? 4 : 16;

	mine[0] = other[0] = pair->family == IP_FAMILY_4 ? 10 : 0x20;
	mine[length - 1] = (uint8_t)(end + 1);
	other[length - 1] = (uint8_t)(2 - end);
	tuple.local_port = end == PAIR_CLIENT ? 4000 : PAIR_PORT;
	tuple.remote_port = end == PAIR_CLIENT ? PAIR_PORT : 4000;
	return tuple;
}

void
pair_listen(struct pair *pair, unsigned backlog)
{
	struct tcp_bind bind = { .addr.family = (uint8_t)pair->family, .port = PAIR_PORT };
	struct pair_end *end = &pair->ends[PAIR_SERVER];

	assert_int_equal(
		tcp_listen(end->core, &bind, &pair->settings, backlog, end, &end->listener), 0);
}

void
pair_connect(struct pair *pair)
{
	struct pair_end *end = &pair->ends[PAIR_CLIENT];
	struct tcp_tuple tuple = pair_tuple(pair, PAIR_CLIENT);

	assert_int_equal(tcp_connect(end->core, &tuple, &pair->settings, end, &end->conn), 0);
}

void
pair_open(struct pair *pair)
{
	pair_listen(pair, 8);
	pair_connect(pair);
	pair_run_for(pair, 5 * pair->link.delay_ns);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), TCP_ESTABLISHED);
	assert_int_equal(pair_state(pair, PAIR_SERVER), TCP_ESTABLISHED);
}

/* ---- applications ---- */

static void
app_send(struct pair_end *end, unsigned index)
{
	uint8_t bytes[CHUNK];

	while (end->sent < end->to_send) {
		uint32_t length = (uint32_t)RTE_MIN(end->to_send - end->sent, (uint64_t)CHUNK);
		int64_t ret;

		if (end->hand_over)
			length = RTE_MIN(length, 1000U);
		for (uint32_t i = 0; i < length; i++)
			bytes[i] = pair_pattern(index, end->sent + i);
		if (end->hand_over) {
			struct rte_mbuf *pkt = test_mbuf(bytes, length);

			ret = tcp_send_pkts(end->core, end->conn, &pkt, 1);
			if (ret == 1)
				ret = length;
			else
				rte_pktmbuf_free(pkt);
		} else {
			ret = tcp_send(end->core, end->conn, bytes, length);
		}
		if (ret <= 0)
			return;
		end->sent += (uint64_t)ret;
	}
	if (end->close_when_sent && end->conn != NULL)
		tcp_shutdown(end->core, end->conn, TCP_SHUTDOWN_WRITE);
}

static void
bytes_check(struct pair_end *end, unsigned index, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (bytes[i] != pair_pattern(1 - index, end->received + i))
			end->intact = false;
	}
	end->received += length;
}

static int64_t
app_read(struct pair_end *end, unsigned index)
{
	uint8_t bytes[CHUNK];
	struct rte_mbuf *pkt;
	int64_t ret;

	if (end->hand_over) {
		ret = tcp_recv_pkts(end->core, end->conn, &pkt, 1);
		if (ret == 1) {
			bytes_check(end, index, rte_pktmbuf_mtod(pkt, uint8_t *), pkt->pkt_len);
			rte_pktmbuf_free(pkt);
		}
		return ret;
	}
	ret = tcp_recv(end->core, end->conn, bytes,
		RTE_MIN((uint64_t)CHUNK, end->read_max - end->received));
	if (ret > 0)
		bytes_check(end, index, bytes, (size_t)ret);
	return ret;
}

static void
app_receive(struct pair_end *end, unsigned index)
{
	while (end->received < end->read_max) {
		int64_t ret = app_read(end, index);

		if (ret < 0 && ret != -EAGAIN)
			end->error = (int)-ret;
		if (ret == 0)
			end->at_end = true;
		if (ret <= 0)
			break;
	}
}

void
pair_read_on(struct pair *pair, unsigned end, uint64_t read_max)
{
	pair->ends[end].read_max = read_max;
	if (pair->ends[end].conn != NULL)
		app_receive(&pair->ends[end], end);
}

/* Both directions are at their end. */
static void
app_finish(struct pair_end *end)
{
	if (!end->at_end || !end->close_at_end || end->sent != end->to_send)
		return;
	tcp_close(end->core, end->conn);
	end->conn = NULL;
}

static void
app_event(struct pair *pair, unsigned index, const struct tcp_event *event)
{
	struct pair_end *end = &pair->ends[index];

	end->events |= event->events;
	if (event->listener != NULL) {
		if (end->conn == NULL)
			end->conn = tcp_accept(end->core, end->listener, end);
		if (end->conn != NULL)
			app_send(end, index);
		return;
	}
	if (event->conn != end->conn)
		return;
	if (event->events & TCP_EVENT_ERROR)
		end->error = tcp_error(end->conn);
	if (event->events & TCP_EVENT_CLOSED)
		end->closed = true;
	if (event->events & TCP_EVENT_WRITABLE)
		app_send(end, index);
	if (event->events & TCP_EVENT_READABLE)
		app_receive(end, index);
	app_finish(end);
}

/* ---- time ---- */

static void
vectors_send(struct pair *pair, unsigned from)
{
	unsigned before = pair->ends[from].segments_sent;

	pair_link_send(pair, from, &pair->send4);
	pair_link_send(pair, from, &pair->send6);
	pair->ends[from].burst_max =
		RTE_MAX(pair->ends[from].burst_max, pair->ends[from].segments_sent - before);
	for (uint32_t i = 0; i < pair->done.count; i++)
		rte_pktmbuf_free(pair->done.pkts[i]);
	for (uint32_t i = 0; i < pair->drops.count; i++) {
		pair->drop_counts[pkt_meta(pair->drops.pkts[i])->reason]++;
		rte_pktmbuf_free(pair->drops.pkts[i]);
	}
	pair->send4.count = pair->send6.count = pair->done.count = pair->drops.count = 0;
}

/* One loop of a worker. */
static void
end_poll(struct pair *pair, unsigned index)
{
	struct tcp_core *core = pair->ends[index].core;
	struct tcp_event events[8];
	unsigned count;

	tcp_now_set(core, pair->now_ns);
	pair_link_take(pair, index);
	tcp_input(core, &pair->in, &pair->out);
	while ((count = tcp_events(core, events, RTE_DIM(events))) > 0) {
		for (unsigned i = 0; i < count; i++)
			app_event(pair, index, &events[i]);
	}
	tcp_timers(core, &pair->out);
	while ((count = tcp_events(core, events, RTE_DIM(events))) > 0) {
		for (unsigned i = 0; i < count; i++)
			app_event(pair, index, &events[i]);
	}
	tcp_flush(core, &pair->out);
	vectors_send(pair, index);
}

static uint64_t
next_ns(const struct pair *pair)
{
	uint64_t next = flight_next_ns(&pair->flight);

	for (unsigned i = 0; i < 2; i++)
		next = RTE_MIN(next, tcp_next_ns(pair->ends[i].core));
	return next;
}

static bool
pair_step(struct pair *pair, uint64_t end_ns)
{
	uint64_t next = next_ns(pair);

	if (next > end_ns) {
		pair->now_ns = end_ns;
		for (unsigned i = 0; i < 2; i++)
			tcp_now_set(pair->ends[i].core, end_ns);
		return false;
	}
	pair->now_ns = RTE_MAX(pair->now_ns, next);
	end_poll(pair, PAIR_CLIENT);
	end_poll(pair, PAIR_SERVER);
	return true;
}

bool
pair_run(struct pair *pair, uint64_t at_most_ns)
{
	uint64_t end_ns = pair->now_ns + at_most_ns;
	uint64_t before_ns;

	do {
		before_ns = pair->now_ns;
	} while (pair_step(pair, end_ns));
	if (next_ns(pair) == UINT64_MAX)
		pair->now_ns = before_ns;
	return next_ns(pair) == UINT64_MAX;
}

void
pair_run_for(struct pair *pair, uint64_t ns)
{
	uint64_t end_ns = pair->now_ns + ns;

	/* What tests did since the last time. */
	end_poll(pair, PAIR_CLIENT);
	end_poll(pair, PAIR_SERVER);
	while (pair_step(pair, end_ns))
		;
}

/* ---- for tests ---- */

void
pair_inject(struct pair *pair, unsigned to, const struct tcp_fields *fields,
	const struct tcp_options *options, const void *data, uint32_t length)
{
	struct tcp_tuple tuple = pair_tuple(pair, to);
	uint8_t bytes[RTE_MBUF_DEFAULT_DATAROOM] = { 0 };
	struct tcp_fields built = *fields;
	uint32_t options_length = 0;
	struct rte_mbuf *pkt;

	assert_int_equal(pair->family, IP_FAMILY_4);
	if (options != NULL)
		options_length = tcp_options_build(
			bytes + IP4_HDR_LENGTH + TCP_HDR_LENGTH, TCP_OPTIONS_MAX, options);
	built.hdr_length = (uint8_t)(TCP_HDR_LENGTH + options_length);
	built.src_port = fields->src_port != 0 ? fields->src_port : tuple.remote_port;
	built.dst_port = fields->dst_port != 0 ? fields->dst_port : tuple.local_port;
	ip4_hdr_build((struct ip4_header *)bytes,
		&(struct ip4_build){
			.src_be = *(uint32_t *)tuple.remote,
			.dst_be = *(uint32_t *)tuple.local,
			.payload_length = (uint16_t)(built.hdr_length + length),
			.ttl = 64,
			.proto = IP_PROTO_TCP,
		});
	tcp_hdr_build((struct tcp_header *)(bytes + IP4_HDR_LENGTH), &built);
	if (length > 0)
		memcpy(bytes + IP4_HDR_LENGTH + built.hdr_length, data, length);
	pkt = test_mbuf(bytes, IP4_HDR_LENGTH + built.hdr_length + length);
	pkt->l3_len = IP4_HDR_LENGTH;
	pair_link_add(pair, to, pkt);
	end_poll(pair, to);
}

const struct pair_segment *
pair_last(const struct pair *pair, unsigned from)
{
	for (unsigned i = pair->log_count; i > 0 && pair->log_count - i < PAIR_LOG; i--) {
		if (pair->log[(i - 1) % PAIR_LOG].from == from)
			return &pair->log[(i - 1) % PAIR_LOG];
	}
	fail_msg("nothing was sent");
	return NULL;
}

uint64_t
pair_stat(const struct pair *pair, unsigned end, enum tcp_stat stat)
{
	return tcp_stats(pair->ends[end].core)[stat];
}

struct tcp_info
pair_info(const struct pair *pair, unsigned end)
{
	struct tcp_info info;

	assert_non_null(pair->ends[end].conn);
	tcp_info(pair->ends[end].core, pair->ends[end].conn, &info);
	return info;
}

enum tcp_state
pair_state(const struct pair *pair, unsigned end)
{
	assert_non_null(pair->ends[end].conn);
	return tcp_conn_state(pair->ends[end].conn);
}

bool
pair_lose_all(struct pair *pair, const struct pair_segment *segment)
{
	return false;
}

int
pair_group_setup(void **state)
{
	return test_eal_setup(state) != 0 || pkt_init() != 0;
}
