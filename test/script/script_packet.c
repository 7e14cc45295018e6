/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads packets of scripts: `ip4 10.0.0.2 > 10.0.1.2 ttl=1 / udp 4000 > 53 / data 32`. */
#include "script/script_packet.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "script/script_sctp.h"
#include "script/script_tcp_option.h"
#include "wire/ip4.h"
#include "wire/ip_addr.h"
#include "wire/mac.h"

int
script_field_by_role(const struct script_header *header, enum script_field_role role)
{
	for (int i = 0; header->fields[i].name != NULL; i++) {
		if (header->fields[i].role == role)
			return i;
	}
	return -1;
}

static int
field_by_name(const struct script_header *header, const char *name)
{
	for (int i = 0; header->fields[i].name != NULL; i++) {
		if (strcmp(header->fields[i].name, name) == 0)
			return i;
	}
	return -1;
}

static int
flags_parse(const char *word, uint64_t *value)
{
	static const char letters[] = "FSRP.UEC"; /* from the lowest bit on */

	*value = 0;
	for (; *word != '\0'; word++) {
		const char *letter = strchr(letters, *word);

		if (letter == NULL)
			return -EINVAL;
		*value |= 1U << (letter - letters);
	}
	return 0;
}

static int
addr_set(uint8_t *bytes, const struct script_field *field, const char *word)
{
	struct mac_addr mac;
	struct ip_addr addr;

	if (field->kind == SCRIPT_MAC) {
		if (mac_addr_parse(word, &mac) != 0)
			return -EINVAL;
		memcpy(bytes + field->bit / 8, mac.bytes, sizeof(mac.bytes));
		return 0;
	}
	if (ip_addr_parse(word, &addr) != 0 || ip_addr_length(&addr) * 8U != field->width)
		return -EINVAL;
	memcpy(bytes + field->bit / 8, addr.bytes, field->width / 8);
	return 0;
}

/* What the stack sends gives a variable its value, or is to have another one. */
static int
binding_add(struct script_text *text, struct script_packet *packet,
	const struct script_binding *binding)
{
	struct script_binding *place = &packet->bindings[packet->binding_count];

	if (!packet->expected || (!binding->known && (binding->differs || binding->plus != 0)))
		return script_fail(text, "$%s has no value yet", binding->name);
	if (packet->binding_count == SCRIPT_BINDINGS_MAX)
		return script_fail(text, "more than %u variables", SCRIPT_BINDINGS_MAX);
	*place = *binding;
	place->layer = (uint8_t)(packet->layer_count - 1);
	packet->binding_count++;
	return 0;
}

/* A variable where a value could be. */
static int
field_bind(struct script_text *text, struct script_packet *packet, int index, const char *word)
{
	struct script_layer *layer = &packet->layers[packet->layer_count - 1];
	struct script_binding binding;

	if (script_binding_parse(&text->variables, word, &binding) < 0)
		return script_fail(text, "no variable: $NAME, $NAME+1 or !$NAME");
	if (binding.known && !binding.differs) {
		layer->said |= 1U << index;
		script_value_put(&layer->header->fields[index], packet->bytes + layer->offset,
			&binding.value);
		return 0;
	}
	binding.field = layer->header->fields[index];
	return binding_add(text, packet, &binding);
}

static int
field_set(struct script_text *text, struct script_packet *packet, int index, const char *word)
{
	struct script_layer *layer = &packet->layers[packet->layer_count - 1];
	const struct script_field *field = &layer->header->fields[index];
	uint8_t *bytes = packet->bytes + layer->offset;
	uint64_t value;
	int rc;

	if (word[0] == '$' || word[0] == '!')
		return field_bind(text, packet, index, word);
	layer->said |= 1U << index;
	if (strcmp(word, "bad") == 0 && field->role == SCRIPT_CHECKSUM) {
		layer->spoiled |= 1U << index;
		return 0;
	}
	if (field->kind == SCRIPT_NUMBER || field->kind == SCRIPT_FLAGS) {
		rc = field->kind == SCRIPT_FLAGS
			? flags_parse(word, &value)
			: script_number(word, UINT64_MAX >> (64 - field->width), &value);
		if (rc == 0)
			script_bits_set(bytes, field->bit, field->width, value);
	} else {
		rc = addr_set(bytes, field, word);
	}
	if (rc < 0)
		return script_fail(
			text, "'%s' is no value for %s.%s", word, layer->header->name, field->name);
	return 0;
}

static int
layer_add(
	struct script_text *text, struct script_packet *packet, const struct script_header *header)
{
	struct script_layer *layer = &packet->layers[packet->layer_count];

