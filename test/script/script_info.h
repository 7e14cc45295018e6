/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * What TCP says of a connection and SCTP of an association, by name: `state ESTABLISHED`, `cwnd 14600`;
 * and what can be set of one. A field is a row in script_info.c.
 */
#ifndef SCRIPT_INFO_H
#define SCRIPT_INFO_H

#include "base/error.h"
#include "sctp/sctp.h"
#include "tcp/tcp.h"

/** @return 0; -EINVAL: it has another value, or there is no such field @{ */
int script_info_check(
	const struct tcp_info *info, const char *field, const char *value, struct error *err);
int script_sctp_info_check(
	const struct sctp_info *info, const char *field, const char *value, struct error *err);
int script_path_info_check(
	const struct sctp_path_info *info, const char *field, const char *value, struct error *err);
/** @} */

/** @return 0; -EINVAL: there is no such, or no such value */
int script_setting_set(
	struct sctp_settings *of, const char *name, const char *value, struct error *err);

#endif
