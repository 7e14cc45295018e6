/* SPDX-License-Identifier: BSD-3-Clause */
/* Calls about sockets that only SCTP has, a row each: RFC 6458. See script_sock.c. */
#include <errno.h>
#include <string.h>

#include <rte_common.h>

#include "script/script_call.h"
#include "script/script_info.h"
#include "script/script_text.h"

/* ---- names ---- */

/* One more address: 9.1. */
static int
call_bindx(struct script_call *call, int64_t *answer)
{
	struct sock_addr addr;

	if (script_addr_args(call, &addr) < 0)
		return -EINVAL;
	*answer = sock_sctp_bindx(call->sock, &addr, 1, true);
	return 0;
}

/* "10.0.0.2,10.0.0.3 80" */
static int
call_connectx(struct script_call *call, int64_t *answer)
{
	struct sock_addr peers[SCTP_ADDRS_MAX];
	char *words = call->args[0], *word;
	unsigned count = 0;
	uint64_t port;

	if (script_number_arg(call, 1, UINT16_MAX, &port) < 0)
		return -EINVAL;
	while ((word = strsep(&words, ",")) != NULL && count < RTE_DIM(peers)) {
		peers[count] =
			(struct sock_addr){ .port = (uint16_t)port, .iface = PKT_IFACE_NONE };
		if (ip_addr_parse(word, &peers[count++].addr) != 0)
			return error_set(call->err, EINVAL, "'%s' is no address", word);
	}
	*answer = sock_sctp_connectx(call->sock, peers, count, NULL);
	return 0;
}

static int
peer_arg(struct script_call *call, struct ip_addr *peer)
{
	if (call->args[0] == NULL || ip_addr_parse(call->args[0], peer) != 0)
		return error_set(call->err, EINVAL, "an address of the peer's");
	return 0;
}

static int
call_primary(struct script_call *call, int64_t *answer)
{
	struct ip_addr peer;

	if (peer_arg(call, &peer) < 0)
		return -EINVAL;
	*answer = sock_sctp_primary_set(call->sock, SOCK_SCTP_CURRENT, &peer);
	return 0;
}

static int
call_heartbeat(struct script_call *call, int64_t *answer)
{
	struct ip_addr peer;

	if (peer_arg(call, &peer) < 0)
		return -EINVAL;
	*answer = sock_sctp_heartbeat(call->sock, SOCK_SCTP_CURRENT, &peer);
	return 0;
}

/* "10.0.0.2 cwnd 4380" */
static int
call_path(struct script_call *call, int64_t *answer)
{
	struct sctp_path_info info;
	struct ip_addr peer;

	if (call->args[2] == NULL || peer_arg(call, &peer) < 0)
		return error_set(call->err, EINVAL, "sock NAME path ADDRESS FIELD VALUE");
	*answer = sock_sctp_path_info(call->sock, SOCK_SCTP_CURRENT, &peer, &info);
	return *answer < 0 ? 0
			   : script_path_info_check(&info, call->args[1], call->args[2], call->err);
}

/* ---- settings: of the socket, and of the association that it is ---- */

static int
setting_change(struct sctp_settings *settings, void *arg)
{
	const struct script_call *call = arg;

	return script_setting_set(settings, call->args[0], call->args[1], call->err);
}

static int
call_setting(struct script_call *call, int64_t *answer)
{
	struct sctp_settings probe;

	sctp_settings_init(&probe);
	if (call->args[1] == NULL || setting_change(&probe, call) < 0)
		return error_set(call->err, EINVAL, "sock NAME setting FIELD VALUE");
	*answer = sock_sctp_settings_change(call->sock, SOCK_SCTP_ALL, setting_change, call);
	return 0;
}

/* ---- notifications: 6 ---- */

