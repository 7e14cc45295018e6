/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * The CLI's UNIX socket: the protocol of common/cli_proto.h, several clients, never blocking.
 */
#ifndef CLI_SERVER_H
#define CLI_SERVER_H

#include "cli/engine.h"

#define CLI_CLIENTS_MAX 32

struct cli_server;

/**
 * Listen at `path` (mode 0600; its directory is made if only that is missing). A socket
 * that nobody answers on is removed; one that somebody answers on is an error.
 *
 * @return NULL with `err` set
 */
struct cli_server *cli_server_open(struct cli *cli, const char *path, struct error *err);
/** Abort what is pending, drop the clients, remove the socket. */
void cli_server_close(struct cli_server *server);

/** Readable when cli_server_run() has something to do: for the control loop's poll. */
int cli_server_fd(const struct cli_server *server);
/** Do what can be done now; never waits. */
void cli_server_run(struct cli_server *server);
/** Wait so long (-1: for ever) for something to do, then do it. */
void cli_server_poll(struct cli_server *server, int timeout_ms);

/** How much output may wait for a client that does not read it, before it is dropped. */
void cli_server_set_output_max(struct cli_server *server, size_t bytes);
unsigned cli_server_clients(const struct cli_server *server);

#endif
