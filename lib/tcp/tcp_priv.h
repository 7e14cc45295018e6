/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of lib/tcp share: a worker's state, a received segment, and each other's functions. */
#ifndef TCP_TCP_PRIV_H
#define TCP_TCP_PRIV_H

#include "base/counter.h"
#include "tcp/tcp_conn.h"

/* Room for link, IP and TCP headers in front of data: what packets have by default. */
#define TCP_HEADROOM RTE_PKTMBUF_HEADROOM

/* Without a descriptor or a buffer it is tried again so much later. */
#define TCP_RETRY_NS 10000000ULL

/* ---- a received segment ---- */

struct tcp_segment {
	struct rte_mbuf *pkt; /* NULL: taken over by a queue */
	struct rte_mbuf *last; /* its last buffer, as it came */
	struct tcp_tuple tuple;
	uint32_t hash;
	uint32_t seq, ack;
	uint32_t end; /* sequence number behind it: data, SYN and FIN */
	uint32_t length; /* bytes of data, trimmed to what is new and in the window */
	uint32_t mss; /* bytes of the largest of the segments that it was on the wire */
	uint32_t count; /* how many these were */
	uint16_t window; /* as it stands */
	uint16_t urgent;
	uint32_t offset; /* of the data in the packet */
	uint8_t flags; /* enum tcp_flag */
	uint8_t tos;
	bool ce; /* RFC 3168: met congestion */
	bool follows; /* a SYN of a connection that follows one in TIME-WAIT ... */
	uint32_t before; /* ... whose numbers ended here ... */
	bool elsewhere; /* ... on another worker, who keeps it until what follows is there */
	uint8_t drop; /* enum drop_reason, if `dropped` */
	bool dropped;
	unsigned worker; /* that it is to be handed over to; TCP_WORKER_NONE */
	struct tcp_options options;
};

static inline void
tcp_segment_drop(struct tcp_segment *segment, enum drop_reason reason)
{
	segment->dropped = true;
	segment->drop = (uint8_t)reason;
}

/* tcp_gro.c: have a segment join the one that came before it, if that can be. @return whether it did */
bool tcp_gro_join(struct tcp_segment *first, struct tcp_segment *next);

/* ---- small things that are in the table beside connections ---- */

/* SYN-RECEIVED after LISTEN: tcp_synq.c. */
struct tcp_half_open {
	struct tcp_node node;
	TAILQ_ENTRY(tcp_half_open) next; /* of those that were answered as often */
	LIST_ENTRY(tcp_half_open) sibling; /* of the same listener */
	struct tcp_listener *listener;
	uint64_t due_ns;
	uint32_t iss, irs;
	uint32_t ts_recent;
	uint32_t sent_us; /* the SYN-ACK, first */
	uint32_t ts_val; /* our timestamp, if it is a cookie */
	uint16_t mss; /* the peer's */
	uint8_t wscale;
	uint8_t retries;
	bool in_use : 1;
	bool answered_again : 1; /* the SYN-ACK was sent more than once */
	bool sack_ok : 1;
	bool timestamps_ok : 1;
	bool wscale_ok : 1;
	bool ecn_ok : 1;
};
TAILQ_HEAD(tcp_half_open_list, tcp_half_open);
LIST_HEAD(tcp_half_open_set, tcp_half_open);

/* tcp_timewait.c */
struct tcp_time_wait {
	struct tcp_node node;
	TAILQ_ENTRY(tcp_time_wait) next; /* by time */
	uint64_t due_ns;
	uint32_t snd_nxt, rcv_nxt;
	uint32_t ts_recent;
	uint32_t acked_ms; /* the last ACK sent: RFC 5961 7 */
	uint16_t window; /* as sent last */
	bool in_use;
	bool timestamps_ok;
	uint8_t tos;
};
TAILQ_HEAD(tcp_time_wait_list, tcp_time_wait);

#define TCP_SYNACK_RETRIES_MAX 8
#define TCP_LISTENER_BUCKETS   256
#define TCP_COOKIE_MSS_COUNT   8

