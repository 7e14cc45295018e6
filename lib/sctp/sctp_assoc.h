/* SPDX-License-Identifier: BSD-3-Clause */
/* An association, its paths, its streams, and its data: RFC 9260 14, by its names where it has them. */
#ifndef SCTP_SCTP_ASSOC_H
#define SCTP_SCTP_ASSOC_H

#include <sys/queue.h>

#include <bsd/sys/tree.h>

#include "base/timer_wheel.h"
#include "cc/cc.h"
#include "sctp/sctp.h"
#include "sctp/sctp_pmtu.h"
#include "sctp/sctp_table.h"

#define SCTP_TSN_MAP_BITS 4096U /* TSNs behind a gap */
#define SCTP_TSN_NEAR     64U /* of these, those that each association has room for */
#define SCTP_DUPS_MAX     16 /* duplicates that a SACK tells of */
/* TSNs sent and not acknowledged: behind a gap the peers that are known take 4096 at most. */
#define SCTP_SENT_BLOCK  64U
#define SCTP_SENT_BLOCKS 64U
#define SCTP_SENT_MAX    (SCTP_SENT_BLOCK * (SCTP_SENT_BLOCKS - 1))
#define SCTP_BLOCK_BITS  2
#define SCTP_BLOCK       (1U << SCTP_BLOCK_BITS) /* streams */
#define SCTP_BLOCKS      (SCTP_STREAMS_MAX / SCTP_BLOCK)
#define SCTP_BLOCKS_NEAR 4U /* that an association itself refers to */
#define SCTP_MAP_BLOCKS  128U /* ... of which a block that is a map refers to so many */
#define SCTP_MAPS        (SCTP_BLOCKS / SCTP_MAP_BLOCKS)
#define SCTP_REASON_MAX  64 /* bytes of an ABORT's information */
#define SCTP_PIECE_COST  256U /* bytes of a receive buffer that a smaller chunk takes as well */

enum sctp_timer {
	SCTP_TIMER_T1, /* INIT, COOKIE ECHO */
	SCTP_TIMER_T2, /* SHUTDOWN, SHUTDOWN ACK */
	SCTP_TIMER_GUARD, /* T5 */
	SCTP_TIMER_SACK,
	SCTP_TIMER_FORWARD, /* FORWARD TSN: as T3-rtx */
	SCTP_TIMER_RETRY, /* there was no packet buffer */
	SCTP_TIMER_ASCONF, /* T-4 RTO: RFC 5061 5.1 */
	SCTP_TIMER_RECONF, /* RFC 6525 5.1.1 */
	SCTP_TIMER_COUNT
};

enum sctp_path_timer {
	SCTP_PATH_T3,
	SCTP_PATH_HEARTBEAT,
	SCTP_PATH_PMTU, /* RFC 8899 5.1.1: PROBE_TIMER, PMTU_RAISE_TIMER */
	SCTP_PATH_TIMER_COUNT
};

/* A chunk's user data: to be sent, sent, or received. Its bytes are in a packet that it has a share of. */
struct sctp_piece {
	union {
		TAILQ_ENTRY(sctp_piece) next; /* in a queue */
		RB_ENTRY(sctp_piece) node; /* received: among fragments, or messages that wait */
	};
	union {
		struct sctp_piece *run; /* fragment at an end of a run: the one at its other end */
		struct sctp_piece *more; /* received: the next one of what is delivered at once */
		/* To be sent: a ring of the fragments of a message. */
		struct {
			struct sctp_piece *sibling, *sibling_before;
		};
	};
	struct rte_mbuf *pkt;
	uint32_t offset; /* in pkt; of SCTP_PIECE_ALONE, in its buffer */
	uint16_t length;
	uint16_t stream;
	uint32_t mid; /* its message's number in its stream; of DATA the lower half is the SSN */
	uint32_t fsn; /* its own in its message; of DATA that is received, the TSN */
	uint32_t tsn;
	uint32_t ppid_be, context;
	uint8_t flags; /* enum sctp_data_flag */
	/* sent: */
	uint8_t state; /* enum sctp_piece_state */
	uint8_t policy; /* enum sctp_pr_policy */
	uint16_t resent; /* times */
	uint16_t key_id; /* of SCTP_PIECE_KEYED: what it is authenticated with */
	uint64_t limit; /* of its policy: when, how often, or its priority */
	union {
		uint64_t order; /* to be sent: its message's place among all */
		uint64_t group; /* received: sctp_fragment.c; 0: of DATA */
	};
	uint64_t sent_ns;
	struct sctp_path *path; /* by which it was sent, or is wanted to be; NULL: by the best */
};

