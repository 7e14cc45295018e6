/* SPDX-License-Identifier: BSD-3-Clause */
/* Services on the workers of a stack: echo, discard and chargen, on any address, VRF and worker. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "service/service.h"
#include "stack/worker.h"
#include "support/eal.h"
#include "support/stack_fixture.h"

/* The neighbours that ask, and our address on the second port. */
#define HOST0 "02:00:00:00:02:00"
#define HOST1 "02:00:00:00:02:01"
#define OURS1 "02:00:00:00:01:01"

/* Ports make no checksums, so that those that are made are seen. */
static struct stack_fixture *
fixture(unsigned ports, unsigned workers)
{
	struct stack_fixture *f = stack_fixture_create(
		&(struct stack_fixture_config){ .ports = ports, .workers = workers });
	struct port *port;

	for (unsigned i = 0; (port = port_next(&f->stack->ports, i)) != NULL; i = port->index + 1U)
		port->offloads &= ~(uint32_t)PORT_TX_L4_CHECKSUM;
	return f;
}

static struct stack_service_config
config_of(const struct sock_app_ops *ops, const char *addr, uint16_t port)
{
	struct stack_service_config config = {
		.ops = ops,
		.service.local = { .port = port, .iface = PKT_IFACE_NONE },
	};

	if (addr != NULL)
		assert_int_equal(ip_addr_parse(addr, &config.service.local.addr), 0);
	return config;
}

static int
start(struct stack_fixture *f, const struct sock_app_ops *ops, const char *addr, uint16_t port)
{
	const struct stack_service_config config = config_of(ops, addr, port);
	struct error err = { 0 };
	int rc = stack_service_start(f->stack, &config, &err);

	assert_int_equal(rc < 0, err.text[0] != '\0');
	return rc;
}

static int
stop(struct stack_fixture *f, const struct sock_app_ops *ops, const char *addr, uint16_t port)
{
	const struct stack_service_config config = config_of(ops, addr, port);
	struct error err = { 0 };

	return stack_service_stop(f->stack, &config, &err);
}

/* From each family, whichever worker it comes to; with all that it carries. */
static void
test_echo(void **state)
{
	struct stack_fixture *f = fixture(2, 2);
	struct flow_stats flow;

	assert_int_equal(start(f, &service_udp_echo, NULL, 7), 0);
	stack_fixture_rx(
		f, 0, .src = "10.0.0.2", .dst = "10.0.0.1", .dst_port = 7, .payload_length = 1000);
	stack_fixture_rx(f, 1, .eth_dst = OURS1, .src = "2001:db8:1::2", .dst = "2001:db8:1::1",
		.dst_port = 7, .payload_length = 700);
	stack_fixture_run(f);
	stack_fixture_expect(f, 0, .eth_dst = HOST0, .src = "10.0.0.1", .dst = "10.0.0.2",
		.src_port = 7, .dst_port = 4000, .frag = IP4_FRAG_DF, .payload_length = 1000,
		.spoil = PACKET_ANY_ID);
	stack_fixture_expect(f, 1, .eth_dst = HOST1, .src = "2001:db8:1::1", .dst = "2001:db8:1::2",
		.src_port = 7, .dst_port = 4000, .payload_length = 700);
	stack_fixture_expect_silence(f);
	flow = stack_fixture_flow(f);
	assert_int_equal(flow.delivered, 2);
	assert_int_equal(flow.originated, 2);
	assert_int_equal(flow.forwarded, 0);

	assert_int_equal(stop(f, &service_udp_echo, NULL, 7), 0);
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.0.1", .dst_port = 7);
	stack_fixture_run(f);
	assert_int_equal(stack_fixture_drops(f, DROP_ip4_no_port), 1);
	rte_pktmbuf_free(stack_fixture_take(f, 0));
	stack_fixture_destroy(f);
}

/* Two echoes do not talk to each other for ever. */
static void
test_echo_answers_no_service(void **state)
{
	struct stack_fixture *f = fixture(1, 1);

	assert_int_equal(start(f, &service_udp_echo, "10.0.0.1", 7), 0);
	assert_int_equal(start(f, &service_udp_chargen, "10.0.0.1", 19), 0);
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .src_port = 19, .dst = "10.0.0.1", .dst_port = 7);
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .src_port = 7, .dst = "10.0.0.1", .dst_port = 19);
	stack_fixture_run(f);
	stack_fixture_expect_silence(f);
	stack_fixture_destroy(f);
}

