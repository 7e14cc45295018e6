/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Two stacks of libspate.so on one link, whose frames the test carries, and connections between them, on
 * the test's clock.
 */
#ifndef UNIT_EMBED_EMBED_PAIR_H
#define UNIT_EMBED_EMBED_PAIR_H

#include "unit/embed/embed_fixture.h"

#define A_ADDR "10.0.0.1"
#define B_ADDR "10.0.0.2"
#define MS     UINT64_C(1000000)
#define SECOND (1000 * MS)

/* Two hosts on one link, whose frames the test carries. */
struct pair {
	struct spate *a, *b;
	unsigned loss_percent;
	uint32_t random;
	uint64_t carried, lost;
};

static inline struct spate *
host(const char *addr4, const char *addr6, uint64_t seed)
{
	struct spate *stack;

	expect(spate_create_seeded(SPATE_CLOCK_MANUAL, seed, &stack), 0);
	expect(spate_iface_add(stack, "i0", SPATE_LINK_IP, 1500, "02:00:00:00:01:00"), 0);
	expect(spate_addr_add(stack, "i0", addr4), 0);
	expect(spate_addr_add(stack, "i0", addr6), 0);
	return stack;
}

static inline struct pair
pair_create(void)
{
	return (struct pair){
		.a = host("10.0.0.1/24", "2001:db8::1/64", 1),
		.b = host("10.0.0.2/24", "2001:db8::2/64", 2),
		.random = 1,
	};
}

static inline void
pair_destroy(struct pair *p)
{
	spate_destroy(p->a);
	spate_destroy(p->b);
}

/* A linear congruence will do: the same in each run. */
static inline bool
is_lost(struct pair *p)
{
	p->random = p->random * 1664525 + 1013904223;
	return (p->random >> 16) % 100 < p->loss_percent;
}

static inline bool
carry(struct pair *p, struct spate *from, struct spate *to)
{
	uint8_t frame[SPATE_FRAME_MAX];
	bool any = false;
	int length;

	while ((length = spate_output(from, "i0", frame, sizeof(frame))) > 0) {
		any = true;
		p->carried++;
		if (is_lost(p))
			p->lost++;
		else
			expect(spate_input(to, "i0", frame, (size_t)length), 0);
	}
	return any;
}

/* All that is under way arrives; no time passes. */
static inline void
carry_all(struct pair *p)
{
	bool any;

	do {
		any = carry(p, p->a, p->b);
		any |= carry(p, p->b, p->a);
	} while (any);
}

/* To the next timer of either, but no further than `most`. */
static inline void
pass(struct pair *p, uint64_t most_ns)
{
	uint64_t a_ns = spate_next_timeout(p->a), b_ns = spate_next_timeout(p->b);
	uint64_t step = a_ns < b_ns ? a_ns : b_ns;

	step = step < 1 ? 1 : step < most_ns ? step : most_ns;
	expect(spate_advance(p->a, step), 0);
	expect(spate_advance(p->b, step), 0);
	carry_all(p);
}

static inline void
pass_all(struct pair *p, uint64_t ns)
{
	uint64_t end = spate_now(p->a) + ns;

	while (spate_now(p->a) < end)
		pass(p, end - spate_now(p->a));
}

/* B listens, A connects. */
static inline void
connect_pair(struct pair *p, int *client, int *server)
{
	char addr[SPATE_ADDR_TEXT];
	unsigned port;
	int listener = spate_socket(p->b, 4, SPATE_TCP);

	expect(spate_bind(p->b, listener, NULL, 80), 0);
	expect(spate_listen(p->b, listener, 5), 0);
	expect(spate_accept(p->b, listener, addr, &port), -EAGAIN);
	*client = spate_socket(p->a, 4, SPATE_TCP);
	expect(spate_connect(p->a, *client, B_ADDR, 80), -EINPROGRESS);
	expect(spate_connect(p->a, *client, B_ADDR, 80), -EALREADY);
	assert_int_equal(spate_ready(p->a, *client) & SPATE_WRITABLE, 0);
	for (unsigned i = 0; i < 100 && !(spate_ready(p->b, listener) & SPATE_READABLE); i++) {
		carry_all(p);
		pass(p, SECOND);
	}
	assert_true(spate_ready(p->b, listener) & SPATE_READABLE);
	*server = spate_accept(p->b, listener, addr, &port);
	assert_true(*server >= 0);
	assert_string_equal(addr, A_ADDR);
	expect(spate_getpeername(p->a, *client, addr, NULL), 0);
	assert_string_equal(addr, B_ADDR);
	assert_true(spate_ready(p->a, *client) & SPATE_WRITABLE);
	expect(spate_connect(p->a, *client, B_ADDR, 80), -EISCONN);
	expect(spate_close(p->b, listener), 0);
}

static inline int
so_error(struct spate *stack, int fd)
{
	int64_t value = -1;

	expect(spate_getsockopt(stack, fd, SPATE_SO_ERROR, &value), 0);
	return (int)value;
}

static inline int64_t
option(struct spate *stack, int fd, enum spate_sockopt which)
{
	int64_t value = -1;

	expect(spate_getsockopt(stack, fd, which, &value), 0);
	return value;
}

#endif
