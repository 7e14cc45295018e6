/* SPDX-License-Identifier: BSD-3-Clause */
/* The tables of SCTP's chunks, parameters and causes: see script_sctp.h. */
#include "script/script_sctp.h"

#include <string.h>

#define NUMBER       SCRIPT_NUMBER_FIELD
#define FIELDS       SCRIPT_FIELDS
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

#define CHUNK(chunk_type)                                                                       \
	NUMBER("type", 0, 8, SCRIPT_FIXED, chunk_type), NUMBER("flags", 8, 8, SCRIPT_PLAIN, 0), \
		NUMBER("len", 16, 16, SCRIPT_OWN, 4)
#define T_BIT NUMBER("t", 15, 1, SCRIPT_PLAIN, 0)
/* A chunk with `bytes` of fields, and what may follow these. */
#define ROW(name, bytes, align, fields)                            \
	{                                                          \
		name, bytes, 0, -1, SCRIPT_SUM_NONE, align, fields \
	}

struct chunk {
	struct script_header header;
	enum script_sctp_rest rest;
};

#define INIT_FIELDS(type)                                                                         \
	FIELDS(CHUNK(type), NUMBER("tag", 32, 32, SCRIPT_PLAIN, 1),                               \
		NUMBER("rwnd", 64, 32, SCRIPT_PLAIN, 65536),                                      \
		NUMBER("os", 96, 16, SCRIPT_PLAIN, 10), NUMBER("mis", 112, 16, SCRIPT_PLAIN, 10), \
		NUMBER("tsn", 128, 32, SCRIPT_PLAIN, 1))
/* RFC 9260 3.3.1, RFC 7053 3 */
#define DATA_FLAGS                                                                \
	NUMBER("i", 12, 1, SCRIPT_PLAIN, 0), NUMBER("u", 13, 1, SCRIPT_PLAIN, 0), \
		NUMBER("b", 14, 1, SCRIPT_PLAIN, 1), NUMBER("e", 15, 1, SCRIPT_PLAIN, 1)

