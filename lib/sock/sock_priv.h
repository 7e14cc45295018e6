/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of lib/sock share. */
#ifndef SOCK_PRIV_H
#define SOCK_PRIV_H

#include "base/error.h"
#include "ephemeral/ephemeral.h"
#include "ip/ip.h"
#include "pkt/pkt_queue.h"
#include "pkt/slab.h"
#include "sctp/sctp.h"
#include "sock/sock.h"
#include "tcp/tcp.h"
#include "udp/udp.h"

/* Of a stream: a connection, a listener, or neither yet. */
struct sock_tcp {
	struct tcp_conn *conn;
	struct tcp_listener *listener;
	struct tcp_settings settings; /* keepalive_idle_ms: used if `keepalive` */
	struct tcp_name *name; /* NULL: the user has not bound it */
	STAILQ_ENTRY(sock) starved_entry; /* of a listener */
	uint16_t vrf;
	bool v6only, reuse;
	bool keepalive;
	bool abort; /* when it is closed */
	bool starved; /* a listener: of sockets for what it has to accept */
};

struct sock {
	struct sock_app *app; /* NULL: not in use */
	const struct sock_ops *ops;
	void *user;
	TAILQ_ENTRY(sock) app_entry;
	TAILQ_ENTRY(sock) again_entry;
	uint8_t again; /* events to be told at the next poll: on the list if not 0 */
	uint8_t family; /* as it was opened */
	uint8_t shut; /* enum sock_shutdown */
	bool freebind;
	uint16_t segment; /* bytes of data; 0: what is sent is one datagram */
	struct sock_addr bound; /* as the user has it: a connected one comes back to it */
	union { /* by the protocol */
		struct udp_socket *udp;
		struct sock_tcp tcp;
		struct sock_sctp *sctp;
	};
};

static_assert(sizeof(struct sock) <= 176, "a million connections have one each");

/* What sockets of SCTP have beside: sock_sctp_priv.h. */
#define SOCK_SCTP_BUCKETS 64
struct sock_sctp_core {
	struct slab socks, assocs; /* struct sock_sctp, struct sock_assoc */
	LIST_HEAD(sock_sctp_bound, sock_sctp) bound[SOCK_SCTP_BUCKETS]; /* by port */
	STAILQ_HEAD(, sock_sctp) starved; /* listeners that wait for a free socket */
	uint32_t assocs_taken; /* for their ids */
	/* sock_sctp_follow.c: sockets that follow our addresses, and how far it is with them. */
	uint32_t follow_count, follow_changes, follow_next;
};

struct sock_core {
	struct sock_config config;
	const struct cc_ops *congestion[IP_VRF_MAX];
	struct ephemeral ephemeral[SOCK_PROTO_COUNT];
	STAILQ_HEAD(, sock) starved; /* listeners that wait for a free socket */
	struct sock *socks; /* [socks_max] */
	uint32_t *free_socks; /* a stack of their places */
	uint32_t free_count;
	struct sock_list again; /* sockets whose events are to be told at the next poll */
	uint32_t again_count;
	struct timer_wheel timers; /* of all applications */
	uint64_t timers_next_ns; /* when the wheel is to be looked at, at the latest */
	struct sock_sctp_core sctp;
	/* The batch that is being made or told. */
	struct sock_app *batch_app;
	unsigned batch_count;
	struct sock_event batch[SOCK_BATCH];
};

/* What a protocol does in its own way. The rest of its calls are answered by sock.c. */
struct sock_ops {
	int (*open)(struct sock_core *core, struct sock *sock, uint16_t vrf);
	int (*bind)(struct sock *sock, const struct sock_addr *local);
	int (*connect)(struct sock *sock, const struct sock_addr *peer);
	int64_t (*peek)(struct sock *sock, void *data, size_t size, struct sock_addr *peer);
	/* Of streams; NULL for others. */
	int (*listen)(struct sock *sock, unsigned backlog);
	int (*accept)(struct sock *listener, struct sock *sock);
	int (*shutdown)(struct sock *sock, enum sock_shutdown how);
	int64_t (*receive)(struct sock *sock, void *data, size_t size, struct sock_addr *peer);
	int64_t (*send)(
		struct sock *sock, const void *data, size_t length, const struct sock_addr *peer);
	int64_t (*send_urgent)(struct sock *sock, const void *data, size_t length);
	void (*close)(struct sock *sock);
	int (*receive_msgs)(struct sock *sock, struct sock_msg *msgs, unsigned max);
	int (*send_msg)(struct sock *sock, struct sock_msg *msg);
	uint32_t (*ready)(const struct sock *sock);
	int (*option_set)(struct sock *sock, enum sock_option option, int64_t value);
	int (*option_get)(struct sock *sock, enum sock_option option, int64_t *value);
	int (*local)(const struct sock *sock, struct sock_addr *local);
	int (*peer)(const struct sock *sock, struct sock_addr *peer);
};

