/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of lib/sock share. */
#ifndef SOCK_PRIV_H
#define SOCK_PRIV_H

#include "base/error.h"
#include "ephemeral/ephemeral.h"
#include "ip/ip.h"
#include "pkt/pkt_queue.h"
#include "sock/sock.h"
#include "udp/udp.h"

struct sock {
	struct sock_app *app; /* NULL: not in use */
	const struct sock_ops *ops;
	void *user;
	TAILQ_ENTRY(sock) app_entry;
	TAILQ_ENTRY(sock) again_entry;
	uint32_t again; /* events to be told at the next poll: on the list if not 0 */
	uint8_t family; /* as it was opened */
	uint8_t shut; /* enum sock_shutdown */
	bool freebind;
	uint16_t segment; /* bytes of data; 0: what is sent is one datagram */
	struct sock_addr bound; /* as the user has it: a connected one comes back to it */
	struct udp_socket *udp;
};

struct sock_core {
	struct sock_config config;
	struct ephemeral ephemeral[SOCK_PROTO_COUNT];
	struct sock *socks; /* [socks_max] */
	uint32_t *free_socks; /* a stack of their places */
	uint32_t free_count;
	struct sock_list again; /* sockets whose events are to be told at the next poll */
	uint32_t again_count;
	struct timer_wheel timers; /* of all applications */
	uint64_t timers_next_ns; /* when the wheel is to be looked at, at the latest */
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
	void (*close)(struct sock *sock);
	int (*receive_msgs)(struct sock *sock, struct sock_msg *msgs, unsigned max);
	int (*send_msg)(struct sock *sock, struct sock_msg *msg);
	uint32_t (*ready)(const struct sock *sock);
	int (*option_set)(struct sock *sock, enum sock_option option, int64_t value);
	int (*option_get)(struct sock *sock, enum sock_option option, int64_t *value);
	int (*local)(const struct sock *sock, struct sock_addr *local);
	int (*peer)(const struct sock *sock, struct sock_addr *peer);
};

/* sock_segment.c: send a packet of more than the socket's segment as several, or none of them */
typedef int sock_send_fn(struct sock *sock, struct sock_msg *msg);
int sock_segment_send(struct sock *sock, struct sock_msg *msg, sock_send_fn *send);

/* sock_udp.c */
extern const struct sock_ops sock_udp_ops;

/* sock_event.c. It is closed: no event that was not told yet is any more. */
void sock_event_forget(struct sock *sock);
/* It had to be told that there is no room: tell it when there is. */
static inline void
sock_event_blocked(struct sock *sock)
{
	sock_event_again(sock, SOCK_EVENT_WRITABLE);
}

/* sock_timer.c */
void sock_timer_init(struct sock_core *core);
/* Have those strike that are due. */
void sock_timer_run(struct sock_core *core);
static inline bool
sock_timer_is_due(const struct sock_core *core)
{
	return core->config.ip->now_ns >= core->timers_next_ns;
}

/* sock_port.c: a port for a socket that does not say which. @return the port; 0: there is none */
void sock_port_init(struct sock_core *core);
uint16_t sock_port_choose(
	struct sock_core *core, enum sock_proto proto, const struct ephemeral_request *request);

#endif
