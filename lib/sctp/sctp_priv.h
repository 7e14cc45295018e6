/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the files of lib/sctp share: a worker's state, a received packet, and each other's functions;
 * those about user data are in sctp_data.h.
 */
#ifndef SCTP_SCTP_PRIV_H
#define SCTP_SCTP_PRIV_H

#include <errno.h>
#include <string.h>
#include <sys/queue.h>

#include <rte_common.h>
#include <rte_mbuf.h>

#include "base/counter.h"
#include "base/sequence.h"
#include "pkt/slab.h"
#include "sctp/sctp.h"
#include "sctp/sctp_asconf.h"
#include "sctp/sctp_assoc.h"
#include "sctp/sctp_auth.h"
#include "sctp/sctp_former.h"
#include "sctp/sctp_notice.h"
#include "sctp/sctp_reconfig.h"
#include "sctp/sctp_send.h"
#include "sctp/sctp_settings.h"
#include "sctp/sctp_table.h"

#define SCTP_WORKER_NONE      UINT32_MAX
#define SCTP_WORKER_UNSURE    (UINT32_MAX - 1)
#define SCTP_LISTENER_BUCKETS 64
#define SCTP_RETRY_NS         10000000ULL /* without a buffer, until there may be one again */

struct sctp_listener {
	LIST_ENTRY(sctp_listener) next;
	TAILQ_ENTRY(sctp_listener) event_next;
	struct sctp_bind bind;
	struct sctp_settings settings;
	struct sctp_assoc_list accepted;
	uint32_t accepted_count, backlog;
	struct sctp_auth_keys keys;
	void *user;
	bool on_events;
};

LIST_HEAD(sctp_listener_bucket, sctp_listener);
TAILQ_HEAD(sctp_listener_list, sctp_listener);

/* The workers' bits of a port, each written by its worker. */
struct sctp_port_use {
	uint64_t assocs, listeners;
};

struct sctp_ports {
	const struct sctp_table *tables[SCTP_WORKERS_MAX];
	struct sctp_port_use ports[UINT16_MAX + 1];
};

struct sctp_port_count {
	uint32_t assocs, listeners;
};

/*
 * What answers a packet, and needs no association: all of it is one packet, so that no more leave than
 * came. RFC 9260 6.10 wants chunks bundled.
 */
struct sctp_answer {
	struct rte_mbuf *pkt; /* NULL: there is none */
	const struct sctp_packet *to;
	uint32_t vtag;
	uint32_t used; /* bytes of chunks */
	uint32_t chunks; /* in these */
};

struct sctp_core {
	struct sctp_config config;
	struct sctp_settings defaults;
	uint64_t now_ns;
	bool clock_runs;
	uint64_t draws; /* numbers drawn from the secret: sctp_draw() */
	struct slab assocs, paths, pieces, sent_blocks, stream_blocks, abandoned, listeners,
		notices;
	struct slab auths, auth_keys, keyrings, reconfigs,
		asconfs; /* of associations that use these */
	struct slab gap_maps; /* of those that miss TSNs of long ago */
	struct sctp_table table; /* of paths */
	struct sctp_former former;
	struct timer_wheel wheel;
	struct sctp_assoc_list flush, events;
	struct sctp_listener_list listener_events;
	struct sctp_listener_bucket by_port[SCTP_LISTENER_BUCKETS];
	struct sctp_port_count *port_counts; /* [UINT16_MAX + 1] */
	uint32_t estabs; /* associations that are set up, and have not begun to end here */
	uint32_t received; /* bytes that wait, of all associations */
	uint32_t reclaim_place; /* of the association that is next to be asked for some of them */
	uint64_t reclaim_ns; /* not before */
	uint32_t pieces_out; /* to be sent, or not acknowledged, of all */
	uint32_t block_owners; /* associations with a block of streams */
	struct sctp_answer answer; /* to the packet that is being processed */
	uint64_t cookie_epoch; /* of cookie_key: sctp_cookie.c */
	struct siphash_key cookie_key;
	uint64_t stats[SCTP_STAT_COUNT];
	uint8_t scratch[UINT16_MAX + 1]; /* a packet in several segments, while it is read */
};

static inline void
sctp_count(struct sctp_core *core, enum sctp_stat stat)
{
	counter_add(&core->stats[stat], 1);
}

