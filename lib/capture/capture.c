/* SPDX-License-Identifier: BSD-3-Clause */
/* A capture's life, on the control thread: capture_tap.c feeds it, capture_writer.c empties it. */
#include "capture/capture_priv.h"

#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>
#include <rte_rcu_qsbr.h>

#include "base/counter.h"

#define POOL_CACHE 64
/* Ethernet header, FCS and two VLAN tags. */
#define FRAME_OVERHEAD 26

struct capture *
capture_create(struct rte_rcu_qsbr *rcu)
{
	struct capture *capture = calloc(1, sizeof(*capture));

	if (capture != NULL)
		capture->rcu = rcu;
	return capture;
}

void
capture_destroy(struct capture *capture)
{
	if (capture == NULL)
		return;
	capture_stop(capture);
	for (unsigned i = 0; i < CAPTURE_SLOTS; i++)
		free(capture->ports[i]);
	free(capture);
}

int
capture_slot(const struct port *port, uint16_t *slot)
{
	/* A port of another driver may have the same name as a device. */
	if (strcmp(port->ops->name, "ethdev") == 0)
		return rte_eth_dev_get_port_by_name(port->device_name, slot);
	*slot = (uint16_t)(RTE_MAX_ETHPORTS + port->index);
	return port->ops->tap_set != NULL ? 0 : -ENOTSUP;
}

static void
session_free(struct capture_session *session)
{
	if (session == NULL)
		return;
	pcap_freecode(&session->filter);
	rte_ring_free(session->ring);
	rte_mempool_free(session->pool);
	free(session);
}

/* A buffer takes any packet of these ports, but for segments that are cut or put together by a port. */
static uint32_t
segment_bytes(const struct capture_config *config)
{
	uint32_t frame_max = 0;

	for (unsigned i = 0; i < config->port_count; i++)
		frame_max = RTE_MAX(frame_max, config->ports[i]->config.mtu + FRAME_OVERHEAD);
	return RTE_MIN(config->snaplen, frame_max);
}

static int
session_create(const struct capture_config *config, struct capture_session **out, struct error *err)
{
	struct capture_session *session = calloc(1, sizeof(*session));
	uint32_t segment = segment_bytes(config) + RTE_PKTMBUF_HEADROOM;
	uint32_t pool_size = RTE_MIN((uint32_t)CAPTURE_POOL_SIZE, CAPTURE_POOL_BYTES_MAX / segment);
	int rc;

	if (session == NULL)
		return error_set(err, ENOMEM, "no memory");
	session->snaplen = config->snaplen;
	session->directions = config->directions;
	session->packets_max = config->packets;
	rc = capture_filter_load(config->filter, config->snaplen, &session->filter, err);
	if (rc < 0)
		goto free_session;
	session->ring = rte_ring_create("capture", CAPTURE_RING_SIZE, SOCKET_ID_ANY, RING_F_SC_DEQ);
	session->pool = rte_pktmbuf_pool_create(
		"capture", pool_size, POOL_CACHE, 0, (uint16_t)segment, SOCKET_ID_ANY);
	if (session->ring == NULL || session->pool == NULL) {
		rc = error_set(err, ENOMEM, "no memory for %u packets: give DPDK more (eal -m)",
			pool_size);
		goto free_session;
	}
	*out = session;
	return 0;
free_session:
	session_free(session);
	return rc;
}

/* Take the callbacks off a port, or all; afterwards no worker is in one. */
static void
taps_detach(struct capture *capture, const struct capture_port *only)
{
	const struct rte_eth_rxtx_callback *old[2 * PORT_QUEUE_MAX];
	unsigned count;

	for (unsigned i = 0; i < CAPTURE_SLOTS; i++) {
		struct capture_port *port = capture->ports[i];

		if (port == NULL || !port->attached || (only != NULL && port != only))
			continue;
		count = 0;
		capture_tap_detach(port, old, &count);
		rte_rcu_qsbr_synchronize(capture->rcu, RTE_QSBR_THRID_INVALID);
		while (count > 0)
			rte_free((void *)(uintptr_t)old[--count]);
	}
}

