/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A few frames, and time between them, through a stack: what needs more than one to go wrong, such as
 * neighbours, fragments, path MTUs, routers that come and go. Tables keep their bounds, no packet is
 * lost, and in the end all is forgotten.
 *
 * Each frame is preceded by STEP_BYTES: what is mended (enum fuzz_choice), how it is cut, the time
 * before it, its length in two bytes.
 */
#include <rte_mbuf.h>

#include "fuzz/eal.h"
#include "fuzz/fuzz.h"
#include "fuzz/whole_stack.h"
#include "stack/worker.h"

#define STEP_BYTES 5
#define FRAMES_MAX 16

static struct stack_fixture *f;
static unsigned routes;
static unsigned nexthops;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	f = fuzz_stack_create();
	fuzz_stack_forget(f);
	routes = stack_fixture_routes(f);
	nexthops = stack_fixture_nexthops(f);
	return 0;
}

static void
sent_free(void)
{
	struct rte_mbuf *pkt;

	for (unsigned port = 0; port < FUZZ_PORTS; port++) {
		while ((pkt = stack_fixture_take(f, port)) != NULL) {
			rte_mbuf_sanity_check(pkt, 1);
			rte_pktmbuf_free(pkt);
		}
	}
}

/* Time, of which the largest byte is a minute: the small steps count most. */
static uint64_t
pause_ns(uint8_t byte)
{
	return (uint64_t)byte * byte * 1000000ULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (unsigned i = 0; i < FRAMES_MAX && size > STEP_BYTES; i++) {
		size_t length = (size_t)data[3] | (size_t)data[4] << 8;

		if (length > size - STEP_BYTES || length > FUZZ_FRAME_MAX)
			length = RTE_MIN(size - STEP_BYTES, (size_t)FUZZ_FRAME_MAX);
		if (length == 0)
			break;
		f->now_ns += pause_ns(data[2]);
		stack_fixture_run(f);
		fuzz_stack_inject(f, data + STEP_BYTES, length, data[0], data[1]);
		sent_free();
		data += STEP_BYTES + length;
		size -= STEP_BYTES + length;
	}
	fuzz_stack_forget(f);
	sent_free();
	fuzz_stack_check_empty(f);
	fuzz_check(stack_fixture_routes(f) == routes, "a route stays");
	fuzz_check(stack_fixture_nexthops(f) == nexthops, "a nexthop stays");
	return 0;
}