/* A number that nobody can guess, of the worker's secret. */
uint64_t sctp_draw(struct sctp_core *core);

/* A packet as it came. */
struct sctp_packet {
	struct rte_mbuf *pkt;
	struct sctp_key key;
	struct ip_addr local, remote;
	struct sctp_fields fields;
	const uint8_t *bytes; /* the whole of it, from the common header on */
	uint32_t offset, length; /* of that, in pkt */
	uint32_t hash;
	uint16_t encaps_port; /* of its sender's, if it came in UDP: RFC 6951; else 0 */
	unsigned worker; /* to hand it to; SCTP_WORKER_NONE: it stays here */
	uint8_t first_type; /* of its first chunk */
	bool reflected; /* that has the T bit, where it has a meaning */
	bool first, last; /* while a chunk is processed: it is the first, the last */
	bool behind_auth; /* ... it is the second, and the first was AUTH */
	bool no_room; /* for what is next, though it was looked for */
	bool relieved; /* messages were looked for of which a part may be read */
	bool has_data; /* some DATA was accepted, or seen before */
	bool authenticated; /* what follows is behind an AUTH chunk that is good */
	struct sctp_chunk auth; /* in front of a COOKIE ECHO that begins an association */
	const struct sctp_init *init; /* its INIT, if it was parsed already; NULL: not yet */
	bool marked; /* congestion experienced: RFC 3168 5 */
	bool unsummed; /* its checksum is zero, which its association may take: RFC 9653 */
	bool dropped;
	enum drop_reason drop;
	struct sctp_assoc *assoc;
	struct sctp_path *path; /* the one that it came by */
};

static inline void
sctp_packet_drop(struct sctp_packet *packet, enum drop_reason reason)
{
	packet->dropped = true;
	packet->drop = reason;
}

/* ---- sctp_ports.c ---- */

void sctp_ports_assoc_add(struct sctp_core *core, uint16_t port);
void sctp_ports_assoc_remove(struct sctp_core *core, uint16_t port);
void sctp_ports_listener_add(struct sctp_core *core, uint16_t port);
void sctp_ports_listener_remove(struct sctp_core *core, uint16_t port);
/* @return which other worker has a path with this hash, or SCTP_WORKER_NONE, _UNSURE */
unsigned sctp_ports_owner(const struct sctp_core *core, uint16_t port, uint32_t hash);
unsigned sctp_ports_listener(const struct sctp_core *core, uint16_t port, bool handed);

/* ---- sctp_assoc.c ---- */

/* Within what RFC 9260 and this implementation allow. */
void sctp_settings_limit(struct sctp_settings *settings);

struct sctp_assoc *sctp_assoc_create(
	struct sctp_core *core, const struct sctp_settings *settings, const struct sctp_bind *bind);
void sctp_assoc_free(struct sctp_core *core, struct sctp_assoc *assoc);
/* It is over: for its user, if he is not done with it, CLOSED remains. error: positive errno, or 0 */
void sctp_assoc_end(struct sctp_core *core, struct sctp_assoc *assoc, int error, uint16_t cause);
/* The peer has the other half: it was set up. */
void sctp_assoc_up(struct sctp_core *core, struct sctp_assoc *assoc);
void sctp_assoc_state_set(struct sctp_core *core, struct sctp_assoc *assoc, enum sctp_state state);
void sctp_flush_add(struct sctp_core *core, struct sctp_assoc *assoc);
/* Tags that are this worker's. */
uint32_t sctp_tag_draw(struct sctp_core *core);
bool sctp_assoc_has_local(const struct sctp_assoc *assoc, const struct ip_addr *addr);
/* @return NULL: there is none */
struct sctp_assoc *sctp_assoc_lookup(struct sctp_core *core, const struct sctp_key *key,
	uint32_t hash, const struct ip_addr *local, struct sctp_path **path);

/* ---- sctp_path.c ---- */

struct sctp_key sctp_key_of(const struct ip_addr *remote, uint16_t local_port, uint16_t remote_port,
	uint8_t vrf, uint16_t iface);
/* @return 0; -EADDRINUSE, -ENOBUFS, -EINVAL: no address of ours of that family */
int sctp_path_add(struct sctp_core *core, struct sctp_assoc *assoc, const struct ip_addr *remote,
	uint16_t iface, struct sctp_path **path);
