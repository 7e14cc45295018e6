/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads the arguments of a port: cable.h says which. By control. */
#include "cable/cable_priv.h"

#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "base/name.h"
#include "wire/toeplitz.h"

#define KEY_LENGTH_LONG 52

/* All that a router can use. */
#define OFFLOADS_ALL                                                                            \
	(PORT_RX_IP4_CHECKSUM | PORT_RX_L4_CHECKSUM | PORT_RX_RSS_HASH | PORT_TX_IP4_CHECKSUM | \
		PORT_TX_L4_CHECKSUM | PORT_TX_MULTI_SEGS | PORT_TX_TSO)

#define OFFLOADS_POSSIBLE (OFFLOADS_ALL | PORT_RX_LRO)
#define RX_CHECKSUMS      (PORT_RX_IP4_CHECKSUM | PORT_RX_L4_CHECKSUM)

static int
name_parse(char name[PORT_NAME_MAX], const char *word, struct error *err)
{
	int ret = name_check(word, PORT_NAME_MAX, err);

	if (ret == 0)
		strlcpy(name, word, PORT_NAME_MAX);
	return ret;
}

static int
key_parse(uint16_t *length, const char *word, struct error *err)
{
	if (strcmp(word, "40") == 0)
		*length = TOEPLITZ_KEY_LENGTH;
	else if (strcmp(word, "52") == 0)
		*length = KEY_LENGTH_LONG;
	else
		return error_set(err, EINVAL,
			"an RSS key has " CABLE_KEY_LENGTHS_TEXT " bytes, not \"%s\"", word);
	return 0;
}

static int
offloads_parse(uint32_t *offloads, char *list, struct error *err)
{
	char *name;

	*offloads = 0;
	if (strcmp(list, "none") == 0)
		return 0;
	while ((name = strsep(&list, ",")) != NULL) {
		uint32_t offload =
			strcmp(name, "all") == 0 ? OFFLOADS_ALL : port_offload_parse(name);

		if ((offload & OFFLOADS_POSSIBLE) == 0)
			return error_set(err, EINVAL,
				"\"%s\" is no offload: 'port show PORT' names those of a port",
				name);
		*offloads |= offload;
	}
	if ((*offloads & PORT_RX_LRO) != 0 && (*offloads & RX_CHECKSUMS) != RX_CHECKSUMS)
		return error_set(err, EINVAL,
			"rx-lro needs rx-ipv4-checksum and rx-l4-checksum, too: \"all,rx-lro\"");
	return 0;
}

static int
flight_parse(uint32_t *flight, const char *word, struct error *err)
{
	char *end;
	unsigned long number = strtoul(word, &end, 10);

	if (*word == '-' || end == word || *end != '\0' || number < CABLE_FLIGHT_MIN ||
		number > CABLE_FLIGHT_MAX)
		return error_set(err, EINVAL,
			"from %u to %u frames can be on their way, not \"%s\"", CABLE_FLIGHT_MIN,
			CABLE_FLIGHT_MAX, word);
	*flight = (uint32_t)number;
	return 0;
}

static int
pair_parse(struct cable_args *args, const char *what, char *word, struct error *err)
{
	if (word == NULL)
		return error_set(err, EINVAL, "\"%s\" of a cable needs a value", what);
	if (strcmp(what, "peer") == 0)
		return name_parse(args->peer, word, err);
	if (strcmp(what, "end") == 0)
		return name_parse(args->end, word, err);
	if (strcmp(what, "key") == 0)
		return key_parse(&args->key_length, word, err);
	if (strcmp(what, "offloads") == 0)
		return offloads_parse(&args->offloads, word, err);
	if (strcmp(what, "flight") == 0)
		return flight_parse(&args->flight, word, err);
	return error_set(err, EINVAL,
		"a cable has no \"%s\": peer, end, key, flight and offloads are known", what);
}

int
cable_args_parse(
	const struct port *port, const char *text, struct cable_args *args, struct error *err)
{
	char copy[CABLE_ARG_MAX], *rest = copy, *what;
	int ret = 0;

	*args = (struct cable_args){ .key_length = TOEPLITZ_KEY_LENGTH,
		.offloads = OFFLOADS_ALL,
		.flight = CABLE_FLIGHT_DEFAULT };
	strlcpy(args->end, port->name, sizeof(args->end));
	if (strlcpy(copy, text, sizeof(copy)) >= sizeof(copy))
		return error_set(err, E2BIG, "the arguments of a cable have at most %d characters",
			CABLE_ARG_MAX - 1);
	while (ret == 0 && (what = strsep(&rest, " ")) != NULL) {
		if (*what != '\0')
			ret = pair_parse(args, what, strsep(&rest, " "), err);
	}
	if (ret == 0 && args->peer[0] == '\0')
		ret = error_set(err, EINVAL, "a cable has a peer: \"peer NAME\"");
	if (ret == 0 && strcmp(args->peer, args->end) == 0)
		ret = error_set(err, EINVAL, "%s cannot be its own peer", args->end);
	return ret;
}
