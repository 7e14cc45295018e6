/* SPDX-License-Identifier: BSD-3-Clause */
/* The calls of show.h: JSON goes straight out, text is gathered a row or a block at a time. */
#include "cli/show_private.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct show {
	enum show_format format;
	struct strbuf *out; /* NULL with a sink */
	struct show_sink sink;
	struct show_json json;
	struct show_tree tree;
	struct show_table table;
	enum show_kind kinds[SHOW_DEPTH_MAX + 1]; /* of what is open */
	int nodes[SHOW_DEPTH_MAX + 1]; /* in the tree; -1 for an outermost list */
	unsigned depth;
	unsigned blocks; /* printed */
	bool done; /* the outermost thing is complete */
	bool misused;
};

struct show *
show_create(enum show_format format, struct strbuf *out)
{
	struct show *show = calloc(1, sizeof(*show));

	if (show == NULL)
		return NULL;
	show->format = format;
	show->out = out;
	show->json.out = out;
	return show;
}

struct show *
show_create_sink(const struct show_sink *sink)
{
	struct show *show = show_create(SHOW_TEXT, NULL);

	if (show != NULL)
		show->sink = *sink;
	return show;
}

int
show_destroy(struct show *show)
{
	int ret = 0;

	if (show->misused || show->depth > 0)
		ret = -EPROTO;
	if (show->tree.failed || show->table.failed || (show->out != NULL && show->out->failed))
		ret = -ENOMEM;
	show_tree_free(&show->tree);
	show_table_free(&show->table);
	free(show);
	return ret;
}

void
show_redirect(struct show *show, struct strbuf *out)
{
	show->out = out;
	show->json.out = out;
}

bool
show_is_json(const struct show *show)
{
	return show->format == SHOW_JSON;
}

static bool
may_add(struct show *show, enum show_kind kind, const char *name)
{
	bool scalar = kind < SHOW_RECORD;
	bool in_record = show->depth > 0 && show->kinds[show->depth] == SHOW_RECORD;

	if (show->misused || show->done || show->depth == SHOW_DEPTH_MAX ||
		(show->depth == 0 && scalar) || (show->depth > 0 && kind == SHOW_TRANSPOSED) ||
		in_record != (name != NULL))
		show->misused = true;
	return !show->misused;
}

/* A value that stands directly in the outermost list or block list is laid out at once. */
static void
item_done(struct show *show, int node)
{
	if (show->depth != 1 || show->nodes[1] >= 0 || node < 0)
		return;
	if (show->sink.item != NULL) {
		show->sink.item(show->sink.arg, &show->tree, node);
	} else if (show->kinds[1] == SHOW_BLOCKS) {
		if (show->blocks++ > 0)
			strbuf_append(show->out, "\n");
		if (!show_detail_print(&show->tree, node, 0, show->out))
			show->tree.failed = true;
	} else {
		show_table_row(&show->table, &show->tree, node, show->out);
	}
	show_tree_reset(&show->tree);
}

static void
container_begin(struct show *show, enum show_kind kind, const char *name)
{
	int parent, node = -1;

	if (!may_add(show, kind, name))
		return;
	if (show->depth == 0 && show->sink.begin != NULL)
		show->sink.begin(show->sink.arg, kind);
	parent = show->depth > 0 ? show->nodes[show->depth] : -1;
	if (show->format == SHOW_JSON)
		show_json_open(&show->json, name, kind == SHOW_RECORD ? '{' : '[');
	else if (show->depth > 0 || kind == SHOW_RECORD)
		node = show_tree_add(&show->tree, parent, kind, name, "");
	show->depth++;
	show->kinds[show->depth] = kind;
	show->nodes[show->depth] = node;
}

static void
container_end(struct show *show, enum show_kind kind)
{
	int node;

	if (show->misused || show->depth == 0 || show->kinds[show->depth] != kind) {
		show->misused = true;
		return;
	}
	node = show->nodes[show->depth--];
	show->done = show->depth == 0;
	if (show->format == SHOW_JSON) {
		show_json_close(&show->json, kind == SHOW_RECORD ? '}' : ']');
		return;
	}
	if (!show->done) {
		item_done(show, node);
		return;
	}
	if (show->sink.item != NULL) {
		if (kind == SHOW_RECORD)
			show->sink.item(show->sink.arg, &show->tree, node);
		return;
	}
	if (kind == SHOW_RECORD && !show_detail_print(&show->tree, node, 0, show->out))
		show->tree.failed = true;
	if (kind == SHOW_LIST)
		show_table_flush(&show->table, show->out);
	if (kind == SHOW_TRANSPOSED)
		show_table_flush_transposed(&show->table, show->out);
}

void
show_list_begin(struct show *show, const char *name)
{
	container_begin(show, SHOW_LIST, name);
}

void
show_list_end(struct show *show)
{
	container_end(show, SHOW_LIST);
}

void
show_blocks_begin(struct show *show, const char *name)
{
	container_begin(show, SHOW_BLOCKS, name);
}

void
show_blocks_end(struct show *show)
{
	container_end(show, SHOW_BLOCKS);
}

void
show_transposed_begin(struct show *show)
{
	container_begin(show, SHOW_TRANSPOSED, NULL);
}

void
show_transposed_end(struct show *show)
{
	container_end(show, SHOW_TRANSPOSED);
}

void
show_record_begin(struct show *show, const char *name)
{
	container_begin(show, SHOW_RECORD, name);
}

void
show_record_end(struct show *show)
{
	container_end(show, SHOW_RECORD);
}

static void
scalar(struct show *show, enum show_kind kind, const char *name, const char *text)
{
	if (!may_add(show, kind, name))
		return;
	if (show->format == SHOW_JSON) {
		show_json_scalar(&show->json, kind, name, text);
		return;
	}
	item_done(show, show_tree_add(&show->tree, show->nodes[show->depth], kind, name, text));
}

void
show_string(struct show *show, const char *name, const char *value)
{
	if (value == NULL)
		show_none(show, name);
	else
		scalar(show, SHOW_STRING, name, value);
}

void
show_stringf(struct show *show, const char *name, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	scalar(show, SHOW_STRING, name, text);
}

void
show_u64(struct show *show, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	scalar(show, SHOW_NUMBER, name, text);
}

void
show_i64(struct show *show, const char *name, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, value);
	scalar(show, SHOW_NUMBER, name, text);
}

void
show_double(struct show *show, const char *name, double value, unsigned decimals)
{
	char text[384];

	/* JSON has no infinities, and nothing that is not a number. */
	if (!isfinite(value)) {
		show_none(show, name);
		return;
	}
	snprintf(text, sizeof(text), "%.*f", decimals < 18 ? (int)decimals : 18, value);
	scalar(show, SHOW_NUMBER, name, text);
}

void
show_bool(struct show *show, const char *name, bool value)
{
	const char *text = value ? "yes" : "no";

	if (show->format == SHOW_JSON)
		text = value ? "true" : "false";
	scalar(show, SHOW_BOOL, name, text);
}

void
show_none(struct show *show, const char *name)
{
	scalar(show, SHOW_NONE, name, "-");
}
