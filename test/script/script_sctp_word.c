/* SPDX-License-Identifier: BSD-3-Clause */
/* What scripts say of chunks and parameters behind their fields: see script_sctp.h. */
#include "script/script_sctp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/ip4.h"

static struct script_layer *
last_layer(struct script_packet *packet)
{
	return &packet->layers[packet->layer_count - 1];
}

static int
field_index(const struct script_header *header, const char *name)
{
	for (int i = 0; header->fields[i].name != NULL; i++) {
		if (strcmp(header->fields[i].name, name) == 0)
			return i;
	}
	return -1;
}

/* A count follows from what is listed, unless the script says it. */
static void
count_set(struct script_packet *packet, const char *name, unsigned count)
{
	struct script_layer *layer = last_layer(packet);
	int index = field_index(layer->header, name);

	if (layer->said >> index & 1)
		return;
	layer->said |= 1U << index;
	script_bits_set(packet->bytes + layer->offset, layer->header->fields[index].bit,
		layer->header->fields[index].width, count);
}

static void
bytes_append(struct script_packet *packet, const uint8_t *bytes, size_t length)
{
	uint8_t mask[SCRIPT_BLOB_MAX];

	memset(mask, 0xff, sizeof(mask));
	script_packet_append(packet, bytes, mask, length);
}

/* $NAME, $NAME:N of it the first N bytes, $NAME^N with byte N another one. */
static int
blob_word(struct script_text *text, struct script_packet *packet, const char *word)
{
	char name[SCRIPT_VARIABLE_NAME_MAX] = { 0 };
	const size_t end = 1 + strcspn(word + 1, ":^");
	const struct script_blob *blob;
	struct script_binding *binding;
	struct script_blob changed;
	unsigned long number;

	if (end - 1 >= sizeof(name) || end < 2)
		return script_fail(text, "no variable: $NAME, $NAME:BYTES or $NAME^BYTE");
	memcpy(name, word + 1, end - 1);
	blob = script_blob_find(&text->variables, name);
	if (blob == NULL) {
		if (!packet->expected || word[end] != '\0')
			return script_fail(text, "$%s has no value yet", name);
		if (packet->binding_count == SCRIPT_BINDINGS_MAX)
			return script_fail(text, "more than %u variables", SCRIPT_BINDINGS_MAX);
		binding = &packet->bindings[packet->binding_count++];
		*binding = (struct script_binding){ .blob = true,
			.layer = (uint8_t)(packet->layer_count - 1) };
		memcpy(binding->name, name, sizeof(name));
		return 0;
	}
	changed = *blob;
	number = strtoul(word[end] != '\0' ? word + end + 1 : "0", NULL, 10);
	if (number > changed.length || (word[end] == '^' && number == changed.length))
		return script_fail(text, "$%s has %u bytes", name, changed.length);
	if (word[end] == ':')
		changed.length = (uint16_t)number;
	if (word[end] == '^')
		changed.bytes[number] ^= 0xff;
	last_layer(packet)->rest_said = true;
	bytes_append(packet, changed.bytes, changed.length);
	return 0;
}

static int
value_word(struct script_text *text, struct script_packet *packet, const char *word)
{
	uint8_t bytes[SCRIPT_WORD_MAX / 2];
	int length;

	if (word[0] == '$')
		return blob_word(text, packet, word);
	length = script_hex(word, bytes, sizeof(bytes));
	if (length < 0)
		return script_fail(text, "'%s' is no bytes", word);
	last_layer(packet)->rest_said = true;
	bytes_append(packet, bytes, (size_t)length);
	return 0;
}

/* BYTES of the pattern, or BYTES:FROM a place of it. */
static int
data_word(struct script_text *text, struct script_packet *packet, const char *word)
{
	unsigned long length, from = 0;
	char *end;

	length = strtoul(word, &end, 10);
	if (*end == ':')
		from = strtoul(end + 1, &end, 10);
	if (*end != '\0' || end == word || packet->length + length + 1024 > SCRIPT_PACKET_MAX)
		return script_fail(text, "'%s' is no data: BYTES or BYTES:FROM", word);
	last_layer(packet)->rest_said = true;
	for (unsigned long i = 0; i < length; i++)
		bytes_append(packet, &(uint8_t){ script_pattern(from + i) }, 1);
	return 0;
}

