/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files behind spate.h share. */
#ifndef EMBED_EMBED_H
#define EMBED_EMBED_H

#include "base/error.h"
#include "embed/spate.h"
#include "sock/sock.h"
#include "stack/stack.h"

/* Numbers of sockets are below it. */
#define EMBED_SOCKETS_MAX 1024

/* A number that the program has, and what its socket has no need to know. */
struct embed_socket {
	struct sock *sock; /* NULL: free */
	bool reuseaddr;
	int linger_s; /* above 0: no call waits for so long */
	/* Of SCTP: options of RFC 6458 that are about how something is told. */
	bool mapped; /* SCTP_I_WANT_MAPPED_V4_ADDR */
	bool rcvinfo, nxtinfo; /* SCTP_RECVRCVINFO, SCTP_RECVNXTINFO */
	bool data_io; /* sctp_data_io_event */
	bool explicit_eor; /* SCTP_EXPLICIT_EOR */
	bool older_failed; /* SCTP_SEND_FAILED, and not SCTP_SEND_FAILED_EVENT */
	uint32_t notified; /* bytes of the notification in front that were read */
	uint32_t notified_assoc; /* whose that was: another's is in front if it has gone */
};

struct spate {
	struct stack *stack;
	unsigned flags; /* enum spate_flag */
	uint64_t start_ns; /* of the wall clock, when the stack was made */
	uint64_t now_ns; /* since then */
	unsigned ifaces_made;
	struct sock_app app; /* to which the program's sockets belong */
	struct embed_socket sockets[EMBED_SOCKETS_MAX]; /* by number */
};

struct embed_port;

/* ---- embed_eal.c ---- */

/* Start DPDK, if that was not done before. The caller holds off other threads. */
int embed_eal_start(unsigned memory_mb, struct error *err);
bool embed_eal_is_started(void);

/* ---- embed_error.c ---- */

/* End of a public function: keep the sentence for this thread if rc < 0. @return rc */
int embed_result(int rc, const struct error *err);

/* ---- embed_config.c ---- */

/* What it calls for happens at once. @return what the program is told */
int embed_changed(struct spate *spate, int rc, const struct error *err);
/* Texts become values. @return 0 or -EINVAL @{ */
int embed_addr_parse(const char *text, struct ip_addr *addr, struct error *err);
int embed_prefix_parse(const char *text, struct ip_prefix *prefix, struct error *err);
/* @} */

/* ---- embed_log.c ---- */

/* Log lines go to the program from now on. */
void embed_log_start(void);

/* ---- embed_frame.c ---- */

/* -ENOENT: there is none */
int embed_port_find(
	const struct spate *spate, const char *name, struct embed_port **embed, struct error *err);

/* ---- embed_socket.c ---- */

/* The program's sockets can be made, and go. */
void embed_sockets_start(struct spate *spate);
void embed_sockets_stop(struct spate *spate);

/* The lowest number that is free, or -EMFILE. */
int embed_number_find(const struct spate *spate);
/* "192.0.2.1", "2001:db8::1", "fe80::1%eth0"; NULL: any. @return 0, -EINVAL, -ENODEV */
int embed_sock_addr_parse(
	const struct spate *spate, const char *text, unsigned port, struct sock_addr *addr);
/* @param text SPATE_ADDR_TEXT bytes; it and port may be NULL */
void embed_sock_addr_format(
	const struct spate *spate, const struct sock_addr *addr, char *text, unsigned *port);
/* The socket of a number; NULL: there is none. */
struct sock *embed_sock(const struct spate *spate, int fd);
/* What a socket call says: an error has the sentence of its errno. */
int embed_sock_result(int64_t rc);

/* ---- embed_clock.c ---- */

void embed_clock_start(struct spate *spate);

/* Go on with the clock's time, until there is nothing to do any more. */
void embed_run(struct spate *spate);

#endif
