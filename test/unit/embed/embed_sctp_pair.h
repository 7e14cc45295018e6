/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Two stacks of libspate.so with two addresses each on one link, for tests of SCTP by spate_sctp.h.
 */
#ifndef UNIT_EMBED_EMBED_SCTP_PAIR_H
#define UNIT_EMBED_EMBED_SCTP_PAIR_H

#include "unit/embed/embed_fixture.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <spate/spate_sctp.h>

#define A_ADDR "10.0.0.1"
#define B_ADDR "10.0.0.2"
#define MS     UINT64_C(1000000)

/* Two hosts with two addresses each on one link, whose frames the test carries. */
struct pair {
	struct spate *a, *b;
	const char *cut; /* no frame from this address, or to it, arrives */
	bool dead; /* none at all does */
};

static inline struct spate *
host(const char *addr, const char *other, uint64_t seed)
{
	struct spate *stack;

	expect(spate_create_seeded(SPATE_CLOCK_MANUAL, seed, &stack), 0);
	expect(spate_iface_add(stack, "i0", SPATE_LINK_IP, 1500, "02:00:00:00:01:00"), 0);
	expect(spate_addr_add(stack, "i0", addr), 0);
	expect(spate_addr_add(stack, "i0", other), 0);
	return stack;
}

static inline struct pair
pair_create(void)
{
	return (struct pair){ host("10.0.0.1/24", "10.0.1.1/24", 1),
		host("10.0.0.2/24", "10.0.1.2/24", 2), NULL, false };
}

static inline void
pair_destroy(struct pair *p)
{
	spate_destroy(p->a);
	spate_destroy(p->b);
}

static inline bool
is_cut(const struct pair *p, const uint8_t *ip)
{
	struct in_addr addr = { 0 };
	struct ip_addr cut;

	if (p->cut == NULL || ip_addr_parse(p->cut, &cut) != 0)
		return false;
	memcpy(&addr, cut.bytes, 4);
	return memcmp(ip + 12, &addr, 4) == 0 || memcmp(ip + 16, &addr, 4) == 0;
}

static inline bool
carry(const struct pair *p, struct spate *from, struct spate *to)
{
	uint8_t frame[SPATE_FRAME_MAX];
	bool any = false;
	int length;

	while ((length = spate_output(from, "i0", frame, sizeof(frame))) > 0) {
		any = true;
		if (!p->dead && !is_cut(p, frame))
			expect(spate_input(to, "i0", frame, (size_t)length), 0);
	}
	return any;
}

static inline void
run(const struct pair *p, unsigned ms)
{
	for (unsigned i = 0; i < ms; i++) {
		while (carry(p, p->a, p->b) | carry(p, p->b, p->a))
			;
		expect(spate_advance(p->a, MS), 0);
		expect(spate_advance(p->b, MS), 0);
	}
}

static inline int
server_open(struct spate *stack, enum spate_protocol style)
{
	int fd = spate_socket(stack, 4, style);

	expect(spate_bind(stack, fd, NULL, 7), 0);
	expect(spate_listen(stack, fd, 5), 0);
	return fd;
}

static inline void
subscribe(struct spate *stack, int fd, uint16_t type)
{
	const struct spate_sctp_event event = {
		.se_assoc_id = SPATE_SCTP_ALL_ASSOC, .se_type = type, .se_on = 1
	};

	expect(spate_sctp_setsockopt(stack, fd, SPATE_SCTP_EVENT, &event, sizeof(event)), 0);
}

static inline void
expect_notification(struct spate *stack, int fd, uint16_t type, union spate_sctp_notification *n)
{
	int flags;

	assert_true(spate_sctp_recvv(stack, fd, n, sizeof(*n), NULL, NULL, NULL, NULL, &flags) > 0);
	assert_int_equal(flags, SPATE_MSG_NOTIFICATION | SPATE_MSG_EOR);
	assert_int_equal(n->sn_header.sn_type, type);
}

/* A one-to-one client of A's with a server of B's. The listener goes. */
static inline void
connect_one(const struct pair *p, int client, int listener, int *server)
{
	expect(spate_connect(p->a, client, B_ADDR, 7), -EINPROGRESS);
	run(p, 300);
	*server = spate_accept(p->b, listener, NULL, NULL);
	assert_in_range(*server, 0, 100);
}

#define SET_RC(stack, fd, option, value, rc) \
	expect(spate_sctp_setsockopt(stack, fd, SPATE_SCTP_##option, &(value), sizeof(value)), rc)
#define SET(stack, fd, option, value) SET_RC(stack, fd, option, value, 0)
#define GET_RC(stack, fd, option, value, rc)                                           \
	do {                                                                           \
		size_t got_length = sizeof(value);                                     \
		expect(spate_sctp_getsockopt(                                          \
			       stack, fd, SPATE_SCTP_##option, &(value), &got_length), \
			rc);                                                           \
	} while (0)
#define GET(stack, fd, option, value) GET_RC(stack, fd, option, value, 0)

#endif
