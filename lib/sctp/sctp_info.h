/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A part of sctp.h: what is known of a worker, of its associations and of their paths.
 */
#ifndef SCTP_SCTP_INFO_H
#define SCTP_SCTP_INFO_H

#include "sctp/sctp.h"

/** Counters of a worker: enum sctp_stat, names in sctp_stat.def. */
enum sctp_stat {
#define SCTP_STAT(name, help) SCTP_STAT_##name,
#include "sctp/sctp_stat.def"
#undef SCTP_STAT
	SCTP_STAT_COUNT
};

const char *sctp_stat_name(enum sctp_stat stat);
const char *sctp_stat_help(enum sctp_stat stat);
/** [SCTP_STAT_COUNT]; written by the worker, read by any thread with counter_read() */
const uint64_t *sctp_stats(const struct sctp_core *core);

struct sctp_info {
	enum sctp_state state;
	uint16_t local_port, remote_port;
	uint8_t vrf;
	uint32_t local_tag, peer_tag;
	uint16_t out_streams, in_streams;
	uint16_t extensions; /**< agreed: enum sctp_extension */
	uint8_t path_count, primary; /**< index for sctp_path_info() */
	uint16_t assoc_errors;
	uint32_t next_tsn, cum_tsn_acked; /**< of ours */
	uint32_t rcv_cum_tsn; /**< of the peer's */
	uint32_t peer_rwnd, rwnd;
	bool was_up; /**< it was established */
	uint32_t in_flight, unsent, unread; /**< bytes */
	uint32_t unacked; /**< bytes sent and not acknowledged cumulatively */
	uint32_t pending_chunks; /**< of data that waits for its user */
	uint32_t fragment_point; /**< bytes of user data in a chunk at most */
	uint32_t out_of_order; /**< bytes received that wait for others */
	uint64_t messages_in, messages_out, packets_in, packets_out;
	uint64_t chunks_retransmitted;
	uint32_t send_buffer, receive_buffer; /**< bytes of user data */
	enum sctp_scheduler scheduler;
	const char *cc; /**< congestion control */
};
void sctp_info(
	const struct sctp_core *core, const struct sctp_assoc *assoc, struct sctp_info *info);

struct sctp_path_info {
	struct ip_addr local, remote;
	enum sctp_path_state state;
	bool primary;
	uint8_t errors;
	uint16_t mtu;
	uint16_t mtu_probed; /**< the size of the probe that is out; 0: none */
	uint16_t mtu_max; /**< while it is probed: none larger is tried */
	enum sctp_pmtu_state pmtu_state;
	uint32_t rto_us, srtt_us, cwnd, ssthresh, in_flight;
	uint64_t heartbeats, timeouts;
	uint16_t encaps_port; /**< of the peer's: RFC 6951; 0: it is not encapsulated */
};
/** Our addresses. @return how many */
unsigned sctp_locals(const struct sctp_assoc *assoc, struct ip_addr addrs[SCTP_ADDRS_MAX]);
/** The peer's primary address: of an association that has ended, what it was. */
struct ip_addr sctp_peer(const struct sctp_assoc *assoc);
/** All before it, and it, has come: RFC 6458 5.3.2, sinfo_cumtsn. */
uint32_t sctp_cum_tsn(const struct sctp_assoc *assoc);
/** @return false: there are not so many */
bool sctp_path_info(const struct sctp_assoc *assoc, unsigned index, struct sctp_path_info *info);

/** A stream, both ways: what is next, and what waits. */
struct sctp_stream_info {
	uint16_t id;
	uint16_t value; /**< sctp_stream_value_set() */
	uint32_t out_next, in_next; /**< SSN of the next ordered message; of I-DATA its MID */
	uint32_t unsent_messages, unsent_bytes;
	uint32_t waiting_messages, waiting_bytes; /**< received whole, while others are missing */
	bool in_part; /**< a message is delivered while it still comes */
	bool has_more; /**< more wait than were counted */
};
/**
 * Streams that were used, from `*cursor` (0 at first) on, as many as a moment is enough for.
 * @return how many; 0: there are no more
 */
unsigned sctp_streams(struct sctp_core *core, const struct sctp_assoc *assoc, unsigned *cursor,
	struct sctp_stream_info *infos, unsigned max);

/** What is known of a listener. */
struct sctp_listener_info {
	struct sctp_bind bind;
	void *user;
	const char *cc;
	uint32_t backlog, accepted; /**< accepted: that wait for sctp_accept() */
	uint16_t out_streams, in_streams;
	uint16_t extensions; /**< offered: enum sctp_extension */
};
/** Listeners in no order, without the first `from` ones. @return how many */
unsigned sctp_listeners(const struct sctp_core *core, unsigned from,
	struct sctp_listener_info *infos, unsigned max);

/** How many there are now. */
struct sctp_counts {
	uint32_t assocs, paths, chunks, stream_blocks, listeners, notices, auths, auth_keys,
		reconfigs, asconfs, gap_maps;
	uint32_t sent_blocks; /**< of 64 chunks that were sent, and are not all acknowledged */
	uint32_t received; /**< bytes that wait */
	uint32_t curr_estab; /**< associations that are set up, and not ended from here: RFC 3873 */
	uint32_t assocs_max; /**< as many as there may be */
};
void sctp_counts(const struct sctp_core *core, struct sctp_counts *counts);

/** Places of a worker's table, and what is at one: NULL: nothing. @{ */
uint32_t sctp_assoc_places(const struct sctp_core *core);
struct sctp_assoc *sctp_assoc_at(const struct sctp_core *core, uint32_t place);
/** @} */
/** Associations of a worker, in no order: from `*cursor` (0 at first) on. NULL: no more */
struct sctp_assoc *sctp_assoc_next(const struct sctp_core *core, uint32_t *cursor);

#endif
