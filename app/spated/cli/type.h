/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Argument types: what a word in capitals accepts. One line each in the table in type.c.
 */
#ifndef CLI_TYPE_H
#define CLI_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/ip_addr.h"

/** The DEST that stands for 0.0.0.0/0 or ::/0; which, its command knows. */
#define CLI_DEST_DEFAULT "default"

struct cli_range {
	uint64_t min, max;
};

struct cli_type {
	const char *name; /**< as in the syntax */
	const char *what; /**< "a prefix" */
	const char *example; /**< what would be right */
	bool (*accepts)(const char *word, const struct cli_range *range);
	/** The i-th of a fixed set of words, or NULL. The member is NULL for an open set. */
	const char *(*value)(unsigned i);
	bool rest_of_line; /**< takes every word to the end of the line */
};

/** @return NULL for a name that is no type */
const struct cli_type *cli_type_lookup(const char *name, size_t length);
/** The i-th type of the table, or NULL: for the documentation. */
const struct cli_type *cli_type_at(unsigned i);

/** Text of the values above; each returns whether `word` is one. @{ */
bool cli_number_parse(const char *word, uint64_t *number);
/** `zone`: the interface behind '%', within `word`; NULL if there is none. */
bool cli_scoped_parse(const char *word, struct ip_addr *addr, const char **zone);
bool cli_endpoint_parse(const char *word, struct ip_addr *addr, uint16_t *port);
/** @} */
/** @return how many numbers a LIST holds, -EINVAL, or -E2BIG for more than `max` */
int cli_list_parse(const char *word, unsigned *values, unsigned max);

#endif
