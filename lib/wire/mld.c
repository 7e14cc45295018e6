/* SPDX-License-Identifier: BSD-3-Clause */
/* MLD queries to structs, and records to reports. */
#include "wire/mld.h"

#include <errno.h>

#include "wire/endian.h"
#include "wire/icmp.h"
#include "wire/ip4.h"

#define QUERY1_LENGTH 24
#define QUERY2_LENGTH 28

const struct ip_addr mld_routers = { IP_FAMILY_6, { 0xff, 0x02, [15] = 0x16 } };

/* RFC 3810 5.1.3: a floating point number from 32768 on. */
static uint32_t
response_ms_decode(uint16_t code)
{
	return code < 0x8000 ? code : ((code & 0xfffU) | 0x1000U) << ((code >> 12 & 7) + 3);
}

/* RFC 3810 5.1.9: likewise from 128 on. */
static uint32_t
interval_decode(uint8_t code)
{
	return code < 0x80 ? code : ((code & 0xfU) | 0x10U) << ((code >> 4 & 7) + 3);
}

int
mld_query_parse(const void *data, uint32_t length, const struct nd_envelope *envelope,
	struct mld_query *query)
{
	const uint8_t *p = data;

	/* RFC 3810 5.1.14: from the link, by one who has an address on it. */
	if (envelope->hop_limit != 1 || envelope->src.family != IP_FAMILY_6 ||
		!ip_addr_is_link_local(&envelope->src))
		return -EINVAL;
	/* RFC 3810 8.1: the length tells the version. */
	if (length < QUERY1_LENGTH || (length > QUERY1_LENGTH && length < QUERY2_LENGTH) ||
		p[0] != ICMP6_MLD_QUERY)
		return -EINVAL;
	*query = (struct mld_query){
		.version = length == QUERY1_LENGTH ? 1 : 2,
		.response_ms = be16_load(p + 4),
		.group = ip_addr_from6(p + 8),
	};
	if (!ip_addr_is_unspecified(&query->group) && !ip_addr_is_multicast(&query->group))
		return -EINVAL;
	if (query->version == 1)
		return 0;
	if (be16_load(p + 26) * 16U > length - QUERY2_LENGTH)
		return -EINVAL;
	query->response_ms = response_ms_decode(be16_load(p + 4));
	query->robustness = p[24] & 7;
	query->interval_s = interval_decode(p[25]);
	return 0;
}

bool
mld_router_alert_parse(const void *data, uint32_t length)
{
	const uint8_t *p = data;
	uint32_t end, i = 2;

	if (length < 8)
		return false;
	end = (p[1] + 1U) * 8;
	if (end > length)
		return false;
	while (i < end) {
		/* Pad1 has no length. */
		if (p[i] == 0) {
			i++;
			continue;
		}
		if (i + 2 > end || i + 2 + p[i + 1] > end)
			return false;
		if (p[i] == 5)
			return p[i + 1] == 2 && p[i + 2] == 0 && p[i + 3] == 0;
		i += 2U + p[i + 1];
	}
	return false;
}

/* RFC 3810 5: next header, length, router alert 0 (RFC 2711), PadN. */
static void
hop_by_hop_build(uint8_t *p)
{
	static const uint8_t hop_by_hop[MLD_HOP_BY_HOP_LENGTH] = { IP_PROTO_ICMP6, 0, 5, 2, 0, 0, 1,
		0 };

	memcpy(p, hop_by_hop, sizeof(hop_by_hop));
}

uint32_t
mld_report2_build(
	void *data, const struct mld_record *records, unsigned count, const struct ip_addr *src)
{
	uint8_t *p = (uint8_t *)data + MLD_HOP_BY_HOP_LENGTH;
	uint32_t length = ICMP_HDR_LENGTH + count * MLD_RECORD_LENGTH;
	struct icmp icmp = { .type = ICMP6_MLD2_REPORT, .rest = count };

	hop_by_hop_build(data);
	icmp_build(p, &icmp);
	for (unsigned i = 0; i < count; i++) {
		uint8_t *record = p + ICMP_HDR_LENGTH + i * MLD_RECORD_LENGTH;

		record[0] = (uint8_t)records[i].type;
		memset(record + 1, 0, 3);
		memcpy(record + 4, records[i].group.bytes, 16);
	}
	icmp6_checksum_set(p, length, src, &mld_routers);
	return MLD_HOP_BY_HOP_LENGTH + length;
}

uint32_t
mld_report1_build(void *data, const struct ip_addr *group, bool done, const struct ip_addr *src,
	const struct ip_addr *dst)
{
	uint8_t *p = (uint8_t *)data + MLD_HOP_BY_HOP_LENGTH;
	struct icmp icmp = { .type = done ? ICMP6_MLD1_DONE : ICMP6_MLD1_REPORT };

	hop_by_hop_build(data);
	icmp_build(p, &icmp);
	memcpy(p + ICMP_HDR_LENGTH, group->bytes, 16);
	icmp6_checksum_set(p, QUERY1_LENGTH, src, dst);
	return MLD_HOP_BY_HOP_LENGTH + QUERY1_LENGTH;
}
