/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of the noun rss share: rss.c, rss_set.c, rss_balance.c. */
#ifndef COMMANDS_RSS_H
#define COMMANDS_RSS_H

#include "cli/cli.h"
#include "port/port.h"

/* Two digits a byte, and a colon in between. */
#define RSS_KEY_TEXT_MAX (3 * PORT_RSS_KEY_MAX)

/* The argument PORT; NULL with the error set. */
const struct port *rss_port_of(struct cli_call *call);
/* As ethtool prints it. */
const char *rss_key_format(const struct port_rss *rss, char text[RSS_KEY_TEXT_MAX]);
/* A table as what repeats in it, "0-3" or "0,0,1". */
void rss_reta_append(const struct port_rss *rss, struct strbuf *out);
/* Each with a blank in front. */
void rss_fields_append(const struct port_rss *rss, struct strbuf *out);

/* rss_set.c */
int rss_set_key(struct cli_call *call);
int rss_set_symmetric(struct cli_call *call);
int rss_set_fields(struct cli_call *call);
int rss_set_reta(struct cli_call *call);
int rss_set_equal(struct cli_call *call);
int rss_set_weight(struct cli_call *call);
int rss_set_bucket(struct cli_call *call);
int rss_set_software(struct cli_call *call);
int rss_count(struct cli_call *call);

/* rss_balance.c */
int rss_balance_show(struct cli_call *call);

#endif
