/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * IPv4 options: record route and timestamp are filled in, source routes refused, all others passed
 * on as they are, router alert too. For ip4_input, ip4_output and icmp4.
 */
#include "ip/ip4_options.h"

#include "wire/checksum.h"
#include "wire/icmp.h"
#include "wire/ip4_option.h"

/* Where things are in the options of RFC 791 3.1, from the option's first byte. */
enum {
	OPTION_POINTER = 2, /* counts from 1 */
	TIMESTAMP_FLAGS = 3, /* and, in the upper half, the overflow counter */
	RECORD_ROUTE_FIRST = 4, /* the least pointer */
	TIMESTAMP_FIRST = 5,
	TIMESTAMP_OVERFLOW_MAX = 15,
};

enum timestamp_flag { TIMESTAMP_ONLY = 0, TIMESTAMP_ADDR = 1, TIMESTAMP_ASKED = 3 };

/* Bytes of one entry; 0: a flag that there is not. */
static unsigned
timestamp_entry(uint8_t flags)
{
	switch (flags & 0xf) {
	case TIMESTAMP_ONLY: return 4;
	case TIMESTAMP_ADDR:
	case TIMESTAMP_ASKED: return 8;
	default: return 0;
	}
}

/* @return 0, or the offset of the byte that is wrong within the option */
static unsigned
record_route_fault(const uint8_t *option, unsigned length)
{
	unsigned pointer = length > OPTION_POINTER ? option[OPTION_POINTER] : 0;

	if (length <= OPTION_POINTER)
		return 1;
	/* Full, or with room for a whole address. */
	if (pointer < RECORD_ROUTE_FIRST || (pointer <= length && pointer + 3 > length))
		return OPTION_POINTER;
	return 0;
}

static unsigned
timestamp_fault(const uint8_t *option, unsigned length)
{
	unsigned pointer, entry;

	if (length <= TIMESTAMP_FLAGS)
		return 1;
	pointer = option[OPTION_POINTER];
	entry = timestamp_entry(option[TIMESTAMP_FLAGS]);
	if (entry == 0)
		return TIMESTAMP_FLAGS;
	if (pointer < TIMESTAMP_FIRST || (pointer <= length && pointer - 1 + entry > length))
		return OPTION_POINTER;
	/* Who cannot even be counted any more makes it an error. */
	if (pointer > length && (option[TIMESTAMP_FLAGS] & 0xf) != TIMESTAMP_ASKED &&
		option[TIMESTAMP_FLAGS] >> 4 == TIMESTAMP_OVERFLOW_MAX)
		return TIMESTAMP_FLAGS;
	return 0;
}

static enum drop_reason
bad_option(struct ip_error *error, unsigned pointer)
{
	*error = (struct ip_error){ ICMP4_PARAMETER_PROBLEM, 0, pointer << 24 };
	return DROP_ip4_bad_option;
}

enum drop_reason
ip4_options_check(const struct ip4_header *hdr, struct ip_error *error)
{
	struct ip4_option option = { 0 };
	int rc;

	while ((rc = ip4_option_next(hdr, &option)) > 0) {
		const uint8_t *bytes = (const uint8_t *)hdr + option.offset;
		unsigned fault = 0;

		switch (option.type) {
		case IP4_OPTION_LSRR:
		case IP4_OPTION_SSRR:
			/* RFC 6274 3.13.2.3, RFC 7126 4.3, 4.4: not followed. */
			*error = (struct ip_error){ ICMP4_UNREACHABLE, ICMP4_SOURCE_ROUTE_FAILED,
				0 };
			return DROP_ip4_source_route;
		case IP4_OPTION_RECORD_ROUTE:
			fault = record_route_fault(bytes, option.length);
			break;
		case IP4_OPTION_TIMESTAMP: fault = timestamp_fault(bytes, option.length); break;
		default: break;
		}
		if (fault != 0)
			return bad_option(error, option.offset + fault);
	}
	return rc < 0 ? bad_option(error, option.offset) : 0;
}

static void
record_route(uint8_t *option, unsigned length, uint32_t addr_be)
{
	unsigned pointer = option[OPTION_POINTER];

	if (pointer > length)
		return;
	memcpy(option + pointer - 1, &addr_be, sizeof(addr_be));
	option[OPTION_POINTER] += sizeof(addr_be);
}

/* Milliseconds since something else than midnight: the upper bit says so. */
static void
timestamp(uint8_t *option, unsigned length, uint32_t addr_be, uint64_t now_ns)
{
	unsigned pointer = option[OPTION_POINTER];
	unsigned flag = option[TIMESTAMP_FLAGS] & 0xf, entry = timestamp_entry((uint8_t)flag);

	if (pointer > length) {
		if (flag != TIMESTAMP_ASKED)
			option[TIMESTAMP_FLAGS] += 1 << 4;
		return;
	}
	if (flag == TIMESTAMP_ASKED && memcmp(option + pointer - 1, &addr_be, 4) != 0)
		return;
	if (flag == TIMESTAMP_ADDR)
		memcpy(option + pointer - 1, &addr_be, sizeof(addr_be));
	be32_store(option + pointer - 1 + entry - 4, 1U << 31 | (uint32_t)(now_ns / 1000000));
	option[OPTION_POINTER] += entry;
}

void
ip4_options_record(struct ip4_header *hdr, uint32_t addr_be, uint64_t now_ns)
{
	struct ip4_option option = { 0 };

	while (ip4_option_next(hdr, &option) > 0) {
		uint8_t *bytes = (uint8_t *)hdr + option.offset;

		if (option.type == IP4_OPTION_RECORD_ROUTE)
			record_route(bytes, option.length, addr_be);
		else if (option.type == IP4_OPTION_TIMESTAMP)
			timestamp(bytes, option.length, addr_be, now_ns);
	}
	hdr->checksum = 0;
	hdr->checksum = checksum_finish(checksum_add(0, hdr, ip4_hdr_length(hdr)));
}
