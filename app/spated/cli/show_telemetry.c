/* SPDX-License-Identifier: BSD-3-Clause */
/* Rows and blocks become rte_tel_data; called by show.c for a show of telemetry.c. */
#include "cli/show_telemetry.h"

#include <errno.h>
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_telemetry.h>

#include "cli/show_private.h"

/* Of the 16 KB that DPDK sends: it leaves out in silence what is above. */
#define TELEMETRY_BYTES_MAX (15 << 10)
/* Around a name and a value: quotes, colon, comma, brackets. */
#define TELEMETRY_BYTES_FIELD 8

static int dict_fill(const struct show_tree *tree, int node, struct rte_tel_data *dict);

/* How long it gets as JSON, or more. */
static size_t
node_bytes(const struct show_tree *tree, int index)
{
	const struct show_node *node = &tree->nodes[index];
	size_t bytes = strlen(show_tree_text(tree, node->name)) +
		2 * strlen(show_tree_text(tree, node->text)) + TELEMETRY_BYTES_FIELD;

	for (int i = node->first_child; i >= 0; i = tree->nodes[i].next)
		bytes += node_bytes(tree, i);
	return bytes;
}

/* DPDK takes these as names, and no others. */
static const char *
name_clean(const char *name, char clean[RTE_TEL_MAX_STRING_LEN])
{
	size_t i;

	for (i = 0; name[i] != '\0' && i < RTE_TEL_MAX_STRING_LEN - 1; i++)
		clean[i] = isalnum((unsigned char)name[i]) ? name[i] : '_';
	clean[i] = '\0';
	return clean;
}

/* DPDK 22.11 escapes only quotes and backslashes in a way that is JSON. */
static const char *
text_clean(const char *text, char clean[RTE_TEL_MAX_STRING_LEN])
{
	size_t i;

	for (i = 0; text[i] != '\0' && i < RTE_TEL_MAX_STRING_LEN - 1; i++)
		clean[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
	clean[i] = '\0';
	return clean;
}

static int
number_add(struct rte_tel_data *dict, const char *name, const char *text)
{
	char *end;
	long long value;

	if (strchr(text, '.') != NULL)
		return rte_tel_data_add_dict_string(dict, name, text);
	if (text[0] != '-')
		return rte_tel_data_add_dict_u64(dict, name, strtoull(text, &end, 10));
	value = strtoll(text, &end, 10);
	return value >= INT_MIN ? rte_tel_data_add_dict_int(dict, name, (int)value)
				: rte_tel_data_add_dict_string(dict, name, text);
}

/* Words and numbers of a list; DPDK has no array of records. */
static int
array_fill(const struct show_tree *tree, int node, struct rte_tel_data *array)
{
	char text[RTE_TEL_MAX_STRING_LEN];
	int rc = rte_tel_data_start_array(array, RTE_TEL_STRING_VAL);

	for (int i = tree->nodes[node].first_child; rc == 0 && i >= 0; i = tree->nodes[i].next)
		rc = rte_tel_data_add_array_string(
			array, text_clean(show_tree_text(tree, tree->nodes[i].text), text));
	return rc;
}

static int
list_fill(const struct show_tree *tree, int node, struct rte_tel_data *data)
{
	int first = tree->nodes[node].first_child;

	return first >= 0 && tree->nodes[first].kind < SHOW_RECORD ? array_fill(tree, node, data)
								   : dict_fill(tree, node, data);
}

static int
container_add(struct rte_tel_data *dict, const char *name, const struct show_tree *tree, int node)
{
	struct rte_tel_data *child = rte_tel_data_alloc();
	int rc;

	if (child == NULL)
		return -ENOMEM;
	rc = tree->nodes[node].kind == SHOW_RECORD ? dict_fill(tree, node, child)
						   : list_fill(tree, node, child);
	/* What does not fit any more is left out, not the whole. */
	if (rc == 0 || rc == -ENOSPC)
		rc = rte_tel_data_add_dict_container(dict, name, child, 0);
	if (rc != 0)
		rte_tel_data_free(child);
	return rc;
}

static int
field_add(struct rte_tel_data *dict, const char *name, const struct show_tree *tree, int index)
{
	const struct show_node *node = &tree->nodes[index];
	const char *text = show_tree_text(tree, node->text);
	char clean[RTE_TEL_MAX_STRING_LEN];

	switch (node->kind) {
	case SHOW_STRING: return rte_tel_data_add_dict_string(dict, name, text_clean(text, clean));
	case SHOW_NUMBER: return number_add(dict, name, text);
	case SHOW_BOOL: return rte_tel_data_add_dict_u64(dict, name, text[0] == 'y');
	case SHOW_NONE: return 0;
	default: return container_add(dict, name, tree, index);
	}
}

/* A record by its names, or the items of a list by their indices. */
static int
dict_fill(const struct show_tree *tree, int node, struct rte_tel_data *dict)
{
	char name[RTE_TEL_MAX_STRING_LEN];
	unsigned index = 0;
	int rc = rte_tel_data_start_dict(dict);

	for (int i = tree->nodes[node].first_child; rc == 0 && i >= 0; i = tree->nodes[i].next) {
		if (tree->nodes[node].kind == SHOW_RECORD)
			name_clean(show_tree_text(tree, tree->nodes[i].name), name);
		else
			snprintf(name, sizeof(name), "%u", index++);
		rc = field_add(dict, name, tree, i);
	}
	return rc;
}

/* A record of its own: field by field, as far as they fit. */
static void
record_show(struct show_telemetry *telemetry, const struct show_tree *tree, int node)
{
	char name[RTE_TEL_MAX_STRING_LEN];

	for (int i = tree->nodes[node].first_child; i >= 0; i = tree->nodes[i].next) {
		size_t bytes = node_bytes(tree, i);

		name_clean(show_tree_text(tree, tree->nodes[i].name), name);
		if (telemetry->bytes + bytes > TELEMETRY_BYTES_MAX ||
			field_add(telemetry->data, name, tree, i) != 0) {
			telemetry->full = true;
			continue;
		}
		telemetry->bytes += bytes;
	}
	if (telemetry->full)
		rte_tel_data_add_dict_u64(telemetry->data, "truncated", 1);
}

static void
telemetry_begin(void *arg, enum show_kind kind)
{
	struct show_telemetry *telemetry = arg;

	telemetry->list = kind != SHOW_RECORD;
	rte_tel_data_start_dict(telemetry->data);
}

static void
telemetry_item(void *arg, const struct show_tree *tree, int node)
{
	struct show_telemetry *telemetry = arg;
	unsigned index = telemetry->items++;
	char name[RTE_TEL_MAX_STRING_LEN];
	size_t bytes;

	if (!telemetry->list) {
		record_show(telemetry, tree, node);
		return;
	}
	if (index < telemetry->from || telemetry->full)
		return;
	bytes = node_bytes(tree, node);
	snprintf(name, sizeof(name), "%u", index);
	telemetry->full = telemetry->bytes + bytes > TELEMETRY_BYTES_MAX ||
		field_add(telemetry->data, name, tree, node) != 0;
	telemetry->bytes += bytes;
}

struct show *
show_create_telemetry(struct show_telemetry *telemetry, struct rte_tel_data *data, unsigned from)
{
	*telemetry = (struct show_telemetry){ .data = data, .from = from };
	return show_create_sink(&(struct show_sink){ telemetry_begin, telemetry_item, telemetry });
}
