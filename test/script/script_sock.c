/* SPDX-License-Identifier: BSD-3-Clause */
/* Socket calls of scripts: each call is a row. What they do with the stack is up to lib/sock. */
#include "script/script_sock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "script/script_call.h"
#include "script/script_info.h"
#include "script/script_text.h"

#define SOCKS_MAX 16

struct named_sock {
	char name[16];
	struct sock *sock; /* NULL: a free place */
};

struct script_sock {
	struct sock_app app;
	struct named_sock socks[SOCKS_MAX];
	uint8_t data[65536];
};

/* ---- the application ---- */

static int
app_start(struct sock_app *app, const void *config)
{
	return 0;
}

/* The script asks. */
static void
app_events(struct sock_app *app, const struct sock_event *events, unsigned count)
{
}

struct script_sock *
script_sock_create(struct stack *stack)
{
	static const struct sock_app_ops ops = {
		.name = "script",
		.start = app_start,
		.events = app_events,
	};
	struct script_sock *socks = calloc(1, sizeof(*socks));

	if (socks == NULL)
		abort();
	socks->app.ops = &ops;
	stack_app_start(stack, &socks->app);
	for (size_t i = 0; i < sizeof(socks->data); i++)
		socks->data[i] = script_pattern(i);
	return socks;
}

void
script_sock_destroy(struct script_sock *socks)
{
	if (socks == NULL)
		return;
	/* What is not acknowledged would be sent again, for long. */
	for (unsigned i = 0; i < SOCKS_MAX; i++) {
		if (socks->socks[i].sock != NULL)
			sock_option_set(socks->socks[i].sock, SOCK_OPT_ABORT, 1);
	}
	sock_app_stop(&socks->app);
	free(socks);
}

/* ---- arguments ---- */

static struct named_sock *
named(struct script_sock *socks, const char *name)
{
	for (unsigned i = 0; i < SOCKS_MAX; i++) {
		if (socks->socks[i].sock != NULL && strcmp(socks->socks[i].name, name) == 0)
			return &socks->socks[i];
	}
	return NULL;
}

static int
named_add(struct script_call *call, const char *name, struct sock *sock)
{
	for (unsigned i = 0; i < SOCKS_MAX; i++) {
		struct named_sock *place = &call->socks->socks[i];

		if (place->sock != NULL)
			continue;
		place->sock = sock;
		strlcpy(place->name, name, sizeof(place->name));
		return 0;
	}
	sock_close(sock);
	return error_set(call->err, EINVAL, "a script has %d sockets at most", SOCKS_MAX);
}

int
script_word_index(const char *const words[], unsigned count, const char *word)
{
	for (unsigned i = 0; i < count; i++) {
		if (words[i] != NULL && word != NULL && strcmp(words[i], word) == 0)
			return (int)i;
	}
	return -1;
}

int
script_number_arg(struct script_call *call, unsigned arg, uint64_t max, uint64_t *value)
{
	if (call->args[arg] == NULL || script_number(call->args[arg], max, value) < 0)
		return error_set(call->err, EINVAL, "'%s' is no number",
			call->args[arg] != NULL ? call->args[arg] : "");
	return 0;
}

int
script_addr_args(struct script_call *call, struct sock_addr *addr)
{
	uint64_t port;

	*addr = (struct sock_addr){ .iface = PKT_IFACE_NONE };
	if (call->args[0] == NULL ||
		(strcmp(call->args[0], "*") != 0 && ip_addr_parse(call->args[0], &addr->addr) != 0))
		return error_set(call->err, EINVAL, "an address, or *, and a port");
	if (script_number_arg(call, 1, UINT16_MAX, &port) < 0)
		return -EINVAL;
	addr->port = (uint16_t)port;
	return 0;
}

/* "BYTES", or "hex DIGITS". @return how many, with them in `bytes` */
static int64_t
data_args(struct script_call *call, uint8_t *bytes, size_t size)
{
	uint64_t length;
	int rc;

	if (call->args[0] != NULL && strcmp(call->args[0], "hex") == 0 && call->args[1] != NULL) {
		rc = script_hex(call->args[1], bytes, size);
		return rc < 0 ? error_set(call->err, EINVAL, "no digits: '%s'", call->args[1]) : rc;
	}
	if (script_number_arg(call, 0, size, &length) < 0)
		return -EINVAL;
	memcpy(bytes, call->socks->data, length);
	return (int64_t)length;
}

