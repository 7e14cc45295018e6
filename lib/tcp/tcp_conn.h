/* SPDX-License-Identifier: BSD-3-Clause */
/* A connection: the transmission control block of RFC 9293 3.3.1, and what it consists of. */
#ifndef TCP_TCP_CONN_H
#define TCP_TCP_CONN_H

#include <sys/queue.h>

#include "base/sequence.h"
#include "base/timer_wheel.h"
#include "tcp/tcp.h"
#include "tcp/tcp_table.h"
#include "wire/ip6.h"
#include "wire/tcp.h"

/* ---- what is to be sent, and what was ---- */

/* RFC 9293 3.1: both, in front of the rest of the header. */
#define TCP_PORTS_LENGTH 4

enum tcp_seg_state {
	TCP_SEG_SACKED = 1 << 0, /* the peer says that it has it */
	TCP_SEG_LOST = 1 << 1, /* deemed lost */
	TCP_SEG_RETRANS = 1 << 2, /* sent again since it was deemed lost, and in flight */
	TCP_SEG_EVER_RETRANS = 1 << 3, /* was sent more than once: RFC 6298 3 */
	TCP_SEG_MTU_PROBE = 1 << 4, /* larger than others: RFC 4821 7 */
};

/*
 * A piece of the send queue: sent as one segment, with a header that is written in front of its
 * first byte. While it is on its way its mbufs have a second owner, who changes their fields at will;
 * so what is said of them here counts.
 */
struct tcp_seg {
	STAILQ_ENTRY(tcp_seg) next; /* by sequence number */
	TAILQ_ENTRY(tcp_seg) by_time; /* by the time of sending, of those in flight: RFC 8985 */
	struct rte_mbuf *pkt; /* NULL: no data, only SYN or FIN */
	uint32_t seq;
	uint16_t length; /* bytes of data */
	uint16_t offset; /* of the first byte in the first mbuf's buffer */
	uint8_t flags; /* TCP_SYN, TCP_FIN, TCP_PSH */
	uint8_t state; /* enum tcp_seg_state */
	uint16_t mbufs;
	/* When it was sent, last. Times in microseconds, modulo 2^32. */
	uint32_t sent_us;
	uint32_t delivered; /* conn->delivered at that time ... */
	uint32_t delivered_us; /* ... and when that was counted */
};

static_assert(sizeof(struct tcp_seg) <= 64, "one cache line");

static inline uint32_t
tcp_seg_space(const struct tcp_seg *seg)
{
	return seg->length + ((seg->flags & (TCP_SYN | TCP_FIN)) != 0);
}

static inline uint32_t
tcp_seg_end(const struct tcp_seg *seg)
{
	return seg->seq + tcp_seg_space(seg);
}

STAILQ_HEAD(tcp_seg_queue, tcp_seg);
TAILQ_HEAD(tcp_seg_times, tcp_seg);

/* ---- what came with a gap in front ---- */

/* Received bytes without gaps: first <= bytes < end. A SACK block: RFC 2018. */
struct tcp_run {
	struct tcp_run *next;
	struct rte_mbuf *head, *tail; /* mbufs, linked; their data is the run's */
	uint32_t first, end;
	uint32_t age; /* conn->run_age when it last grew: RFC 2018 4, the latest first */
};

/* ---- the connection ---- */

enum tcp_timer {
	TCP_TIMER_RETRANSMIT, /* conn->retransmit_kind says what for */
	TCP_TIMER_ACK, /* delayed */
	TCP_TIMER_KEEP, /* keep-alive, or the end of FIN-WAIT-2 */
	TCP_TIMER_WRITE, /* there was no memory for what the user sends: have him try again */
	TCP_TIMER_CORK, /* what the user has corked goes */
	TCP_TIMER_COUNT
};

enum tcp_retransmit_kind {
	TCP_RETRANSMIT_RTO, /* RFC 6298 */
	TCP_RETRANSMIT_PROBE, /* tail loss probe: RFC 8985 7 */
	TCP_RETRANSMIT_REORDER, /* wait for reordered segments: RFC 8985 6.2 */
	TCP_RETRANSMIT_PERSIST, /* zero window: RFC 9293 3.8.6.1 */
};

