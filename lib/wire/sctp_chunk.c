/* SPDX-License-Identifier: BSD-3-Clause */
/* The chunks of SCTP that have fields: INIT and INIT ACK with their parameters, DATA, SACK. */
#include <errno.h>
#include <string.h>

#include "wire/endian.h"
#include "wire/sctp.h"

/* ---- INIT, INIT ACK ---- */

bool
sctp_param_addr(const struct sctp_param *param, struct ip_addr *addr)
{
	if (param->type == SCTP_PARAM_IP4 && param->length == 4)
		*addr = ip_addr_from4(param->value);
	else if (param->type == SCTP_PARAM_IP6 && param->length == 16)
		*addr = ip_addr_from6(param->value);
	else
		return false;
	return true;
}

/* One that is nobody's is not used, and one that comes twice counts once. */
static void
addr_add(struct sctp_init *init, const struct ip_addr *addr)
{
	static const struct ip_addr broadcast = { IP_FAMILY_4, { 255, 255, 255, 255 } };

	if (ip_addr_is_unspecified(addr) || ip_addr_is_multicast(addr) ||
		ip_addr_is_loopback(addr) || ip_addr_equal(addr, &broadcast))
		return;
	for (unsigned i = 0; i < init->addr_count; i++) {
		if (ip_addr_equal(&init->addrs[i], addr))
			return;
	}
	init->addrs[init->addr_count++] = *addr;
}

static void
families_parse(const struct sctp_param *param, struct sctp_init *init)
{
	bool ip4 = false, ip6 = false;

	for (unsigned i = 0; i + 2 <= param->length; i += 2) {
		ip4 |= be16_load(param->value + i) == SCTP_PARAM_IP4;
		ip6 |= be16_load(param->value + i) == SCTP_PARAM_IP6;
	}
	init->families_said = true;
	init->no_ip4 = !ip4;
	init->no_ip6 = !ip6;
}

/* @return false: the walk ends here */
static bool
unknown_param(const struct sctp_param *param, struct sctp_init *init)
{
	if (sctp_param_unknown_reports(param->type) && init->unknown_count < SCTP_UNKNOWN_MAX)
		init->unknown[init->unknown_count++] = (struct sctp_cursor){
			param->value - SCTP_PARAM_HDR_LENGTH,
			param->length + SCTP_PARAM_HDR_LENGTH,
		};
	return sctp_param_unknown_skips(param->type);
}

/* RFC 4895 3.1 to 3.3: each at most once; the whole of it is part of a key. */
static void
auth_keep(const struct sctp_param *param, struct sctp_cursor *place)
{
	if (place->at == NULL)
		*place = (struct sctp_cursor){ param->value - SCTP_PARAM_HDR_LENGTH,
			param->length + SCTP_PARAM_HDR_LENGTH };
}

/* @return 1; 0: the walk ends; -EINVAL */
static int
init_param(const struct sctp_param *param, struct sctp_init *init)
{
	struct ip_addr addr;

	switch (param->type) {
	case SCTP_PARAM_IP4:
	case SCTP_PARAM_IP6:
		if (param->length != (param->type == SCTP_PARAM_IP4 ? 4 : 16))
			return -EINVAL;
		/* Of a stranger's INIT that lists hundreds the rest costs no more than this. */
		if (init->addr_count < SCTP_ADDRS_MAX && sctp_param_addr(param, &addr))
			addr_add(init, &addr);
		return 1;
	case SCTP_PARAM_STATE_COOKIE:
		init->cookie = param->value;
		init->cookie_length = param->length;
		return 1;
	case SCTP_PARAM_COOKIE_PRESERVATIVE:
		if (param->length != 4)
			return -EINVAL;
		init->cookie_preservative_ms = be32_load(param->value);
		return 1;
	case SCTP_PARAM_HOST_NAME:
		init->host_name = true;
		init->host_name_param = param->value - SCTP_PARAM_HDR_LENGTH;
		return 1;
	case SCTP_PARAM_SUPPORTED_FAMILIES: families_parse(param, init); return 1;
	case SCTP_PARAM_SUPPORTED_EXTENSIONS:
	case SCTP_PARAM_ECN:
	case SCTP_PARAM_ZERO_CHECKSUM:
	case SCTP_PARAM_FORWARD_TSN: init->extensions |= sctp_extensions_parse(param); return 1;
	case SCTP_PARAM_ADAPTATION:
		if (param->length != 4)
			return -EINVAL;
		init->adaptation_said = true;
		init->adaptation = be32_load(param->value);
		return 1;
	case SCTP_PARAM_RANDOM: auth_keep(param, &init->auth[SCTP_AUTH_RANDOM]); return 1;
	case SCTP_PARAM_CHUNKS: auth_keep(param, &init->auth[SCTP_AUTH_CHUNKS]); return 1;
	case SCTP_PARAM_HMAC_ALGO: auth_keep(param, &init->auth[SCTP_AUTH_HMACS]); return 1;
	/* A report that was not asked for, of INIT ACK: what we did not send is not missed. */
	case SCTP_PARAM_UNRECOGNIZED: return 1;
	default: return unknown_param(param, init);
	}
}

