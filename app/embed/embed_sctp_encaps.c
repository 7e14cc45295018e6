/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Options of SCTP that are of how packets go: in UDP (RFC 6951 6.1), without a checksum (RFC 9653 7.1),
 * with ECN.
 */
#include <arpa/inet.h>
#include <errno.h>

#include "embed/embed_sctp.h"

/* ---- RFC 6951 ---- */

int
spate_sctp_set_udp_port(struct spate *spate, unsigned port)
{
	struct sctp_settings settings = spate->stack->sctp_settings;
	struct error err = { 0 };
	int rc;

	if (port > UINT16_MAX)
		return embed_result(error_set(&err, EINVAL, "%u is no port", port), &err);
	settings.udp_port = (uint16_t)port;
	rc = stack_sctp_settings_set(spate->stack, &settings);
	if (rc < 0)
		error_set(&err, -rc, "a socket of UDP is bound to port %u", port);
	return embed_result(rc, &err);
}

static int
port_change(struct sctp_settings *settings, void *arg)
{
	settings->encaps_port = *(const uint16_t *)arg;
	return 0;
}

static int
without_port_check(struct sctp_core *core, struct sctp_assoc *assoc, void *arg)
{
	return sctp_assoc_state(assoc) == SCTP_CLOSED ? 0 : -EOPNOTSUPP;
}

/*
 * Of a path, or of all there are and will be. Those that there are need a port of ours at once; of others
 * connecting says so.
 */
static int
encaps_set(struct embed_option_call *call)
{
	const struct spate_sctp_udpencaps *encaps = call->value;
	uint16_t port = ntohs(encaps->sue_port), unused;
	struct ip_addr addr;

	if (port != 0 && call->spate->stack->sctp_settings.udp_port == 0 &&
		sock_sctp_each(call->sock, call->assoc, without_port_check, NULL) == -EOPNOTSUPP)
		return -EOPNOTSUPP;
	return embed_sockaddr_parse(&encaps->sue_address, &addr, &unused)
		? sock_sctp_encaps_port_set(call->sock, call->assoc, &addr, port)
		: sock_sctp_settings_change(call->sock, call->assoc, port_change, &port);
}

static int
encaps_get(struct embed_option_call *call)
{
	struct spate_sctp_udpencaps *encaps = call->value;
	struct sctp_path_info path;
	struct ip_addr addr;
	uint16_t unused;
	int rc;

	if (embed_sockaddr_parse(&encaps->sue_address, &addr, &unused)) {
		rc = sock_sctp_path_info(call->sock, call->assoc, &addr, &path);
		encaps->sue_port = rc == 0 ? htons(path.encaps_port) : 0;
		return rc;
	}
	rc = sock_sctp_settings_get(call->sock, call->assoc, &call->settings);
	encaps->sue_port = rc == 0 ? htons(call->settings.encaps_port) : 0;
	return rc;
}

/* ---- extensions that are on or off, of associations to come ---- */

struct extension {
	uint16_t bit;
	bool on;
};

static int
extension_change(struct sctp_settings *settings, void *arg)
{
	const struct extension *extension = arg;

	settings->extensions &= (uint16_t)~extension->bit;
	settings->extensions |= extension->on ? extension->bit : 0;
	return 0;
}

/* What an association has agreed on stays; but there has to be one of that id. */
static int
extension_set(struct embed_option_call *call, uint16_t bit)
{
	const struct spate_sctp_assoc_value *value = call->value;

	if (value->assoc_value > 1 ||
		sock_sctp_settings_get(call->sock, call->assoc, &call->settings) < 0)
		return -EINVAL;
	return sock_sctp_future_change(
		call->sock, extension_change, &(struct extension){ bit, value->assoc_value != 0 });
}

/* Of an association, what was agreed. */
static int
extension_get(struct embed_option_call *call, uint16_t bit)
{
	struct spate_sctp_assoc_value *value = call->value;
	struct sctp_info info;
	int rc;

	if (sock_sctp_info(call->sock, call->assoc, &info) == 0) {
		value->assoc_value = (info.extensions & bit) != 0;
		return 0;
	}
	rc = sock_sctp_settings_get(call->sock, call->assoc, &call->settings);
	value->assoc_value = (call->settings.extensions & bit) != 0;
	return rc;
}

static int
zero_checksum_set(struct embed_option_call *call)
{
	return extension_set(call, SCTP_EXT_ZERO_CHECKSUM);
}

static int
zero_checksum_get(struct embed_option_call *call)
{
	return extension_get(call, SCTP_EXT_ZERO_CHECKSUM);
}

static int
ecn_set(struct embed_option_call *call)
{
	return extension_set(call, SCTP_EXT_ECN);
}

static int
ecn_get(struct embed_option_call *call)
{
	return extension_get(call, SCTP_EXT_ECN);
}

static const struct embed_sctp_option options[] = {
	{ SPATE_SCTP_REMOTE_UDP_ENCAPS_PORT, EMBED_OPTION_ASSOC, EMBED_ID_ANY,
		sizeof(struct spate_sctp_udpencaps), 0, encaps_set, encaps_get },
	{ SPATE_SCTP_ACCEPT_ZERO_CHECKSUM, EMBED_OPTION_ASSOC, EMBED_ID_FUTURE,
		sizeof(struct spate_sctp_assoc_value), 0, zero_checksum_set, zero_checksum_get },
	{ SPATE_SCTP_ECN_SUPPORTED, EMBED_OPTION_ASSOC, EMBED_ID_FUTURE,
		sizeof(struct spate_sctp_assoc_value), 0, ecn_set, ecn_get },
};

const struct embed_option_table embed_encaps_options = EMBED_OPTION_TABLE(options);