/* What is said of a message of SCTP; NULL: nothing */
static char *
about_arg(struct script_call *call)
{
	return call->args[strcmp(call->args[0], "hex") == 0 ? 2 : 1];
}

/* ---- calls: @return 0 with the answer in `answer`, or -EINVAL: the line is wrong ---- */

static int
call_open(struct script_call *call, int64_t *answer)
{
	static const char *const protos[SOCK_PROTO_COUNT] = { "udp", "tcp", "sctp", "sctp-many" };
	int proto = script_word_index(protos, SOCK_PROTO_COUNT, call->args[0]);
	uint64_t family;
	struct sock *sock;

	if (proto < 0 || script_number_arg(call, 1, IP_FAMILY_6, &family) < 0 || call->sock != NULL)
		return error_set(call->err, EINVAL, "sock NAME open udp|tcp|sctp|sctp-many 4|6");
	*answer = sock_open(
		&call->socks->app, (enum sock_proto)proto, (enum ip_family)family, 0, &sock);
	return *answer < 0 ? 0 : named_add(call, call->name, sock);
}

static int
call_bind(struct script_call *call, int64_t *answer)
{
	struct sock_addr addr;

	if (script_addr_args(call, &addr) < 0)
		return -EINVAL;
	*answer = sock_bind(call->sock, &addr);
	return 0;
}

static int
call_connect(struct script_call *call, int64_t *answer)
{
	struct sock_addr addr;

	if (script_addr_args(call, &addr) < 0)
		return -EINVAL;
	*answer = sock_connect(call->sock, &addr);
	return 0;
}

static int
call_listen(struct script_call *call, int64_t *answer)
{
	uint64_t backlog;

	if (script_number_arg(call, 0, UINT16_MAX, &backlog) < 0)
		return -EINVAL;
	*answer = sock_listen(call->sock, (unsigned)backlog);
	return 0;
}

static int
call_accept(struct script_call *call, int64_t *answer)
{
	struct sock *sock;

	if (call->args[0] == NULL || named(call->socks, call->args[0]) != NULL)
		return error_set(call->err, EINVAL, "sock NAME accept ANOTHER");
	*answer = sock_accept(call->sock, &sock);
	return *answer < 0 ? 0 : named_add(call, call->args[0], sock);
}

static int
call_send(struct script_call *call, int64_t *answer)
{
	static uint8_t bytes[65536];
	int64_t length = data_args(call, bytes, sizeof(bytes));

	if (length < 0)
		return -EINVAL;
	call->usual = length;
	if (about_arg(call) != NULL)
		return script_sctp_send(call, bytes, (size_t)length, about_arg(call), answer);
	*answer = sock_send(call->sock, bytes, (size_t)length, NULL);
	return 0;
}

/* So much is wanted, or exactly these bytes. */
static int
call_receive(struct script_call *call, int64_t *answer)
{
	static uint8_t wanted[65536], bytes[65536];
	int64_t length = data_args(call, wanted, sizeof(wanted));

	if (length < 0)
		return -EINVAL;
	call->usual = length;
	if (about_arg(call) == NULL)
		*answer = sock_receive(call->sock, bytes, (size_t)length, NULL);
	else if (script_sctp_receive(call, bytes, (size_t)length, about_arg(call), answer) < 0)
		return -EINVAL;
	if (*answer > 0 && strcmp(call->args[0], "hex") == 0 &&
		memcmp(bytes, wanted, (size_t)*answer) != 0)
		return error_set(call->err, EINVAL, "it received other bytes");
	return 0;
}

static int
call_shutdown(struct script_call *call, int64_t *answer)
{
	static const char *const hows[] = { [SOCK_SHUTDOWN_READ] = "read",
		[SOCK_SHUTDOWN_WRITE] = "write",
		[SOCK_SHUTDOWN_BOTH] = "both" };
	int how = script_word_index(hows, SOCK_SHUTDOWN_BOTH + 1, call->args[0]);

	if (how < 0)
		return error_set(call->err, EINVAL, "sock NAME shutdown read|write|both");
	*answer = sock_shutdown(call->sock, (enum sock_shutdown)how);
	return 0;
}

static int
call_close(struct script_call *call, int64_t *answer)
{
	sock_close(call->sock);
	named(call->socks, call->name)->sock = NULL;
	*answer = 0;
	return 0;
}