/* Which address of ours a path is to be sent on from. @return NULL: none of that family may be */
const struct ip_addr *sctp_path_local(const struct sctp_core *core, const struct sctp_assoc *assoc,
	const struct ip_addr *remote, uint16_t iface);
/* Nothing of what was learned holds: it is as it was at first. */
void sctp_path_reset(struct sctp_path *path);
void sctp_path_remove(struct sctp_core *core, struct sctp_path *path);
struct sctp_path *sctp_path_find(const struct sctp_assoc *assoc, const struct ip_addr *remote);
/* It answered, by an acknowledgment or to a heartbeat: RFC 9260 8.1, 8.2. */
void sctp_path_alive(struct sctp_core *core, struct sctp_path *path);
/* It did not: the error counts. @return false: the association has ended by that */
bool sctp_path_error(struct sctp_core *core, struct sctp_path *path, bool counts);
/* It did not answer a heartbeat. @return as above */
bool sctp_path_heartbeat_error(struct sctp_core *core, struct sctp_path *path);
void sctp_path_confirm(struct sctp_core *core, struct sctp_path *path);
/* For new data. */
struct sctp_path *sctp_path_for_data(struct sctp_assoc *assoc);
/* For what was lost on another. */
struct sctp_path *sctp_path_alternate(struct sctp_assoc *assoc, const struct sctp_path *other);
/* What a packet buffer has room for. */
uint32_t sctp_path_mtu_max(const struct sctp_core *core);
/* As the settings say, or what is known of the way. */
void sctp_path_mtu_init(const struct sctp_core *core, struct sctp_path *path);
/* RFC 9260 6.3 */
void sctp_rtt_sample(struct sctp_path *path, uint64_t rtt_ns);
void sctp_rto_backoff(struct sctp_path *path);

/* ---- sctp_cookie.c ---- */

/* What a cookie brings back. In the byte order of this machine, as only we read it. */
struct sctp_cookie {
	uint64_t mac; /* over what follows */
	uint64_t created_ms;
	uint32_t life_ms;
	uint32_t local_tag, peer_tag;
	uint32_t local_tie, peer_tie; /* RFC 9260 5.2: 0: there was no association */
	uint32_t local_tsn, peer_tsn; /* initial ones */
	uint32_t peer_rwnd;
	uint16_t local_port, peer_port;
	uint16_t out_streams, in_streams;
	uint16_t iface;
	uint8_t vrf;
	uint8_t addr_count;
	uint8_t remote_family, local_family;
	uint16_t extensions; /* agreed: enum sctp_extension */
	uint8_t auth_length; /* of the peer's key vector, which is behind the addresses */
	uint8_t adaptation_said;
	uint8_t zero[2];
	uint32_t adaptation; /* the peer's: RFC 5061 4.2.6 */
	uint32_t zeros;
	uint8_t remote[16], local[16]; /* of the packet with the INIT */
	struct sctp_cookie_addr {
		uint8_t family;
		uint8_t bytes[16];
	} addrs[SCTP_ADDRS_MAX]; /* others of the peer's */
	uint8_t auth_room[SCTP_AUTH_VECTOR_MAX];
};

static inline size_t
sctp_cookie_length(const struct sctp_cookie *cookie)
{
	return offsetof(struct sctp_cookie, addrs) +
		cookie->addr_count * sizeof(struct sctp_cookie_addr) + cookie->auth_length;
}

/* Sign it. @return its bytes */
uint32_t sctp_cookie_sign(struct sctp_core *core, struct sctp_cookie *cookie);
/* @return 0; -EINVAL: not of ours; -ESTALE: too old, by *stale_us */
int sctp_cookie_check(const struct sctp_core *core, const struct sctp_chunk *chunk,
	struct sctp_cookie *cookie, uint64_t *stale_us);

/* ---- sctp_addrs.c ---- */

/*
 * Tell the peer of ours. @param init what it said, or NULL: nothing yet; shown: the family of the packet
 * that said it
 */
void sctp_addrs_put(struct sctp_writer *writer, const struct ip_addr *addrs, unsigned count,
	const struct sctp_init *init, uint8_t shown);
