/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Datagrams of which fragments are here, on one worker: found by key, kept in the order of their
 * age, bounded in number and in the packets that they hold. No rules: those are in ip_reassembly.c.
 */
#ifndef IP_REASSEMBLY_TABLE_H
#define IP_REASSEMBLY_TABLE_H

#include "ip/ip_priv.h"

#define IP_REASSEMBLY_NONE UINT32_MAX

/* RFC 791 3.2, RFC 8200 4.5: what fragments of one datagram have in common. No padding. */
struct ip_reassembly_key {
	uint8_t src[16], dst[16];
	uint32_t id;
	uint16_t iface; /* where a link-local source is; else PKT_IFACE_NONE */
	uint8_t proto; /* IPv4 only */
	uint8_t family;
	uint32_t vrf;
};

_Static_assert(sizeof(struct ip_reassembly_key) == 44, "hashed and compared whole");

/* A fragment that is held. Bytes of the datagram's payload: from start up to, not with, end. */
struct ip_reassembly_node {
	struct rte_mbuf *pkt;
	uint32_t start, end;
	uint32_t headers; /* bytes of the packet in front of the payload */
	uint32_t next;
};

struct ip_reassembly_datagram {
	struct ip_reassembly_key key;
	uint64_t deadline_ns;
	uint32_t hash_next; /* of the same bucket, or free */
	uint32_t older, newer;
	uint32_t first, last; /* nodes, by start */
	uint32_t count; /* of nodes */
	uint32_t length; /* bytes of payload here */
	uint32_t total; /* bytes of payload that there will be; 0: not known yet */
	uint8_t ecn; /* bit a codepoint that was seen: RFC 3168 5.3 */
	uint8_t dead; /* enum drop_reason of fragments that still come; 0: it lives */
};

struct ip_reassembly {
	uint32_t seed, bucket_mask;
	uint32_t held_max; /* nodes in use that are not doomed */
	uint32_t node_max; /* and a burst more, which those that are doomed may still take */
	uint32_t oldest, newest; /* datagrams */
	uint32_t free_datagram, free_node;
	uint32_t doomed_first, doomed_last, doomed_count; /* nodes to be dropped */
	uint32_t datagram_count, node_count; /* in use; the doomed ones too */
	uint32_t *buckets; /* [bucket_mask + 1]: datagrams */
	struct ip_reassembly_datagram *datagrams; /* [IP_REASSEMBLY_DATAGRAMS] */
	struct ip_reassembly_node *nodes; /* [node_max] */
};

/* @return NULL: it is not there */
struct ip_reassembly_datagram *ip_reassembly_lookup(
	struct ip_reassembly *table, const struct ip_reassembly_key *key);
/* A new one, the newest, without fragments. @return NULL: there are as many as there can be */
struct ip_reassembly_datagram *ip_reassembly_insert(
	struct ip_reassembly *table, const struct ip_reassembly_key *key, uint64_t deadline_ns);
/* It holds no fragments any more. */
void ip_reassembly_remove(struct ip_reassembly *table, struct ip_reassembly_datagram *datagram);

/* Hold a packet behind node `prev` of a datagram (NONE: first). @return false: no node is free */
bool ip_reassembly_hold(struct ip_reassembly *table, struct ip_reassembly_datagram *datagram,
	uint32_t prev, const struct ip_reassembly_node *node);
/* Give up all that a datagram holds: to the doomed, with the reason. */
void ip_reassembly_doom(struct ip_reassembly *table, struct ip_reassembly_datagram *datagram,
	enum drop_reason reason);
/* The first of the doomed, or NULL; its node is free. */
struct rte_mbuf *ip_reassembly_doomed(struct ip_reassembly *table);
/* The first fragment of a datagram, which is its no more; it has one. */
struct ip_reassembly_node ip_reassembly_take(
	struct ip_reassembly *table, struct ip_reassembly_datagram *datagram);

#endif