static const struct chunk chunks[] = {
	/* The first one: for what has no name. */
	{ ROW("chunk", 4, 4, FIELDS(CHUNK(0))), SCRIPT_SCTP_BYTES },
	{ ROW("DATA", 16, 4,
		  FIELDS(CHUNK(0), DATA_FLAGS, NUMBER("tsn", 32, 32, SCRIPT_PLAIN, 1),
			  NUMBER("stream", 64, 16, SCRIPT_PLAIN, 0),
			  NUMBER("ssn", 80, 16, SCRIPT_PLAIN, 0),
			  NUMBER("ppid", 96, 32, SCRIPT_PLAIN, 0))),
		SCRIPT_SCTP_BYTES },
	{ ROW("INIT", 20, 4, INIT_FIELDS(1)), SCRIPT_SCTP_PARAMS },
	{ ROW("INIT-ACK", 20, 4, INIT_FIELDS(2)), SCRIPT_SCTP_PARAMS },
	{ ROW("SACK", 16, 4,
		  FIELDS(CHUNK(3), NUMBER("cum", 32, 32, SCRIPT_PLAIN, 0),
			  NUMBER("rwnd", 64, 32, SCRIPT_PLAIN, 65536),
			  NUMBER("ngaps", 96, 16, SCRIPT_PLAIN, 0),
			  NUMBER("ndups", 112, 16, SCRIPT_PLAIN, 0))),
		SCRIPT_SCTP_BYTES },
	{ ROW("HEARTBEAT", 4, 4, FIELDS(CHUNK(4))), SCRIPT_SCTP_PARAMS },
	{ ROW("HEARTBEAT-ACK", 4, 4, FIELDS(CHUNK(5))), SCRIPT_SCTP_PARAMS },
	{ ROW("ABORT", 4, 4, FIELDS(CHUNK(6), T_BIT)), SCRIPT_SCTP_CAUSES },
	{ ROW("SHUTDOWN", 8, 0, FIELDS(CHUNK(7), NUMBER("cum", 32, 32, SCRIPT_PLAIN, 0))),
		SCRIPT_SCTP_NOTHING },
	{ ROW("SHUTDOWN-ACK", 4, 0, FIELDS(CHUNK(8))), SCRIPT_SCTP_NOTHING },
	{ ROW("ERROR", 4, 4, FIELDS(CHUNK(9))), SCRIPT_SCTP_CAUSES },
	{ ROW("COOKIE-ECHO", 4, 4, FIELDS(CHUNK(10))), SCRIPT_SCTP_BYTES },
	{ ROW("COOKIE-ACK", 4, 0, FIELDS(CHUNK(11))), SCRIPT_SCTP_NOTHING },
	/* Behind it may be how many packets were marked. */
	{ ROW("ECNE", 8, 4, FIELDS(CHUNK(12), NUMBER("tsn", 32, 32, SCRIPT_PLAIN, 0))),
		SCRIPT_SCTP_BYTES },
	{ ROW("CWR", 8, 0, FIELDS(CHUNK(13), NUMBER("tsn", 32, 32, SCRIPT_PLAIN, 0))),
		SCRIPT_SCTP_NOTHING },
	{ ROW("SHUTDOWN-COMPLETE", 4, 0, FIELDS(CHUNK(14), T_BIT)), SCRIPT_SCTP_NOTHING },
	/* RFC 4895 4.1 */
	{ ROW("AUTH", 8, 4,
		  FIELDS(CHUNK(15), NUMBER("key", 32, 16, SCRIPT_PLAIN, 0),
			  NUMBER("hmac", 48, 16, SCRIPT_PLAIN, 1))),
		SCRIPT_SCTP_BYTES },
	/* RFC 8260 2.1: of a fragment that is not the first, the PPID's place is the FSN's. */
	{ ROW("I-DATA", 20, 4,
		  FIELDS(CHUNK(64), DATA_FLAGS, NUMBER("tsn", 32, 32, SCRIPT_PLAIN, 1),
			  NUMBER("stream", 64, 16, SCRIPT_PLAIN, 0),
			  NUMBER("mid", 96, 32, SCRIPT_PLAIN, 0),
			  NUMBER("ppid", 128, 32, SCRIPT_PLAIN, 0),
			  NUMBER("fsn", 128, 32, SCRIPT_PLAIN, 0))),
		SCRIPT_SCTP_BYTES },
	/* RFC 5061 4.1 */
	{ ROW("ASCONF-ACK", 8, 4, FIELDS(CHUNK(128), NUMBER("serial", 32, 32, SCRIPT_PLAIN, 0))),
		SCRIPT_SCTP_PARAMS },
	{ ROW("RE-CONFIG", 4, 4, FIELDS(CHUNK(130))), SCRIPT_SCTP_PARAMS }, /* RFC 6525 3.1 */
	{ ROW("PAD", 4, 4, FIELDS(CHUNK(132))), SCRIPT_SCTP_BYTES }, /* RFC 4820 3 */
	/* RFC 3758 3.2 */
	{ ROW("FORWARD-TSN", 8, 4, FIELDS(CHUNK(192), NUMBER("cum", 32, 32, SCRIPT_PLAIN, 0))),
		SCRIPT_SCTP_BYTES },
	{ ROW("ASCONF", 8, 4, FIELDS(CHUNK(193), NUMBER("serial", 32, 32, SCRIPT_PLAIN, 0))),
		SCRIPT_SCTP_PARAMS },
	/* RFC 8260 2.3.1 */
	{ ROW("I-FORWARD-TSN", 8, 4, FIELDS(CHUNK(194), NUMBER("cum", 32, 32, SCRIPT_PLAIN, 0))),
		SCRIPT_SCTP_BYTES },
};

#define TYPE(number) \
	NUMBER("type", 0, 16, SCRIPT_FIXED, number), NUMBER("len", 16, 16, SCRIPT_OWN, 4)
#define BYTES(name, number) ROW(name, 4, 4, FIELDS(TYPE(number)))
#define WORD(name, number, field) \
	ROW(name, 8, 0, FIELDS(TYPE(number), NUMBER(field, 32, 32, SCRIPT_PLAIN, 0)))
#define ADDR4(name, number) \
	ROW(name, 8, 0, FIELDS(TYPE(number), SCRIPT_IP4_FIELD("addr", 32, SCRIPT_SRC)))
#define ADDR6(name, number) \
	ROW(name, 20, 0, FIELDS(TYPE(number), SCRIPT_IP6_FIELD("addr", 32, SCRIPT_SRC)))
#define EMPTY(name, number) ROW(name, 4, 0, FIELDS(TYPE(number)))
#define NUMBERED(name, number, field) \
	ROW(name, 8, 4, FIELDS(TYPE(number), NUMBER(field, 32, 32, SCRIPT_PLAIN, 0)))
#define ADD_STREAMS(name, number)                                            \
	ROW(name, 12, 4,                                                     \
		FIELDS(TYPE(number), NUMBER("seq", 32, 32, SCRIPT_PLAIN, 0), \
			NUMBER("count", 64, 16, SCRIPT_PLAIN, 0),            \
			NUMBER("reserved", 80, 16, SCRIPT_PLAIN, 0)))

