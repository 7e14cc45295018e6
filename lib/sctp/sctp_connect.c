/* SPDX-License-Identifier: BSD-3-Clause */
/* ASSOCIATE: RFC 9260 11.1.2, 5.1 (A). */
#include "sctp/sctp_priv.h"

static bool
bind_is_good(const struct sctp_bind *bind)
{
	if (bind->addr_count == 0 || bind->addr_count > SCTP_ADDRS_MAX || bind->port == 0)
		return false;
	for (unsigned i = 0; i < bind->addr_count; i++) {
		if (ip_addr_is_unspecified(&bind->addrs[i]) ||
			ip_addr_is_multicast(&bind->addrs[i]))
			return false;
	}
	return true;
}

int
sctp_connect(struct sctp_core *core, const struct sctp_bind *bind, const struct sctp_bind *remote,
	const struct sctp_settings *settings, void *user, struct sctp_assoc **result)
{
	struct sctp_assoc *assoc;

	if (!bind_is_good(bind) || !bind_is_good(remote))
		return -EINVAL;
	/* RFC 6951 5.1: nobody would hear what comes back. */
	if (settings->encaps_port != 0 && core->defaults.udp_port == 0)
		return -EOPNOTSUPP;
	assoc = sctp_assoc_create(core, settings, bind);
	if (assoc == NULL)
		return -ENFILE;
	assoc->remote_port = remote->port;
	assoc->user = user;
	if (assoc->settings.extensions & SCTP_EXT_AUTH &&
		sctp_auth_create(core, assoc, NULL) != 0) {
		sctp_assoc_free(core, assoc);
		return -ENOBUFS;
	}
	for (unsigned i = 0; i < remote->addr_count; i++) {
		struct sctp_path *path = NULL;
		int ret = sctp_path_add(core, assoc, &remote->addrs[i], PKT_IFACE_NONE, &path);

		if (ret != 0) {
			sctp_assoc_free(core, assoc);
			return ret;
		}
		/* RFC 9260 5.4 (1): the user knows whose they are. */
		path->state = SCTP_PATH_ACTIVE;
	}
	assoc->primary = assoc->last_path = assoc->paths[0];
	assoc->local_tag = sctp_tag_draw(core);
	assoc->initial_tsn = (uint32_t)sctp_draw(core);
	assoc->next_tsn = assoc->initial_tsn;
	assoc->cum_acked = assoc->initial_tsn - 1;
	assoc->recovery_exit = assoc->cum_acked;
	assoc->t1_rto_us = sctp_t1_initial_us(&assoc->settings);
	assoc->control = SCTP_SEND_INIT;
	sctp_assoc_state_set(core, assoc, SCTP_COOKIE_WAIT);
	sctp_timer_set(core, assoc, SCTP_TIMER_T1, core->now_ns + assoc->t1_rto_us * 1000ULL);
	sctp_flush_add(core, assoc);
	*result = assoc;
	return 0;
}
