/* SPDX-License-Identifier: BSD-3-Clause */
/* What a script leaves to us of its packets: what follows, lengths, checksums, fragments. */
#include "script/script_packet.h"

#include <string.h>

#include "script/script_sctp.h"
#include "support/packet.h"

static const struct script_header *
header_of(const struct script_packet *packet, unsigned layer)
{
	return layer < packet->layer_count ? packet->layers[layer].header : NULL;
}

static bool
is_called(const struct script_header *header, const char *name)
{
	return header != NULL && strcmp(header->name, name) == 0;
}

static bool
is_ip(const struct script_header *header)
{
	return is_called(header, "ip4") || is_called(header, "ip6");
}

/* The first layer with IP; layer_count: there is none. */
static unsigned
ip_layer(const struct script_packet *packet)
{
	unsigned layer = 0;

	while (layer < packet->layer_count && !is_ip(packet->layers[layer].header))
		layer++;
	return layer;
}

/* Set a field unless the script did. */
static void
role_set(struct script_packet *packet, unsigned index, enum script_field_role role, uint64_t value)
{
	struct script_layer *layer = &packet->layers[index];
	int i = script_field_by_role(layer->header, role);
	const struct script_field *field;

	if (i < 0 || layer->said >> i & 1)
		return;
	field = &layer->header->fields[i];
	script_bits_set(packet->bytes + layer->offset, field->bit, field->width, value);
	if (role != SCRIPT_LENGTH)
		script_bits_set(packet->mask + layer->offset, field->bit, field->width, UINT64_MAX);
}

static void
lengths_set(struct script_packet *packet)
{
	for (unsigned i = 0; i < packet->layer_count; i++) {
		const struct script_layer *layer = &packet->layers[i];
		const struct script_header *next = header_of(packet, i + 1);
		size_t length = packet->length - layer->offset;

		if (layer->header == NULL)
			continue;
		if (is_called(layer->header, "ip6"))
			length -= layer->length;
		role_set(packet, i, SCRIPT_LENGTH, length);
		role_set(packet, i, SCRIPT_WORDS4, layer->length / 4);
		role_set(packet, i, SCRIPT_WORDS8, layer->length / 8 - 1U);
		role_set(packet, i, SCRIPT_UNITS8, layer->length / 8);
		role_set(packet, i, SCRIPT_OWN, script_sctp_length(packet, i));
		if (next == NULL)
			continue;
		if (is_called(layer->header, "eth") || is_called(layer->header, "vlan"))
			role_set(packet, i, SCRIPT_NEXT, next->ether_type);
		else if (next->proto >= 0)
			role_set(packet, i, SCRIPT_NEXT, (uint64_t)next->proto);
	}
}

static uint32_t
words_sum(const uint8_t *bytes, unsigned length)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < length; i += 2)
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	return sum;
}

/* RFC 768, RFC 8200 8.1: of the addresses of the IP header that is nearest in front. */
static uint32_t
pseudo_sum(const struct script_packet *packet, unsigned layer, const uint8_t *frame, size_t length)
{
	const struct script_header *header = packet->layers[layer].header;
	uint32_t sum = (uint32_t)(length - packet->layers[layer].offset) + (uint32_t)header->proto;

	for (unsigned i = layer; i-- > 0;) {
		const uint8_t *hdr = frame + packet->layers[i].offset;

		if (is_called(packet->layers[i].header, "ip4"))
			return sum + words_sum(hdr + 12, 8);
		if (is_called(packet->layers[i].header, "ip6"))
			return sum + words_sum(hdr + 8, 32);
	}
	return sum;
}

uint32_t
script_packet_checksum(
	const struct script_packet *packet, unsigned index, const uint8_t *frame, size_t length)
{
	const struct script_layer *layer = &packet->layers[index];
	int i = script_field_by_role(layer->header, SCRIPT_CHECKSUM);
	size_t end =
		layer->header->sum == SCRIPT_SUM_HEADER ? layer->offset + layer->length : length;
	uint8_t copy[SCRIPT_PACKET_MAX];
	uint32_t sum = 0;
	uint16_t checksum;

	if (end > length || end < layer->offset)
		return 0;
	memcpy(copy, frame + layer->offset, end - layer->offset);
	script_bits_set(copy, layer->header->fields[i].bit, layer->header->fields[i].width, 0);
	/* RFC 9260 appendix A: the lowest byte is sent first. */
	if (layer->header->sum == SCRIPT_SUM_CRC32C)
		return __builtin_bswap32(packet_crc32c(copy, end - layer->offset));
	if (layer->header->sum == SCRIPT_SUM_PSEUDO)
		sum = pseudo_sum(packet, index, frame, length);
	checksum = packet_checksum(sum, copy, end - layer->offset);
	/* RFC 768: zero is no checksum. */
	return checksum == 0 && is_called(layer->header, "udp") ? 0xffff : checksum;
}

