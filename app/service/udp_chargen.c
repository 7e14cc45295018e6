/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The character generator: each datagram is answered with up to 512 characters. RFC 864. But never
 * with more than came: it would serve to flood others, in whose name the datagrams are sent.
 */
#include "service/service.h"

#define CHARGEN_MAX  512
#define CHARGEN_LINE 72
/* The printable characters, from which each line begins one further on. */
#define CHARGEN_FIRST ' '
#define CHARGEN_COUNT 95

struct chargen {
	char pattern[CHARGEN_MAX];
};

static int
chargen_start(struct sock_app *app, const void *config)
{
	struct chargen *chargen = app->state;
	struct sock *sock;

	for (unsigned i = 0; i < CHARGEN_MAX; i++) {
		unsigned line = i / (CHARGEN_LINE + 2), column = i % (CHARGEN_LINE + 2);

		if (column < CHARGEN_LINE)
			chargen->pattern[i] =
				(char)(CHARGEN_FIRST + (line + column) % CHARGEN_COUNT);
		else
			chargen->pattern[i] = column == CHARGEN_LINE ? '\r' : '\n';
	}
	return service_udp_open(app, config, &sock);
}

/* From the address that was asked: RFC 1122 4.1.3.5. */
static void
chargen_answer(struct sock_app *app, struct sock *sock, struct sock_msg *msg)
{
	const struct chargen *chargen = app->state;
	struct sock_msg answer = { .peer = msg->peer, .local = msg->local };
	uint32_t length = msg->pkt->pkt_len < CHARGEN_MAX ? msg->pkt->pkt_len : CHARGEN_MAX;

	if (service_udp_may_answer(msg))
		answer.pkt = sock_packet_alloc(app->core);
	if (answer.pkt != NULL) {
		memcpy(rte_pktmbuf_append(answer.pkt, (uint16_t)length), chargen->pattern, length);
		if (sock_send_msgs(sock, &answer, 1) != 1)
			rte_pktmbuf_free(answer.pkt);
	}
	rte_pktmbuf_free(msg->pkt);
}

static void
chargen_events(struct sock_app *app, const struct sock_event *events, unsigned count)
{
	struct sock_msg msgs[SOCK_BATCH];

	for (unsigned i = 0; i < count; i++) {
		int n;

		while ((n = sock_receive_msgs(events[i].sock, msgs, SOCK_BATCH)) > 0) {
			for (int j = 0; j < n; j++)
				chargen_answer(app, events[i].sock, &msgs[j]);
		}
	}
}

const struct sock_app_ops service_udp_chargen = {
	.name = "udp-chargen",
	.state_size = sizeof(struct chargen),
	.start = chargen_start,
	.events = chargen_events,
};
