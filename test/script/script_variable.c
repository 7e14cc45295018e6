/* SPDX-License-Identifier: BSD-3-Clause */
/* Variables of scripts: see script_variable.h. */
#include "script/script_variable.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUE_BITS 128

static int
variable_find(const struct script_variables *variables, const char *name)
{
	for (unsigned i = 0; i < variables->count; i++) {
		if (strcmp(variables->list[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

/* Byte by byte, with what is carried over: also below zero, as sequence numbers are. */
static void
value_add(struct script_value *value, int64_t plus)
{
	int64_t carry = plus;

	for (unsigned i = sizeof(value->bytes); i-- > 0;) {
		int64_t sum = value->bytes[i] + (carry & 0xff);

		value->bytes[i] = (uint8_t)sum;
		carry = (carry >> 8) + (sum >> 8);
	}
}

int
script_binding_parse(
	const struct script_variables *variables, const char *word, struct script_binding *binding)
{
	size_t length;
	char *end = NULL;
	int index;

	memset(binding, 0, sizeof(*binding));
	binding->differs = word[0] == '!';
	word += binding->differs;
	length = strcspn(word, "+-");
	if (word[0] != '$' || length < 2 || length > sizeof(binding->name))
		return -EINVAL;
	memcpy(binding->name, word + 1, length - 1);
	if (word[length] != '\0') {
		binding->plus = strtoll(word + length, &end, 10);
		if (end == word + length || *end != '\0')
			return -EINVAL;
	}
	index = variable_find(variables, binding->name);
	binding->known = index >= 0;
	if (binding->known) {
		binding->value = variables->list[index].value;
		value_add(&binding->value, binding->plus);
	}
	return 0;
}

int
script_variable_set(
	struct script_variables *variables, const char *name, const struct script_value *value)
{
	int index = variable_find(variables, name);

	if (index < 0) {
		if (variables->count == SCRIPT_VARIABLES_MAX)
			return -ENOSPC;
		index = (int)variables->count++;
		snprintf(variables->list[index].name, SCRIPT_VARIABLE_NAME_MAX, "%s", name);
	}
	variables->list[index].value = *value;
	return 0;
}

const struct script_blob *
script_blob_find(const struct script_variables *variables, const char *name)
{
	for (unsigned i = 0; i < variables->blob_count; i++) {
		if (strcmp(variables->blobs[i].name, name) == 0)
			return &variables->blobs[i];
	}
	return NULL;
}

int
script_blob_set(
	struct script_variables *variables, const char *name, const uint8_t *bytes, size_t length)
{
	struct script_blob *blob = &variables->blobs[variables->blob_count];

	if (variables->blob_count == SCRIPT_BLOBS_MAX || length > SCRIPT_BLOB_MAX)
		return -ENOSPC;
	variables->blob_count++;
	snprintf(blob->name, sizeof(blob->name), "%s", name);
	blob->length = (uint16_t)length;
	memcpy(blob->bytes, bytes, length);
	return 0;
}

struct script_value
script_value_get(const struct script_field *field, const uint8_t *hdr)
{
	struct script_value value = { { 0 } };

	for (unsigned i = 0; i < field->width; i++)
		script_bits_set(value.bytes, VALUE_BITS - field->width + i, 1,
			script_bits_get(hdr, field->bit + i, 1));
	return value;
}

void
script_value_put(const struct script_field *field, uint8_t *hdr, const struct script_value *value)
{
	for (unsigned i = 0; i < field->width; i++)
		script_bits_set(hdr, field->bit + i, 1,
			script_bits_get(value->bytes, VALUE_BITS - field->width + i, 1));
}
