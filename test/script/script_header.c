/* SPDX-License-Identifier: BSD-3-Clause */
/* The tables of headers and fields: see script_header.h. */
#include "script/script_header.h"

#include <stddef.h>
#include <string.h>

#include "wire/icmp.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

#define NUMBER SCRIPT_NUMBER_FIELD
#define MAC    SCRIPT_MAC_FIELD
#define IP4    SCRIPT_IP4_FIELD
#define IP6    SCRIPT_IP6_FIELD
#define FIELDS SCRIPT_FIELDS
#define ICMP(icmp_type)                                                                       \
	NUMBER("type", 0, 8, SCRIPT_FIXED, icmp_type), NUMBER("code", 8, 8, SCRIPT_FIXED, 0), \
		NUMBER("csum", 16, 16, SCRIPT_CHECKSUM, 0)
#define IP6_EXTENSION \
	NUMBER("next", 0, 8, SCRIPT_NEXT, IP_PROTO_NONE), NUMBER("len", 8, 8, SCRIPT_WORDS8, 0)
#define PORTS NUMBER("sport", 0, 16, SCRIPT_SRC, 4000), NUMBER("dport", 16, 16, SCRIPT_DST, 53)

static const struct script_header headers[] = {
	{ "eth", 14, 0, -1, SCRIPT_SUM_NONE, 0,
		FIELDS(MAC("dst", 0, SCRIPT_DST), MAC("src", 48, SCRIPT_SRC),
			NUMBER("type", 96, 16, SCRIPT_NEXT, 0)) },
	{ "vlan", 4, 0x8100, -1, SCRIPT_SUM_NONE, 0,
		FIELDS(NUMBER("prio", 0, 3, SCRIPT_PLAIN, 0), NUMBER("dei", 3, 1, SCRIPT_PLAIN, 0),
			NUMBER("id", 4, 12, SCRIPT_PLAIN, 1),
			NUMBER("type", 16, 16, SCRIPT_NEXT, 0)) },
	{ "arp", 28, 0x0806, -1, SCRIPT_SUM_NONE, 0,
		FIELDS(NUMBER("htype", 0, 16, SCRIPT_FIXED, 1),
			NUMBER("ptype", 16, 16, SCRIPT_FIXED, 0x0800),
			NUMBER("hlen", 32, 8, SCRIPT_FIXED, 6),
			NUMBER("plen", 40, 8, SCRIPT_FIXED, 4),
			NUMBER("op", 48, 16, SCRIPT_FIXED, 1), MAC("sha", 64, SCRIPT_PLAIN),
			IP4("spa", 112, SCRIPT_SRC), MAC("tha", 144, SCRIPT_PLAIN),
			IP4("tpa", 192, SCRIPT_DST)) },
	{ "ip4", 20, 0x0800, 4, SCRIPT_SUM_HEADER, 4,
		FIELDS(NUMBER("version", 0, 4, SCRIPT_FIXED, 4),
			NUMBER("ihl", 4, 4, SCRIPT_WORDS4, 5), NUMBER("tos", 8, 8, SCRIPT_PLAIN, 0),
			NUMBER("len", 16, 16, SCRIPT_LENGTH, 0),
			NUMBER("id", 32, 16, SCRIPT_PLAIN, 0), NUMBER("rf", 48, 1, SCRIPT_PLAIN, 0),
			NUMBER("df", 49, 1, SCRIPT_PLAIN, 0), NUMBER("mf", 50, 1, SCRIPT_PLAIN, 0),
			NUMBER("off", 51, 13, SCRIPT_PLAIN, 0),
			NUMBER("ttl", 64, 8, SCRIPT_PLAIN, 64),
			NUMBER("proto", 72, 8, SCRIPT_NEXT, 253),
			NUMBER("csum", 80, 16, SCRIPT_CHECKSUM, 0), IP4("src", 96, SCRIPT_SRC),
			IP4("dst", 128, SCRIPT_DST)) },
	{ "ip6", 40, 0x86dd, 41, SCRIPT_SUM_NONE, 0,
		FIELDS(NUMBER("version", 0, 4, SCRIPT_FIXED, 6),
			NUMBER("tc", 4, 8, SCRIPT_PLAIN, 0),
			NUMBER("flow", 12, 20, SCRIPT_PLAIN, 0),
			NUMBER("len", 32, 16, SCRIPT_LENGTH, 0),
			NUMBER("next", 48, 8, SCRIPT_NEXT, 253),
			NUMBER("hop", 56, 8, SCRIPT_PLAIN, 64), IP6("src", 64, SCRIPT_SRC),
			IP6("dst", 192, SCRIPT_DST)) },
	{ "hbh", 2, 0, IP_PROTO_HOPOPT, SCRIPT_SUM_NONE, 8, FIELDS(IP6_EXTENSION) },
	{ "dstopts", 2, 0, IP_PROTO_DSTOPTS, SCRIPT_SUM_NONE, 8, FIELDS(IP6_EXTENSION) },
	{ "rt", 8, 0, IP_PROTO_ROUTING, SCRIPT_SUM_NONE, 8,
		FIELDS(IP6_EXTENSION, NUMBER("rtype", 16, 8, SCRIPT_PLAIN, 0),
			NUMBER("left", 24, 8, SCRIPT_PLAIN, 0)) },
	{ "frag", 8, 0, IP_PROTO_FRAGMENT, SCRIPT_SUM_NONE, 0,
		FIELDS(NUMBER("next", 0, 8, SCRIPT_NEXT, IP_PROTO_NONE),
			NUMBER("off", 16, 13, SCRIPT_PLAIN, 0),
			NUMBER("mf", 31, 1, SCRIPT_PLAIN, 0),
			NUMBER("id", 32, 32, SCRIPT_PLAIN, 1)) },
	{ "udp", 8, 0, IP_PROTO_UDP, SCRIPT_SUM_PSEUDO, 0,
		FIELDS(PORTS, NUMBER("len", 32, 16, SCRIPT_LENGTH, 0),
			NUMBER("csum", 48, 16, SCRIPT_CHECKSUM, 0)) },
	{ "tcp", 20, 0, IP_PROTO_TCP, SCRIPT_SUM_PSEUDO, 4,
		FIELDS(PORTS, NUMBER("seq", 32, 32, SCRIPT_PLAIN, 0),
			NUMBER("ack", 64, 32, SCRIPT_PLAIN, 0),
			NUMBER("off", 96, 4, SCRIPT_WORDS4, 5),
			{ "flags", 104, 8, SCRIPT_PLAIN, SCRIPT_FLAGS, 0x10 },
			NUMBER("win", 112, 16, SCRIPT_PLAIN, 65535),
			NUMBER("csum", 128, 16, SCRIPT_CHECKSUM, 0),
			NUMBER("urg", 144, 16, SCRIPT_PLAIN, 0)) },
	{ "sctp", 12, 0, IP_PROTO_SCTP, SCRIPT_SUM_CRC32C, 0,
		FIELDS(PORTS, NUMBER("vtag", 32, 32, SCRIPT_PLAIN, 1),
			NUMBER("csum", 64, 32, SCRIPT_CHECKSUM, 0)) },
	{ "icmp4", 8, 0, IP_PROTO_ICMP, SCRIPT_SUM_MESSAGE, 0,
		FIELDS(ICMP(ICMP4_ECHO_REQUEST), NUMBER("rest", 32, 32, SCRIPT_PLAIN, 0),
			NUMBER("id", 32, 16, SCRIPT_PLAIN, 0),
			NUMBER("seq", 48, 16, SCRIPT_PLAIN, 0),
			NUMBER("mtu", 48, 16, SCRIPT_PLAIN, 0),
			NUMBER("ptr", 32, 8, SCRIPT_PLAIN, 0)) },
	{ "icmp6", 8, 0, IP_PROTO_ICMP6, SCRIPT_SUM_PSEUDO, 0,
		FIELDS(ICMP(ICMP6_ECHO_REQUEST), NUMBER("rest", 32, 32, SCRIPT_PLAIN, 0),
			NUMBER("id", 32, 16, SCRIPT_PLAIN, 0),
			NUMBER("seq", 48, 16, SCRIPT_PLAIN, 0),
			NUMBER("mtu", 32, 32, SCRIPT_PLAIN, 0),
			NUMBER("ptr", 32, 32, SCRIPT_PLAIN, 0)) },
	{ "rs", 8, 0, IP_PROTO_ICMP6, SCRIPT_SUM_PSEUDO, 0,
		FIELDS(ICMP(ICMP6_ROUTER_SOLICITATION)) },
	{ "ra", 16, 0, IP_PROTO_ICMP6, SCRIPT_SUM_PSEUDO, 0,
		FIELDS(ICMP(ICMP6_ROUTER_ADVERTISEMENT), NUMBER("hop", 32, 8, SCRIPT_PLAIN, 64),
			NUMBER("managed", 40, 1, SCRIPT_PLAIN, 0),
			NUMBER("other", 41, 1, SCRIPT_PLAIN, 0),
			NUMBER("pref", 43, 2, SCRIPT_PLAIN, 0),
			NUMBER("life", 48, 16, SCRIPT_PLAIN, 1800),
			NUMBER("reach", 64, 32, SCRIPT_PLAIN, 0),
			NUMBER("retrans", 96, 32, SCRIPT_PLAIN, 0)) },
	{ "ns", 24, 0, IP_PROTO_ICMP6, SCRIPT_SUM_PSEUDO, 0,
		FIELDS(ICMP(ICMP6_NEIGHBOR_SOLICITATION), IP6("target", 64, SCRIPT_PLAIN)) },
	{ "na", 24, 0, IP_PROTO_ICMP6, SCRIPT_SUM_PSEUDO, 0,
		FIELDS(ICMP(ICMP6_NEIGHBOR_ADVERTISEMENT), NUMBER("router", 32, 1, SCRIPT_PLAIN, 0),
			NUMBER("solicited", 33, 1, SCRIPT_PLAIN, 0),
			NUMBER("override", 34, 1, SCRIPT_PLAIN, 0),
			IP6("target", 64, SCRIPT_PLAIN)) },
	{ "redirect", 40, 0, IP_PROTO_ICMP6, SCRIPT_SUM_PSEUDO, 0,
		FIELDS(ICMP(ICMP6_REDIRECT), IP6("target", 64, SCRIPT_PLAIN),
			IP6("for", 192, SCRIPT_PLAIN)) },
	{ "mldq", 28, 0, IP_PROTO_ICMP6, SCRIPT_SUM_PSEUDO, 0,
		FIELDS(ICMP(ICMP6_MLD_QUERY), NUMBER("maxresp", 32, 16, SCRIPT_PLAIN, 1000),
			IP6("group", 64, SCRIPT_PLAIN), NUMBER("qrv", 197, 3, SCRIPT_PLAIN, 2),
			NUMBER("qqic", 200, 8, SCRIPT_PLAIN, 125),
			NUMBER("sources", 208, 16, SCRIPT_PLAIN, 0)) },
	{ "mldr", 8, 0, IP_PROTO_ICMP6, SCRIPT_SUM_PSEUDO, 0,
		FIELDS(ICMP(ICMP6_MLD2_REPORT), NUMBER("records", 48, 16, SCRIPT_PLAIN, 0)) },
	/* RFC 2710 3: version 1 */
	{ "mld1q", 24, 0, IP_PROTO_ICMP6, SCRIPT_SUM_PSEUDO, 0,
		FIELDS(ICMP(ICMP6_MLD_QUERY), NUMBER("maxresp", 32, 16, SCRIPT_PLAIN, 1000),
			IP6("group", 64, SCRIPT_PLAIN)) },
	{ "mld1r", 24, 0, IP_PROTO_ICMP6, SCRIPT_SUM_PSEUDO, 0,
		FIELDS(ICMP(ICMP6_MLD1_REPORT), NUMBER("maxresp", 32, 16, SCRIPT_PLAIN, 0),
			IP6("group", 64, SCRIPT_PLAIN)) },
	{ "mld1d", 24, 0, IP_PROTO_ICMP6, SCRIPT_SUM_PSEUDO, 0,
		FIELDS(ICMP(ICMP6_MLD1_DONE), NUMBER("maxresp", 32, 16, SCRIPT_PLAIN, 0),
			IP6("group", 64, SCRIPT_PLAIN)) },
};

