/* SPDX-License-Identifier: BSD-3-Clause */
/* Fields of struct tcp_info: see script_info.h. */
#include "script/script_info.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "script/script_text.h"

#define FIELD(name)                                                                             \
	{                                                                                       \
#name, offsetof(struct tcp_info, name), sizeof(((struct tcp_info *)NULL)->name) \
	}

static const struct {
	const char *name;
	size_t offset, size;
} fields[] = {
	FIELD(snd_wscale),
	FIELD(rcv_wscale),
	FIELD(backoff),
	FIELD(rto_us),
	FIELD(srtt_us),
	FIELD(rttvar_us),
	FIELD(min_rtt_us),
	FIELD(snd_mss),
	FIELD(snd_wnd),
	FIELD(rcv_wnd),
	FIELD(cwnd),
	FIELD(ssthresh),
	FIELD(in_flight),
	FIELD(sacked),
	FIELD(lost),
	FIELD(retransmitted),
	FIELD(unsent),
	FIELD(unread),
	FIELD(out_of_order),
	FIELD(bytes_acked),
	FIELD(bytes_received),
	FIELD(retransmits),
	FIELD(timeouts),
	FIELD(recoveries),
	FIELD(undos),
	FIELD(dsacks),
	FIELD(reorderings),
	FIELD(ecn_marks),
	FIELD(sack),
	FIELD(timestamps),
	FIELD(window_scaling),
	FIELD(ecn),
};

int
script_info_check(
	const struct tcp_info *info, const char *field, const char *value, struct error *err)
{
	const char *state = tcp_state_name(info->state);
	uint64_t wanted, is = 0;

	if (strcmp(field, "state") == 0)
		return strcmp(state, value) == 0
			? 0
			: error_set(err, EINVAL, "it is %s, not %s", state, value);
	if (script_number(value, UINT64_MAX, &wanted) < 0)
		return error_set(err, EINVAL, "'%s' is no number", value);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (strcmp(fields[i].name, field) != 0)
			continue;
		/* The lowest byte comes first, whatever the width. */
		memcpy(&is, (const uint8_t *)info + fields[i].offset, fields[i].size);
		return is == wanted
			? 0
			: error_set(err, EINVAL, "%s is %llu", field, (unsigned long long)is);
	}
	return error_set(err, EINVAL, "there is no field '%s'", field);
}