/* What is to be sent at the next flush, though neither cwnd nor the window ask for it. */
enum tcp_probe {
	TCP_PROBE_NONE,
	TCP_PROBE_TAIL, /* RFC 8985 7.3 */
	TCP_PROBE_WINDOW, /* RFC 9293 3.8.6.1 */
	TCP_PROBE_KEEPALIVE, /* RFC 9293 3.8.4 */
};

/* What the sender does about losses. */
enum tcp_recovery {
	TCP_RECOVERY_NONE,
	TCP_RECOVERY_FAST, /* RFC 5681 3.2, 6582, 6675, with 8985 and 6937 */
	TCP_RECOVERY_TIMEOUT, /* RFC 6298 5 */
};

/* A peer that says less gets this all the same: headers would be all that is sent (CVE-2019-11479). */
#define TCP_MSS_LEAST 48

/* RFC 5961 7: challenge ACKs of a connection, at once and in a window of time. */
#define TCP_CHALLENGE_MAX       10
#define TCP_CHALLENGE_WINDOW_US 5000000U

/* RFC 4898: what holds the sender back. */
enum tcp_limit { TCP_LIMIT_IDLE, TCP_LIMIT_NETWORK, TCP_LIMIT_RECEIVER, TCP_LIMIT_SENDER };

struct tcp_conn {
	struct tcp_node node; /* first: what the table knows */
	uint8_t state; /* enum tcp_state */
	uint8_t recovery : 3; /* enum tcp_recovery */
	bool undo_fast : 1; /* the one that may be undone was no time-out */
	uint8_t retransmit_kind : 2; /* enum tcp_retransmit_kind */
	uint8_t probe : 2; /* enum tcp_probe */
	bool ecn_asked : 1; /* by our SYN, whatever the policy is by now */
	bool opened : 1; /* its handshake came to its end */
	uint8_t mtu_probe_fails : 2; /* in a row, of a size */
	bool follows : 1; /* one in TIME-WAIT: that PAWS knows their segments apart rests on timestamps */
	uint8_t events; /* enum tcp_event_bit: not yet told */
	/* agreed by the handshake */
	bool sack_ok : 1;
	bool timestamps_ok : 1;
	bool wscale_ok : 1;
	bool ecn_ok : 1;
	/* where it stands */
	bool in_use : 1;
	bool in_table : 1;
	bool on_flush : 1;
	bool on_events : 1;
	bool ack_now : 1; /* an ACK is owed at once */
	bool fin_wanted : 1; /* nothing comes behind what is in the send queue */
	bool fin_queued : 1; /* ... which ends with it */
	bool fin_acked : 1; /* ... and that was acknowledged just now */
	bool fin_received : 1; /* rcv_nxt is beyond it */
	bool fin_pending : 1; /* at rcv_fin, with data missing in front */
	bool reset_wanted : 1; /* to be sent, and then gone */
	bool detached : 1; /* its user has closed */
	bool read_shut : 1;
	bool write_blocked : 1; /* tell the user when there is room */
	bool snd_buf_tuned : 1; /* snd_buf is not what the user wanted, but follows cwnd */
	bool nodelay : 1;
	bool cork : 1;
	bool cork_over : 1; /* what waits behind the cork has waited for long enough */
	bool quickack : 1;
	bool ece_echo : 1; /* RFC 3168 6.1.3: until CWR comes */
	bool cwr_wanted : 1; /* RFC 3168 6.1.2: on the next new data */
	bool cwnd_limited : 1; /* RFC 7661 4.3 */
	bool tlp_out : 1; /* RFC 8985 7.3: a probe is out, up to tlp_end */
	bool tlp_is_retrans : 1;
	bool rack_reordering : 1; /* RFC 8985: RACK.reordering_seen */
	bool frto : 1; /* RFC 5682: the time-out may have been spurious */
	bool undo_ok : 1;
	bool undo_any : 1; /* this recovery has sent something again */
	bool snd_up_ok : 1; /* snd_up says something: RFC 9293 3.8.5 */
	bool rcv_up_ok : 1; /* rcv_up does */
	bool rcv_limited : 1; /* the peer's window held the last flush back */
	bool dsack_ok : 1; /* dsack is to be reported: RFC 2883 */
	bool rate_app_limited : 1; /* the sample in `rate` is what the user offered */
	bool pace_waits : 1; /* data waits for pace_ns */
	bool adv_uto : 1; /* RFC 5482 3.1: ENABLED; */
	bool uto_due : 1; /* it is to be told */
	bool uto_changeable : 1; /* what the peer tells counts */
	bool snd_scale_good : 1; /* the peer's windows mean what they say, scaled */
	bool rcv_scale_good : 1; /* ours do, to the peer */
	bool paced : 1;
	bool pace_always : 1; /* as the policy was when it began */
	bool mtu_probe_out : 1; /* a segment with TCP_SEG_MTU_PROBE, of which something is to be learned */
	bool mtu_halve : 1; /* what was tried was too much: half of the way is next */
	bool mtu_raised : 1; /* by a probe, since it was lowered */
	uint16_t mss_offered; /* in the SYN: RFC 9293 3.7.1 */

