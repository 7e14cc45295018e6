/* SPDX-License-Identifier: BSD-3-Clause */
/* Impairments of a cable between ports: by its clock, changed while frames are on their way. */
#include "unit/drivers/cable_fixture.h"

#define MS 1000000ULL

static uint64_t now_ns;

static uint64_t
clock_read(void *arg)
{
	return *(uint64_t *)arg;
}

static void
lab_create(struct cable_fixture *f, const struct cable_impair *impair)
{
	struct error err = { 0 };

	cable_fixture_create(f, "flight 100", 2);
	now_ns = 1000 * MS;
	cable_clock_set(f->ports[0], clock_read, &now_ns);
	if (cable_impair_set(f->ports[0], impair, &err) != 0)
		fail_msg("%s", err.text);
}

/* What is on its way holds nobody's packets, arrives when it is due, and who asks knows when. */
static void
test_on_its_way(void **state)
{
	const struct cable_impair impair = { .delay_ns = 10 * MS };
	struct cable_impair set;
	struct cable_fixture f;

	lab_create(&f, &impair);
	cable_impair_get(f.ports[0], &set);
	assert_int_equal(set.delay_ns, impair.delay_ns);
	assert_true(cable_next_event_ns(f.ports[1]) == UINT64_MAX);
	cable_fixture_send(&f, 0);
	assert_int_equal(test_pool_in_use(), 0);
	assert_int_equal(rte_mempool_in_use_count(f.pools[1]), 0);
	assert_int_equal(cable_fixture_counters(&f, 0).in_flight, 1);
	assert_true(cable_next_event_ns(f.ports[1]) == now_ns + 10 * MS);
	assert_true(cable_next_event_ns(f.ports[0]) == UINT64_MAX);
	now_ns += 10 * MS - 1;
	assert_int_equal(cable_fixture_flush(&f, 1), 0);
	now_ns++;
	assert_int_equal(cable_fixture_flush(&f, 1), 1);
	assert_int_equal(cable_fixture_counters(&f, 0).in_flight, 0);
	/* The other direction is as it was. */
	cable_fixture_send(&f, 1);
	assert_int_equal(cable_fixture_flush(&f, 0), 1);
	cable_fixture_destroy(&f);
}

/* Faster frames overtake; when all is as before, what is on its way still arrives. */
static void
test_changed(void **state)
{
	const struct cable_impair none = { 0 };
	struct error err = { 0 };
	struct cable_fixture f;

	lab_create(&f, &(struct cable_impair){ .delay_ns = 10 * MS });
	cable_fixture_send(&f, 0);
	assert_int_equal(
		cable_impair_set(f.ports[0], &(struct cable_impair){ .delay_ns = MS }, &err), 0);
	cable_fixture_send(&f, 0);
	now_ns += MS;
	assert_int_equal(cable_fixture_flush(&f, 1), 1);
	assert_int_equal(cable_impair_set(f.ports[0], &none, &err), 0);
	cable_fixture_send(&f, 0);
	assert_int_equal(cable_fixture_flush(&f, 1), 1);
	now_ns += 9 * MS;
	assert_int_equal(cable_fixture_flush(&f, 1), 1);
	cable_fixture_destroy(&f);
}

/* With the link goes what is on its way. Frames of another size find room after that. */
static void
test_link_down(void **state)
{
	struct error err = { 0 };
	struct cable_fixture f;

	lab_create(&f, &(struct cable_impair){ .delay_ns = 10 * MS });
	for (unsigned i = 0; i < 120; i++)
		cable_fixture_send(&f, 0);
	assert_int_equal(cable_fixture_counters(&f, 0).in_flight, 100);
	assert_int_equal(cable_fixture_counters(&f, 0).lost[CABLE_LOST_flight], 20);
	cable_plug(f.ports[1], false);
	assert_int_equal(cable_fixture_counters(&f, 0).lost[CABLE_LOST_link_down], 100);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(cable_port_ops.set_mtu(f.ports[i], 9600, &err), 0);
	cable_plug(f.ports[1], true);
	now_ns += 20 * MS;
	assert_int_equal(cable_fixture_flush(&f, 1), 0);
	cable_fixture_send(&f, 0, .payload_length = 9000);
	now_ns += 10 * MS;
	assert_int_equal(cable_fixture_flush(&f, 1), 1);
	cable_fixture_destroy(&f);
}