static int
taps_attach(struct capture *capture, const struct capture_config *config, struct error *err)
{
	int rc = 0;

	for (unsigned i = 0; i < config->port_count && rc == 0; i++) {
		rc = capture_tap_attach(capture, config->ports[i], config->directions);
		if (rc < 0)
			error_set(err, -rc, "%s: cannot listen: %s", config->ports[i]->name,
				strerror(-rc));
	}
	return rc;
}

int
capture_start(struct capture *capture, const struct capture_config *config, struct error *err)
{
	struct capture_session *session;
	int rc;

	if (capture->session != NULL)
		return error_set(err, EBUSY, "a capture runs already: 'capture stop' ends it");
	if (config->port_count == 0)
		return error_set(err, ENOENT, "there is no port: 'port add' makes one");
	rc = session_create(config, &session, err);
	if (rc < 0)
		return rc;
	rc = capture_writer_start(session, config, err);
	if (rc < 0)
		goto free_session;
	capture_tap_clear(capture);
	rc = taps_attach(capture, config, err);
	if (rc < 0)
		goto detach;
	__atomic_store_n(&capture->session, session, __ATOMIC_RELEASE);
	return 0;
detach:
	taps_detach(capture, NULL);
	capture_writer_stop(session);
free_session:
	session_free(session);
	return rc;
}

void
capture_port_attach(struct capture *capture, const struct port *port)
{
	uint16_t slot;

	if (capture->session != NULL && capture_slot(port, &slot) == 0 &&
		capture->ports[slot] != NULL && capture->ports[slot]->wanted)
		capture_tap_attach(capture, port, capture->session->directions);
}

static void
tap_add(const struct capture_tap *tap, struct capture_stats *stats)
{
	stats->seen += counter_read(&tap->seen);
	stats->filtered += counter_read(&tap->filtered);
	stats->drops += counter_read(&tap->drops);
}

static void
session_stats(const struct capture *capture, const struct capture_session *session,
	struct capture_stats *stats)
{
	*stats = (struct capture_stats){
		.state = CAPTURE_RUNNING,
		.errnum = __atomic_load_n(&session->errnum, __ATOMIC_RELAXED),
		.written = counter_read(&session->written),
		.bytes = counter_read(&session->bytes),
	};
	for (unsigned i = 0; i < CAPTURE_SLOTS; i++) {
		const struct capture_port *port = capture->ports[i];

		for (unsigned queue = 0; port != NULL && queue < PORT_QUEUE_MAX; queue++) {
			tap_add(&port->rx[queue], stats);
			tap_add(&port->tx[queue], stats);
		}
	}
}

void
capture_stop(struct capture *capture)
{
	struct capture_session *session = capture->session;

	if (session == NULL)
		return;
	__atomic_store_n(&capture->session, NULL, __ATOMIC_RELEASE);
	rte_rcu_qsbr_synchronize(capture->rcu, RTE_QSBR_THRID_INVALID);
	capture_writer_stop(session);
	session_stats(capture, session, &capture->last);
	capture->last.state = capture->last.errnum != 0 ? CAPTURE_FAILED : CAPTURE_STOPPED;
	taps_detach(capture, NULL);
	session_free(session);
}

void
capture_poll(struct capture *capture)
{
	if (capture->session != NULL &&
		__atomic_load_n(&capture->session->finished, __ATOMIC_ACQUIRE))
		capture_stop(capture);
}

void
capture_port_detach(struct capture *capture, const struct port *port)
{
	uint16_t slot;

	if (capture_slot(port, &slot) < 0 || capture->ports[slot] == NULL)
		return;
	/* Not one that came to this place after the session's was removed. */
	capture->ports[slot]->wanted = capture->ports[slot]->attached;
	taps_detach(capture, capture->ports[slot]);
}

void
capture_stats(const struct capture *capture, struct capture_stats *stats)
{
	if (capture->session != NULL)
		session_stats(capture, capture->session, stats);
	else
		*stats = capture->last;
}
