/* SPDX-License-Identifier: BSD-3-Clause */
/* What routers say that spate does not: router advertisements, queries of MLD. */
#include "sim/sim_private.h"

#include <string.h>

#include "stack/stack_neigh.h"
#include "wire/icmp.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

#define ADVERTISEMENT_LENGTH (16 + 8 + 32) /* with the link-layer address, and one prefix */
#define QUERY_LENGTH         28
/* RFC 3810 5: a hop-by-hop header with a router alert. */
#define ROUTER_ALERT                                \
	{                                           \
		IP_PROTO_ICMP6, 0, 5, 2, 0, 0, 1, 0 \
	}
#define ROUTER_ALERT_LENGTH 8

/* The end of a link that is a node's. */
static const struct sim_link_end *
end_of(const struct sim_node *node, const struct sim_link *link)
{
	sim_assert(link->ends[0].node == node || link->ends[1].node == node, "%s is not on %s",
		node->name, link->name);
	return &link->ends[link->ends[1].node == node];
}

/* To all nodes of the link, from a link-local address: nothing if there is none that may be used. */
static void
message_send(struct sim_node *node, const struct sim_link *link, uint8_t *message, uint16_t length,
	uint16_t icmp)
{
	static const struct mac_addr none;
	const struct iface *iface = iface_lookup(sim_stack(node)->ifaces, link->name);
	const struct ip_addr *src = iface != NULL ? iface_addr_link_local(iface) : NULL;

	if (src == NULL)
		return;
	icmp6_checksum_set(message + icmp, length - icmp, src, &ip6_all_nodes);
	stack_ip6_send(node->stack, iface,
		&(struct ip6_build){ .src = src->bytes,
			.dst = ip6_all_nodes.bytes,
			.payload_length = length,
			.next_header = icmp == 0 ? IP_PROTO_ICMP6 : IP_PROTO_HOPOPT,
			.hop_limit = icmp == 0 ? 255 : 1 },
		message, &none);
}

/* RFC 4861 4.2, 4.6.1, 4.6.2 */
void
sim_advertise(
	struct sim_node *router, const struct sim_link *link, uint16_t lifetime_s, uint32_t valid_s)
{
	const struct sim_link_end *end = end_of(router, link);
	uint8_t message[ADVERTISEMENT_LENGTH] = {
		ICMP6_ROUTER_ADVERTISEMENT, [4] = 64, [6] = (uint8_t)(lifetime_s >> 8),
		(uint8_t)lifetime_s, [16] = 1, 1, [24] = 3, 4, 64,
		0xc0, /* on the link, and for addresses */
		[40] = 0x20, 1, 0x0d, 0xb8, 1, /* 2001:db8:100+I::/64 */
		(uint8_t)link->index
	};

	memcpy(message + 18, end->mac.bytes, sizeof(end->mac.bytes));
	for (unsigned i = 0; i < 4; i++) {
		message[28 + i] = (uint8_t)(valid_s >> (24 - 8 * i));
		message[32 + i] = (uint8_t)(valid_s / 2 >> (24 - 8 * i));
	}
	message_send(router, link, message, sizeof(message), 0);
}

/* RFC 3810 5.1: a general one */
void
sim_query_listeners(struct sim_node *router, const struct sim_link *link, uint16_t response_ms)
{
	uint8_t message[ROUTER_ALERT_LENGTH + QUERY_LENGTH] = ROUTER_ALERT;

	message[ROUTER_ALERT_LENGTH] = ICMP6_MLD_QUERY;
	message[ROUTER_ALERT_LENGTH + 4] = (uint8_t)(response_ms >> 8);
	message[ROUTER_ALERT_LENGTH + 5] = (uint8_t)response_ms;
	/* Robustness, and the interval to the next one. */
	message[ROUTER_ALERT_LENGTH + 24] = 2;
	message[ROUTER_ALERT_LENGTH + 25] = 125;
	message_send(router, link, message, sizeof(message), ROUTER_ALERT_LENGTH);
}
