/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of SCTP's sockets share. */
#ifndef SOCK_SCTP_PRIV_H
#define SOCK_SCTP_PRIV_H

#include <errno.h>

#include "sock/sock_priv.h"

TAILQ_HEAD(sock_assoc_list, sock_assoc);

/* An association of a socket: whose user it is to lib/sctp. */
struct sock_assoc {
	TAILQ_ENTRY(sock_assoc) entry; /* by when something happened to it last */
	TAILQ_ENTRY(sock_assoc) ready_entry;
	struct sctp_assoc *assoc;
	struct sock *sock;
	struct sock_sctp_info defaults; /* for sending */
	uint64_t active_ns;
	uint32_t id;
	uint32_t context; /* of what is received */
	uint16_t remote_port;
	bool on_ready; /* of a one-to-many socket: there may be something to receive */
	bool in_message; /* a part of one was received, and not its end */
	bool follow_again; /* its peer could not be told of all yet */
};

/* A socket: a listener, its associations, or neither yet. */
struct sock_sctp {
	struct sock *sock;
	struct sctp_listener *listener;
	struct sock_assoc_list assocs, ready;
	uint32_t assoc_count;
	struct sctp_settings settings; /* ttl 0: the way's */
	struct sock_sctp_info defaults;
	uint32_t context;
	struct sctp_auth_keys *keys; /* of associations to come; NULL: none were set */
	LIST_ENTRY(sock_sctp) bound_entry;
	STAILQ_ENTRY(sock_sctp) starved_entry;
	struct sock_timer autoclose;
	uint32_t autoclose_s;
	uint16_t vrf;
	uint8_t addr_count; /* 0: any */
	bool many; /* one-to-many style */
	bool bound, v6only, reuse;
	bool abort; /* when it is closed */
	bool starved; /* of sockets for what it has to accept */
	bool interleave; /* SOCK_OPT_FRAGMENT_INTERLEAVE */
	bool follow; /* SOCK_OPT_AUTO_ASCONF */
	struct ip_addr addrs[SCTP_ADDRS_MAX];
};

static inline struct sctp_core *
sock_sctp_of(const struct sock *sock)
{
	return sock->app->core->config.sctp;
}

static inline bool
sock_addr_is_among(const struct ip_addr *addrs, unsigned count, const struct ip_addr *addr)
{
	for (unsigned i = 0; i < count; i++) {
		if (ip_addr_equal(&addrs[i], addr))
			return true;
	}
	return false;
}

/* ---- sock_sctp_assoc.c ---- */

/* Room for an association of the socket's, with sock_assoc_set() to come. NULL: there is none */
struct sock_assoc *sock_assoc_add(struct sock *sock);
void sock_assoc_set(struct sock_assoc *sa, struct sctp_assoc *assoc);
/* It is not any more; what becomes of lib/sctp's is the caller's to say. */
void sock_assoc_remove(struct sock_assoc *sa);
/* By id; of a one-to-one socket its only one. NULL: none */
struct sock_assoc *sock_assoc_find(const struct sock *sock, uint32_t id);
/* By an address of its peer's. NULL: none */
struct sock_assoc *sock_assoc_with(const struct sock *sock, const struct sock_addr *peer);
/* Something has happened: it is the youngest. */
void sock_assoc_touch(struct sock_assoc *sa);
/* There may be something to receive. */
void sock_assoc_ready(struct sock_assoc *sa);
void sock_assoc_unready(struct sock_assoc *sa);
/* End all in good order, or abort them if the socket says so. */
void sock_assocs_close(struct sock *sock);
void sock_autoclose_set(struct sock *sock, uint32_t seconds);

/* ---- sock_sctp.c: names ---- */

/* With the socket's defaults. NULL: there are as many as there may be */
struct sock_sctp *sock_sctp_add(struct sock *sock, uint16_t vrf);

int sock_sctp_bind(struct sock *sock, const struct sock_addr *local);
/* A port is chosen if there is none. @param peer NULL: not known yet */
int sock_sctp_bind_any(struct sock *sock, const struct sock_addr *peer, uint16_t iface);
void sock_sctp_unbind(struct sock *sock);
/* @return 0; -EINVAL, -EADDRNOTAVAIL: it cannot be an address of the socket's */
int sock_sctp_bind_check(const struct sock *sock, const struct sock_addr *local);
/* Another socket of this worker has the name. */
bool sock_sctp_name_is_taken(const struct sock *sock, const struct ip_addr *addr, uint16_t port);