static void
test_discard_and_chargen(void **state)
{
	static const char line[] = " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGH"
				   "IJKLMNOPQRSTUVWXYZ[\\]^_`abcdefg\r\n!\"#$%&'(";
	struct stack_fixture *f = fixture(1, 1);
	struct rte_mbuf *pkt;

	assert_int_equal(start(f, &service_udp_discard, NULL, 9), 0);
	assert_int_equal(start(f, &service_udp_chargen, NULL, 19), 0);
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.0.1", .dst_port = 9);
	stack_fixture_run(f);
	stack_fixture_expect_silence(f);
	/* As much as came, and 512 at most. */
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.0.1", .dst_port = 19,
		.payload_length = sizeof(line) - 1);
	stack_fixture_run(f);
	stack_fixture_expect(f, 0, .eth_dst = HOST0, .src = "10.0.0.1", .dst = "10.0.0.2",
		.src_port = 19, .dst_port = 4000, .frag = IP4_FRAG_DF,
		.payload = (const uint8_t *)line, .payload_length = sizeof(line) - 1,
		.spoil = PACKET_ANY_ID);
	stack_fixture_rx(
		f, 0, .src = "10.0.0.2", .dst = "10.0.0.1", .dst_port = 19, .payload_length = 1400);
	stack_fixture_run(f);
	pkt = stack_fixture_take(f, 0);
	assert_non_null(pkt);
	assert_int_equal(pkt->pkt_len, 14 + 20 + 8 + 512);
	rte_pktmbuf_free(pkt);
	stack_fixture_destroy(f);
}

static void
test_what_cannot_be_started(void **state)
{
	struct stack_fixture *f = fixture(2, 2);
	const struct stack_service_config red = {
		.ops = &service_udp_echo,
		.service = { .vrf = 1, .local = { .port = 7, .iface = PKT_IFACE_NONE } },
	};
	struct error err = { 0 };

	assert_int_equal(start(f, &service_udp_echo, "10.0.0.1", 7), 0);
	assert_int_equal(start(f, &service_udp_echo, "10.0.0.1", 7), -EEXIST);
	/* Another on the same port would get a part of the flows. */
	assert_int_equal(start(f, &service_udp_discard, "10.0.0.1", 7), -EADDRINUSE);
	assert_int_equal(stop(f, &service_udp_discard, "10.0.0.1", 7), -ENOENT);
	assert_int_equal(stop(f, &service_udp_echo, NULL, 7), -ENOENT);
	/* Another VRF has ports of its own, and stays while it has services. */
	assert_int_equal(stack_vrf_add(f->stack, "red", &err), 0);
	assert_int_equal(stack_service_start(f->stack, &red, &err), 0);
	assert_int_equal(stack_vrf_remove(f->stack, "red", &err), -EBUSY);
	assert_int_equal(stack_service_stop(f->stack, &red, &err), 0);
	assert_int_equal(stack_vrf_remove(f->stack, "red", &err), 0);
	stack_fixture_destroy(f);
}

/* A socket of one worker hears what comes to all, and what is said about its datagrams. */
static struct sock *only;
static unsigned refusals;

static int
only_start(struct sock_app *app, const void *config)
{
	const struct sock_service *service = config;
	int rc = 0;

	if (sock_worker(app->core) == 1) {
		rc = sock_open(app, SOCK_UDP, IP_FAMILY_4, service->vrf, &only);
		assert_int_equal(sock_option_set(only, SOCK_OPT_ERRORS, 1), 0);
		rc = rc < 0 ? rc : sock_bind(only, &service->local);
	}
	return rc;
}

static void
only_events(struct sock_app *app, const struct sock_event *events, unsigned count)
{
	struct sock_msg msgs[SOCK_BATCH];
	int n;

	assert_int_equal(count, 1);
	while ((n = sock_receive_msgs(events[0].sock, msgs, SOCK_BATCH)) != -EAGAIN) {
		if (n > 0)
			assert_int_equal(sock_send_msgs(events[0].sock, msgs, (unsigned)n), n);
		else
			assert_int_equal(n, -ECONNREFUSED);
		refusals += n < 0;
	}
}

