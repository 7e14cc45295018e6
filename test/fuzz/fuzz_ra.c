/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Router advertisements, their checksum made right, and what a host learns of them: whatever they
 * say, it stays within its bounds, and forgets all in the end.
 */
#include <stdlib.h>

#include "autoconf/autoconf.h"
#include "fuzz/fuzz.h"
#include "wire/icmp.h"

static void
check(bool promise)
{
	if (!promise)
		abort();
}

static void
check_learned(const struct ra *ra, const struct ip_addr *router)
{
	struct autoconf_host host = { 0 };
	uint64_t now_ms = 1000;

	autoconf_host_start(&host, now_ms, 0);
	for (unsigned i = 0; i < 3; i++) {
		autoconf_host_input(&host, ra, router, now_ms);
		check(host.router_count <= 1 && host.prefix_count <= AUTOCONF_PREFIXES_MAX &&
			host.route_count <= AUTOCONF_ROUTES_MAX);
		now_ms += 3600000;
		autoconf_host_expire(&host, now_ms);
		for (unsigned j = 0; j < host.prefix_count; j++)
			check(host.prefixes[j].on_link_until_ms > now_ms ||
				host.prefixes[j].valid_until_ms > now_ms);
		for (unsigned j = 0; j < host.route_count; j++)
			check(host.routes[j].until_ms > now_ms && host.routes[j].prefix.length > 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct nd_envelope envelope = {
		.src = { IP_FAMILY_6, { 0xfe, 0x80, [15] = 1 } },
		.dst = { IP_FAMILY_6, { 0xff, 0x02, [15] = 1 } },
		.hop_limit = 255,
	};
	uint8_t *message;
	struct ra ra;

	if (size < ICMP_HDR_LENGTH)
		return 0;
	message = malloc(size);
	if (message == NULL)
		return 0;
	memcpy(message, data, size);
	icmp6_checksum_set(message, (uint32_t)size, &envelope.src, &envelope.dst);
	if (ra_parse(message, (uint32_t)size, &envelope, &ra) == 0) {
		check(ra.prefix_count <= RA_PREFIXES_MAX);
		for (unsigned i = 0; i < ra.prefix_count; i++)
			check(ra.prefixes[i].prefix.length <= 128);
		check(ra.route_count <= RA_ROUTES_MAX);
		for (unsigned i = 0; i < ra.route_count; i++)
			check(ra.routes[i].prefix.length <= 128);
		check_learned(&ra, &envelope.src);
	}
	free(message);
	return 0;
}