void sctp_families_put(struct sctp_writer *writer, const struct sctp_assoc *assoc);
/*
 * An INIT or INIT ACK from an address that no association has: packet->assoc is the one that has an
 * address which it lists. @return the worker that has it, or SCTP_WORKER_NONE, _UNSURE
 */
unsigned sctp_addrs_lookup(struct sctp_core *core, struct sctp_packet *packet,
	const struct sctp_init *init, bool handed);
/* Whether it lists, or comes from, an address that the packet's association does not have. */
bool sctp_addrs_add(const struct sctp_packet *packet, const struct sctp_init *init);
void sctp_addrs_abort(struct sctp_core *core, const struct sctp_packet *packet,
	const struct sctp_init *init, const struct sctp_out *out);

/* ---- sctp_init.c, sctp_establish.c ---- */

void sctp_init_send(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_out *out);
void sctp_cookie_echo_send(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_out *out);
/* An INIT, of an association that there is, or not. */
void sctp_init_input(struct sctp_core *core, struct sctp_packet *packet,
	const struct sctp_chunk *chunk, const struct sctp_out *out);
void sctp_init_ack_input(struct sctp_core *core, struct sctp_packet *packet,
	const struct sctp_chunk *chunk, const struct sctp_out *out);
/* @return false: the rest of the packet is not looked at */
bool sctp_cookie_echo_input(struct sctp_core *core, struct sctp_packet *packet,
	const struct sctp_chunk *chunk, const struct sctp_out *out);
void sctp_cookie_ack_input(struct sctp_core *core, struct sctp_assoc *assoc);
void sctp_t1_strike(struct sctp_core *core, struct sctp_assoc *assoc);
/* From what INIT or a cookie says. */
void sctp_peer_set(struct sctp_core *core, struct sctp_assoc *assoc, uint32_t tag, uint32_t tsn,
	uint32_t rwnd);

/* ---- sctp_extension.c ---- */

/* @param ours, theirs enum sctp_extension, as offered */
uint16_t sctp_extensions_agreed(uint16_t ours, uint16_t theirs);
static inline bool
sctp_has(const struct sctp_assoc *assoc, enum sctp_extension extension)
{
	return (assoc->extensions & extension) != 0;
}

/* ---- sctp_asconf.c, sctp_asconf_send.c ---- */

void sctp_asconf_input(struct sctp_core *core, struct sctp_packet *packet,
	const struct sctp_chunk *chunk, const struct sctp_out *out);
void sctp_asconf_ack_input(
	struct sctp_core *core, struct sctp_packet *packet, const struct sctp_chunk *chunk);
/* A packet from an address that nobody has: by what its ASCONF says, if there is one. */
void sctp_asconf_lookup(struct sctp_core *core, struct sctp_packet *packet);
/* There is a struct sctp_asconf from now on. @return false: no memory */
bool sctp_asconf_begin(struct sctp_core *core, struct sctp_assoc *assoc);
void sctp_asconf_free(struct sctp_core *core, struct sctp_assoc *assoc);
void sctp_asconf_restart(struct sctp_core *core, struct sctp_assoc *assoc);
/* @return false: it could not be sent */
bool sctp_asconf_send(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_out *out);
void sctp_asconf_strike(struct sctp_core *core, struct sctp_assoc *assoc);
/* It goes, and what was sent by it is another's. There is another. */
void sctp_path_retire(struct sctp_core *core, struct sctp_path *path);
/* It is confirmed, and the peer may have wanted it to be primary. */
void sctp_path_primary_take(struct sctp_core *core, struct sctp_path *path);

/* ---- sctp_reconfig.c, sctp_reconfig_send.c ---- */

void sctp_reconfig_input(struct sctp_core *core, struct sctp_packet *packet,
	const struct sctp_chunk *chunk, const struct sctp_out *out);
/* There is a struct sctp_reconfig from now on. @return false: no memory */
bool sctp_reconfig_begin(struct sctp_core *core, struct sctp_assoc *assoc);
void sctp_reconfig_free(struct sctp_core *core, struct sctp_assoc *assoc);
/* Ask for it as soon as it may be; what it says is there already. */
void sctp_reconfig_want(
	struct sctp_core *core, struct sctp_assoc *assoc, enum sctp_reconfig_request request);
