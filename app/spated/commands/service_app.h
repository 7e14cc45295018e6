/* SPDX-License-Identifier: BSD-3-Clause */
/* service: applications in shared objects, apart from the services that come with spated. */
#ifndef COMMANDS_SERVICE_APP_H
#define COMMANDS_SERVICE_APP_H

#include "cli/cli.h"
#include "spated/daemon.h"

int service_app_load(struct cli_call *call);
int service_app_unload(struct cli_call *call);
int service_app_start(struct cli_call *call);
int service_app_stop(struct cli_call *call);
int service_app_show(struct cli_call *call);

/* The lines that load applications, and start those that run. */
void service_app_config(const struct daemon *daemon, struct strbuf *out);
/* Whether a service is one of theirs. */
bool service_is_app(const struct daemon *daemon, const struct stack_service *service);
/* The address that a service has to itself; without "addr" any. */
int service_addr_parse(struct cli_call *call, struct sock_addr *local);

#endif
