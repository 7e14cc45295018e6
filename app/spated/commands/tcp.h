/* SPDX-License-Identifier: BSD-3-Clause */
/* tcp: the handlers of its noun, beside those of tcp.c. */
#ifndef COMMANDS_TCP_H
#define COMMANDS_TCP_H

#include "cli/cli.h"

/* tcp_show.c */
int tcp_show(struct cli_call *call);
int tcp_show_conn(struct cli_call *call);
int tcp_show_listeners(struct cli_call *call);

#endif