/* What is known of a piece besides the bits of its block. */
enum sctp_piece_state {
	SCTP_PIECE_AGAIN = 1 << 0, /* was sent more than once */
	SCTP_PIECE_TIMED_OUT = 1 << 1, /* lost by T3-rtx: on another path, if there is one */
	SCTP_PIECE_SENT = 1 << 2, /* it has a TSN */
	SCTP_PIECE_TAKEN_BACK = 1 << 4, /* a gap block had it, and then none: it may be overtaken */
	SCTP_PIECE_ALONE = 1 << 3, /* to be sent: its packet has nothing else but padding */
	SCTP_PIECE_KEYED = 1 << 5, /* to be sent with a key of its own, and not the active one */
	SCTP_PIECE_MOVED = 1 << 6, /* was sent by several paths */
	SCTP_PIECE_UNSENT =
		1 << 7, /* to be sent: the last time it went no further than a queue of ours */
};

TAILQ_HEAD(sctp_piece_list, sctp_piece);
RB_HEAD(sctp_fragment_tree, sctp_piece);
RB_HEAD(sctp_message_tree, sctp_piece);

/* Pieces that were sent, one behind the other, and a bit of each for what is known of it. */
struct sctp_sent_block {
	uint64_t acked; /* by a gap block: it may be taken back */
	uint64_t lost; /* to be sent again: not in flight */
	uint64_t abandoned; /* RFC 3758 3.5: none of the others */
	uint64_t fast; /* was sent again by fast retransmit: not a second time */
	uint64_t misses[2]; /* RFC 9260 7.2.4: the lower and the upper bit of a count */
	struct sctp_piece *pieces[SCTP_SENT_BLOCK];
};

/* A message that is delivered while it still comes. */
struct sctp_part {
	bool open;
	uint32_t mid;
	uint32_t next; /* FSN */
	uint32_t ppid_be; /* of its first fragment: RFC 8260 2.1 */
};

struct sctp_stream {
	struct sctp_message_tree waiting; /* received, complete, whose turn it is not */
	struct sctp_piece_list unsent;
	RB_ENTRY(sctp_stream) node; /* of those that have something to send, by key */
	uint64_t key; /* sctp_sched.c */
	uint64_t served; /* by a scheduler that is fair: what it has had */
	uint64_t told; /* the order of the message, plus 1, that its user was told has failed */
	uint32_t out_mid, out_unordered_mid, in_mid; /* the next ones */
	struct sctp_part parts[2]; /* of an ordered message, of an unordered one */
	uint16_t id;
	uint16_t value; /* its priority or weight: sctp_stream_value_set() */
};

RB_HEAD(sctp_stream_tree, sctp_stream);

struct sctp_stream_block {
	struct sctp_stream streams[SCTP_BLOCK];
	struct sctp_abandoned *abandoned; /* [SCTP_BLOCK]; NULL: none was */
};

/* Refs of blocks, from 1 on, in the place of a block. */
struct sctp_stream_map {
	uint32_t blocks[SCTP_MAP_BLOCKS];
};

_Static_assert(sizeof(struct sctp_stream_map) <= sizeof(struct sctp_stream_block),
	"a map takes the place of a block");

/* Of a TSN its bit modulo their number. */
struct sctp_gap_map {
	uint64_t bits[SCTP_TSN_MAP_BITS / 64];
};

/* Which TSNs have come: all up to cum, and a bit for each of those behind. */
struct sctp_tsn_map {
	uint32_t cum, highest;
	uint8_t dup_count;
	uint32_t dups[SCTP_DUPS_MAX];
	uint64_t near; /* of a TSN its bit modulo 64: of the 64 next ones, while there is no map */
	struct sctp_gap_map *gaps; /* NULL: none behind those has come */
};

