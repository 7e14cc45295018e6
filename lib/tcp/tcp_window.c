/* SPDX-License-Identifier: BSD-3-Clause */
/* The receive window: what is advertised (RFC 9293 3.8.6), and a buffer that grows with what is read. */
#include "tcp/tcp_priv.h"

/* Bytes that may come beyond rcv_nxt, by what was advertised. */
uint32_t
tcp_window_room(const struct tcp_conn *conn)
{
	return seq_after(conn->rcv_adv, conn->rcv_nxt) ? conn->rcv_adv - conn->rcv_nxt : 0;
}

static uint32_t
buffer_room(const struct tcp_conn *conn)
{
	return conn->rcv_buf > conn->rcv_queued ? conn->rcv_buf - conn->rcv_queued : 0;
}

/* RFC 9293 3.8.6.2.2: whether the right edge moves far enough to be worth it. */
static bool
edge_may_move(const struct tcp_conn *conn, uint32_t room)
{
	uint32_t offered = tcp_window_room(conn);

	return room >= offered + RTE_MIN(conn->rcv_buf / 2, conn->rcv_mss);
}

uint16_t
tcp_window_advertise(struct tcp_conn *conn)
{
	uint32_t room = buffer_room(conn), offered = tcp_window_room(conn), window;

	/* RFC 9293 3.8.6, SHLD-14: what was offered is not taken back. */
	window = edge_may_move(conn, room) ? room : offered;
	/*
	 * RFC 7323 2.4: what the scale cuts off seems to be taken back, but is accepted. Rounded up,
	 * the edge would move with each segment, and the window never close.
	 */
	window = RTE_MIN(window >> conn->rcv_wscale, 65535U);
	conn->rcv_adv = seq_max(conn->rcv_adv, conn->rcv_nxt + (window << conn->rcv_wscale));
	conn->rcv_field = (uint16_t)window;
	return (uint16_t)window;
}

bool
tcp_window_is_due(const struct tcp_conn *conn)
{
	uint32_t room = buffer_room(conn), offered = tcp_window_room(conn);

	if (conn->fin_received || conn->state < TCP_ESTABLISHED)
		return false;
	room = RTE_MIN(room, 65535U << conn->rcv_wscale);
	/* A window that was closed opens; or half of the buffer has become free since. */
	return room > offered &&
		(room - offered >= conn->rcv_buf / 2 ||
			(offered < conn->rcv_mss && edge_may_move(conn, room)));
}

uint8_t
tcp_window_scale(uint32_t buffer_max)
{
	uint8_t scale = 0;

	while (scale < TCP_WSCALE_MAX && 65535U << scale < buffer_max)
		scale++;
	return scale;
}

/*
 * Dynamic right-sizing: a sender in slow start doubles what it sends each round trip, so the window
 * is twice what was read in the last.
 */
void
tcp_window_tune(struct tcp_core *core, struct tcp_conn *conn, uint32_t taken)
{
	/* Who has sent nothing that could be timed has the time-out, which is longer. */
	const uint32_t round_us = conn->srtt_us != 0 ? conn->srtt_us : conn->rto_us;
	/* With a gap in front, what goes beyond this is given up: offering more would be a lie. */
	const uint32_t max = RTE_MIN(conn->rcv_buf_max, tcp_runs_bytes_max(core));

	conn->tune_taken += taken;
	if (core->now_us - conn->tune_us < round_us)
		return;
	if (conn->tune_taken > conn->tune_space) {
		uint64_t wanted = 2ULL * conn->tune_taken + 16U * conn->rcv_mss;

		conn->tune_space = conn->tune_taken;
		if (wanted > conn->rcv_buf && core->received < core->config.received_max / 2)
			conn->rcv_buf =
				RTE_MAX(conn->rcv_buf, (uint32_t)RTE_MIN(wanted, (uint64_t)max));
	}
	conn->tune_taken = 0;
	conn->tune_us = core->now_us;
}