struct tcp_listener {
	LIST_ENTRY(tcp_listener) next; /* of the same bucket */
	struct tcp_bind bind;
	struct tcp_settings settings;
	struct tcp_accept_queue accepted;
	struct tcp_half_open_set half_open;
	uint32_t backlog, accepted_count, half_open_count;
	TAILQ_ENTRY(tcp_listener) event_next;
	bool on_events;
	bool cookies_out; /* some were sent, the last at cookie_ms */
	uint32_t cookie_ms;
	void *user;
};
TAILQ_HEAD(tcp_listener_list, tcp_listener);
LIST_HEAD(tcp_listener_bucket, tcp_listener);

/* ---- what workers share: tcp_ports.c, tcp_name.c ---- */

/* A bit a worker. */
struct tcp_port_use {
	uint64_t conns, listeners;
};

struct tcp_ports {
	/* Both written before workers run. */
	const struct tcp_table *tables[TCP_WORKERS_MAX];
	const struct tcp_names *names[TCP_WORKERS_MAX];
	struct tcp_port_use ports[UINT16_MAX + 1];
};

/* How many of these a worker has on a port. */
struct tcp_port_counts {
	uint32_t conns; /* all that is in the table */
	uint32_t listeners;
};

#define TCP_NAME_BUCKETS 256

struct tcp_name {
	void *free; /* the slab's */
	/* read by other workers */
	uint64_t addr[2], rest;
	uint32_t next; /* in its slab */
};

/* Those of a worker, by port. Read by other workers. */
struct tcp_names {
	uint32_t changes; /* odd while a chain changes */
	uint32_t buckets[TCP_NAME_BUCKETS];
	struct slab slab;
};

int tcp_names_init(struct tcp_names *names, uint32_t max, int socket_id);
void tcp_names_fini(struct tcp_names *names);

/* ---- a worker's TCP ---- */

struct tcp_core {
	struct tcp_config config;
	uint64_t now_ns;
	uint32_t now_us, now_ms;
	struct tcp_table table;
	struct timer_wheel wheel;
	struct slab conns, segs, runs, half_opens, time_waits, listeners;
	struct tcp_conn_list flush, events;
	struct tcp_listener_list listener_events;
	struct tcp_port_counts *port_counts; /* [65536] */
	struct tcp_names names;
	uint32_t received; /* bytes that wait for users, or for what is missing in front */
	uint32_t peer_mask;
	uint32_t *peer_counts; /* [peer_mask + 1]; NULL: peers are not counted */
	uint32_t send_buffers; /* packet buffers in send queues */
	uint32_t flush_room; /* segments that may leave in this flush */
	struct tcp_listener_bucket listening[TCP_LISTENER_BUCKETS];
	struct tcp_half_open_list half_open[TCP_SYNACK_RETRIES_MAX + 1]; /* by answers */
	struct tcp_time_wait_list time_wait;
	uint64_t stats[TCP_STAT_COUNT];
};

static inline void
tcp_count(struct tcp_core *core, enum tcp_stat stat)
{
	counter_add(&core->stats[stat], 1);
}

/* The clock of timestamps ticks each millisecond: RFC 7323 5.4. */
static inline uint32_t
tcp_ts_now(const struct tcp_core *core)
{
	return core->now_ms;
}

/* For waits of minutes: 1024 ms each, modulo 18 hours. */
static inline uint16_t
tcp_clock_s(const struct tcp_core *core)
{
	return (uint16_t)(core->now_ms >> 10);
}

/* tcp_isn.c: RFC 6528; RFC 7323 7.1 */
uint32_t tcp_isn(const struct tcp_core *core, const struct tcp_tuple *tuple);
uint32_t tcp_ts_offset(const struct tcp_core *core, const struct tcp_tuple *tuple);
static inline uint32_t
tcp_ts_val(const struct tcp_core *core, const struct tcp_tuple *tuple)
{
	return tcp_ts_now(core) + tcp_ts_offset(core, tuple);
}

/* tcp_conn.c */
struct tcp_conn *tcp_conn_create(struct tcp_core *core, const struct tcp_tuple *tuple,
	uint32_t hash, const struct tcp_settings *settings);
