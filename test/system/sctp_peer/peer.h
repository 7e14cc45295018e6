/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A peer on usrsctp, an SCTP that is not ours, for system tests. It says a line for each thing that
 * happens, and takes commands, a line each, from standard input. See sctp_peer.c for both.
 */
#ifndef SCTP_PEER_PEER_H
#define SCTP_PEER_PEER_H

#include <pthread.h>
#include <usrsctp.h>

#include "message.h"

#define PEER_ADDRS_MAX 8

/* usrsctp has it, and does not say so in its header. */
#ifndef SCTP_INTERLEAVING_SUPPORTED
#define SCTP_INTERLEAVING_SUPPORTED 0x00001206
#endif

enum peer_work {
	PEER_ECHO, /* a listener sends back what it receives; a client sends, and compares */
	PEER_SEND, /* a client sends, a listener compares */
};

struct peer_options {
	bool listen, ordered, interleave, auth, bench;
	enum peer_work work;
	struct message_plan plan;
	uint16_t port, local_port; /* 0: any */
	uint16_t encaps_local, encaps_remote; /* UDP ports of RFC 6951; 0: without */
	uint16_t policy; /* SCTP_PR_SCTP_... */
	uint32_t policy_value;
	uint32_t pause_us; /* after each message */
	uint32_t buffer; /* bytes, of each direction */
	uint32_t heartbeat_ms; /* 0: usrsctp's own, as the next */
	uint16_t path_retries;
	struct sockaddr_storage locals[PEER_ADDRS_MAX], remotes[PEER_ADDRS_MAX];
	unsigned local_count, remote_count;
};

/* An association. */
struct peer {
	const struct peer_options *options;
	struct socket *socket;
	pthread_t receiver;
	pthread_t sender;
	struct message_log log; /* its plan: under `lock` */
	/* It is established; all messages are here; it is over; no more are to be sent. Under `lock` */
	bool up, complete, ended, stopped;
	pthread_mutex_t lock;
	pthread_cond_t changed;
};

/* A line, at once. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Of usrsctp's raw sockets the buffers, once it has them: of what does not fit there Linux says that
 * nobody speaks SCTP here, and by this other ends abort (RFC 9260 10, ICMP8).
 */
void peer_raw_grow(void);
/* Have its UDP sockets be on another port; the old ones stay open, and hear no more. @return 0 or -1 */
int peer_udp_rebind(uint16_t port);
/* peer_socket.c: bound, and with all options; exits if that does not work */
struct socket *peer_socket_open(const struct peer_options *options);
void peer_addr_parse(const char *text, uint16_t port, struct sockaddr_storage *addr);
/* As many bytes as addresses take that stand one behind the other. */
size_t peer_addrs_pack(const struct sockaddr_storage *addrs, unsigned count, uint8_t *bytes);

/* peer_receive.c: begin to receive on it */
void peer_receive_begin(struct peer *peer);
/* Until it is established, or has ended. */
void peer_up_wait(struct peer *peer);
/* If all messages are here, it is said once. */
void peer_complete_check(struct peer *peer);
/* Until all messages are here, or the association has ended. */
void peer_complete_wait(struct peer *peer);
/* Until the association has ended. */
void peer_end_wait(struct peer *peer);

/* peer_send.c */
void peer_send_all(struct peer *peer);
/* The same on a thread of its own, until it is stopped: then what was sent is all there is. */
int peer_send_start(struct peer *peer);
int peer_send_stop(struct peer *peer);
int peer_send(struct peer *peer, const void *bytes, size_t length, uint16_t stream, uint16_t flags,
	uint32_t ppid);

/* peer_command.c: commands from standard input, until it ends */
void peer_commands_begin(struct peer *peer);

#endif