struct sctp_path {
	struct sctp_node node;
	struct sctp_assoc *assoc;
	struct ip_addr remote, local;
	struct cc cc;
	struct sctp_path_settings settings;
	uint64_t due_ns[SCTP_PATH_TIMER_COUNT]; /* 0: not armed */
	uint64_t used_ns; /* something was sent that earns an answer */
	uint64_t data_ns; /* data was sent; 0: never */
	uint64_t heartbeat_nonce;
	uint64_t heartbeat_sent_ns;
	uint64_t heartbeats, timeouts;
	uint32_t flight; /* bytes of user data */
	uint32_t acked; /* while a SACK is processed: bytes that it acknowledges first */
	uint32_t acked_cum; /* ... of these, by the cumulative TSN */
	uint64_t rtt_ns; /* ... the newest sample; 0: none */
	uint32_t rtt_tsn; /* the next sample is of this one or later: one a round trip */
	uint32_t allowed; /* while packets are made: flight, by cwnd and Max.Burst */
	uint32_t bursts; /* that SACKs allow since packets were made */
	uint32_t srtt_us, rttvar_us, rto_us;
	struct sctp_pmtu pmtu;
	uint32_t ecn_exit; /* TSN */
	uint16_t mtu;
	uint16_t iface;
	uint16_t encaps_port; /* of the peer's: RFC 6951; 0: it is not sent in UDP */
	uint8_t state; /* enum sctp_path_state */
	uint8_t errors;
	bool heartbeat_wanted, heartbeat_out; /* to be sent; sent, and not answered */
	bool heartbeat_asked; /* by the user */
	bool silent; /* no address of ours is there to send from: sctp_asconf.h */
	bool ecn_reduced; /* cwnd was, for what was sent up to ecn_exit */
	bool primary_wanted; /* by the peer, once it is confirmed: RFC 5061 4.2.4 */
	bool cwnd_limited;
	bool timed_out; /* T3-rtx expired, and nothing was acknowledged since */
	bool unsent; /* something found no room in a queue, and nothing was acknowledged since */
	bool lost; /* while a SACK is processed: something of it was lost */
};

TAILQ_HEAD(sctp_assoc_list, sctp_assoc);
TAILQ_HEAD(sctp_notice_list, sctp_notice_item);

struct sctp_notice_item {
	TAILQ_ENTRY(sctp_notice_item) next;
	uint32_t after; /* chunks that were made ready before it */
	uint64_t order; /* of SEND_FAILED: its message's place among all */
	struct sctp_piece_list data;
	struct sctp_notice notice;
};

/* Chunks that are to be sent. */
enum sctp_control {
	SCTP_SEND_INIT = 1 << 0,
	SCTP_SEND_COOKIE_ECHO = 1 << 1,
	SCTP_SEND_COOKIE_ACK = 1 << 2,
	SCTP_SEND_SHUTDOWN = 1 << 3,
	SCTP_SEND_SHUTDOWN_ACK = 1 << 4,
	SCTP_SEND_ABORT = 1 << 5,
	SCTP_SEND_AGAIN = 1 << 6, /* those of T1, T2 were sent before */
};

struct sctp_assoc {
	struct sctp_settings settings;
	TAILQ_ENTRY(sctp_assoc) flush_next, event_next, accept_next;
	struct timer_node timer;
	uint64_t due_ns[SCTP_TIMER_COUNT]; /* 0: not armed */
	void *user;
	struct sctp_listener *listener; /* while nobody has accepted it */
	int error;
	uint8_t state; /* enum sctp_state */
	uint8_t control; /* enum sctp_control */
	uint8_t events;
	bool in_use;
	bool on_flush, on_events;
	bool detached; /* its user is done with it */
	bool was_up;

	/* addresses */
	uint16_t local_port, remote_port;
	uint8_t vrf;
	uint8_t local_count, path_count;
	uint8_t locals_unused; /* a bit of each that is being added or deleted: not to be sent from */
	uint8_t init_path; /* of INIT and COOKIE ECHO */
	struct ip_addr locals[SCTP_ADDRS_MAX];
	union {
		struct sctp_path *paths[SCTP_ADDRS_MAX];
		struct ip_addr ended_remote; /* what the primary path's was, once there is none */
	};
	struct sctp_path *primary;
	struct sctp_path *last_path; /* by which a packet came last: control chunks go there */

	/* set-up */
	uint32_t local_tag, peer_tag;
	uint32_t initial_tsn, peer_initial_tsn;
	uint8_t retries; /* of T1 and T2 */
	uint8_t stale_cookies;
	uint32_t cookie_extra_ms; /* a preservative for the next INIT */
	struct rte_mbuf
		*cookie; /* to be echoed, with a length and no headers; then what to report */
	uint16_t cookie_length;
	struct sctp_auth *auth; /* NULL: it has none */
	struct sctp_asconf *asconf; /* NULL: no address has changed */
	struct sctp_reconfig *reconfig; /* NULL: nothing was asked for */
	uint16_t errors; /* overall error count */
	uint64_t
		verify_ns; /* RFC 9260 5.4: when the next path may be asked whether it is the peer's */
	uint32_t t1_rto_us;

