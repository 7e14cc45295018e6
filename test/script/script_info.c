/* SPDX-License-Identifier: BSD-3-Clause */
/* Fields of what is known and set of connections and associations: see script_info.h. */
#include "script/script_info.h"

#include <errno.h>
#include <string.h>

#include <rte_common.h>

#include "script/script_text.h"

struct field {
	const char *name;
	size_t offset, size;
};

#define FIELD(type, name)                                                               \
	{                                                                               \
#name, offsetof(struct type, name), sizeof(((struct type *)NULL)->name) \
	}

static const struct field tcp_fields[] = {
	FIELD(tcp_info, snd_wscale),
	FIELD(tcp_info, rcv_wscale),
	FIELD(tcp_info, backoff),
	FIELD(tcp_info, rto_us),
	FIELD(tcp_info, srtt_us),
	FIELD(tcp_info, rttvar_us),
	FIELD(tcp_info, min_rtt_us),
	FIELD(tcp_info, snd_mss),
	FIELD(tcp_info, pmtu),
	FIELD(tcp_info, mtu_probe_out),
	FIELD(tcp_info, snd_wnd),
	FIELD(tcp_info, rcv_wnd),
	FIELD(tcp_info, cwnd),
	FIELD(tcp_info, ssthresh),
	FIELD(tcp_info, in_flight),
	FIELD(tcp_info, sacked),
	FIELD(tcp_info, lost),
	FIELD(tcp_info, retransmitted),
	FIELD(tcp_info, unsent),
	FIELD(tcp_info, unread),
	FIELD(tcp_info, out_of_order),
	FIELD(tcp_info, bytes_acked),
	FIELD(tcp_info, bytes_received),
	FIELD(tcp_info, retransmits),
	FIELD(tcp_info, timeouts),
	FIELD(tcp_info, recoveries),
	FIELD(tcp_info, undos),
	FIELD(tcp_info, dsacks),
	FIELD(tcp_info, reorderings),
	FIELD(tcp_info, ecn_marks),
	FIELD(tcp_info, sack),
	FIELD(tcp_info, timestamps),
	FIELD(tcp_info, window_scaling),
	FIELD(tcp_info, ecn),
};

static const struct field sctp_fields[] = {
	FIELD(sctp_info, out_streams),
	FIELD(sctp_info, in_streams),
	FIELD(sctp_info, extensions),
	FIELD(sctp_info, path_count),
	FIELD(sctp_info, assoc_errors),
	FIELD(sctp_info, peer_rwnd),
	FIELD(sctp_info, rwnd),
	FIELD(sctp_info, in_flight),
	FIELD(sctp_info, unsent),
	FIELD(sctp_info, unread),
	FIELD(sctp_info, unacked),
	FIELD(sctp_info, out_of_order),
	FIELD(sctp_info, messages_in),
	FIELD(sctp_info, messages_out),
	FIELD(sctp_info, packets_in),
	FIELD(sctp_info, packets_out),
	FIELD(sctp_info, chunks_retransmitted),
};

static const struct field path_fields[] = {
	FIELD(sctp_path_info, encaps_port),
	FIELD(sctp_path_info, primary),
	FIELD(sctp_path_info, errors),
	FIELD(sctp_path_info, mtu),
	FIELD(sctp_path_info, mtu_probed),
	FIELD(sctp_path_info, mtu_max),
	FIELD(sctp_path_info, pmtu_state),
	FIELD(sctp_path_info, rto_us),
	FIELD(sctp_path_info, srtt_us),
	FIELD(sctp_path_info, cwnd),
	FIELD(sctp_path_info, ssthresh),
	FIELD(sctp_path_info, in_flight),
	FIELD(sctp_path_info, heartbeats),
	FIELD(sctp_path_info, timeouts),
};