static const char *const options[SOCK_OPT_COUNT] = {
	[SOCK_OPT_ERROR] = "error",
	[SOCK_OPT_REUSEPORT] = "reuseport",
	[SOCK_OPT_V6ONLY] = "v6only",
	[SOCK_OPT_FREEBIND] = "freebind",
	[SOCK_OPT_RECEIVE_BUFFER] = "rcvbuf",
	[SOCK_OPT_PMTU] = "pmtu",
	[SOCK_OPT_MTU] = "mtu",
	[SOCK_OPT_SEGMENT] = "segment",
	[SOCK_OPT_TTL] = "ttl",
	[SOCK_OPT_TOS] = "tos",
	[SOCK_OPT_CHECKSUM] = "checksum",
	[SOCK_OPT_ERRORS] = "errors",
	[SOCK_OPT_SEND_BUFFER] = "sndbuf",
	[SOCK_OPT_NODELAY] = "nodelay",
	[SOCK_OPT_CORK] = "cork",
	[SOCK_OPT_QUICKACK] = "quickack",
	[SOCK_OPT_URGENT] = "urgent",
	[SOCK_OPT_UNREAD] = "unread",
	[SOCK_OPT_UNACKED] = "unacked",
	[SOCK_OPT_KEEPALIVE] = "keepalive",
	[SOCK_OPT_KEEPALIVE_IDLE] = "keepalive-idle",
	[SOCK_OPT_KEEPALIVE_INTERVAL] = "keepalive-interval",
	[SOCK_OPT_KEEPALIVE_COUNT] = "keepalive-count",
	[SOCK_OPT_USER_TIMEOUT] = "user-timeout",
	[SOCK_OPT_USER_TIMEOUT_TOLD] = "user-timeout-told",
	[SOCK_OPT_PACING_RATE] = "pacing-rate",
	[SOCK_OPT_CONGESTION] = "congestion",
	[SOCK_OPT_MAXSEG] = "maxseg",
	[SOCK_OPT_ABORT] = "abort",
};

static int
option_arg(struct script_call *call)
{
	int option = script_word_index(options, SOCK_OPT_COUNT, call->args[0]);

	return option < 0 ? error_set(call->err, EINVAL, "there is no option '%s'",
				    call->args[0] != NULL ? call->args[0] : "")
			  : option;
}

static int
call_set(struct script_call *call, int64_t *answer)
{
	int option = option_arg(call);
	uint64_t value;

	if (option < 0 || script_number_arg(call, 1, INT32_MAX, &value) < 0)
		return -EINVAL;
	*answer = sock_option_set(call->sock, (enum sock_option)option, (int64_t)value);
	return 0;
}

/* The answer is the option's value; of "error" the errno that it tells. */
static int
call_get(struct script_call *call, int64_t *answer)
{
	int option = option_arg(call), rc;
	int64_t value = 0;

	if (option < 0)
		return -EINVAL;
	rc = sock_option_get(call->sock, (enum sock_option)option, &value);
	*answer = rc < 0 ? rc : option == SOCK_OPT_ERROR ? -value : value;
	return 0;
}

/* "readable,writable": the answer is 0 if it is so. */
static int
call_ready(struct script_call *call, int64_t *answer)
{
	static const char *const names[] = { "readable", "writable", "accepted", "closed", "error",
		"urgent", "nothing" };
	uint32_t wanted = 0, ready = sock_ready(call->sock);
	char *words = call->args[0], *word;

	while ((word = strsep(&words, ",")) != NULL) {
		int name = script_word_index(names, RTE_DIM(names), word);

		if (name < 0)
			return error_set(call->err, EINVAL,
				"readable, writable, accepted, closed, error, urgent, or nothing");
		wanted |= name == 6 ? 0 : 1U << name;
	}
	*answer = 0;
	if (ready == wanted)
		return 0;
	return error_set(call->err, EINVAL, "it is%s%s%s%s%s%s%s", ready & 1 ? " readable" : "",
		ready & 2 ? " writable" : "", ready & 4 ? " accepted" : "",
		ready & 8 ? " closed" : "", ready & 16 ? " error" : "", ready & 32 ? " urgent" : "",
		ready == 0 ? " nothing" : "");
}

