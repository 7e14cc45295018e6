/* SPDX-License-Identifier: BSD-3-Clause */
/* MLD queries, and the hop-by-hop options in front of them. */
#include <stdlib.h>

#include "fuzz/fuzz.h"
#include "wire/mld.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct nd_envelope envelope = {
		.src = { IP_FAMILY_6, { 0xfe, 0x80, [15] = 1 } },
		.dst = { IP_FAMILY_6, { 0xff, 0x02, [15] = 1 } },
		.hop_limit = 1,
	};
	struct mld_query query;

	mld_router_alert_parse(data, (uint32_t)size);
	if (mld_query_parse(data, (uint32_t)size, &envelope, &query) < 0)
		return 0;
	if (query.version != 1 && query.version != 2)
		abort();
	if (!ip_addr_is_unspecified(&query.group) && !ip_addr_is_multicast(&query.group))
		abort();
	return 0;
}
