/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files behind spate_sctp.h share. */
#ifndef EMBED_EMBED_SCTP_H
#define EMBED_EMBED_SCTP_H

#include "embed/embed.h"
#include "embed/spate_sctp.h"
#include "sctp/sctp.h"

struct embed_addr_list {
	char (*texts)[SPATE_ADDR_TEXT];
	unsigned max;
	unsigned *port; /* may be NULL */
};

/* embed_sctp.c: the socket of a number; NULL: it is none of SCTP's, and why in *rc */
struct sock *embed_sctp_sock(const struct spate *spate, int fd, int *rc);
/* @return 0 or -EINVAL */
int embed_sndinfo_parse(const struct spate_sctp_sndinfo *from, struct sock_sctp_info *info);
struct spate_sctp_sndinfo embed_sndinfo_of(const struct sock_sctp_info *info);

/*
 * embed_sctp_notice.c: the notification that is in front, as RFC 6458 has it.
 * @return its bytes, of which no more than `size` are written; -EAGAIN: none is in front
 */
int64_t embed_notification_take(struct sock *sock, void *data, size_t size);
/* Which of lib/sctp's notices a type is made of; 0: there is no such. */
uint32_t embed_notification_notices(uint16_t type);

/* embed_sctp_status.c: what is known of an association, and of a path. @return 0 or -EINVAL */
int embed_status_get(const struct sock *sock, struct spate_sctp_status *status);
int embed_paddrinfo_get(const struct sock *sock, struct spate_sctp_paddrinfo *info);
/* An address in a struct of the program's: of no family, or a bad one: false. @{ */
bool embed_sockaddr_parse(const void *sockaddr, struct ip_addr *addr, uint16_t *port);
void embed_sockaddr_build(
	const struct ip_addr *addr, uint16_t port, struct sockaddr_storage *sockaddr);
/* @} */

struct embed_sctp_option;

/* ---- options: a line each in the tables of embed_sctp_settings.c and embed_sctp_option.c ---- */

/* What an option's functions work on. */
struct embed_option_call {
	struct sock *sock;
	struct sctp_settings settings; /* of the association that is meant */
	uint32_t assoc;
	const struct embed_sctp_option *option;
	void *value; /* a copy, aligned */
	size_t length; /* get: there is room for so many bytes; then what was written */
};

typedef int embed_option_fn(struct embed_option_call *call);

/* What a struct is of: the socket, an association, or settings of either; or it is a list. */
enum embed_option_kind {
	EMBED_OPTION_SOCKET,
	EMBED_OPTION_ASSOC,
	EMBED_OPTION_SETTINGS,
	EMBED_OPTION_SOCKET_SETTINGS,
	EMBED_OPTION_LIST,
};

struct embed_sctp_option {
	enum spate_sctp_option option;
	enum embed_option_kind kind;
	uint16_t length;
	embed_option_fn *set, *get; /* NULL: it cannot be */
};

/* embed_sctp_settings.c: those that are some fields of settings. NULL: it is none */
const struct embed_sctp_option *embed_sctp_setting_find(enum spate_sctp_option option);
/* embed_sctp_encaps.c: likewise those of how packets go */
const struct embed_sctp_option *embed_sctp_encaps_find(enum spate_sctp_option option);

#endif
