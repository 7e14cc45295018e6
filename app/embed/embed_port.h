/* SPDX-License-Identifier: BSD-3-Clause */
/* Ports whose other end is the program, which hands frames in and takes frames out. */
#ifndef EMBED_EMBED_PORT_H
#define EMBED_EMBED_PORT_H

#include "embed/spate.h"
#include "port/port.h"

#define EMBED_QUEUE_SIZE 1024 /* a power of 2 */
/* Of a link header, with two VLAN tags. */
#define EMBED_LINK_HDR_MAX (SPATE_FRAME_MAX - SPATE_MTU_MAX)

_Static_assert(SPATE_MTU_MAX == PORT_MTU_MAX, "what a port can carry");

struct embed_queue {
	uint32_t head, tail;
	struct rte_mbuf *pkts[EMBED_QUEUE_SIZE];
};

struct embed_port {
	struct port *port;
	struct rte_mempool *pool; /* of the packets that come in */
	struct embed_queue in, out;
};

/* To the program every frame goes as it is. args: the port's MAC address */
extern const struct port_ops embed_ethernet_ops;
/* To the program go IP packets only; the link itself answers ARP and ND (embed_ip.c). */
extern const struct port_ops embed_ip_ops;

/* @return false: there is no room, and the packet is still the caller's */
bool embed_queue_put(struct embed_queue *queue, struct rte_mbuf *pkt);

/* Let a frame come in, whose first bytes are in `hdr`. @return 0 or -ENOBUFS */
int embed_port_receive(struct embed_port *embed, const void *hdr, size_t hdr_length,
	const void *bytes, size_t length);

/* @return the oldest frame that was sent, which stays there; NULL: there is none */
struct rte_mbuf *embed_port_sent(const struct embed_port *embed);
void embed_port_sent_free(struct embed_port *embed);

/* ---- embed_ip.c ---- */

/* The link header that an IP packet is given. @return false: it is no IP packet */
bool embed_ip_link_hdr(
	const struct embed_port *embed, const uint8_t *packet, uint8_t hdr[ETHER_HDR_LENGTH]);
/* A frame leaves by a link of IP packets. @return false: there is no room for it */
bool embed_ip_send(struct embed_port *embed, struct rte_mbuf *pkt);

#endif
