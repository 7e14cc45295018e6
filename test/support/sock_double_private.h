/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of the sock double share: its sockets. */
#ifndef SUPPORT_SOCK_DOUBLE_PRIVATE_H
#define SUPPORT_SOCK_DOUBLE_PRIVATE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/sock_double.h"

#define SOCK_DOUBLE_SOCKS_MAX 4096

struct datagram {
	STAILQ_ENTRY(datagram) entry;
	struct sock_addr peer;
	size_t length;
	uint8_t data[];
};

struct sock {
	struct sock_app *app;
	enum sock_proto proto;
	void *user;
	struct sock_addr local, remote;
	struct sock *peer; /* of a stream; NULL: gone, or not there yet */
	struct sock *listener; /* while it waits for sock_accept() */
	bool is_listener, is_connected, is_blocked;
	bool is_shut; /* sends no more */
	bool is_ended; /* receives no more than is there */
	int error;
	uint32_t events; /* to be told */
	uint32_t backlog, waiting;
	uint8_t *data; /* received */
	size_t length, room;
	STAILQ_HEAD(, datagram) datagrams;
	unsigned datagram_count;
};

struct sock_core {
	struct sock *socks[SOCK_DOUBLE_SOCKS_MAX]; /* the oldest first */
	unsigned count;
	struct rte_mempool *pool;
	uint64_t now_ns;
	uint16_t port_next;
	int refuse;
	struct sock_app *apps[8];
	unsigned app_count;
};

/* sock_double.c: who has bound a port, or listens on it. NULL: nobody */
struct sock *sock_double_find(struct sock_core *core, enum sock_proto proto, uint16_t port);

#endif
