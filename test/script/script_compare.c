/* SPDX-License-Identifier: BSD-3-Clause */
/* What differs between a packet that a script expects and one that was sent; packets as text. */
#include "script/script_packet.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "wire/icmp.h"
#include "wire/ip4.h"
#include "wire/ip_addr.h"
#include "wire/mac.h"

struct out {
	char *text;
	size_t length, size;
};

static void __attribute__((format(printf, 2, 3))) out_add(struct out *out, const char *format, ...)
{
	va_list args;
	int added;

	va_start(args, format);
	added = vsnprintf(out->text + out->length, out->size - out->length, format, args);
	va_end(args);
	out->length += (size_t)added;
	if (out->length >= out->size)
		out->length = out->size - 1;
}

static void
value_add(struct out *out, const struct script_field *field, const uint8_t *hdr)
{
	static const char letters[] = "FSRP.UEC";
	const uint8_t *bytes = hdr + field->bit / 8;
	struct ip_addr addr;
	struct mac_addr mac;
	char text[64];

	if (field->kind == SCRIPT_MAC) {
		memcpy(mac.bytes, bytes, sizeof(mac.bytes));
		out_add(out, "%s", mac_addr_format(&mac, text));
	} else if (field->kind == SCRIPT_IP4 || field->kind == SCRIPT_IP6) {
		addr = field->kind == SCRIPT_IP4 ? ip_addr_from4(bytes) : ip_addr_from6(bytes);
		out_add(out, "%s", ip_addr_format(&addr, text));
	} else if (field->kind == SCRIPT_FLAGS) {
		for (unsigned i = 0; i < 8; i++) {
			if (*bytes >> i & 1)
				out_add(out, "%c", letters[i]);
		}
	} else if (field->role == SCRIPT_CHECKSUM) {
		out_add(out, "0x%04x", (unsigned)script_bits_get(hdr, field->bit, field->width));
	} else {
		out_add(out, "%llu",
			(unsigned long long)script_bits_get(hdr, field->bit, field->width));
	}
}

static bool
field_differs(
	const struct script_field *field, const uint8_t *a, const uint8_t *b, const uint8_t *mask)
{
	for (unsigned bit = field->bit; bit < field->bit + field->width; bit++) {
		if ((a[bit / 8] ^ b[bit / 8]) & mask[bit / 8] & (0x80 >> bit % 8))
			return true;
	}
	return false;
}

static void
layer_compare(const struct script_packet *expected, const struct script_layer *layer,
	const uint8_t *frame, struct out *out)
{
	const uint8_t *want = expected->bytes + layer->offset;
	const uint8_t *mask = expected->mask + layer->offset;
	const uint8_t *got = frame + layer->offset;
	unsigned from = layer->header != NULL ? layer->header->length : 0;

	for (unsigned f = 0; from != 0 && layer->header->fields[f].name != NULL; f++) {
		const struct script_field *field = &layer->header->fields[f];

		if (!field_differs(field, want, got, mask))
			continue;
		out_add(out, "  %s.%s: expected ", layer->header->name, field->name);
		value_add(out, field, want);
		out_add(out, ", got ");
		value_add(out, field, got);
		out_add(out, "\n");
	}
	for (unsigned i = from; i < layer->length; i++) {
		if ((want[i] ^ got[i]) & mask[i]) {
			out_add(out, "  %s byte %u: expected %02x, got %02x\n",
				from != 0 ? "options," : "data,", i - from, want[i], got[i]);
			return;
		}
	}
}

static bool
is_fragment(const struct script_packet *packet, const uint8_t *frame)
{
	for (unsigned i = 0; i < packet->layer_count; i++) {
		const struct script_layer *layer = &packet->layers[i];

		if (layer->header == NULL)
			continue;
		if (strcmp(layer->header->name, "frag") == 0)
			return true;
		if (strcmp(layer->header->name, "ip4") == 0)
			return (frame[layer->offset + 6] & 0x3f) != 0 ||
				frame[layer->offset + 7] != 0;
	}
	return false;
}

