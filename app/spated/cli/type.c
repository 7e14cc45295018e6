/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of argument types; read by syntax.c, match.c and the getters in arg.c. */
#include "cli/type.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cli/units.h"
#include "wire/mac.h"

#define NAME_LENGTH_MAX   31
#define LIST_VALUE_MAX    65535
#define LIST_LENGTH_MAX   65536
#define NAME_PUNCTUATION  "._-@"
#define MODULE_CHARACTERS "._-*"

bool
cli_number_parse(const char *word, uint64_t *number)
{
	bool hex = word[0] == '0' && (word[1] == 'x' || word[1] == 'X');
	char *end;

	/* strtoull() would take a sign and leading blanks. */
	if (!isdigit((unsigned char)word[0]) || (hex && !isxdigit((unsigned char)word[2])))
		return false;
	errno = 0;
	*number = strtoull(word, &end, hex ? 16 : 10);
	return errno == 0 && *end == '\0';
}

bool
cli_endpoint_parse(const char *word, struct ip_addr *addr, uint16_t *port)
{
	const char *colon = strrchr(word, ':');
	char text[IP_TEXT_MAX + 2];
	size_t length;
	uint64_t number;

	*port = 0;
	if (ip_addr_parse(word, addr) == 0)
		return true;
	length = colon != NULL ? (size_t)(colon - word) : 0;
	if (length == 0 || length >= sizeof(text))
		return false;
	memcpy(text, word, length);
	text[length] = '\0';
	if (text[0] == '[' && text[length - 1] == ']') {
		text[length - 1] = '\0';
		if (ip_addr_parse(text + 1, addr) != 0 || addr->family != IP_FAMILY_6)
			return false;
	} else if (ip_addr_parse(text, addr) != 0 || addr->family != IP_FAMILY_4) {
		return false;
	}
	if (!isdigit((unsigned char)colon[1]) || !cli_number_parse(colon + 1, &number) ||
		number > UINT16_MAX)
		return false;
	*port = number;
	return true;
}

/* One number or a span; returns what follows it, or NULL. */
static const char *
list_item_parse(const char *text, unsigned long *first, unsigned long *last)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return NULL;
	*first = *last = strtoul(text, &end, 10);
	if (*end == '-') {
		if (!isdigit((unsigned char)end[1]))
			return NULL;
		*last = strtoul(end + 1, &end, 10);
	}
	if (*first > *last || *last > LIST_VALUE_MAX)
		return NULL;
	return end;
}

int
cli_list_parse(const char *word, unsigned *values, unsigned max)
{
	unsigned long first, last;
	unsigned count = 0;

	for (;; word++) {
		word = list_item_parse(word, &first, &last);
		if (word == NULL)
			return -EINVAL;
		for (; first <= last; first++) {
			if (count == max)
				return -E2BIG;
			if (values != NULL)
				values[count] = first;
			count++;
		}
		if (*word == '\0')
			return count;
		if (*word != ',')
			return -EINVAL;
	}
}

static bool
accepts_characters(const char *word, const char *punctuation)
{
	if (!isalnum((unsigned char)word[0]))
		return false;
	for (; *word != '\0'; word++) {
		if (!isalnum((unsigned char)*word) && strchr(punctuation, *word) == NULL)
			return false;
	}
	return true;
}

static bool
accepts_name(const char *word, const struct cli_range *range)
{
	return strlen(word) <= NAME_LENGTH_MAX && accepts_characters(word, NAME_PUNCTUATION);
}

static bool
accepts_module(const char *word, const struct cli_range *range)
{
	return accepts_characters(word, MODULE_CHARACTERS);
}

static bool
accepts_word(const char *word, const struct cli_range *range)
{
	return word[0] != '\0';
}

static bool
accepts_any(const char *word, const struct cli_range *range)
{
	return true;
}

static bool
accepts_number(const char *word, const struct cli_range *range)
{
	uint64_t number;

	return cli_number_parse(word, &number) && number >= range->min && number <= range->max;
}

static bool
accepts_addr(const char *word, const struct cli_range *range)
{
	struct ip_addr addr;

	return ip_addr_parse(word, &addr) == 0;
}

/* RFC 4007 11: only where it says something, which is for link-local addresses of IPv6. */
bool
cli_scoped_parse(const char *word, struct ip_addr *addr, const char **zone)
{
	const char *percent = strchr(word, '%');
	size_t length = percent != NULL ? (size_t)(percent - word) : strlen(word);
	char text[IP_TEXT_MAX];

	*zone = percent != NULL ? percent + 1 : NULL;
	if (length >= sizeof(text))
		return false;
	memcpy(text, word, length);
	text[length] = '\0';
	if (ip_addr_parse(text, addr) != 0)
		return false;
	return percent == NULL ||
		(addr->family == IP_FAMILY_6 && ip_addr_is_link_local(addr) &&
			accepts_name(*zone, NULL));
}

static bool
accepts_scoped(const char *word, const struct cli_range *range)
{
	struct ip_addr addr;
	const char *zone;

	return cli_scoped_parse(word, &addr, &zone);
}

static bool
accepts_prefix(const char *word, const struct cli_range *range)
{
	struct ip_prefix prefix;

	return ip_prefix_parse(word, &prefix) == 0;
}

