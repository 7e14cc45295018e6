/* SPDX-License-Identifier: BSD-3-Clause */
/* Applications that keep nothing of a connection: they take what comes, of TCP or SCTP. */
#ifndef BENCH_APPS_H
#define BENCH_APPS_H

#include "sock/sock.h"

#define APP_PORT 80

/* What sock_app.state points to. */
struct app_config {
	enum sock_proto proto;
	unsigned backlog;
	unsigned keepalive_idle_ms; /* 0: none */
	uint64_t discarded; /* bytes: counted */
};

extern const struct sock_app_ops app_echo; /* what comes goes back */
extern const struct sock_app_ops app_discard;

#endif
