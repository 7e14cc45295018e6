/* SPDX-License-Identifier: BSD-3-Clause */
/* Compares a packet with what a test expects, field by field: see packet.h. */
#include "support/packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <rte_mbuf.h>

/* A part of a packet that has a name. */
struct field {
	const char *name;
	uint16_t offset, length;
};

static const struct field ether_fields[] = {
	{ "ether dst", 0, 6 },
	{ "ether src", 6, 6 },
	{ "ether type", 12, 2 },
	{ NULL, 14, 0 },
};

static const struct field tag_fields[] = {
	{ "vlan", 0, 2 },
	{ "ether type", 2, 2 },
	{ NULL, 4, 0 },
};

static const struct field ip4_fields[] = {
	{ "ip4 version, ihl", 0, 1 },
	{ "ip4 tos", 1, 1 },
	{ "ip4 total length", 2, 2 },
	{ "ip4 id", 4, 2 },
	{ "ip4 frag", 6, 2 },
	{ "ip4 ttl", 8, 1 },
	{ "ip4 proto", 9, 1 },
	{ "ip4 checksum", 10, 2 },
	{ "ip4 src", 12, 4 },
	{ "ip4 dst", 16, 4 },
	{ NULL, 20, 0 },
};

static const struct field ip6_fields[] = {
	{ "ip6 version, class, flow", 0, 4 },
	{ "ip6 payload length", 4, 2 },
	{ "ip6 next header", 6, 1 },
	{ "ip6 hop limit", 7, 1 },
	{ "ip6 src", 8, 16 },
	{ "ip6 dst", 24, 16 },
	{ NULL, 40, 0 },
};

static const struct field icmp_fields[] = {
	{ "icmp type", 0, 1 },
	{ "icmp code", 1, 1 },
	{ "icmp checksum", 2, 2 },
	{ "icmp rest", 4, 4 },
	{ NULL, 8, 0 },
};

static const struct field udp_fields[] = {
	{ "source port", 0, 2 },
	{ "destination port", 2, 2 },
	{ "udp length", 4, 2 },
	{ "udp checksum", 6, 2 },
	{ NULL, 8, 0 },
};

static const struct field tcp_fields[] = {
	{ "source port", 0, 2 },
	{ "destination port", 2, 2 },
	{ "tcp seq", 4, 4 },
	{ "tcp ack", 8, 4 },
	{ "tcp data offset", 12, 1 },
	{ "tcp flags", 13, 1 },
	{ "tcp window", 14, 2 },
	{ "tcp checksum", 16, 2 },
	{ "tcp urgent", 18, 2 },
	{ NULL, 20, 0 },
};

static const struct field sctp_fields[] = {
	{ "source port", 0, 2 },
	{ "destination port", 2, 2 },
	{ "sctp verification tag", 4, 4 },
	{ "sctp crc32c", 8, 4 },
	{ NULL, 12, 0 },
};

static const struct field arp_fields[] = {
	{ "arp types, lengths", 0, 6 },
	{ "arp operation", 6, 2 },
	{ "arp sender mac", 8, 6 },
	{ "arp sender ip", 14, 4 },
	{ "arp target mac", 18, 6 },
	{ "arp target ip", 24, 4 },
	{ NULL, 28, 0 },
};

/* Two packets, how far they were compared, and what was found. */
struct diff {
	const uint8_t *got, *want;
	size_t got_length, want_length, at;
	char text[2048];
	size_t used;
};

static void
diff_hex(struct diff *diff, const char *what, const uint8_t *bytes, size_t length)
{
	diff->used += (size_t)snprintf(
		diff->text + diff->used, sizeof(diff->text) - diff->used, "%s", what);
	for (size_t i = 0; i < length && diff->used + 64 < sizeof(diff->text); i++)
		diff->used += (size_t)snprintf(
			diff->text + diff->used, sizeof(diff->text) - diff->used, "%02x", bytes[i]);
}