static const struct field settings[] = {
	FIELD(sctp_settings, rto_initial_ms),
	FIELD(sctp_settings, rto_min_ms),
	FIELD(sctp_settings, rto_max_ms),
	FIELD(sctp_settings, heartbeat_interval_ms),
	FIELD(sctp_settings, cookie_life_ms),
	FIELD(sctp_settings, sack_delay_ms),
	FIELD(sctp_settings, sack_packets),
	FIELD(sctp_settings, init_retries),
	FIELD(sctp_settings, assoc_retries),
	FIELD(sctp_settings, path_retries),
	FIELD(sctp_settings, pf_retries),
	FIELD(sctp_settings, burst),
	FIELD(sctp_settings, out_streams),
	FIELD(sctp_settings, in_streams),
	FIELD(sctp_settings, receive_buffer),
	FIELD(sctp_settings, send_buffer),
	FIELD(sctp_settings, mtu),
	FIELD(sctp_settings, pmtu_fixed),
	FIELD(sctp_settings, pmtu_probing),
	FIELD(sctp_settings, tos),
	FIELD(sctp_settings, ttl),
	FIELD(sctp_settings, extensions),
	FIELD(sctp_settings, scheduler),
	FIELD(sctp_settings, pr_policy),
	FIELD(sctp_settings, pr_value),
	FIELD(sctp_settings, interleave),
	FIELD(sctp_settings, reconfig),
	/* The first of them. */
	{ "auth_chunk", offsetof(struct sctp_settings, auth_chunks), 1 },
	FIELD(sctp_settings, auth_chunk_count),
	FIELD(sctp_settings, adaptation_said),
	FIELD(sctp_settings, adaptation),
	FIELD(sctp_settings, nodelay),
	FIELD(sctp_settings, no_fragments),
	FIELD(sctp_settings, maxseg),
	FIELD(sctp_settings, partial_point),
	FIELD(sctp_settings, notices),
	FIELD(sctp_settings, encaps_port),
	FIELD(sctp_settings, udp_port),
};

#define FIND(table, name, err) field_find(table, RTE_DIM(table), name, err)

static const struct field *
field_find(const struct field *table, size_t count, const char *name, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	}
	error_set(err, EINVAL, "there is no field '%s'", name);
	return NULL;
}

static int
number_check(const struct field *field, const void *of, const char *value, struct error *err)
{
	uint64_t wanted, is = 0;

	if (field == NULL)
		return -EINVAL;
	if (script_number(value, UINT64_MAX, &wanted) < 0)
		return error_set(err, EINVAL, "'%s' is no number", value);
	/* The lowest byte comes first, whatever the width. */
	memcpy(&is, (const uint8_t *)of + field->offset, field->size);
	return is == wanted
		? 0
		: error_set(err, EINVAL, "%s is %llu", field->name, (unsigned long long)is);
}

static int
word_check(const char *is, const char *wanted, struct error *err)
{
	return strcmp(is, wanted) == 0 ? 0 : error_set(err, EINVAL, "it is %s, not %s", is, wanted);
}

int
script_info_check(
	const struct tcp_info *info, const char *field, const char *value, struct error *err)
{
	return strcmp(field, "state") == 0
		? word_check(tcp_state_name(info->state), value, err)
		: number_check(FIND(tcp_fields, field, err), info, value, err);
}

int
script_sctp_info_check(
	const struct sctp_info *info, const char *field, const char *value, struct error *err)
{
	return strcmp(field, "state") == 0
		? word_check(sctp_state_name(info->state), value, err)
		: number_check(FIND(sctp_fields, field, err), info, value, err);
}

int
script_path_info_check(
	const struct sctp_path_info *info, const char *field, const char *value, struct error *err)
{
	return strcmp(field, "state") == 0
		? word_check(sctp_path_state_name(info->state), value, err)
		: number_check(FIND(path_fields, field, err), info, value, err);
}

int
script_setting_set(struct sctp_settings *of, const char *name, const char *value, struct error *err)
{
	const struct field *field = FIND(settings, name, err);
	uint64_t number;

	if (field == NULL)
		return -EINVAL;
	if (script_number(value, UINT64_MAX >> (64 - 8 * field->size), &number) < 0)
		return error_set(err, EINVAL, "'%s' is no number", value);
	memcpy((uint8_t *)of + field->offset, &number, field->size);
	return 0;
}
