/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two stacks in one program: a router and, behind it on an Ethernet, a host. The program is the wire
 * between them, and the network beyond the router, from which it pings the host.
 *
 *     program -- up 192.0.2.1 -- router -- lan 10.0.0.1 ======= eth0 10.0.0.2 -- host
 *      192.0.2.9   (IP packets)                      (Ethernet)
 *
 *     cc two_stacks.c $(pkg-config --cflags --libs spate) -o two_stacks && ./two_stacks
 */
#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <spate/spate.h>

struct ping {
	struct iphdr ip;
	struct icmphdr icmp;
	char data[32];
};

static void
must(int result, const char *what)
{
	if (result >= 0)
		return;
	fprintf(stderr, "%s: %s\n", what, spate_error());
	exit(1);
}

/* RFC 1071 */
static uint16_t
checksum(const void *bytes, size_t length)
{
	uint32_t sum = 0;
	uint16_t word;

	for (size_t i = 0; i < length; i += sizeof(word)) {
		memcpy(&word, (const char *)bytes + i, sizeof(word));
		sum += word;
	}
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void
ping_write(struct ping *ping, uint16_t sequence)
{
	*ping = (struct ping){
		.ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_ICMP },
		.icmp = { .type = ICMP_ECHO },
		.data = "from the program",
	};
	ping->ip.tot_len = htons(sizeof(*ping));
	ping->ip.saddr = inet_addr("192.0.2.9");
	ping->ip.daddr = inet_addr("10.0.0.2");
	ping->ip.check = checksum(&ping->ip, sizeof(ping->ip));
	ping->icmp.un.echo.sequence = htons(sequence);
	ping->icmp.checksum = checksum(&ping->icmp, sizeof(*ping) - sizeof(ping->ip));
}

/* All that leaves one end of the wire comes in at the other. @return how many frames did */
static int
carry(struct spate *from, const char *from_iface, struct spate *to, const char *to_iface)
{
	char frame[SPATE_FRAME_MAX];
	int length, count = 0;

	while ((length = spate_output(from, from_iface, frame, sizeof(frame))) > 0) {
		must(spate_input(to, to_iface, frame, (size_t)length), "the wire");
		count++;
	}
	return count;
}

int
main(void)
{
	struct spate *router, *host;
	struct ping ping;
	int answers = 0;

	must(spate_create(0, &router), "router");
	must(spate_iface_add(router, "up", SPATE_LINK_IP, 0, NULL), "up");
	must(spate_addr_add(router, "up", "192.0.2.1/24"), "up");
	must(spate_iface_add(router, "lan", SPATE_LINK_ETHERNET, 0, NULL), "lan");
	must(spate_addr_add(router, "lan", "10.0.0.1/24"), "lan");

	must(spate_create(0, &host), "host");
	must(spate_iface_add(host, "eth0", SPATE_LINK_ETHERNET, 0, NULL), "eth0");
	must(spate_addr_add(host, "eth0", "10.0.0.2/24"), "eth0");
	must(spate_route_add(host, "0.0.0.0/0", "10.0.0.1", NULL), "default route");

	for (uint16_t sequence = 1; sequence <= 3; sequence++) {
		ping_write(&ping, sequence);
		must(spate_input(router, "up", &ping, sizeof(ping)), "ping");
		/* At first ARP goes to and fro, too. */
		while (carry(router, "lan", host, "eth0") + carry(host, "eth0", router, "lan") > 0)
			;
		if (spate_output(router, "up", &ping, sizeof(ping)) != sizeof(ping))
			continue;
		printf("%d bytes from %s: seq=%d ttl=%d\n", (int)sizeof(ping),
			inet_ntoa((struct in_addr){ ping.ip.saddr }),
			ntohs(ping.icmp.un.echo.sequence), ping.ip.ttl);
		answers++;
	}
	spate_destroy(host);
	spate_destroy(router);
	return answers == 3 ? 0 : 1;
}
