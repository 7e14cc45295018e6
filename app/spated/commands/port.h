/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of the noun port share: port.c, port_filter.c. */
#ifndef COMMANDS_PORT_H
#define COMMANDS_PORT_H

#include "base/strbuf.h"
#include "cli/cli.h"
#include "port/port.h"

/* The argument PORT, or NULL if it is not there. @return 0, or -ENOENT with the error set */
int port_of(struct cli_call *call, struct port **port);

/* cable.c */
int port_add_cable(struct cli_call *call);

/* port_filter.c */
int port_set_promiscuous(struct cli_call *call);
int port_set_allmulticast(struct cli_call *call);
int port_set_mac(struct cli_call *call);
int port_mac_add(struct cli_call *call);
int port_mac_del(struct cli_call *call);
int port_mac_show(struct cli_call *call);
/* The lines that follow `port add`. */
void port_filter_config(const struct port *port, struct strbuf *out);

#endif
