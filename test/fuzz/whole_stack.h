/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A whole stack for fuzz targets: routes, groups and addresses of both families, VLANs, an interface
 * that configures itself; and frames for it, of which checksums may be mended.
 */
#ifndef FUZZ_WHOLE_STACK_H
#define FUZZ_WHOLE_STACK_H

#include <stddef.h>
#include <stdint.h>

#include "support/stack_fixture.h"

#define FUZZ_PORTS     4
#define FUZZ_FRAME_MAX 4096
/** Lets all rate limits, and the reassembly, forget what was before. */
#define FUZZ_FLUSH_NS IP_REASSEMBLY_TIMEOUT_NS

/** A byte of the input. */
enum fuzz_choice {
	FUZZ_PORT = 3, /**< mask */
	FUZZ_MEND_IP = 4, /**< IPv4's header checksum is made right */
	FUZZ_MEND_L4 = 8, /**< ICMP's and ICMPv6's */
	FUZZ_HASH = 16, /**< the port gives a hash */
	FUZZ_AGE = 32, /**< then time passes: what is held for a neighbour gives up */
};

/** Start EAL, make the stack; gone at the process's end. Router advertisements are taken on p3. */
struct stack_fixture *fuzz_stack_create(void);
/** Bytes in front of a frame's IP header: a link header with its tags. */
size_t fuzz_ip_offset(const uint8_t *frame, size_t length);
/** Let a frame arrive, mended, as `choice` says. `cut` 0: in one piece; else pieces of so many bytes. */
void fuzz_stack_inject(
	struct stack_fixture *f, const uint8_t *frame, size_t length, uint8_t choice, uint8_t cut);
/** Forget all that packets taught; what was sent stays to be taken. */
void fuzz_stack_forget(struct stack_fixture *f);
/** Once all that was sent was freed: no packet is lost. */
void fuzz_stack_check_empty(const struct stack_fixture *f);

#endif
