/* SPDX-License-Identifier: BSD-3-Clause */
/* Who may be bound to what, on one worker and on several. */
#include "unit/tcp/tcp_pair.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>

#define NAMES_MAX 8
#define ROUNDS    200000

struct worker_pair {
	struct tcp_ports *ports;
	struct tcp_core *cores[2];
};

static struct worker_pair
workers_create(void)
{
	struct worker_pair workers = { .ports = tcp_ports_create() };
	struct tcp_config config;

	tcp_config_init(&config);
	config.conns_max = config.half_open_max = config.time_wait_max = 4;
	config.segments_max = config.runs_max = config.listeners_max = 4;
	config.names_max = NAMES_MAX;
	config.ports = workers.ports;
	for (config.worker = 0; config.worker < 2; config.worker++)
		assert_int_equal(tcp_core_create(&config, 0, &workers.cores[config.worker]), 0);
	return workers;
}

static void
workers_destroy(const struct worker_pair *workers)
{
	tcp_core_destroy(workers->cores[0]);
	tcp_core_destroy(workers->cores[1]);
	tcp_ports_destroy(workers->ports);
}

/* @param addr with "!" in front: of IPv6 only */
static struct tcp_bind
bind_of(const char *addr, uint16_t port, uint8_t vrf)
{
	struct tcp_bind bind = { .port = port, .vrf = vrf, .v6only = addr[0] == '!' };

	assert_int_equal(ip_addr_parse(addr + (addr[0] == '!'), &bind.addr), 0);
	return bind;
}

static void
test_conflicts(void **state)
{
	static const struct {
		const char *a, *b;
		bool conflict;
	} cases[] = {
		{ "10.0.0.1", "10.0.0.1", true },
		{ "10.0.0.1", "10.0.0.2", false },
		{ "10.0.0.1", "0.0.0.0", true },
		{ "0.0.0.0", "0.0.0.0", true },
		{ "2001:db8::1", "2001:db8::1", true },
		{ "2001:db8::1", "2001:db8:0:0:1::1", false },
		{ "2001:db8::1", "::", true },
		{ "2001:db8::1", "!::", true },
		{ "2001:db8::1", "0.0.0.0", false },
		{ "2001:db8::1", "10.0.0.1", false },
		/* The same bytes. */
		{ "a00:1::", "10.0.0.1", false },
		{ "::", "10.0.0.1", true },
		{ "::", "0.0.0.0", true },
		{ "!::", "10.0.0.1", false },
		{ "!::", "0.0.0.0", false },
	};
	const struct worker_pair workers = workers_create();

	for (unsigned i = 0; i < RTE_DIM(cases) * 4; i++) {
		bool swapped = i % 2 != 0;
		const char *first = swapped ? cases[i / 4].b : cases[i / 4].a;
		const char *second = swapped ? cases[i / 4].a : cases[i / 4].b;
		struct tcp_core *mine = workers.cores[0], *other = workers.cores[i / 2 % 2];
		struct tcp_bind bind = bind_of(first, 80, 0);
		struct tcp_name *name, *next;
		int rc;

		assert_int_equal(tcp_name_bind(mine, &bind, false, &name), 0);
		bind = bind_of(second, 80, 0);
		assert_int_equal(tcp_name_is_taken(other, &bind, true), cases[i / 4].conflict);
		rc = tcp_name_bind(other, &bind, true, &next);
		if (rc != (cases[i / 4].conflict ? -EADDRINUSE : 0))
			fail_msg("%s and %s: %d", first, second, rc);
		if (rc == 0)
			tcp_name_unbind(other, next);
		tcp_name_unbind(mine, name);
		/* It is free again, and nothing was left of what did not succeed. */
		assert_int_equal(tcp_name_bind(other, &bind, false, &next), 0);
		tcp_name_unbind(other, next);
	}
	workers_destroy(&workers);
}

