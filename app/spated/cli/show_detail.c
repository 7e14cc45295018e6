/* SPDX-License-Identifier: BSD-3-Clause */
/* "key: value" blocks; called by show.c for single records. */
#include "cli/show_private.h"

#include <stdlib.h>
#include <string.h>

#define INDENT_STEP 2

static void
append_key(const struct show_tree *tree, const struct show_node *node, unsigned indent,
	struct strbuf *out)
{
	strbuf_printf(out, "%*s", (int)indent, "");
	for (const char *c = show_tree_text(tree, node->name); *c != '\0'; c++)
		strbuf_append_bytes(out, *c == '_' ? " " : c, 1);
	strbuf_append(out, ":");
}

/* Whether the node needs lines of its own below its key. */
static bool
is_tall(const struct show_tree *tree, const struct show_node *node)
{
	if (node->kind == SHOW_RECORD)
		return true;
	if (node->kind != SHOW_LIST && node->kind != SHOW_BLOCKS)
		return false;
	return node->first_child >= 0 && tree->nodes[node->first_child].kind >= SHOW_RECORD;
}

static unsigned
key_width(const struct show_tree *tree, const struct show_node *node)
{
	unsigned width = 0;

	for (int i = node->first_child; i >= 0; i = tree->nodes[i].next) {
		const struct show_node *child = &tree->nodes[i];
		unsigned columns = show_columns(show_tree_text(tree, child->name));

		if (!is_tall(tree, child) && columns > width)
			width = columns;
	}
	return width;
}

static bool
print_table(const struct show_tree *tree, const struct show_node *list, unsigned indent,
	struct strbuf *out)
{
	struct show_table *table = calloc(1, sizeof(*table));
	bool ok;

	if (table == NULL)
		return false;
	table->indent = indent;
	for (int i = list->first_child; i >= 0; i = tree->nodes[i].next)
		show_table_row(table, tree, i, out);
	show_table_flush(table, out);
	ok = !table->failed;
	show_table_free(table);
	free(table);
	return ok;
}

static bool
print_tall(const struct show_tree *tree, const struct show_node *node, unsigned indent,
	struct strbuf *out)
{
	bool ok = true;

	if (node->kind == SHOW_LIST)
		return print_table(tree, node, indent, out);
	if (node->kind == SHOW_RECORD)
		return show_detail_print(tree, node - tree->nodes, indent, out);
	for (int i = node->first_child; i >= 0; i = tree->nodes[i].next) {
		if (i != node->first_child)
			strbuf_append(out, "\n");
		ok = show_detail_print(tree, i, indent, out) && ok;
	}
	return ok;
}

bool
show_detail_print(const struct show_tree *tree, int index, unsigned indent, struct strbuf *out)
{
	const struct show_node *node;
	struct strbuf value = STRBUF_INIT;
	unsigned width;
	bool ok = true;

	if (index < 0)
		return false;
	node = &tree->nodes[index];
	width = key_width(tree, node);
	for (int i = node->first_child; i >= 0; i = tree->nodes[i].next) {
		const struct show_node *child = &tree->nodes[i];

		append_key(tree, child, indent, out);
		if (is_tall(tree, child)) {
			strbuf_append(out, "\n");
			ok = print_tall(tree, child, indent + INDENT_STEP, out) && ok;
			continue;
		}
		strbuf_reset(&value);
		show_tree_flatten(tree, i, &value);
		strbuf_printf(out, "%*s",
			(int)(width - show_columns(show_tree_text(tree, child->name)) + 1), "");
		show_append(out, value.length > 0 ? value.text : "-");
		strbuf_append(out, "\n");
		ok = ok && !value.failed;
	}
	strbuf_free(&value);
	return ok;
}
