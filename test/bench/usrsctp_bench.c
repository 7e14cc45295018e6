/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What host.py measures spate's SCTP beside: usrsctp, as its users run it, over raw sockets.
 *
 *   usrsctp_bench server PORT                  receive all that comes; for each line of standard
 *                                              input say how many messages and bytes that was
 *   usrsctp_bench client ADDRESS PORT SIZE STREAMS ASSOCIATIONS SECONDS
 *                                              send messages on all, a thread each; say "up" before
 *
 * Buffers, Nagle's algorithm and the rest are as usrsctp has them by itself, as spate's are.
 */
#include <arpa/inet.h>
#include <err.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <usrsctp.h>

#define ASSOCIATIONS_MAX 64
#define MESSAGE_MAX      65536
#define RAW_BUFFER_SIZE  (64 << 20)
#define RAW_FD_MAX       64

static uint64_t messages, bytes; /* of the server; atomic */

struct client {
	struct socket *socket;
	size_t size;
	uint16_t streams;
};

/* Linux's raw sockets lose what does not fit; a burst of usrsctp's is larger than they are at first. */
static void
raw_grow(void)
{
	const int size = RAW_BUFFER_SIZE;

	for (int fd = 0; fd < RAW_FD_MAX; fd++) {
		int type = 0;
		socklen_t length = sizeof(type);

		if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_RAW &&
			setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) != 0)
			err(1, "SO_RCVBUFFORCE");
	}
}

static void *
count_say(void *arg)
{
	char line[16];

	(void)arg;
	while (fgets(line, sizeof(line), stdin) != NULL) {
		printf("%llu %llu\n",
			(unsigned long long)__atomic_load_n(&messages, __ATOMIC_RELAXED),
			(unsigned long long)__atomic_load_n(&bytes, __ATOMIC_RELAXED));
		fflush(stdout);
	}
	exit(0);
}

static void
server_run(uint16_t port)
{
	static char message[MESSAGE_MAX];
	const struct sctp_initmsg initmsg = { .sinit_max_instreams = 1024 };
	struct sockaddr_in local = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct socket *socket =
		usrsctp_socket(AF_INET, SOCK_SEQPACKET, IPPROTO_SCTP, NULL, NULL, 0, NULL);
	pthread_t thread;

	if (socket == NULL ||
		usrsctp_setsockopt(socket, IPPROTO_SCTP, SCTP_INITMSG, &initmsg, sizeof(initmsg)) !=
			0 ||
		usrsctp_bind(socket, (struct sockaddr *)&local, sizeof(local)) != 0 ||
		usrsctp_listen(socket, 1) != 0)
		err(1, "listen");
	if (pthread_create(&thread, NULL, count_say, NULL) != 0)
		err(1, "thread");
	for (;;) {
		struct sctp_rcvinfo info;
		socklen_t from_length = 0, info_length = sizeof(info);
		unsigned type;
		int flags = 0;
		ssize_t n = usrsctp_recvv(socket, message, sizeof(message), NULL, &from_length,
			&info, &info_length, &type, &flags);

		/* One that was aborted: others go on. */
		if (n <= 0)
			continue;
		__atomic_fetch_add(&bytes, (uint64_t)n, __ATOMIC_RELAXED);
		__atomic_fetch_add(&messages, (flags & MSG_EOR) != 0, __ATOMIC_RELAXED);
	}
}

static void
client_open(struct client *client, const char *address, uint16_t port)
{
	const struct sctp_initmsg initmsg = { .sinit_num_ostreams = client->streams };
	struct sockaddr_in peer = { .sin_family = AF_INET, .sin_port = htons(port) };

	inet_pton(AF_INET, address, &peer.sin_addr);
	client->socket = usrsctp_socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP, NULL, NULL, 0, NULL);
	if (client->socket == NULL ||
		usrsctp_setsockopt(client->socket, IPPROTO_SCTP, SCTP_INITMSG, &initmsg,
			sizeof(initmsg)) != 0 ||
		usrsctp_connect(client->socket, (struct sockaddr *)&peer, sizeof(peer)) != 0)
		err(1, "connect");
}

static void *
client_send(void *arg)
{
	static const char zeros[MESSAGE_MAX];
	struct client *client = arg;
	struct sctp_sndinfo info = { 0 };

	for (;;) {
		if (usrsctp_sendv(client->socket, zeros, client->size, NULL, 0, &info, sizeof(info),
			    SCTP_SENDV_SNDINFO, 0) < 0)
			err(1, "send");
		info.snd_sid = (uint16_t)((info.snd_sid + 1) % client->streams);
	}
	return NULL;
}

static void
client_run(char **args)
{
	static struct client clients[ASSOCIATIONS_MAX];
	const unsigned count = (unsigned)atoi(args[4]);

	if (count > ASSOCIATIONS_MAX || atoi(args[2]) > MESSAGE_MAX)
		errx(2, "too many, or too large");
	for (unsigned i = 0; i < count; i++) {
		clients[i].size = (size_t)atoi(args[2]);
		clients[i].streams = (uint16_t)atoi(args[3]);
		client_open(&clients[i], args[0], (uint16_t)atoi(args[1]));
	}
	puts("up");
	fflush(stdout);
	for (unsigned i = 0; i < count; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, client_send, &clients[i]) != 0)
			err(1, "thread");
	}
	usleep((useconds_t)(atof(args[5]) * 1e6));
	/* The server is told nothing: it is not measured any more. */
	_exit(0);
}

int
main(int argc, char **argv)
{
	if (!(argc == 3 && strcmp(argv[1], "server") == 0) &&
		!(argc == 8 && strcmp(argv[1], "client") == 0))
		errx(2, "usage: as the source says");
	usrsctp_init(0, NULL, NULL);
	raw_grow();
	if (argc == 3)
		server_run((uint16_t)atoi(argv[2]));
	else
		client_run(argv + 2);
	return 0;
}
