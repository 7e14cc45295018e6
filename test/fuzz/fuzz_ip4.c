/* SPDX-License-Identifier: BSD-3-Clause */
/* IPv4 headers, as they come and with their checksum made right; plain ones are built again. */
#include <endian.h>
#include <stdlib.h>

#include "fuzz/fuzz.h"
#include "wire/checksum.h"
#include "wire/ip4.h"
#include "wire/ip4_option.h"

static void
check(bool promise)
{
	if (!promise)
		abort();
}

/* The same header from its fields, if it has no options and is no fragment. */
static void
check_build(const uint8_t *data, const struct ip4_summary *summary)
{
	struct ip4_header in, out;

	memcpy(&in, data, sizeof(in));
	if (summary->hdr_length != IP4_HDR_LENGTH || (be16toh(in.frag_be) & ~IP4_FRAG_DF) != 0)
		return;
	ip4_hdr_build(&out,
		&(struct ip4_build){
			.src_be = in.src_be,
			.dst_be = in.dst_be,
			.payload_length = summary->payload_length,
			.id = be16toh(in.id_be),
			.tos = in.tos,
			.ttl = in.ttl,
			.proto = summary->proto,
			.df = in.frag_be != 0,
		});
	/* RFC 1624: both zeros are right for a receiver; the builder writes 0x0000. */
	if (in.checksum == 0xffff)
		in.checksum = 0;
	check(memcmp(&in, &out, sizeof(in)) == 0);
}

static void
check_parse(const uint8_t *data, uint32_t size)
{
	struct ip4_summary summary, again;

	if (ip4_hdr_parse(data, size, &summary) != 0)
		return;
	check(summary.hdr_length >= IP4_HDR_LENGTH && summary.hdr_length <= IP4_HDR_LENGTH_MAX);
	check((uint32_t)summary.hdr_length + summary.payload_length <= size);
	check(summary.fragment || !summary.fragment_first);
	/* What lies behind the packet changes nothing; a packet cut off is refused. */
	size = (uint32_t)summary.hdr_length + summary.payload_length;
	check(ip4_hdr_parse(data, size, &again) == 0);
	check(again.payload_length == summary.payload_length && again.proto == summary.proto);
	check(ip4_hdr_parse(data, size - 1, &again) != 0);
	check_build(data, &summary);
}

/* The walk stays within the header, and what fragments carry can be walked again. */
static void
check_options(const uint8_t *data, uint32_t hdr_length)
{
	struct ip4_option option = { 0 };
	struct ip4_header_max max = { 0 }, fragment;
	unsigned copied = 0, length;
	int rc;

	memcpy(&max, data, hdr_length);
	while ((rc = ip4_option_next(&max.hdr, &option)) > 0) {
		check(option.length > 0 && option.offset >= IP4_HDR_LENGTH);
		check((uint32_t)option.offset + option.length <= hdr_length);
		copied += (option.type & IP4_OPTION_COPIED) != 0 ? option.length : 0;
	}
	check(rc == 0 || (option.offset > IP4_HDR_LENGTH && option.offset <= hdr_length));
	if (rc < 0)
		return;
	length = ip4_hdr_fragment(&max.hdr, &fragment);
	check(length == IP4_HDR_LENGTH + (copied + 3) / 4 * 4);
	option = (struct ip4_option){ 0 };
	while ((rc = ip4_option_next(&fragment.hdr, &option)) > 0)
		copied -= option.length;
	check(rc == 0 && copied == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *packet;
	uint16_t checksum;
	uint32_t hdr_length;

	check_parse(data, (uint32_t)size);
	if (size < IP4_HDR_LENGTH)
		return 0;
	packet = malloc(size);
	if (packet == NULL)
		return 0;
	memcpy(packet, data, size);
	hdr_length = (packet[0] & 0xfU) * 4;
	if (hdr_length >= IP4_HDR_LENGTH && hdr_length <= size)
		check_options(packet, hdr_length);
	memset(packet + 10, 0, 2);
	checksum = checksum_finish(checksum_add(0, packet, hdr_length < size ? hdr_length : size));
	memcpy(packet + 10, &checksum, 2);
	check_parse(packet, (uint32_t)size);
	free(packet);
	return 0;
}
