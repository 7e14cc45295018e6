/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A frame through what a cable does to frames: its headers are found within it, and what is mended,
 * marked, cut and corrupted stays within it.
 */
#include <stdlib.h>
#include <string.h>

#include "cable/cable_checksum.h"
#include "cable/cable_headers.h"
#include "cable/cable_mangle.h"
#include "fuzz/fuzz.h"
#include "wire/mac.h"

#define FRAME_MAX 2048

static void
check(bool promise)
{
	if (!promise)
		abort();
}

static void
headers_check(const struct cable_headers *headers, size_t size)
{
	check(headers->version == 0 || headers->l3 <= size);
	check(headers->proto == 0 || headers->version != 0);
	check(headers->proto == 0 || headers->l4 + headers->l4_length <= size);
}

/* What was filled in is right; a checksum that is not verified need not have been there. */
static void
checksums_check(uint8_t *frame, const struct cable_headers *headers)
{
	if (headers->version == 4) {
		cable_ip4_fill(frame, headers);
		check(cable_ip4_verify(frame, headers) != CABLE_CHECKSUM_BAD);
	}
	if (headers->proto != 0) {
		cable_l4_fill(frame, headers);
		check(cable_l4_verify(frame, headers) != CABLE_CHECKSUM_BAD);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cable_headers headers;
	struct random random;
	uint32_t length;
	uint8_t *frame;

	/* What is shorter is never sent; what was cut is seen below. */
	if (size < ETHER_HDR_LENGTH || size > FRAME_MAX)
		return 0;
	length = (uint32_t)size;
	/* These bytes and no more, so that a sanitizer sees who goes further. */
	frame = malloc(size);
	if (frame == NULL)
		abort();
	memcpy(frame, data, size);
	random_init(&random, data[0]);
	cable_headers_parse(frame, length, &headers);
	headers_check(&headers, size);
	checksums_check(frame, &headers);
	cable_ecn_mark(frame, length);
	cable_corrupt_before(frame, length, &random);
	cable_corrupt_after(frame, length, &random);
	check(cable_truncate(&length, &random) && length >= 1 && length < size);
	frame = realloc(frame, length);
	if (frame == NULL)
		abort();
	cable_headers_parse(frame, length, &headers);
	headers_check(&headers, length);
	cable_ecn_mark(frame, length);
	free(frame);
	return 0;
}
