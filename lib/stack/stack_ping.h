/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Questions to others: ping, arping, ndping. Part of stack.h.
 */
#ifndef STACK_STACK_PING_H
#define STACK_STACK_PING_H

#include "stack/stack.h"

/* ---- ping ---- */

struct stack_ping_config {
	uint16_t vrf; /**< with an interface: that one's, whatever this says */
	struct ip_addr dst;
	struct ip_addr source; /**< one of ours; family IP_FAMILY_NONE: the output interface's */
	char iface[IFACE_NAME_MAX]; /**< for a link-local destination; "" otherwise */
	uint16_t size_bytes; /**< of data: 65507, by IPv6 65527 at most */
	uint8_t ttl; /**< 0: the default */
	bool df; /**< not to be fragmented, neither here nor on the way */
};

/** An answer to a ping: a reply, or an error from somebody on the way. */
struct stack_ping_answer {
	struct ip_addr from;
	uint16_t sequence;
	uint16_t size_bytes; /**< of the ICMP message */
	uint8_t ttl;
	uint8_t type, code; /**< of ICMP or ICMPv6 */
	uint64_t rtt_ns;
};

struct stack_ping;
/** @param answered called from stack_poll() */
int stack_ping_create(struct stack *stack, const struct stack_ping_config *config,
	void (*answered)(void *arg, const struct stack_ping_answer *answer), void *arg,
	struct stack_ping **ping, struct error *err);
/** @return 0, -EMSGSIZE (not to be fragmented, and larger than the way is known to carry), -ENOBUFS */
int stack_ping_send(
	struct stack *stack, struct stack_ping *ping, uint16_t sequence, struct error *err);
/** For the next one that is sent: traceroute counts it up. */
void stack_ping_set_ttl(struct stack_ping *ping, uint8_t ttl);
void stack_ping_destroy(struct stack *stack, struct stack_ping *ping);

/* ---- arping, ndping ---- */

/** A neighbour says that it has the address. */
struct stack_arping_answer {
	struct mac_addr mac;
	uint64_t rtt_ns; /**< since the last question */
};

struct stack_arping;
/**
 * Ask an interface's link for an address, by ARP or ND.
 * @param answered called from stack_poll(), once an answer: of several, somebody lies
 */
int stack_arping_create(struct stack *stack, const char *iface, const struct ip_addr *dst,
	void (*answered)(void *arg, const struct stack_arping_answer *answer), void *arg,
	struct stack_arping **arping, struct error *err);
void stack_arping_send(struct stack *stack, struct stack_arping *arping);
void stack_arping_destroy(struct stack *stack, struct stack_arping *arping);

#endif