static bool
accepts_dest(const char *word, const struct cli_range *range)
{
	return strcmp(word, CLI_DEST_DEFAULT) == 0 || accepts_prefix(word, range);
}

static bool
accepts_mac(const char *word, const struct cli_range *range)
{
	struct mac_addr mac;

	return mac_addr_parse(word, &mac) == 0;
}

static bool
accepts_endpoint(const char *word, const struct cli_range *range)
{
	struct ip_addr addr;
	uint16_t port;

	return cli_endpoint_parse(word, &addr, &port);
}

static bool
accepts_list(const char *word, const struct cli_range *range)
{
	return cli_list_parse(word, NULL, LIST_LENGTH_MAX) > 0;
}

static const char *
value_proto(unsigned i)
{
	static const char *const protos[] = { "icmp", "udp", "tcp", "sctp" };

	return i < sizeof(protos) / sizeof(protos[0]) ? protos[i] : NULL;
}

static bool
accepts_proto(const char *word, const struct cli_range *range)
{
	for (unsigned i = 0; value_proto(i) != NULL; i++) {
		if (strcmp(value_proto(i), word) == 0)
			return true;
	}
	return false;
}

static const char *
value_level(unsigned i)
{
	return i <= LOG_LEVEL_DEBUG - LOG_LEVEL_ERROR ? log_level_name(LOG_LEVEL_ERROR + i) : NULL;
}

static bool
accepts_level(const char *word, const struct cli_range *range)
{
	enum log_level level;

	return log_level_parse(word, &level) == 0;
}

static const char *
value_module(unsigned i)
{
	return i < LOG_MODULE_COUNT ? log_module_name(i) : NULL;
}

static bool
accepts_chance(const char *word, const struct cli_range *range)
{
	uint64_t ppb;

	return cli_chance_parse(word, &ppb);
}

static bool
accepts_rate(const char *word, const struct cli_range *range)
{
	uint64_t bps;

	return cli_rate_parse(word, &bps);
}

static bool
accepts_time(const char *word, const struct cli_range *range)
{
	uint64_t ns;

	return cli_time_parse(word, &ns);
}

static const struct cli_type types[] = {
	{ "ADDR", "an address", "10.0.0.1 or 2001:db8::1", accepts_addr, NULL, false },
	{ "ALGORITHM", "an algorithm for ports", "double-hash", accepts_name, NULL, false },
	{ "APP", "a loaded application", "mirror", accepts_name, NULL, false },
	{ "CHANCE", "a chance", "1% or 0.001%", accepts_chance, NULL, false },
	{ "CONGESTION", "a congestion control", "cubic", accepts_name, NULL, false },
	{ "DEST", "a destination", "10.0.0.0/8, 2001:db8::/32 or default", accepts_dest, NULL,
		false },
	{ "ENDPOINT", "an address with a port", "10.0.0.9:4000, [2001:db8::1]:80 or 10.0.0.9",
		accepts_endpoint, NULL, false },
	{ "FILE", "a file", "/etc/spate/spate.conf", accepts_word, NULL, false },
	{ "IFACE", "an interface", "p0 or p0.100", accepts_name, NULL, false },
	{ "LEVEL", "a log level", "error, warning, notice, info or debug", accepts_level,
		value_level, false },
	{ "LIST", "a list of numbers", "1-3,5", accepts_list, NULL, false },
	{ "MAC", "a MAC address", "02:00:00:00:00:01", accepts_mac, NULL, false },
	{ "MODULE", "a log module", "port, or one of DPDK such as lib.eal", accepts_module,
		value_module, false },
	{ "N", "a number", "16 or 0x10", accepts_number, NULL, false },
	{ "NAME", "a name", "p0: at most 31 letters, digits or . _ - @, a letter or digit first",
		accepts_name, NULL, false },
	{ "PORT", "a port", "p0", accepts_name, NULL, false },
	{ "PREFIX", "a prefix", "10.0.0.0/8 or 2001:db8::/32", accepts_prefix, NULL, false },
	{ "PROTO", "a protocol", "icmp, udp, tcp or sctp", accepts_proto, value_proto, false },
	{ "RATE", "a rate", "100mbit or 1gbit", accepts_rate, NULL, false },
	{ "SCOPED", "an address", "10.0.0.1, of a link fe80::1%p0", accepts_scoped, NULL, false },
	{ "STATE", "a state of a connection", "established", accepts_name, NULL, false },
	{ "TEXT", "the rest of the line", "any words", accepts_any, NULL, true },
	{ "TIME", "a time", "10ms, 50us or 1.5s", accepts_time, NULL, false },
	{ "VRF", "a VRF", "red, or default", accepts_name, NULL, false },
	{ "WORD", "a word", "any word, in quotes if it has blanks", accepts_word, NULL, false },
};

const struct cli_type *
cli_type_lookup(const char *name, size_t length)
{
	for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strlen(types[i].name) == length && memcmp(types[i].name, name, length) == 0)
			return &types[i];
	}
	return NULL;
}

const struct cli_type *
cli_type_at(unsigned i)
{
	return i < sizeof(types) / sizeof(types[0]) ? &types[i] : NULL;
}
