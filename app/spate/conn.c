/* SPDX-License-Identifier: BSD-3-Clause */
/* Talks to the daemon (common/cli_proto.h); called by script.c and shell.c. */
#include "spate/conn.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <bsd/string.h>

/* A signal handler has no other place to leave its word. */
static volatile sig_atomic_t interrupted;

static void
interrupt_handler(int signum)
{
	interrupted = 1;
}

void
conn_catch_interrupt(void)
{
	/* no SA_RESTART: el_gets() returns, so that Ctrl-C clears the line */
	struct sigaction action = { .sa_handler = interrupt_handler };

	sigaction(SIGINT, &action, NULL);
	/* a closed pipe is seen where it is written to */
	signal(SIGPIPE, SIG_IGN);
}

static void
explain_connect(const char *path, int errnum)
{
	fprintf(stderr, "spate: cannot reach the daemon at %s: %s\n", path, strerror(errnum));
	if (errnum == ENOENT || errnum == ECONNREFUSED)
		fprintf(stderr,
			"Is spated running? Start it (spated -c FILE), or name its instance "
			"(-n NAME) or its socket (-s SOCKET).\n");
	else if (errnum == EACCES || errnum == EPERM)
		fprintf(stderr, "The socket is for the user that runs spated: try sudo.\n");
}

static int
send_all(int fd, const void *bytes, size_t length)
{
	const char *pos = bytes;

	while (length > 0) {
		ssize_t n = send(fd, pos, length, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			pos += n;
			length -= n;
		}
	}
	return 0;
}

static int
message_send(struct conn *conn, enum cli_proto_type type, const char *head, size_t head_length,
	const char *body, size_t length)
{
	struct cli_proto_header header = { .length = head_length + length, .type = type };
	int ret;

	if (conn->fd < 0)
		return -ENOTCONN;
	ret = send_all(conn->fd, &header, sizeof(header));
	if (ret == 0)
		ret = send_all(conn->fd, head, head_length);
	if (ret == 0)
		ret = send_all(conn->fd, body, length);
	return ret;
}

int
conn_open(struct conn *conn)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char directory[PATH_MAX];
	int ret;

	conn->fd = -1;
	if (strlen(conn->path) >= sizeof(addr.sun_path)) {
		explain_connect(conn->path, ENAMETOOLONG);
		return -ENAMETOOLONG;
	}
	strlcpy(addr.sun_path, conn->path, sizeof(addr.sun_path));
	if (conn->body == NULL)
		conn->body = malloc(CLI_PROTO_REPLY_MAX + 1);
	if (conn->body == NULL) {
		fprintf(stderr, "spate: out of memory\n");
		return -ENOMEM;
	}
	conn->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (conn->fd < 0 || connect(conn->fd, (struct sockaddr *)&addr, sizeof(addr)) != 0) {
		ret = -errno;
		explain_connect(conn->path, errno);
		conn_close(conn);
		return ret;
	}
	if (getcwd(directory, sizeof(directory)) != NULL)
		message_send(conn, CLI_PROTO_DIRECTORY, "", 0, directory, strlen(directory));
	return 0;
}

void
conn_close(struct conn *conn)
{
	if (conn->fd >= 0)
		close(conn->fd);
	conn->fd = -1;
}

/* Waits for the daemon. Ctrl-C is let through only in here, so that none gets lost. */
static int
wait_readable(struct conn *conn)
{
	struct pollfd pollfd = { .fd = conn->fd, .events = POLLIN };
	sigset_t blocked, open;
	int ret;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGINT);
	sigprocmask(SIG_BLOCK, &blocked, &open);
	sigdelset(&open, SIGINT);
	do {
		if (interrupted) {
			interrupted = 0;
			message_send(conn, CLI_PROTO_ABORT, "", 0, "", 0);
		}
		ret = ppoll(&pollfd, 1, NULL, &open);
	} while (ret < 0 && errno == EINTR);
	sigprocmask(SIG_SETMASK, &open, NULL);
	return ret < 0 ? -errno : 0;
}

