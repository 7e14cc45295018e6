/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The whole input path: one received frame through a stack, once by the fast path and once by the
 * stages. Both must do the same, each packet in must be a packet out, and none may be lost.
 *
 * Byte 0 chooses the port and what is mended (enum fuzz_choice), byte 1 how the frame is cut into
 * segments; the frame follows.
 */
#include <rte_mbuf.h>

#include "fuzz/eal.h"
#include "fuzz/fuzz.h"
#include "fuzz/whole_stack.h"
#include "stack/worker.h"

/* What became of an input: enough to tell two runs apart. */
struct outcome {
	uint64_t frames, bytes, hash;
	uint64_t drops[DROP_REASON_COUNT];
};

static struct stack_fixture *f;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	f = fuzz_stack_create();
	return 0;
}

/* Two runs are at different times, which timestamp options tell, also where an error quotes them. */
static void
options_forget(uint8_t *ip, size_t length)
{
	size_t hdr_length = (ip[0] & 0xfU) * 4;

	if (length < IP4_HDR_LENGTH || ip[0] >> 4 != 4 || hdr_length > length)
		return;
	if (hdr_length > IP4_HDR_LENGTH) {
		memset(ip + 10, 0, 2);
		memset(ip + IP4_HDR_LENGTH, 0, hdr_length - IP4_HDR_LENGTH);
	} else if (ip[9] == IP_PROTO_ICMP && length >= 28 + IP4_HDR_LENGTH &&
		icmp4_type_is_error(ip[20])) {
		memset(ip + 22, 0, 2);
		options_forget(ip + 28, length - 28);
	}
}

static void
outcome_add(struct outcome *outcome, unsigned port, struct rte_mbuf *pkt)
{
	static uint8_t frame[PACKET_MAX];
	size_t length = packet_bytes(pkt, frame), ip = fuzz_ip_offset(frame, length);

	rte_mbuf_sanity_check(pkt, 1);
	/* What the control thread asks or tells all on a link depends on the clock. */
	if ((frame[0] & 1) != 0) {
		rte_pktmbuf_free(pkt);
		return;
	}
	if (length > ip + IP4_HDR_LENGTH)
		options_forget(frame + ip, length - ip);
	outcome->frames++;
	outcome->bytes += length;
	outcome->hash = (outcome->hash ^ port) * 0x100000001b3ULL;
	for (size_t i = 0; i < length; i++)
		outcome->hash = (outcome->hash ^ frame[i]) * 0x100000001b3ULL;
	rte_pktmbuf_free(pkt);
}

static void
outcome_collect(struct outcome *outcome)
{
	struct rte_mbuf *pkt;

	for (unsigned port = 0; port < FUZZ_PORTS; port++) {
		while ((pkt = stack_fixture_take(f, port)) != NULL)
			outcome_add(outcome, port, pkt);
	}
}

static struct outcome
run(const uint8_t *frame, size_t length, uint8_t choice, uint8_t cut, bool stages_only)
{
	/* While a trace is wanted all packets go through the stages; this one never is found. */
	const struct trace_filter never = { .iface = IFACE_NONE - 1 };
	struct outcome outcome = { 0 };

	stack_trace_clear(f->stack);
	if (stages_only)
		fuzz_check(stack_trace_add(f->stack, 1, &never, NULL) == 0, "no trace");
	stack_drops_clear(f->stack);
	ip_id_init(&f->stack->workers[0]->ip.ids, 1, 0, 1);
	fuzz_stack_inject(f, frame, length, choice, cut);
	outcome_collect(&outcome);
	for (unsigned i = 0; i < 4 && (choice & FUZZ_AGE) != 0; i++) {
		f->now_ns += FUZZ_FLUSH_NS;
		stack_fixture_run(f);
	}
	/* Whatever was learned from this input must not be known to the next. */
	fuzz_stack_forget(f);
	outcome_collect(&outcome);
	stack_drops(f->stack, outcome.drops);
	fuzz_stack_check_empty(f);
	return outcome;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outcome fast, stages;

	if (size < 3 || size - 2 > FUZZ_FRAME_MAX)
		return 0;
	fast = run(data + 2, size - 2, data[0], data[1], false);
	stages = run(data + 2, size - 2, data[0], data[1], true);
	fuzz_check(memcmp(&fast, &stages, sizeof(fast)) == 0, "the fast path does something else");
	return 0;
}