	/* receive: RFC 9293 figure 4 */
	uint32_t rcv_nxt;
	uint32_t rcv_adv; /* the right edge that was advertised */
	uint32_t rcv_acked; /* rcv_nxt as last sent */
	uint32_t rcv_fin;
	uint32_t rcv_buf, rcv_buf_max;
	uint32_t rcv_queued; /* bytes that the user has not taken */
	uint32_t ts_recent, ts_recent_ms; /* RFC 7323 4.3, 5.5: it, and when it came */
	uint16_t rcv_mss; /* the largest segment seen: RFC 9293 3.8.6.3, 5681 4.2 */
	/* RFC 7323 2.2; tcp_scale.c has 0 where what was agreed does not work. */
	uint8_t rcv_wscale : 4, rcv_wscale_agreed : 4;
	uint8_t snd_wscale : 4, snd_wscale_agreed : 4;
	uint8_t quick_acks; /* so many at once before ACKs are delayed */
	uint8_t dup_acks_owed; /* RFC 5681 4.2, of peers without SACK */
	uint8_t run_count;
	uint8_t tos;
	struct rte_mbuf *rcv_head, *rcv_tail;

	/* send: RFC 9293 figure 3 */
	uint32_t snd_una, snd_nxt;
	uint32_t snd_wnd, snd_wl1, snd_wl2, snd_wnd_max;
	uint32_t snd_end; /* sequence number behind the send queue */
	uint32_t seg_count; /* segments in it */
	uint32_t snd_buf, snd_buf_max;
	uint16_t snd_mss; /* data in a segment: RFC 6691, less fixed options */
	uint16_t pmtu;
	uint16_t pmtu_most; /* what probes may raise it to: as it was at first, or the peer takes */
	uint16_t pmtu_high; /* more is not tried for now: RFC 4821 7.1, search_high */
	uint16_t mtu_probe_s; /* tcp_clock_s() of the next probe, or later */
	uint8_t hdr_length; /* of IP and TCP, with timestamps if agreed */
	uint8_t ip_length;
	uint8_t dup_acks; /* RFC 5681 2, of peers without SACK */
	uint8_t syn_retries; /* so many before it gives up */
	uint16_t timeouts; /* up to 65535 */
	struct tcp_seg_queue queue; /* from snd_una on */
	struct tcp_seg *unsent; /* the first that was not sent */
	struct tcp_seg_times in_flight; /* sent, and neither SACKed nor lost */
	uint32_t sacked_bytes, lost_bytes, retrans_bytes; /* RFC 6675: for the pipe */
	uint32_t ts_offset; /* of our timestamps: RFC 7323 7.1 */
	uint8_t header[IP6_HDR_LENGTH + TCP_PORTS_LENGTH]; /* what is the same of all packets */

	/* RFC 6298; microseconds */
	uint32_t srtt_us, rttvar_us, rto_us;
	uint32_t min_rtt_us, min_rtt_at_us;
	uint8_t backoff; /* time-outs or probes in a row */
	uint8_t rto_backoff; /* RTO is doubled so often, until a round trip is measured: RFC 6298 5 */
	uint8_t probes; /* keep-alives in a row */
	uint8_t challenges : 4; /* up to TCP_CHALLENGE_MAX */
	uint8_t limit : 4; /* enum tcp_limit */
	uint32_t challenge_us; /* when their window began */

