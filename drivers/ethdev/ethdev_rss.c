/* SPDX-License-Identifier: BSD-3-Clause */
/* A device's receive-side scaling: fields, key and redirection table. Called by control. */
#include "ethdev/ethdev_priv.h"

#include <string.h>

#include "wire/toeplitz.h"

_Static_assert(PORT_RETA_MAX % RTE_ETH_RETA_GROUP_SIZE == 0, "tables are read in groups");

/* By the bits of enum port_rss_field. */
static const uint64_t field_types[PORT_RSS_FIELD_COUNT] = {
	RTE_ETH_RSS_IPV4,
	RTE_ETH_RSS_FRAG_IPV4,
	RTE_ETH_RSS_NONFRAG_IPV4_TCP,
	RTE_ETH_RSS_NONFRAG_IPV4_UDP,
	RTE_ETH_RSS_NONFRAG_IPV4_SCTP,
	RTE_ETH_RSS_NONFRAG_IPV4_OTHER,
	RTE_ETH_RSS_IPV6,
	RTE_ETH_RSS_FRAG_IPV6,
	RTE_ETH_RSS_NONFRAG_IPV6_TCP,
	RTE_ETH_RSS_NONFRAG_IPV6_UDP,
	RTE_ETH_RSS_NONFRAG_IPV6_SCTP,
	RTE_ETH_RSS_NONFRAG_IPV6_OTHER,
};

static uint32_t
fields_of_types(uint64_t types)
{
	uint32_t fields = 0;

	for (unsigned i = 0; i < PORT_RSS_FIELD_COUNT; i++) {
		if (types & field_types[i])
			fields |= 1U << i;
	}
	return fields;
}

static uint64_t
types_of_fields(uint32_t fields)
{
	uint64_t types = 0;

	for (unsigned i = 0; i < PORT_RSS_FIELD_COUNT; i++) {
		if (fields & 1U << i)
			types |= field_types[i];
	}
	return types;
}

static uint16_t
reta_read(uint16_t id, uint16_t size, uint16_t *reta)
{
	struct rte_eth_rss_reta_entry64 groups[PORT_RETA_MAX / RTE_ETH_RETA_GROUP_SIZE];

	if (size > PORT_RETA_MAX)
		return 0;
	memset(groups, 0, sizeof(groups));
	for (unsigned i = 0; i < RTE_DIM(groups); i++)
		groups[i].mask = UINT64_MAX;
	if (rte_eth_dev_rss_reta_query(id, groups, size) != 0)
		return 0;
	for (unsigned i = 0; i < size; i++)
		reta[i] = groups[i / RTE_ETH_RETA_GROUP_SIZE].reta[i % RTE_ETH_RETA_GROUP_SIZE];
	return size;
}

int
ethdev_rss_get(struct port *port, struct port_rss *rss)
{
	const struct ethdev *ethdev = port->driver;
	struct rte_eth_rss_conf conf = { .rss_key = rss->key, .rss_key_len = sizeof(rss->key) };
	struct rte_eth_dev_info info;
	int ret = rte_eth_dev_info_get(ethdev->id, &info);

	memset(rss, 0, sizeof(*rss));
	if (ret != 0)
		return ret;
	/* A virtual device without a table has promised what it would do by rules of rte_flow. */
	if (info.flow_type_rss_offloads == 0 || info.hash_key_size > sizeof(rss->key) ||
		(info.reta_size == 0 && (ethdev->traits & ETHDEV_VIRTUAL) != 0))
		return 0;
	if (rte_eth_dev_rss_hash_conf_get(ethdev->id, &conf) != 0)
		return 0;
	rss->fields_possible = fields_of_types(info.flow_type_rss_offloads);
	rss->fields = fields_of_types(conf.rss_hf);
	/* Not all drivers set the length in `conf`. 0 means 40, says ethdev. */
	rss->key_length = info.hash_key_size != 0 ? info.hash_key_size : TOEPLITZ_KEY_LENGTH;
	rss->reta_size = reta_read(ethdev->id, info.reta_size, rss->reta);
	return 0;
}

int
ethdev_rss_set_hash(struct port *port, const struct port_rss *rss, struct error *err)
{
	struct ethdev *ethdev = port->driver;
	struct rte_eth_rss_conf conf = {
		.rss_key = ethdev->rss_key,
		.rss_key_len = (uint8_t)rss->key_length,
		.rss_hf = types_of_fields(rss->fields),
	};
	int ret;

	memcpy(ethdev->rss_key, rss->key, rss->key_length);
	ret = rte_eth_dev_rss_hash_update(ethdev->id, &conf);
	return ret == 0 ? 0 : ethdev_error(err, port, ret, "setting the RSS fields and key");
}

int
ethdev_rss_set_reta(struct port *port, const uint16_t *reta, struct error *err)
{
	const struct ethdev *ethdev = port->driver;
	struct rte_eth_rss_reta_entry64 groups[PORT_RETA_MAX / RTE_ETH_RETA_GROUP_SIZE];
	uint16_t size = port->rss.reta_size;
	int ret;

	memset(groups, 0, sizeof(groups));
	for (unsigned i = 0; i < size; i++) {
		struct rte_eth_rss_reta_entry64 *group = &groups[i / RTE_ETH_RETA_GROUP_SIZE];

		group->mask |= 1ULL << i % RTE_ETH_RETA_GROUP_SIZE;
		group->reta[i % RTE_ETH_RETA_GROUP_SIZE] = reta[i];
	}
	ret = rte_eth_dev_rss_reta_update(ethdev->id, groups, size);
	return ret == 0 ? 0 : ethdev_error(err, port, ret, "setting the redirection table");
}
