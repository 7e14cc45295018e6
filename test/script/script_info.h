/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * What TCP says of a connection, by name: `state ESTABLISHED`, `cwnd 14600`. A field is a row in
 * script_info.c.
 */
#ifndef SCRIPT_INFO_H
#define SCRIPT_INFO_H

#include "base/error.h"
#include "tcp/tcp.h"

/** @return 0; -EINVAL: it has another value, or there is no such field */
int script_info_check(
	const struct tcp_info *info, const char *field, const char *value, struct error *err);

#endif
