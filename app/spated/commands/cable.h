/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of the noun cable share: cable.c, cable_set.c. */
#ifndef COMMANDS_CABLE_H
#define COMMANDS_CABLE_H

#include "base/strbuf.h"
#include "cable/cable.h"
#include "cli/cli.h"

/* The argument PORT, which must be an end of a cable; NULL if it is not there. */
int cable_of(struct cli_call *call, struct port **port);

/* cable_set.c */
int cable_set(struct cli_call *call);
int cable_clear(struct cli_call *call);
/* What `cable set` is to be told, " delay 10ms loss 1%"; nothing of what is as at first. */
void cable_impair_words(const struct cable_impair *impair, struct strbuf *out);

#endif
