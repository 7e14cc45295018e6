/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * What the show_*.c files share.
 */
#ifndef CLI_SHOW_PRIVATE_H
#define CLI_SHOW_PRIVATE_H

#include <stddef.h>

#include "cli/show.h"

#define SHOW_DEPTH_MAX   16
#define SHOW_COLUMNS_MAX 48

enum show_kind {
	SHOW_STRING,
	SHOW_NUMBER,
	SHOW_BOOL,
	SHOW_NONE,
	SHOW_RECORD,
	SHOW_LIST,
	SHOW_BLOCKS,
	SHOW_TRANSPOSED
};

/** A value of one row or block, kept until it can be laid out. */
struct show_node {
	enum show_kind kind;
	uint32_t name; /**< offset in show_tree.text; 0 for none */
	uint32_t text;
	int first_child;
	int last_child;
	int next;
};

struct show_tree {
	struct show_node *nodes;
	unsigned count;
	unsigned capacity;
	struct strbuf text; /**< names and values, each ended by a NUL */
	bool failed;
};

/** @return the node's index, or -1 */
int show_tree_add(struct show_tree *tree, int parent, enum show_kind kind, const char *name,
	const char *text);
void show_tree_reset(struct show_tree *tree);
void show_tree_free(struct show_tree *tree);
const char *show_tree_text(const struct show_tree *tree, uint32_t offset);
/** A node as the text of a cell: "via 10.0.0.2 weight 2, via 10.0.1.2". */
void show_tree_flatten(const struct show_tree *tree, int node, struct strbuf *out);

struct show_column {
	char *name;
	unsigned width;
	bool numeric; /**< as long as every cell is a number */
};

/** Rows until their columns' widths are known. */
struct show_table {
	struct show_column columns[SHOW_COLUMNS_MAX];
	unsigned column_count;
	uint32_t *cells; /**< SHOW_COLUMNS_MAX a row: offsets in `text`, 0 for none */
	unsigned rows;
	unsigned capacity;
	struct strbuf text;
	unsigned indent;
	bool header_done;
	bool failed;
};

/** A record, or a single value, as a row. */
void show_table_row(
	struct show_table *table, const struct show_tree *tree, int node, struct strbuf *out);
/** Print the rows that wait. */
void show_table_flush(struct show_table *table, struct strbuf *out);
/** Print the rows that wait as columns. */
void show_table_flush_transposed(struct show_table *table, struct strbuf *out);
void show_table_free(struct show_table *table);

/** A record as a block. @return false if memory ran out */
bool show_detail_print(const struct show_tree *tree, int node, unsigned indent, struct strbuf *out);

/** JSON, written as the calls come. */
struct show_json {
	struct strbuf *out;
	bool comma[SHOW_DEPTH_MAX + 1]; /**< an item was written at this depth */
	unsigned depth;
};

void show_json_open(struct show_json *json, const char *name, char bracket);
void show_json_close(struct show_json *json, char bracket);
void show_json_scalar(
	struct show_json *json, enum show_kind kind, const char *name, const char *text);

/** Takes what is shown piece by piece: a third format beside text and JSON. */
struct show_sink {
	/** The outermost thing begins: a record, a list or blocks. */
	void (*begin)(void *arg, enum show_kind kind);
	/** An item of the outermost list is complete, or the outermost record. */
	void (*item)(void *arg, const struct show_tree *tree, int node);
	void *arg;
};

struct show *show_create_sink(const struct show_sink *sink);

/** Columns that a text takes on a terminal. */
unsigned show_columns(const char *text);
/** Append without control characters. */
void show_append(struct strbuf *out, const char *text);

#endif
