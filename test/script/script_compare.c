/* SPDX-License-Identifier: BSD-3-Clause */
/* What differs between a packet that a script expects and one that was sent. */
#include "script/script_packet.h"
#include "script/script_sctp.h"
#include "script/script_show.h"
#include "script/script_tcp_option.h"

#include <string.h>

#include "wire/ip4.h"

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
tcp_options_compare(const uint8_t *want, const uint8_t *mask, const uint8_t *got, size_t length,
	struct script_out *out)
{
	char text[SCRIPT_WORD_MAX];

	for (size_t i = 0; i < length; i++) {
		if (((want[i] ^ got[i]) & mask[i]) == 0)
			continue;
		script_tcp_options_format(want, mask, length, text, sizeof(text));
		script_out_add(out, "  tcp options: expected %s", text);
		script_tcp_options_format(got, NULL, length, text, sizeof(text));
		script_out_add(out, ", got %s\n", text);
		return;
	}
}

static void
layer_compare(const struct script_packet *expected, const struct script_layer *layer,
	const uint8_t *frame, struct script_out *out)
{
	const uint8_t *want = expected->bytes + layer->offset;
	const uint8_t *mask = expected->mask + layer->offset;
	const uint8_t *got = frame + layer->offset;
	unsigned from = layer->header != NULL ? layer->header->length : 0;

	for (unsigned f = 0; from != 0 && layer->header->fields[f].name != NULL; f++) {
		const struct script_field *field = &layer->header->fields[f];

		if (!field_differs(field, want, got, mask))
			continue;
		script_out_add(out, "  %s.%s: expected ", layer->header->name, field->name);
		script_value_show(out, field, want);
		script_out_add(out, ", got ");
		script_value_show(out, field, got);
		script_out_add(out, "\n");
	}
	if (from != 0 && layer->header->proto == IP_PROTO_TCP) {
		tcp_options_compare(
			want + from, mask + from, got + from, layer->length - from, out);
		return;
	}
	for (unsigned i = from; i < layer->length; i++) {
		if ((want[i] ^ got[i]) & mask[i]) {
			script_out_add(out, "  %s byte %u: expected %02x, got %02x\n",
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

/* SCTP in UDP: both have one. */
static bool
is_encapsulated(const struct script_packet *packet, unsigned layer)
{
	const struct script_header *below = packet->layers[layer].header;
	const struct script_header *next =
		layer + 1U < packet->layer_count ? packet->layers[layer + 1].header : NULL;

	return below->proto == IP_PROTO_UDP && next != NULL && next->proto == IP_PROTO_SCTP;
}

/* Of the first IP header and of the first transport: what errors quote may be cut. */
static void
checksums_compare(const struct script_packet *expected, const uint8_t *frame, size_t length,
	struct script_out *out)
{
	for (unsigned i = 0; i < expected->layer_count; i++) {
		const struct script_layer *layer = &expected->layers[i];
		const struct script_field *field;
		uint32_t right;
		int index;

		if (layer->header == NULL || layer->header->sum == SCRIPT_SUM_NONE)
			continue;
		if (layer->header->sum != SCRIPT_SUM_HEADER && is_fragment(expected, frame))
			return;
		index = script_field_by_role(layer->header, SCRIPT_CHECKSUM);
		field = &layer->header->fields[index];
		right = script_packet_checksum(expected, i, frame, length);
		if (!(layer->said >> index & 1) &&
			script_bits_get(frame + layer->offset, field->bit, field->width) != right) {
			script_out_add(out, "  %s.csum: 0x%04x would be right, got ",
				layer->header->name, right);
			script_value_show(out, field, frame + layer->offset);
			script_out_add(out, "\n");
		}
		if (layer->header->sum != SCRIPT_SUM_HEADER && !is_encapsulated(expected, i))
			return;
	}
}

/* Fields that have to differ from what was in a packet before. */
static void
bindings_compare(const struct script_packet *expected, const uint8_t *frame, struct script_out *out)
{
	for (unsigned i = 0; i < expected->binding_count; i++) {
		const struct script_binding *binding = &expected->bindings[i];
		const struct script_layer *layer = &expected->layers[binding->layer];
		const struct script_field *field = &binding->field;
		struct script_value value = script_value_get(field, frame + layer->offset);

		if (!binding->differs || binding->blob ||
			memcmp(&value, &binding->value, sizeof(value)) != 0)
			continue;
		script_out_add(
			out, "  %s.%s: expected another than ", layer->header->name, field->name);
		script_value_show(out, field, frame + layer->offset);
		script_out_add(out, "\n");
	}
}

int
script_packet_capture(
	struct script_text *text, const struct script_packet *expected, const uint8_t *frame)
{
	for (unsigned i = 0; i < expected->binding_count; i++) {
		const struct script_binding *binding = &expected->bindings[i];
		const struct script_layer *layer = &expected->layers[binding->layer];
		const struct script_value value =
			script_value_get(&binding->field, frame + layer->offset);

		if (binding->blob) {
			const size_t from = layer->offset + layer->header->length;
			const size_t own = script_bits_get(frame + layer->offset, 16, 16);

			if (own < layer->header->length ||
				script_blob_set(&text->variables, binding->name, frame + from,
					own - layer->header->length) < 0)
				return script_fail(text, "$%s cannot be kept", binding->name);
			continue;
		}
		if (!binding->known &&
			script_variable_set(&text->variables, binding->name, &value) < 0)
			return script_fail(text, "more than %u variables", SCRIPT_VARIABLES_MAX);
	}
	return 0;
}

bool
script_packet_differs(const struct script_packet *expected, const uint8_t *frame, size_t length,
	char *diff, size_t size)
{
	struct script_out out = { diff, 0, size };

	diff[0] = '\0';
	if (length < expected->length || (expected->exact && length != expected->length))
		script_out_add(&out, "  length: expected %s%zu, got %zu\n",
			expected->exact ? "" : "at least ", expected->length, length);
	for (unsigned i = 0; i < expected->layer_count; i++) {
		const struct script_layer *layer = &expected->layers[i];

		if ((size_t)layer->offset + layer->length > length)
			return true;
		layer_compare(expected, layer, frame, &out);
	}
	checksums_compare(expected, frame, length, &out);
	bindings_compare(expected, frame, &out);
	script_sctp_absent_compare(expected, frame, &out);
	return out.length > 0;
}
