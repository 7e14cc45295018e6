/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What ThreadSanitizer has to see of DPDK, whose libraries are compiled without it: how packets that
 * are free, memory that nobody reads any more, and threads that start and end pass from one thread
 * to another. Without this it takes each of these for a race. Linked into tests of such builds only;
 * tsan_dpdk.h is the part for DPDK's headers.
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sanitizer/tsan_interface.h>
#include <stdlib.h>
#include <string.h>

#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_mempool.h>
#include <rte_rcu_qsbr.h>

/* ---- the end of a grace period: what DPDK's does, from its header's functions ---- */

void
rte_rcu_qsbr_synchronize(struct rte_rcu_qsbr *v, unsigned thread_id)
{
	uint64_t token = rte_rcu_qsbr_start(v);

	if (thread_id != RTE_QSBR_THRID_INVALID)
		rte_rcu_qsbr_quiescent(v, thread_id);
	rte_rcu_qsbr_check(v, token, true);
}

/* ---- functions on lcores: DPDK's, with their beginning and end made known ---- */

static struct lcore_call {
	lcore_function_t *function;
	void *arg;
} lcore_calls[RTE_MAX_LCORE];

static int
lcore_run(void *arg)
{
	struct lcore_call *call = arg;
	int ret;

	__tsan_acquire(call);
	ret = call->function(call->arg);
	__tsan_release(call);
	return ret;
}

int
rte_eal_remote_launch(lcore_function_t *function, void *arg, unsigned lcore)
{
	int (*launch)(lcore_function_t * function, void *arg, unsigned lcore) =
		dlsym(RTLD_NEXT, "rte_eal_remote_launch");
	struct lcore_call *call = &lcore_calls[lcore];

	*call = (struct lcore_call){ function, arg };
	__tsan_release(call);
	return launch(lcore_run, call, lcore);
}

int
rte_eal_wait_lcore(unsigned lcore)
{
	int (*wait)(unsigned lcore) = dlsym(RTLD_NEXT, "rte_eal_wait_lcore");
	int ret = wait(lcore);

	__tsan_acquire(&lcore_calls[lcore]);
	return ret;
}

/* ---- packet pools ---- */

struct free_list {
	pthread_mutex_t lock;
	unsigned count;
	void *objects[]; /* [mp->size] */
};

static int
free_list_alloc(struct rte_mempool *mp)
{
	struct free_list *list = calloc(1, sizeof(*list) + mp->size * sizeof(list->objects[0]));

	if (list == NULL)
		return -ENOMEM;
	pthread_mutex_init(&list->lock, NULL);
	mp->pool_data = list;
	return 0;
}

static void
free_list_free(struct rte_mempool *mp)
{
	struct free_list *list = mp->pool_data;

	pthread_mutex_destroy(&list->lock);
	free(list);
}

static int
free_list_enqueue(struct rte_mempool *mp, void *const *objects, unsigned n)
{
	struct free_list *list = mp->pool_data;

	pthread_mutex_lock(&list->lock);
	memcpy(list->objects + list->count, objects, n * sizeof(*objects));
	list->count += n;
	pthread_mutex_unlock(&list->lock);
	return 0;
}

static int
free_list_dequeue(struct rte_mempool *mp, void **objects, unsigned n)
{
	struct free_list *list = mp->pool_data;
	int ret = -ENOBUFS;

	pthread_mutex_lock(&list->lock);
	if (n <= list->count) {
		list->count -= n;
		memcpy(objects, list->objects + list->count, n * sizeof(*objects));
		ret = 0;
	}
	pthread_mutex_unlock(&list->lock);
	return ret;
}

static unsigned
free_list_count(const struct rte_mempool *mp)
{
	struct free_list *list = mp->pool_data;
	unsigned count;

	pthread_mutex_lock(&list->lock);
	count = list->count;
	pthread_mutex_unlock(&list->lock);
	return count;
}

static const struct rte_mempool_ops free_list_ops = {
	.name = "free_list", /* eal.c asks for it by this name */
	.alloc = free_list_alloc,
	.free = free_list_free,
	.enqueue = free_list_enqueue,
	.dequeue = free_list_dequeue,
	.get_count = free_list_count,
};

RTE_MEMPOOL_REGISTER_OPS(free_list_ops)
