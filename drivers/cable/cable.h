/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A cable: two NICs of this process whose wires are joined, each a port of a stack.
 *
 *     stack_port_add(stack_a, &cable_port_ops, "p0", "end a peer b", &config, &err);
 *     stack_port_add(stack_b, &cable_port_ops, "p0", "end b peer a", &config, &err);
 *
 * Arguments, in any order, the first one needed:
 *
 *     peer NAME        the other end. Until it is there the link is down
 *     end NAME         this end; without it, the port's name
 *     key 40|52        bytes of the RSS key: 40
 *     offloads LIST    of port_offload_name(), as "rx-ipv4-checksum,tx-tso"; "all"; "none".
 *                      Without it, all but rx-lro
 *
 * Ends are found by name in the whole process, so that each stack may have one. An end has up to
 * CABLE_QUEUE_MAX queues each way and a redirection table of CABLE_RETA_SIZE buckets. What it
 * receives is in packet buffers of its own queue's pool; what it sends is free as soon as it is on
 * the wire: no packet buffer ever goes from one end to the other.
 *
 * Control functions are for the control thread of the port's stack. If both ends are of different
 * stacks with control threads of their own, each end is its thread's.
 */
#ifndef CABLE_CABLE_H
#define CABLE_CABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "port/port.h"

#define CABLE_QUEUE_MAX   16
#define CABLE_RETA_SIZE   128
#define CABLE_RXD_DEFAULT 512
#define CABLE_RXD_MIN     32
#define CABLE_RXD_MAX     32768

/** The largest frame: with two VLAN tags. */
#define CABLE_FRAME_MAX (PORT_MTU_MAX + ETHER_HDR_LENGTH + VLAN_TAGS_MAX * VLAN_TAG_LENGTH)

extern const struct port_ops cable_port_ops;

/** Why a frame was lost. */
enum cable_lost {
#define CABLE_LOST(name, help) CABLE_LOST_##name,
#include "cable/cable_lost.def"
#undef CABLE_LOST
	CABLE_LOST_COUNT
};

const char *cable_lost_name(enum cable_lost lost);

/** What became of the frames that an end sent: sent = delivered + lost. */
struct cable_counters {
	uint64_t sent, sent_bytes; /**< frames put on the wire: of a TSO packet, its segments */
	uint64_t refused; /**< packets never sent: larger than the MTU, or not to be segmented */
	uint64_t delivered, delivered_bytes; /**< into a receive queue of the peer */
	uint64_t lost[CABLE_LOST_COUNT];
};

/** Whether the functions below can be used. */
static inline bool
port_is_cable(const struct port *port)
{
	return port->ops == &cable_port_ops;
}

/** The counters of what a port sent, since it was added. */
void cable_counters(const struct port *port, struct cable_counters *counters);

/** Pull the cable out of a port, or plug it in again: the link of both ends goes down and up. */
void cable_plug(struct port *port, bool plugged);
bool cable_is_plugged(const struct port *port);

/** Names of the end and of its peer, as open() was told. */
const char *cable_end_name(const struct port *port);
const char *cable_peer_name(const struct port *port);

#endif
