/* SPDX-License-Identifier: BSD-3-Clause */
/* SCTP's chunks and parameters: as written, and with every truncation and wrong length. */
#include "wire/sctp.h"

#include <errno.h>

#include "unit/wire/wire_fixture.h"
#include "wire/endian.h"

/* ---- building ---- */

static struct sctp_writer
writer_of(uint8_t *bytes, uint32_t room)
{
	return (struct sctp_writer){ .data = bytes, .room = room };
}

/* An INIT with an address of each family, an unknown parameter, and what must not count. */
static uint32_t
init_build(uint8_t *bytes, uint32_t room)
{
	struct sctp_writer writer = writer_of(bytes, room);
	const struct ip_addr four = addr_of("192.0.2.1"), six = addr_of("2001:db8::1");
	const struct ip_addr group = addr_of("224.0.0.1");
	const uint8_t families[] = { 0, 5 }, value[] = { 1, 2, 3 };
	uint32_t place = sctp_chunk_begin(&writer, SCTP_INIT, 0);

	sctp_put_u32(&writer, 0x01020304);
	sctp_put_u32(&writer, 65536);
	sctp_put_u16(&writer, 10);
	sctp_put_u16(&writer, 20);
	sctp_put_u32(&writer, 0xfffffff0);
	sctp_addr_put(&writer, &four);
	sctp_addr_put(&writer, &six);
	sctp_addr_put(&writer, &four);
	sctp_addr_put(&writer, &group);
	sctp_param_put(&writer, SCTP_PARAM_SUPPORTED_FAMILIES, families, sizeof(families));
	sctp_param_put(&writer, 0xc0de, value, sizeof(value));
	sctp_chunk_end(&writer, place);
	assert_false(writer.full);
	return writer.used;
}

static void
test_init(void **state)
{
	uint8_t bytes[256];
	struct sctp_cursor cursor = { bytes, init_build(bytes, sizeof(bytes)) };
	struct sctp_chunk chunk;
	struct sctp_init init;

	(void)state;
	assert_int_equal(sctp_chunk_next(&cursor, &chunk), 1);
	assert_int_equal(chunk.type, SCTP_INIT);
	assert_int_equal(sctp_init_parse(&chunk, &init), 0);
	assert_int_equal(init.initiate_tag, 0x01020304);
	assert_int_equal(init.a_rwnd, 65536);
	assert_int_equal(init.out_streams, 10);
	assert_int_equal(init.in_streams, 20);
	assert_int_equal(init.initial_tsn, 0xfffffff0);
	assert_int_equal(init.addr_count, 2);
	assert_true(ip_addr_equal(&init.addrs[0], &(struct ip_addr){ 4, { 192, 0, 2, 1 } }));
	assert_int_equal(init.addrs[1].family, IP_FAMILY_6);
	assert_true(init.families_said && !init.no_ip4 && init.no_ip6);
	assert_int_equal(init.unknown_count, 1);
	assert_int_equal(init.unknown[0].left, 7);
	assert_int_equal(be16_load(init.unknown[0].at), 0xc0de);
	assert_int_equal(sctp_chunk_next(&cursor, &chunk), 0);
}

/* More addresses than are used are passed over; but for those that cannot be. */
static void
test_init_addresses(void **state)
{
	(void)state;
	for (unsigned count = 0; count <= 64; count += 4) {
		for (unsigned bad = 0; bad < 2; bad++) {
			uint8_t bytes[1024];
			struct sctp_writer writer = { .data = bytes, .room = sizeof(bytes) };
			uint32_t place = sctp_chunk_begin(&writer, SCTP_INIT, 0);
			struct sctp_cursor cursor;
			struct sctp_chunk chunk;
			struct sctp_init init;

			for (unsigned i = 0; i < SCTP_INIT_LENGTH / 4; i++)
				sctp_put_u32(&writer, 1);
			for (unsigned i = 0; i < count; i++)
				sctp_param_put(&writer, SCTP_PARAM_IP4,
					(uint8_t[]){ 192, 0, 2, (uint8_t)i }, 4);
			if (bad)
				sctp_param_put(&writer, SCTP_PARAM_IP6, "short", 5);
			sctp_chunk_end(&writer, place);
			cursor = (struct sctp_cursor){ bytes, writer.used };
			assert_int_equal(sctp_chunk_next(&cursor, &chunk), 1);
			assert_int_equal(sctp_init_parse(&chunk, &init), bad ? -EINVAL : 0);
			assert_int_equal(
				init.addr_count, count < SCTP_ADDRS_MAX ? count : SCTP_ADDRS_MAX);
		}
	}
}