/* What both handshakes have agreed on: MSS of the peer, and from it the header and cwnd. */
void tcp_conn_agree(struct tcp_core *core, struct tcp_conn *conn, uint32_t peer_mss);
/* No longer found by segments; its queue and timers end. The user may still read. */
void tcp_conn_end(struct tcp_core *core, struct tcp_conn *conn, int error);
/* ... and now it is free. */
void tcp_conn_free(struct tcp_core *core, struct tcp_conn *conn);
void tcp_flush_add(struct tcp_core *core, struct tcp_conn *conn);
uint32_t tcp_mss_of_mtu(uint32_t mtu, uint8_t family);

/* tcp_event.c */
void tcp_event_add(struct tcp_core *core, struct tcp_conn *conn, unsigned events);
void tcp_event_drop(struct tcp_core *core, struct tcp_conn *conn);
void tcp_listener_event_add(struct tcp_core *core, struct tcp_listener *listener);

/* tcp_header.c: packets around data */
struct tcp_reply {
	const struct tcp_tuple *tuple;
	struct tcp_fields fields; /* ports and header length apart */
	struct tcp_options options;
	uint8_t tos, ttl;
};
/* Build and send a segment without data that belongs to no connection. @return false: it was not */
bool tcp_reply_send(
	struct tcp_core *core, const struct tcp_reply *reply, const struct tcp_out *out);
/* RFC 9293 3.10.7.1: the reset that a segment earns that no connection is there for. */
void tcp_reset_send(
	struct tcp_core *core, const struct tcp_segment *segment, const struct tcp_out *out);
void tcp_header_prepare(struct tcp_conn *conn, const struct tcp_settings *settings);
struct tcp_send {
	uint32_t seq;
	uint32_t length; /* bytes of data that pkt has */
	uint32_t segments; /* that it is to be cut to, each but the last of snd_mss bytes */
	uint8_t flags; /* enum tcp_flag */
	uint8_t ecn; /* codepoint of IP */
};
/* Write headers in front of the data of pkt, and send it. */
void tcp_header_send(struct tcp_core *core, struct tcp_conn *conn, struct rte_mbuf *pkt,
	const struct tcp_send *send, const struct tcp_out *out);
static inline struct pkt_vec *
tcp_out_vec(const struct tcp_out *out, uint8_t family)
{
	return family == IP_FAMILY_4 ? out->send4 : out->send6;
}

/* Options that our SYN offers beside MSS (enum tcp_option), after so many that were not answered. */
uint32_t tcp_syn_offer(const struct tcp_core *core, const struct tcp_conn *conn, uint8_t backoff);

/* tcp_ports.c */
void tcp_ports_conn_add(struct tcp_core *core, uint16_t port);
void tcp_ports_conn_remove(struct tcp_core *core, uint16_t port);
void tcp_ports_listener_add(struct tcp_core *core, uint16_t port);
void tcp_ports_listener_remove(struct tcp_core *core, uint16_t port);
/* Neither are workers. */
#define TCP_WORKER_NONE   UINT32_MAX
#define TCP_WORKER_UNSURE (UINT32_MAX - 1)
/* Which other worker may have a connection; NONE: none has it; UNSURE: ask again later */
unsigned tcp_ports_owner(const struct tcp_core *core, uint16_t port, uint32_t hash);
/* Which other worker has one, half open or not, that has followed one in TIME-WAIT here; or as above */
unsigned tcp_ports_successor(const struct tcp_core *core, uint16_t port, uint32_t hash);
/* Another worker that listens; of one that was handed over only those behind this one. */
unsigned tcp_ports_listener(const struct tcp_core *core, uint16_t port, bool handed);

/* tcp_peer.c: connections of a peer */
int tcp_peers_init(struct tcp_core *core);
void tcp_peers_fini(struct tcp_core *core);
void tcp_peer_conn_add(struct tcp_core *core, const struct tcp_tuple *tuple);
void tcp_peer_conn_remove(struct tcp_core *core, const struct tcp_tuple *tuple);
/* Whether it has as many as it may: then the segment is dropped, and answered by a reset. */
bool tcp_peer_refuses(
	struct tcp_core *core, struct tcp_segment *segment, const struct tcp_out *out);