static void
diff_part(struct diff *diff, const char *name, size_t offset, size_t length)
{
	char label[64];

	if (offset + length > diff->got_length || offset + length > diff->want_length ||
		memcmp(diff->got + offset, diff->want + offset, length) == 0 ||
		diff->used + 256 > sizeof(diff->text))
		return;
	snprintf(label, sizeof(label), "  %-24s is ", name);
	diff_hex(diff, label, diff->got + offset, length);
	diff_hex(diff, ", expected ", diff->want + offset, length);
	diff_hex(diff, "\n", NULL, 0);
}

static void
diff_fields(struct diff *diff, const struct field *fields)
{
	for (; fields->name != NULL; fields++)
		diff_part(diff, fields->name, diff->at + fields->offset, fields->length);
	diff->at += fields->offset;
}

/* The rest byte by byte, in lines of 16: only those that differ. */
static void
diff_rest(struct diff *diff)
{
	size_t end = RTE_MIN(diff->got_length, diff->want_length);
	char name[32];

	for (; diff->at < end; diff->at += 16) {
		snprintf(name, sizeof(name), "bytes from %zu", diff->at);
		diff_part(diff, name, diff->at, RTE_MIN((size_t)16, end - diff->at));
	}
}

static void
diff_ip(struct diff *diff, uint8_t family)
{
	uint8_t proto = diff->want[diff->at + (family == IP_FAMILY_4 ? 9 : 6)];

	diff_fields(diff, family == IP_FAMILY_4 ? ip4_fields : ip6_fields);
	if (proto == IP_PROTO_ICMP || proto == IP_PROTO_ICMP6)
		diff_fields(diff, icmp_fields);
	else if (proto == IP_PROTO_UDP)
		diff_fields(diff, udp_fields);
	else if (proto == IP_PROTO_TCP)
		diff_fields(diff, tcp_fields);
	else if (proto == IP_PROTO_SCTP)
		diff_fields(diff, sctp_fields);
}

const char *
packet_diff(const struct rte_mbuf *pkt, const struct packet *expected)
{
	static uint8_t got[PACKET_MAX], want[PACKET_MAX];
	static struct diff diff;
	struct packet packet = *expected;
	size_t ip = (packet.spoil & PACKET_NO_ETHER) != 0 ? 0 : vlan_hdr_length(&packet.vlan);

	diff = (struct diff){ .got = got, .want = want, .got_length = packet_bytes(pkt, got) };
	if ((packet.spoil & PACKET_ANY_ID) != 0 && diff.got_length >= ip + IP4_HDR_LENGTH)
		packet.id = (uint16_t)(got[ip + 4] << 8 | got[ip + 5]);
	diff.want_length = packet_write(&packet, want);
	if (diff.got_length != diff.want_length)
		diff.used = (size_t)snprintf(diff.text, sizeof(diff.text),
			"  %-24s is %zu, expected %zu\n", "length", diff.got_length,
			diff.want_length);
	if (ip != 0)
		diff_fields(&diff, ether_fields);
	for (unsigned i = 0; ip != 0 && i < packet.vlan.count; i++)
		diff_fields(&diff, tag_fields);
	if (packet.src != NULL)
		diff_ip(&diff, strchr(packet.src, ':') != NULL ? IP_FAMILY_6 : IP_FAMILY_4);
	else if (packet.arp != NULL)
		diff_fields(&diff, arp_fields);
	diff_rest(&diff);
	return diff.text;
}

void
packet_assert_at(
	const struct rte_mbuf *pkt, const struct packet *expected, const char *file, int line)
{
	const char *diff;

	if (pkt == NULL) {
		print_error("no packet came out\n");
		_fail(file, line);
		return;
	}
	diff = packet_diff(pkt, expected);
	if (diff[0] != '\0') {
		print_error("the packet is not what was expected:\n%s", diff);
		_fail(file, line);
	}
}
