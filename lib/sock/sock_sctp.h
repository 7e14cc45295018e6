/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A part of sock.h: what sockets of SCTP have beside the others, as RFC 6458 has it. The sections
 * named here are its.
 *
 * sock_send() and sock_receive() do for those who send by the socket's defaults, and want to know of a
 * message no more than its bytes. Others use the functions here, which say with which stream, PPID and
 * flags. Both copy.
 *
 * Whoever gives or gets a struct sctp_... includes sctp/sctp.h.
 */
#ifndef SOCK_SOCK_SCTP_H
#define SOCK_SOCK_SCTP_H

#include "wire/sctp.h"

struct sctp_assoc;
struct sctp_core;
struct sctp_info;
struct sctp_notice;
struct sctp_path_info;
struct sctp_settings;

#pragma GCC visibility push(default)

/** Ids that are no association's: 7.1. One-to-one sockets mean the one that they are, by each id. */
enum sock_sctp_assoc {
	SOCK_SCTP_FUTURE, /**< those that begin from now on */
	SOCK_SCTP_CURRENT, /**< those that there are */
	SOCK_SCTP_ALL, /**< both */
	SOCK_SCTP_ASSOC_FIRST, /**< ids are not below it */
};

enum sock_sctp_flag {
	SOCK_SCTP_UNORDERED = 1 << 0,
	SOCK_SCTP_IMMEDIATE = 1 << 1, /**< sent: the peer is to acknowledge it at once (RFC 7053) */
	SOCK_SCTP_EOR = 1 << 2, /**< received: the message ends here */
	SOCK_SCTP_EOF = 1 << 3, /**< sent: this is the last message; it may be empty */
	SOCK_SCTP_ABORT = 1 << 4, /**< sent: abort; the bytes say why */
	SOCK_SCTP_SENDALL = 1 << 5, /**< sent: to all associations of a one-to-many socket */
	SOCK_SCTP_ADDR_OVER = 1 << 6, /**< sent: to the address that is named, if there is a path */
};

/** What a message is sent with (5.3.4), or was received with (5.3.5). */
struct sock_sctp_info {
	uint32_t assoc; /**< id; sent: SOCK_SCTP_FUTURE for the one with the peer that is named */
	uint16_t stream, ssn;
	uint16_t flags; /**< enum sock_sctp_flag */
	uint32_t ppid_be; /**< as the sender wrote it */
	uint32_t context; /**< sent: told if it fails; received: as sock_sctp_context_set() says */
	uint32_t tsn, cum_tsn;
	/* Of what is sent alone: */
	uint8_t pr_policy; /**< enum sctp_pr_policy; 0: as settings say */
	uint32_t pr_value;
	bool has_key; /**< with a shared key of its own, and not the active one: 5.3.8 */
	uint16_t key_id;
};

/** To whom, and what of it, a message is sent. */
struct sock_sctp_to {
	struct sock_addr peers[SCTP_ADDRS_MAX]; /**< of one peer */
	unsigned count; /**< of them; may be 0 */
	bool more; /**< the message goes on with what is sent next on its stream: 8.1.26 */
};

/* ---- names and associations ---- */

/**
 * Take more addresses, or give some up, all or none; with one port: 9.1. Peers that have agreed to RFC 5061
 * are told. Those of a one-to-many socket that have not keep what they know.
 * @return 0; -EINVAL: it is bound to any, has one already, or has not, or has no other; -EADDRNOTAVAIL,
 *         -EADDRINUSE, -ENOBUFS; of a one-to-one socket that is an association: -EOPNOTSUPP, -ENOTCONN
 */
int sock_sctp_bindx(struct sock *sock, const struct sock_addr *addrs, unsigned count, bool add);
/**
 * Begin an association with a peer of which several addresses are known: 9.9.
 * @param assoc its id; may be NULL
 * @return -EINPROGRESS (one-to-one), 0 (one-to-many), else as sock_connect()
 */
int sock_sctp_connectx(
	struct sock *sock, const struct sock_addr *peers, unsigned count, uint32_t *assoc);