/* The chunk's length goes with the bytes: each cut is refused, or ends between two parameters. */
static void
test_init_truncated(void **state)
{
	uint8_t bytes[256];
	uint32_t length = init_build(bytes, sizeof(bytes));

	(void)state;
	for (uint32_t cut = 0; cut < length; cut++) {
		uint8_t *copy = bytes_copy(bytes, cut);
		struct sctp_cursor cursor = { copy, cut };
		struct sctp_chunk chunk;
		struct sctp_init init;
		int ret;

		if (cut >= 4)
			be16_store(copy + 2, (uint16_t)cut);
		ret = sctp_chunk_next(&cursor, &chunk);
		assert_int_equal(ret, cut == 0 ? 0 : cut < 4 ? -EINVAL : 1);
		if (ret > 0) {
			bool whole = cut == 20 || cut == 28 || cut == 48 || cut == 56 ||
				cut == 64 || cut == 70 || cut == 71 || cut == 72 || cut == 79;

			assert_int_equal(sctp_init_parse(&chunk, &init), whole ? 0 : -EINVAL);
		}
		free(copy);
	}
}

static void
test_chunk_lengths(void **state)
{
	static const struct {
		uint8_t bytes[12];
		uint32_t length;
		int result;
		uint32_t value;
	} cases[] = {
		{ { 6, 0, 0, 4 }, 4, 1, 0 },
		{ { 6, 0, 0, 3 }, 4, -EINVAL, 0 },
		{ { 6, 0, 0, 0 }, 4, -EINVAL, 0 },
		{ { 6, 0, 0, 5 }, 4, -EINVAL, 0 },
		{ { 6, 0, 0, 5, 1 }, 5, 1, 1 }, /* its padding is missing */
		{ { 6, 0, 0, 5, 1, 0, 0, 0 }, 8, 1, 1 },
		{ { 6, 0, 0xff, 0xff, 1, 0, 0, 0 }, 8, -EINVAL, 0 },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t *copy = bytes_copy(cases[i].bytes, cases[i].length);
		struct sctp_cursor cursor = { copy, cases[i].length };
		struct sctp_chunk chunk;

		assert_int_equal(sctp_chunk_next(&cursor, &chunk), cases[i].result);
		if (cases[i].result > 0) {
			assert_int_equal(chunk.length, cases[i].value);
			assert_int_equal(cursor.left, 0);
		}
		free(copy);
	}
}

/* RFC 9260 3.2.1: what to do is in the type's upper bits. */
static void
test_unknown_params(void **state)
{
	static const struct {
		uint16_t type;
		bool reported, goes_on;
	} cases[] = {
		{ 0x3fff, false, false },
		{ 0x7fff, true, false },
		{ 0xbfff, false, true },
		{ 0xffff, true, true },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t bytes[64] = { 0 };
		struct sctp_writer writer = writer_of(bytes, sizeof(bytes));
		const struct ip_addr addr = addr_of("10.0.0.1");
		struct sctp_chunk chunk = { .type = SCTP_INIT, .value = bytes };
		struct sctp_init init;

		writer.used = SCTP_INIT_LENGTH;
		sctp_param_put(&writer, cases[i].type, "x", 1);
		sctp_addr_put(&writer, &addr);
		chunk.length = (uint16_t)writer.used;
		assert_int_equal(sctp_init_parse(&chunk, &init), 0);
		assert_int_equal(init.unknown_count, cases[i].reported);
		assert_int_equal(init.addr_count, cases[i].goes_on);
	}
}

