/* SPDX-License-Identifier: BSD-3-Clause */
/* A socket of usrsctp, with what the command line asks for. */
#include "peer.h"

#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define RAW_BUFFER_SIZE (64 << 20)
#define RAW_FD_MAX      64

void
peer_raw_grow(void)
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

static void
option_copy(int from, int to, int level, int name)
{
	uint8_t value[16];
	socklen_t length = sizeof(value);

	if (getsockopt(from, level, name, value, &length) == 0)
		setsockopt(to, level, name, value, length);
}

/* One like it on another port, in its place. */
static int
udp_replace(int fd, int family, uint16_t port)
{
	struct sockaddr_in6 any6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(port) };
	int other = socket(family, SOCK_DGRAM, 0);

	/* Beyond those that are looked at. */
	if (other < 0 || fcntl(fd, F_DUPFD, RAW_FD_MAX) < 0)
		return -1;
	option_copy(fd, other, SOL_SOCKET, SO_RCVTIMEO);
	option_copy(fd, other, SOL_SOCKET, SO_RCVBUF);
	option_copy(fd, other, IPPROTO_IP, IP_PKTINFO);
	option_copy(fd, other, IPPROTO_IPV6, IPV6_RECVPKTINFO);
	option_copy(fd, other, IPPROTO_IPV6, IPV6_V6ONLY);
	if ((family == AF_INET ? bind(other, (struct sockaddr *)&any, sizeof(any))
			       : bind(other, (struct sockaddr *)&any6, sizeof(any6))) != 0)
		return -1;
	if (dup2(other, fd) < 0)
		return -1;
	close(other);
	return 0;
}

int
peer_udp_rebind(uint16_t port)
{
	for (int fd = 0; fd < RAW_FD_MAX; fd++) {
		struct sockaddr_storage name;
		socklen_t length = sizeof(name), type_length = sizeof(int);
		int type = 0;

		if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_length) != 0 ||
			type != SOCK_DGRAM ||
			getsockname(fd, (struct sockaddr *)&name, &length) != 0 ||
			((struct sockaddr_in *)&name)->sin_port == htons(port))
			continue;
		if (udp_replace(fd, name.ss_family, port) != 0)
			return -1;
	}
	return 0;
}

void
peer_addr_parse(const char *text, uint16_t port, struct sockaddr_storage *addr)
{
	struct sockaddr_in *in = (struct sockaddr_in *)addr;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)addr;

	memset(addr, 0, sizeof(*addr));
	if (inet_pton(AF_INET, text, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons(port);
	} else if (inet_pton(AF_INET6, text, &in6->sin6_addr) == 1) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
	} else {
		errx(2, "no address: %s", text);
	}
}

size_t
peer_addrs_pack(const struct sockaddr_storage *addrs, unsigned count, uint8_t *bytes)
{
	size_t used = 0;

	for (unsigned i = 0; i < count; i++) {
		size_t size = addrs[i].ss_family == AF_INET ? sizeof(struct sockaddr_in)
							    : sizeof(struct sockaddr_in6);

		memcpy(bytes + used, &addrs[i], size);
		used += size;
	}
	return used;
}

static void
option_set(struct socket *socket, int level, int name, const void *value, size_t size,
	const char *what)
{
	if (usrsctp_setsockopt(socket, level, name, value, (socklen_t)size) != 0)
		err(1, "%s", what);
}

static void
value_set(struct socket *socket, int name, uint32_t value, const char *what)
{
	struct sctp_assoc_value assoc = { .assoc_id = SCTP_FUTURE_ASSOC, .assoc_value = value };

	option_set(socket, IPPROTO_SCTP, name, &assoc, sizeof(assoc), what);
}

static void
events_ask(struct socket *socket)
{
	static const uint16_t types[] = { SCTP_ASSOC_CHANGE, SCTP_PEER_ADDR_CHANGE,
		SCTP_REMOTE_ERROR, SCTP_SHUTDOWN_EVENT, SCTP_PARTIAL_DELIVERY_EVENT,
		SCTP_AUTHENTICATION_EVENT, SCTP_STREAM_RESET_EVENT, SCTP_ASSOC_RESET_EVENT,
		SCTP_STREAM_CHANGE_EVENT, SCTP_SEND_FAILED_EVENT, SCTP_ADAPTATION_INDICATION };

	for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct sctp_event event = {
			.se_assoc_id = SCTP_FUTURE_ASSOC, .se_type = types[i], .se_on = 1
		};

		option_set(socket, IPPROTO_SCTP, SCTP_EVENT, &event, sizeof(event), "SCTP_EVENT");
	}
}