/** A one-to-one socket of its own for an association: 9.2. @return 0; -EINVAL, -ENFILE */
int sock_sctp_peeloff(struct sock *sock, uint32_t assoc, struct sock **peeled);

/** The id of the association with a peer; SOCK_SCTP_FUTURE: there is none. */
uint32_t sock_sctp_assoc_with(const struct sock *sock, const struct sock_addr *peer);
/** Ids of the associations of a socket: 8.2.6. @return how many there are, whatever `max` */
unsigned sock_sctp_assocs(const struct sock *sock, uint32_t *ids, unsigned max);
/** Addresses of an association: 9.3, 9.5. @return how many; -EINVAL: there is no such @{ */
int sock_sctp_peers(const struct sock *sock, uint32_t assoc, struct sock_addr *addrs, unsigned max);
int sock_sctp_locals(
	const struct sock *sock, uint32_t assoc, struct sock_addr *addrs, unsigned max);
/** @} */

/* ---- data ---- */

/**
 * Send a message, wholly or not at all.
 * @param info NULL: as the defaults say
 * @param peer of a one-to-many socket, if the id is SOCK_SCTP_FUTURE: without an association with it
 *             one is begun. May be NULL
 * @return bytes; -EAGAIN, -EMSGSIZE, -EINVAL: no such stream, association or key, -EOPNOTSUPP: a key
 *         without authentication, -ENOTCONN, -EPIPE, or as sock_connect(). An association that was begun for
 *         what cannot be sent is undone
 */
int64_t sock_sctp_send(struct sock *sock, const void *data, size_t length,
	const struct sock_sctp_info *info, const struct sock_addr *peer);
/** The same, with all that there is to say of it. */
int64_t sock_sctp_sendx(struct sock *sock, const void *data, size_t length,
	const struct sock_sctp_info *info, const struct sock_sctp_to *to);
/**
 * Receive a message, or a part of one: without SOCK_SCTP_EOR more of it comes by the next calls.
 * @param info, peer may be NULL
 * @return bytes; 0: the peer has ended (one-to-one); -EAGAIN; -ENOMSG: a notification is in front, for
 *         sock_sctp_notice(); -ENOTCONN, or what SOCK_OPT_ERROR has
 */
int64_t sock_sctp_receive(struct sock *sock, void *data, size_t size, struct sock_sctp_info *info,
	struct sock_addr *peer);
/** What is next, without taking it: SOCK_SCTP_EOR says that all of it is there. @return bytes; 0: none */
uint32_t sock_sctp_next(struct sock *sock, struct sock_sctp_info *info);

/** Defaults for sending: 8.1.31. @return 0; -EINVAL: no such association @{ */
int sock_sctp_default_set(struct sock *sock, uint32_t assoc, const struct sock_sctp_info *info);
int sock_sctp_default_get(const struct sock *sock, uint32_t assoc, struct sock_sctp_info *info);
/** @} */
/** What messages are received with: 8.1.25. @{ */
int sock_sctp_context_set(struct sock *sock, uint32_t assoc, uint32_t context);
int sock_sctp_context_get(const struct sock *sock, uint32_t assoc, uint32_t *context);
/** @} */

/* ---- notifications: 6 ---- */

/**
 * Take the notification that is in front: those that sctp_settings.notices asks for; at first none.
 * @param assoc whose; it is gone by the time of its last one
 * @return 0; -EAGAIN: none is in front
 */
int sock_sctp_notice(struct sock *sock, uint32_t *assoc, struct sctp_notice *notice);
/** The same, and it stays in front. */
int sock_sctp_notice_peek(struct sock *sock, uint32_t *assoc, struct sctp_notice *notice);
/** Bytes that come with the notification in front, from `offset` on. @return how many were copied */
size_t sock_sctp_notice_data(struct sock *sock, uint32_t offset, void *bytes, size_t size);

/* ---- settings, and what is known: 8 ---- */

