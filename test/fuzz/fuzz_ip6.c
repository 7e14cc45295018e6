/* SPDX-License-Identifier: BSD-3-Clause */
/* IPv6 headers: chains of extensions end where their bytes say; the header is built again. */
#include <endian.h>
#include <stdbool.h>
#include <stdlib.h>

#include "fuzz/fuzz.h"
#include "wire/ip6.h"
#include "wire/ip6_option.h"

static void
check(bool promise)
{
	if (!promise)
		abort();
}

static void
check_build(const uint8_t *data)
{
	struct ip6_header in, out;
	uint32_t flow;

	memcpy(&in, data, sizeof(in));
	flow = be32toh(in.version_class_flow_be);
	ip6_hdr_build(&out,
		&(struct ip6_build){
			.src = in.src,
			.dst = in.dst,
			.payload_length = be16toh(in.payload_length_be),
			.traffic_class = (uint8_t)(flow >> 20),
			.next_header = in.next_header,
			.hop_limit = in.hop_limit,
		});
	in.version_class_flow_be = htobe32(6U << 28 | (flow & 0x0ff00000));
	check(memcmp(&in, &out, sizeof(in)) == 0);
}

/* The walk ends within the header, at what it stopped for. */
static void
check_options(const uint8_t *data, size_t size)
{
	uint16_t at = 0;
	int rc;

	if (size < 8 || size < (data[1] + 1U) * 8)
		return;
	rc = ip6_options_check(data, &at);
	check(at < (data[1] + 1U) * 8);
	check(rc <= 0 || data[at] >> 6 == rc);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ip6_chain chain, again;

	if (size < IP6_HDR_LENGTH)
		return 0;
	check_build(data);
	check_options(data + IP6_HDR_LENGTH, size - IP6_HDR_LENGTH);
	if (ip6_chain_parse(data, (uint32_t)size, &chain) != 0)
		return 0;
	check(chain.offset >= IP6_HDR_LENGTH && chain.offset <= size && chain.offset % 8 == 0);
	check(chain.proto_field < chain.offset && data[chain.proto_field] == chain.proto);
	check(chain.fragment || !chain.fragment_first);
	/* The walk does not look behind its end, and needs all before it. */
	check(ip6_chain_parse(data, chain.offset, &again) == 0);
	check(again.offset == chain.offset && again.proto == chain.proto &&
		again.proto_field == chain.proto_field && again.fragment == chain.fragment &&
		again.fragment_first == chain.fragment_first);
	if (chain.offset > IP6_HDR_LENGTH)
		check(ip6_chain_parse(data, chain.offset - 1U, &again) != 0);
	return 0;
}