/* When an option may be set: in the order in which sockets become more. */
enum sock_option_time {
	SOCK_OPTION_NEVER,
	SOCK_OPTION_UNBOUND,
	SOCK_OPTION_UNCONNECTED,
	SOCK_OPTION_ALWAYS
};
struct sock_option_rule {
	int64_t min, max;
	enum sock_option_time time;
};
/*
 * sock.c: whether a value may be set by the rules of a protocol.
 * @param is what the socket is: unbound, unconnected, or more (ALWAYS)
 * @return 0; -ENOPROTOOPT, -EINVAL, -EISCONN
 */
int sock_option_check(const struct sock_option_rule rules[SOCK_OPT_COUNT], enum sock_option option,
	int64_t value, enum sock_option_time is);

/* sock_segment.c: send a packet of more than the socket's segment as several, or none of them */
typedef int sock_send_fn(struct sock *sock, struct sock_msg *msg);
int sock_segment_send(struct sock *sock, struct sock_msg *msg, sock_send_fn *send);

/* sock_udp.c, sock_tcp.c, sock_sctp.c */
extern const struct sock_ops sock_udp_ops;
extern const struct sock_ops sock_tcp_ops;
extern const struct sock_ops sock_sctp_ops;
extern const struct sock_ops sock_sctp_many_ops;

/* sock.c: of sock_open() and sock_accept(), for those that make a socket in another way */
struct sock *sock_take(struct sock_core *core);
void sock_own(struct sock *sock);

/* sock_sctp.c, sock_sctp_event.c */
int sock_sctp_core_init(struct sock_core *core);
void sock_sctp_core_fini(struct sock_core *core);
/* Take what happened to associations. */
void sock_sctp_take(struct sock_core *core);
/* There is a free socket: listeners that waited for one are told again. */
void sock_sctp_feed(struct sock_core *core);

/* sock_sctp_follow.c: addresses have come or gone: peers are to be told, a few at a time. @{ */
bool sock_sctp_follow_is_due(const struct sock_core *core);
void sock_sctp_follow(struct sock_core *core);
/* @} */

/* sock_tcp_option.c */
int sock_tcp_option_set(struct sock *sock, enum sock_option option, int64_t value);
int sock_tcp_option_get(struct sock *sock, enum sock_option option, int64_t *value);
/* What a connection of the socket begins with. @param ttl of the way */
struct tcp_settings sock_tcp_settings(const struct sock *sock, uint8_t ttl);

/* sock_listener.c */
int sock_tcp_listen(struct sock *sock, unsigned backlog);
int sock_tcp_accept(struct sock *listener, struct sock *sock);
/* There is a free socket: listeners that waited for one are told again. */
void sock_tcp_feed(struct sock_core *core);
/* It is a listener no more. */
void sock_tcp_unlisten(struct sock *sock);

static inline bool
sock_is_link_local(const struct ip_addr *addr)
{
	return addr->family == IP_FAMILY_6 && ip_addr_is_link_local(addr);
}

/* The interface of a link-local address; of others there is none. */
static inline uint16_t
sock_scope_of(const struct ip_addr *addr, uint16_t iface)
{
	return sock_is_link_local(addr) ? iface : PKT_IFACE_NONE;
}

/* RFC 4007 9: a packet from a link-local address stays on the link that this is of. */
static inline bool
sock_stays_on_link(const struct ip_addr *local, uint16_t iface, const struct ip_path *path)
{
	return !sock_is_link_local(local) || (path->iface == iface && !path->several);
}

/* sock_event.c. It is closed: no event that was not told yet is any more. */
void sock_event_forget(struct sock *sock);

/* sock_timer.c */
void sock_timer_init(struct sock_core *core);
/* Have those strike that are due. */
void sock_timer_run(struct sock_core *core);
static inline bool
sock_timer_is_due(const struct sock_core *core)
{
	return core->config.ip->now_ns >= core->timers_next_ns;
}

/*
 * sock_port.c: a port for a socket that does not say which, rather one whose answers come to this
 * worker. @param iface that they come by, or PKT_IFACE_NONE. @return the port; 0: there is none
 */
void sock_port_init(struct sock_core *core);
uint16_t sock_port_choose(struct sock_core *core, enum sock_proto proto, uint16_t iface,
	struct ephemeral_request *request);

#endif