	if (packet->layer_count == SCRIPT_LAYERS_MAX)
		return script_fail(text, "more than %u headers", SCRIPT_LAYERS_MAX);
	if (packet->length + 1024 > SCRIPT_PACKET_MAX)
		return script_fail(text, "the packet is too long");
	packet->layer_count++;
	*layer = (struct script_layer){ .header = header, .offset = (uint16_t)packet->length };
	if (header == NULL)
		return 0;
	layer->length = header->length;
	packet->length += header->length;
	for (const struct script_field *f = header->fields; f->name != NULL; f++) {
		if (f->kind == SCRIPT_NUMBER || f->kind == SCRIPT_FLAGS) {
			/* Views of one place have the value of the first. */
			if (f->value != 0)
				script_bits_set(
					packet->bytes + layer->offset, f->bit, f->width, f->value);
		}
	}
	return 0;
}

/* Bytes behind the last option, filled up: by PadN where the header is IPv6's, by zeros elsewhere. */
void
script_packet_append(
	struct script_packet *packet, const uint8_t *bytes, const uint8_t *mask, size_t length)
{
	struct script_layer *layer = &packet->layers[packet->layer_count - 1];
	const unsigned align = layer->header->options_align;
	const size_t end = layer->offset + (size_t)layer->length - layer->filled;
	uint8_t *to = packet->bytes + end;
	unsigned rest;

	memset(to, 0, layer->filled);
	memcpy(to, bytes, length);
	memcpy(packet->mask + end, mask, length);
	layer->length = (uint16_t)(layer->length - layer->filled + length);
	rest = (align - layer->length % align) % align;
	if (layer->header->length == 2 && layer->header->proto >= 0 && rest > 1) {
		to[length] = 1;
		to[length + 1] = (uint8_t)(rest - 2);
	}
	layer->filled = (uint16_t)rest;
	layer->length = (uint16_t)(layer->length + rest);
	packet->length = layer->offset + layer->length;
}

static int
options_add(struct script_text *text, struct script_packet *packet, const char *word)
{
	const struct script_header *header = packet->layers[packet->layer_count - 1].header;
	uint8_t bytes[SCRIPT_WORD_MAX / 2], mask[SCRIPT_WORD_MAX / 2];
	int length = -EINVAL;

	if (packet->length + SCRIPT_WORD_MAX <= SCRIPT_PACKET_MAX && header->options_align != 0)
		length = script_hex(word, bytes, sizeof(bytes));
	if (length < 0)
		return script_fail(text, "no options for %s", header->name);
	memset(mask, 0xff, sizeof(mask));
	script_packet_append(packet, bytes, mask, (size_t)length);
	return 0;
}

/* An option of TCP by its name. @return -ENOENT: it is none */
static int
tcp_option_add(struct script_text *text, struct script_packet *packet, const char *value)
{
	const struct script_layer *layer = &packet->layers[packet->layer_count - 1];
	unsigned at = layer->length - layer->filled;
	struct script_tcp_option option;
	int rc;

	if (layer->header->proto != IP_PROTO_TCP)
		return -ENOENT;
	rc = script_tcp_option_parse(&text->variables, text->word, value, &option);
	if (rc == -ENOENT)
		return rc;
	if (rc < 0)
		return script_fail(text, "'%s' is no value for the option %s",
			value != NULL ? value : "", text->word);
	/* RFC 9293 3.1: the data offset counts to 15 words. */
	if (at + option.length > 60)
		return script_fail(text, "more than 40 bytes of options");
	script_packet_append(packet, option.bytes, option.mask, option.length);
	for (unsigned i = 0; rc == 0 && i < option.binding_count; i++) {
		option.bindings[i].field.bit += (uint16_t)(8 * at);
		rc = binding_add(text, packet, &option.bindings[i]);
	}
	return rc;
}

/* SRC > DST, either of which may be left out. */
static int
pair_parse(struct script_text *text, struct script_packet *packet, enum script_field_role role)
{
	const struct script_layer *layer = &packet->layers[packet->layer_count - 1];
	int field = script_field_by_role(layer->header, role);

	if (field < 0)
		return script_fail(text, "%s has no field=value here", layer->header->name);
	return field_set(text, packet, field, text->word);
}

/* What may follow the fields as bytes: options of a header, the value of a part. */
static bool
is_rest(const struct script_header *header, const char *word)
{
	const bool part = header->proto < 0 && header->ether_type == 0;

	return header->options_align != 0 && strcmp(word, part ? "value" : "opts") == 0;
}

static int
header_word(struct script_text *text, struct script_packet *packet, bool *behind)
{
	const struct script_layer *layer = &packet->layers[packet->layer_count - 1];
	char *equals = strchr(text->word, '=');
	int field, rc;

	if (strcmp(text->word, ">") == 0) {
		*behind = true;
		return 0;
	}
	if (equals != NULL)
		*equals = '\0';
	rc = tcp_option_add(text, packet, equals != NULL ? equals + 1 : NULL);
	if (rc != -ENOENT)
		return rc;
	rc = script_sctp_word(text, packet, text->word, equals != NULL ? equals + 1 : NULL);
	if (rc != -ENOENT)
		return rc;
	if (equals == NULL)
		return pair_parse(text, packet, *behind ? SCRIPT_DST : SCRIPT_SRC);
	if (is_rest(layer->header, text->word))
		return options_add(text, packet, equals + 1);
	field = field_by_name(layer->header, text->word);
	if (field < 0)
		return script_fail(text, "%s has no field '%s'", layer->header->name, text->word);
	return field_set(text, packet, field, equals + 1);
}

