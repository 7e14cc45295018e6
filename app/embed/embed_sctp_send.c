/* SPDX-License-Identifier: BSD-3-Clause */
/* Sending: RFC 6458 9.7 to 9.12; and what is sent with by default: 8.1.13, 8.1.25, 8.1.31, 8.1.32. */
#include <errno.h>
#include <string.h>

#include "embed/embed_sctp.h"

/* ---- what it is sent with ---- */

static const struct {
	uint16_t program, sock;
} send_flags[] = {
	{ SPATE_SCTP_UNORDERED, SOCK_SCTP_UNORDERED },
	{ SPATE_SCTP_ABORT, SOCK_SCTP_ABORT },
	{ SPATE_SCTP_SACK_IMMEDIATELY, SOCK_SCTP_IMMEDIATE },
	{ SPATE_SCTP_SENDALL, SOCK_SCTP_SENDALL },
	{ SPATE_SCTP_EOF, SOCK_SCTP_EOF },
	{ SPATE_SCTP_ADDR_OVER, SOCK_SCTP_ADDR_OVER },
	{ SPATE_SCTP_EOR, SOCK_SCTP_EOR },
};

int
embed_sndinfo_parse(const struct spate_sctp_sndinfo *from, struct sock_sctp_info *info)
{
	uint16_t left = from->snd_flags;

	*info = (struct sock_sctp_info){ .assoc = (uint32_t)from->snd_assoc_id,
		.stream = from->snd_sid,
		.ppid_be = from->snd_ppid,
		.context = from->snd_context };
	for (unsigned i = 0; i < RTE_DIM(send_flags); i++) {
		if ((left & send_flags[i].program) != 0)
			info->flags |= send_flags[i].sock;
		left &= (uint16_t)~send_flags[i].program;
	}
	return left == 0 ? 0 : -EINVAL;
}

struct spate_sctp_sndinfo
embed_sndinfo_of(const struct sock_sctp_info *info)
{
	struct spate_sctp_sndinfo result = { .snd_sid = info->stream,
		.snd_ppid = info->ppid_be,
		.snd_context = info->context,
		.snd_assoc_id = (int32_t)info->assoc };

	for (unsigned i = 0; i < RTE_DIM(send_flags); i++) {
		if ((info->flags & send_flags[i].sock) != 0)
			result.snd_flags |= send_flags[i].program;
	}
	return result;
}

/* ---- when it is given up ---- */

static const uint16_t policies[SCTP_PR_COUNT] = {
	[SCTP_PR_NONE] = SPATE_SCTP_PR_SCTP_NONE,
	[SCTP_PR_TIMED] = SPATE_SCTP_PR_SCTP_TTL,
	[SCTP_PR_LIMITED] = SPATE_SCTP_PR_SCTP_RTX,
	[SCTP_PR_PRIORITY] = SPATE_SCTP_PR_SCTP_PRIO,
};

enum sctp_pr_policy
embed_pr_policy(uint16_t policy)
{
	enum sctp_pr_policy at = SCTP_PR_NONE;

	while (at < SCTP_PR_COUNT && policies[at] != policy)
		at++;
	return at;
}

uint16_t
embed_pr_policy_of(enum sctp_pr_policy policy)
{
	return policies[policy];
}

static int
prinfo_parse(const struct spate_sctp_prinfo *from, struct sock_sctp_info *info)
{
	const enum sctp_pr_policy policy = embed_pr_policy(from->pr_policy);

	info->pr_policy = (uint8_t)policy;
	info->pr_value = from->pr_value;
	return policy < SCTP_PR_COUNT ? 0 : -EINVAL;
}

/* RFC 6458 5.3.2: a lifetime, or RFC 7496 3: what the flags say. */
static int
sndrcvinfo_parse(const struct spate_sctp_sndrcvinfo *from, struct sock_sctp_info *info)
{
	const struct spate_sctp_prinfo pr = {
		.pr_policy = from->sinfo_flags & SPATE_SCTP_PR_SCTP_MASK,
		.pr_value = from->sinfo_timetolive,
	};
	const struct spate_sctp_sndinfo snd = {
		.snd_sid = from->sinfo_stream,
		.snd_flags = (uint16_t)(from->sinfo_flags & ~SPATE_SCTP_PR_SCTP_MASK),
		.snd_ppid = from->sinfo_ppid,
		.snd_context = from->sinfo_context,
		.snd_assoc_id = from->sinfo_assoc_id,
	};
	int rc = embed_sndinfo_parse(&snd, info);

	if (rc < 0 || (pr.pr_policy == SPATE_SCTP_PR_SCTP_NONE && pr.pr_value == 0))
		return rc;
	rc = prinfo_parse(&pr, info);
	if (pr.pr_policy == SPATE_SCTP_PR_SCTP_NONE)
		info->pr_policy = SCTP_PR_TIMED;
	return rc;
}

