/* SPDX-License-Identifier: BSD-3-Clause */
/* Services that come with spated: applications that use lib/sock's interface, and nothing else of ours. */
#ifndef SERVICE_SERVICE_H
#define SERVICE_SERVICE_H

#include "sock/sock.h"

extern const struct sock_app_ops service_udp_echo; /* RFC 862 */
extern const struct sock_app_ops service_udp_discard; /* RFC 863 */
extern const struct sock_app_ops service_udp_chargen; /* RFC 864 */
extern const struct sock_app_ops service_tcp_echo; /* likewise */
extern const struct sock_app_ops service_tcp_discard;
extern const struct sock_app_ops service_tcp_chargen;
extern const struct sock_app_ops service_sctp_echo; /* likewise */
extern const struct sock_app_ops service_sctp_discard;
extern const struct sock_app_ops service_sctp_chargen;
extern const struct sock_app_ops service_http; /* RFC 9112 */
extern const struct sock_app_ops service_bench_server;
extern const struct sock_app_ops service_bench_client;

/* service_list.c: the one of that number, or NULL behind the last one */
const struct sock_app_ops *service_get(unsigned index);

/* service_memory.c: zeros for create(), to be freed with free(); in memory that is there already */
void *service_calloc(size_t count, size_t size);
/* service_udp.c: a socket of each worker on the service's port, which shares it with the others' */
int service_udp_open(struct sock_app *app, const struct sock_service *service, struct sock **sock);
/* service_tcp.c: a listener of each worker on the service's port; and to take what has connected */
int service_tcp_listen(struct sock_app *app, const struct sock_service *service);
void service_tcp_accept(struct sock *listener);
/* Accept at listeners, and have `run` called for each connection to which something happened. */
void service_tcp_events(struct sock_app *app, const struct sock_event *events, unsigned count,
	void (*run)(struct sock_app *app, struct sock *sock));
/* service_sctp.c: the same of SCTP, in one-to-one style */
int service_sctp_listen(struct sock_app *app, const struct sock_service *service);
/* ... with so many streams to the peer, if it takes them; 0: as `sctp set` says */
int service_sctp_listen_with(
	struct sock_app *app, const struct sock_service *service, uint16_t streams);
/* ... with these notifications of associations: a bit of each enum sctp_notice_type */
int service_sctp_listen_noted(
	struct sock_app *app, const struct sock_service *service, uint32_t notices);
void service_sctp_events(struct sock_app *app, const struct sock_event *events, unsigned count,
	void (*run)(struct sock_app *app, struct sock *sock));
/*
 * Whether a datagram is to be answered: not one of another such service, which would answer in turn
 * for ever. Those have ports below 1024, unless the user says otherwise, as the help tells.
 */
static inline bool
service_udp_may_answer(const struct sock_msg *msg)
{
	return msg->peer.port >= 1024;
}

#endif
