/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reassembly, by both families, seen through local delivery: what comes in pieces is delivered
 * whole, whatever their order; what contradicts itself, or never ends, is not.
 */
#include "unit/ip/ip_fixture.h"

#include "base/counter.h"
#include "wire/endian.h"

static const enum ip_family family4 = IP_FAMILY_4, family6 = IP_FAMILY_6;

/* One fragment as a test says it. */
struct piece {
	uint32_t id;
	uint32_t start, length;
	bool more;
	const uint8_t *bytes; /* of the whole datagram's payload; NULL: a pattern */
	const char *src;
	uint8_t tos;
	uint16_t segment;
};

static struct ip_fixture *fixture;
static bool ip4;

static int
setup(void **state)
{
	ip4 = *(const enum ip_family *)*state == IP_FAMILY_4;
	fixture = ip_fixture_create();
	return 0;
}

static int
teardown(void **state)
{
	ip_fixture_destroy(fixture);
	return test_pool_check(state);
}

#define both(test)                                                             \
	{ #test " 4", test, setup, teardown, (void *)(uintptr_t)&family4 },    \
	{                                                                      \
#test " 6", test, setup, teardown, (void *)(uintptr_t)&family6 \
	}

/* Let a fragment arrive. @return the packet, wherever it is now */
static struct rte_mbuf *
arrive(const struct piece *piece)
{
	static const uint8_t pattern[4096];
	uint8_t header[8];
	struct packet packet = { .src = ip4 ? "10.0.0.2" : "2001:db8::2",
		.dst = ip4 ? "10.0.0.1" : "2001:db8::1",
		.proto = ip4 ? IP_PROTO_ICMP : IP_PROTO_ICMP6,
		.spoil = PACKET_RAW,
		.tos = piece->tos,
		.segment = piece->segment,
		.payload = piece->bytes != NULL ? piece->bytes + piece->start : pattern,
		.payload_length = (uint16_t)piece->length };
	struct ip6_frag frag = { IP_PROTO_ICMP6, piece->more, (uint16_t)piece->start, piece->id };
	struct rte_mbuf *pkt;

	if (piece->src != NULL)
		packet.src = piece->src;
	if (ip4) {
		packet.id = (uint16_t)piece->id;
		packet.frag = (uint16_t)(piece->start / 8 | (piece->more ? IP4_FRAG_MF : 0));
	} else {
		ip6_frag_build(header, &frag);
		packet.options = header;
		packet.options_length = sizeof(header);
		packet.next_header = IP_PROTO_FRAGMENT;
	}
	fixture->in.count = 0;
	pkt = ip_fixture_add(fixture, &packet);
	if (ip4)
		ip4_local(&fixture->core, &fixture->in, &fixture->out);
	else
		ip6_local(&fixture->core, &fixture->in, &fixture->out);
	fixture->in.count = 0;
	return pkt;
}
#define ARRIVE(...) arrive(&(const struct piece){ __VA_ARGS__ })

static void
assert_held(unsigned fragments, unsigned datagrams)
{
	assert_int_equal(ip_fixture_count(fixture), 0);
	assert_int_equal(fixture->core.counters.held, fragments);
	assert_int_equal(fixture->core.counters.datagrams, datagrams);
}

static void
assert_refused(struct rte_mbuf *pkt, enum drop_reason reason)
{
	assert_dropped(fixture, pkt, reason);
	ip_fixture_empty(fixture);
}

/* Write an echo request of so many bytes, with its checksum. */
static void
echo_write(uint8_t *bytes, uint32_t length)
{
	static const struct icmp icmp4 = { ICMP4_ECHO_REQUEST, 0, 0x12345678 };
	static const struct icmp icmp6 = { ICMP6_ECHO_REQUEST, 0, 0x12345678 };
	struct ip_addr src = ip_fixture_prefix("2001:db8::2").addr;
	struct ip_addr dst = ip_fixture_prefix("2001:db8::1").addr;

	for (uint32_t i = ICMP_HDR_LENGTH; i < length; i++)
		bytes[i] = (uint8_t)rand();
	icmp_build(bytes, ip4 ? &icmp4 : &icmp6);
	if (ip4)
		icmp4_checksum_set(bytes, length);
	else
		icmp6_checksum_set(bytes, length, &src, &dst);
}

/* The answer, which takes the fragments' place, has the data of the request. */
static void
assert_answered(const uint8_t *bytes, uint32_t length)
{
	static uint8_t frame[65536 + 64];
	uint32_t offset = ip4 ? IP4_HDR_LENGTH : IP6_HDR_LENGTH;
	struct rte_mbuf *pkt = fixture->replies.pkts[0];

	assert_int_equal(ip_fixture_count(fixture), 1);
	assert_int_equal(fixture->replies.count, 1);
	rte_mbuf_sanity_check(pkt, 1);
	assert_int_equal(pkt_l3_length(pkt), offset + length);
	for (const struct rte_mbuf *segment = pkt; segment != NULL; segment = segment->next)
		assert_int_not_equal(segment->data_len, 0);
	pkt_copy_out(pkt, pkt->l2_len, offset + length, frame);
	assert_memory_equal(frame + offset + ICMP_HDR_LENGTH, bytes + ICMP_HDR_LENGTH,
		length - ICMP_HDR_LENGTH);
	assert_int_equal(fixture->core.counters.held, 0);
	assert_int_equal(fixture->core.counters.datagrams, 0);
	ip_fixture_empty(fixture);
}

/* All cuts of random places, in random order, some in segments. */
static void
test_any_order(void **state)
{
	static uint8_t bytes[65536];
	struct piece pieces[32];

	srand(1);
	for (unsigned round = 0; round < 300; round++) {
		uint32_t length = 16 + (uint32_t)rand() % 4000, done = 0;
		unsigned count = 0;

		echo_write(bytes, length);
		while (done < length) {
			uint32_t part = 8 * (1 + (uint32_t)rand() % 125);

			if (done + part >= length || count == RTE_DIM(pieces) - 1)
				part = length - done;
			/* One fragment alone would be none. */
			if (count == 0 && part == length)
				part = 8;
			pieces[count] = (struct piece){ .id = round,
				.start = done,
				.length = part,
				.more = done + part < length,
				.bytes = bytes };
			/* A first segment may be all headers, but for the ICMP header. */
			if (rand() % 4 == 0)
				pieces[count].segment = (uint16_t)((ip4 ? 34 : 62) +
					(done == 0 ? 8 : 0) + rand() % 60);
			count++;
			done += part;
		}
		for (unsigned i = count - 1; i > 0; i--) {
			unsigned j = (unsigned)rand() % (i + 1);

			RTE_SWAP(pieces[i], pieces[j]);
		}
		for (unsigned i = 0; i < count; i++) {
			assert_int_equal(fixture->core.counters.held, i);
			arrive(&pieces[i]);
		}
		assert_answered(bytes, length);
	}
	assert_int_equal(fixture->core.counters.reassembled, 300);
}

/* As large as a datagram can be, and larger. */
static void
test_largest(void **state)
{
	static uint8_t bytes[65536];
	const uint32_t most = ip4 ? IP4_LENGTH_MAX - IP4_HDR_LENGTH : 65535, part = 1200;
	uint32_t start = 0;
	struct rte_mbuf *pkt;

	echo_write(bytes, most);
	for (; start + part < most; start += part)
		ARRIVE(.id = 1, .start = start, .length = part, .more = true, .bytes = bytes);
	ARRIVE(.id = 1, .start = start, .length = most - start, .bytes = bytes);
	assert_answered(bytes, most);
	/* The ping of death: the last fragment ends behind 65535. RFC 8200 4.5 answers it. */
	pkt = ARRIVE(.id = 2, .start = 65528, .length = 100);
	if (ip4)
		assert_dropped(fixture, pkt, DROP_ip_fragment_malformed);
	else
		assert_error(fixture, pkt, DROP_ip_fragment_malformed, ICMP6_PARAMETER_PROBLEM,
			ICMP6_ERRONEOUS_FIELD, 42);
	ip_fixture_empty(fixture);
	assert_held(0, 0);
}

static void
test_malformed(void **state)
{
	struct rte_mbuf *pkt;

	assert_refused(ARRIVE(.id = 1, .start = 8, .length = 0), DROP_ip_fragment_malformed);
	assert_refused(
		ARRIVE(.id = 1, .start = 8, .length = 0, .more = true), DROP_ip_fragment_malformed);
	pkt = ARRIVE(.id = 1, .length = 15, .more = true);
	if (ip4)
		assert_dropped(fixture, pkt, DROP_ip_fragment_malformed);
	else
		assert_error(fixture, pkt, DROP_ip_fragment_malformed, ICMP6_PARAMETER_PROBLEM,
			ICMP6_ERRONEOUS_FIELD, 4);
	ip_fixture_empty(fixture);
	assert_held(0, 0);
}

/* Drain what was given up. @return how many went to errors */
static unsigned
expire(enum drop_reason reason, unsigned expected)
{
	unsigned count = 0, errors = 0;

	while (ip_reassembly_due(&fixture->core)) {
		uint32_t done = ip_reassembly_expire(&fixture->core, &fixture->out, &fixture->out);

		assert_in_range(done, 0, PKT_BURST);
		count += done;
		assert_int_equal(done, fixture->drops.count + fixture->errors.count);
		for (uint32_t i = 0; i < fixture->drops.count; i++)
			assert_int_equal(pkt_meta(fixture->drops.pkts[i])->reason, reason);
		errors += fixture->errors.count;
		ip_fixture_empty(fixture);
	}
	assert_int_equal(count, expected);
	return errors;
}

/* RFC 5722 4: whatever the overlap, nothing of the datagram is used, what still comes neither. */
static void
test_overlaps(void **state)
{
	static const struct piece last[] = {
		{ .start = 16, .length = 16, .more = true }, /* begins inside */
		{ .start = 8, .length = 32, .more = true }, /* covers */
		{ .start = 32, .length = 8, .more = true }, /* is inside, at the front */
		{ .start = 40, .length = 8, .more = true }, /* is inside, at the back */
		{ .start = 24, .length = 24, .more = false }, /* says that it was the end */
		{ .start = 32, .length = 24, .more = true }, /* begins inside, ends behind */
		{ .start = 24, .length = 8, .more = false }, /* an end in front of what is here */
	};

	for (uint32_t i = 0; i < RTE_DIM(last); i++) {
		struct piece bad = last[i];

		bad.id = i;
		ARRIVE(.id = i, .start = 24, .length = 24, .more = true);
		ARRIVE(.id = i, .start = 96, .length = 8, .more = true);
		assert_held(2, i + 1);
		assert_refused(arrive(&bad), DROP_ip_reassembly_overlap);
		assert_int_equal(expire(DROP_ip_reassembly_overlap, 2), 0);
		assert_refused(ARRIVE(.id = i, .start = 0, .length = 24, .more = true),
			DROP_ip_reassembly_overlap);
		assert_held(0, i + 1);
	}
	fixture->core.now_ns += IP_REASSEMBLY_TIMEOUT_NS;
	assert_int_equal(expire(DROP_ip_reassembly_overlap, 0), 0);
	assert_held(0, 0);
}

/* Two ends, or data behind the end. */
static void
test_ends_that_differ(void **state)
{
	ARRIVE(.id = 1, .start = 80, .length = 8);
	assert_refused(ARRIVE(.id = 1, .start = 96, .length = 8), DROP_ip_reassembly_overlap);
	ARRIVE(.id = 2, .start = 80, .length = 8);
	assert_refused(ARRIVE(.id = 2, .start = 96, .length = 8, .more = true),
		DROP_ip_reassembly_overlap);
	ARRIVE(.id = 3, .start = 96, .length = 8, .more = true);
	assert_refused(ARRIVE(.id = 3, .start = 80, .length = 8), DROP_ip_reassembly_overlap);
	/* Up to the end, and then more. */
	ARRIVE(.id = 4, .start = 80, .length = 8);
	assert_refused(ARRIVE(.id = 4, .start = 72, .length = 16, .more = true),
		DROP_ip_reassembly_overlap);
	expire(DROP_ip_reassembly_overlap, 4);
}

/* RFC 8200 4.5: the network may double a fragment. */
static void
test_duplicates(void **state)
{
	static uint8_t bytes[100];

	echo_write(bytes, sizeof(bytes));
	ARRIVE(.id = 1, .start = 0, .length = 48, .more = true, .bytes = bytes);
	assert_refused(ARRIVE(.id = 1, .start = 0, .length = 48, .more = true, .bytes = bytes),
		DROP_ip_fragment_duplicate);
	ARRIVE(.id = 1, .start = 96, .length = 4, .bytes = bytes);
	assert_refused(ARRIVE(.id = 1, .start = 96, .length = 4, .bytes = bytes),
		DROP_ip_fragment_duplicate);
	ARRIVE(.id = 1, .start = 48, .length = 48, .more = true, .bytes = bytes);
	assert_answered(bytes, sizeof(bytes));
}

/* What differs in identification or source is another datagram. */
static void
test_keys(void **state)
{
	ARRIVE(.id = 1, .start = 0, .length = 48, .more = true);
	ARRIVE(.id = 2, .start = 48, .length = 48);
	ARRIVE(.id = 1, .start = 48, .length = 48, .src = ip4 ? "10.0.0.3" : "2001:db8::3");
	assert_held(3, 3);
	if (!ip4) {
		/* IPv6's identification has 32 bits. */
		ARRIVE(.id = 0x10001, .start = 48, .length = 48);
		assert_held(4, 4);
	}
}

/* RFC 792, RFC 8200 4.5: who sent the first fragment is told. */
static void
test_time(void **state)
{
	ARRIVE(.id = 1, .start = 0, .length = 48, .more = true);
	ARRIVE(.id = 1, .start = 96, .length = 48);
	fixture->core.now_ns += IP_REASSEMBLY_TIMEOUT_NS / 2;
	ARRIVE(.id = 2, .start = 48, .length = 48);
	fixture->core.now_ns += IP_REASSEMBLY_TIMEOUT_NS / 2 - 1;
	assert_false(ip_reassembly_due(&fixture->core));
	fixture->core.now_ns++;
	assert_true(ip_reassembly_due(&fixture->core));
	assert_int_equal(ip_reassembly_expire(&fixture->core, &fixture->out, &fixture->out), 2);
	assert_int_equal(fixture->drops.count, 1);
	assert_int_equal(fixture->errors.count, 1);
	assert_int_equal(pkt_meta(fixture->errors.pkts[0])->icmp_type,
		ip4 ? ICMP4_TIME_EXCEEDED : ICMP6_TIME_EXCEEDED);
	assert_int_equal(pkt_meta(fixture->errors.pkts[0])->icmp_code, 1);
	assert_int_equal(pkt_meta(fixture->errors.pkts[0])->reason, DROP_ip_reassembly_timeout);
	ip_fixture_empty(fixture);
	fixture->core.now_ns += IP_REASSEMBLY_TIMEOUT_NS;
	/* Without the first fragment nobody is. */
	assert_int_equal(expire(DROP_ip_reassembly_timeout, 1), 0);
	assert_int_equal(fixture->core.counters.reassembly_timeouts, 2);
	assert_held(0, 0);
}

/* Never more datagrams than the table has; the oldest goes. */
static void
test_bound_of_datagrams(void **state)
{
	static uint8_t bytes[96];

	/* The fixture's table holds fewer fragments than datagrams: dead ones hold none. */
	for (uint32_t i = 0; i < IP_REASSEMBLY_DATAGRAMS + 10; i++) {
		ARRIVE(.id = i, .start = 48, .length = 48);
		assert_refused(
			ARRIVE(.id = i, .start = 40, .length = 48), DROP_ip_reassembly_overlap);
		expire(DROP_ip_reassembly_overlap, 1);
	}
	assert_held(0, IP_REASSEMBLY_DATAGRAMS);
	assert_int_equal(fixture->core.counters.reassembly_evicted, 10);
	/* The first ten are forgotten, and start again; the eleventh is not. */
	assert_refused(ARRIVE(.id = 15, .start = 0, .length = 48, .more = true),
		DROP_ip_reassembly_overlap);
	echo_write(bytes, sizeof(bytes));
	ARRIVE(.id = 1, .start = 0, .length = 48, .more = true, .bytes = bytes);
	ARRIVE(.id = 1, .start = 48, .length = 48, .bytes = bytes);
	assert_int_equal(fixture->replies.count, 1);
}

/*
 * Never more packets than it may hold, and a burst that is on its way out: for each that comes the
 * oldest datagram goes. Nothing is dropped at once: a stage puts out no more than it takes in.
 */
static void
test_bound_of_fragments(void **state)
{
	static uint8_t bytes[96];

	for (uint32_t i = 0; i < 256; i++)
		ARRIVE(.id = i, .start = 48, .length = 48, .more = true);
	assert_held(256, 256);
	for (uint32_t i = 256; i < 1000; i++) {
		ARRIVE(.id = i, .start = 48, .length = 48, .more = true);
		assert_int_equal(ip_fixture_count(fixture), 0);
		if (i % PKT_BURST == 0)
			expire(DROP_ip_reassembly_full, i == 256 ? 1 : PKT_BURST);
	}
	expire(DROP_ip_reassembly_full, 999 % PKT_BURST);
	assert_held(256, 256);
	for (uint32_t i = 1000; i < 1000 + PKT_BURST; i++)
		ARRIVE(.id = i, .start = 48, .length = 48, .more = true);
	assert_int_equal(ip_fixture_count(fixture), 0);
	assert_refused(ARRIVE(.id = 2000, .start = 48, .length = 48, .more = true),
		DROP_ip_reassembly_full);
	expire(DROP_ip_reassembly_full, PKT_BURST + 1);
	/* Who completes his datagram in time is served all the same. */
	echo_write(bytes, sizeof(bytes));
	ARRIVE(.id = 5000, .start = 0, .length = 48, .more = true, .bytes = bytes);
	ARRIVE(.id = 5000, .start = 48, .length = 48, .bytes = bytes);
	assert_int_equal(fixture->replies.count, 1);
}

/* A datagram in more pieces than any real one. */
static void
test_bound_of_pieces(void **state)
{
	for (uint32_t i = 0; i < IP_REASSEMBLY_FRAGMENTS_MAX; i++)
		ARRIVE(.id = 1, .start = 16 * i, .length = 8, .more = true);
	assert_held(IP_REASSEMBLY_FRAGMENTS_MAX, 1);
	assert_refused(ARRIVE(.id = 1, .start = 8, .length = 8, .more = true),
		DROP_ip_reassembly_too_many);
	expire(DROP_ip_reassembly_too_many, IP_REASSEMBLY_FRAGMENTS_MAX);
	assert_held(0, 1);
}

/* RFC 3168 5.3: the mark of one is the mark of all; where ECN is not spoken nobody can mark. */
static void
test_congestion_marks(void **state)
{
	static uint8_t bytes[96];

	echo_write(bytes, sizeof(bytes));
	bytes[0] = ip4 ? ICMP4_ECHO_REPLY : ICMP6_ECHO_REPLY; /* is not rewritten, but punted */
	bytes[3]++; /* its checksum is wrong now: what reaches ICMP is seen there */
	ARRIVE(.id = 1, .start = 0, .length = 48, .more = true, .bytes = bytes, .tos = 2);
	ARRIVE(.id = 1, .start = 48, .length = 48, .bytes = bytes, .tos = 3);
	assert_int_equal(fixture->drops.count, 1);
	assert_int_equal(ip4 ? pkt_l3(fixture->drops.pkts[0], struct ip4_header *)->tos
			     : be32toh(pkt_l3(fixture->drops.pkts[0], struct ip6_header *)
					       ->version_class_flow_be) >>
					20 &
				0xff,
		3);
	ip_fixture_empty(fixture);
	ARRIVE(.id = 2, .start = 0, .length = 48, .more = true, .tos = 0);
	assert_refused(
		ARRIVE(.id = 2, .start = 48, .length = 48, .tos = 3), DROP_ip_reassembly_overlap);
	expire(DROP_ip_reassembly_overlap, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		both(test_any_order),
		both(test_largest),
		both(test_malformed),
		both(test_overlaps),
		both(test_ends_that_differ),
		both(test_duplicates),
		both(test_keys),
		both(test_time),
		both(test_bound_of_datagrams),
		both(test_bound_of_fragments),
		both(test_bound_of_pieces),
		both(test_congestion_marks),
	};

	return cmocka_run_group_tests(tests, ip_fixture_group_setup, test_eal_teardown);
}
