/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Variables of scripts: what a packet of the stack had in a field, to be expected or sent later.
 */
#ifndef SCRIPT_VARIABLE_H
#define SCRIPT_VARIABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "script/script_header.h"

#define SCRIPT_VARIABLES_MAX     16
#define SCRIPT_VARIABLE_NAME_MAX 16
#define SCRIPT_BLOBS_MAX         8
#define SCRIPT_BLOB_MAX          1024

/** A number of 128 bits, the highest byte first: an address, too. */
struct script_value {
	uint8_t bytes[16];
};

/** Bytes, as of a cookie. */
struct script_blob {
	char name[SCRIPT_VARIABLE_NAME_MAX];
	uint16_t length;
	uint8_t bytes[SCRIPT_BLOB_MAX];
};

struct script_variables {
	unsigned blob_count;
	struct script_blob blobs[SCRIPT_BLOBS_MAX];
	unsigned count;
	struct {
		char name[SCRIPT_VARIABLE_NAME_MAX];
		struct script_value value;
	} list[SCRIPT_VARIABLES_MAX];
};

/** A field and its variable: `$NAME`, `$NAME+N`, `!$NAME` where a value could be. */
struct script_binding {
	char name[SCRIPT_VARIABLE_NAME_MAX];
	int64_t plus;
	bool differs; /**< the field has to have another value */
	bool blob; /**< it is all bytes behind the fields of its layer */
	bool known; /**< and it is this: */
	struct script_value value;
	uint8_t layer; /**< of the packet ... */
	struct script_field field; /**< ... and what of it */
};

/** @return 0, or -EINVAL: it is none of these */
int script_binding_parse(
	const struct script_variables *variables, const char *word, struct script_binding *binding);

/** @return 0, or -ENOSPC */
int script_variable_set(
	struct script_variables *variables, const char *name, const struct script_value *value);

/** @return NULL: there is none */
const struct script_blob *script_blob_find(
	const struct script_variables *variables, const char *name);
/** @return 0, or -ENOSPC */
int script_blob_set(
	struct script_variables *variables, const char *name, const uint8_t *bytes, size_t length);

struct script_value script_value_get(const struct script_field *field, const uint8_t *hdr);
void script_value_put(
	const struct script_field *field, uint8_t *hdr, const struct script_value *value);

#endif
