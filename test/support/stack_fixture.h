/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A whole stack on port doubles, for tests: driven by hand on a virtual clock, or with threads.
 *
 *     struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ .ports = 2 });
 *     stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.2");
 *     stack_fixture_run(f);
 *     stack_fixture_expect(f, 1, .src = "10.0.0.2", .dst = "10.0.1.2", .ttl = 63);
 *     stack_fixture_destroy(f);
 *
 * Port I is "pI" with the MAC address 02:00:00:00:01:0I and the addresses 10.0.I.1/24 and
 * 2001:db8:I::1/64. Behind it 10.0.I.2 to 10.0.I.5 and 2001:db8:I::2 to ::5 are known, with the MAC
 * addresses 02:00:00:00:02:0I, 02:00:00:00:03:0I and so on. Every run and the end of the fixture
 * check that packets in = packets out, and the end that no packet is lost.
 */
#ifndef SUPPORT_STACK_FIXTURE_H
#define SUPPORT_STACK_FIXTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "stack/stack.h"
#include "support/packet.h"
#include "support/port_double.h"

#define STACK_FIXTURE_PORTS  8
#define STACK_FIXTURE_NEIGHS 4

/** 0: what suits. */
struct stack_fixture_config {
	unsigned workers; /**< 1 */
	unsigned ports; /**< 2 */
	uint16_t rxqs, txqs; /**< one a worker */
	uint32_t mbufs; /**< a worker: 4096 */
	uint32_t held_max; /**< packets held for neighbours: 256 */
	uint32_t offloads_off; /**< enum port_offload that ports do not have */
	bool bare; /**< no addresses, no neighbours */
	bool strangers; /**< no neighbours */
	bool announce; /**< new addresses are told of */
	bool dad; /**< and those of IPv6 are tentative first */
	bool mld; /**< and their groups reported */
	uint64_t seed; /**< of the stack; 0: none */
	char stable_secret[STACK_SECRET_MAX]; /**< of stack_nd_config; "": a random one */
	bool threads; /**< workers run on lcores 1.. (test_eal_setup_lcores()) */
};

struct stack_fixture {
	struct stack_fixture_config config;
	struct stack *stack;
	struct port_double *wires[STACK_FIXTURE_PORTS];
	struct rte_mempool *pool; /**< worker 0's: for the packets that come in */
	uint64_t now_ns;
};

struct stack_fixture *stack_fixture_create(const struct stack_fixture_config *config);
/** Fails the test if packets in are not packets out, or if one is lost. */
void stack_fixture_destroy(struct stack_fixture *fixture);

/** "192.0.2.0/24", "10.0.1.2 10.0.1.3*7": gateways with weights; "dev p1"; "blackhole". */
void stack_fixture_route(struct stack_fixture *fixture, const char *prefix, const char *to);
void stack_fixture_unroute(struct stack_fixture *fixture, const char *prefix);
void stack_fixture_addr(struct stack_fixture *fixture, const char *iface, const char *addr);
void stack_fixture_unaddr(struct stack_fixture *fixture, const char *iface, const char *addr);
void stack_fixture_neigh(
	struct stack_fixture *fixture, const char *iface, const char *addr, const char *mac);

/** Let a packet arrive on queue 0 of a port. The fields of struct packet follow. */
#define stack_fixture_rx(fixture, port, ...) \
	stack_fixture_inject(fixture, port, PACKET(__VA_ARGS__))
void stack_fixture_inject(
	struct stack_fixture *fixture, unsigned port, const struct packet *packet);
/** Poll workers and control until nothing moves any more. */
void stack_fixture_run(struct stack_fixture *fixture);
/** When the stack has something to do next, if nothing comes in. UINT64_MAX: never. */
uint64_t stack_fixture_next_ns(const struct stack_fixture *fixture);
/** Let time pass, in steps of 10 ms. */
void stack_fixture_advance(struct stack_fixture *fixture, unsigned ms);

/** The oldest packet that was sent by a port, of any queue; NULL: none. */
struct rte_mbuf *stack_fixture_take(struct stack_fixture *fixture, unsigned port);
/** It must be this one: from the port, which is filled in, and as the fields that follow say. */
#define stack_fixture_expect(fixture, port, ...) \
	stack_fixture_expect_at(fixture, port, PACKET(__VA_ARGS__), __FILE__, __LINE__)
void stack_fixture_expect_at(struct stack_fixture *fixture, unsigned port,
	const struct packet *expected, const char *file, int line);
/** Nothing that was sent is left to be taken. */
void stack_fixture_expect_silence(const struct stack_fixture *fixture);

/** What came, went and stayed over all workers, after checking that it adds up. */
struct flow_stats stack_fixture_flow(const struct stack_fixture *fixture);
uint64_t stack_fixture_drops(const struct stack_fixture *fixture, enum drop_reason reason);
/** Drops of any reason. */
uint64_t stack_fixture_drops_all(const struct stack_fixture *fixture);
/** Nexthop ids in use, those that are always there apart. */
unsigned stack_fixture_nexthops(const struct stack_fixture *fixture);
/** Routes of any source. */
unsigned stack_fixture_routes(const struct stack_fixture *fixture);

#endif
