/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Packets inside spate: an rte_mbuf, its metadata, and the vectors that stages pass on.
 *
 * While a packet is inside, its data starts at the link header (l2_len bytes, 0 for a packet that
 * has none yet) and l2_len + l3_len lead to the transport header. The mbuf's own fields are used
 * for what they are documented for (packet_type, l2_len, l3_len, hash.rss, ol_flags); everything
 * else that spate knows of a packet is in struct pkt_meta.
 */
#ifndef PKT_PKT_H
#define PKT_PKT_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>

#include "pkt/drop_reason.h"

/** Packets taken from one queue or ring at a time. */
#define PKT_BURST 64
/**
 * Capacity of a vector: a burst, and as many packets that spate makes in answer to it. No stage
 * puts out more than its input and one answer to each, so that a vector cannot overflow.
 */
#define PKT_VEC_MAX (2 * PKT_BURST)

/** A bounded array of packets that moves between stages. Owned by the worker. */
struct pkt_vec {
	uint32_t count;
	struct rte_mbuf *pkts[PKT_VEC_MAX];
};

/** Why a packet goes to the control thread. */
enum punt_reason {
	PUNT_ARP, /**< an ARP packet */
	PUNT_ND, /**< a neighbor solicitation or advertisement */
	PUNT_RA, /**< a router advertisement */
	PUNT_MLD, /**< a multicast listener query */
	PUNT_GLEAN, /**< its next hop has no adjacency yet: meta->nexthop says which */
	PUNT_ICMP, /**< an echo reply or error for the control thread's ping */
	PUNT_REASON_COUNT
};

const char *punt_reason_name(enum punt_reason reason);

/** What a packet that the control thread hands to a worker is: meta->reason on the inject ring. */
enum inject_kind {
	INJECT_FRAME, /**< ready, with its link header: to the port of meta->iface */
	INJECT_IP4, /**< an IPv4 packet to be routed */
	INJECT_IP6, /**< an IPv6 packet to be routed; a link-local one by meta->iface */
	INJECT_ERROR4, /**< an IPv4 packet that could not go on: meta->icmp_* says what to answer */
	INJECT_ERROR6,
};

/** What a packet that a worker gives to another, whose socket it is for, is: meta->reason. */
enum handover_kind {
	HANDOVER_UDP, /**< a datagram */
	HANDOVER_UDP_ERROR, /**< an ICMP error about one */
	HANDOVER_TCP, /**< a segment */
	HANDOVER_TCP_FOLLOWS, /**< a SYN after one in TIME-WAIT, whose numbers end at meta->icmp_rest */
	HANDOVER_TCP_ERROR, /**< an ICMP error about one */
	HANDOVER_SCTP, /**< a packet of SCTP */
	HANDOVER_SCTP_ERROR, /**< an ICMP error about one */
	HANDOVER_SCTP_ENCAPSULATED, /**< a packet of SCTP in UDP: RFC 6951 */
	HANDOVER_SCTP_ENCAPSULATED_ERROR, /**< an ICMP error about one */
};

enum pkt_flag {
	PKT_ORIGINATED = 1 << 0, /**< made here: by the control thread or in answer to a packet */
	PKT_INJECTED = 1 << 2, /**< came (back) from the control thread */
	PKT_IP4_OPTIONS = 1 << 3, /**< options that ip4_output has to fill in */
	PKT_TO_CUT = 1 << 4, /**< too big for its way: to be cut to the MTU of meta->icmp_rest */
	PKT_L2_GROUP = 1 << 1, /**< came in a link-layer broadcast or multicast */
	PKT_ABOUT_OURS = 1 << 5, /**< an ICMP error about a packet that a socket here has sent */
	PKT_DONT_CUT = 1 << 6, /**< made here, and not to be cut here either: IPv6 has no DF */
	PKT_PROBE = 1 << 7, /**< made here to find out: what is known of its path does not count */
};

/** No interface: a packet that was made here. */
#define PKT_IFACE_NONE UINT16_MAX

