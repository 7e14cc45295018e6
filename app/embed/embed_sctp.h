/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files behind spate_sctp.h share. */
#ifndef EMBED_EMBED_SCTP_H
#define EMBED_EMBED_SCTP_H

#include <errno.h>

#include "embed/embed.h"
#include "embed/spate_sctp.h"
#include "sctp/sctp.h"

struct embed_option_call;

/* embed_sctp.c. @return 0 or -EINVAL */
int embed_addrs_parse(const struct spate *spate, const char *const *texts, unsigned count,
	unsigned port, struct sock_addr *addrs);

struct embed_addr_list {
	char (*texts)[SPATE_ADDR_TEXT];
	unsigned max;
	unsigned *port; /* may be NULL */
};

/* embed_sctp.c: the socket of a number; NULL: it is none of SCTP's, and why in *rc */
struct sock *embed_sctp_sock(const struct spate *spate, int fd, int *rc);
/* embed_sctp_send.c. @return 0 or -EINVAL */
int embed_sndinfo_parse(const struct spate_sctp_sndinfo *from, struct sock_sctp_info *info);
struct spate_sctp_sndinfo embed_sndinfo_of(const struct sock_sctp_info *info);

/*
 * embed_sctp_notice.c: the notification that is in front, as RFC 6458 has it.
 * @param end NULL: it stays
 * @return bytes, no more than `size`; with the last of them *end is set; -EAGAIN: none is in front
 */
int64_t embed_notification_take(struct spate *spate, int fd, void *data, size_t size, bool *end);
/* The same one: whose it is. @return bytes that are left of it; 0: none is in front */
uint32_t embed_notification_next(struct spate *spate, int fd, uint32_t *assoc);
/* Which of lib/sctp's notices a type is made of; 0: there is no such. */
uint32_t embed_notification_notices(uint16_t type);

/* embed_sctp_notice.c: of SEND_FAILED and SEND_FAILED_EVENT a socket has one, which is chosen. @{ */
void embed_notification_choose(struct embed_option_call *call, uint16_t type, bool on);
bool embed_notification_is_chosen(const struct embed_option_call *call, uint16_t type);
/* @} */

/* embed_sctp_send.c: SCTP_PR_COUNT: there is no such */
enum sctp_pr_policy embed_pr_policy(uint16_t policy);
uint16_t embed_pr_policy_of(enum sctp_pr_policy policy);

/* embed_sctp_addr.c: an address in a struct of the program's. Of no family, or any: false */
bool embed_sockaddr_parse(const void *sockaddr, struct ip_addr *addr, uint16_t *port);
/* @param mapped of IPv4, as one of IPv6 */
void embed_sockaddr_build(
	const struct ip_addr *addr, uint16_t port, bool mapped, struct sockaddr_storage *sockaddr);

/* ---- options: a line each in the tables of embed_sctp_...option.c and the like ---- */

struct embed_sctp_option;

/* What an option's functions work on. */
struct embed_option_call {
	struct spate *spate;
	int fd;
	struct sock *sock;
	struct sctp_settings settings; /* of the association that is meant */
	uint32_t assoc;
	const struct embed_sctp_option *option;
	void *value; /* a copy, aligned */
	size_t length; /* set: given; get: what is written */
	/* Get: where it goes, with room for so many bytes: for what is too long for a copy. */
	void *out;
	size_t room;
};

typedef int embed_option_fn(struct embed_option_call *call);

/* Whose it is, and where the struct says that. */
enum embed_option_kind {
	EMBED_OPTION_SOCKET, /* it says nothing */
	EMBED_OPTION_SOCKET_SETTINGS, /* the same; some fields of settings, of all */
	EMBED_OPTION_FUTURE_SETTINGS, /* ... of associations to come */
	EMBED_OPTION_ASSOC, /* its id is in front */
	EMBED_OPTION_SETTINGS, /* the same; some fields of settings */
	EMBED_OPTION_SNDINFO, /* where struct sctp_sndinfo has it */
	EMBED_OPTION_SNDRCVINFO,
};

/* Ids that are no association's, which it may have: RFC 6458 8. To be read it is the first one only. */
enum embed_option_ids {
	EMBED_ID_NONE = 0,
	EMBED_ID_FUTURE = 1 << SPATE_SCTP_FUTURE_ASSOC,
	EMBED_ID_ANY = 1 << SPATE_SCTP_FUTURE_ASSOC | 1 << SPATE_SCTP_CURRENT_ASSOC |
		1 << SPATE_SCTP_ALL_ASSOC,
};

struct embed_sctp_option {
	enum spate_sctp_option option;
	enum embed_option_kind kind;
	enum embed_option_ids ids;
	uint16_t length; /* at least */
	uint16_t shorter; /* may be given, too: 4: the value alone; 8: without the last field */
	embed_option_fn *set, *get; /* NULL: it cannot be */
};

struct embed_option_table {
	const struct embed_sctp_option *options;
	unsigned count;
};
#define EMBED_OPTION_TABLE(array)        \
	{                                \
		(array), RTE_DIM(array), \
	}

/* What is 0 keeps what there is. */
static inline void
embed_keep_or_set32(uint32_t *field, uint32_t value)
{
	if (value != 0)
		*field = value;
}

static inline int
embed_keep_or_set8(uint8_t *field, uint32_t value)
{
	if (value != 0)
		*field = (uint8_t)value;
	return value <= UINT8_MAX ? 0 : -EINVAL;
}

extern const struct embed_option_table embed_settings_options; /* embed_sctp_settings.c */
extern const struct embed_option_table embed_path_options; /* embed_sctp_path.c */
extern const struct embed_option_table embed_auth_options; /* embed_sctp_auth.c */
extern const struct embed_option_table embed_stream_options; /* embed_sctp_stream.c */
extern const struct embed_option_table embed_event_options; /* embed_sctp_event.c */
extern const struct embed_option_table embed_switch_options; /* embed_sctp_switch.c */
extern const struct embed_option_table embed_send_options; /* embed_sctp_send.c */
extern const struct embed_option_table embed_status_options; /* embed_sctp_status.c */
extern const struct embed_option_table embed_encaps_options; /* embed_sctp_encaps.c */

#endif