	/* recovery */
	uint32_t recover; /* it ends when this is acknowledged: RFC 6582 */
	uint32_t ecn_recover; /* RFC 3168 6.1.2: once a window */
	uint32_t prr_delivered, prr_out, prr_flight, prr_cwnd; /* RFC 6937 */
	struct tcp_seg *lost_hint; /* no segment in front of it waits to be sent again */
	uint32_t undo_retrans; /* segments sent again, less those reported as duplicates */
	uint32_t undo_ts; /* our timestamp of the first sent again that may be out: RFC 3522 */
	struct tcp_seg *sack_hint; /* where the last block began */

	/* RFC 8985 5.2 */
	uint32_t rack_sent_us, rack_end, rack_rtt_us, rack_fack;
	uint32_t rack_dsack_round, tlp_end;
	uint8_t rack_window_factor, rack_window_persist;

	uint8_t icmp_error; /* a soft one, positive errno: RFC 1122 4.2.3.9 */
	uint8_t beyond_timeouts : 4; /* in a row, with data beyond the unscaled window */
	uint8_t filled_windows : 4; /* in a row: unscaled ones of ours, to the byte */

	/* delivery rate */
	uint32_t delivered, delivered_us;
	uint32_t app_limited; /* delivered beyond which samples count; 0: they do */
	uint32_t sent_us; /* last, data */
	uint32_t limit_us; /* RFC 4898: since when the present limit holds */
	uint64_t rate; /* bytes a second, the latest sample */

	struct cc cc;

	/* out of order */
	struct tcp_run *runs; /* by sequence number */
	uint32_t run_bytes;
	uint32_t run_age;
	struct tcp_sack_block dsack;

	/* receive buffer tuning */
	uint32_t tune_us, tune_taken, tune_space;
	uint32_t snd_up; /* behind the last urgent octet */

	struct timer_node timer; /* armed for the earliest of due_ns, or earlier */
	uint64_t due_ns[TCP_TIMER_COUNT]; /* 0: not set */
	uint64_t pace_ns; /* until then takes what was sent; a timer, too, if pace_waits */
	uint32_t pacing_rate; /* bytes a second; 0: as it comes */
	uint32_t stalled_ms; /* since when nothing was acknowledged: RFC 5482 */
	uint32_t heard_ms, text_ms; /* the last segment received, and that with data */
	uint32_t user_timeout_ms, keepalive_idle_ms, keepalive_interval_ms;
	uint8_t keepalive_count;
	uint8_t error; /* positive errno, not told yet */
	uint16_t rcv_field; /* our window as sent last */
	uint16_t scale_s; /* since when the peer's are taken as they stand: tcp_scale.c's clock */
	uint16_t snd_wanted; /* bytes of the packet that waits for room, at most; 0: any does */
	uint32_t rcv_up; /* behind the last urgent octet received */

	void *user;
	struct tcp_listener *listener; /* while it waits to be accepted */
	TAILQ_ENTRY(tcp_conn) flush_next;
	union {
		TAILQ_ENTRY(tcp_conn) event_next;
		STAILQ_ENTRY(tcp_conn) accept_next; /* while it waits to be accepted */
	};

	/* RFC 4898 */
	uint64_t bytes_sent, bytes_acked, bytes_received, bytes_retransmitted;
	uint32_t segments_in, segments_out, data_segments_in, data_segments_out;
	uint32_t retransmits, recoveries, undos, dsacks_in, reorderings, ecn_marks;
	uint64_t busy_us, receiver_limited_us, sender_limited_us;
};

/* With its socket and its place in the table one takes no more than 1 KiB. */
static_assert(sizeof(struct tcp_conn) <= 832, "a million of them are idle");

TAILQ_HEAD(tcp_conn_list, tcp_conn);
STAILQ_HEAD(tcp_accept_queue, tcp_conn);

/* RFC 9293 3.3.1: bytes sent and not acknowledged. */
static inline uint32_t
tcp_flight_size(const struct tcp_conn *conn)
{
	return conn->snd_nxt - conn->snd_una;
}

/* RFC 6675 4: the pipe. */
static inline uint32_t
tcp_in_flight(const struct tcp_conn *conn)
{
	uint32_t gone = conn->sacked_bytes + conn->lost_bytes;
	uint32_t sent = tcp_flight_size(conn) + conn->retrans_bytes;

	return sent > gone ? sent - gone : 0;
}

#endif