/* Of the first IP header and of the first transport: what errors quote may be cut. */
static void
checksums_compare(
	const struct script_packet *expected, const uint8_t *frame, size_t length, struct out *out)
{
	for (unsigned i = 0; i < expected->layer_count; i++) {
		const struct script_layer *layer = &expected->layers[i];
		const struct script_field *field;
		uint16_t right;
		int index;

		if (layer->header == NULL || layer->header->sum == SCRIPT_SUM_NONE)
			continue;
		if (layer->header->sum != SCRIPT_SUM_HEADER && is_fragment(expected, frame))
			return;
		index = script_field_by_role(layer->header, SCRIPT_CHECKSUM);
		field = &layer->header->fields[index];
		right = script_packet_checksum(expected, i, frame, length);
		if (!(layer->said >> index & 1) &&
			script_bits_get(frame + layer->offset, field->bit, 16) != right) {
			out_add(out, "  %s.csum: 0x%04x would be right, got ", layer->header->name,
				right);
			value_add(out, field, frame + layer->offset);
			out_add(out, "\n");
		}
		if (layer->header->sum != SCRIPT_SUM_HEADER)
			return;
	}
}

bool
script_packet_differs(const struct script_packet *expected, const uint8_t *frame, size_t length,
	char *diff, size_t size)
{
	struct out out = { diff, 0, size };

	diff[0] = '\0';
	if (length < expected->length || (expected->exact && length != expected->length))
		out_add(&out, "  length: expected %s%zu, got %zu\n",
			expected->exact ? "" : "at least ", expected->length, length);
	for (unsigned i = 0; i < expected->layer_count; i++) {
		const struct script_layer *layer = &expected->layers[i];

		if ((size_t)layer->offset + layer->length > length)
			return true;
		layer_compare(expected, layer, frame, &out);
	}
	checksums_compare(expected, frame, length, &out);
	return out.length > 0;
}

/* ---- as text ---- */

static void
fields_show(const struct script_header *header, const uint8_t *hdr, struct out *out)
{
	int src = script_field_by_role(header, SCRIPT_SRC);
	int dst = script_field_by_role(header, SCRIPT_DST);

	if (src >= 0 && dst >= 0) {
		out_add(out, " ");
		value_add(out, &header->fields[src], hdr);
		out_add(out, " > ");
		value_add(out, &header->fields[dst], hdr);
	}
	for (const struct script_field *f = header->fields; f->name != NULL; f++) {
		bool number = f->kind == SCRIPT_NUMBER;

		/* Of several views of the same place the first one does. */
		if (strcmp(f->name, "id") == 0 && strncmp(header->name, "icmp", 4) == 0)
			break;
		if ((f->role != SCRIPT_PLAIN && f->role != SCRIPT_FIXED) ||
			(number && script_bits_get(hdr, f->bit, f->width) == f->value))
			continue;
		out_add(out, " %s=", f->name);
		value_add(out, f, hdr);
	}
}

/* How long a header is, with its options. */
static size_t
header_length(const struct script_header *header, const uint8_t *hdr)
{
	int words4 = script_field_by_role(header, SCRIPT_WORDS4);
	int words8 = script_field_by_role(header, SCRIPT_WORDS8);
	const struct script_field *f = &header->fields[words4 >= 0 ? words4 : words8];

	if (words4 >= 0)
		return script_bits_get(hdr, f->bit, f->width) * 4;
	if (words8 >= 0)
		return (script_bits_get(hdr, f->bit, f->width) + 1) * 8;
	return header->length;
}

void
script_packet_show(const uint8_t *frame, size_t length, char *text, size_t size)
{
	const struct script_header *header = script_header_find("eth");
	struct out out = { text, 0, size };
	size_t at = 0;

	text[0] = '\0';
	while (header != NULL && at + header->length <= length) {
		const uint8_t *hdr = frame + at;
		int next = script_field_by_role(header, SCRIPT_NEXT);
		uint64_t id = 0;

		out_add(&out, "%s%s", at == 0 ? "" : " / ", header->name);
		fields_show(header, hdr, &out);
		at += header_length(header, hdr) > header->length ? header_length(header, hdr)
								  : header->length;
		if (next >= 0)
			id = script_bits_get(
				hdr, header->fields[next].bit, header->fields[next].width);
		if (next < 0 || at > length)
			break;
		if (header->fields[next].width == 16)
			header = script_header_by_type((uint16_t)id);
		else
			header = script_header_by_proto((uint8_t)id, at < length ? frame[at] : 0);
	}
	if (at < length)
		out_add(&out, " / %zu bytes", length - at);
}