static int
call_info(struct script_call *call, int64_t *answer)
{
	struct sctp_info sctp;
	struct tcp_info tcp;

	if (call->args[0] == NULL || call->args[1] == NULL)
		return error_set(call->err, EINVAL, "sock NAME info FIELD VALUE");
	*answer = sock_sctp_info(call->sock, SOCK_SCTP_CURRENT, &sctp);
	if (*answer == 0)
		return script_sctp_info_check(&sctp, call->args[0], call->args[1], call->err);
	*answer = sock_tcp_info(call->sock, &tcp);
	return *answer < 0 ? 0 : script_info_check(&tcp, call->args[0], call->args[1], call->err);
}

typedef int sock_name_fn(const struct sock *sock, struct sock_addr *addr);

static int
name_compare(struct script_call *call, sock_name_fn *get, int64_t *answer)
{
	struct sock_addr wanted, is;
	char text[IP_TEXT_MAX];

	if (script_addr_args(call, &wanted) < 0)
		return -EINVAL;
	*answer = get(call->sock, &is);
	if (*answer < 0 ||
		(is.port == wanted.port &&
			(wanted.addr.family == IP_FAMILY_NONE ||
				ip_addr_equal(&is.addr, &wanted.addr))))
		return 0;
	return error_set(
		call->err, EINVAL, "it is %s port %u", ip_addr_format(&is.addr, text), is.port);
}

static int
call_local(struct script_call *call, int64_t *answer)
{
	return name_compare(call, sock_local, answer);
}

static int
call_peer(struct script_call *call, int64_t *answer)
{
	return name_compare(call, sock_peer, answer);
}

static const struct script_call_row calls[] = {
	{ "open", call_open },
	{ "bind", call_bind },
	{ "connect", call_connect },
	{ "listen", call_listen },
	{ "accept", call_accept },
	{ "send", call_send },
	{ "receive", call_receive },
	{ "shutdown", call_shutdown },
	{ "close", call_close },
	{ "set", call_set },
	{ "get", call_get },
	{ "ready", call_ready },
	{ "info", call_info },
	{ "local", call_local },
	{ "peer", call_peer },
};

static const struct script_call_row *
call_find(const char *name)
{
	for (unsigned i = 0; i < RTE_DIM(calls); i++) {
		if (strcmp(calls[i].name, name) == 0)
			return &calls[i];
	}
	return script_sctp_call_find(name);
}

/* ---- lines ---- */

static const char *
answer_text(int64_t answer, char *text, size_t size)
{
	const char *name = answer < 0 ? strerrorname_np((int)-answer) : NULL;

	if (name != NULL)
		return name;
	snprintf(text, size, "%lld", (long long)answer);
	return text;
}

static int
answer_check(const struct script_call *call, int64_t answer, const char *result)
{
	char text[24], usual[24];
	const char *is = answer_text(answer, text, sizeof(text));

	if (result == NULL)
		result = answer_text(call->usual, usual, sizeof(usual));
	if (strcmp(is, result) != 0)
		return error_set(call->err, EINVAL, "it answers %s, not %s", is, result);
	return 0;
}

int
script_sock_run(struct script_sock *socks, char *line, struct error *err)
{
	struct script_call call = { .socks = socks, .err = err };
	char *result = NULL, *words[2 + SCRIPT_CALL_ARGS] = { NULL }, *word;
	unsigned count = 0;
	const struct script_call_row *row;
	struct named_sock *on;
	int64_t answer = 0;

	while ((word = strsep(&line, " ")) != NULL) {
		if (strcmp(word, "=") == 0) {
			result = line;
			break;
		}
		if (*word != '\0' && count < 2 + SCRIPT_CALL_ARGS)
			words[count++] = word;
	}
	if (count < 2)
		return error_set(err, EINVAL, "sock NAME CALL ARGUMENTS... [= RESULT]");
	call.name = words[0];
	on = named(socks, call.name);
	call.sock = on != NULL ? on->sock : NULL;
	memcpy(call.args, words + 2, sizeof(call.args));
	row = call_find(words[1]);
	if (row == NULL)
		return error_set(err, EINVAL, "there is no call '%s'", words[1]);
	if (call.sock == NULL && row->run != call_open)
		return error_set(err, EINVAL, "there is no socket '%s'", call.name);
	if (row->run(&call, &answer) < 0)
		return -EINVAL;
	return answer_check(&call, answer, result);
}
