/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Ports of a stack: their queues, RSS and steering rules, under traffic. Part of stack.h.
 */
#ifndef STACK_STACK_PORT_H
#define STACK_STACK_PORT_H

#include "stack/stack.h"

/**
 * Open a device, set up its queues, give them to workers, make the interface of the same name, and
 * start it. Other ports carry traffic meanwhile.
 */
int stack_port_add(struct stack *stack, const struct port_ops *ops, const char *name,
	const char *args, const struct port_config *config, struct error *err);
/** Stop and close; its interface, addresses and neighbours go with it. -EBUSY: routes use it. */
int stack_port_remove(struct stack *stack, const char *name, struct error *err);
int stack_port_up(struct stack *stack, const char *name, struct error *err);
int stack_port_down(struct stack *stack, const char *name, struct error *err);
int stack_port_set_mtu(struct stack *stack, const char *name, uint16_t mtu, struct error *err);
/** Receive what is sent to others, too: it is dropped, but captures see it. */
int stack_port_set_promiscuous(struct stack *stack, const char *name, bool on, struct error *err);
/**
 * Receive all multicast, as ports do at first, or only what the interfaces on the port listen to.
 * -ENOTSUP: the device cannot tell
 */
int stack_port_set_allmulticast(struct stack *stack, const char *name, bool on, struct error *err);
/** Change the MAC address of a port and of the interfaces on it; neighbours are told. */
int stack_port_set_mac(
	struct stack *stack, const char *name, const struct mac_addr *mac, struct error *err);
/**
 * Be reached by one more MAC address: PORT_MAC_MAX at most.
 * @return 0, -EEXIST, -EINVAL for one that no port can have, -ENOSPC, or the driver's error
 */
int stack_port_mac_add(
	struct stack *stack, const char *name, const struct mac_addr *mac, struct error *err);
int stack_port_mac_remove(
	struct stack *stack, const char *name, const struct mac_addr *mac, struct error *err);
/**
 * Change how many queues a port has. Fewer rx queues, and again as many as were set up, without loss
 * where the port has a redirection table; other changes stop the port for a moment.
 * @param txq_count 0: as it is
 */
int stack_port_set_queues(struct stack *stack, const char *name, uint16_t rxq_count,
	uint16_t txq_count, struct error *err);
/** Which worker polls an rx queue. */
unsigned stack_rxq_worker(const struct stack *stack, const struct port *port, uint16_t queue);
/** Which worker's is a tx queue; UINT_MAX: nobody's. */
unsigned stack_txq_worker(const struct stack *stack, const struct port *port, uint16_t queue);
/**
 * Give an rx queue to another worker, under traffic: it is polled by nobody until what came out of
 * it before was sent, so that nothing is lost or reordered. It stays there over down and up.
 */
int stack_rxq_set_worker(
	struct stack *stack, const char *name, uint16_t queue, unsigned worker, struct error *err);

/**
 * Change a port's RSS under traffic: nothing is lost, no flow reordered (stack_rss.c says how).
 * -ENOTSUP: the device has none.
 * @{
 */
/** @param reta as many entries as port->rss.reta_size */
int stack_rss_set_reta(
	struct stack *stack, const char *name, const uint16_t *reta, struct error *err);
/** @param length port->rss.key_length */
int stack_rss_set_key(struct stack *stack, const char *name, const uint8_t *key, unsigned length,
	struct error *err);
/** The key that makes both directions of a flow hash alike; or the flow hash's key again. */
int stack_rss_set_symmetric(
	struct stack *stack, const char *name, bool symmetric, struct error *err);
/** @param fields enum port_rss_field */
int stack_rss_set_fields(struct stack *stack, const char *name, uint32_t fields, struct error *err);
/** @} */

/**
 * Software RSS for a port without its own: whoever polls the port gives each packet to the worker
 * that its hash and a table of workers say. Then the functions above set it. -EEXIST: it has RSS.
 */
int stack_rss_set_software(struct stack *stack, const char *name, bool on, struct error *err);

/**
 * Count the packets of each bucket, in port->buckets, or no more: some cycles a packet.
 * -ENOTSUP: the port's packets carry no hash.
 */
int stack_rss_count(struct stack *stack, const char *name, bool on, struct error *err);

/**
 * Steering rules: they lead packets to a queue, or to a worker, before RSS does. By the device where
 * it can; else by whoever polls the port: then a queue stands for its worker. Under traffic nothing
 * is lost, and no flow reordered. A rule stays over down and up.
 * @{
 */
/**
 * @param rule match, priority, target, and id or PORT_FLOW_ID_ANY
 * @return 0; -EINVAL: a contradiction, or no such queue or worker; -EEXIST: there is one for the same
 *         packets, or of the id; -ENOSPC
 */
int stack_flow_add(struct stack *stack, const char *port, const struct port_flow_rule *rule,
	uint32_t *id, struct error *err);
int stack_flow_remove(struct stack *stack, const char *port, uint32_t id, struct error *err);
/** Packets that a rule has led. @return false: the device does not count them */
bool stack_flow_hits(struct port *port, const struct port_flow_rule *rule, uint64_t *packets);
/** @} */

/** Where the packets of a flow go, that come in on a port. */
struct stack_rss_way {
	bool hardware; /**< the port hashes, or does what the rule says */
	const struct port_flow_rule *rule; /**< a steering rule that decides; NULL: RSS does */
	bool hashed; /**< by the fields that are on; without any RSS: by the flow hash */
	uint32_t hash;
	unsigned bucket; /**< UINT_MAX: none, or not known */
	unsigned queue; /**< UINT_MAX: not known: the device chooses by itself */
	unsigned worker; /**< UINT_MAX: not known, or the port is down */
};
/** @param vlan of the one tag that the packets have; 0: none */
void stack_rss_predict(const struct stack *stack, const struct port *port,
	const struct ip_flow *flow, uint16_t vlan, struct stack_rss_way *way);

#endif
