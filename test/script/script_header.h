/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * The headers that scripts can name, as tables of fields: what a script calls them, which bits they
 * are, what they are when the script says nothing of them. A header is a row in script_header.c; what
 * messages are made of (options of ND, records of MLD) is a row in script_part.c, chunks of SCTP in
 * script_sctp_chunk.c.
 */
#ifndef SCRIPT_HEADER_H
#define SCRIPT_HEADER_H

#include <stddef.h>
#include <stdint.h>

enum script_field_kind {
	SCRIPT_NUMBER,
	SCRIPT_MAC,
	SCRIPT_IP4,
	SCRIPT_IP6,
	SCRIPT_FLAGS, /**< of TCP: letters of FSRP.UEC */
};

/** What the field is for, where it is more than a value. */
enum script_field_role {
	SCRIPT_PLAIN,
	SCRIPT_FIXED, /**< makes the header what it is: expected also when it is not said */
	SCRIPT_NEXT, /**< what follows; expected if something does */
	SCRIPT_LENGTH, /**< bytes from the header on, or (IPv6) behind it */
	SCRIPT_WORDS4, /**< length of the header in words of 4 bytes; expected */
	SCRIPT_WORDS8, /**< the same of 8 bytes, the first not counted */
	SCRIPT_UNITS8, /**< the same, all counted: options of ND */
	SCRIPT_OWN, /**< bytes of this part, what fills it up not counted; expected */
	SCRIPT_CHECKSUM, /**< expected to be right when it is not said */
	SCRIPT_SRC,
	SCRIPT_DST, /**< may be written SRC > DST */
};

struct script_field {
	const char *name; /**< NULL ends a table */
	uint16_t bit, width;
	uint8_t role;
	uint8_t kind;
	uint64_t value;
};

/** Which checksum covers the header. */
enum script_sum {
	SCRIPT_SUM_NONE,
	SCRIPT_SUM_HEADER,
	SCRIPT_SUM_MESSAGE,
	SCRIPT_SUM_PSEUDO,
	SCRIPT_SUM_CRC32C, /**< SCTP's: RFC 9260 6.8 */
};

struct script_header {
	const char *name;
	uint16_t length; /**< bytes without options */
	uint16_t ether_type; /**< 0: none leads to it */
	int16_t proto; /**< -1: none leads to it */
	uint8_t sum;
	uint8_t options_align; /**< of what may follow as bytes, `opts` or `value`; 0: nothing may */
	const struct script_field *fields;
};

#define SCRIPT_NUMBER_FIELD(name, bit, width, role, value)   \
	{                                                    \
		name, bit, width, role, SCRIPT_NUMBER, value \
	}
#define SCRIPT_MAC_FIELD(name, bit, role)          \
	{                                          \
		name, bit, 48, role, SCRIPT_MAC, 0 \
	}
#define SCRIPT_IP4_FIELD(name, bit, role)          \
	{                                          \
		name, bit, 32, role, SCRIPT_IP4, 0 \
	}
#define SCRIPT_IP6_FIELD(name, bit, role)           \
	{                                           \
		name, bit, 128, role, SCRIPT_IP6, 0 \
	}
#define SCRIPT_FIELDS(...)                  \
	(const struct script_field[])       \
	{                                   \
		__VA_ARGS__,                \
		{                           \
			NULL, 0, 0, 0, 0, 0 \
		}                           \
	}

const struct script_header *script_header_find(const char *name);
/** A part by its name, and what the next one of a message is: script_part.c. @{ */
const struct script_header *script_part_find(const char *name);
const struct script_header *script_part_next(
	const struct script_header *message, const uint8_t *bytes, size_t left);
/** @} */
/** What an EtherType or a protocol leads to; NULL: nothing that is known. */
const struct script_header *script_header_by_type(uint16_t ether_type);
const struct script_header *script_header_by_proto(uint8_t proto, uint8_t icmp_type);

uint64_t script_bits_get(const uint8_t *bytes, unsigned bit, unsigned width);
void script_bits_set(uint8_t *bytes, unsigned bit, unsigned width, uint64_t value);

#endif
