/* SPDX-License-Identifier: BSD-3-Clause */
/* The values of one row or block; filled by show.c, read by show_table.c and show_detail.c. */
#include "cli/show_private.h"

#include <stdlib.h>
#include <string.h>

static uint32_t
text_add(struct show_tree *tree, const char *text)
{
	uint32_t offset;

	/* Offset 0 means none. */
	if (tree->text.length == 0)
		strbuf_append_bytes(&tree->text, "", 1);
	offset = tree->text.length;
	strbuf_append_bytes(&tree->text, text, strlen(text) + 1);
	tree->failed = tree->failed || tree->text.failed;
	return offset;
}

int
show_tree_add(
	struct show_tree *tree, int parent, enum show_kind kind, const char *name, const char *text)
{
	unsigned capacity = tree->capacity != 0 ? tree->capacity * 2 : 64;
	struct show_node *nodes, *node;
	int index = tree->count;

	if (tree->failed)
		return -1;
	if (tree->count == tree->capacity) {
		nodes = realloc(tree->nodes, capacity * sizeof(*nodes));
		if (nodes == NULL) {
			tree->failed = true;
			return -1;
		}
		tree->nodes = nodes;
		tree->capacity = capacity;
	}
	node = &tree->nodes[tree->count++];
	*node = (struct show_node){ .kind = kind, .first_child = -1, .last_child = -1, .next = -1 };
	node->name = name != NULL ? text_add(tree, name) : 0;
	node->text = text_add(tree, text);
	if (parent >= 0) {
		struct show_node *up = &tree->nodes[parent];

		if (up->last_child >= 0)
			tree->nodes[up->last_child].next = index;
		else
			up->first_child = index;
		up->last_child = index;
	}
	return index;
}

void
show_tree_reset(struct show_tree *tree)
{
	bool failed = tree->failed;

	tree->count = 0;
	strbuf_reset(&tree->text);
	tree->failed = failed;
}

void
show_tree_free(struct show_tree *tree)
{
	free(tree->nodes);
	strbuf_free(&tree->text);
}

const char *
show_tree_text(const struct show_tree *tree, uint32_t offset)
{
	return offset < tree->text.length ? tree->text.text + offset : "";
}

static void
flatten_field(const struct show_tree *tree, const struct show_node *node, struct strbuf *out)
{
	strbuf_append(out, show_tree_text(tree, node->name));
	if (node->kind == SHOW_BOOL)
		return;
	strbuf_append(out, " ");
	show_tree_flatten(tree, node - tree->nodes, out);
}

void
show_tree_flatten(const struct show_tree *tree, int index, struct strbuf *out)
{
	const struct show_node *node = &tree->nodes[index];
	const char *separator = "";

	if (node->kind < SHOW_RECORD) {
		strbuf_append(out, show_tree_text(tree, node->text));
		return;
	}
	for (int i = node->first_child; i >= 0; i = tree->nodes[i].next) {
		const struct show_node *child = &tree->nodes[i];

		if (node->kind != SHOW_RECORD) {
			strbuf_append(out, separator);
			separator = ", ";
			show_tree_flatten(tree, i, out);
			continue;
		}
		/* Of a record's fields, those that say nothing are left out. */
		if (child->kind == SHOW_NONE ||
			(child->kind == SHOW_BOOL && show_tree_text(tree, child->text)[0] == 'n'))
			continue;
		strbuf_append(out, separator);
		separator = " ";
		flatten_field(tree, child, out);
	}
}