static const struct script_header params[] = {
	/* The first one, likewise. */
	BYTES("param", 0),
	BYTES("info", 1), /* of a heartbeat: RFC 9260 3.3.5 */
	ADDR4("addr4", 5),
	ADDR6("addr6", 6),
	BYTES("cookie", 7),
	BYTES("unrecognized", 8),
	WORD("preservative", 9, "ms"),
	BYTES("hostname", 11),
	BYTES("addrtypes", 12),
	EMPTY("ecn", 0x8000),
	WORD("zero-checksum", 0x8001, "method"), /* RFC 9653 4 */
	BYTES("random", 0x8002), /* RFC 4895 3 */
	BYTES("chunks", 0x8003),
	BYTES("hmacs", 0x8004),
	BYTES("extensions", 0x8008), /* RFC 5061 4.2.7 */
	EMPTY("forward-tsn", 0xc000), /* RFC 3758 3.1 */
	WORD("adaptation", 0xc006, "indication"), /* RFC 5061 4.2.6 */
	/* of RE-CONFIG: RFC 6525 4 */
	ROW("reset-out", 16, 4,
		FIELDS(TYPE(13), NUMBER("seq", 32, 32, SCRIPT_PLAIN, 0),
			NUMBER("answers", 64, 32, SCRIPT_PLAIN, 0),
			NUMBER("last", 96, 32, SCRIPT_PLAIN, 0))),
	NUMBERED("reset-in", 14, "seq"),
	NUMBERED("reset-tsn", 15, "seq"),
	ROW("response", 12, 4,
		FIELDS(TYPE(16), NUMBER("seq", 32, 32, SCRIPT_PLAIN, 0),
			NUMBER("result", 64, 32, SCRIPT_PLAIN, 0))),
	ADD_STREAMS("add-out", 17),
	ADD_STREAMS("add-in", 18),
	/* of ASCONF and its answer: RFC 5061 4.2 */
	NUMBERED("add-ip", 0xc001, "id"),
	NUMBERED("delete-ip", 0xc002, "id"),
	NUMBERED("error-cause", 0xc003, "id"),
	NUMBERED("set-primary", 0xc004, "id"),
	NUMBERED("success", 0xc005, "id"),
};

/* RFC 9260 3.3.10 */
static const struct script_header causes[] = {
	BYTES("cause", 0),
	ROW("invalid-stream", 8, 0, FIELDS(TYPE(1), NUMBER("stream", 32, 16, SCRIPT_PLAIN, 0))),
	ROW("missing-param", 8, 4, FIELDS(TYPE(2), NUMBER("count", 32, 32, SCRIPT_PLAIN, 1))),
	WORD("stale-cookie", 3, "us"),
	EMPTY("no-resource", 4),
	BYTES("unresolvable", 5),
	BYTES("unrecognized-chunk", 6),
	EMPTY("invalid-param", 7),
	BYTES("unrecognized-params", 8),
	WORD("no-data", 9, "tsn"),
	EMPTY("cookie-in-shutdown", 10),
	BYTES("new-addresses", 11),
	BYTES("user-abort", 12),
	BYTES("violation", 13),
};

const struct script_header *
script_sctp_find(const char *name)
{
	for (unsigned i = 0; i < COUNT(chunks); i++) {
		if (strcmp(chunks[i].header.name, name) == 0)
			return &chunks[i].header;
	}
	for (unsigned i = 0; i < COUNT(params); i++) {
		if (strcmp(params[i].name, name) == 0)
			return &params[i];
	}
	for (unsigned i = 0; i < COUNT(causes); i++) {
		if (strcmp(causes[i].name, name) == 0)
			return &causes[i];
	}
	return NULL;
}

const struct script_header *
script_sctp_chunk(uint8_t type)
{
	for (unsigned i = 1; i < COUNT(chunks); i++) {
		if (chunks[i].header.fields[0].value == type)
			return &chunks[i].header;
	}
	return &chunks[0].header;
}

const struct script_header *
script_sctp_param(uint16_t type, enum script_sctp_rest of)
{
	const struct script_header *table = of == SCRIPT_SCTP_CAUSES ? causes : params;
	const size_t count = of == SCRIPT_SCTP_CAUSES ? COUNT(causes) : COUNT(params);

	for (size_t i = 1; i < count; i++) {
		if (table[i].fields[0].value == type)
			return &table[i];
	}
	return &table[0];
}

static const struct chunk *
chunk_of(const struct script_header *header)
{
	for (unsigned i = 0; i < COUNT(chunks); i++) {
		if (header == &chunks[i].header)
			return &chunks[i];
	}
	return NULL;
}

bool
script_sctp_is_chunk(const struct script_header *header)
{
	return chunk_of(header) != NULL;
}

bool
script_sctp_is_param(const struct script_header *header)
{
	return (header >= params && header < params + COUNT(params)) ||
		(header >= causes && header < causes + COUNT(causes));
}

enum script_sctp_rest
script_sctp_rest(const struct script_header *header)
{
	const struct chunk *chunk = chunk_of(header);

	return chunk != NULL ? chunk->rest : SCRIPT_SCTP_NOTHING;
}
