/* SPDX-License-Identifier: BSD-3-Clause */
/* The port table, a port's life, and the rx edge. */
#include "port/port.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/counter.h"
#include "support/eal.h"
#include "support/port_double.h"

static struct port_table table;

static int
group_setup(void **state)
{
	return test_eal_setup(state) != 0 || pkt_init() != 0;
}

static void
table_lookup(void **state)
{
	struct port_double *one = port_double_create("one"), *two = port_double_create("two");
	struct port *a = port_double_start(one, &table, "a", 1, 1);
	struct port *b = port_double_start(two, &table, "b.1_x-y", 1, 1);

	assert_int_equal(a->index, 0);
	assert_int_equal(b->index, 1);
	assert_ptr_equal(table.ports[1], b);
	assert_ptr_equal(port_lookup(&table, "b.1_x-y"), b);
	assert_null(port_lookup(&table, "b"));
	assert_ptr_equal(port_next(&table, 0), a);
	assert_ptr_equal(port_next(&table, 1), b);
	assert_null(port_next(&table, 2));
	assert_string_equal(b->args, "two");
	assert_string_equal(b->device_name, "two");
	assert_memory_equal(&b->mac, &two->mac, sizeof(b->mac));

	port_double_stop(&table, a);
	assert_int_equal(one->calls.close, 1);
	assert_null(port_lookup(&table, "a"));
	assert_ptr_equal(port_next(&table, 0), b);
	/* A slot that became free is used again. */
	a = port_double_start(one, &table, "c", 1, 1);
	assert_int_equal(a->index, 0);
	port_double_stop(&table, a);
	port_double_stop(&table, b);
	assert_null(port_next(&table, 0));
	port_double_destroy(one);
	port_double_destroy(two);
}

static void
create_bad_names(void **state)
{
	static const char *const names[] = { "", "0a", "_a", "-a", ".a", "a b", "a/b", "p\xc3\xa9",
		"a23456789012345678901234567890ab" };
	static const char longest[] = "a23456789012345678901234567890a";
	struct port_double *wire = port_double_create("wire");
	struct error err = { 0 };
	struct port *port;

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		err.text[0] = '\0';
		assert_int_equal(
			port_create(&table, &port_double_ops, names[i], "wire", &port, &err),
			-EINVAL);
		assert_true(err.text[0] != '\0');
	}
	assert_int_equal(wire->calls.open, 0);
	port = port_double_start(wire, &table, longest, 1, 1);
	assert_string_equal(port->name, longest);
	port_double_stop(&table, port);
	port_double_destroy(wire);
}

static void
create_failures(void **state)
{
	struct port_double *wire = port_double_create("wire");
	struct port *port, *other = NULL;
	struct error err = { 0 };
	char args[300];

	memset(args, 'x', sizeof(args));
	args[sizeof(args) - 1] = '\0';
	port = port_double_start(wire, &table, "p0", 1, 1);
	assert_int_equal(
		port_create(&table, &port_double_ops, "p0", "wire", &other, &err), -EEXIST);
	assert_int_equal(port_create(&table, &port_double_ops, "p1", args, &other, &err), -EINVAL);
	assert_int_equal(
		port_create(&table, &port_double_ops, "p1", "none", &other, &err), -ENODEV);
	assert_string_equal(err.text, "there is no port double none");
	wire->failures.open = EACCES;
	assert_int_equal(
		port_create(&table, &port_double_ops, "p1", "wire", &other, &err), -EACCES);
	assert_null(other);
	assert_null(port_lookup(&table, "p1"));
	port_double_stop(&table, port);
	port_double_destroy(wire);
}

static void
create_until_full(void **state)
{
	struct port_double *wires[PORT_MAX + 1];
	struct error err = { 0 };
	struct port *port;
	char name[16];

	for (unsigned i = 0; i <= PORT_MAX; i++) {
		snprintf(name, sizeof(name), "p%u", i);
		wires[i] = port_double_create(name);
		assert_int_equal(port_create(&table, &port_double_ops, name, name, &port, &err),
			i < PORT_MAX ? 0 : -ENOSPC);
	}
	assert_int_equal(wires[PORT_MAX]->calls.open, 0);
	while ((port = port_next(&table, 0)) != NULL) {
		port_unpublish(&table, port);
		port_destroy(port);
	}
	for (unsigned i = 0; i <= PORT_MAX; i++)
		port_double_destroy(wires[i]);
}

static void
configure_limits(void **state)
{
	static const struct {
		struct port_config config;
		int ret;
	} cases[] = {
		{ { .rxq_count = 1, .txq_count = 1 }, 0 },
		{ { .rxq_count = 0, .txq_count = 1 }, -EINVAL },
		{ { .rxq_count = 1, .txq_count = 0 }, -EINVAL },
		{ { .rxq_count = PORT_QUEUE_MAX + 1, .txq_count = 1 }, -EINVAL },
		{ { .rxq_count = 1, .txq_count = PORT_QUEUE_MAX + 1 }, -EINVAL },
		{ { .rxq_count = PORT_QUEUE_MAX, .txq_count = PORT_QUEUE_MAX }, 0 },
		{ { .rxq_count = 1, .txq_count = 1, .mtu = PORT_MTU_MIN - 1 }, -EINVAL },
		{ { .rxq_count = 1, .txq_count = 1, .mtu = PORT_MTU_MIN }, 0 },
		{ { .rxq_count = 1, .txq_count = 1, .mtu = PORT_MTU_MAX }, 0 },
		{ { .rxq_count = 1, .txq_count = 1, .mtu = PORT_MTU_MAX + 1 }, -EINVAL },
	};
	struct port_double *wire = port_double_create("wire");
	struct port *port = port_double_start(wire, &table, "p0", 1, 1);

	wire->mtu_max = UINT16_MAX;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error err = { 0 };

		port->config = cases[i].config;
		assert_int_equal(port_configure(port, NULL, &err), cases[i].ret);
		assert_int_equal(err.errnum, -cases[i].ret);
	}
	port_double_stop(&table, port);
	port_double_destroy(wire);
}