static int
receive_all(struct conn *conn, void *bytes, size_t length)
{
	char *pos = bytes;

	while (length > 0) {
		int ret = wait_readable(conn);
		ssize_t n;

		if (ret != 0)
			return ret;
		n = recv(conn->fd, pos, length, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 ? -ECONNRESET : -errno;
		pos += n;
		length -= n;
	}
	return 0;
}

static int
message_receive(struct conn *conn, struct cli_proto_header *header)
{
	int ret = receive_all(conn, header, sizeof(*header));

	if (ret == 0 && header->length > CLI_PROTO_REPLY_MAX)
		ret = -EPROTO;
	if (ret == 0)
		ret = receive_all(conn, conn->body, header->length);
	if (ret == 0)
		conn->body[header->length] = '\0';
	return ret;
}

/* Whoever read the output has gone: so do we, as quietly as cat would. */
static void
output_write(struct conn *conn, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t n = write(STDOUT_FILENO, bytes, length);

		if (n < 0 && errno == EINTR) {
			if (interrupted) {
				interrupted = 0;
				message_send(conn, CLI_PROTO_ABORT, "", 0, "", 0);
			}
			continue;
		}
		if (n < 0) {
			if (errno != EPIPE)
				perror("spate: standard output");
			exit(SPATE_FAILED);
		}
		bytes += n;
		length -= n;
	}
}

/* Receives to the END of the answer; output goes to `out`, or to standard output. */
static int
answer_receive(struct conn *conn, struct strbuf *out, struct strbuf *error, int32_t *status)
{
	struct cli_proto_header header;
	int ret;

	for (;;) {
		ret = message_receive(conn, &header);
		if (ret != 0)
			return ret;
		if (header.type == CLI_PROTO_OUTPUT && out != NULL) {
			strbuf_append_bytes(out, conn->body, header.length);
		} else if (header.type == CLI_PROTO_OUTPUT) {
			output_write(conn, conn->body, header.length);
		} else if (header.type == CLI_PROTO_END && header.length >= sizeof(*status)) {
			memcpy(status, conn->body, sizeof(*status));
			if (error != NULL)
				strbuf_append_bytes(error, conn->body + sizeof(*status),
					header.length - sizeof(*status));
			return 0;
		} else {
			return -EPROTO;
		}
	}
}

static enum spate_status
lost(struct conn *conn, int errnum)
{
	if (errnum == EPROTO)
		fprintf(stderr, "spate: what answers at %s is no spated, or of another version\n",
			conn->path);
	else
		fprintf(stderr, "spate: the daemon at %s has gone: %s\n", conn->path,
			strerror(errnum));
	conn_close(conn);
	return SPATE_UNREACHABLE;
}

enum spate_status
conn_run(struct conn *conn, const char *line, size_t length, struct strbuf *error)
{
	char flags = conn->json ? CLI_RUN_JSON : 0;
	int32_t status;
	int ret;

	strbuf_reset(error);
	interrupted = 0;
	if (length > CLI_PROTO_LINE_MAX) {
		strbuf_printf(error, "the line is longer than %u bytes", CLI_PROTO_LINE_MAX);
		return SPATE_FAILED;
	}
	/* even if sending fails: a daemon that refuses us says why before it hangs up */
	message_send(conn, CLI_PROTO_RUN, &flags, 1, line, length);
	ret = answer_receive(conn, NULL, error, &status);
	if (ret != 0)
		return lost(conn, -ret);
	return status == 0 ? SPATE_OK : SPATE_FAILED;
}

enum spate_status
conn_ask(struct conn *conn, enum cli_proto_type type, const char *line, size_t length,
	struct strbuf *out, size_t *partial)
{
	int32_t status;
	int ret;

	if (length > CLI_PROTO_LINE_MAX)
		return SPATE_FAILED;
	ret = message_send(conn, type, "", 0, line, length);
	if (ret == 0)
		ret = answer_receive(conn, out, NULL, &status);
	if (ret != 0)
		return lost(conn, -ret);
	*partial = status > 0 ? status : 0;
	return status >= 0 && *partial <= length ? SPATE_OK : SPATE_FAILED;
}
