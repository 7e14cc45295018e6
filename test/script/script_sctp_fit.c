/* SPDX-License-Identifier: BSD-3-Clause */
/* What a script expects of SCTP, laid out as the packet that was sent: see script_sctp.h. */
#include "script/script_sctp.h"

#include <string.h>

#include "wire/ip4.h"

/* While a packet is laid out anew. */
struct fit {
	const struct script_packet *expected;
	const uint8_t *frame;
	size_t length; /* of the frame */
	struct script_packet *fitted;
	size_t at; /* what is laid out so far */
	size_t chunk_end; /* of the chunk that it is in, in the frame */
};

/* Where a chunk or a parameter ends, filled up. */
static size_t
end_of(const struct fit *fit, size_t at, size_t limit)
{
	size_t length = at + 4 <= limit ? script_bits_get(fit->frame + at, 16, 16) : 4;
	size_t end = at + ((length < 4 ? 4 : length) + 3) / 4 * 4;

	return end < limit ? end : limit;
}

/* How much of a layer is to be filled up, and that its length is as it was sent. */
static void
layer_stretch(struct fit *fit, struct script_layer *layer, size_t end)
{
	const int own = script_field_by_role(layer->header, SCRIPT_OWN);
	const struct script_field *field = &layer->header->fields[own];

	if (end < fit->at + layer->header->length || end > SCRIPT_PACKET_MAX)
		return;
	layer->length = (uint16_t)(end - fit->at);
	script_bits_set(fit->fitted->bytes + fit->at, field->bit, field->width,
		script_bits_get(fit->frame + fit->at, field->bit, field->width));
}

static void
layer_place(struct fit *fit, unsigned index)
{
	const struct script_layer *from = &fit->expected->layers[index];
	struct script_layer *layer = &fit->fitted->layers[index];

	layer->offset = (uint16_t)fit->at;
	memcpy(fit->fitted->bytes + fit->at, fit->expected->bytes + from->offset, from->length);
	memcpy(fit->fitted->mask + fit->at, fit->expected->mask + from->offset, from->length);
}

/* Whether the script leaves open how long it is. */
static bool
is_open(const struct fit *fit, const struct script_layer *layer)
{
	return layer->header->options_align != 0 && !layer->rest_said &&
		!(layer->said >> script_field_by_role(layer->header, SCRIPT_OWN) & 1);
}

static void
chunk_fit(struct fit *fit, unsigned index)
{
	struct script_layer *layer = &fit->fitted->layers[index];
	const struct script_layer *next = layer + 1;
	const bool params =
		index + 1 < fit->fitted->layer_count && script_sctp_is_param(next->header);

	fit->at = fit->chunk_end;
	fit->chunk_end = end_of(fit, fit->at, fit->length);
	layer_place(fit, index);
	if (is_open(fit, layer))
		layer_stretch(
			fit, layer, params ? fit->at + layer->header->length : fit->chunk_end);
	fit->at += layer->length;
	if (!params && fit->chunk_end < fit->at)
		fit->chunk_end = fit->at;
}

/* The next one of its type; others in front of it do not matter. */
static void
param_fit(struct fit *fit, unsigned index)
{
	struct script_layer *layer = &fit->fitted->layers[index];
	const uint64_t type =
		script_bits_get(fit->expected->bytes + fit->expected->layers[index].offset, 0, 16);
	size_t at = fit->at;

	while (at + 4 <= fit->chunk_end && script_bits_get(fit->frame + at, 0, 16) != type)
		at = end_of(fit, at, fit->chunk_end);
	if (at + 4 <= fit->chunk_end)
		fit->at = at;
	layer_place(fit, index);
	if (is_open(fit, layer))
		layer_stretch(fit, layer, end_of(fit, fit->at, fit->chunk_end));
	fit->at += layer->length;
	if (fit->chunk_end < fit->at)
		fit->chunk_end = fit->at;
}

void
script_sctp_absent_compare(
	const struct script_packet *fitted, const uint8_t *frame, struct script_out *out)
{
	const struct fit fit = { .frame = frame };

	for (unsigned i = 0; i < fitted->absent_count; i++) {
		const struct script_layer *chunk = &fitted->layers[fitted->absent[i].layer];
		const struct script_header *param = fitted->absent[i].param;
		const size_t end = end_of(&fit, chunk->offset, fitted->length);

		for (size_t at = chunk->offset + chunk->header->length; at + 4 <= end;
			at = end_of(&fit, at, end)) {
			if (script_bits_get(frame + at, 0, 16) == param->fields[0].value)
				script_out_add(out, "  %s: got %s, expected none\n",
					chunk->header->name, param->name);
		}
	}
}

/* By an ICMP error, which may have cut it. */
static bool
is_quoted(const struct script_packet *packet, unsigned layers)
{
	for (unsigned i = 0; i < layers; i++) {
		const int16_t proto = packet->layers[i].header->proto;

		if (proto == IP_PROTO_ICMP || proto == IP_PROTO_ICMP6)
			return true;
	}
	return false;
}

void
script_sctp_fit(const struct script_packet *expected, const uint8_t *frame, size_t length,
	struct script_packet *fitted)
{
	struct fit fit = { expected, frame, length, fitted, 0, 0 };
	unsigned first = 0;

	*fitted = *expected;
	while (first < expected->layer_count &&
		!script_sctp_is_chunk(expected->layers[first].header))
		first++;
	/* Where bytes are said in place of names they count. */
	if (first == expected->layer_count || expected->parted || expected->cut != 0 ||
		strcmp(expected->layers[first].header->name, "chunk") == 0)
		return;
	fit.chunk_end = expected->layers[first].offset;
	memset(fitted->bytes + fit.chunk_end, 0, sizeof(fitted->bytes) - fit.chunk_end);
	memset(fitted->mask + fit.chunk_end, 0, sizeof(fitted->mask) - fit.chunk_end);
	for (unsigned i = first; i < expected->layer_count; i++) {
		if (script_sctp_is_chunk(expected->layers[i].header)) {
			chunk_fit(&fit, i);
		} else if (script_sctp_is_param(expected->layers[i].header)) {
			param_fit(&fit, i);
		} else {
			fit.at = fit.chunk_end;
			layer_place(&fit, i);
			fit.at += fitted->layers[i].length;
			fit.chunk_end = fit.at;
		}
	}
	fitted->length = fit.chunk_end;
	fitted->exact = expected->exact || !is_quoted(expected, first);
}