/* Other ports and VRFs are others' names; and who shares it has it with all who do. */
static void
test_ports_vrfs_and_sharing(void **state)
{
	const struct worker_pair workers = workers_create();
	struct tcp_core *a = workers.cores[0], *b = workers.cores[1];
	const struct tcp_bind any = bind_of("::", 80, 0), red = bind_of("::", 80, 1),
			      next = bind_of("::", 81, 0),
			      /* In the same chain. */
		far = bind_of("::", 80 + 256, 0);
	struct tcp_name *names[6];

	assert_int_equal(tcp_name_bind(a, &any, true, &names[0]), 0);
	assert_int_equal(tcp_name_bind(b, &red, false, &names[1]), 0);
	assert_int_equal(tcp_name_bind(b, &next, false, &names[2]), 0);
	assert_int_equal(tcp_name_bind(a, &far, false, &names[3]), 0);
	assert_int_equal(tcp_name_bind(b, &any, true, &names[4]), 0);
	assert_int_equal(tcp_name_bind(a, &any, true, &names[5]), 0);
	assert_true(tcp_name_is_taken(a, &any, false));
	assert_false(tcp_name_is_taken(a, &any, true));
	/* From the middle of a chain. */
	tcp_name_unbind(a, names[3]);
	assert_false(tcp_name_is_taken(b, &far, false));
	tcp_name_unbind(a, names[0]);
	tcp_name_unbind(b, names[4]);
	assert_true(tcp_name_is_taken(b, &any, false));
	tcp_name_unbind(a, names[5]);
	assert_false(tcp_name_is_taken(b, &any, false));
	tcp_name_unbind(b, names[1]);
	tcp_name_unbind(b, names[2]);
	workers_destroy(&workers);
}

static void
test_as_many_as_may_be(void **state)
{
	const struct worker_pair workers = workers_create();
	struct tcp_name *names[NAMES_MAX], *more;
	struct tcp_bind bind;

	for (uint16_t i = 0; i < NAMES_MAX; i++) {
		bind = bind_of("0.0.0.0", (uint16_t)(1000 + i), 0);
		assert_int_equal(tcp_name_bind(workers.cores[0], &bind, false, &names[i]), 0);
	}
	bind = bind_of("0.0.0.0", 2000, 0);
	assert_int_equal(tcp_name_bind(workers.cores[0], &bind, false, &more), -ENFILE);
	assert_int_equal(tcp_name_bind(workers.cores[1], &bind, false, &more), 0);
	tcp_name_unbind(workers.cores[1], more);
	for (unsigned i = 0; i < NAMES_MAX; i++)
		tcp_name_unbind(workers.cores[0], names[i]);
	workers_destroy(&workers);
}

/* Two workers want the same name, again and again: never do both have it. */
struct rival {
	struct tcp_core *core;
	unsigned *holders, *ready;
	unsigned taken, together;
};

static void *
rival_run(void *arg)
{
	struct rival *rival = arg;
	const struct tcp_bind wanted = bind_of("10.0.0.1", 80, 0), noise = bind_of("::", 336, 0);
	struct tcp_name *name, *other;

	__atomic_fetch_add(rival->ready, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(rival->ready, __ATOMIC_SEQ_CST) < 2)
		sched_yield();
	for (unsigned i = 0; i < ROUNDS; i++) {
		/* In the same chain, so that it changes while it is walked. */
		if (tcp_name_bind(rival->core, &noise, true, &other) == 0)
			tcp_name_unbind(rival->core, other);
		if (tcp_name_bind(rival->core, &wanted, false, &name) != 0)
			continue;
		rival->taken++;
		rival->together += __atomic_fetch_add(rival->holders, 1, __ATOMIC_SEQ_CST) != 0;
		__atomic_fetch_sub(rival->holders, 1, __ATOMIC_SEQ_CST);
		tcp_name_unbind(rival->core, name);
	}
	return NULL;
}

static void
test_rivals(void **state)
{
	const struct worker_pair workers = workers_create();
	unsigned holders = 0, ready = 0;
	struct rival rivals[2];
	pthread_t threads[2];

	for (unsigned i = 0; i < 2; i++) {
		rivals[i] = (struct rival){
			.core = workers.cores[i], .holders = &holders, .ready = &ready
		};
		assert_int_equal(pthread_create(&threads[i], NULL, rival_run, &rivals[i]), 0);
	}
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(rivals[0].together + rivals[1].together, 0);
	assert_true(rivals[0].taken + rivals[1].taken > 0);
	workers_destroy(&workers);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conflicts),
		cmocka_unit_test(test_ports_vrfs_and_sharing),
		cmocka_unit_test(test_as_many_as_may_be),
		cmocka_unit_test(test_rivals),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