static int
spa_parse(struct spate *spate, int fd, const struct spate_sctp_sendv_spa *spa,
	struct sock_sctp_info *info)
{
	const uint32_t known = SPATE_SCTP_SEND_SNDINFO_VALID | SPATE_SCTP_SEND_PRINFO_VALID |
		SPATE_SCTP_SEND_AUTHINFO_VALID;
	int rc = (spa->sendv_flags & ~known) == 0 ? 0 : -EINVAL;

	if (rc == 0 && (spa->sendv_flags & SPATE_SCTP_SEND_SNDINFO_VALID) != 0)
		rc = embed_sndinfo_parse(&spa->sendv_sndinfo, info);
	else if (rc == 0)
		rc = sock_sctp_default_get(embed_sock(spate, fd), SOCK_SCTP_FUTURE, info);
	if (rc == 0 && (spa->sendv_flags & SPATE_SCTP_SEND_SNDINFO_VALID) == 0)
		info->assoc = SOCK_SCTP_FUTURE;
	if (rc == 0 && (spa->sendv_flags & SPATE_SCTP_SEND_PRINFO_VALID) != 0)
		rc = prinfo_parse(&spa->sendv_prinfo, info);
	/* RFC 6458 5.3.8 */
	info->has_key = (spa->sendv_flags & SPATE_SCTP_SEND_AUTHINFO_VALID) != 0;
	info->key_id = spa->sendv_authinfo.auth_keynumber;
	return rc;
}

/* ---- sending ---- */

static int
message_send(struct spate *spate, int fd, const void *data, size_t length,
	const struct sock_sctp_info *info, struct sock_sctp_to *to, int flags)
{
	const bool ends =
		(flags & MSG_EOR) != 0 || (info != NULL && (info->flags & SOCK_SCTP_EOR) != 0);
	int64_t rc;

	/* RFC 6458 8.1.26: it goes on until somebody says that it ends. */
	to->more = spate->sockets[fd].explicit_eor && !ends;
	rc = sock_sctp_sendx(embed_sock(spate, fd), data, length, info, to);
	embed_run(spate);
	return embed_sock_result(rc);
}

static int
destination_parse(
	const struct spate *spate, const char *addr, unsigned port, struct sock_sctp_to *to)
{
	to->count = addr != NULL ? 1 : 0;
	return addr != NULL ? embed_addrs_parse(spate, &addr, 1, port, to->peers) : 0;
}

int
spate_sctp_sendv(struct spate *spate, int fd, const void *data, size_t length, const char *addr,
	unsigned port, const struct spate_sctp_sndinfo *sndinfo)
{
	struct sock_sctp_info info = { .flags = 0 };
	struct sock_sctp_to to;
	int rc;

	embed_sctp_sock(spate, fd, &rc);
	if (rc == 0 && sndinfo != NULL)
		rc = embed_sndinfo_parse(sndinfo, &info);
	if (rc == 0)
		rc = destination_parse(spate, addr, port, &to);
	return rc < 0
		? embed_sock_result(rc)
		: message_send(spate, fd, data, length, sndinfo != NULL ? &info : NULL, &to, 0);
}

int
spate_sctp_sendx(struct spate *spate, int fd, const void *data, size_t length,
	const char *const *addrs, unsigned count, unsigned port,
	const struct spate_sctp_sendv_spa *spa, int flags)
{
	struct sock_sctp_to to = { .count = count };
	struct sock_sctp_info info = { .flags = 0 };
	int rc;

	embed_sctp_sock(spate, fd, &rc);
	if (rc == 0 && spa != NULL)
		rc = spa_parse(spate, fd, spa, &info);
	if (rc == 0 && count > 0)
		rc = embed_addrs_parse(spate, addrs, count, port, to.peers);
	return rc < 0
		? embed_sock_result(rc)
		: message_send(spate, fd, data, length, spa != NULL ? &info : NULL, &to, flags);
}

int
spate_sctp_send(struct spate *spate, int fd, const void *data, size_t length, const char *addr,
	unsigned port, const struct spate_sctp_sndrcvinfo *sinfo, int flags)
{
	struct sock_sctp_info info = { .flags = 0 };
	struct sock_sctp_to to;
	int rc;

	embed_sctp_sock(spate, fd, &rc);
	if (rc == 0 && sinfo != NULL)
		rc = sndrcvinfo_parse(sinfo, &info);
	if (rc == 0)
		rc = destination_parse(spate, addr, port, &to);
	return rc < 0
		? embed_sock_result(rc)
		: message_send(spate, fd, data, length, sinfo != NULL ? &info : NULL, &to, flags);
}

int
spate_sctp_sendmsg(struct spate *spate, int fd, const void *data, size_t length, const char *addr,
	unsigned port, uint32_t ppid, uint32_t flags, uint16_t stream, uint32_t timetolive,
	uint32_t context)
{
	const struct spate_sctp_sndrcvinfo sinfo = {
		.sinfo_stream = stream,
		.sinfo_flags = (uint16_t)flags,
		.sinfo_ppid = ppid,
		.sinfo_context = context,
		.sinfo_timetolive = timetolive,
	};

	return spate_sctp_send(spate, fd, data, length, addr, port, &sinfo, 0);
}