static void
auth_set(struct socket *socket)
{
	static const uint8_t chunks[] = { 0 /* DATA */, 64 /* I-DATA */ };

	for (unsigned i = 0; i < sizeof(chunks); i++)
		option_set(socket, IPPROTO_SCTP, SCTP_AUTH_CHUNK, &chunks[i], 1, "SCTP_AUTH_CHUNK");
}

static void
paths_set(struct socket *socket, const struct peer_options *options)
{
	struct sctp_paddrparams params = { .spp_assoc_id = SCTP_FUTURE_ASSOC,
		.spp_hbinterval = options->heartbeat_ms,
		.spp_pathmaxrxt = options->path_retries,
		.spp_flags = options->heartbeat_ms != 0 ? SPP_HB_ENABLE : 0 };

	params.spp_address.ss_family = AF_INET6;
	option_set(socket, IPPROTO_SCTP, SCTP_PEER_ADDR_PARAMS, &params, sizeof(params),
		"SCTP_PEER_ADDR_PARAMS");
}

static void
bind_all(struct socket *socket, const struct peer_options *options)
{
	uint8_t bytes[PEER_ADDRS_MAX * sizeof(struct sockaddr_in6)];
	struct sockaddr_storage any = { .ss_family = AF_INET6 };

	((struct sockaddr_in6 *)&any)->sin6_port = htons(options->local_port);
	if (options->local_count == 0) {
		if (usrsctp_bind(socket, (struct sockaddr *)&any, sizeof(struct sockaddr_in6)) != 0)
			err(1, "bind");
		return;
	}
	peer_addrs_pack(options->locals, options->local_count, bytes);
	if (usrsctp_bindx(socket, (struct sockaddr *)bytes, (int)options->local_count,
		    SCTP_BINDX_ADD_ADDR) != 0)
		err(1, "bindx");
}

struct socket *
peer_socket_open(const struct peer_options *options)
{
	const uint16_t streams = (uint16_t)options->plan.streams;
	const struct sctp_initmsg initmsg = { .sinit_num_ostreams = streams,
		.sinit_max_instreams = 2048 };
	const int buffer = (int)options->buffer, on = 1;
	/* What is lost is sent again before a test has no time left. */
	const struct sctp_rtoinfo rto = { .srto_initial = 500, .srto_max = 2000, .srto_min = 200 };
	struct sctp_udpencaps encaps = { .sue_assoc_id = SCTP_FUTURE_ASSOC,
		.sue_port = htons(options->encaps_remote) };
	struct socket *socket =
		usrsctp_socket(AF_INET6, SOCK_STREAM, IPPROTO_SCTP, NULL, NULL, 0, NULL);

	if (socket == NULL)
		err(1, "socket");
	option_set(socket, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer), "SO_RCVBUF");
	option_set(socket, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer), "SO_SNDBUF");
	option_set(socket, IPPROTO_SCTP, SCTP_NODELAY, &on, sizeof(on), "SCTP_NODELAY");
	option_set(socket, IPPROTO_SCTP, SCTP_RECVRCVINFO, &on, sizeof(on), "SCTP_RECVRCVINFO");
	option_set(socket, IPPROTO_SCTP, SCTP_INITMSG, &initmsg, sizeof(initmsg), "SCTP_INITMSG");
	option_set(socket, IPPROTO_SCTP, SCTP_RTOINFO, &rto, sizeof(rto), "SCTP_RTOINFO");
	value_set(socket, SCTP_ENABLE_STREAM_RESET, SCTP_ENABLE_VALUE_MASK, "stream reset");
	if (options->interleave) {
		const uint32_t level = 2;

		option_set(socket, IPPROTO_SCTP, SCTP_FRAGMENT_INTERLEAVE, &level, sizeof(level),
			"SCTP_FRAGMENT_INTERLEAVE");
		value_set(socket, SCTP_INTERLEAVING_SUPPORTED, 1, "SCTP_INTERLEAVING_SUPPORTED");
	}
	if (options->auth)
		auth_set(socket);
	if (options->encaps_remote != 0) {
		encaps.sue_address.ss_family = AF_INET6;
		option_set(socket, IPPROTO_SCTP, SCTP_REMOTE_UDP_ENCAPS_PORT, &encaps,
			sizeof(encaps), "SCTP_REMOTE_UDP_ENCAPS_PORT");
	}
	paths_set(socket, options);
	events_ask(socket);
	bind_all(socket, options);
	return socket;
}