int
sctp_init_parse(const struct sctp_chunk *chunk, struct sctp_init *init)
{
	struct sctp_cursor cursor;
	struct sctp_param param;
	int ret;

	if (chunk->length < SCTP_INIT_LENGTH)
		return -EINVAL;
	*init = (struct sctp_init){
		.initiate_tag = be32_load(chunk->value),
		.a_rwnd = be32_load(chunk->value + 4),
		.out_streams = be16_load(chunk->value + 8),
		.in_streams = be16_load(chunk->value + 10),
		.initial_tsn = be32_load(chunk->value + 12),
	};
	cursor.at = chunk->value + SCTP_INIT_LENGTH;
	cursor.left = chunk->length - SCTP_INIT_LENGTH;
	while ((ret = sctp_param_next(&cursor, &param)) > 0) {
		ret = init_param(&param, init);
		if (ret <= 0)
			break;
	}
	return ret;
}

/* ---- DATA, SACK ---- */

/* RFC 8260 2.1: MID and FSN in the place of SSN and PPID. */
static int
i_data_parse(const struct sctp_chunk *chunk, struct sctp_data *data)
{
	const uint16_t fixed = SCTP_I_DATA_HDR_LENGTH - SCTP_CHUNK_HDR_LENGTH;
	const uint8_t *value = chunk->value;

	if (chunk->length < fixed)
		return -EINVAL;
	*data = (struct sctp_data){ .tsn = be32_load(value),
		.stream = be16_load(value + 4),
		.mid = be32_load(value + 8),
		.flags = chunk->flags,
		.length = chunk->length - fixed,
		.data = value + fixed };
	if (chunk->flags & SCTP_DATA_BEGIN)
		memcpy(&data->ppid_be, value + 12, 4);
	else
		data->fsn = be32_load(value + 12);
	return 0;
}

int
sctp_data_parse(const struct sctp_chunk *chunk, struct sctp_data *data)
{
	const uint16_t fixed = SCTP_DATA_HDR_LENGTH - SCTP_CHUNK_HDR_LENGTH;

	if (chunk->type == SCTP_I_DATA)
		return i_data_parse(chunk, data);
	if (chunk->length < fixed)
		return -EINVAL;
	*data = (struct sctp_data){ .tsn = be32_load(chunk->value),
		.stream = be16_load(chunk->value + 4),
		.ssn = be16_load(chunk->value + 6),
		.flags = chunk->flags,
		.length = chunk->length - fixed,
		.data = chunk->value + fixed };
	memcpy(&data->ppid_be, chunk->value + 8, 4);
	return 0;
}

int
sctp_sack_parse(const struct sctp_chunk *chunk, struct sctp_sack *sack)
{
	if (chunk->length < SCTP_SACK_LENGTH)
		return -EINVAL;
	sack->cum_tsn = be32_load(chunk->value);
	sack->a_rwnd = be32_load(chunk->value + 4);
	sack->gap_count = be16_load(chunk->value + 8);
	sack->dup_count = be16_load(chunk->value + 10);
	sack->gaps = chunk->value + SCTP_SACK_LENGTH;
	sack->dups = sack->gaps + 4U * sack->gap_count;
	return chunk->length < SCTP_SACK_LENGTH + 4U * sack->gap_count + 4U * sack->dup_count
		? -EINVAL
		: 0;
}

struct sctp_gap
sctp_sack_gap(const struct sctp_sack *sack, unsigned index)
{
	const uint8_t *gap = sack->gaps + 4U * index;

	return (struct sctp_gap){ be16_load(gap), be16_load(gap + 2) };
}
