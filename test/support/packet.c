/* SPDX-License-Identifier: BSD-3-Clause */
/* Packets for tests: see packet.h. Here they are written, packet_l4.c has the transports' headers;
 * packet_diff.c compares. */
#include "support/packet_private.h"

#include <endian.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <rte_mbuf.h>

struct ip_addr
packet_addr(const char *text)
{
	struct ip_addr addr;

	if (ip_addr_parse(text, &addr) != 0)
		fail_msg("%s is no address", text);
	return addr;
}

uint16_t
packet_checksum(uint32_t sum, const uint8_t *bytes, size_t length)
{
	uint64_t total = sum;
	size_t i = 0;

	/* RFC 1071 2 (B), (C): two words at once, whose carries are added in the end. */
	for (uint32_t words; i + sizeof(words) <= length; i += sizeof(words)) {
		memcpy(&words, bytes + i, sizeof(words));
		total += be32toh(words);
	}
	for (; i < length; i++)
		total += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
	while (total > 0xffff)
		total = (total >> 16) + (total & 0xffff);
	return (uint16_t)~total;
}

static size_t
ether_write(const struct packet *packet, uint8_t family, uint8_t *frame)
{
	const char *dst = packet->eth_dst != NULL ? packet->eth_dst : "02:00:00:00:01:00";
	const char *src = packet->eth_src != NULL ? packet->eth_src : "02:00:00:00:02:00";
	struct mac_addr macs[2];
	size_t at = sizeof(macs);

	if ((packet->spoil & PACKET_NO_ETHER) != 0)
		return 0;
	if (mac_addr_parse(dst, &macs[0]) != 0 || mac_addr_parse(src, &macs[1]) != 0)
		fail_msg("%s or %s is no MAC address", dst, src);
	memcpy(frame, macs, sizeof(macs));
	for (unsigned i = 0; i < packet->vlan.count; i++, at += 4) {
		put16(frame + at, packet->vlan.tags[i].type);
		put16(frame + at + 2, packet->vlan.tags[i].id);
	}
	put16(frame + at,
		(unsigned)or_default(packet->eth_type,
			packet->arp != NULL             ? ETHER_TYPE_ARP
				: family == IP_FAMILY_6 ? ETHER_TYPE_IP6
							: ETHER_TYPE_IP4));
	return at + 2;
}

/* RFC 826: Ethernet and IPv4. */
static void
arp_write(const struct arp *arp, uint8_t *to)
{
	static const uint8_t fixed[] = { 0, 1, 8, 0, 6, 4 };

	memcpy(to, fixed, sizeof(fixed));
	put16(to + 6, arp->op);
	memcpy(to + 8, arp->sender_mac.bytes, 6);
	memcpy(to + 14, arp->sender_ip.bytes, 4);
	memcpy(to + 18, arp->target_mac.bytes, 6);
	memcpy(to + 24, arp->target_ip.bytes, 4);
}

static void
ip4_write(const struct packet *packet, uint8_t proto, size_t l4_length, uint8_t *hdr)
{
	struct ip_addr src = packet_addr(packet->src), dst = packet_addr(packet->dst);
	unsigned length = IP4_HDR_LENGTH + packet->options_length;
	uint16_t checksum;

	hdr[0] = packet->version_ihl != 0 ? packet->version_ihl : (uint8_t)(0x40 | length / 4);
	hdr[1] = packet->tos;
	put16(hdr + 2, (unsigned)or_default(packet->total_length, (int)(length + l4_length)));
	put16(hdr + 4, packet->id);
	put16(hdr + 6, packet->frag);
	hdr[8] = (uint8_t)or_default(packet->ttl, 64);
	hdr[9] = proto;
	put16(hdr + 10, 0);
	memcpy(hdr + 12, src.bytes, 4);
	memcpy(hdr + 16, dst.bytes, 4);
	if (packet->options_length > 0)
		memcpy(hdr + IP4_HDR_LENGTH, packet->options, packet->options_length);
	checksum = packet_checksum(0, hdr, length);
	put16(hdr + 10, (packet->spoil & PACKET_BAD_IP_CHECKSUM) != 0 ? checksum ^ 1U : checksum);
}

