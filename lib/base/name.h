/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Names that the user gives to ports and interfaces.
 */
#ifndef BASE_NAME_H
#define BASE_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/** What a name may look like, for messages. */
#define NAME_RULE "a name starts with a letter and has letters, digits, '.', '_' and '-'"

static inline bool
name_char_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool
name_char_is_valid(char c)
{
	return name_char_is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

/**
 * Check a name against NAME_RULE. Independent of the locale.
 * @param size bytes that a name may take, with its NUL
 * @return 0 or -EINVAL
 */
static inline int
name_check(const char *name, size_t size, struct error *err)
{
	size_t length = 0;

	while (length < size && name_char_is_valid(name[length]))
		length++;
	if (length == size)
		return error_set(err, EINVAL, "name %.*s... is longer than %zu characters", 16,
			name, size - 1);
	if (name[length] != '\0' || !name_char_is_letter(name[0]))
		return error_set(err, EINVAL, "bad name \"%.64s\": " NAME_RULE, name);
	return 0;
}

#endif
