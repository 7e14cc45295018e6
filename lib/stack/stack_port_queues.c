/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How many queues a port has. As many as were set up can come into use and go out of it by the
 * redirection table, without losing a packet. More, or others where there is no table, are set up
 * while the port is stopped for a moment.
 */
#include "stack/worker.h"

#include <limits.h>

#include "base/log.h"

/* Whether the user's table leads to no other queues than the first. */
static bool
reta_fits(const struct port *port, uint16_t rxq_count)
{
	if ((port->rss_asked & PORT_RSS_ASKED_RETA) == 0)
		return false;
	for (uint16_t i = 0; i < port->rss.reta_size; i++) {
		if (port->rss.reta[i] >= rxq_count)
			return false;
	}
	return true;
}

/* Have the first queues polled, and no others. */
static int
rxqs_use(struct stack *stack, struct port *port, uint16_t rxq_count, struct error *err)
{
	unsigned workers[PORT_QUEUE_MAX] = { 0 };
	uint16_t before = port->rxq_used;
	int rc = 0;

	stack_rxqs_get(stack, port, workers);
	port->rxq_used = rxq_count;
	for (uint16_t q = rxq_count; q < port->config.rxq_count; q++)
		workers[q] = UINT_MAX;
	stack_rxqs_fill(stack, port, workers);
	if (port->up)
		rc = stack_queues_set(stack, port, workers, err);
	if (rc < 0)
		port->rxq_used = before;
	return rc;
}

/* Without stopping: queues are polled before the table leads to them, and until it does no more. */
static int
queues_redirect(struct stack *stack, struct port *port, uint16_t rxq_count, struct error *err)
{
	const uint16_t before = port->rxq_used;
	const struct port_rss rss_before = port->rss;
	const bool fits = reta_fits(port, rxq_count);
	uint16_t reta[PORT_RETA_MAX];
	int rc = 0;

	for (uint16_t i = 0; i < port->rss.reta_size; i++)
		reta[i] = fits ? port->rss.reta[i] : i % rxq_count;
	if (rxq_count > before)
		rc = rxqs_use(stack, port, rxq_count, err);
	if (rc == 0)
		rc = stack_rss_set_reta(stack, port->name, reta, err);
	/* What the table led to the others was emptied by then. */
	if (rc == 0 && rxq_count < before)
		rc = rxqs_use(stack, port, rxq_count, err);
	if (rc < 0) {
		stack_rss_set_reta(stack, port->name, rss_before.reta, NULL);
		rxqs_use(stack, port, before, NULL);
	}
	port_rss_asked_update(port, PORT_RSS_ASKED_RETA);
	return rc;
}

/* A stopped port: set up as port->config says, and go on where it was. */
static int
port_setup_again(struct stack *stack, struct port *port, bool up, struct error *err)
{
	int rc = stack_port_configure(stack, port, err);

	return rc < 0 || !up ? rc : stack_port_resume(stack, port, err);
}

/* The interface and its neighbours stay; what comes meanwhile is lost, and counted by the device. */
static int
queues_set_up(struct stack *stack, struct port *port, uint16_t rxq_count, uint16_t txq_count,
	struct error *err)
{
	const struct port_config before = port->config;
	const uint16_t used = port->rxq_used;
	const struct port_rss rss = port->rss;
	const uint8_t rss_asked = port->rss_asked;
	bool up = port->up;
	int rc;

	if (up) {
		rc = stack_port_withdraw(stack, port, err);
		if (rc < 0)
			return rc;
		port->ops->stop(port);
	}
	if (port->spread == NULL && !reta_fits(port, rxq_count))
		port->rss_asked &= (uint8_t)~PORT_RSS_ASKED_RETA;
	port->config.rxq_count = rxq_count;
	port->config.txq_count = txq_count;
	rc = port_setup_again(stack, port, up, err);
	if (rc < 0) {
		port->config = before;
		port->rss = rss;
		port->rss_asked = rss_asked;
		if (port_setup_again(stack, port, up, NULL) < 0) {
			log(port, ERROR, "%s: does not come up with the queues it had", port->name);
			stack_port_iface_refresh(stack, port);
		}
		if (used != before.rxq_count)
			queues_redirect(stack, port, used, NULL);
		return rc;
	}
	if (port->rxq_used < PORT_QUEUE_MAX)
		port->rxq_pinned &= (1ULL << port->rxq_used) - 1;
	return 0;
}

int
stack_port_set_queues(struct stack *stack, const char *name, uint16_t rxq_count, uint16_t txq_count,
	struct error *err)
{
	struct port *port;
	unsigned rxq_min;
	int rc = stack_port_find(stack, name, &port, err);

	if (rc < 0)
		return rc;
	if (txq_count == 0)
		txq_count = port->queues_paired ? rxq_count : port->config.txq_count;
	rxq_min = RTE_MAX(1U, port->rxq_min);
	if (rxq_count < rxq_min || rxq_count > port->rxq_max || txq_count > port->txq_max)
		return error_set(err, EINVAL, "%s has %u to %u rx queues and at most %u tx queues",
			port->device_name, rxq_min, port->rxq_max, port->txq_max);
	if (port->queues_paired && rxq_count != txq_count)
		return error_set(err, EINVAL, "%s has as many rx as tx queues", port->device_name);
	rc = stack_flow_queues_check(port, rxq_count, err);
	if (rc < 0)
		return rc;
	if (txq_count == port->config.txq_count && port->rss.reta_size > 0 &&
		port->spread == NULL && rxq_count <= port->config.rxq_count)
		return queues_redirect(stack, port, rxq_count, err);
	if (txq_count == port->config.txq_count && rxq_count == port->config.rxq_count)
		return 0;
	rc = queues_set_up(stack, port, rxq_count, txq_count, err);
	if (rc == 0) {
		port->asked.rxq_count = rxq_count;
		port->asked.txq_count = txq_count;
	}
	return rc;
}
