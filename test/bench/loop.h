/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A stack with one worker on a port without a device: what is received the caller makes, and what is sent he
 * sees. The clock is his, and so is the application. For tcp_peers.c and sctp_peers.c.
 *
 * What he takes is not counted: cycles are the worker's own.
 */
#ifndef BENCH_LOOP_H
#define BENCH_LOOP_H

#include "apps.h"
#include "stack/stack.h"
#include "stack/worker.h"

#define LOOP_MTU 1500
/* Of the stack, beside which is who has all other addresses. */
#define LOOP_ADDR4 0x0a000001U /* 10.0.0.1 */
#define LOOP_ADDR6 "2001:db8::1"
/* Ethernet header of what is received, and room for an IP header. */
#define LOOP_HEADERS4 (ETHER_HDR_LENGTH + 20U)
#define LOOP_HEADERS6 (ETHER_HDR_LENGTH + 40U)

struct loop_config {
	uint32_t sockets, assocs, mbufs; /* of the worker */
	uint32_t offloads; /* of the port: enum port_offload */
	const char *addr4, *gateway4; /* NULL: 10.0.0.1/24, 10.0.0.2 */
	const struct sock_app_ops *app;
	struct app_config app_config;
	void *app_state; /* if it is not one of apps.h */
	/* Make a frame. @return false: there is nothing to be received */
	bool (*rx)(void *arg, uint8_t *frame, uint32_t *length);
	/* It was sent, and stays the loop's. */
	void (*tx)(void *arg, const struct rte_mbuf *pkt);
	void *arg;
};

struct loop {
	struct loop_config config;
	struct stack *stack;
	struct worker *worker;
	struct sock_app *app;
	uint64_t now_ns;
	uint64_t port_cycles; /* spent by the caller */
};

/* Ends the program, and says why, if it cannot. EAL runs. */
struct loop *loop_create(const struct loop_config *config);
void loop_destroy(struct loop *loop);

/* One loop of the worker. @return its own cycles */
uint64_t loop_poll(struct loop *loop);

/* Write Ethernet and IP header of a frame to LOOP_ADDR4 or another. @return the length of both */
uint32_t loop_frame4(
	uint8_t *frame, uint8_t proto, uint32_t src, uint32_t dst, uint32_t payload_length);
uint32_t loop_frame6(uint8_t *frame, uint8_t proto, const uint8_t src[16], uint32_t payload_length);

/* Ends the program. */
__attribute__((noreturn, format(printf, 1, 2))) void loop_die(const char *format, ...);

#endif
