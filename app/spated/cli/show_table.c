/* SPDX-License-Identifier: BSD-3-Clause */
/* Aligned tables; called by show.c for lists, and by show_detail.c for lists within blocks. */
#include "cli/show_private.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cli/utf8.h"

/* Rows that wait for their columns' widths. A longer table goes out in parts, and a column that
 * grows later is wider from there on: a million routes need not be held. */
#define TABLE_ROWS_MAX 4096
#define COLUMN_GAP     2
#define HEADING_MAX    64

/* Texts end with a NUL, which ends any character that lacks bytes. */
#define CHARACTER_MAX 4

unsigned
show_columns(const char *text)
{
	unsigned columns = 0;
	bool printable;

	for (; *text != '\0'; text += cli_utf8_step(text, CHARACTER_MAX, &printable))
		columns++;
	return columns;
}

void
show_append(struct strbuf *out, const char *text)
{
	bool printable;
	unsigned step;

	for (; *text != '\0'; text += step) {
		step = cli_utf8_step(text, CHARACTER_MAX, &printable);
		strbuf_append_bytes(out, printable ? text : "?", printable ? step : 1);
	}
}

static void
append_spaces(struct strbuf *out, unsigned count)
{
	while (count-- > 0)
		strbuf_append_bytes(out, " ", 1);
}

static int
table_column(struct show_table *table, const char *name)
{
	struct show_column *column;

	for (unsigned i = 0; i < table->column_count; i++) {
		if (strcmp(table->columns[i].name, name) == 0)
			return i;
	}
	if (table->column_count == SHOW_COLUMNS_MAX)
		return -1;
	column = &table->columns[table->column_count];
	column->name = strdup(name);
	if (column->name == NULL) {
		table->failed = true;
		return -1;
	}
	column->width = show_columns(name);
	column->numeric = true;
	return table->column_count++;
}

static void
table_cell(struct show_table *table, const struct show_tree *tree, int index)
{
	const struct show_node *node = &tree->nodes[index];
	const char *name = node->name != 0 ? show_tree_text(tree, node->name) : "";
	int at = table_column(table, name);
	struct show_column *column;
	uint32_t offset = table->text.length;
	unsigned width;

	if (at < 0)
		return;
	column = &table->columns[at];
	show_tree_flatten(tree, index, &table->text);
	if (table->text.length == offset)
		strbuf_append(&table->text, "-");
	strbuf_append_bytes(&table->text, "", 1);
	if (table->text.failed) {
		table->failed = true;
		return;
	}
	table->cells[table->rows * SHOW_COLUMNS_MAX + at] = offset;
	width = show_columns(table->text.text + offset);
	column->width = width > column->width ? width : column->width;
	if (node->kind != SHOW_NUMBER && node->kind != SHOW_NONE)
		column->numeric = false;
}

static bool
table_reserve(struct show_table *table)
{
	unsigned capacity = table->capacity != 0 ? table->capacity * 2 : 16;
	uint32_t *cells;

	if (table->rows < table->capacity)
		return true;
	cells = realloc(table->cells, capacity * SHOW_COLUMNS_MAX * sizeof(*cells));
	if (cells == NULL) {
		table->failed = true;
		return false;
	}
	table->cells = cells;
	table->capacity = capacity;
	return true;
}

void
show_table_row(
	struct show_table *table, const struct show_tree *tree, int index, struct strbuf *out)
{
	const struct show_node *node = &tree->nodes[index];

	if (table->rows == TABLE_ROWS_MAX)
		show_table_flush(table, out);
	if (table->failed || !table_reserve(table))
		return;
	memset(&table->cells[table->rows * SHOW_COLUMNS_MAX], 0,
		SHOW_COLUMNS_MAX * sizeof(*table->cells));
	if (table->text.length == 0)
		strbuf_append_bytes(&table->text, "", 1); /* offset 0 means none */
	if (node->kind == SHOW_RECORD) {
		for (int i = node->first_child; i >= 0; i = tree->nodes[i].next)
			table_cell(table, tree, i);
	} else {
		table_cell(table, tree, index);
	}
	table->rows++;
}

static void
table_print_cell(const struct show_table *table, unsigned at, const char *text, struct strbuf *out)
{
	const struct show_column *column = &table->columns[at];
	unsigned pad = column->width - show_columns(text);

	if (column->numeric)
		append_spaces(out, pad);
	show_append(out, text);
	if (at + 1 == table->column_count)
		return;
	append_spaces(out, (column->numeric ? 0 : pad) + COLUMN_GAP);
}

/* "packets_per_s" as "PACKETS-PER-S" */
static const char *
heading(const char *field, char text[HEADING_MAX])
{
	unsigned n = 0;

	for (const char *c = field; *c != '\0' && n + 1 < HEADING_MAX; c++)
		text[n++] = *c == '_' ? '-' : toupper((unsigned char)*c);
	text[n] = '\0';
	return text;
}

static void
table_print_header(struct show_table *table, struct strbuf *out)
{
	char text[HEADING_MAX];

	table->header_done = true;
	/* A list of plain values has no names. */
	if (table->column_count == 1 && table->columns[0].name[0] == '\0')
		return;
	append_spaces(out, table->indent);
	for (unsigned i = 0; i < table->column_count; i++)
		table_print_cell(table, i, heading(table->columns[i].name, text), out);
	strbuf_append(out, "\n");
}

static const char *
table_text(const struct show_table *table, unsigned row, unsigned at)
{
	uint32_t cell = table->cells[row * SHOW_COLUMNS_MAX + at];

	return cell != 0 ? table->text.text + cell : "-";
}

void
show_table_flush(struct show_table *table, struct strbuf *out)
{
	if (table->failed || table->rows == 0)
		return;
	if (!table->header_done)
		table_print_header(table, out);
	for (unsigned row = 0; row < table->rows; row++) {
		append_spaces(out, table->indent);
		for (unsigned i = 0; i < table->column_count; i++)
			table_print_cell(table, i, table_text(table, row, i), out);
		strbuf_append(out, "\n");
	}
	table->rows = 0;
	strbuf_reset(&table->text);
}

/* How wide what was a row gets as a column. */
static unsigned
row_width(const struct show_table *table, unsigned row)
{
	unsigned width = 0;

	for (unsigned i = 0; i < table->column_count; i++) {
		unsigned columns = show_columns(table_text(table, row, i));

		width = columns > width ? columns : width;
	}
	return width;
}

void
show_table_flush_transposed(struct show_table *table, struct strbuf *out)
{
	unsigned name_width = 0;
	char text[HEADING_MAX];

	if (table->failed || table->rows == 0)
		return;
	for (unsigned i = 0; i < table->column_count; i++) {
		unsigned columns = show_columns(table->columns[i].name);

		name_width = columns > name_width ? columns : name_width;
	}
	for (unsigned i = 0; i < table->column_count; i++) {
		const char *name = table->columns[i].name;

		show_append(out, i == 0 ? heading(name, text) : name);
		append_spaces(out, name_width - show_columns(name));
		for (unsigned row = 0; row < table->rows; row++) {
			const char *cell = table_text(table, row, i);

			append_spaces(out, COLUMN_GAP + row_width(table, row) - show_columns(cell));
			show_append(out, cell);
		}
		strbuf_append(out, "\n");
	}
	table->rows = 0;
	strbuf_reset(&table->text);
}

void
show_table_free(struct show_table *table)
{
	for (unsigned i = 0; i < table->column_count; i++)
		free(table->columns[i].name);
	free(table->cells);
	strbuf_free(&table->text);
}
