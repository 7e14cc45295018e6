/* SPDX-License-Identifier: BSD-3-Clause */
/* The listening socket and its clients; driven by the control loop in main.c. */
#include "cli/server.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/client.h"

#define EVENTS_MAX         64
#define OUTPUT_MAX_DEFAULT ((size_t)256 << 20)

TAILQ_HEAD(cli_client_list, cli_client);

struct cli_server {
	struct cli *cli;
	char *path;
	int listen_fd;
	int epoll_fd;
	size_t output_max;
	struct cli_client_list clients;
	unsigned client_count;
	bool accepting; /* false while there are no descriptors left */
};

/* Whether somebody listens at the address. @return 0 if the address is free now */
static int
socket_clear(const struct sockaddr_un *addr, struct error *err)
{
	struct stat st;
	int fd, ret;

	if (lstat(addr->sun_path, &st) != 0)
		return errno == ENOENT
			? 0
			: error_set(err, errno, "%s: %s", addr->sun_path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return error_set(err, EEXIST, "%s exists and is no socket", addr->sun_path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return error_set(err, errno, "cannot make a socket: %s", strerror(errno));
	ret = connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) == 0 ? 0 : errno;
	close(fd);
	if (ret != ECONNREFUSED && ret != ENOENT)
		return error_set(err, EADDRINUSE, "another spated answers at %s", addr->sun_path);
	if (unlink(addr->sun_path) != 0 && errno != ENOENT)
		return error_set(err, errno, "cannot remove the stale socket %s: %s",
			addr->sun_path, strerror(errno));
	return 0;
}

static void
directory_make(const char *path)
{
	const char *slash = strrchr(path, '/');
	char directory[sizeof(((struct sockaddr_un *)NULL)->sun_path)];

	if (slash == NULL || slash == path)
		return;
	memcpy(directory, path, slash - path);
	directory[slash - path] = '\0';
	mkdir(directory, 0755); /* if that fails, bind() will say so */
}

static int
server_listen(struct cli_server *server, const char *path, struct error *err)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	mode_t before;
	int ret;

	if (strlen(path) >= sizeof(addr.sun_path))
		return error_set(err, ENAMETOOLONG,
			"the socket's path is longer than %zu bytes: %s", sizeof(addr.sun_path) - 1,
			path);
	strlcpy(addr.sun_path, path, sizeof(addr.sun_path));
	directory_make(path);
	ret = socket_clear(&addr, err);
	if (ret != 0)
		return ret;
	server->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (server->listen_fd < 0)
		return error_set(err, errno, "cannot make a socket: %s", strerror(errno));
	/* before anybody can connect: from its first moment it is for its owner only */
	before = umask(0177);
	ret = bind(server->listen_fd, (struct sockaddr *)&addr, sizeof(addr));
	umask(before);
	if (ret != 0)
		return error_set(
			err, errno, "cannot make the socket %s: %s", path, strerror(errno));
	server->path = strdup(path);
	if (server->path == NULL || listen(server->listen_fd, CLI_CLIENTS_MAX) != 0) {
		unlink(path);
		return error_set(err, errno, "cannot listen at %s: %s", path, strerror(errno));
	}
	return 0;
}

static void
server_arm(struct cli_server *server, bool accepting)
{
	struct epoll_event event = { .events = accepting ? EPOLLIN : 0, .data.ptr = server };

	if (server->accepting != accepting)
		epoll_ctl(server->epoll_fd, EPOLL_CTL_MOD, server->listen_fd, &event);
	server->accepting = accepting;
}

struct cli_server *
cli_server_open(struct cli *cli, const char *path, struct error *err)
{
	struct cli_server *server = calloc(1, sizeof(*server));
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = server };

	if (server == NULL) {
		error_set(err, ENOMEM, "out of memory");
		return NULL;
	}
	TAILQ_INIT(&server->clients);
	server->cli = cli;
	server->listen_fd = -1;
	server->output_max = OUTPUT_MAX_DEFAULT;
	server->accepting = true;
	server->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (server->epoll_fd < 0) {
		error_set(err, errno, "epoll: %s", strerror(errno));
		goto fail;
	}
	if (server_listen(server, path, err) != 0)
		goto fail;
	if (epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, server->listen_fd, &event) != 0) {
		error_set(err, errno, "epoll: %s", strerror(errno));
		goto fail;
	}
	return server;
fail:
	cli_server_close(server);
	return NULL;
}

static void
client_remove(struct cli_server *server, struct cli_client *client)
{
	TAILQ_REMOVE(&server->clients, client, link);
	server->client_count--;
	cli_client_destroy(client);
	server_arm(server, true);
}

void
cli_server_close(struct cli_server *server)
{
	if (server == NULL)
		return;
	while (!TAILQ_EMPTY(&server->clients))
		client_remove(server, TAILQ_FIRST(&server->clients));
	if (server->listen_fd >= 0)
		close(server->listen_fd);
	if (server->path != NULL)
		unlink(server->path);
	if (server->epoll_fd >= 0)
		close(server->epoll_fd);
	free(server->path);
	free(server);
}

/* Tells one client too many why, if that can be told without waiting. */
static void
client_refuse(int fd)
{
	static const char text[] = "too many clients are connected";
	struct {
		struct cli_proto_header header;
		int32_t status;
		char text[sizeof(text) - 1];
	} __attribute__((packed)) end = { .status = -EUSERS };
	ssize_t sent;

	end.header.type = CLI_PROTO_END;
	end.header.length = sizeof(end) - sizeof(end.header);
	memcpy(end.text, text, sizeof(end.text));
	sent = send(fd, &end, sizeof(end), MSG_NOSIGNAL | MSG_DONTWAIT);
	(void)sent;
	close(fd);
}

static void
server_accept(struct cli_server *server)
{
	struct cli_client *client;
	int fd;

	for (;;) {
		fd = accept4(server->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0) {
			/* it would stay readable, and the control loop would spin */
			if ((errno == EMFILE || errno == ENFILE) && server->client_count > 0)
				server_arm(server, false);
			return;
		}
		if (server->client_count == CLI_CLIENTS_MAX) {
			log(cli, WARNING, "a client was refused: %u are connected",
				CLI_CLIENTS_MAX);
			client_refuse(fd);
			continue;
		}
		client = cli_client_create(server->cli, fd, server->epoll_fd, server->output_max);
		if (client == NULL) {
			close(fd);
			continue;
		}
		TAILQ_INSERT_TAIL(&server->clients, client, link);
		server->client_count++;
	}
}

static void
server_sweep(struct cli_server *server)
{
	struct cli_client *client, *next;

	TAILQ_FOREACH_SAFE (client, &server->clients, link, next) {
		if (client->dead)
			client_remove(server, client);
	}
}

void
cli_server_poll(struct cli_server *server, int timeout_ms)
{
	struct epoll_event events[EVENTS_MAX];
	int count = epoll_wait(server->epoll_fd, events, EVENTS_MAX, timeout_ms);

	for (int i = 0; i < count; i++) {
		if (events[i].data.ptr == server)
			server_accept(server);
		else
			cli_client_event(events[i].data.ptr, events[i].events);
	}
	/* freed last: an event of this round may have been about one that has died since */
	server_sweep(server);
}

void
cli_server_run(struct cli_server *server)
{
	cli_server_poll(server, 0);
}

int
cli_server_fd(const struct cli_server *server)
{
	return server->epoll_fd;
}

void
cli_server_set_output_max(struct cli_server *server, size_t bytes)
{
	server->output_max = bytes;
}

unsigned
cli_server_clients(const struct cli_server *server)
{
	return server->client_count;
}
