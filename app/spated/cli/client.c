/* SPDX-License-Identifier: BSD-3-Clause */
/* One client: frames in, lines run, frames out; called by server.c, and by a pending command
 * through its session. Nothing here blocks, and nothing trusts what was sent. */
#include "cli/client.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define IN_SIZE      (sizeof(struct cli_proto_header) + CLI_PROTO_REQUEST_MAX)
#define OUT_KEEP_MAX (1 << 20) /* a larger output buffer is given back once sent */

static bool
out_empty(const struct cli_client *client)
{
	return client->out_sent == client->out.length;
}

/* The server frees it later: handlers may still hold its session. */
static void
client_drop(struct cli_client *client)
{
	client->dead = true;
	/* wakes the control loop */
	shutdown(client->fd, SHUT_RDWR);
}

static void
client_arm(struct cli_client *client)
{
	struct epoll_event event = { .data.ptr = client };

	if (client->dead)
		return;
	if (!client->eof && !client->closing && (client->in_end < IN_SIZE || client->in_start > 0))
		event.events |= EPOLLIN;
	if (!out_empty(client) || client->kicked)
		event.events |= EPOLLOUT;
	if (event.events == client->events)
		return;
	client->events = event.events;
	if (epoll_ctl(client->epoll_fd, EPOLL_CTL_MOD, client->fd, &event) != 0)
		client_drop(client);
}

static void
client_flush(struct cli_client *client)
{
	while (!client->dead && !out_empty(client)) {
		ssize_t n = send(client->fd, client->out.text + client->out_sent,
			client->out.length - client->out_sent, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			client_drop(client);
			return;
		}
		client->out_sent += n;
	}
	if (client->out.size > OUT_KEEP_MAX)
		strbuf_free(&client->out);
	else
		strbuf_reset(&client->out);
	client->out_sent = 0;
	if (client->closing)
		client_drop(client);
}

static void
frame_append(struct cli_client *client, enum cli_proto_type type, const void *head,
	size_t head_length, const char *text)
{
	size_t length = strlen(text);
	struct cli_proto_header header = { .type = type };

	if (length > CLI_PROTO_REPLY_MAX - head_length)
		length = CLI_PROTO_REPLY_MAX - head_length;
	header.length = head_length + length;
	strbuf_append_bytes(&client->out, (const char *)&header, sizeof(header));
	strbuf_append_bytes(&client->out, head, head_length);
	strbuf_append_bytes(&client->out, text, length);
}

static void
output_append(struct cli_client *client, const char *bytes, size_t length)
{
	while (length > 0) {
		size_t part = length < CLI_PROTO_REPLY_MAX ? length : CLI_PROTO_REPLY_MAX;

		frame_append(client, CLI_PROTO_OUTPUT, bytes, part, "");
		bytes += part;
		length -= part;
	}
}

static void
end_append(struct cli_client *client, int32_t status, const char *text)
{
	frame_append(client, CLI_PROTO_END, &status, sizeof(status), text);
}

/* Drops a client that lets its output pile up, or that there is no memory for. */
static void
out_limit(struct cli_client *client)
{
	if (client->out.failed || client->out.length - client->out_sent > client->output_max)
		client_drop(client);
}

static void
session_write(struct cli_session *session, const char *bytes, size_t length)
{
	struct cli_client *client = (struct cli_client *)session;

	if (client->dead)
		return;
	output_append(client, bytes, length);
	client_flush(client);
	out_limit(client);
	client_arm(client);
}

static size_t
session_backlog(const struct cli_session *session)
{
	const struct cli_client *client = (const struct cli_client *)session;

	return client->out.length - client->out_sent;
}

static void
session_end(struct cli_session *session, int status, const char *text)
{
	struct cli_client *client = (struct cli_client *)session;

	if (client->dead)
		return;
	end_append(client, status, text);
	client_flush(client);
	out_limit(client);
	client->kicked = true;
	client_arm(client);
}

static void
request_run(struct cli_client *client, const char *body, size_t length)
{
	struct strbuf out = STRBUF_INIT, errors = STRBUF_INIT;
	struct cli_request request = { .line = body + 1,
		.length = length - 1,
		.json = (body[0] & CLI_RUN_JSON) != 0,
		.directory = client->directory,
		.session = &client->session };
	int ret;

	ret = cli_run(client->cli, &request, &out, &errors);
	if (ret == CLI_PENDING)
		goto out;
	if (out.length > client->output_max) {
		end_append(client, -EFBIG, "the output is too large: ask for less of it");
	} else {
		output_append(client, strbuf_text(&out), out.length);
		end_append(client, ret, strbuf_text(&errors));
	}
	if (client->out.failed)
		client_drop(client);
out:
	strbuf_free(&out);
	strbuf_free(&errors);
}

