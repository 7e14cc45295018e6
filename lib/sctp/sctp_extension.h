/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A part of sctp.h: what users ask of its extensions: addresses that come and go, streams that begin
 * anew, authentication.
 */
#ifndef SCTP_SCTP_EXTENSION_H
#define SCTP_SCTP_EXTENSION_H

/* ---- addresses that come and go: RFC 5061 ---- */

/**
 * Change an association's addresses of ours; a notice says what the peer answers. An address that is
 * added is used when the peer has agreed, one that is deleted no more from now on.
 * @return 0; -ENOTCONN; -EOPNOTSUPP: not agreed; -EINVAL: no address of a host, or the last one;
 *         -EADDRINUSE, -EADDRNOTAVAIL; -EALREADY: it is being added or deleted; -ENOBUFS
 */
int sctp_addr_add(struct sctp_core *core, struct sctp_assoc *assoc, const struct ip_addr *addr);
int sctp_addr_delete(struct sctp_core *core, struct sctp_assoc *assoc, const struct ip_addr *addr);
/** The same with several, SCTP_ADDRS_MAX at most: all, or none. @{ */
int sctp_locals_add(struct sctp_core *core, struct sctp_assoc *assoc, const struct ip_addr *addrs,
	unsigned count);
int sctp_locals_delete(struct sctp_core *core, struct sctp_assoc *assoc,
	const struct ip_addr *addrs, unsigned count);
/** @} */
/** Have the peer send to this address of ours: SCTP_SET_PEER_PRIMARY_ADDR. */
int sctp_peer_primary_set(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct ip_addr *addr);

/** A listener takes those to other addresses of the same port from now on. @return 0; -EADDRINUSE, -EINVAL */
int sctp_listener_addrs_set(
	struct sctp_core *core, struct sctp_listener *listener, const struct sctp_bind *bind);

/* ---- streams that begin anew: RFC 6525 ---- */

/**
 * Ask the peer to have SSNs begin anew; a notice says what became of it. Until then nothing can be
 * sent on these streams (-EAGAIN). One request is made at a time, and none in the middle of a message that
 * is sent in parts (-EAGAIN).
 * @param directions SCTP_RESET_INCOMING, _OUTGOING
 * @param count of streams, SCTP_RESET_STREAMS_MAX at most; 0: all
 * @return 0; -ENOTCONN; -EOPNOTSUPP: not agreed; -EALREADY: another is not answered; -EINVAL, -ENOBUFS
 */
int sctp_streams_reset(struct sctp_core *core, struct sctp_assoc *assoc, unsigned directions,
	const uint16_t *streams, unsigned count);
/** ... TSNs as well, once all that was sent is acknowledged. */
int sctp_assoc_reset(struct sctp_core *core, struct sctp_assoc *assoc);
/** More streams. */
int sctp_streams_add(struct sctp_core *core, struct sctp_assoc *assoc, unsigned out, unsigned in);
/** @param requests enum sctp_reconfig_enable */
void sctp_reconfig_enable(struct sctp_assoc *assoc, unsigned requests);

/* ---- authentication: RFC 4895, as RFC 6458 8.3 has it ---- */

/**
 * Shared keys, by their identifier. Key 0 is there from the beginning, and empty; and it is the
 * active one, which is sent with. What an association has, that with its peer is computed of. Those of
 * a listener are copied to its associations.
 * @return 0; -EOPNOTSUPP: the association has no authentication; -EINVAL: too long; -ENOBUFS
 */
int sctp_auth_key_set(struct sctp_core *core, struct sctp_assoc *assoc, uint16_t id,
	const void *key, size_t length);
/** @return 0; -EOPNOTSUPP; -EINVAL: there is none such, or it was deactivated */
int sctp_auth_key_activate(struct sctp_core *core, struct sctp_assoc *assoc, uint16_t id);
/**
 * It is not to be sent with again; received it still is. A notice says when all that has it is
 * acknowledged. Until then it cannot be deleted. @return as above; -EINVAL: it is active
 */
int sctp_auth_key_deactivate(struct sctp_core *core, struct sctp_assoc *assoc, uint16_t id);
int sctp_auth_key_delete(struct sctp_core *core, struct sctp_assoc *assoc, uint16_t id);
/**
 * Keys for associations to come: of a socket that has none yet, and may not listen. With key 0.
 * @return 0; -ENOBUFS; else as above @{
 */
struct sctp_auth_keys;
int sctp_keyring_create(struct sctp_core *core, struct sctp_auth_keys **keys);
/** @param keys may be NULL */
void sctp_keyring_destroy(struct sctp_core *core, struct sctp_auth_keys *keys);
int sctp_keyring_set(struct sctp_core *core, struct sctp_auth_keys *keys, uint16_t id,
	const void *key, size_t length);
int sctp_keyring_activate(struct sctp_auth_keys *keys, uint16_t id);
int sctp_keyring_deactivate(struct sctp_auth_keys *keys, uint16_t id);
int sctp_keyring_delete(struct sctp_core *core, struct sctp_auth_keys *keys, uint16_t id);
/** @return the active one */
int sctp_keyring_active(const struct sctp_auth_keys *keys);
/** An association that was just begun by sctp_connect() has these, copied. */
int sctp_keyring_give(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_auth_keys *keys);
/** Those that a listener accepts from now on have these, copied. */
int sctp_keyring_lend(
	struct sctp_core *core, struct sctp_listener *listener, const struct sctp_auth_keys *keys);
/** @} */
/** @return the active one, or -EOPNOTSUPP */
int sctp_auth_key_active(const struct sctp_assoc *assoc);
/**
 * Types of chunks that the peer, or that we only take behind AUTH: SCTP_PEER_AUTH_CHUNKS,
 * SCTP_LOCAL_AUTH_CHUNKS.
 * @param types 256 at most
 * @return how many
 */
unsigned sctp_auth_chunks(const struct sctp_assoc *assoc, bool peer, uint8_t *types);
int sctp_listener_auth_key_set(struct sctp_core *core, struct sctp_listener *listener, uint16_t id,
	const void *key, size_t length);
int sctp_listener_auth_key_activate(
	struct sctp_core *core, struct sctp_listener *listener, uint16_t id);
int sctp_listener_auth_key_delete(
	struct sctp_core *core, struct sctp_listener *listener, uint16_t id);

#endif
