/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frames into a stack of libspate, on a link of Ethernet and on one of IP packets: it takes or refuses
 * them, what it sends fits its link, and it goes with all that it holds.
 *
 * Each frame is preceded by STEP_BYTES: the link in the lowest bit and time in the others, then its
 * length in two bytes.
 */
#include <errno.h>

#include <spate/spate.h>

#include "fuzz/eal.h"
#include "fuzz/fuzz.h"

#define STEP_BYTES 3
#define FRAMES_MAX 16
#define INPUTS     100 /* that a stack sees: to make one takes longer */
#define MS         1000000ULL

static struct spate *stack;

static void
fini(void)
{
	spate_destroy(stack);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	fuzz_check(spate_memory_set(64) == 0, "no memory");
	atexit(fini);
	return 0;
}

/* Of LeakSanitizer, where there is one. */
extern void __lsan_disable(void) __attribute__((weak));
extern void __lsan_enable(void) __attribute__((weak));

/* It is looked for leaks while the stack is there, which has pointers in memory of DPDK's. */
static void
leaks_count(bool count)
{
	if (__lsan_disable != NULL && __lsan_enable != NULL) {
		if (count)
			__lsan_enable();
		else
			__lsan_disable();
	}
}

static void
stack_make(void)
{
	leaks_count(false);
	fuzz_check(spate_create(SPATE_CLOCK_MANUAL, &stack) == 0 &&
			spate_iface_add(
				stack, "e0", SPATE_LINK_ETHERNET, 1500, "02:00:00:00:01:00") == 0 &&
			spate_iface_add(stack, "i0", SPATE_LINK_IP, 1280, NULL) == 0 &&
			spate_vlan_add(stack, "e0.5", "e0", SPATE_VLAN_CUSTOMER, 5) == 0 &&
			spate_addr_add(stack, "e0", "10.0.0.1/24") == 0 &&
			spate_addr_add(stack, "e0", "2001:db8::1/64") == 0 &&
			spate_addr_add(stack, "e0.5", "10.0.5.1/24") == 0 &&
			spate_addr_add(stack, "i0", "10.0.1.1/24") == 0 &&
			spate_addr_add(stack, "i0", "2001:db8:1::1/64") == 0 &&
			spate_neigh_add(stack, "e0", "10.0.0.2", "02:00:00:00:02:00") == 0 &&
			spate_neigh_add(stack, "e0", "2001:db8::2", "02:00:00:00:02:00") == 0,
		"no stack");
	leaks_count(true);
}

static void
sent_take(const char *iface, size_t longest)
{
	uint8_t frame[SPATE_FRAME_MAX];
	int length;

	while ((length = spate_output(stack, iface, frame, sizeof(frame))) > 0)
		fuzz_check((size_t)length <= longest, "a frame is longer than its link allows");
	fuzz_check(length == 0, "a frame cannot be taken out");
}

static void
sent_take_all(void)
{
	sent_take("e0", 1500 + SPATE_FRAME_MAX - SPATE_MTU_MAX);
	sent_take("i0", 1280);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned inputs;

	if (inputs++ % INPUTS == 0) {
		spate_destroy(stack);
		stack_make();
	}
	for (unsigned i = 0; i < FRAMES_MAX && size > STEP_BYTES; i++) {
		const char *iface = data[0] & 1 ? "i0" : "e0";
		size_t length = (size_t)data[1] | (size_t)data[2] << 8;
		int rc;

		if (length > size - STEP_BYTES)
			length = size - STEP_BYTES;
		spate_advance(stack, (data[0] >> 1) * MS);
		rc = spate_input(stack, iface, data + STEP_BYTES, length);
		fuzz_check(rc == 0 || rc == -EINVAL || rc == -EMSGSIZE, "no buffer is left");
		sent_take_all();
		data += STEP_BYTES + length;
		size -= STEP_BYTES + length;
	}
	return 0;
}
