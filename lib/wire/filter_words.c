/* SPDX-License-Identifier: BSD-3-Clause */
/* The words of a filter: see filter_words.h. */
#include "wire/filter_words.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "wire/ip_addr.h"
#include "wire/mac.h"

/* What libpcap's words are made of, and the colons of addresses. */
#define WORD_CHARS "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-_:"
#define WORD_MAX   64
#define DIGITS     "0123456789"

/* Of pcap-filter(7): those that mean something on Ethernet, but for `gateway`, which wants a name. */
static const char *const keywords[] = {
	"src",
	"dst",
	"host",
	"net",
	"mask",
	"port",
	"portrange",
	"proto",
	"protochain",
	"and",
	"or",
	"not",
	"less",
	"greater",
	"len",
	"length",
	"byte",
	"broadcast",
	"multicast",
	"ether",
	"link",
	"arp",
	"rarp",
	"ip",
	"ip6",
	"tcp",
	"udp",
	"sctp",
	"icmp",
	"icmp6",
	"igmp",
	"igrp",
	"pim",
	"vrrp",
	"carp",
	"ah",
	"esp",
	"vlan",
	"mpls",
	"pppoed",
	"pppoes",
	"geneve",
	"lldp",
	"stp",
	"llc",
	"iso",
	"clnp",
	"esis",
	"isis",
	"atalk",
	"aarp",
	"ipx",
	"netbeui",
	"lat",
	"moprc",
	"mopdl",
	"decnet",
	"tcpflags",
	"tcp-fin",
	"tcp-syn",
	"tcp-rst",
	"tcp-push",
	"tcp-ack",
	"tcp-urg",
	"tcp-ece",
	"tcp-cwr",
	"icmptype",
	"icmpcode",
	"icmp-echoreply",
	"icmp-unreach",
	"icmp-sourcequench",
	"icmp-redirect",
	"icmp-echo",
	"icmp-routeradvert",
	"icmp-routersolicit",
	"icmp-timxceed",
	"icmp-paramprob",
	"icmp-tstamp",
	"icmp-tstampreply",
	"icmp-ireq",
	"icmp-ireqreply",
	"icmp-maskreq",
	"icmp-maskreply",
	"icmp6type",
	"icmp6code",
	"icmp6-destinationunreach",
	"icmp6-packettoobig",
	"icmp6-timeexceeded",
	"icmp6-parameterproblem",
	"icmp6-echo",
	"icmp6-echoreply",
	"icmp6-multicastlistenerquery",
	"icmp6-multicastlistenerreportv1",
	"icmp6-multicastlistenerdone",
	"icmp6-routersolicit",
	"icmp6-routeradvert",
	"icmp6-neighborsolicit",
	"icmp6-neighboradvert",
	"icmp6-redirect",
	"icmp6-multicastlistenerreportv2",
};

static bool
is_keyword(const char *word)
{
	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
		if (strcmp(keywords[i], word) == 0)
			return true;
	}
	return false;
}

/* Numbers between single characters: 10.0.0, 1000-2000, the 0:2 of ip[0:2]. */
static bool
is_digits(const char *word, char between, unsigned count_max)
{
	const char parts[] = { between, '\0' };
	unsigned count = 1;

	for (;; count++) {
		size_t length = strspn(word, DIGITS);

		word += length;
		if (length == 0 || count > count_max)
			return false;
		if (*word == '\0')
			return true;
		if (strspn(word, parts) != 1)
			return false;
		word++;
	}
}

static bool
is_hexadecimal(const char *word)
{
	return word[0] == '0' && (word[1] == 'x' || word[1] == 'X') && word[2] != '\0' &&
		word[2 + strspn(word + 2, DIGITS "abcdefABCDEF")] == '\0';
}

/* A name may begin with a digit, and may be all digits and dots: only what cannot be one is let by. */
static bool
is_address(const char *word)
{
	struct mac_addr mac;
	struct ip_addr addr;

	return is_digits(word, '.', 4) || is_digits(word, ':', 2) || is_hexadecimal(word) ||
		mac_addr_parse(word, &mac) == 0 ||
		(strchr(word, ':') != NULL && ip_addr_parse(word, &addr) == 0);
}

/* What comes behind these words is what came before them was. */
static bool
is_conjunction(const char *word)
{
	return strcmp(word, "and") == 0 || strcmp(word, "or") == 0 || strcmp(word, "not") == 0;
}

int
filter_words_check(const char *expression, struct error *err)
{
	const char *filter = expression;
	bool portrange = false;
	char word[WORD_MAX];

	/* A backslash makes a name of a keyword. */
	if (strchr(filter, '\\') != NULL)
		return error_set(err, EINVAL,
			"\"%s\" is no filter: it has a backslash; say protocols as numbers",
			filter);
	while (*(filter += strcspn(filter, WORD_CHARS)) != '\0') {
		size_t length = strspn(filter, WORD_CHARS);

		if (length >= sizeof(word))
			return error_set(err, EINVAL, "\"%.*s...\" is no filter: such a long word",
				WORD_MAX, filter);
		memcpy(word, filter, length);
		word[length] = '\0';
		filter += length;
		if (is_keyword(word)) {
			if (!is_conjunction(word))
				portrange = strcmp(word, "portrange") == 0;
			continue;
		}
		/* By itself a minus, or a colon, is no word. A host may be called 1-2. */
		if (is_address(word) || strspn(word, "-:") == length ||
			(portrange && is_digits(word, '-', 2)))
			continue;
		return error_set(err, EINVAL,
			"\"%s\" is no filter: \"%s\" is no keyword, and names are not looked up: "
			"say hosts, ports and protocols as numbers (see pcap-filter(7))",
			expression, word);
	}
	return 0;
}