/* ---- sock_sctp_follow.c ---- */

void sock_sctp_follow_set(struct sock_sctp *sctp, bool on);
/* Have the peer know our addresses as they are now. */
void sock_assoc_follow(struct sock_assoc *sa);

/* ---- sock_sctp_connect.c ---- */

int sock_sctp_connect(struct sock *sock, const struct sock_addr *peer);
/* @return 0 or -errno */
int sock_sctp_associate(
	struct sock *sock, const struct sock_addr *peers, unsigned count, struct sock_assoc **sa);
int sock_sctp_listen(struct sock *sock, unsigned backlog);
/* Its name, with no address if it is bound to any; where a listener of its is. @{ */
struct sctp_bind sock_sctp_bind_of(const struct sock *sock);
struct sctp_bind sock_sctp_listen_bind(const struct sock *sock);
/* @} */
/* All addresses of ours that a peer of the socket's may be told, as many as can be. */
void sock_sctp_addrs_all(const struct sock *sock, struct sctp_bind *bind);
int sock_sctp_accept(struct sock *listener, struct sock *sock);
void sock_sctp_unlisten(struct sock *sock);
/* A one-to-many socket takes what has come to its listener. */
void sock_sctp_accept_all(struct sock *sock);
/* What associations begin with. @param ttl of the way */
struct sctp_settings sock_sctp_settings(const struct sock *sock, uint8_t ttl);

/* ---- sock_sctp_data.c, sock_sctp_send.c ---- */

int sock_sctp_receive_msgs(struct sock *sock, struct sock_msg *msgs, unsigned max);
int sock_sctp_send_msg(struct sock *sock, struct sock_msg *msg);
int64_t sock_sctp_receive_plain(struct sock *sock, void *data, size_t size, struct sock_addr *peer);
int64_t sock_sctp_send_plain(
	struct sock *sock, const void *data, size_t length, const struct sock_addr *peer);
int64_t sock_sctp_peek(struct sock *sock, void *data, size_t size, struct sock_addr *peer);
/* Of one whose user receives no more: what has come is nobody's. */
void sock_assoc_discard(const struct sock_assoc *sa);
/* Who is next to be received from. NULL: nobody */
struct sock_assoc *sock_sctp_reader(struct sock *sock);
/* Of a one-to-many socket: whether there is one. */
bool sock_sctp_is_readable(const struct sock *sock);
/* The primary address of a peer; of one that has ended what it was. */
void sock_assoc_peer(const struct sock_assoc *sa, struct sock_addr *peer);

/* ---- sock_sctp_settings.c: what ids mean ---- */

bool sock_is_sctp(const struct sock *sock);
/* NULL: it is no association's */
const struct sock_assoc *sock_sctp_find(const struct sock *sock, uint32_t assoc);
/* It stands for what is to come. One-to-one sockets mean what they are, once they are it. */
bool sock_sctp_is_future(const struct sock *sock, uint32_t assoc);
/* It means what is to come, too. */
bool sock_sctp_has_future(const struct sock *sock, uint32_t assoc);
bool sock_sctp_is_meant(const struct sock_assoc *sa, uint32_t assoc);
/* @return 0; -EINVAL: it means nobody; -EOPNOTSUPP */
int sock_sctp_id_check(const struct sock *sock, uint32_t assoc);

/* ---- sock_sctp_key.c ---- */

/* Those of a socket go to an association, or to its listener. @return 0, or -ENOBUFS @{ */
int sock_sctp_keys_give(struct sock *sock, struct sctp_assoc *assoc);
int sock_sctp_keys_lend(struct sock *sock);
/* @} */

/* ---- sock_sctp_option.c; by association: sock_sctp_info.c ---- */

int sock_sctp_option_set(struct sock *sock, enum sock_option option, int64_t value);
int sock_sctp_option_get(struct sock *sock, enum sock_option option, int64_t *value);

#endif
