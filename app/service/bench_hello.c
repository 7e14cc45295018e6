/* SPDX-License-Identifier: BSD-3-Clause */
/* The first bytes of a bench client. */
#include "service/bench_hello.h"

#include <endian.h>
#include <string.h>

#define VERSION 1
#define ANSWER  1

static const uint8_t magic[4] = { 's', 'p', 'b', 'n' };

const char *
bench_mode_name(unsigned mode)
{
	static const char *const names[BENCH_MODE_COUNT] = {
		[BENCH_SEND] = "send",
		[BENCH_RECEIVE] = "receive",
		[BENCH_RR] = "rr",
		[BENCH_CRR] = "crr",
		[BENCH_HOLD] = "hold",
	};

	return mode < BENCH_MODE_COUNT ? names[mode] : NULL;
}

void
bench_hello_build(const struct bench_hello *hello, uint8_t *out)
{
	const uint32_t sizes[2] = { htobe32(hello->request_bytes), htobe32(hello->response_bytes) };

	memcpy(out, magic, sizeof(magic));
	out[4] = VERSION;
	out[5] = (uint8_t)hello->mode;
	out[6] = 0;
	out[7] = hello->verify;
	memcpy(out + 8, sizes, sizeof(sizes));
}

/* What both have, whatever it says. */
static bool
head_parse(const uint8_t *data, struct bench_hello *hello)
{
	uint32_t sizes[2];

	if (memcmp(data, magic, sizeof(magic)) != 0 || data[4] != VERSION ||
		data[5] >= BENCH_MODE_COUNT || data[6] == ANSWER || data[7] > 1)
		return false;
	memcpy(sizes, data + 8, sizeof(sizes));
	hello->mode = data[5];
	hello->verify = data[7] != 0;
	hello->request_bytes = be32toh(sizes[0]);
	hello->response_bytes = be32toh(sizes[1]);
	return true;
}

bool
bench_hello_parse(const uint8_t *data, struct bench_hello *hello)
{
	if (!head_parse(data, hello))
		return false;
	if (hello->mode != BENCH_RR && hello->mode != BENCH_CRR)
		return hello->mode != BENCH_HOLD || !hello->verify;
	return !hello->verify && hello->request_bytes >= 1 &&
		hello->request_bytes <= BENCH_SIZE_MAX && hello->response_bytes >= 1 &&
		hello->response_bytes <= BENCH_SIZE_MAX;
}

void
bench_sctp_hello_build(const struct bench_hello *hello, uint8_t out[BENCH_SCTP_HELLO_LENGTH])
{
	const uint16_t streams = htobe16(hello->streams);

	bench_hello_build(hello, out);
	memcpy(out + BENCH_HELLO_LENGTH, &streams, sizeof(streams));
	out[18] = hello->unordered;
	out[19] = 0;
}

bool
bench_sctp_hello_parse(const uint8_t data[BENCH_SCTP_HELLO_LENGTH], struct bench_hello *hello)
{
	const uint32_t least = data[7] != 0 ? BENCH_NUMBER_LENGTH : 1;
	uint16_t streams;

	memcpy(&streams, data + BENCH_HELLO_LENGTH, sizeof(streams));
	hello->streams = be16toh(streams);
	hello->unordered = data[18] != 0;
	return head_parse(data, hello) && data[6] == 0 && data[18] <= 1 && data[19] == 0 &&
		hello->streams >= 1 && hello->streams <= BENCH_STREAMS_MAX &&
		hello->request_bytes >= least && hello->request_bytes <= BENCH_MESSAGE_MAX &&
		hello->response_bytes >= least && hello->response_bytes <= BENCH_MESSAGE_MAX;
}

void
bench_hello_answer(uint8_t *data)
{
	data[6] = ANSWER;
}

void
bench_number_build(uint64_t number, uint8_t out[BENCH_NUMBER_LENGTH])
{
	number = htobe64(number);
	memcpy(out, &number, sizeof(number));
}

uint64_t
bench_number_parse(const uint8_t data[BENCH_NUMBER_LENGTH])
{
	uint64_t number;

	memcpy(&number, data, sizeof(number));
	return be64toh(number);
}