/* From the last to the first: what is quoted is part of what a message sums up. */
static void
checksums_set(struct script_packet *packet, bool headers_only)
{
	for (unsigned i = packet->layer_count; i-- > 0;) {
		struct script_layer *layer = &packet->layers[i];
		const struct script_field *field;
		uint64_t checksum;
		int index;

		if (layer->header == NULL || layer->header->sum == SCRIPT_SUM_NONE ||
			(headers_only && layer->header->sum != SCRIPT_SUM_HEADER))
			continue;
		index = script_field_by_role(layer->header, SCRIPT_CHECKSUM);
		if ((layer->said >> index & 1) && !(layer->spoiled >> index & 1))
			continue;
		field = &layer->header->fields[index];
		checksum = script_packet_checksum(packet, i, packet->bytes, packet->length);
		if (layer->spoiled >> index & 1)
			checksum ^= 1;
		script_bits_set(packet->bytes + layer->offset, field->bit, field->width, checksum);
	}
}

static void
masks_set(struct script_packet *packet)
{
	for (unsigned i = 0; i < packet->layer_count; i++) {
		const struct script_layer *layer = &packet->layers[i];

		for (unsigned f = 0; layer->header != NULL && layer->header->fields[f].name != NULL;
			f++) {
			const struct script_field *field = &layer->header->fields[f];

			if (!(layer->said >> f & 1) && field->role != SCRIPT_FIXED)
				continue;
			for (unsigned bit = 0; bit < field->width; bit++)
				script_bits_set(
					packet->mask + layer->offset, field->bit + bit, 1, 1);
		}
	}
}

/* A fragment: bytes part_from to part_to of what is behind the IP or the fragment header. */
static int
part_take(struct script_text *text, struct script_packet *packet)
{
	unsigned index = ip_layer(packet);
	struct script_layer *layer = &packet->layers[index];
	size_t base, all;
	bool more;

	if (is_called(header_of(packet, index), "ip6")) {
		while (index < packet->layer_count && !is_called(header_of(packet, index), "frag"))
			index++;
		layer = &packet->layers[index];
	}
	if (index >= packet->layer_count)
		return script_fail(text, "a part needs ip4, or ip6 with a frag header");
	for (unsigned i = 0; i < packet->binding_count; i++) {
		if (packet->bindings[i].layer > index)
			return script_fail(text, "$%s is in no part", packet->bindings[i].name);
	}
	base = layer->offset + layer->length;
	all = packet->length - base;
	more = packet->part_to < all;
	if (!more)
		packet->part_to = all;
	if (packet->part_from > packet->part_to || packet->part_from % 8 != 0)
		return script_fail(text, "no such part of %zu bytes", all);
	memmove(packet->bytes + base, packet->bytes + base + packet->part_from,
		packet->part_to - packet->part_from);
	memmove(packet->mask + base, packet->mask + base + packet->part_from,
		packet->part_to - packet->part_from);
	packet->length = base + packet->part_to - packet->part_from;
	packet->exact = true;
	packet->layer_count = index + 1;
	packet->layers[packet->layer_count++] = (struct script_layer){ .offset = (uint16_t)base,
		.length = (uint16_t)(packet->length - base) };
	for (unsigned f = 0; layer->header->fields[f].name != NULL; f++) {
		const struct script_field *field = &layer->header->fields[f];
		bool is_off = strcmp(field->name, "off") == 0;

		if ((layer->said >> f & 1) || (!is_off && strcmp(field->name, "mf") != 0))
			continue;
		layer->said |= 1U << f;
		script_bits_set(packet->bytes + layer->offset, field->bit, field->width,
			is_off ? packet->part_from / 8 : more);
	}
	return 0;
}

/* The MAC address of a group, of broadcast, and who asks by ARP. */
static void
link_fill(struct script_packet *packet)
{
	unsigned index = 1;
	const uint8_t *hdr;
	bool is_arp;

	while (is_called(header_of(packet, index), "vlan"))
		index++;
	if (header_of(packet, index) == NULL)
		return;
	hdr = packet->bytes + packet->layers[index].offset;
	is_arp = is_called(header_of(packet, index), "arp");
	if (is_arp && (packet->layers[index].said >> 5 & 1) == 0)
		memcpy(packet->bytes + packet->layers[index].offset + 8, packet->bytes + 6, 6);
	if (packet->layers[0].said & 1)
		return;
	if (is_called(header_of(packet, index), "ip6") && hdr[24] == 0xff) {
		memset(packet->bytes, 0x33, 2);
		memcpy(packet->bytes + 2, hdr + 36, 4);
	} else if (is_called(header_of(packet, index), "ip4") && hdr[16] >> 4 == 0xe) {
		memcpy(packet->bytes, (const uint8_t[3]){ 0x01, 0x00, 0x5e }, 3);
		memcpy(packet->bytes + 3, hdr + 17, 3);
		packet->bytes[3] &= 0x7f;
	} else if (is_arp && hdr[7] == 1) {
		memset(packet->bytes, 0xff, 6);
	}
}

int
script_packet_finish(struct script_text *text, struct script_packet *packet)
{
	link_fill(packet);
	script_sctp_finish(packet);
	lengths_set(packet);
	masks_set(packet);
	checksums_set(packet, false);
	if (packet->parted) {
		if (part_take(text, packet) < 0)
			return -1;
		lengths_set(packet);
		masks_set(packet);
		checksums_set(packet, true);
	}
	if (packet->length + packet->padding > SCRIPT_PACKET_MAX)
		return script_fail(text, "the packet is too long");
	packet->length += packet->padding;
	if (packet->cut != 0 && packet->cut < packet->length)
		packet->length = packet->cut;
	return 0;
}
