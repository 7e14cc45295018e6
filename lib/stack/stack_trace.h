/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Packet traces: which stages a packet went through. Part of stack.h.
 */
#ifndef STACK_STACK_TRACE_H
#define STACK_STACK_TRACE_H

#include "stack/stack.h"

#define TRACE_PACKETS_MAX 250
#define TRACE_VRF_ANY     UINT16_MAX
/** Which packets to trace; zero fields match all. */
struct trace_filter {
	uint16_t iface; /**< IFACE_NONE: any */
	uint16_t vrf; /**< TRACE_VRF_ANY: any */
	uint8_t proto; /**< IANA number */
	struct ip_prefix src, dst; /**< family IP_FAMILY_NONE: any */
};

#define TRACE_STEPS_MAX 16
#define TRACE_BYTES_MAX 96

struct trace_step {
	uint8_t stage;
	uint8_t reason; /**< of drop and punt */
	uint16_t tx_port;
	uint32_t nexthop;
	uint32_t cycles; /**< since the first step */
};

struct trace_record {
	uint64_t start_tsc;
	uint16_t iface, vrf; /**< as it came in */
	uint16_t length; /**< of the packet */
	uint8_t worker;
	uint8_t step_count;
	bool finished; /**< left by tx, drop or punt */
	uint8_t byte_count;
	struct trace_step steps[TRACE_STEPS_MAX];
	uint8_t bytes[TRACE_BYTES_MAX]; /**< as it came in */
};

/** Trace the next `count` packets that match, on each worker. -ENOSPC above TRACE_PACKETS_MAX. */
int stack_trace_add(
	struct stack *stack, unsigned count, const struct trace_filter *filter, struct error *err);
/** Copy what was traced. @return records written, at most `max` */
unsigned stack_trace_get(struct stack *stack, struct trace_record *records, unsigned max);
void stack_trace_clear(struct stack *stack);

#endif
