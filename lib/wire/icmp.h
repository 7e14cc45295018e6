/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * ICMP (RFC 792, 1191) and ICMPv6 (RFC 4443) headers: both have the same first eight bytes.
 */
#ifndef WIRE_ICMP_H
#define WIRE_ICMP_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/ip_addr.h"

#define ICMP_HDR_LENGTH 8

enum icmp4_type {
	ICMP4_ECHO_REPLY = 0,
	ICMP4_UNREACHABLE = 3,
	ICMP4_REDIRECT = 5,
	ICMP4_ECHO_REQUEST = 8,
	ICMP4_TIME_EXCEEDED = 11,
	ICMP4_PARAMETER_PROBLEM = 12,
};

/** Codes of ICMP4_UNREACHABLE: RFC 792, 1122 3.2.2.1, 1812 5.2.7.1. */
enum icmp4_unreachable {
	ICMP4_NET_UNREACHABLE = 0,
	ICMP4_HOST_UNREACHABLE = 1,
	ICMP4_PROTO_UNREACHABLE = 2,
	ICMP4_PORT_UNREACHABLE = 3,
	ICMP4_FRAGMENTATION_NEEDED = 4,
	ICMP4_SOURCE_ROUTE_FAILED = 5,
	ICMP4_NET_PROHIBITED = 9,
	ICMP4_HOST_PROHIBITED = 10,
	ICMP4_ADMIN_PROHIBITED = 13,
};

enum icmp6_type {
	ICMP6_UNREACHABLE = 1,
	ICMP6_PACKET_TOO_BIG = 2,
	ICMP6_TIME_EXCEEDED = 3,
	ICMP6_PARAMETER_PROBLEM = 4,
	ICMP6_ECHO_REQUEST = 128,
	ICMP6_ECHO_REPLY = 129,
	ICMP6_MLD_QUERY = 130,
	ICMP6_MLD1_REPORT = 131,
	ICMP6_MLD1_DONE = 132,
	ICMP6_ROUTER_SOLICITATION = 133,
	ICMP6_ROUTER_ADVERTISEMENT = 134,
	ICMP6_NEIGHBOR_SOLICITATION = 135,
	ICMP6_NEIGHBOR_ADVERTISEMENT = 136,
	ICMP6_REDIRECT = 137,
	ICMP6_MLD2_REPORT = 143,
};

/** The one other code of time exceeded, of both families: RFC 792, RFC 4443 3.3. */
#define ICMP_REASSEMBLY_TIME_EXCEEDED 1

/** Codes of ICMP6_UNREACHABLE: RFC 4443 3.1. */
enum icmp6_unreachable {
	ICMP6_NO_ROUTE = 0,
	ICMP6_ADMIN_PROHIBITED = 1,
	ICMP6_BEYOND_SCOPE = 2,
	ICMP6_ADDR_UNREACHABLE = 3,
	ICMP6_PORT_UNREACHABLE = 4,
};

/** Codes of ICMP6_PARAMETER_PROBLEM: RFC 4443 3.4. */
enum icmp6_parameter_problem {
	ICMP6_ERRONEOUS_FIELD = 0,
	ICMP6_UNRECOGNIZED_NEXT_HEADER = 1,
	ICMP6_UNRECOGNIZED_OPTION = 2,
	ICMP6_INCOMPLETE_CHAIN = 3, /**< RFC 7112 */
};

/** The first eight bytes, the checksum apart. */
struct icmp {
	uint8_t type;
	uint8_t code;
	uint32_t
		rest; /**< bytes 4..7 as a number: id << 16 | sequence, MTU, or pointer << (24 or 0) */
};

/** @return 0, or -EINVAL if shorter than the header. The checksum is the caller's matter. */
int icmp_parse(const void *data, uint32_t length, struct icmp *icmp);
/** Write ICMP_HDR_LENGTH bytes, the checksum zero. */
void icmp_build(void *data, const struct icmp *icmp);

/** Put in place the checksum over `length` bytes from `data`: ICMPv4. */
void icmp4_checksum_set(void *data, uint32_t length);
/** The same with the pseudo header: ICMPv6, RFC 4443 2.3. */
void icmp6_checksum_set(
	void *data, uint32_t length, const struct ip_addr *src, const struct ip_addr *dst);

/** RFC 1122 3.2.2: errors and unknown types must not be answered by errors. */
bool icmp4_type_is_error(uint8_t type);
static inline bool
icmp6_type_is_error(uint8_t type)
{
	return type < 128; /* RFC 4443 2.1 */
}

#endif