/* Nothing may be sent on a stream until it is answered. */
bool sctp_reconfig_blocks(const struct sctp_assoc *assoc, uint16_t stream);
/* Whether data may be of before TSNs begin anew, or of after: nobody knows until the answer is here. */
bool sctp_reconfig_holds_data(const struct sctp_assoc *assoc);
/*
 * Whether a packet was overtaken by a reset of TSNs: these are half of their numbers away by then, so
 * that what was before seems to be what is not sent yet.
 */
bool sctp_reconfig_is_local_before(const struct sctp_assoc *assoc, uint32_t tsn);
bool sctp_reconfig_is_remote_before(const struct sctp_assoc *assoc, uint32_t tsn);
/* @return false: it could not be sent */
bool sctp_reconfig_send(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_out *out);
void sctp_reconfig_strike(struct sctp_core *core, struct sctp_assoc *assoc);
/* A request of ours is answered. */
void sctp_reconfig_response(struct sctp_core *core, struct sctp_assoc *assoc, uint32_t seq,
	enum sctp_reconfig_request request);
void sctp_reconfig_response_input(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_param *param);
void sctp_reconfig_ssns_reset(struct sctp_core *core, struct sctp_assoc *assoc,
	const struct sctp_reconfig_streams *streams, bool incoming);
void sctp_reconfig_tsns_set(
	struct sctp_core *core, struct sctp_assoc *assoc, uint32_t local_tsn, uint32_t remote_tsn);
/* @param flags enum sctp_reset_flag */
void sctp_reconfig_streams_notice(struct sctp_core *core, struct sctp_assoc *assoc,
	const struct sctp_reconfig_streams *streams, unsigned flags);
void sctp_reconfig_change_notice(struct sctp_core *core, struct sctp_assoc *assoc, unsigned flags);

/* ---- sctp_listen.c ---- */

struct sctp_listener *sctp_listener_lookup(
	struct sctp_core *core, uint8_t vrf, uint16_t port, const struct ip_addr *local);
void sctp_accept_add(
	struct sctp_core *core, struct sctp_listener *listener, struct sctp_assoc *assoc);
void sctp_accept_remove(struct sctp_assoc *assoc);

/* ---- sctp_packet.c: what is sent ---- */

struct sctp_build {
	struct rte_mbuf *pkt;
	struct sctp_path *path;
	struct sctp_writer writer; /* behind the common header */
	struct rte_mbuf *tail; /* user data of its last chunk, and padding: a share of it */
	uint32_t key; /* of its data: sctp_auth_piece_key() */
	bool has_data;
	bool may_be_cut; /* by IP: it is larger than the path carries */
	bool probe; /* whatever the path carries: RFC 8899 */
	bool ect; /* routers may mark it: RFC 3168 5 */
	bool summed; /* it has a checksum whatever was agreed: RFC 9653 5.2 */
	uint32_t other_chunks; /* DATA, and control chunks that were sent before */
};

/* @return false: no room, or no buffer */
bool sctp_build_begin(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_path *path,
	const struct sctp_out *out, struct sctp_build *build);
/* The chunk of T1 or T2 that it has may be one that is sent again: it is not counted again. */
static inline void
sctp_build_again(struct sctp_assoc *assoc, struct sctp_build *build)
{
	build->other_chunks += (assoc->control & SCTP_SEND_AGAIN) != 0;
	assoc->control &= (uint8_t)~SCTP_SEND_AGAIN;
}
void sctp_build_send(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_build *build,
	uint32_t vtag, const struct sctp_out *out);
/* For a chunk that is larger than the path carries. */
void sctp_build_enlarge(struct sctp_build *build, uint32_t room);
/* The last chunk goes on in a packet that nobody else has, from `offset` in its buffer on. */
void sctp_build_tail_set(
	struct sctp_build *build, struct rte_mbuf *tail, uint32_t offset, uint32_t length);
/* Give it up. */
void sctp_build_drop(struct sctp_build *build);

#define SCTP_REPLY_MAX 1200 /* bytes of chunks in a report: what paths carry as a rule */

/* A chunk that answers a packet, back to where it came from, and needs no association. */
struct sctp_reply {
	const struct sctp_packet *to;
	uint32_t vtag;
	struct sctp_writer writer; /* in the caller's memory */
};
void sctp_reply_send(
	struct sctp_core *core, const struct sctp_reply *reply, const struct sctp_out *out);