/* tcp_listen.c */
struct tcp_listener *tcp_listener_lookup(
	const struct tcp_core *core, const struct tcp_tuple *tuple);
void tcp_listen_input(struct tcp_core *core, struct tcp_listener *listener,
	struct tcp_segment *segment, const struct tcp_out *out);

/* tcp_synq.c */
void tcp_half_open_input(struct tcp_core *core, struct tcp_half_open *half,
	struct tcp_segment *segment, const struct tcp_out *out);
void tcp_half_open_add(struct tcp_core *core, struct tcp_listener *listener,
	struct tcp_segment *segment, const struct tcp_out *out);
void tcp_half_open_remove(struct tcp_core *core, struct tcp_half_open *half);
void tcp_half_open_timers(struct tcp_core *core, const struct tcp_out *out);
uint64_t tcp_half_open_next_ns(const struct tcp_core *core);
/* What a SYN agreed on becomes a connection that waits to be accepted. NULL: it cannot */
struct tcp_conn *tcp_half_open_accept(
	struct tcp_core *core, const struct tcp_half_open *half, const struct tcp_segment *segment);

/* tcp_cookie.c */
void tcp_cookie_make(
	struct tcp_core *core, const struct tcp_segment *segment, struct tcp_half_open *half);
/* Whether an ACK brings a good cookie: then what its SYN had said. */
bool tcp_cookie_check(struct tcp_core *core, struct tcp_listener *listener,
	const struct tcp_segment *segment, struct tcp_half_open *half);

/* tcp_input.c */
void tcp_conn_input(struct tcp_core *core, struct tcp_conn *conn, struct tcp_segment *segment,
	const struct tcp_out *out);
/* RFC 9293 3.10.7.4, from the fifth step on: of a segment that completes a handshake as well. */
void tcp_established_input(
	struct tcp_core *core, struct tcp_conn *conn, struct tcp_segment *segment);
/* tcp_synsent.c: RFC 9293 3.10.7.3 */
void tcp_syn_sent_input(struct tcp_core *core, struct tcp_conn *conn, struct tcp_segment *segment,
	const struct tcp_out *out);

/* The handshake is complete, by this segment. */
void tcp_conn_establish(
	struct tcp_core *core, struct tcp_conn *conn, const struct tcp_segment *segment);

/* tcp_challenge.c: RFC 5961 */
void tcp_challenge(struct tcp_core *core, struct tcp_conn *conn);

/* tcp_paws.c: RFC 7323 */
/* Whether a segment lacks what both SYNs have agreed that it has: 3.2. Another SYN may be challenged. */
static inline bool
tcp_ts_is_missing(bool agreed, const struct tcp_segment *segment)
{
	return agreed && !(segment->options.present & TCP_OPTION_TIMESTAMPS) &&
		!(segment->flags & (TCP_RST | TCP_SYN));
}
bool tcp_paws_refuses(const struct tcp_core *core, const struct tcp_conn *conn,
	const struct tcp_segment *segment);
void tcp_ts_update(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_segment *segment);

/* tcp_ack.c: what an acknowledgment says, collected over its steps */
struct tcp_ack {
	const struct tcp_segment *segment;
	uint32_t flight_before; /* the pipe */
	uint32_t acked; /* by which snd_una advanced, bytes */
	uint32_t delivered_before;
	uint32_t rtt_us; /* newest sample; 0: none */
	struct tcp_seg newest; /* of those delivered now, the last that was sent */
	bool any; /* newest is one */
	bool orig; /* something arrived that was never sent again: RFC 5682 */
	bool dsack; /* RFC 2883 */
	bool lost; /* something was marked lost now */
	bool window_update, window_opened;
};
/* @return false: the segment is to be dropped */
bool tcp_ack_input(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_segment *segment);
/* A segment was delivered: for the samples. */
void tcp_ack_delivered(
	struct tcp_core *core, struct tcp_conn *conn, struct tcp_ack *ack, struct tcp_seg *seg);