struct seen {
	unsigned counts[4];
	enum cable_lost lost;
	uint64_t last_ns;
};

static void
see(void *arg, const struct cable_event *event)
{
	struct seen *seen = arg;

	seen->counts[event->kind]++;
	seen->last_ns = event->time_ns;
	if (event->kind == CABLE_EVENT_LOST)
		seen->lost = event->lost;
	assert_int_equal(event->length, 60);
	assert_int_equal(event->frame[12], 8);
}

static void
test_tap(void **state)
{
	const struct cable_impair twice = { .duplicate = RANDOM_PPB, .delay_ns = MS };
	const struct cable_impair none = { 0 };
	struct seen seen = { 0 };
	const struct cable_tap tap = { see, &seen };
	struct error err = { 0 };
	struct cable_fixture f;

	lab_create(&f, &twice);
	cable_tap_set(f.ports[0], &tap);
	cable_fixture_send(&f, 0, .payload_length = 18);
	now_ns += 5 * MS;
	assert_int_equal(cable_fixture_flush(&f, 1), 2);
	assert_int_equal(seen.counts[CABLE_EVENT_SENT], 1);
	assert_int_equal(seen.counts[CABLE_EVENT_DUPLICATED], 1);
	assert_int_equal(seen.counts[CABLE_EVENT_DELIVERED], 2);
	assert_true(seen.last_ns == now_ns - 4 * MS);
	assert_int_equal(cable_impair_set(f.ports[0], &none, &err), 0);
	cable_fixture_send(&f, 0, .payload_length = 18, .eth_dst = "02:99:00:00:00:01");
	assert_int_equal(seen.counts[CABLE_EVENT_LOST], 1);
	assert_int_equal(seen.lost, CABLE_LOST_filtered);
	cable_tap_set(f.ports[0], NULL);
	cable_fixture_send(&f, 0, .payload_length = 18);
	assert_int_equal(seen.counts[CABLE_EVENT_SENT], 2);
	assert_int_equal(cable_fixture_flush(&f, 1), 1);
	cable_fixture_destroy(&f);
}

static void
test_refused(void **state)
{
	const struct cable_impair bad[] = {
		{ .loss.p = RANDOM_PPB + 1 },
		{ .truncate = RANDOM_PPB + 1 },
		{ .delay_ns = CABLE_TIME_MAX_NS + 1 },
		{ .rate_bps = 999 },
		{ .rate_bps = 1000, .burst_bytes = CABLE_BURST_MAX + 1 },
		{ .filter = "no filter at all" },
	};
	struct cable_impair set;
	struct cable_fixture f;

	lab_create(&f, &(struct cable_impair){ .delay_ns = MS });
	for (unsigned i = 0; i < RTE_DIM(bad); i++) {
		struct error err = { 0 };

		assert_int_equal(cable_impair_set(f.ports[0], &bad[i], &err), -EINVAL);
		assert_true(err.text[0] != '\0');
	}
	cable_impair_get(f.ports[0], &set);
	assert_int_equal(set.delay_ns, MS);
	cable_fixture_destroy(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_on_its_way, test_pool_check),
		cmocka_unit_test_teardown(test_changed, test_pool_check),
		cmocka_unit_test_teardown(test_link_down, test_pool_check),
		cmocka_unit_test_teardown(test_tap, test_pool_check),
		cmocka_unit_test_teardown(test_refused, test_pool_check),
	};

	return cmocka_run_group_tests(tests, cable_group_setup, test_eal_teardown);
}
