/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Bytes for the tests of lib/wire: in memory of their exact size, so that AddressSanitizer sees the
 * first byte read too far.
 */
#ifndef UNIT_WIRE_FIXTURE_H
#define UNIT_WIRE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/ip_addr.h"

/* To be freed. NULL for no bytes: whoever reads one is caught. */
static inline uint8_t *
bytes_copy(const void *data, size_t length)
{
	uint8_t *copy;

	if (length == 0)
		return NULL;
	copy = malloc(length);
	assert_non_null(copy);
	memcpy(copy, data, length);
	return copy;
}

static inline struct ip_addr
addr_of(const char *text)
{
	struct ip_addr addr;

	assert_int_equal(ip_addr_parse(text, &addr), 0);
	return addr;
}

#endif