/* tcp_rate.c */
void tcp_rate_sent(struct tcp_core *core, struct tcp_conn *conn, struct tcp_seg *seg);
void tcp_rate_sample(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_ack *ack);

/* tcp_sack.c: RFC 2018, 2883, 6675 */
void tcp_sack_input(struct tcp_core *core, struct tcp_conn *conn, struct tcp_ack *ack);
/* RFC 6675 5.1: forget it all, after reneging. */
void tcp_sack_forget(struct tcp_conn *conn);
/* The blocks to report: RFC 2018 4. */
void tcp_sack_report(const struct tcp_conn *conn, struct tcp_options *options);

/* tcp_rack.c: RFC 8985 */
void tcp_rack_update(struct tcp_core *core, struct tcp_conn *conn, struct tcp_ack *ack);
/* Mark what is lost. @return whether anything was */
bool tcp_rack_detect(struct tcp_core *core, struct tcp_conn *conn);
/* tcp_tlp.c: RFC 8985 7 */
bool tcp_tlp_arm(struct tcp_core *core, struct tcp_conn *conn);
void tcp_tlp_ack(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_ack *ack);
/* The segment to probe with: new data if there may be some, else the last. */
struct tcp_seg *tcp_tlp_choose(struct tcp_conn *conn);

/* tcp_prr.c: RFC 6937 */
void tcp_prr_start(struct tcp_conn *conn);
void tcp_prr_ack(struct tcp_conn *conn, uint32_t delivered, bool una_advanced);

/* tcp_recovery.c */
/* Congestion, of which lib/cc makes what it will. */
void tcp_congestion(struct tcp_core *core, struct tcp_conn *conn, enum cc_signal signal,
	uint32_t in_flight_bytes);
void tcp_recovery_ack(struct tcp_core *core, struct tcp_conn *conn, struct tcp_ack *ack);
void tcp_recovery_timeout(struct tcp_core *core, struct tcp_conn *conn);
/* Reordered segments had time to arrive: RFC 8985 6.3. */
void tcp_recovery_reorder_strike(struct tcp_core *core, struct tcp_conn *conn);
/* tcp_undo.c: RFC 3522, 4015, 5682, 2883 */
void tcp_undo_start(struct tcp_core *core, struct tcp_conn *conn);
bool tcp_undo_ack(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_ack *ack);

/* tcp_rtt.c: RFC 6298 */
/* RFC 7323 4.1: what the echo of a segment says. */
uint32_t tcp_rtt_by_timestamp(const struct tcp_core *core, const struct tcp_conn *conn,
	const struct tcp_segment *segment);
void tcp_rtt_sample(struct tcp_core *core, struct tcp_conn *conn, uint32_t rtt_us);
void tcp_rto_compute(const struct tcp_core *core, struct tcp_conn *conn);

/* tcp_seg.c: the send queue */
struct tcp_seg *tcp_seg_append(struct tcp_core *core, struct tcp_conn *conn, uint8_t flags);
void tcp_seg_free(struct tcp_core *core, struct tcp_conn *conn, struct tcp_seg *seg);
/* Have a segment be of `length` bytes, and what remains another behind it. */
bool tcp_seg_split(
	struct tcp_core *core, struct tcp_conn *conn, struct tcp_seg *seg, uint32_t length);
/* Have the first unsent segment be of `length` bytes, less than there are, with those of the ones behind it. */
bool tcp_seg_join(
	struct tcp_core *core, struct tcp_conn *conn, struct tcp_seg *seg, uint32_t length);