static void
test_data(void **state)
{
	const uint8_t bytes[] = { 0, 3, 0, 18, 0, 0, 0, 7, 0, 1, 0, 2, 0, 0, 0, 46, 'a', 'b' };

	(void)state;
	for (uint16_t cut = 4; cut <= sizeof(bytes); cut++) {
		uint8_t *copy = bytes_copy(bytes, cut);
		struct sctp_chunk chunk = { .flags = 3, .length = cut - 4, .value = copy + 4 };
		struct sctp_data data;

		assert_int_equal(sctp_data_parse(&chunk, &data), cut < 16 ? -EINVAL : 0);
		if (cut == sizeof(bytes)) {
			assert_int_equal(data.tsn, 7);
			assert_int_equal(data.stream, 1);
			assert_int_equal(data.ssn, 2);
			assert_int_equal(be32_load(&data.ppid_be), 46);
			assert_int_equal(data.length, 2);
			assert_memory_equal(data.data, "ab", 2);
		}
		free(copy);
	}
}

/* RFC 8260 2.1: the PPID is the first fragment's, the others have their number in its place. */
static void
test_i_data(void **state)
{
	const uint8_t bytes[] = { 0, 0, 0, 7, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 46, 'a' };

	(void)state;
	for (uint16_t cut = 0; cut <= sizeof(bytes); cut++) {
		uint8_t *copy = bytes_copy(bytes, cut);
		struct sctp_chunk chunk = { SCTP_I_DATA, SCTP_DATA_BEGIN, cut, copy };
		struct sctp_data data;

		assert_int_equal(sctp_data_parse(&chunk, &data), cut < 16 ? -EINVAL : 0);
		if (cut >= 16) {
			assert_int_equal(data.tsn, 7);
			assert_int_equal(data.stream, 1);
			assert_int_equal(data.mid, 512);
			assert_int_equal(be32_load(&data.ppid_be), 46);
			assert_int_equal(data.fsn, 0);
			assert_int_equal(data.length, cut - 16);
			chunk.flags = SCTP_DATA_END;
			assert_int_equal(sctp_data_parse(&chunk, &data), 0);
			assert_int_equal(data.ppid_be, 0);
			assert_int_equal(data.fsn, 46);
		}
		free(copy);
	}
}

/* What is written is what is read; of what is cut off the whole skips count. */
static void
test_forward(void **state)
{
	static const struct sctp_skip skips[] = { { 5, false, 0xffff }, { 1023, true, 70000 } };

	(void)state;
	for (unsigned interleaved = 0; interleaved < 2; interleaved++) {
		const unsigned size = interleaved ? 8 : 4;
		uint8_t bytes[64];
		struct sctp_writer writer = writer_of(bytes, sizeof(bytes));

		sctp_put_u32(&writer, 9);
		for (unsigned i = 0; i < 2; i++)
			sctp_skip_put(&writer, &skips[i], interleaved);
		assert_int_equal(writer.used, 4 + 2 * size);
		for (uint16_t cut = 0; cut <= writer.used; cut++) {
			uint8_t *copy = bytes_copy(bytes, cut);
			struct sctp_chunk chunk = {
				interleaved ? SCTP_I_FORWARD_TSN : SCTP_FORWARD_TSN, 0, cut, copy
			};
			struct sctp_forward forward;

			assert_int_equal(
				sctp_forward_parse(&chunk, &forward), cut < 4 ? -EINVAL : 0);
			if (cut >= 4)
				assert_int_equal(forward.count, (cut - 4) / size);
			for (unsigned i = 0; cut >= 4 && i < forward.count; i++) {
				struct sctp_skip skip = sctp_forward_skip(&forward, i);

				assert_int_equal(forward.cum_tsn, 9);
				assert_int_equal(skip.stream, skips[i].stream);
				assert_int_equal(skip.unordered, interleaved && skips[i].unordered);
				assert_int_equal(skip.mid,
					interleaved ? skips[i].mid : (uint16_t)skips[i].mid);
			}
			free(copy);
		}
	}
}

static void
test_sack(void **state)
{
	const uint8_t bytes[] = { 0, 0, 0, 9, 0, 0, 1, 0, 0, 2, 0, 1, 0, 2, 0, 3, 0, 5, 0, 5, 0, 0,
		0, 8 };

	(void)state;
	for (uint16_t cut = 0; cut <= sizeof(bytes); cut++) {
		uint8_t *copy = bytes_copy(bytes, cut);
		struct sctp_chunk chunk = { .length = cut, .value = copy };
		struct sctp_sack sack;

		assert_int_equal(sctp_sack_parse(&chunk, &sack), cut < sizeof(bytes) ? -EINVAL : 0);
		if (cut == sizeof(bytes)) {
			assert_int_equal(sack.cum_tsn, 9);
			assert_int_equal(sack.a_rwnd, 256);
			assert_int_equal(sctp_sack_gap(&sack, 0).last, 3);
			assert_int_equal(sctp_sack_gap(&sack, 1).first, 5);
			assert_int_equal(be32_load(sack.dups), 8);
		}
		free(copy);
	}
}

