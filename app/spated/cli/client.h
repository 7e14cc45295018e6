/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * One client of the server: its buffers and what it waits for. Used by server.c only.
 */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include <bsd/sys/queue.h>

#include "cli/engine.h"
#include "cli/session.h"
#include "common/cli_proto.h"

struct cli_client {
	struct cli_session session; /**< first: session callbacks get back to the client */
	TAILQ_ENTRY(cli_client) link;
	struct cli *cli;
	int fd;
	int epoll_fd;
	size_t output_max;
	uint8_t *in; /**< room for one request of the largest size */
	size_t in_start, in_end;
	struct strbuf out;
	size_t out_sent;
	char *directory;
	uint32_t events; /**< asked of epoll */
	bool kicked; /**< requests may wait in `in` that epoll knows nothing of */
	bool eof; /**< it will send no more */
	bool closing; /**< to be dropped when `out` is sent */
	bool dead; /**< to be freed by the server */
};

/** @return NULL if there is no memory; `fd` is the client's only on success */
struct cli_client *cli_client_create(struct cli *cli, int fd, int epoll_fd, size_t output_max);
/** Abort what is pending, close. */
void cli_client_destroy(struct cli_client *client);
/** Read, run and write what is possible now. */
void cli_client_event(struct cli_client *client, uint32_t events);

#endif