/* Its data as a packet that may be sent, with one reference for whoever sends it. NULL: no memory */
struct rte_mbuf *tcp_seg_pkt(struct tcp_core *core, struct tcp_seg *seg);
/* Its first bytes are acknowledged. */
void tcp_seg_trim(struct tcp_core *core, struct tcp_seg *seg, uint32_t bytes);
static inline struct tcp_seg *
tcp_queue_last(const struct tcp_conn *conn)
{
	if (STAILQ_EMPTY(&conn->queue))
		return NULL;
	return RTE_PTR_SUB(conn->queue.stqh_last, offsetof(struct tcp_seg, next.stqe_next));
}
void tcp_queue_free(struct tcp_core *core, struct tcp_conn *conn);
void tcp_seg_mark_lost(struct tcp_conn *conn, struct tcp_seg *seg);
/* Whether it is on conn->in_flight: sent, and neither SACKed nor lost, unless sent again. */
static inline bool
tcp_seg_is_timed(const struct tcp_conn *conn, const struct tcp_seg *seg)
{
	return seq_before(seg->seq, conn->snd_nxt) && !(seg->state & TCP_SEG_SACKED) &&
		(seg->state & (TCP_SEG_LOST | TCP_SEG_RETRANS)) != TCP_SEG_LOST;
}

/* tcp_room.c */
/* Of segments that are queued, those with data: a SYN in front is one without. */
static inline uint32_t
tcp_data_segments(const struct tcp_conn *conn)
{
	const struct tcp_seg *first = STAILQ_FIRST(&conn->queue);

	return conn->seg_count - (first != NULL && (first->flags & TCP_SYN) != 0);
}
/* Of so many segments or buffers those that connections may have which have some: the rest is for first ones. */
static inline uint32_t
tcp_send_more_max(uint32_t max)
{
	return max - max / 16 * 3;
}
/* Whether memory of send queues is short enough to ask who has it in vain. */
bool tcp_send_is_short(const struct tcp_core *core);
/* End one that keeps others from it by a reset; its user is told ENOBUFS. */
void tcp_shed(struct tcp_core *core, struct tcp_conn *conn);
/* Bytes that the user may send now. */
uint32_t tcp_send_room(const struct tcp_core *core, const struct tcp_conn *conn);
/* Whether a packet of so many bytes is taken now, the first of them at least. */
bool tcp_send_takes(const struct tcp_core *core, const struct tcp_conn *conn, uint32_t length);
/* Tell the user who waits for it that there is room, if that is worth it. */
void tcp_write_check(struct tcp_core *core, struct tcp_conn *conn);
void tcp_write_strike(struct tcp_core *core, struct tcp_conn *conn);

/* tcp_output.c */
/* @return false: the vector is full */
bool tcp_output(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_out *out);
void tcp_cork_strike(struct tcp_core *core, struct tcp_conn *conn);
bool tcp_seg_send(struct tcp_core *core, struct tcp_conn *conn, struct tcp_seg *seg,
	const struct tcp_out *out);
bool tcp_ack_send(
	struct tcp_core *core, struct tcp_conn *conn, uint32_t seq, const struct tcp_out *out);

/* tcp_window.c: RFC 9293 3.8.6 */
uint16_t tcp_window_advertise(struct tcp_conn *conn);
bool tcp_window_is_due(const struct tcp_conn *conn);
void tcp_window_tune(struct tcp_core *core, struct tcp_conn *conn, uint32_t taken);
uint8_t tcp_window_scale(uint32_t buffer_max);
uint32_t tcp_window_room(const struct tcp_conn *conn);

/* tcp_scale.c: scaled windows that are not understood as such */
void tcp_scale_agreed(struct tcp_conn *conn);
/* The largest of the peer's windows, as they are taken now: half of that is waited for before less is sent. */
static inline uint32_t
tcp_scale_window_max(const struct tcp_conn *conn)
{
	return conn->snd_wnd_max >> (conn->snd_wscale_agreed - conn->snd_wscale);
}
/* Something arrived that was sent so many bytes ahead of what was acknowledged then, with itself. */
void tcp_scale_ack(struct tcp_core *core, struct tcp_conn *conn, uint32_t ahead);
/* @return whether this time-out has the peer's windows be taken as they stand */
bool tcp_scale_timeout(struct tcp_core *core, struct tcp_conn *conn);
/* Data came, up to here; pushed: it may be all that the peer had. */
void tcp_scale_data(struct tcp_core *core, struct tcp_conn *conn, uint32_t end, bool pushed);

