/* SPDX-License-Identifier: BSD-3-Clause */
/* What messages are made of, one behind the other, each with its type: see script_header.h. */
#include "script/script_header.h"

#include <string.h>

#include "script/script_sctp.h"
#include "wire/icmp.h"
#include "wire/ip4.h"

#define NUMBER SCRIPT_NUMBER_FIELD
#define MAC    SCRIPT_MAC_FIELD
#define IP6    SCRIPT_IP6_FIELD
#define FIELDS SCRIPT_FIELDS

/* RFC 4861 4.6: a length in units of 8 bytes, which may be said to be wrong. */
#define ND_OPTION(option_type, units) \
	NUMBER("type", 0, 8, SCRIPT_FIXED, option_type), NUMBER("len", 8, 8, SCRIPT_FIXED, units)

static const struct script_header nd_options[] = {
	/* The first one: for what has no name. */
	{ "ndopt", 2, 0, -1, SCRIPT_SUM_NONE, 8,
		FIELDS(NUMBER("type", 0, 8, SCRIPT_FIXED, 0),
			NUMBER("len", 8, 8, SCRIPT_UNITS8, 1)) },
	{ "slla", 8, 0, -1, SCRIPT_SUM_NONE, 0,
		FIELDS(ND_OPTION(1, 1), MAC("mac", 16, SCRIPT_PLAIN)) },
	{ "tlla", 8, 0, -1, SCRIPT_SUM_NONE, 0,
		FIELDS(ND_OPTION(2, 1), MAC("mac", 16, SCRIPT_PLAIN)) },
	{ "prefix", 32, 0, -1, SCRIPT_SUM_NONE, 0,
		FIELDS(ND_OPTION(3, 4), NUMBER("plen", 16, 8, SCRIPT_PLAIN, 64),
			NUMBER("onlink", 24, 1, SCRIPT_PLAIN, 1),
			NUMBER("auto", 25, 1, SCRIPT_PLAIN, 1),
			NUMBER("valid", 32, 32, SCRIPT_PLAIN, 86400),
			NUMBER("preferred", 64, 32, SCRIPT_PLAIN, 14400),
			IP6("net", 128, SCRIPT_SRC)) },
	{ "mtu", 8, 0, -1, SCRIPT_SUM_NONE, 0,
		FIELDS(ND_OPTION(5, 1), NUMBER("bytes", 32, 32, SCRIPT_PLAIN, 1500)) },
	{ "nonce", 8, 0, -1, SCRIPT_SUM_NONE, 0,
		FIELDS(ND_OPTION(14, 1), NUMBER("value", 16, 48, SCRIPT_PLAIN, 0)) },
	/* RFC 4191 2.3, in its longest form */
	{ "route", 24, 0, -1, SCRIPT_SUM_NONE, 0,
		FIELDS(ND_OPTION(24, 3), NUMBER("plen", 16, 8, SCRIPT_PLAIN, 64),
			NUMBER("pref", 27, 2, SCRIPT_PLAIN, 0),
			NUMBER("life", 32, 32, SCRIPT_PLAIN, 1800), IP6("net", 64, SCRIPT_SRC)) },
};

static const struct script_header mld_records[] = {
	{ "record", 20, 0, -1, SCRIPT_SUM_NONE, 0,
		FIELDS(NUMBER("type", 0, 8, SCRIPT_PLAIN, 4),
			NUMBER("sources", 16, 16, SCRIPT_PLAIN, 0),
			IP6("group", 32, SCRIPT_PLAIN)) },
};

/* RFC 3810 5.1.10, 5.2.6: of a query, or of a record. */
static const struct script_header mld_sources[] = {
	{ "source", 16, 0, -1, SCRIPT_SUM_NONE, 0, FIELDS(IP6("addr", 0, SCRIPT_SRC)) },
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
	const struct script_header *parts;
	unsigned count;
} tables[] = {
	{ nd_options, COUNT(nd_options) },
	{ mld_records, COUNT(mld_records) },
	{ mld_sources, COUNT(mld_sources) },
};

const struct script_header *
script_part_find(const char *name)
{
	for (unsigned t = 0; t < COUNT(tables); t++) {
		for (unsigned i = 0; i < tables[t].count; i++) {
			if (strcmp(tables[t].parts[i].name, name) == 0)
				return &tables[t].parts[i];
		}
	}
	return script_sctp_find(name);
}

static const struct script_header *
nd_option_by_type(uint8_t type)
{
	for (unsigned i = 1; i < COUNT(nd_options); i++) {
		if (nd_options[i].fields[0].value == type)
			return &nd_options[i];
	}
	return &nd_options[0];
}

const struct script_header *
script_part_next(const struct script_header *message, const uint8_t *bytes, size_t left)
{
	const struct script_header *part = NULL;

	if (message->proto == IP_PROTO_SCTP)
		part = left > 0 ? script_sctp_chunk(bytes[0]) : NULL;
	else if (message->proto != IP_PROTO_ICMP6)
		return NULL;
	else if (message->fields[0].value == ICMP6_MLD2_REPORT)
		part = &mld_records[0];
	else if (message->fields[0].value >= ICMP6_ROUTER_SOLICITATION &&
		message->fields[0].value <= ICMP6_REDIRECT && left > 0)
		part = nd_option_by_type(bytes[0]);
	return part != NULL && part->length <= left ? part : NULL;
}
