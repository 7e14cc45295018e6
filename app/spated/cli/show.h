/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * The output of shows: the same calls give a table for people or JSON for machines.
 *
 * The outermost thing is one of
 *
 *     a list of records    a table, a row each; in JSON an array of objects
 *     blocks               the same, a "key: value" block each: for records of many fields
 *     transposed           the same, a column each: for few records of many numbers
 *     a record             one such block; in JSON an object
 *
 * and everything nests: in a table a list or a record becomes the text of one cell ("via
 * 10.0.0.2 weight 2, via 10.0.1.2"), in a block it becomes an indented block or table.
 * Field names are lower_case; they are JSON's keys, and the headings of tables.
 * Rows need not have the same fields: the columns are those of all rows.
 */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/strbuf.h"

enum show_format { SHOW_TEXT, SHOW_JSON };

struct show;

/** @return NULL if there is no memory */
struct show *show_create(enum show_format format, struct strbuf *out);
/** @return 0; -EPROTO if begins and ends did not match; -ENOMEM */
int show_destroy(struct show *show);
/** From now on it goes elsewhere. */
void show_redirect(struct show *show, struct strbuf *out);
bool show_is_json(const struct show *show);

/** `name` is the field's in a record, and NULL for the outermost and for items of lists. @{ */
void show_list_begin(struct show *show, const char *name);
void show_list_end(struct show *show);
void show_blocks_begin(struct show *show, const char *name);
void show_blocks_end(struct show *show);
/** Only as the outermost. The first field of each record is its column's heading. */
void show_transposed_begin(struct show *show);
void show_transposed_end(struct show *show);
void show_record_begin(struct show *show, const char *name);
void show_record_end(struct show *show);

/** A `value` of NULL is shown as none. */
void show_string(struct show *show, const char *name, const char *value);
void show_stringf(struct show *show, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void show_u64(struct show *show, const char *name, uint64_t value);
void show_i64(struct show *show, const char *name, int64_t value);
/** With so many digits after the point. */
void show_double(struct show *show, const char *name, double value, unsigned decimals);
/** yes or no; in the cell of a nested record, its name or nothing. */
void show_bool(struct show *show, const char *name, bool value);
/** No value: "-", null. */
void show_none(struct show *show, const char *name);
/** @} */

#endif