static void
request_words(struct cli_client *client, enum cli_proto_type type, const char *body, size_t length)
{
	struct strbuf out = STRBUF_INIT;
	int ret;

	if (type == CLI_PROTO_COMPLETE)
		ret = cli_complete(client->cli, body, length, &out);
	else
		ret = cli_help(client->cli, body, length, &out);
	output_append(client, strbuf_text(&out), out.length);
	end_append(client, ret, "");
	strbuf_free(&out);
}

static void
request_directory(struct cli_client *client, const char *body, size_t length)
{
	if (length == 0 || length >= PATH_MAX || body[0] != '/' ||
		memchr(body, '\0', length) != NULL)
		return;
	free(client->directory);
	client->directory = strndup(body, length);
}

static void
request_handle(struct cli_client *client, enum cli_proto_type type, const char *body, size_t length)
{
	switch (type) {
	case CLI_PROTO_RUN: request_run(client, body, length); break;
	case CLI_PROTO_COMPLETE:
	case CLI_PROTO_HELP: request_words(client, type, body, length); break;
	case CLI_PROTO_DIRECTORY: request_directory(client, body, length); break;
	case CLI_PROTO_ABORT: cli_session_abort(&client->session); break;
	case CLI_PROTO_OUTPUT:
	case CLI_PROTO_END: break; /* header_valid() lets none through */
	}
}

static bool
header_valid(const struct cli_proto_header *header)
{
	if (header->length > CLI_PROTO_REQUEST_MAX)
		return false;
	switch (header->type) {
	case CLI_PROTO_RUN: return header->length >= 1;
	case CLI_PROTO_COMPLETE:
	case CLI_PROTO_HELP:
	case CLI_PROTO_DIRECTORY:
	case CLI_PROTO_ABORT: return true;
	default: return false;
	}
}

/* Handles the next request, if it is there and its turn has come. */
static bool
client_step(struct cli_client *client)
{
	size_t available = client->in_end - client->in_start;
	struct cli_proto_header header;

	if (client->dead || client->closing || available < sizeof(header))
		return false;
	memcpy(&header, client->in + client->in_start, sizeof(header));
	if (!header_valid(&header)) {
		cli_session_abort(&client->session);
		end_append(client, -EPROTO, "this is not what spate sends");
		client->closing = true;
		return false;
	}
	/* one command at a time, and none while the answer to the last is not fetched */
	if (header.type != CLI_PROTO_ABORT && (client->session.pending || !out_empty(client)))
		return false;
	if (available < sizeof(header) + header.length)
		return false;
	request_handle(client, header.type,
		(const char *)client->in + client->in_start + sizeof(header), header.length);
	client->in_start += sizeof(header) + header.length;
	client_flush(client);
	return true;
}

static void
client_read(struct cli_client *client)
{
	ssize_t n;

	memmove(client->in, client->in + client->in_start, client->in_end - client->in_start);
	client->in_end -= client->in_start;
	client->in_start = 0;
	if (client->in_end == IN_SIZE)
		return;
	n = recv(client->fd, client->in + client->in_end, IN_SIZE - client->in_end, MSG_DONTWAIT);
	if (n > 0)
		client->in_end += n;
	else if (n == 0)
		client->eof = true;
	else if (errno != EAGAIN && errno != EINTR)
		client_drop(client);
}

void
cli_client_event(struct cli_client *client, uint32_t events)
{
	client->kicked = false;
	if (events & (EPOLLERR | EPOLLHUP) && !(events & EPOLLIN))
		client_drop(client);
	if (!client->dead && (events & EPOLLIN))
		client_read(client);
	if (!client->dead)
		client_flush(client);
	while (client_step(client))
		;
	/* It left: what runs for it is stopped, what it may still read is sent. */
	if (client->eof && !client->dead && !client->closing && out_empty(client)) {
		cli_session_abort(&client->session);
		client->closing = true;
	}
	if (!client->dead && (client->closing || !out_empty(client)))
		client_flush(client);
	client_arm(client);
}

struct cli_client *
cli_client_create(struct cli *cli, int fd, int epoll_fd, size_t output_max)
{
	struct cli_client *client = calloc(1, sizeof(*client));
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };

	if (client == NULL)
		return NULL;
	client->session.write = session_write;
	client->session.end = session_end;
	client->session.backlog = session_backlog;
	client->cli = cli;
	client->fd = fd;
	client->epoll_fd = epoll_fd;
	client->output_max = output_max;
	client->events = event.events;
	client->in = malloc(IN_SIZE);
	if (client->in == NULL || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
		free(client->in);
		free(client);
		return NULL;
	}
	return client;
}

void
cli_client_destroy(struct cli_client *client)
{
	client->dead = true;
	cli_session_abort(&client->session);
	close(client->fd);
	strbuf_free(&client->out);
	free(client->directory);
	free(client->in);
	free(client);
}
