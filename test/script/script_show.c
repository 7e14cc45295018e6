/* SPDX-License-Identifier: BSD-3-Clause */
/* Packets in the words of scripts: see script_show.h. */
#include "script/script_show.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "script/script_sctp.h"
#include "script/script_tcp_option.h"
#include "wire/ip4.h"
#include "wire/ip_addr.h"
#include "wire/mac.h"

void
script_out_add(struct script_out *out, const char *format, ...)
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

void
script_value_show(struct script_out *out, const struct script_field *field, const uint8_t *hdr)
{
	static const char letters[] = "FSRP.UEC";
	const uint8_t *bytes = hdr + field->bit / 8;
	struct ip_addr addr;
	struct mac_addr mac;
	char text[64];

	if (field->kind == SCRIPT_MAC) {
		memcpy(mac.bytes, bytes, sizeof(mac.bytes));
		script_out_add(out, "%s", mac_addr_format(&mac, text));
	} else if (field->kind == SCRIPT_IP4 || field->kind == SCRIPT_IP6) {
		addr = field->kind == SCRIPT_IP4 ? ip_addr_from4(bytes) : ip_addr_from6(bytes);
		script_out_add(out, "%s", ip_addr_format(&addr, text));
	} else if (field->kind == SCRIPT_FLAGS) {
		for (unsigned i = 0; i < 8; i++) {
			if (*bytes >> i & 1)
				script_out_add(out, "%c", letters[i]);
		}
	} else if (field->role == SCRIPT_CHECKSUM) {
		script_out_add(out, "0x%0*x", field->width / 4,
			(unsigned)script_bits_get(hdr, field->bit, field->width));
	} else {
		script_out_add(out, "%llu",
			(unsigned long long)script_bits_get(hdr, field->bit, field->width));
	}
}

static void
fields_show(const struct script_header *header, const uint8_t *hdr, struct script_out *out)
{
	int src = script_field_by_role(header, SCRIPT_SRC);
	int dst = script_field_by_role(header, SCRIPT_DST);

	if (src >= 0 && dst >= 0) {
		script_out_add(out, " ");
		script_value_show(out, &header->fields[src], hdr);
		script_out_add(out, " > ");
		script_value_show(out, &header->fields[dst], hdr);
	}
	if (src >= 0 && dst < 0) {
		script_out_add(out, " ");
		script_value_show(out, &header->fields[src], hdr);
	}
	for (const struct script_field *f = header->fields; f->name != NULL; f++) {
		bool number = f->kind == SCRIPT_NUMBER;

		/* Of several views of the same place the first one does. */
		if (strcmp(f->name, "id") == 0 && strncmp(header->name, "icmp", 4) == 0)
			break;
		if ((f->role != SCRIPT_PLAIN && f->role != SCRIPT_FIXED) ||
			(number && script_bits_get(hdr, f->bit, f->width) == f->value))
			continue;
		script_out_add(out, " %s=", f->name);
		script_value_show(out, f, hdr);
	}
}

static int
role_value(const struct script_header *header, enum script_field_role role, const uint8_t *hdr)
{
	int i = script_field_by_role(header, role);

	if (i < 0)
		return -1;
	return (int)script_bits_get(hdr, header->fields[i].bit, header->fields[i].width);
}

/* How long a header or a part is, with its options: at least its fields. */
static size_t
header_length(const struct script_header *header, const uint8_t *hdr)
{
	const int lengths[] = {
		role_value(header, SCRIPT_WORDS4, hdr) * 4,
		(role_value(header, SCRIPT_WORDS8, hdr) + 1) * 8,
		role_value(header, SCRIPT_UNITS8, hdr) * 8,
		(role_value(header, SCRIPT_OWN, hdr) + 3) / 4 * 4,
	};
	int length = header->length;

	for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		length = lengths[i] > length ? lengths[i] : length;
	return (size_t)length;
}

static void
header_show(
	const struct script_header *header, const uint8_t *hdr, size_t left, struct script_out *out)
{
	size_t length = header_length(header, hdr);
	char options[SCRIPT_WORD_MAX];

	script_out_add(out, "%s", header->name);
	fields_show(header, hdr, out);
	if (script_sctp_is_chunk(header))
		script_sctp_show(header, hdr, length < left ? length : left, out);
	if (header->proto != IP_PROTO_TCP || length == header->length || length > left)
		return;
	script_tcp_options_format(
		hdr + header->length, NULL, length - header->length, options, sizeof(options));
	script_out_add(out, " %s", options);
}

/* What follows a header. */
static const struct script_header *
header_next(
	const struct script_header *header, const uint8_t *hdr, const uint8_t *behind, size_t left)
{
	int field = script_field_by_role(header, SCRIPT_NEXT);
	int id = role_value(header, SCRIPT_NEXT, hdr);

	if (field < 0)
		return NULL;
	if (header->fields[field].width == 16)
		return script_header_by_type((uint16_t)id);
	return script_header_by_proto((uint8_t)id, left > 0 ? *behind : 0);
}

void
script_packet_show(const uint8_t *frame, size_t length, char *text, size_t size)
{
	const struct script_header *header = script_header_find("eth"), *message = NULL;
	struct script_out out = { text, 0, size };
	size_t at = 0;

	text[0] = '\0';
	while (header != NULL && at + header->length <= length) {
		const uint8_t *hdr = frame + at;

		script_out_add(&out, "%s", at == 0 ? "" : " / ");
		header_show(header, hdr, length - at, &out);
		at += header_length(header, hdr);
		if (at > length)
			break;
		/* What a message is made of goes on to its end. */
		if (message == NULL && script_part_next(header, frame + at, length - at) != NULL)
			message = header;
		header = message != NULL ? script_part_next(message, frame + at, length - at)
					 : header_next(header, hdr, frame + at, length - at);
	}
	if (at < length)
		script_out_add(&out, " / %zu bytes", length - at);
}
