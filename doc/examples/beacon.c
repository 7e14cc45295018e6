/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An application for spated: each worker sends a datagram to somebody, again and again.
 *
 *     cc -shared -fPIC beacon.c $(pkg-config --cflags spate-app) -o beacon.so
 *
 *     spate> service load beacon.so
 *     spate> service start app beacon args "10.0.0.2 9999 100"
 *
 * sends to port 9999 of 10.0.0.2 every 100 milliseconds.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <sock/sock.h>

/* Of each worker; zeros at first. */
struct beacon {
	struct sock_timer timer;
	struct sock *sock;
	uint64_t interval_ns;
	uint64_t sent, lost;
};

/* It struck, and is set again: from its own time on, so that no delay adds up. */
static void
beacon_send(struct sock_app *app, struct sock_timer *timer)
{
	struct beacon *beacon = app->state;
	char text[64];
	int length = snprintf(text, sizeof(text), "worker %u, number %" PRIu64 "\n",
		sock_worker(app->core), beacon->sent + beacon->lost);

	if (sock_send(beacon->sock, text, (size_t)length, NULL) == length)
		beacon->sent++;
	else
		beacon->lost++;
	sock_timer_set(app, timer, sock_now_ns(app->core) + beacon->interval_ns);
}

/* "10.0.0.2 9999 100" */
static int
args_parse(const char *args, struct sock_addr *peer, uint64_t *interval_ns)
{
	unsigned long port, interval_ms;
	char addr[IP_TEXT_MAX];
	char *rest;
	int used;

	if (args == NULL || sscanf(args, "%51s%n", addr, &used) != 1 ||
		ip_addr_parse(addr, &peer->addr) < 0)
		return -EINVAL;
	port = strtoul(args + used, &rest, 10);
	interval_ms = strtoul(rest, &rest, 10);
	if (*rest != '\0' || port == 0 || port > UINT16_MAX || interval_ms == 0 ||
		interval_ms > UINT32_MAX)
		return -EINVAL;
	peer->port = (uint16_t)port;
	peer->iface = PKT_IFACE_NONE;
	*interval_ns = interval_ms * UINT64_C(1000000);
	return 0;
}

/* On each worker in turn. What it has opened is closed if it fails. */
static int
beacon_start(struct sock_app *app, const void *config)
{
	const struct sock_service *service = config;
	struct beacon *beacon = app->state;
	struct sock_addr peer;
	int rc = args_parse(service->args, &peer, &beacon->interval_ns);

	if (rc == 0)
		rc = sock_open(app, SOCK_UDP, (enum ip_family)peer.addr.family, service->vrf,
			&beacon->sock);
	/* With a port of the user's, all workers send from it. */
	if (rc == 0 && service->local.port != 0) {
		sock_option_set(beacon->sock, SOCK_OPT_REUSEPORT, 1);
		rc = sock_bind(beacon->sock, &service->local);
	}
	if (rc == 0)
		rc = sock_connect(beacon->sock, &peer);
	if (rc < 0)
		return rc;
	beacon->timer.strike = beacon_send;
	sock_timer_set(app, &beacon->timer, sock_now_ns(app->core));
	return 0;
}

/* Nobody is expected to answer: what comes is thrown away, and errors are taken note of. */
static void
beacon_events(struct sock_app *app, const struct sock_event *events, unsigned count)
{
	struct sock_msg msgs[SOCK_BATCH];
	int64_t error;
	int n;

	(void)app;
	for (unsigned i = 0; i < count; i++) {
		if (events[i].sock == NULL)
			continue;
		if (events[i].events & SOCK_EVENT_ERROR)
			sock_option_get(events[i].sock, SOCK_OPT_ERROR, &error);
		while ((n = sock_receive_msgs(events[i].sock, msgs, SOCK_BATCH)) > 0) {
			for (int j = 0; j < n; j++)
				rte_pktmbuf_free(msgs[j].pkt);
		}
	}
}

SPATE_APP(.name = "beacon", .state_size = sizeof(struct beacon), .start = beacon_start,
	.events = beacon_events);