/* FIRST-LAST,FIRST-LAST: offsets from the cumulative TSN, as they are sent. */
static int
gaps_word(struct script_text *text, struct script_packet *packet, const char *word)
{
	unsigned count = 0;

	last_layer(packet)->rest_said = true;
	for (const char *at = word; strcmp(word, "none") != 0 && *at != '\0'; count++) {
		unsigned first, last;
		int length = 0;

		if (sscanf(at, "%u-%u%n", &first, &last, &length) != 2 || length == 0 ||
			(at[length] != ',' && at[length] != '\0'))
			return script_fail(text, "'%s' is no gaps: 2-3,5-5, or none", word);
		bytes_append(packet,
			(uint8_t[]){ (uint8_t)(first >> 8), (uint8_t)first, (uint8_t)(last >> 8),
				(uint8_t)last },
			4);
		at += length + (at[length] == ',');
	}
	count_set(packet, "ngaps", count);
	/* Nor are there others, but those that follow. */
	count_set(packet, "ndups", 0);
	return 0;
}

/* TSNs, or variables, between commas. */
static int
dups_word(struct script_text *text, struct script_packet *packet, const char *words)
{
	static const struct script_field field = { .name = "dup", .width = 32 };
	struct script_layer *layer = last_layer(packet);
	char copy[SCRIPT_WORD_MAX], *rest = copy, *word;
	unsigned count = 0;

	snprintf(copy, sizeof(copy), "%s", strcmp(words, "none") != 0 ? words : "");
	layer->rest_said = true;
	while (rest != NULL && *rest != '\0' && (word = strsep(&rest, ",")) != NULL) {
		struct script_binding binding;
		uint8_t bytes[4] = { 0 };
		uint64_t number;

		if (word[0] == '$' && script_binding_parse(&text->variables, word, &binding) == 0 &&
			binding.known)
			script_value_put(&field, bytes, &binding.value);
		else if (script_number(word, UINT32_MAX, &number) == 0)
			script_bits_set(bytes, 0, 32, number);
		else
			return script_fail(text, "'%s' is no TSN", word);
		bytes_append(packet, bytes, sizeof(bytes));
		count++;
	}
	layer->said &= ~(1U << field_index(layer->header, "ndups"));
	count_set(packet, "ndups", count);
	return 0;
}

int
script_sctp_word(
	struct script_text *text, struct script_packet *packet, const char *word, const char *value)
{
	static const struct {
		const char *word, *header;
		int (*run)(struct script_text *, struct script_packet *, const char *);
	} words[] = {
		{ "value", NULL, value_word },
		{ "data", "DATA", data_word },
		{ "data", "I-DATA", data_word },
		{ "gaps", "SACK", gaps_word },
		{ "dups", "SACK", dups_word },
	};
	const struct script_header *header = last_layer(packet)->header;

	if (value == NULL || header->options_align == 0 ||
		(!script_sctp_is_chunk(header) && !script_sctp_is_param(header)))
		return -ENOENT;
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i].word, word) == 0 &&
			(words[i].header == NULL || strcmp(words[i].header, header->name) == 0))
			return words[i].run(text, packet, value);
	}
	return -ENOENT;
}

int
script_sctp_absent(struct script_text *text, struct script_packet *packet)
{
	unsigned chunk = packet->layer_count;
	const struct script_header *param;

	while (chunk > 0 && !script_sctp_is_chunk(packet->layers[chunk - 1].header))
		chunk--;
	param = script_word(text) ? script_sctp_find(text->word) : NULL;
	if (chunk == 0 || !script_sctp_is_param(param) || !packet->expected)
		return script_fail(text, "no parameter of a chunk that is expected");
	if (packet->absent_count == SCRIPT_ABSENT_MAX)
		return script_fail(text, "more than %u that are not there", SCRIPT_ABSENT_MAX);
	packet->absent[packet->absent_count].layer = (uint8_t)(chunk - 1);
	packet->absent[packet->absent_count++].param = param;
	return 0;
}

size_t
script_sctp_length(const struct script_packet *packet, unsigned index)
{
	const struct script_layer *first = &packet->layers[index], *last = first;

	/* RFC 9260 3.2: with what fills up parameters, but the last one. */
	while (script_sctp_is_chunk(first->header) && ++index < packet->layer_count &&
		script_sctp_is_param(packet->layers[index].header))
		last = &packet->layers[index];
	return (size_t)(last->offset + last->length - last->filled - first->offset);
}

void
script_sctp_finish(struct script_packet *packet)
{
	for (unsigned i = 0; i + 1 < packet->layer_count; i++) {
		struct script_layer *layer = &packet->layers[i];
		const struct script_header *header = layer->header, *next = layer[1].header;
		int vtag;

		if (header == NULL || header->proto != IP_PROTO_SCTP || next == NULL ||
			strcmp(next->name, "INIT") != 0)
			continue;
		vtag = field_index(header, "vtag");
		if (layer->said >> vtag & 1)
			return;
		layer->said |= 1U << vtag;
		script_bits_set(packet->bytes + layer->offset, header->fields[vtag].bit, 32, 0);
		return;
	}
}
