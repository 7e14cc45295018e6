/* SPDX-License-Identifier: BSD-3-Clause */
/* route load: files of routes. */
#ifndef COMMANDS_ROUTE_LOAD_H
#define COMMANDS_ROUTE_LOAD_H

#include "cli/cli.h"

int route_load(struct cli_call *call);

#endif
