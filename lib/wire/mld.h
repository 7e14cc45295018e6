/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Multicast listener discovery: queries in, reports out. RFC 3810 (version 2), 2710 (version 1).
 */
#ifndef WIRE_MLD_H
#define WIRE_MLD_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/ip_addr.h"
#include "wire/nd.h"

/** The hop-by-hop header with a router alert (RFC 2711) that every MLD message has. */
#define MLD_HOP_BY_HOP_LENGTH 8
#define MLD_RECORD_LENGTH     20
/** Records without sources that one report has room for, in the least MTU: RFC 3810 5.2.15. */
#define MLD_RECORDS_MAX 61
/** Hop-by-hop header, ICMPv6 header, records. */
#define MLD_REPORT_LENGTH_MAX (MLD_HOP_BY_HOP_LENGTH + 8 + MLD_RECORDS_MAX * MLD_RECORD_LENGTH)

struct mld_query {
	uint8_t version; /**< 1 or 2 */
	uint8_t robustness; /**< the querier's; 0: not said */
	uint32_t response_ms; /**< the latest answer */
	uint32_t interval_s; /**< between general queries; 0: not said */
	struct ip_addr group; /**< unspecified: all */
};

/** What a record says of a group; no sources are listed, so EXCLUDE means all of them. */
enum mld_record_type {
	MLD_IS_EXCLUDE = 2, /**< we listen, as was asked */
	MLD_TO_INCLUDE = 3, /**< we listen no more */
	MLD_TO_EXCLUDE = 4, /**< we listen since now */
};

struct mld_record {
	enum mld_record_type type;
	struct ip_addr group;
};

/**
 * Check by RFC 3810 5.1 and 6.2 and take apart. The ICMPv6 checksum is the caller's matter.
 *
 * @param data first byte of the ICMPv6 header
 * @return 0, or -EINVAL: from another link, cut off, or for a group that is none
 */
int mld_query_parse(const void *data, uint32_t length, const struct nd_envelope *envelope,
	struct mld_query *query);
/** Whether a hop-by-hop header, of `length` bytes present, has MLD's router alert. */
bool mld_router_alert_parse(const void *data, uint32_t length);

/** ff02::16: all routers that speak version 2 */
extern const struct ip_addr mld_routers;

/**
 * Write a report of version 2, with its hop-by-hop header.
 * @param count at most MLD_RECORDS_MAX
 * @return bytes written
 */
uint32_t mld_report2_build(
	void *data, const struct mld_record *records, unsigned count, const struct ip_addr *src);
/** Write a report of version 1, or `done`, likewise. It goes to `dst`. @return bytes written */
uint32_t mld_report1_build(void *data, const struct ip_addr *group, bool done,
	const struct ip_addr *src, const struct ip_addr *dst);

#endif