static void
test_handed_over_to_the_sockets_worker(void **state)
{
	static const struct sock_app_ops ops = {
		.name = "only", .start = only_start, .events = only_events
	};
	struct stack_fixture *f = fixture(1, 2);
	struct ring_stats ring = { 0 };
	uint8_t quoted[PACKET_MAX];
	size_t length;

	assert_int_equal(start(f, &ops, NULL, 7), 0);
	for (uint16_t i = 0; i < 8; i++)
		stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.0.1", .dst_port = 7,
			.src_port = (uint16_t)(4000 + i));
	length = packet_write(PACKET(.src = "10.0.0.1", .dst = "10.0.0.2", .src_port = 7,
				      .spoil = PACKET_NO_ETHER),
		quoted);
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.0.1", .icmp_type = ICMP4_UNREACHABLE,
		.icmp_code = ICMP4_PORT_UNREACHABLE, .payload = quoted,
		.payload_length = (uint16_t)length);
	stack_fixture_run(f);
	for (uint16_t i = 0; i < 8; i++)
		stack_fixture_expect(f, 0, .eth_dst = HOST0, .src = "10.0.0.1", .dst = "10.0.0.2",
			.src_port = 7, .dst_port = (uint16_t)(4000 + i), .frag = IP4_FRAG_DF,
			.spoil = PACKET_ANY_ID);
	assert_int_equal(refusals, 1);
	stack_ring_stats(f->stack, 1, STACK_RINGS_PER_WORKER - 1, &ring);
	assert_string_equal(ring.name, "handover");
	assert_int_equal(ring.enqueued, 9);
	stack_fixture_destroy(f);
}

/* What a service has beside its state is made before it starts, and freed when it has stopped, or failed. */
static unsigned created, destroyed, freed;
static int create_rc;

static int
option_create(struct sock_app *app, const void *config)
{
	assert_ptr_equal(((const struct sock_service *)config)->options, &freed);
	assert_int_equal((uintptr_t)app % RTE_CACHE_LINE_SIZE, 0);
	assert_int_equal((uintptr_t)app->state % RTE_CACHE_LINE_SIZE, 0);
	created++;
	return created == 2 ? create_rc : 0;
}

static void
option_destroy(struct sock_app *app)
{
	destroyed++;
}

static int
option_start(struct sock_app *app, const void *config)
{
	struct sock *sock;

	return service_udp_open(app, config, &sock);
}

static void
option_free(void *options)
{
	freed++;
}

static void
test_options(void **state)
{
	static const struct sock_app_ops ops = { .name = "option",
		.create = option_create,
		.destroy = option_destroy,
		.start = option_start,
		.events = only_events };
	struct stack_fixture *f = fixture(1, 2);
	struct stack_service_config config = config_of(&ops, NULL, 7);
	struct error err = { 0 };

	config.service.options = &freed;
	config.options_free = option_free;
	assert_int_equal(stack_service_start(f->stack, &config, &err), 0);
	assert_int_equal(created, 2);
	/* Of the same name there is one; of another it may have another port. */
	assert_int_equal(stack_service_start(f->stack, &config, &err), -EEXIST);
	assert_int_equal(freed, 1);
	snprintf(config.name, sizeof(config.name), "another");
	assert_int_equal(stack_service_start(f->stack, &config, &err), -EADDRINUSE);
	assert_int_equal(freed, 2);
	config.service.local.port = 8;
	assert_int_equal(stack_service_start(f->stack, &config, &err), 0);
	assert_non_null(stack_service_find(f->stack, &config));
	/* Nor is one of another application meant that has the same name. */
	config.ops = &service_udp_echo;
	assert_int_equal(stack_service_stop(f->stack, &config, &err), -ENOENT);
	config.ops = &ops;
	config.name[0] = '\0';
	assert_null(stack_service_find(f->stack, &config));
	snprintf(config.name, sizeof(config.name), "another");
	assert_int_equal(stack_service_stop(f->stack, &config, &err), 0);
	assert_int_equal(destroyed, 2);
	assert_int_equal(freed, 3);
	created = 0;
	create_rc = -ENOMEM;
	assert_int_equal(stack_service_start(f->stack, &config, &err), -ENOMEM);
	assert_int_equal(destroyed, 4);
	assert_int_equal(freed, 4);
	stack_fixture_destroy(f);
	assert_int_equal(destroyed, 6);
	assert_int_equal(freed, 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_echo),
		cmocka_unit_test(test_echo_answers_no_service),
		cmocka_unit_test(test_discard_and_chargen),
		cmocka_unit_test(test_what_cannot_be_started),
		cmocka_unit_test(test_handed_over_to_the_sockets_worker),
		cmocka_unit_test(test_options),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
