/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of the noun iface share: iface.c, iface_stats.c. */
#ifndef COMMANDS_IFACE_H
#define COMMANDS_IFACE_H

#include "cli/cli.h"

/* iface_stats.c */
int iface_stats(struct cli_call *call);

#endif