/* The packet has been processed: what answers it goes. */
void sctp_answer_send(struct sctp_core *core, const struct sctp_out *out);
/* RFC 9260 8.4: ABORT with a reflected tag, or with the one given; and a cause, or none. */
void sctp_reply_abort(struct sctp_core *core, const struct sctp_packet *to, uint32_t vtag,
	uint8_t flags, const struct sctp_param *cause, const struct sctp_out *out);
/* ERROR with one cause, to the sender of a packet of an association. */
void sctp_reply_error(struct sctp_core *core, const struct sctp_packet *to, uint16_t cause,
	const void *info, uint32_t length, const struct sctp_out *out);

/* ---- sctp_input.c, sctp_blue.c ---- */

/* RFC 9260 8.4: of no association. */
void sctp_blue_input(
	struct sctp_core *core, struct sctp_packet *packet, const struct sctp_out *out);
/* An ABORT has the packet's association end; cause and text go into it. */
void sctp_abort_with(struct sctp_core *core, struct sctp_assoc *assoc, uint16_t cause,
	const void *info, uint32_t length);
void sctp_violation(struct sctp_core *core, struct sctp_assoc *assoc, const char *what);

/* ---- sctp_heartbeat.c ---- */

/* RFC 9260 8.3: from ESTABLISHED on, until SHUTDOWN or SHUTDOWN ACK has been sent. */
bool sctp_heartbeats_may(const struct sctp_assoc *assoc);
void sctp_heartbeat_put(const struct sctp_core *core, const struct sctp_path *path,
	struct sctp_writer *writer, uint64_t nonce);
void sctp_heartbeat_strike(struct sctp_core *core, struct sctp_path *path);
void sctp_heartbeat_arm(struct sctp_core *core, struct sctp_path *path);
bool sctp_heartbeats_send(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_out *out);
void sctp_heartbeat_input(struct sctp_core *core, struct sctp_packet *packet,
	const struct sctp_chunk *chunk, const struct sctp_out *out);
void sctp_heartbeat_ack_input(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_chunk *chunk);

/* ---- sctp_shutdown.c ---- */

/* RFC 9260 9.2: go on with it, if there is nothing left in flight. */
void sctp_shutdown_progress(struct sctp_core *core, struct sctp_assoc *assoc);
void sctp_shutdown_input(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_chunk *chunk);
void sctp_shutdown_ack_input(
	struct sctp_core *core, struct sctp_packet *packet, const struct sctp_out *out);
void sctp_shutdown_complete_input(struct sctp_core *core, struct sctp_assoc *assoc);
void sctp_t2_start(struct sctp_core *core, struct sctp_assoc *assoc);
void sctp_t2_strike(struct sctp_core *core, struct sctp_assoc *assoc);
void sctp_guard_strike(struct sctp_core *core, struct sctp_assoc *assoc);

/* ---- sctp_error.c ---- */

void sctp_abort_input(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_chunk *chunk);
void sctp_error_chunk_input(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_chunk *chunk);

/* ---- sctp_timer.c ---- */

/* All that is armed strikes so much later. */
void sctp_timers_shift(struct sctp_core *core, uint64_t by_ns);
void sctp_timer_set(
	struct sctp_core *core, struct sctp_assoc *assoc, enum sctp_timer timer, uint64_t due_ns);
void sctp_path_timer_set(struct sctp_core *core, struct sctp_path *path, enum sctp_path_timer timer,
	uint64_t due_ns);
static inline void
sctp_timer_clear(struct sctp_assoc *assoc, enum sctp_timer timer)
{
	assoc->due_ns[timer] = 0;
}
static inline void
sctp_path_timer_clear(struct sctp_path *path, enum sctp_path_timer timer)
{
	path->due_ns[timer] = 0;
}

/* ---- sctp_event.c ---- */

void sctp_event_add(struct sctp_core *core, struct sctp_assoc *assoc, unsigned events);
void sctp_event_drop(struct sctp_core *core, struct sctp_assoc *assoc);
void sctp_listener_event_add(struct sctp_core *core, struct sctp_listener *listener);
/* @return false: nobody wants to know, or there is no room */
bool sctp_notice_add(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_notice *notice);
void sctp_notices_free(struct sctp_core *core, struct sctp_assoc *assoc);

#endif
