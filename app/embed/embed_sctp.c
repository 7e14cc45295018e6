/* SPDX-License-Identifier: BSD-3-Clause */
/* What spate_sctp.h has of names, associations and messages, over lib/sock's sockets of SCTP. */
#include <errno.h>

#include "embed/embed_sctp.h"
#include "sctp/sctp.h"

struct sock *
embed_sctp_sock(const struct spate *spate, int fd, int *rc)
{
	struct sock *sock = embed_sock(spate, fd);
	enum sock_proto proto = sock != NULL ? sock_proto(sock) : SOCK_PROTO_COUNT;

	*rc = sock == NULL                                      ? -EBADF
		: proto != SOCK_SCTP && proto != SOCK_SCTP_MANY ? -EOPNOTSUPP
								: 0;
	return *rc == 0 ? sock : NULL;
}

/* ---- names and associations ---- */

int
embed_addrs_parse(const struct spate *spate, const char *const *texts, unsigned count,
	unsigned port, struct sock_addr *addrs)
{
	int rc = count > 0 && count <= SCTP_ADDRS_MAX ? 0 : -EINVAL;

	for (unsigned i = 0; i < count && rc == 0; i++)
		rc = embed_sock_addr_parse(spate, texts[i], port, &addrs[i]);
	return rc;
}

int
spate_sctp_bindx(struct spate *spate, int fd, const char *const *texts, unsigned count,
	unsigned port, int add)
{
	struct sock_addr addrs[SCTP_ADDRS_MAX];
	int rc;
	struct sock *sock = embed_sctp_sock(spate, fd, &rc);

	if (rc == 0)
		rc = embed_addrs_parse(spate, texts, count, port, addrs);
	if (rc == 0)
		rc = sock_sctp_bindx(sock, addrs, count, add != 0);
	return embed_sock_result(rc);
}

int
spate_sctp_connectx(struct spate *spate, int fd, const char *const *texts, unsigned count,
	unsigned port, int32_t *assoc_id)
{
	struct sock_addr addrs[SCTP_ADDRS_MAX];
	uint32_t id = 0;
	int rc;
	struct sock *sock = embed_sctp_sock(spate, fd, &rc);

	if (rc == 0)
		rc = embed_addrs_parse(spate, texts, count, port, addrs);
	if (rc == 0)
		rc = sock_sctp_connectx(sock, addrs, count, &id);
	if (assoc_id != NULL)
		*assoc_id = (int32_t)id;
	embed_run(spate);
	return embed_sock_result(rc);
}

int
spate_sctp_peeloff(struct spate *spate, int fd, int32_t assoc_id)
{
	int number = embed_number_find(spate), rc;
	struct sock *sock = embed_sctp_sock(spate, fd, &rc);

	if (rc == 0 && number < 0)
		rc = number;
	if (rc == 0)
		rc = sock_sctp_peeloff(sock, (uint32_t)assoc_id, &sock);
	if (rc < 0)
		return embed_sock_result(rc);
	spate->sockets[number] = spate->sockets[fd];
	spate->sockets[number].sock = sock;
	spate->sockets[number].notified = 0;
	return number;
}

typedef int sctp_addrs_fn(
	const struct sock *sock, uint32_t assoc, struct sock_addr *addrs, unsigned max);

static int
addrs_get(struct spate *spate, int fd, int32_t assoc_id, sctp_addrs_fn *get,
	struct embed_addr_list *list)
{
	struct sock_addr addrs[SCTP_ADDRS_MAX];
	int rc;
	struct sock *sock = embed_sctp_sock(spate, fd, &rc);

	if (rc == 0)
		rc = get(sock, (uint32_t)assoc_id, addrs, SCTP_ADDRS_MAX);
	for (int i = 0; i < rc; i++)
		embed_sock_addr_format(spate, &addrs[i],
			(unsigned)i < list->max ? list->texts[i] : NULL, list->port);
	return embed_sock_result(rc);
}

int
spate_sctp_getpaddrs(struct spate *spate, int fd, int32_t assoc_id, char (*addrs)[SPATE_ADDR_TEXT],
	unsigned max, unsigned *port)
{
	return addrs_get(spate, fd, assoc_id, sock_sctp_peers,
		&(struct embed_addr_list){ addrs, max, port });
}

int
spate_sctp_getladdrs(struct spate *spate, int fd, int32_t assoc_id, char (*addrs)[SPATE_ADDR_TEXT],
	unsigned max, unsigned *port)
{
	return addrs_get(spate, fd, assoc_id, sock_sctp_locals,
		&(struct embed_addr_list){ addrs, max, port });
}