/** What spate knows of a packet beyond the mbuf's fields. Set whole by pkt_meta_init(). */
struct pkt_meta {
	uint32_t nexthop; /**< id, by the FIB's or a group's choice; host order */
	uint16_t iface; /**< index of the interface that it came in by, or PKT_IFACE_NONE */
	uint16_t tx_port; /**< index of the port to send it to, from ether_output on */
	uint8_t flags; /**< enum pkt_flag */
	uint8_t reason; /**< enum drop_reason, punt_reason, inject_kind or handover_kind */
	uint8_t trace; /**< its record in the worker's trace buffer + 1; 0: not traced */
	uint8_t worker; /**< that punted it, or that it is handed over to */
	uint8_t icmp_type; /**< of the error to send, in the error vector */
	uint8_t icmp_code;
	bool ce; /**< put together of fragments, one of which was marked: RFC 3168 5.3 */
	uint8_t vrf; /**< that its addresses are of: of the interface that it came in by */
	uint32_t
		icmp_rest; /**< of the error to send: bytes 4..7, MTU or pointer, host order; or the
			    MTU to cut it to; or of HANDOVER_TCP_FOLLOWS */
} __attribute__((aligned(4)));

static_assert(sizeof(struct pkt_meta) == 20, "pkt_meta: at most 32 bytes of the dynamic fields");

/**
 * Offset of struct pkt_meta in an mbuf. Written once by pkt_init(), before any worker runs. Hidden
 * where it is declared, too, so that every use reads it straight.
 */
extern int pkt_meta_offset __attribute__((visibility("hidden")));

/**
 * In ol_flags of a packet with RTE_MBUF_F_TX_TCP_SEG: what is in front of the data of each of its
 * buffers is the packet's to write to, whoever else has a part in the data. Written once by pkt_init().
 */
extern uint64_t pkt_headroom_flag __attribute__((visibility("hidden")));

/**
 * Register the metadata with DPDK. Once a process, after rte_eal_init(); further calls find it done.
 * @return 0 or -errno
 */
int pkt_init(void);

static inline struct pkt_meta *
pkt_meta(const struct rte_mbuf *pkt)
{
	return RTE_MBUF_DYNFIELD(pkt, pkt_meta_offset, struct pkt_meta *);
}

static inline void
pkt_meta_init(struct rte_mbuf *pkt, uint16_t iface, uint8_t flags)
{
	*pkt_meta(pkt) = (struct pkt_meta){ .iface = iface, .flags = flags };
}

static inline void
pkt_vec_append(struct pkt_vec *vec, struct rte_mbuf *pkt)
{
	RTE_ASSERT(vec->count < PKT_VEC_MAX);
	vec->pkts[vec->count++] = pkt;
}

/** The only way to give a packet up: it joins the drop vector with its reason. */
static inline void
pkt_drop(struct pkt_vec *drops, struct rte_mbuf *pkt, enum drop_reason reason)
{
	pkt_meta(pkt)->reason = reason;
	pkt_vec_append(drops, pkt);
}

static inline void
pkt_punt(struct pkt_vec *punts, struct rte_mbuf *pkt, enum punt_reason reason)
{
	pkt_meta(pkt)->reason = reason;
	pkt_vec_append(punts, pkt);
}

/** First byte of the network header. */
#define pkt_l3(pkt, type) rte_pktmbuf_mtod_offset(pkt, type, (pkt)->l2_len)

/** Bytes of the packet from the network header on. */
static inline uint32_t
pkt_l3_length(const struct rte_mbuf *pkt)
{
	return pkt->pkt_len - pkt->l2_len;
}

/** Of a packet in several segments. */
void pkt_trim_segments(struct rte_mbuf *pkt, uint32_t excess);

/** Cut off the last bytes, fewer than the packet has. */
static inline void
pkt_trim(struct rte_mbuf *pkt, uint32_t excess)
{
	if (likely(pkt->nb_segs == 1)) {
		pkt->pkt_len -= excess;
		pkt->data_len -= (uint16_t)excess;
	} else {
		pkt_trim_segments(pkt, excess);
	}
}

/** Copy `length` bytes from `offset`, which the packet must have, whatever its segments. */
static inline void
pkt_copy_out(const struct rte_mbuf *pkt, uint32_t offset, uint32_t length, void *to)
{
	const void *from = rte_pktmbuf_read(pkt, offset, length, to);

	if (from != to)
		memcpy(to, from, length);
}

/**
 * Internet checksum's sum over `length` bytes from `offset`, which the packet must have, whatever
 * its segments. For checksum_fold() and checksum_finish().
 */
uint64_t pkt_sum(const struct rte_mbuf *pkt, uint32_t offset, uint32_t length);
/** SCTP's checksum over them, likewise, as it stands in a packet. */
uint32_t pkt_crc32c(const struct rte_mbuf *pkt, uint32_t offset, uint32_t length);

#endif