/* ---- defaults ---- */

static int
default_set(struct embed_option_call *call, struct sock_sctp_info *info)
{
	/* RFC 6458 8.1.13, 8.1.31: what a message is, and not to whom it goes or what it ends. */
	if ((info->flags &
		    ~(SOCK_SCTP_UNORDERED | SOCK_SCTP_IMMEDIATE | SOCK_SCTP_EOF |
			    SOCK_SCTP_SENDALL | SOCK_SCTP_ADDR_OVER)) != 0)
		return -EINVAL;
	return sock_sctp_default_set(call->sock, call->assoc, info);
}

static int
sndinfo_set(struct embed_option_call *call)
{
	struct sock_sctp_info info = { .flags = 0 };
	int rc = embed_sndinfo_parse(call->value, &info);

	return rc == 0 ? default_set(call, &info) : rc;
}

static int
sndinfo_get(struct embed_option_call *call)
{
	struct sock_sctp_info info = { .flags = 0 };
	int rc = sock_sctp_default_get(call->sock, call->assoc, &info);

	if (rc < 0)
		return rc;
	info.assoc = call->assoc;
	*(struct spate_sctp_sndinfo *)call->value = embed_sndinfo_of(&info);
	return 0;
}

static int
send_param_set(struct embed_option_call *call)
{
	struct sock_sctp_info info = { .flags = 0 };
	int rc = sndrcvinfo_parse(call->value, &info);

	return rc == 0 ? default_set(call, &info) : rc;
}

static int
send_param_get(struct embed_option_call *call)
{
	struct spate_sctp_sndrcvinfo *out = call->value;
	struct spate_sctp_sndinfo snd;
	struct sock_sctp_info info = { .flags = 0 };
	int rc = sock_sctp_default_get(call->sock, call->assoc, &info);

	if (rc < 0)
		return rc;
	snd = embed_sndinfo_of(&info);
	*out = (struct spate_sctp_sndrcvinfo){
		.sinfo_stream = snd.snd_sid,
		.sinfo_flags = snd.snd_flags,
		.sinfo_ppid = snd.snd_ppid,
		.sinfo_context = snd.snd_context,
		.sinfo_timetolive = info.pr_value,
		.sinfo_assoc_id = (int32_t)call->assoc,
	};
	if (info.pr_policy > SCTP_PR_NONE && info.pr_policy != SCTP_PR_TIMED)
		out->sinfo_flags |= policies[info.pr_policy];
	return 0;
}

static int
prinfo_set(struct embed_option_call *call)
{
	const struct spate_sctp_default_prinfo *prinfo = call->value;
	const enum sctp_pr_policy policy = embed_pr_policy(prinfo->pr_policy);

	if (policy == SCTP_PR_COUNT)
		return -EINVAL;
	call->settings.pr_policy = (uint8_t)policy;
	call->settings.pr_value = prinfo->pr_value;
	return 0;
}

static int
prinfo_get(struct embed_option_call *call)
{
	struct spate_sctp_default_prinfo *prinfo = call->value;

	prinfo->pr_policy = policies[call->settings.pr_policy];
	prinfo->pr_value = call->settings.pr_value;
	return 0;
}

static int
context_set(struct embed_option_call *call)
{
	const struct spate_sctp_assoc_value *value = call->value;

	return sock_sctp_context_set(call->sock, call->assoc, value->assoc_value);
}

static int
context_get(struct embed_option_call *call)
{
	struct spate_sctp_assoc_value *value = call->value;

	return sock_sctp_context_get(call->sock, call->assoc, &value->assoc_value);
}

static const struct embed_sctp_option options[] = {
	{ SPATE_SCTP_DEFAULT_SNDINFO, EMBED_OPTION_SNDINFO, EMBED_ID_ANY,
		sizeof(struct spate_sctp_sndinfo), 0, sndinfo_set, sndinfo_get },
	{ SPATE_SCTP_DEFAULT_SEND_PARAM, EMBED_OPTION_SNDRCVINFO, EMBED_ID_ANY,
		sizeof(struct spate_sctp_sndrcvinfo), 0, send_param_set, send_param_get },
	{ SPATE_SCTP_DEFAULT_PRINFO, EMBED_OPTION_SETTINGS, EMBED_ID_ANY,
		sizeof(struct spate_sctp_default_prinfo), 0, prinfo_set, prinfo_get },
	{ SPATE_SCTP_CONTEXT, EMBED_OPTION_ASSOC, EMBED_ID_ANY,
		sizeof(struct spate_sctp_assoc_value), 0, context_set, context_get },
};

const struct embed_option_table embed_send_options = EMBED_OPTION_TABLE(options);
