/* SPDX-License-Identifier: BSD-3-Clause */
/* Ports of a stack: their coming and going under traffic. Their queues: stack_queue.c */
#include "stack/worker.h"

#include <limits.h>

#include <rte_rcu_qsbr.h>

#include "base/log.h"

int
stack_port_find(const struct stack *stack, const char *name, struct port **port, struct error *err)
{
	*port = port_lookup(&stack->ports, name);
	if (*port == NULL)
		return error_set(err, ENOENT, "no port \"%s\": 'port show' lists them", name);
	return 0;
}

/* First workers can send, lest groups choose a port that is not there; then its interface is up, lest
 * packets come in by one that is not. */
int
stack_port_publish(struct stack *stack, struct port *port, struct error *err)
{
	unsigned workers[PORT_QUEUE_MAX] = { 0 };
	int rc;

	for (uint16_t q = 0; q < port->config.rxq_count; q++)
		workers[q] = UINT_MAX;
	rc = stack_queues_set(stack, port, workers, err);
	if (rc < 0)
		return rc;
	stack_port_iface_refresh(stack, port);
	stack_rxqs_choose(stack, port, workers);
	rc = stack_flow_table_set(stack, port, workers, err);
	if (rc == 0)
		rc = stack_queues_set(stack, port, workers, err);
	if (rc < 0) {
		stack_queues_set(stack, port, NULL, NULL);
		stack_port_iface_refresh(stack, port);
	}
	return rc;
}

int
stack_port_withdraw(struct stack *stack, struct port *port, struct error *err)
{
	int rc = stack_queues_set(stack, port, NULL, err);

	if (rc == 0)
		stack_rings_drain(stack);
	return rc;
}

/* Defaults: a queue a worker in both directions, as far as the device goes. */
static int
choose_config(const struct stack *stack, struct port *port, const struct port_config *asked,
	struct error *err)
{
	struct port_config *config = &port->config;

	if (asked->rxq_count > port->rxq_max || asked->txq_count > port->txq_max)
		return error_set(err, EINVAL, "%s has at most %u rx and %u tx queues",
			port->device_name, port->rxq_max, port->txq_max);
	if (asked->rxq_count != 0 && asked->rxq_count < port->rxq_min)
		return error_set(err, EINVAL,
			"%s spreads what it receives over %u rx queues, so that it needs all of them",
			port->device_name, port->rxq_min);
	if (asked->rxq_count > PORT_QUEUE_MAX || asked->txq_count > PORT_QUEUE_MAX)
		return error_set(err, EINVAL, "a port has at most %u queues", PORT_QUEUE_MAX);
	port->asked = *asked;
	*config = *asked;
	if (config->rxq_count == 0)
		config->rxq_count =
			RTE_MAX(RTE_MIN(stack->worker_count, port->rxq_max), port->rxq_min);
	if (config->txq_count == 0)
		config->txq_count = RTE_MIN(stack->worker_count, port->txq_max);
	/* Some devices work only so; the device rounds both down if need be. */
	if (port->queues_paired && config->rxq_count < config->txq_count)
		config->rxq_count = config->txq_count;
	return 0;
}

/* An rx queue's packet buffers come from the worker that will poll it. */
int
stack_port_configure(struct stack *stack, struct port *port, struct error *err)
{
	struct rte_mempool *pools[PORT_QUEUE_MAX];
	unsigned workers[PORT_QUEUE_MAX] = { 0 };

	port->rxq_used = port->config.rxq_count;
	stack_rxqs_choose(stack, port, workers);
	for (uint16_t q = 0; q < port->config.rxq_count; q++)
		pools[q] = stack->workers[workers[q]]->pool;
	return port_configure(port, pools, err);
}

static int
stack_port_setup(
	struct stack *stack, struct port *port, const struct port_config *asked, struct error *err)
{
	int rc = choose_config(stack, port, asked, err);

	if (rc < 0)
		return rc;
	rc = stack_port_configure(stack, port, err);
	if (rc < 0)
		return rc;
	rc = stack_rss_start(stack, port, err);
	if (rc < 0)
		return rc;
	rc = stack_port_iface_add(stack, port, err);
	if (rc < 0)
		goto fail_start;
	rc = stack_port_publish(stack, port, err);
	if (rc < 0)
		goto fail_iface;
	stack_port_iface_refresh(stack, port);
	stack_link_poll(stack);
	return 0;

fail_iface:
	stack_port_iface_remove(stack, port);
fail_start:
	port->ops->stop(port);
	return rc;
}

int
stack_port_add(struct stack *stack, const struct port_ops *ops, const char *name, const char *args,
	const struct port_config *config, struct error *err)
{
	struct port *port;
	int rc;

	if (iface_lookup(stack->ifaces, name) != NULL && port_lookup(&stack->ports, name) == NULL)
		return error_set(err, EEXIST,
			"an interface is called \"%s\" already: 'iface del %s' removes it", name,
			name);
	rc = port_create(&stack->ports, ops, name, args, &port, err);
	if (rc < 0)
		return rc;
	rc = stack_port_setup(stack, port, config, err);
	if (rc < 0) {
		port_unpublish(&stack->ports, port);
		port_destroy(port);
		return rc;
	}
	log(port, NOTICE, "%s: added (%s, %u rx and %u tx queues)", name, port->device_name,
		port->config.rxq_count, port->config.txq_count);
	return 0;
}