#define HEADER_COUNT (sizeof(headers) / sizeof(headers[0]))

const struct script_header *
script_header_find(const char *name)
{
	for (unsigned i = 0; i < HEADER_COUNT; i++) {
		if (strcmp(headers[i].name, name) == 0)
			return &headers[i];
	}
	return script_part_find(name);
}

const struct script_header *
script_header_by_type(uint16_t ether_type)
{
	for (unsigned i = 0; i < HEADER_COUNT; i++) {
		if (ether_type != 0 && headers[i].ether_type == ether_type)
			return &headers[i];
	}
	return NULL;
}

const struct script_header *
script_header_by_proto(uint8_t proto, uint8_t icmp_type)
{
	const struct script_header *first = NULL;

	for (unsigned i = 0; i < HEADER_COUNT; i++) {
		if (headers[i].proto != proto)
			continue;
		if (first == NULL)
			first = &headers[i];
		/* ND and MLD have names of their own: their first field is the type. */
		if (proto == IP_PROTO_ICMP6 && headers[i].fields[0].value == icmp_type)
			return &headers[i];
	}
	return first;
}

uint64_t
script_bits_get(const uint8_t *bytes, unsigned bit, unsigned width)
{
	uint64_t value = 0;

	for (unsigned i = bit; i < bit + width; i++)
		value = value << 1 | (bytes[i / 8] >> (7 - i % 8) & 1);
	return value;
}

void
script_bits_set(uint8_t *bytes, unsigned bit, unsigned width, uint64_t value)
{
	for (unsigned i = bit; i < bit + width; i++) {
		uint8_t mask = (uint8_t)(0x80 >> i % 8);

		if (value >> (bit + width - 1 - i) & 1)
			bytes[i / 8] |= mask;
		else
			bytes[i / 8] &= (uint8_t)~mask;
	}
}