static void
test_header(void **state)
{
	const struct sctp_fields fields = { 1000, 2000, 0xdeadbeef };
	uint8_t bytes[SCTP_HDR_LENGTH];
	struct sctp_fields parsed;

	(void)state;
	sctp_hdr_build(bytes, &fields);
	for (uint32_t cut = 0; cut < sizeof(bytes); cut++) {
		uint8_t *copy = bytes_copy(bytes, cut);

		assert_int_equal(sctp_hdr_parse(copy, cut, &parsed), -EINVAL);
		free(copy);
	}
	assert_int_equal(sctp_hdr_parse(bytes, sizeof(bytes), &parsed), 0);
	assert_memory_equal(&parsed, &fields, sizeof(fields));
	/* RFC 9260 3.1: port 0 is nobody's. */
	memset(bytes, 0, 2);
	assert_int_equal(sctp_hdr_parse(bytes, sizeof(bytes), &parsed), -EINVAL);
}

/* RFC 5061 4.2.7, RFC 3758 3.1: what is written is what is read, and chunks that are unknown are nothing. */
static void
test_extensions(void **state)
{
	const uint16_t all = SCTP_EXT_FORWARD_TSN | SCTP_EXT_AUTH | SCTP_EXT_ASCONF |
		SCTP_EXT_RE_CONFIG | SCTP_EXT_I_DATA | SCTP_EXT_I_FORWARD_TSN |
		SCTP_EXT_ZERO_CHECKSUM | SCTP_EXT_ECN;

	(void)state;
	for (uint16_t extensions = 0; extensions <= all; extensions++) {
		uint8_t bytes[64] = { 0 };
		struct sctp_writer writer = writer_of(bytes, sizeof(bytes));
		struct sctp_init init;
		struct sctp_chunk chunk = { .type = SCTP_INIT, .value = bytes };

		writer.used = SCTP_INIT_LENGTH;
		sctp_extensions_put(&writer, extensions);
		chunk.length = (uint16_t)writer.used;
		assert_int_equal(sctp_init_parse(&chunk, &init), 0);
		assert_int_equal(init.extensions, extensions);
		assert_int_equal(init.unknown_count, 0);
	}
	assert_int_equal(
		sctp_extensions_parse(&(struct sctp_param){ SCTP_PARAM_SUPPORTED_EXTENSIONS, 3,
			(const uint8_t[]){ 200, SCTP_RE_CONFIG, SCTP_PAD } }),
		SCTP_EXT_RE_CONFIG);
}

/* What does not fit leaves no byte beyond the room, and says so. */
static void
test_writer_full(void **state)
{
	uint8_t whole[256];
	uint32_t length = init_build(whole, sizeof(whole));

	(void)state;
	for (uint32_t room = 0; room < length; room++) {
		uint8_t *bytes = malloc(room + 1);
		struct sctp_writer writer = writer_of(bytes, room);
		uint32_t place;

		assert_non_null(bytes);
		bytes[room] = 0xa5;
		place = sctp_chunk_begin(&writer, SCTP_ERROR, 0);
		sctp_put(&writer, whole, length - 4);
		sctp_chunk_end(&writer, place);
		assert_true(writer.full);
		assert_true(writer.used <= room);
		assert_int_equal(bytes[room], 0xa5);
		free(bytes);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_chunk_lengths),
		cmocka_unit_test(test_init),
		cmocka_unit_test(test_init_addresses),
		cmocka_unit_test(test_init_truncated),
		cmocka_unit_test(test_unknown_params),
		cmocka_unit_test(test_data),
		cmocka_unit_test(test_i_data),
		cmocka_unit_test(test_forward),
		cmocka_unit_test(test_sack),
		cmocka_unit_test(test_extensions),
		cmocka_unit_test(test_writer_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