	/* sending */
	uint16_t extensions; /* agreed: enum sctp_extension */
	uint16_t out_streams, in_streams;
	struct sctp_stream_tree busy; /* that have something to send */
	struct sctp_stream *sending; /* a message of its is not sent wholly: no other before */
	struct sctp_stream *bundled; /* had the last chunk of the packet that is made */
	uint64_t sched_rounds, sched_time; /* sctp_sched.c */
	uint32_t sent_blocks[SCTP_SENT_BLOCKS]; /* refs, from 1 on, of a TSN's by TSN / 64 */
	uint32_t ahead; /* TSNs behind cum_acked that are abandoned: Advanced.Peer.Ack.Point */
	uint32_t forwarded; /* the last one that a FORWARD TSN has said */
	uint64_t forwarded_ns;
	bool forward_due;
	struct sctp_abandoned abandoned; /* messages */
	struct rte_mbuf *send_tail; /* small messages share packets */
	uint32_t unsent_bytes, sent_bytes;
	uint32_t pieces_out; /* of both */
	uint32_t next_tsn, cum_acked; /* the last TSN acknowledged cumulatively */
	uint32_t peer_rwnd;
	uint32_t flight; /* of all paths */
	uint32_t recovery_exit; /* RFC 9260 7.2.4 */
	bool in_recovery;
	bool lost; /* some piece is */
	uint32_t lost_from; /* none before this TSN is */
	bool fast_now; /* one packet of what is lost goes whatever cwnd says: RFC 9260 7.2.4 (3) */
	uint32_t gap_acked; /* pieces that gap blocks acknowledge */
	uint32_t reneged; /* pieces, less those that were acknowledged for good since */
	uint32_t pr_least; /* no message that waits has a lower priority, which is a higher value */
	bool write_full; /* the user was told -EAGAIN */
	bool shutdown_wanted; /* its user sends no more */
	bool paths_wanted; /* some message was for a path of its user's choice */
	/* A message of which its user has not said the end: RFC 6458 8.1.26. */
	struct {
		bool is_open, unordered;
		bool is_cut; /* it is more than one chunk for its length */
		uint16_t stream;
		uint32_t fsn; /* of its next piece */
		uint64_t order;
	} part;
	bool probing; /* of a zero window */

	/* receiving */
	bool sack_wanted; /* now */
	bool sack_due; /* something came that is not acknowledged yet */
	bool sack_said; /* the first one is sent */
	uint8_t sack_packets;
	bool peer_ended;
	bool peer_adaptation_said;
	bool ecne_due; /* with each SACK, until CWR: ecne_tsn was marked */
	bool cwr_due;
	uint32_t peer_adaptation;
	uint32_t ecne_tsn, cwr_tsn;
	uint32_t ecne_packets; /* marked, since it is due */
	bool read_limited; /* a_rwnd was told that is too small to be used */
	struct sctp_path *sack_path; /* by which DATA came last */
	const struct sctp_path *sacked_path; /* by which a SACK went last; never looked into */
	uint8_t sack_turn; /* of its paths, for what duplicates ask for */
	struct sctp_tsn_map tsn_map;
	struct sctp_fragment_tree fragments; /* of messages that are not complete */
	uint32_t left_tsn; /* of DATA: the last that was delivered, or could be */
	bool left_ends; /* ... it ends its message */
	struct sctp_piece_list ready, behind; /* behind: while a message is delivered in part */
	struct rte_mbuf *received_tail;
	uint16_t part_count; /* of messages that are delivered in part */
	uint32_t received; /* bytes that wait */
	uint32_t received_pieces; /* ... in so many */
	uint32_t ready_bytes;
	uint16_t held_s; /* since when something is nobody's to read: second of the clock */
	uint16_t ready_since; /* SCTP_READY_UNITs of bytes that could be delivered since then */
	uint32_t blocks[SCTP_BLOCKS_NEAR]; /* refs, from 1 on, of blocks of streams */
	uint32_t maps[SCTP_MAPS]; /* ... of maps of those, and of others */
	uint16_t block_count; /* with maps */

	struct sctp_notice_list notices;
	uint32_t notice_count;
	uint32_t notice_bytes; /* that came with them */
	uint32_t ready_count, taken_count; /* chunks made ready for its user, and taken by him */
	uint64_t messages_in, messages_out, packets_in, packets_out, retransmitted;
	uint8_t reason_length;
	uint16_t abort_cause;
	uint8_t reason[SCTP_REASON_MAX];
};

/* doc/performance.md: with its socket, and what a worker has beside, less than 4096. */
_Static_assert(sizeof(struct sctp_assoc) + 2 * sizeof(struct sctp_path) +
			sizeof(struct sctp_stream_block) <=
		2800,
	"an idle association with two paths, which has used a stream");

#endif