/* ---- receiving ---- */

static uint16_t
flags_of(const struct sock_sctp_info *info)
{
	return (info->flags & SOCK_SCTP_UNORDERED) != 0 ? SPATE_SCTP_UNORDERED : 0;
}

static struct spate_sctp_rcvinfo
rcvinfo_of(const struct sock_sctp_info *info)
{
	return (struct spate_sctp_rcvinfo){
		.rcv_sid = info->stream,
		.rcv_ssn = info->ssn,
		.rcv_flags = flags_of(info),
		.rcv_ppid = info->ppid_be,
		.rcv_tsn = info->tsn,
		.rcv_cumtsn = info->cum_tsn,
		.rcv_context = info->context,
		.rcv_assoc_id = (int32_t)info->assoc,
	};
}

/* RFC 6458 5.3.5 */
static struct spate_sctp_nxtinfo
nxtinfo_get(struct spate *spate, int fd)
{
	struct spate_sctp_nxtinfo next = { .nxt_length = 0 };
	struct sock_sctp_info info;
	uint32_t assoc, length = embed_notification_next(spate, fd, &assoc);

	if (length > 0)
		return (struct spate_sctp_nxtinfo){ .nxt_flags = SPATE_SCTP_NOTIFICATION |
				SPATE_SCTP_COMPLETE,
			.nxt_length = length,
			.nxt_assoc_id = (int32_t)assoc };
	length = sock_sctp_next(embed_sock(spate, fd), &info);
	if (length > 0)
		next = (struct spate_sctp_nxtinfo){ .nxt_sid = info.stream,
			.nxt_flags = flags_of(&info) |
				((info.flags & SOCK_SCTP_EOR) != 0 ? SPATE_SCTP_COMPLETE : 0U),
			.nxt_ppid = info.ppid_be,
			.nxt_length = length,
			.nxt_assoc_id = (int32_t)info.assoc };
	return next;
}

int
spate_sctp_recvv(struct spate *spate, int fd, void *data, size_t size, char *addr, unsigned *port,
	struct spate_sctp_rcvinfo *rcvinfo, struct spate_sctp_nxtinfo *next, int *flags)
{
	struct sock_sctp_info info = { .flags = 0 };
	struct sock_addr peer = { .iface = PKT_IFACE_NONE };
	int said = 0, rc;
	struct sock *sock = embed_sctp_sock(spate, fd, &rc);
	bool end = false;
	int64_t length;

	if (rc < 0)
		return embed_sock_result(rc);
	length = embed_notification_take(spate, fd, data, size, &end);
	if (length != -EAGAIN)
		said = SPATE_MSG_NOTIFICATION | (end ? SPATE_MSG_EOR : 0);
	else
		length = sock_sctp_receive(sock, data, size, &info, &peer);
	if (length > 0 && (info.flags & SOCK_SCTP_EOR) != 0)
		said = SPATE_MSG_EOR;
	if (rcvinfo != NULL)
		*rcvinfo = rcvinfo_of(&info);
	if (next != NULL)
		*next = nxtinfo_get(spate, fd);
	if (flags != NULL)
		*flags = said;
	if (length > 0 && (said & SPATE_MSG_NOTIFICATION) == 0)
		embed_sock_addr_format(spate, &peer, addr, port);
	/* There is room again, which the peer may have to be told. */
	embed_run(spate);
	return embed_sock_result(length);
}

int
spate_sctp_recvmsg(struct spate *spate, int fd, void *data, size_t size, char *addr, unsigned *port,
	struct spate_sctp_sndrcvinfo *sinfo, int *flags)
{
	struct spate_sctp_rcvinfo info;
	int rc = spate_sctp_recvv(spate, fd, data, size, addr, port, &info, NULL, flags);

	if (rc >= 0 && sinfo != NULL)
		*sinfo = (struct spate_sctp_sndrcvinfo){
			.sinfo_stream = info.rcv_sid,
			.sinfo_ssn = info.rcv_ssn,
			.sinfo_flags = info.rcv_flags,
			.sinfo_ppid = info.rcv_ppid,
			.sinfo_context = info.rcv_context,
			.sinfo_tsn = info.rcv_tsn,
			.sinfo_cumtsn = info.rcv_cumtsn,
			.sinfo_assoc_id = info.rcv_assoc_id,
		};
	return rc;
}
