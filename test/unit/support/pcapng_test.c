/* SPDX-License-Identifier: BSD-3-Clause */
/* What is written to a capture can be read again, by libpcap and by us. */
#include "support/pcapng.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define PATH "pcapng_test.pcapng"

static void
packets_come_back(void **state)
{
	struct pcapng_writer *writer = pcapng_create(PATH);
	struct pcapng_reader *reader;
	struct pcapng_packet packet;
	uint8_t bytes[1600];

	assert_non_null(writer);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7);
	assert_int_equal(pcapng_iface_add(writer, "l0 a"), 0);
	assert_int_equal(pcapng_iface_add(writer, "l0 b"), 1);
	for (size_t length = 0; length <= sizeof(bytes); length++)
		pcapng_write(writer,
			&(struct pcapng_packet){
				.iface = length % 2,
				.direction = length % 3,
				.time_ns = 5000000000000 + length,
				.bytes = bytes,
				.length = length,
				.comment = length % 5 == 0 ? "lost" : NULL,
			});
	assert_int_equal(pcapng_close(writer), 0);

	reader = pcapng_open(PATH);
	assert_non_null(reader);
	for (size_t length = 0; length <= sizeof(bytes); length++) {
		assert_int_equal(pcapng_read(reader, &packet), 1);
		assert_int_equal(packet.time_ns, 5000000000000 + length);
		assert_int_equal(packet.length, length);
		assert_memory_equal(packet.bytes, bytes, length);
	}
	assert_int_equal(pcapng_read(reader, &packet), 0);
	pcapng_reader_close(reader);
	unlink(PATH);
}

static void
what_is_no_capture_is_refused(void **state)
{
	struct pcapng_writer *writer = pcapng_create(PATH);
	struct pcapng_reader *reader;
	struct pcapng_packet packet;

	assert_null(pcapng_create("no/such/folder/" PATH));
	assert_int_equal(errno, ENOENT);
	assert_null(pcapng_open("no/such/file"));
	assert_non_null(writer);
	pcapng_iface_add(writer, "l0");
	pcapng_write(writer, &(struct pcapng_packet){ .bytes = "0123456789", .length = 10 });
	assert_int_equal(pcapng_close(writer), 0);
	/* Cut off within the last block. */
	assert_int_equal(truncate(PATH, 90), 0);
	reader = pcapng_open(PATH);
	assert_non_null(reader);
	assert_int_equal(pcapng_read(reader, &packet), -EIO);
	pcapng_reader_close(reader);
	unlink(PATH);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_come_back),
		cmocka_unit_test(what_is_no_capture_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
