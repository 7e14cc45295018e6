/* SPDX-License-Identifier: BSD-3-Clause */
/* Receive-side scaling of an end: its fields, key and redirection table. By control. */
#include "cable/cable_priv.h"

#include <string.h>

void
cable_rss_init(struct port_rss *rss, uint16_t key_length)
{
	*rss = (struct port_rss){ .key_length = key_length, .reta_size = CABLE_RETA_SIZE };
	rss->fields = rss->fields_possible = (1U << PORT_RSS_FIELD_COUNT) - 1;
	port_rss_default_key(rss->key, key_length);
}

void
cable_rss_spread(struct cable_setup *setup, uint16_t rxq_count)
{
	for (uint16_t i = 0; i < CABLE_RETA_SIZE; i++)
		setup->rss.reta[i] = i % rxq_count;
}

int
cable_rss_get(struct port *port, struct port_rss *rss)
{
	const struct cable_end *end = port->driver;

	*rss = end->setup->rss;
	return 0;
}

int
cable_rss_set_hash(struct port *port, const struct port_rss *rss, struct error *err)
{
	struct cable_end *end = port->driver;
	struct cable_setup *setup = cable_setup_begin(end);

	setup->rss.fields = rss->fields;
	memcpy(setup->rss.key, rss->key, setup->rss.key_length);
	toeplitz_init(&setup->toeplitz, setup->rss.key);
	cable_setup_commit(end);
	return 0;
}

int
cable_rss_set_reta(struct port *port, const uint16_t *reta, struct error *err)
{
	struct cable_end *end = port->driver;
	struct cable_setup *setup = cable_setup_begin(end);

	for (uint16_t i = 0; i < CABLE_RETA_SIZE; i++) {
		if (reta[i] >= end->rxq_count)
			return error_set(err, EINVAL, "%s has no rx queue %u", port->name, reta[i]);
		setup->rss.reta[i] = reta[i];
	}
	cable_setup_commit(end);
	return 0;
}
