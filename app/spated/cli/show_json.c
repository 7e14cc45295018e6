/* SPDX-License-Identifier: BSD-3-Clause */
/* JSON (RFC 8259); called by show.c. */
#include "cli/show_private.h"

#include "cli/utf8.h"

static void
append_ascii(struct strbuf *out, char c)
{
	if (c == '"' || c == '\\')
		strbuf_printf(out, "\\%c", c);
	else if (c == '\n')
		strbuf_append(out, "\\n");
	else if (c == '\t')
		strbuf_append(out, "\\t");
	else if (c < ' ' || c == 0x7f)
		strbuf_printf(out, "\\u%04x", c);
	else
		strbuf_append_bytes(out, &c, 1);
}

static void
append_string(struct strbuf *out, const char *text)
{
	unsigned length;

	strbuf_append_bytes(out, "\"", 1);
	while (*text != '\0') {
		if ((unsigned char)*text < 0x80) {
			append_ascii(out, *text++);
			continue;
		}
		length = cli_utf8_length(text, 4);
		if (length > 0)
			strbuf_append_bytes(out, text, length);
		else
			strbuf_append(out, "\\ufffd");
		text += length > 0 ? length : 1;
	}
	strbuf_append_bytes(out, "\"", 1);
}

static void
append_prefix(struct show_json *json, const char *name)
{
	if (json->comma[json->depth])
		strbuf_append(json->out, ",");
	/* an item of the outermost list a line: for grep, and for people after all */
	if (json->depth == 1 && name == NULL)
		strbuf_append(json->out, "\n");
	json->comma[json->depth] = true;
	if (name != NULL) {
		append_string(json->out, name);
		strbuf_append(json->out, ":");
	}
}

void
show_json_open(struct show_json *json, const char *name, char bracket)
{
	append_prefix(json, name);
	strbuf_append_bytes(json->out, &bracket, 1);
	json->comma[++json->depth] = false;
}

void
show_json_close(struct show_json *json, char bracket)
{
	bool items = json->comma[json->depth];

	json->depth--;
	if (json->depth == 0 && bracket == ']' && items)
		strbuf_append(json->out, "\n");
	strbuf_append_bytes(json->out, &bracket, 1);
	if (json->depth == 0)
		strbuf_append(json->out, "\n");
}

void
show_json_scalar(struct show_json *json, enum show_kind kind, const char *name, const char *text)
{
	append_prefix(json, name);
	if (kind == SHOW_STRING)
		append_string(json->out, text);
	else
		strbuf_append(json->out, kind == SHOW_NONE ? "null" : text);
}