/* "lost 12": with that cause; "path INACTIVE". */
static int
call_notice(struct script_call *call, int64_t *answer)
{
	static const char *const types[SCTP_NOTICE_COUNT] = {
		[SCTP_NOTICE_UP] = "up",
		[SCTP_NOTICE_LOST] = "lost",
		[SCTP_NOTICE_RESTART] = "restart",
		[SCTP_NOTICE_SHUTDOWN] = "shutdown",
		[SCTP_NOTICE_SHUTDOWN_COMPLETE] = "complete",
		[SCTP_NOTICE_PATH] = "path",
		[SCTP_NOTICE_REMOTE_ERROR] = "error",
		[SCTP_NOTICE_SEND_FAILED] = "failed",
		[SCTP_NOTICE_PART_ABORTED] = "part-aborted",
		[SCTP_NOTICE_AUTH_NEW_KEY] = "auth-new-key",
		[SCTP_NOTICE_AUTH_NO_AUTH] = "no-auth",
		[SCTP_NOTICE_AUTH_FREE_KEY] = "auth-free-key",
		[SCTP_NOTICE_STREAM_RESET] = "stream-reset",
		[SCTP_NOTICE_ASSOC_RESET] = "assoc-reset",
		[SCTP_NOTICE_STREAM_CHANGE] = "stream-change",
		[SCTP_NOTICE_ADAPTATION] = "adaptation",
		[SCTP_NOTICE_PEER_ADDR_ADDED] = "peer-addr-added",
		[SCTP_NOTICE_PEER_ADDR_REMOVED] = "peer-addr-removed",
		[SCTP_NOTICE_PEER_ADDR_PRIMARY] = "peer-addr-primary",
		[SCTP_NOTICE_ADDR_ADDED] = "addr-added",
		[SCTP_NOTICE_ADDR_REMOVED] = "addr-removed",
		[SCTP_NOTICE_ADDR_PRIMARY] = "addr-primary",
		[SCTP_NOTICE_DRY] = "dry",
	};
	int type = script_word_index(types, SCTP_NOTICE_COUNT, call->args[0]);
	struct sctp_notice notice;
	uint64_t cause;
	uint32_t assoc;

	*answer = sock_sctp_notice(call->sock, &assoc, &notice);
	if (*answer < 0)
		return 0;
	if (type < 0 || (enum sctp_notice_type)type != notice.type)
		return error_set(call->err, EINVAL, "it is '%s'",
			notice.type < SCTP_NOTICE_COUNT && types[notice.type] != NULL
				? types[notice.type]
				: "another one");
	if (call->args[1] == NULL)
		return 0;
	if (notice.type == SCTP_NOTICE_PATH)
		return strcmp(sctp_path_state_name(notice.path_state), call->args[1]) == 0
			? 0
			: error_set(call->err, EINVAL, "it is %s",
				  sctp_path_state_name(notice.path_state));
	if (script_number_arg(call, 1, UINT16_MAX, &cause) < 0)
		return -EINVAL;
	return notice.cause == cause
		? 0
		: error_set(call->err, EINVAL, "its cause is %u", notice.cause);
}

/* ---- messages ---- */

/* "stream=1,ppid=2,unordered", over what is there. */
static int
about_parse(struct script_call *call, char *about, struct sock_sctp_info *info)
{
	static const char *const flags[] = { "unordered", "immediate", "eor", "eof", "abort",
		"sendall" };
	char *word;

	while ((word = strsep(&about, ",")) != NULL) {
		int flag = script_word_index(flags, RTE_DIM(flags), word);
		char *value = strchr(word, '=');
		uint64_t number = 0;

		if (flag >= 0) {
			info->flags |= (uint16_t)(1U << flag);
			continue;
		}
		if (value == NULL || script_number(value + 1, UINT32_MAX, &number) < 0)
			return error_set(call->err, EINVAL, "what is '%s'?", word);
		*value = '\0';
		if (strcmp(word, "stream") == 0)
			info->stream = (uint16_t)number;
		else if (strcmp(word, "ssn") == 0)
			info->ssn = (uint16_t)number;
		else if (strcmp(word, "ppid") == 0)
			info->ppid_be = rte_cpu_to_be_32((uint32_t)number);
		else if (strcmp(word, "context") == 0)
			info->context = (uint32_t)number;
		else
			return error_set(call->err, EINVAL, "messages have no '%s'", word);
	}
	return 0;
}

int
script_sctp_send(
	struct script_call *call, const void *data, size_t length, char *about, int64_t *answer)
{
	struct sock_sctp_info info = { .assoc = SOCK_SCTP_CURRENT };

	if (about_parse(call, about, &info) < 0)
		return -EINVAL;
	*answer = sock_sctp_send(call->sock, data, length, &info, NULL);
	return 0;
}

/* What is not said of it may be anything; but flags are those that are named. */
int
script_sctp_receive(struct script_call *call, void *data, size_t size, char *about, int64_t *answer)
{
	struct sock_sctp_info is = { .assoc = 0 }, wanted;

	*answer = sock_sctp_receive(call->sock, data, size, &is, NULL);
	if (*answer <= 0)
		return 0;
	wanted = is;
	wanted.flags = 0;
	if (about_parse(call, about, &wanted) < 0)
		return -EINVAL;
	return is.stream == wanted.stream && is.ssn == wanted.ssn && is.ppid_be == wanted.ppid_be &&
			is.flags == wanted.flags
		? 0
		: error_set(call->err, EINVAL, "it has stream=%u ssn=%u ppid=%u flags %#x",
			  is.stream, is.ssn, rte_be_to_cpu_32(is.ppid_be), is.flags);
}

/* ---- the rows ---- */

const struct script_call_row *
script_sctp_call_find(const char *name)
{
	static const struct script_call_row rows[] = {
		{ "bindx", call_bindx },
		{ "connectx", call_connectx },
		{ "primary", call_primary },
		{ "heartbeat", call_heartbeat },
		{ "path", call_path },
		{ "setting", call_setting },
		{ "notice", call_notice },
	};

	for (unsigned i = 0; i < RTE_DIM(rows); i++) {
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	}
	return NULL;
}