/* tcp_reass.c, tcp_recv.c: received data */
/* What waits behind gaps leaves room for what fills them. */
static inline uint32_t
tcp_runs_bytes_max(const struct tcp_core *core)
{
	return core->config.received_max / 4 * 3;
}
void tcp_text_input(struct tcp_core *core, struct tcp_conn *conn, struct tcp_segment *segment);
void tcp_pkt_trim(struct rte_mbuf **pkt, uint32_t front, uint32_t length);
void tcp_pkt_append(struct rte_mbuf **head, struct rte_mbuf **tail, struct rte_mbuf *pkt);
void tcp_pkts_free(struct rte_mbuf *head);
void tcp_runs_free(struct tcp_core *core, struct tcp_conn *conn);

/* tcp_ecn.c: RFC 3168, 8511 */
#define TCP_ECT0 2
#define TCP_CE   3
void tcp_ecn_input(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_segment *segment);
/* Of a SYN, or a SYN-ACK: RFC 3168 6.1.1 */
uint8_t tcp_ecn_syn_flags(const struct tcp_conn *conn);
/*
 * Whether the peer's SYN or SYN-ACK agrees with our SYN: ECE alone answers that it may be used, and SYNs
 * that cross both have to ask.
 */
bool tcp_ecn_agrees(const struct tcp_conn *conn, const struct tcp_segment *segment);
void tcp_ecn_ack(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_ack *ack);

/* tcp_urgent.c: RFC 9293 3.8.5, 6093 */
void tcp_urgent_input(
	struct tcp_core *core, struct tcp_conn *conn, const struct tcp_segment *segment);
/* The user has read on. */
void tcp_urgent_read(struct tcp_conn *conn);

/* tcp_timer.c */
/* Be woken then, at the latest. */
void tcp_timer_arm(struct tcp_core *core, struct tcp_conn *conn, uint64_t due_ns);
void tcp_timer_set(
	struct tcp_core *core, struct tcp_conn *conn, enum tcp_timer timer, uint64_t due_ns);
static inline void
tcp_timer_clear(struct tcp_conn *conn, enum tcp_timer timer)
{
	conn->due_ns[timer] = 0;
}
void tcp_ack_strike(struct tcp_core *core, struct tcp_conn *conn);
/* Choose what the retransmission timer waits for: RFC 6298 5, RFC 8985 7.2, or nothing. */
void tcp_retransmit_arm(struct tcp_core *core, struct tcp_conn *conn);
/* tcp_rto.c */
void tcp_rto_strike(struct tcp_core *core, struct tcp_conn *conn);
/* Whether it has memory that others wait for, and its peer has taken nothing of it for so long. */
bool tcp_is_burden(const struct tcp_core *core, const struct tcp_conn *conn);
/* Why one that is given up got no answer, as a positive errno: RFC 1122 4.2.3.9 */
int tcp_timeout_error(const struct tcp_conn *conn);
/* tcp_persist.c */
void tcp_persist_arm(struct tcp_core *core, struct tcp_conn *conn);
void tcp_persist_strike(struct tcp_core *core, struct tcp_conn *conn);
/* tcp_pace.c */
/* Another rate from here on; what it makes leave sooner leaves at the next flush. */
void tcp_pace_set(const struct tcp_core *core, struct tcp_conn *conn, uint32_t rate);
/* Whether data has to wait; then it is woken. */
bool tcp_pace_waits(struct tcp_core *core, struct tcp_conn *conn);
void tcp_pace_sent(const struct tcp_core *core, struct tcp_conn *conn, uint32_t bytes);
void tcp_pace_strike(struct tcp_core *core, struct tcp_conn *conn);
/* tcp_user_timeout.c: RFC 5482 */
void tcp_user_timeout_set(struct tcp_conn *conn, const struct tcp_settings *settings);
/* An option came. */
void tcp_user_timeout_input(struct tcp_conn *conn, const struct tcp_options *options);
/* A peer's does not keep what nobody waits for: RFC 9293 3.8.3 ends that sooner. */
static inline bool
tcp_user_timeout_is_nobodys(const struct tcp_conn *conn)
{
	return conn->uto_changeable && conn->detached;
}
/* When it is over. UINT64_MAX: nothing waits, or there is none */
uint64_t tcp_user_timeout_ns(const struct tcp_core *core, const struct tcp_conn *conn);
void tcp_user_timeout_arm(struct tcp_core *core, struct tcp_conn *conn);
/* A timer has struck. */
void tcp_user_timeout_strike(struct tcp_core *core, struct tcp_conn *conn);
/* Add ours to those of a segment with so much room for options, if it is due. */
void tcp_user_timeout_tell(
	struct tcp_conn *conn, bool syn, uint32_t room, struct tcp_options *options);
