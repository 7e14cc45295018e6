/* SPDX-License-Identifier: BSD-3-Clause */
/* IP packets hashed by what is inside them: within their bounds, and the same each time. */
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "pkt/flow_policy.h"
#include "pkt/flow_tunnel.h"
#include "wire/ip6.h"

#define PACKET_MAX 2048

/* These bytes and no more, so that a sanitizer sees who reads on. */
static uint8_t *
copy_alone(const uint8_t *data, size_t size)
{
	uint8_t *bytes = malloc(size);

	if (bytes == NULL && size > 0)
		abort();
	if (size > 0)
		memcpy(bytes, data, size);
	return bytes;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct flow_policy policy = { .fields = FLOW_FIELDS_L4, .inner = true };
	struct rte_mbuf pkt = { .data_len = (uint16_t)size, .nb_segs = 1 };
	struct ip4_summary summary;
	uint32_t length = 0;
	const uint8_t *inner;
	uint8_t *bytes;

	if (size == 0 || size > PACKET_MAX)
		return 0;
	bytes = copy_alone(data, size);
	pkt.buf_addr = bytes;
	if (ip4_hdr_parse(bytes, (uint32_t)size, &summary) == 0) {
		if (flow_policy_ip4(&policy, &pkt) != flow_policy_ip4(&policy, &pkt))
			abort();
	} else if (size >= IP6_HDR_LENGTH && bytes[0] >> 4 == 6) {
		if (flow_policy_ip6(&policy, &pkt) != flow_policy_ip6(&policy, &pkt))
			abort();
	}
	free(bytes);
	/* The first byte is the protocol; the rest follows an IP header, which is aligned. */
	bytes = copy_alone(data + 1, size - 1);
	inner = flow_tunnel_inner(data[0], bytes, (uint32_t)size - 1, &length);
	if (inner != NULL && (inner < bytes || inner + length != bytes + size - 1))
		abort();
	free(bytes);
	return 0;
}