int
stack_port_remove(struct stack *stack, const char *name, struct error *err)
{
	const struct iface *iface;
	struct port *port;
	int rc = stack_port_find(stack, name, &port, err);

	if (rc < 0)
		return rc;
	iface = stack->ifaces->by_port[port->index];
	if (iface != NULL && stack_iface_routes_all(stack, iface) > 0)
		return error_set(err, EBUSY, "%u static routes go through %s: delete them first",
			stack_iface_routes_all(stack, iface), name);
	rc = stack_port_withdraw(stack, port, err);
	if (rc < 0)
		return rc;
	stack_port_iface_remove(stack, port);
	port->ops->stop(port);
	port_unpublish(&stack->ports, port);
	rte_rcu_qsbr_synchronize(stack->rcu, RTE_QSBR_THRID_INVALID);
	port_destroy(port);
	log(port, NOTICE, "%s: removed", name);
	return 0;
}

int
stack_port_resume(struct stack *stack, struct port *port, struct error *err)
{
	int rc = stack_rss_start(stack, port, err);

	if (rc < 0)
		return rc;
	rc = stack_port_publish(stack, port, err);
	if (rc < 0)
		port->ops->stop(port);
	else
		stack_port_groups_follow(stack, port->index);
	return rc;
}

int
stack_port_up(struct stack *stack, const char *name, struct error *err)
{
	struct port *port;
	int rc = stack_port_find(stack, name, &port, err);

	if (rc < 0 || port->up)
		return rc;
	rc = stack_port_resume(stack, port, err);
	if (rc < 0)
		return rc;
	stack_port_iface_refresh(stack, port);
	stack_link_poll(stack);
	return 0;
}

int
stack_port_down(struct stack *stack, const char *name, struct error *err)
{
	struct port *port;
	int rc = stack_port_find(stack, name, &port, err);

	if (rc < 0 || !port->up)
		return rc;
	stack_failover_port_stops(stack, port);
	rc = stack_port_withdraw(stack, port, err);
	if (rc < 0) {
		stack_failover_port_goes_on(stack, port);
		return rc;
	}
	port->ops->stop(port);
	stack_port_iface_refresh(stack, port);
	return 0;
}

/* On a stopped port. Where its packets would need several buffers, queues are set up for these. */
static int
port_mtu_set(struct stack *stack, struct port *port, uint16_t mtu, struct error *err)
{
	const uint16_t before = port->config.mtu;
	int rc = port->ops->set_mtu(port, mtu, err);

	if (rc != -ENOBUFS)
		return rc;
	port->config.mtu = mtu;
	rc = stack_port_configure(stack, port, err);
	if (rc < 0) {
		port->config.mtu = before;
		stack_port_configure(stack, port, NULL);
	}
	return rc;
}

/*
 * Devices want to be stopped for it, or not: the port stops for a moment. Its interface and
 * neighbours stay; what comes meanwhile is lost, and counted by the device.
 */
int
stack_port_set_mtu(struct stack *stack, const char *name, uint16_t mtu, struct error *err)
{
	const struct iface *iface;
	struct port *port;
	bool up, follows;
	int rc = stack_port_find(stack, name, &port, err);

	if (rc < 0)
		return rc;
	/* An interface whose MTU nobody lowered goes along, up and down. */
	iface = stack->ifaces->by_port[port->index];
	follows = iface != NULL && iface->mtu == port->config.mtu;
	if (mtu < PORT_MTU_MIN || mtu > PORT_MTU_MAX)
		return error_set(err, EINVAL, "an MTU is from %u to %u bytes, not %u", PORT_MTU_MIN,
			PORT_MTU_MAX, mtu);
	up = port->up;
	if (up) {
		rc = stack_port_withdraw(stack, port, err);
		if (rc < 0)
			return rc;
		port->ops->stop(port);
	}
	rc = port_mtu_set(stack, port, mtu, err);
	if (rc == 0) {
		port->config.mtu = mtu;
		port->asked.mtu = mtu;
	}
	/* Whatever came of the MTU, the port goes on; an error of that outweighs. */
	if (up && stack_port_resume(stack, port, rc < 0 ? NULL : err) < 0 && rc == 0)
		rc = -EIO;
	stack_port_iface_refresh(stack, port);
	if (rc == 0 && follows)
		rc = stack_iface_set_mtu(stack, name, mtu, err);
	return rc;
}

/* Drivers without interrupts: ask. */
void
stack_link_poll(struct stack *stack)
{
	for (struct port *port = port_next(&stack->ports, 0); port != NULL;
		port = port_next(&stack->ports, port->index + 1)) {
		struct port_link link = { 0 };

		if (port->up)
			port->ops->link(port, &link);
		if (link.up != port->link_up)
			log(port, NOTICE, "%s: link is %s", port->name, link.up ? "up" : "down");
		port->link_up = link.up;
		stack_failover_link(stack, port);
	}
}
