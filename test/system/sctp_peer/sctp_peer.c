/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sctp_peer listen|connect echo|send PORT [OPTION...]
 *
 *   listen: take one association after the other; connect: set up one, to the addresses of -r
 *   echo: listeners send back what they receive; send: they compare it
 *
 *   -l PORT           of ours, of a client, before any -b
 *   -b ADDRESS        of ours, for each; all, if there is none
 *   -r ADDRESS        of the other end, for each
 *   -n COUNT          messages
 *   -s MIN:MAX        bytes of each
 *   -S COUNT          streams
 *   -u                unordered
 *   -i                interleaved: RFC 8260
 *   -a                DATA authenticated: RFC 4895
 *   -p POLICY:VALUE   partially reliable: ttl, rtx or buf: RFC 7496
 *   -e LOCAL:REMOTE   UDP ports: RFC 6951
 *   -B BYTES          of each buffer
 *   -k                what comes is a bench client's of spated's: whether each message is whole
 *   -w MICROSECONDS   after each message
 *   -H MILLISECONDS   between heartbeats
 *   -R COUNT          retransmissions until a path has failed
 *   -q                send nothing before the command 'send' or 'start'
 *
 * A client shuts down when all has come back that it sent (echo), or when all is sent (send), but with
 * -q: then it does as it is told (peer_command.c).
 */
#include "peer.h"

#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool quiet;

void
say(const char *format, ...)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	va_list args;

	pthread_mutex_lock(&lock);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	pthread_mutex_unlock(&lock);
}

static void
pair_parse(const char *text, uint32_t *first, uint32_t *second)
{
	if (sscanf(text, "%u:%u", first, second) != 2)
		errx(2, "no pair of numbers: %s", text);
}

static void
policy_parse(const char *text, struct peer_options *options)
{
	static const char *const names[] = {
		[SCTP_PR_SCTP_TTL] = "ttl", [SCTP_PR_SCTP_BUF] = "buf", [SCTP_PR_SCTP_RTX] = "rtx"
	};
	char name[8];

	if (sscanf(text, "%7[a-z]:%u", name, &options->policy_value) != 2)
		errx(2, "no policy: %s", text);
	for (uint16_t i = SCTP_PR_SCTP_TTL; i <= SCTP_PR_SCTP_RTX; i++) {
		if (strcmp(name, names[i]) == 0)
			options->policy = i;
	}
}

static void
addr_add(const char *text, uint16_t port, struct sockaddr_storage *addrs, unsigned *count)
{
	if (*count == PEER_ADDRS_MAX)
		errx(2, "too many addresses");
	peer_addr_parse(text, port, &addrs[(*count)++]);
}

static void
options_parse(int argc, char **argv, struct peer_options *options)
{
	uint32_t first, second;
	int option;

	if (argc < 4)
		errx(2, "usage: sctp_peer listen|connect echo|send PORT [OPTION...]");
	options->listen = strcmp(argv[1], "listen") == 0;
	options->work = strcmp(argv[2], "echo") == 0 ? PEER_ECHO : PEER_SEND;
	options->port = (uint16_t)atoi(argv[3]);
	options->local_port = options->listen ? options->port : 0;
	optind = 4;
	while ((option = getopt(argc, argv, "l:b:r:n:s:S:uiap:e:B:kw:H:R:q")) != -1) {
		switch (option) {
		case 'l': options->local_port = (uint16_t)atoi(optarg); break;
		case 'b':
			addr_add(optarg, options->local_port, options->locals,
				&options->local_count);
			break;
		case 'r':
			addr_add(optarg, options->port, options->remotes, &options->remote_count);
			break;
		case 'n': options->plan.count = (uint32_t)atoi(optarg); break;
		case 's':
			pair_parse(optarg, &options->plan.size_min, &options->plan.size_max);
			break;
		case 'S': options->plan.streams = (uint32_t)atoi(optarg); break;
		case 'u': options->plan.ordered = false; break;
		case 'i': options->interleave = true; break;
		case 'a': options->auth = true; break;
		case 'p': policy_parse(optarg, options); break;
		case 'e':
			pair_parse(optarg, &first, &second);
			options->encaps_local = (uint16_t)first;
			options->encaps_remote = (uint16_t)second;
			break;
		case 'B': options->buffer = (uint32_t)atoi(optarg); break;
		case 'k': options->bench = true; break;
		case 'w': options->pause_us = (uint32_t)atoi(optarg); break;
		case 'H': options->heartbeat_ms = (uint32_t)atoi(optarg); break;
		case 'R': options->path_retries = (uint16_t)atoi(optarg); break;
		case 'q': quiet = true; break;
		default: exit(2);
		}
	}
}

static void
listen_run(const struct peer_options *options)
{
	struct socket *listener = peer_socket_open(options);

	if (usrsctp_listen(listener, 16) != 0)
		err(1, "listen");
	say("listening");
	for (;;) {
		struct peer peer = { .options = options,
			.socket = usrsctp_accept(listener, NULL, NULL) };

		if (peer.socket == NULL)
			err(1, "accept");
		say("accepted");
		peer_receive_begin(&peer);
		if (quiet)
			peer_commands_begin(&peer);
		peer_end_wait(&peer);
		usrsctp_close(peer.socket);
	}
}

static void
connect_run(const struct peer_options *options)
{
	struct peer peer = { .options = options, .socket = peer_socket_open(options) };
	uint8_t bytes[PEER_ADDRS_MAX * sizeof(struct sockaddr_in6)];

	peer_addrs_pack(options->remotes, options->remote_count, bytes);
	if (usrsctp_connectx(
		    peer.socket, (struct sockaddr *)bytes, (int)options->remote_count, NULL) != 0)
		err(1, "connect");
	say("connected");
	peer_receive_begin(&peer);
	if (quiet) {
		peer_commands_begin(&peer);
	} else {
		/*
		 * What usrsctp has cut before it knows the other end may be larger than a packet: Linux
		 * refuses that with EMSGSIZE, and usrsctp tries again until it gives the path up.
		 */
		peer_up_wait(&peer);
		peer_send_all(&peer);
		if (options->work == PEER_ECHO)
			peer_complete_wait(&peer);
		usrsctp_shutdown(peer.socket, SHUT_WR);
	}
	peer_end_wait(&peer);
	usrsctp_close(peer.socket);
}

int
main(int argc, char **argv)
{
	struct peer_options options = {
		.plan = { .count = 1000,
			.streams = 1,
			.size_min = 1,
			.size_max = 1000,
			.ordered = true },
		.buffer = 4 << 20,
	};

	options_parse(argc, argv, &options);
	usrsctp_init(options.encaps_local, NULL, NULL);
	peer_raw_grow();
	if (options.listen)
		listen_run(&options);
	else
		connect_run(&options);
	/* It gives up after a second: what the other end has to say about the end may never come. */
	for (unsigned i = 0; usrsctp_finish() != 0 && i < 100; i++)
		usleep(10000);
	return 0;
}