/* tcp_keepalive.c */
void tcp_keepalive_arm(struct tcp_core *core, struct tcp_conn *conn);
void tcp_keep_strike(struct tcp_core *core, struct tcp_conn *conn);

/* tcp_timewait.c */
void tcp_time_wait_enter(struct tcp_core *core, struct tcp_conn *conn);
/*
 * @param listened somebody may take it, if it is a SYN
 * @return true: a SYN that may take its place, which is then to be removed: RFC 6191
 */
bool tcp_time_wait_input(struct tcp_core *core, struct tcp_time_wait *wait,
	struct tcp_segment *segment, bool listened, const struct tcp_out *out);
/* Behind all numbers that its segments can have had. */
uint32_t tcp_time_wait_beyond(const struct tcp_time_wait *wait);
/* Whether a connection that is begun here may take its place. */
bool tcp_time_wait_may_follow(const struct tcp_core *core, const struct tcp_time_wait *wait);
void tcp_time_wait_timers(struct tcp_core *core);
void tcp_time_wait_remove(struct tcp_core *core, struct tcp_time_wait *wait);

/* tcp_close.c */
void tcp_fin_queue(struct tcp_core *core, struct tcp_conn *conn);
void tcp_fin_acked(struct tcp_core *core, struct tcp_conn *conn);
void tcp_fin_input(struct tcp_core *core, struct tcp_conn *conn);

/* tcp_pmtu.c: RFC 1191, 8201, 4821 */
/* Of a connection that begins: at most 65535. */
uint32_t tcp_path_mtu(const struct tcp_core *core, const struct tcp_tuple *tuple,
	const struct tcp_settings *settings);
/* @param told it is known; else it is a guess */
void tcp_pmtu_set(struct tcp_core *core, struct tcp_conn *conn, uint32_t mtu, bool told);
/* Time-outs of large segments only: perhaps ICMP errors do not come through. */
void tcp_pmtu_black_hole_check(struct tcp_core *core, struct tcp_conn *conn);

/* tcp_mtu_probe.c: RFC 4821 7, 8899 5 */
static inline bool
tcp_mtu_probe_is_wanted(const struct tcp_conn *conn)
{
	return unlikely(conn->pmtu < conn->pmtu_most) && conn->unsent != NULL;
}
/* Send one if it is time to. @return whether new data waits, so that there will be room for one */
bool tcp_mtu_probe_send(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_out *out);
void tcp_mtu_probe_acked(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_seg *seg);
void tcp_mtu_probe_lost(struct tcp_conn *conn, struct tcp_seg *seg);
/* Whatever becomes of the one that is out says nothing of its size: RFC 4821 7.6.4. */
static inline void
tcp_mtu_probe_forget(struct tcp_conn *conn)
{
	conn->mtu_probe_out = false;
}
/* An ICMP error about a segment says what the path carries. */
void tcp_mtu_probe_too_big(
	struct tcp_core *core, struct tcp_conn *conn, uint32_t seq, uint32_t mtu);
/* The path's MTU has become smaller: when that is doubted. */
void tcp_mtu_probe_later(const struct tcp_core *core, struct tcp_conn *conn, bool told);
/* Whether the probe is all that is lost, which was out before something was deemed to be. */
bool tcp_mtu_probe_is_all(const struct tcp_conn *conn, bool was_out);

/* tcp_info.c: RFC 4898's limits */
void tcp_limit_update(struct tcp_core *core, struct tcp_conn *conn);

#endif