/* data LENGTH [FROM]: a pattern that tells where a byte belongs; hex BYTES. Both end the packet. */
static int
data_parse(struct script_text *text, struct script_packet *packet, bool hex)
{
	struct script_layer *layer;
	uint8_t *to;
	uint64_t length, from = 0;
	int rc;

	if (layer_add(text, packet, NULL) < 0)
		return -EINVAL;
	layer = &packet->layers[packet->layer_count - 1];
	to = packet->bytes + packet->length;
	if (!script_word(text))
		return script_fail(text, "how much?");
	if (hex) {
		rc = script_hex(text->word, to, SCRIPT_WORD_MAX);
		length = rc < 0 ? 0 : (uint64_t)rc;
	} else {
		rc = script_number(text->word, SCRIPT_PACKET_MAX - packet->length, &length);
		if (rc == 0 && isdigit((unsigned char)*script_rest(text)) && script_word(text))
			rc = script_number(text->word, UINT32_MAX, &from);
		for (uint64_t i = 0; rc == 0 && i < length; i++)
			to[i] = script_pattern(from + i);
	}
	if (rc < 0)
		return script_fail(text, "'%s' is no %s", text->word, hex ? "bytes" : "length");
	memset(packet->mask + packet->length, 0xff, length);
	layer->length = (uint16_t)length;
	packet->length += length;
	packet->exact = true;
	return 0;
}

static int
numbers_parse(struct script_text *text, size_t *first, size_t *second)
{
	size_t *const to[2] = { first, second };

	for (unsigned i = 0; i < 2 && to[i] != NULL; i++) {
		uint64_t value;

		if (!script_word(text))
			return script_fail(text, "a number is missing");
		if (strcmp(text->word, "end") == 0)
			value = SCRIPT_PACKET_MAX;
		else if (script_number(text->word, SCRIPT_PACKET_MAX, &value) < 0)
			return script_fail(text, "'%s' is no number of bytes", text->word);
		*to[i] = value;
	}
	return 0;
}

/* What is between two slashes. */
static int
part_parse(struct script_text *text, struct script_packet *packet)
{
	const struct script_header *header;
	bool behind = false;

	if (strcmp(text->word, "data") == 0 || strcmp(text->word, "hex") == 0)
		return data_parse(text, packet, text->word[0] == 'h');
	if (strcmp(text->word, "pad") == 0)
		return numbers_parse(text, &packet->padding, NULL);
	if (strcmp(text->word, "cut") == 0)
		return numbers_parse(text, &packet->cut, NULL);
	if (strcmp(text->word, "part") == 0) {
		packet->parted = true;
		return numbers_parse(text, &packet->part_from, &packet->part_to);
	}
	if (strcmp(text->word, "no") == 0)
		return script_sctp_absent(text, packet);
	header = script_header_find(text->word);
	if (header == NULL)
		return script_fail(text, "there is no header '%s'", text->word);
	if (layer_add(text, packet, header) < 0)
		return -EINVAL;
	while (!script_word_is(text, "/") && script_word(text)) {
		if (header_word(text, packet, &behind) < 0)
			return -EINVAL;
	}
	/* Without options of its own such a header is all padding. */
	if (header->options_align == 8 && packet->layers[packet->layer_count - 1].length < 8)
		return options_add(text, packet, "");
	return 0;
}

int
script_packet_parse(
	struct script_text *text, unsigned port, bool sent, struct script_packet *packet)
{
	const uint8_t ours[6] = { 2, 0, 0, 0, 1, (uint8_t)port };
	const uint8_t theirs[6] = { 2, 0, 0, 0, 2, (uint8_t)port };

	memset(packet, 0, sizeof(*packet));
	packet->expected = sent;
	if (layer_add(text, packet, script_header_find("eth")) < 0)
		return -EINVAL;
	memcpy(packet->bytes, sent ? theirs : ours, sizeof(ours));
	memcpy(packet->bytes + 6, sent ? ours : theirs, sizeof(theirs));
	if (sent)
		memset(packet->mask + 6, 0xff, sizeof(ours));
	if (!script_word(text))
		return script_fail(text, "a packet is missing");
	if (strcmp(text->word, "eth") == 0) {
		bool behind = false;

		while (!script_word_is(text, "/") && script_word(text)) {
			if (header_word(text, packet, &behind) < 0)
				return -EINVAL;
		}
		if (!script_word(text))
			return script_packet_finish(text, packet);
	}
	do {
		if (part_parse(text, packet) < 0)
			return -EINVAL;
		script_word_is(text, "/");
	} while (script_word(text));
	return script_packet_finish(text, packet);
}