/** All that can be set of an association at once. @return 0; -EINVAL @{ */
int sock_sctp_settings_get(const struct sock *sock, uint32_t assoc, struct sctp_settings *settings);
int sock_sctp_settings_set(struct sock *sock, uint32_t assoc, const struct sctp_settings *settings);
/** @} */
/** So many streams to the peer, of associations that begin from now on: 8.1.3. @return 0; -EINVAL */
int sock_sctp_streams_set(struct sock *sock, uint16_t streams);
/** Change what is to be changed. @return 0 or -errno: then these stay as they are */
typedef int sock_sctp_change_fn(struct sctp_settings *settings, void *arg);
/**
 * Change something of each association that an id means, and leave the rest as each has it.
 * @return 0; -EINVAL; what `change` says: then those after it are not changed
 */
int sock_sctp_settings_change(
	struct sock *sock, uint32_t assoc, sock_sctp_change_fn *change, void *arg);
/** The same of associations to come, and of none that there are: what handshakes say. */
int sock_sctp_future_change(struct sock *sock, sock_sctp_change_fn *change, void *arg);
/** What associations to come are set to, whatever there is already. @return 0 */
int sock_sctp_future_get(const struct sock *sock, struct sctp_settings *settings);
/**
 * For what sctp/sctp.h lets a user do with an association.
 * @return 0 or -errno
 */
typedef int sock_sctp_each_fn(struct sctp_core *core, struct sctp_assoc *assoc, void *arg);
/**
 * Call it for each association that an id means.
 * @return 0; -EINVAL: it means none that there can be; -ENOTCONN: one-to-one, and there is none; what
 *         `each` says of the first that fails
 */
int sock_sctp_each(struct sock *sock, uint32_t assoc, sock_sctp_each_fn *each, void *arg);
/** The same of one association: an id that may mean several is none. */
int sock_sctp_one(struct sock *sock, uint32_t assoc, sock_sctp_each_fn *each, void *arg);

/** Shared keys of associations to come: RFC 6458 8.3. */
enum sock_sctp_key_verb {
	SOCK_SCTP_KEY_SET,
	SOCK_SCTP_KEY_ACTIVATE,
	SOCK_SCTP_KEY_DEACTIVATE,
	SOCK_SCTP_KEY_DELETE,
};
struct sock_sctp_key {
	enum sock_sctp_key_verb verb;
	uint16_t id;
	uint16_t length; /**< of the key that is set */
	const void *bytes;
};
/**
 * Do it to each association that an id means, and to those to come if it means them.
 * @return 0; -EINVAL: no such key or association; -EOPNOTSUPP: the association has no authentication;
 *         -ENOBUFS
 */
int sock_sctp_key(struct sock *sock, uint32_t assoc, const struct sock_sctp_key *key);
/** @return the active one, or -errno */
int sock_sctp_key_active(struct sock *sock, uint32_t assoc);

/** @return 0; -EINVAL: no such association @{ */
int sock_sctp_info(const struct sock *sock, uint32_t assoc, struct sctp_info *info);
/** @param peer NULL: the primary one */
int sock_sctp_path_info(const struct sock *sock, uint32_t assoc, const struct ip_addr *peer,
	struct sctp_path_info *info);
int sock_sctp_primary_set(struct sock *sock, uint32_t assoc, const struct ip_addr *peer);
/** The port that a path goes to in UDP: RFC 6951 6.1. 0: without UDP */
int sock_sctp_encaps_port_set(
	struct sock *sock, uint32_t assoc, const struct ip_addr *peer, uint16_t port);
/** A heartbeat at once. */
int sock_sctp_heartbeat(struct sock *sock, uint32_t assoc, const struct ip_addr *peer);
/** @} */

#pragma GCC visibility pop

/** For its worker: whose an association is. */
struct sock_sctp_owner {
	const char *app; /**< NULL: it waits to be accepted, or its user has closed it */
	bool many; /**< of a one-to-many socket */
	uint32_t assoc; /**< its id there */
};
struct sock_sctp_owner sock_sctp_owner(const struct sctp_assoc *assoc);

#endif
