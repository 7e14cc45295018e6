/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A part of stack.h: which connections of TCP or associations of SCTP are meant.
 */
#ifndef STACK_STACK_FILTER_H
#define STACK_STACK_FILTER_H

#include "stack/stack.h"

#define STACK_VRF_ANY UINT16_MAX

/** What is 0, or of no family, matches all. */
struct stack_filter {
	uint16_t vrf; /**< STACK_VRF_ANY: all */
	struct ip_prefix local, remote; /**< of SCTP: of one of its paths */
	uint16_t local_port, remote_port;
	uint16_t states; /**< bit an enum tcp_state or sctp_state */
	uint32_t tag; /**< of SCTP: ours */
};

#endif
