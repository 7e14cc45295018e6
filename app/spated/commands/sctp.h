/* SPDX-License-Identifier: BSD-3-Clause */
/* sctp: the handlers of its noun, beside those of sctp.c. */
#ifndef COMMANDS_SCTP_H
#define COMMANDS_SCTP_H

#include "cli/cli.h"
#include "stack/stack.h"

/* sctp_show.c */
int sctp_show(struct cli_call *call);
int sctp_show_listeners(struct cli_call *call);
/* Whose it is, and between whom: by the primary path. */
void sctp_show_names(
	struct show *show, const struct stack *stack, const struct stack_sctp_assoc *assoc);

/* sctp_show_assoc.c */
int sctp_show_assoc(struct cli_call *call);
int sctp_show_streams(struct cli_call *call);

/* sctp_mib.c */
int sctp_show_mib(struct cli_call *call);

/* sctp_change.c */
int sctp_address(struct cli_call *call);
int sctp_peer_primary(struct cli_call *call);
int sctp_reset_streams(struct cli_call *call);
int sctp_reset_assoc(struct cli_call *call);
int sctp_add_streams(struct cli_call *call);

/* sctp_set.c */
#define SCTP_SET_SYNTAX                                                                                         \
	"[congestion CONGESTION] [rto-initial N:1-60000] [rto-min N:1-60000] "                                  \
	"[rto-max N:1-600000] [heartbeat N:0-86400000] [cookie-life N:1000-120000] "                            \
	"[sack-delay N:0-500] [sack-packets N:1-255] [init-retries N:0-255] "                                   \
	"[assoc-retries N:1-255] [path-retries N:1-255] [pf-retries N:0-255] [burst N:1-255] "                  \
	"[out-streams N:1-1024] [in-streams N:1-1024] [pmtu-probing N:0-1] [receive-buffer N:4096-1073741824] " \
	"[send-buffer N:4096-1073741824] [forward-tsn N:0-1] [re-config N:0-1] "                                \
	"[i-data N:0-1] [auth N:0-1] [asconf N:0-1] [ecn N:0-1] [zero-checksum N:0-1] [reset-requests N:0-7] "  \
	"[udp-port N:0-65535] [encaps-port N:0-65535]"
int sctp_set(struct cli_call *call);
int sctp_show_defaults(struct cli_call *call);
void sctp_set_config(const struct stack *stack, struct strbuf *out);

#endif
