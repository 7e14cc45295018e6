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
 *     flight N         frames that may be on their way: CABLE_FLIGHT_DEFAULT
 *     offloads LIST    of port_offload_name(), as "rx-ipv4-checksum,tx-tso"; "none"; "all", as
 *                      without it: all but rx-lro, which is of no use to a router
 *
 * Ends are found by name in the whole process, so that each stack may have one. An end has up to
 * CABLE_QUEUE_MAX queues each way and a redirection table of CABLE_RETA_SIZE buckets. What it
 * receives is in packet buffers of its own queue's pool; what it sends is free as soon as it is on
 * the wire: no packet buffer ever goes from one end to the other. A receive queue has a descriptor
 * for each packet that waits; of a transmit queue one call takes as many buffers as it has.
 * Numbers of descriptors are brought between CABLE_RXD_MIN and CABLE_RXD_MAX.
 *
 * A direction without impairments has no lock: the sender's worker puts frames into the receiver's
 * queues. One with impairments is one wire for all queues, and has one. Frames that take their time
 * are delivered when a worker of either end comes by after it is up.
 *
 * Control functions are for the control thread of the port's stack. If both ends are of different
 * stacks with control threads of their own, each end is its thread's.
 */
#ifndef CABLE_CABLE_H
#define CABLE_CABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "cable/cable_impair.h"
#include "port/port.h"
#include "wire/vlan.h"

#define CABLE_QUEUE_MAX      16
#define CABLE_RETA_SIZE      128
#define CABLE_RXD_DEFAULT    512
#define CABLE_RXD_MIN        32
#define CABLE_RXD_MAX        32768

#define CABLE_FLIGHT_DEFAULT 4096
#define CABLE_FLIGHT_MIN     16
#define CABLE_FLIGHT_MAX     1048576

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

/** What became of the frames that an end sent: sent + duplicated = delivered + lost + in_flight. */
struct cable_counters {
	uint64_t sent, sent_bytes; /**< frames put on the wire: of a TSO packet, its segments */
	/** Packets never sent: larger than the MTU, not to be segmented, of more buffers than a
	 * queue has descriptors. */
	uint64_t refused;
	uint64_t delivered, delivered_bytes; /**< into a receive queue of the peer */
	uint64_t lost[CABLE_LOST_COUNT];
	uint64_t in_flight; /**< now */
	/* What impairments did beside losing frames. */
	uint64_t duplicated; /**< frames that were not sent */
	uint64_t corrupted_before, corrupted_after, truncated;
	uint64_t reordered; /**< held back */
	uint64_t marked; /**< by CoDel */
};

/** What an observer sees. */
enum cable_event_kind {
	CABLE_EVENT_SENT,
	CABLE_EVENT_DUPLICATED,
	CABLE_EVENT_DELIVERED,
	CABLE_EVENT_LOST,
};
struct cable_event {
	enum cable_event_kind kind;
	enum cable_lost lost; /**< of CABLE_EVENT_LOST */
	uint64_t time_ns; /**< of the cable's clock */
	const uint8_t *frame;
	uint32_t length;
};
/** Called for each frame that a port sends, on the workers' threads; on the control thread for what
 * is lost on its way when a link goes down. */
struct cable_tap {
	void (*event)(void *arg, const struct cable_event *event);
	void *arg;
};

/** Whether the functions below can be used. */
static inline bool
port_is_cable(const struct port *port)
{
	return port->ops == &cable_port_ops;
}

/** The counters of what a port sent, since it was added. */
void cable_counters(const struct port *port, struct cable_counters *counters);

/**
 * What happens from now on to what a port sends. Frames that are on their way already go on as they
 * were sent. Those sent from now on may overtake them.
 * @return 0, -EINVAL (out of range, no filter), -ENOMEM
 */
int cable_impair_set(struct port *port, const struct cable_impair *impair, struct error *err);
void cable_impair_get(const struct port *port, struct cable_impair *impair);

/** Observe what a port sends. @param tap stays valid until another one is set; NULL: nobody looks */
void cable_tap_set(struct port *port, const struct cable_tap *tap);

/** The cable's clock, of both ends, before anything is sent. It is the CPU's if nobody says. */
void cable_clock_set(struct port *port, uint64_t (*now_ns)(void *arg), void *arg);
/** When a frame on its way to a port comes on: a worker should poll the port then. UINT64_MAX: no
 * frame is under way. */
uint64_t cable_next_event_ns(const struct port *port);

/** Pull the cable out of a port, or plug it in again: the link of both ends goes down and up. */
void cable_plug(struct port *port, bool plugged);
bool cable_is_plugged(const struct port *port);

/** Names of the end and of its peer, as open() was told. */
const char *cable_end_name(const struct port *port);
const char *cable_peer_name(const struct port *port);

#endif