static void
configure_counters(void **state)
{
	struct port_double *wire = port_double_create("wire");
	struct port *port = port_double_start(wire, &table, "p0", 3, PORT_DOUBLE_QUEUES + 5);
	const struct port_queue_counters *kept;
	struct error err = { 0 };

	/* What the device cannot do was rounded, and what it can do is in force. */
	assert_int_equal(port->config.rxq_count, 3);
	assert_int_equal(port->config.txq_count, PORT_DOUBLE_QUEUES);
	assert_int_equal(port->config.mtu, PORT_MTU_DEFAULT);
	assert_int_equal(port->offloads, wire->offloads);
	for (unsigned i = 0; i < port->config.rxq_count; i++)
		assert_int_equal(port->rxq_counters[i].packets, 0);
	assert_int_equal((uintptr_t)port->rxq_counters % 64, 0);

	/* A failure changes nothing of what is there. */
	kept = port->rxq_counters;
	counter_add(&port->rxq_counters[2].packets, 5);
	wire->failures.configure = EIO;
	assert_int_equal(port_configure(port, NULL, &err), -EIO);
	assert_ptr_equal(port->rxq_counters, kept);
	assert_int_equal(counter_read(&port->rxq_counters[2].packets), 5);

	wire->failures.configure = 0;
	assert_int_equal(port_configure(port, NULL, &err), 0);
	assert_int_equal(counter_read(&port->rxq_counters[2].packets), 0);
	port_double_stop(&table, port);
	port_double_destroy(wire);
}

static void
rx_counts(void **state)
{
	static const char bytes[100];
	struct port_double *wire = port_double_create("wire");
	struct port *port = port_double_start(wire, &table, "p0", 2, 1);
	const struct port_queue_counters *counters = &port->rxq_counters[1];
	struct pkt_vec vec = { 0 };

	for (unsigned i = 0; i < PKT_BURST + 3; i++)
		port_double_inject(wire, 1, test_mbuf(bytes, 60 + i % 2));
	port_rx(port, 0, &vec);
	assert_int_equal(vec.count, 0);
	assert_int_equal(port->rxq_counters[0].polls_empty, 1);
	port_rx(port, 1, &vec);
	assert_int_equal(vec.count, PKT_BURST);
	rte_pktmbuf_free_bulk(vec.pkts, vec.count);
	vec.count = 0;
	port_rx(port, 1, &vec);
	assert_int_equal(vec.count, 3);
	rte_pktmbuf_free_bulk(vec.pkts, vec.count);
	vec.count = 0;
	port_rx(port, 1, &vec);
	assert_int_equal(vec.count, 0);

	assert_int_equal(counters->packets, PKT_BURST + 3);
	assert_int_equal(counters->bytes, 60 * (PKT_BURST + 3) + (PKT_BURST + 3) / 2);
	assert_int_equal(counters->bursts, 2);
	assert_int_equal(counters->polls_empty, 1);
	assert_int_equal(port->rxq_counters[0].packets, 0);
	assert_int_equal(wire->calls.rx, 4);
	port_double_stop(&table, port);
	port_double_destroy(wire);
}

/* A hash that is not flow_hash's must not pass for one. */
static void
rx_flags(void **state)
{
	static const char bytes[60];

	for (unsigned honest = 0; honest < 2; honest++) {
		struct port_double *wire = port_double_create("wire");
		struct pkt_vec vec = { 0 };
		struct port *port;

		wire->rx_flags_clear = honest ? 0 : RTE_MBUF_F_RX_RSS_HASH;
		port = port_double_start(wire, &table, "p0", 1, 1);
		for (unsigned i = 0; i < 10; i++) {
			struct rte_mbuf *pkt = test_mbuf(bytes, sizeof(bytes));

			pkt->ol_flags = RTE_MBUF_F_RX_RSS_HASH | RTE_MBUF_F_RX_IP_CKSUM_GOOD;
			port_double_inject(wire, 0, pkt);
		}
		port_rx(port, 0, &vec);
		assert_int_equal(vec.count, 10);
		for (unsigned i = 0; i < vec.count; i++)
			assert_int_equal(vec.pkts[i]->ol_flags,
				RTE_MBUF_F_RX_IP_CKSUM_GOOD |
					(honest ? RTE_MBUF_F_RX_RSS_HASH : 0));
		rte_pktmbuf_free_bulk(vec.pkts, vec.count);
		port_double_stop(&table, port);
		port_double_destroy(wire);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_lookup),
		cmocka_unit_test(create_bad_names),
		cmocka_unit_test(create_failures),
		cmocka_unit_test(create_until_full),
		cmocka_unit_test(configure_limits),
		cmocka_unit_test(configure_counters),
		cmocka_unit_test_teardown(rx_counts, test_pool_check),
		cmocka_unit_test_teardown(rx_flags, test_pool_check),
	};

	return cmocka_run_group_tests(tests, group_setup, test_eal_teardown);
}