static void
ip6_write(const struct packet *packet, uint8_t proto, size_t l4_length, uint8_t *hdr)
{
	struct ip_addr src = packet_addr(packet->src), dst = packet_addr(packet->dst);

	hdr[0] = packet->version_ihl != 0 ? packet->version_ihl : 0x60 | packet->tos >> 4;
	hdr[1] = (uint8_t)(packet->tos << 4);
	put16(hdr + 2, 0);
	put16(hdr + 4,
		(unsigned)or_default(
			packet->total_length, (int)(packet->options_length + l4_length)));
	hdr[6] = packet->options_length > 0
		? (uint8_t)or_default(packet->next_header, IP_PROTO_HOPOPT)
		: proto;
	hdr[7] = (uint8_t)or_default(packet->ttl, 64);
	memcpy(hdr + 8, src.bytes, 16);
	memcpy(hdr + 24, dst.bytes, 16);
	if (packet->options_length > 0)
		memcpy(hdr + IP6_HDR_LENGTH, packet->options, packet->options_length);
}

static uint8_t
proto_of(const struct packet *packet, uint8_t family)
{
	if (packet->icmp_type != 0)
		return family == IP_FAMILY_6 ? IP_PROTO_ICMP6 : IP_PROTO_ICMP;
	return packet->proto != 0 || (packet->spoil & PACKET_RAW) != 0 ? packet->proto
								       : IP_PROTO_UDP;
}

static void
payload_write(const struct packet *packet, uint8_t *to)
{
	for (unsigned i = 0; i < packet->payload_length; i++)
		to[i] = packet->payload != NULL ? packet->payload[i] : (uint8_t)i;
}

size_t
packet_write(const struct packet *packet, uint8_t frame[PACKET_MAX])
{
	uint8_t family = packet->src != NULL ? packet_addr(packet->src).family : IP_FAMILY_NONE;
	uint8_t proto = proto_of(packet, family);
	size_t at = ether_write(packet, family, frame), hdr_length = 0, l4_length;

	if (family != IP_FAMILY_NONE)
		hdr_length = (family == IP_FAMILY_4 ? IP4_HDR_LENGTH : IP6_HDR_LENGTH) +
			packet->options_length;
	l4_length = packet->payload_length;
	if (family != IP_FAMILY_NONE)
		l4_length += packet_l4_length(packet, proto);
	if (packet->arp != NULL)
		hdr_length = ARP_LENGTH;
	if (at + hdr_length + l4_length + packet->padding > PACKET_MAX)
		fail_msg("the packet is too large");
	payload_write(packet, frame + at + hdr_length + l4_length - packet->payload_length);
	if (family == IP_FAMILY_4)
		ip4_write(packet, proto, l4_length, frame + at);
	else if (family == IP_FAMILY_6)
		ip6_write(packet, proto, l4_length, frame + at);
	else if (packet->arp != NULL)
		arp_write(packet->arp, frame + at);
	if (family != IP_FAMILY_NONE && packet_l4_length(packet, proto) > 0)
		packet_l4_write(packet, proto, l4_length, frame + at + hdr_length);
	at += hdr_length + l4_length;
	memset(frame + at, 0, packet->padding);
	at += packet->padding;
	return packet->truncate != 0 && packet->truncate < at ? packet->truncate : at;
}

struct rte_mbuf *
packet_mbuf(struct rte_mempool *pool, const struct packet *packet)
{
	uint8_t frame[PACKET_MAX];
	size_t length = packet_write(packet, frame), done = 0;
	size_t most = packet->segment != 0 ? packet->segment : RTE_MBUF_DEFAULT_DATAROOM;
	struct rte_mbuf *head = NULL;

	do {
		size_t part = RTE_MIN(length - done, most);
		struct rte_mbuf *segment = rte_pktmbuf_alloc(pool);

		if (segment == NULL)
			fail_msg("the pool is empty");
		memcpy(rte_pktmbuf_append(segment, (uint16_t)part), frame + done, part);
		if (head == NULL)
			head = segment;
		else if (rte_pktmbuf_chain(head, segment) != 0)
			fail_msg("too many segments");
		done += part;
	} while (done < length);
	return head;
}

size_t
packet_bytes(const struct rte_mbuf *pkt, uint8_t frame[PACKET_MAX])
{
	const uint8_t *bytes;

	if (pkt->pkt_len > PACKET_MAX)
		fail_msg("the packet is too large");
	bytes = rte_pktmbuf_read(pkt, 0, pkt->pkt_len, frame);
	if (bytes != frame)
		memcpy(frame, bytes, pkt->pkt_len);
	return pkt->pkt_len;
}
