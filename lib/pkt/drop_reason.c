/* SPDX-License-Identifier: BSD-3-Clause */
/* Names of the drop reasons, from drop_reason.def. */
#include "pkt/drop_reason.h"

static const struct {
	const char *name;
	const char *help;
} reasons[DROP_REASON_COUNT] = {
#define DROP_REASON(name, help) [DROP_##name] = { #name, help },
#include "pkt/drop_reason.def"
#undef DROP_REASON
};

const char *
drop_reason_name(enum drop_reason reason)
{
	return reasons[reason].name;
}

const char *
drop_reason_help(enum drop_reason reason)
{
	return reasons[reason].help;
}
