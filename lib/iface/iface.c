/* SPDX-License-Identifier: BSD-3-Clause */
/* The interface table: changed copies are published, old ones freed after a grace period. */
#include "iface/iface.h"

#include <stdlib.h>
#include <string.h>

#include <rte_rcu_qsbr.h>

#include "base/name.h"
#include "iface/iface_addr.h"
#include "iface/iface_vlan.h"

struct iface_table *
iface_table_create(struct rte_rcu_qsbr *rcu)
{
	struct iface_table *table = calloc(1, sizeof(*table));

	if (table != NULL)
		table->rcu = rcu;
	return table;
}

void
iface_table_destroy(struct iface_table *table)
{
	if (table == NULL)
		return;
	for (unsigned i = 0; i < table->retired_count; i++)
		free(table->retired[i].iface);
	for (unsigned i = 0; i < IFACE_MAX; i++)
		free(table->ifaces[i]);
	for (unsigned i = 0; i < IFACE_MAX; i++)
		iface_vlan_table_destroy(table->vlans[i]);
	free(table);
}

const struct iface *
iface_lookup(const struct iface_table *table, const char *name)
{
	for (unsigned i = 0; i < IFACE_MAX; i++) {
		if (table->ifaces[i] != NULL && strcmp(table->ifaces[i]->name, name) == 0)
			return table->ifaces[i];
	}
	return NULL;
}

const struct iface *
iface_next(const struct iface_table *table, unsigned from)
{
	for (unsigned i = from; i < IFACE_MAX; i++) {
		if (table->ifaces[i] != NULL)
			return table->ifaces[i];
	}
	return NULL;
}

/* Free the old copies that no worker can see any more: the oldest ones. */
static void
retired_reclaim(struct iface_table *table)
{
	unsigned done = 0;

	while (done < table->retired_count &&
		rte_rcu_qsbr_check(table->rcu, table->retired[done].token, false) == 1)
		free(table->retired[done++].iface);
	table->retired_count -= done;
	memmove(table->retired, table->retired + done,
		table->retired_count * sizeof(table->retired[0]));
}

static void
retire(struct iface_table *table, struct iface *iface)
{
	if (table->rcu == NULL) {
		free(iface);
		return;
	}
	if (table->retired_count == IFACE_RETIRED_MAX)
		rte_rcu_qsbr_synchronize(table->rcu, RTE_QSBR_THRID_INVALID);
	retired_reclaim(table);
	table->retired[table->retired_count++] = (struct iface_retired){
		.iface = iface,
		.token = rte_rcu_qsbr_start(table->rcu),
	};
}

/* Check a model against the rest of the table; `self` is what it replaces, or NULL. */
static int
model_check(const struct iface_table *table, const struct iface *model, const struct iface *self,
	struct error *err)
{
	const struct iface *other;
	int ret = name_check(model->name, IFACE_NAME_MAX, err);

	if (ret != 0)
		return ret;
	other = iface_lookup(table, model->name);
	if (other != NULL && other != self)
		return error_set(err, EEXIST, "interface %s exists already", model->name);
	if ((model->type != IFACE_LOOPBACK) != (model->port < IFACE_MAX) ||
		(model->type == IFACE_VLAN) != (model->tags.count > 0) ||
		model->addr_count > IFACE_ADDR_MAX)
		return error_set(err, EINVAL, "interface %s: type and port do not fit together",
			model->name);
	other = model->type == IFACE_PORT ? table->by_port[model->port] : NULL;
	if (other != NULL && other != self)
		return error_set(err, EEXIST, "the port of %s has interface %s already",
			model->name, other->name);
	other = model->type == IFACE_VLAN ? iface_by_vlan(table, model->port, &model->tags) : NULL;
	if (other != NULL && other != self)
		return error_set(
			err, EEXIST, "%s is the interface of this VLAN already", other->name);
	return 0;
}

/* A copy to publish, and room for where it will be found. */
static struct iface *
copy_create(struct iface_table *table, const struct iface *model, uint16_t index, struct error *err)
{
	struct iface *copy = NULL;

	if (iface_vlan_reserve(table, model) == 0)
		copy = aligned_alloc(_Alignof(struct iface), sizeof(*copy));
	if (copy == NULL) {
		error_set(err, ENOMEM, "no memory for interface %s", model->name);
		return NULL;
	}
	*copy = *model;
	copy->index = index;
	iface_sources_update(copy);
	return copy;
}

static void
publish(struct iface_table *table, struct iface *iface)
{
	__atomic_store_n(&table->ifaces[iface->index], iface, __ATOMIC_RELEASE);
	if (iface->type == IFACE_PORT)
		__atomic_store_n(&table->by_port[iface->port], iface, __ATOMIC_RELEASE);
	if (iface->type == IFACE_VLAN)
		__atomic_store_n(iface_vlan_slot(table, iface), iface, __ATOMIC_RELEASE);
	__atomic_store_n(&table->changes, table->changes + 1, __ATOMIC_RELEASE);
}

/* From where readers find it, unless another one is there already. */
static void
withdraw(struct iface_table *table, const struct iface *iface)
{
	struct iface **slot = NULL;

	if (iface->type == IFACE_PORT)
		slot = &table->by_port[iface->port];
	else if (iface->type == IFACE_VLAN)
		slot = iface_vlan_slot(table, iface);
	if (slot != NULL && *slot == iface)
		__atomic_store_n(slot, NULL, __ATOMIC_RELEASE);
}

uint16_t
iface_index_next(const struct iface_table *table)
{
	uint16_t index = 0;

	while (index < IFACE_MAX && table->ifaces[index] != NULL)
		index++;
	return index;
}

int
iface_insert(
	struct iface_table *table, const struct iface *model, uint16_t *index, struct error *err)
{
	struct iface *iface;
	uint16_t slot = iface_index_next(table);
	int ret = model_check(table, model, NULL, err);

	if (ret != 0)
		return ret;
	if (slot == IFACE_MAX)
		return error_set(err, ENOSPC,
			"there are %u interfaces already, the most there can be", IFACE_MAX);
	iface = copy_create(table, model, slot, err);
	if (iface == NULL)
		return -ENOMEM;
	publish(table, iface);
	*index = slot;
	return 0;
}

int
iface_update(struct iface_table *table, const struct iface *changed, struct error *err)
{
	struct iface *old = changed->index < IFACE_MAX ? table->ifaces[changed->index] : NULL;
	struct iface *iface;
	int ret;

	if (old == NULL)
		return error_set(err, ENOENT, "there is no interface %s", changed->name);
	ret = model_check(table, changed, old, err);
	if (ret != 0)
		return ret;
	iface = copy_create(table, changed, changed->index, err);
	if (iface == NULL)
		return -ENOMEM;
	publish(table, iface);
	withdraw(table, old);
	retire(table, old);
	return 0;
}

void
iface_remove(struct iface_table *table, uint16_t index)
{
	struct iface *iface = index < IFACE_MAX ? table->ifaces[index] : NULL;

	if (iface == NULL)
		return;
	withdraw(table, iface);
	__atomic_store_n(&table->ifaces[index], NULL, __ATOMIC_RELEASE);
	__atomic_store_n(&table->changes, table->changes + 1, __ATOMIC_RELEASE);
	retire(table, iface);
}
