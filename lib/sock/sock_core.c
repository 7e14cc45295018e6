/* SPDX-License-Identifier: BSD-3-Clause */
/* A worker's sockets, and the applications that have them. Called by lib/stack. */
#include "sock/sock_priv.h"

#include <rte_malloc.h>

#include "cc/cc.h"

struct sock_core *
sock_core_create(const struct sock_config *config)
{
	struct sock_core *core = rte_zmalloc_socket("sock", sizeof(*core), 64, config->numa_node);

	if (core == NULL)
		return NULL;
	core->config = *config;
	sock_port_init(core);
	sock_timer_init(core);
	for (unsigned i = 0; i < IP_VRF_MAX; i++)
		sock_congestion_set(core, (uint16_t)i, cc_default());
	TAILQ_INIT(&core->again);
	STAILQ_INIT(&core->starved);
	core->socks = rte_calloc_socket(
		"socks", config->socks_max, sizeof(*core->socks), 64, config->numa_node);
	core->free_socks = rte_calloc_socket(
		"free socks", config->socks_max, sizeof(*core->free_socks), 64, config->numa_node);
	if (core->socks == NULL || core->free_socks == NULL || sock_sctp_core_init(core) != 0) {
		sock_core_destroy(core);
		return NULL;
	}
	core->free_count = config->socks_max;
	for (uint32_t i = 0; i < config->socks_max; i++)
		core->free_socks[i] = config->socks_max - 1 - i;
	return core;
}

void
sock_core_destroy(struct sock_core *core)
{
	if (core == NULL)
		return;
	sock_sctp_core_fini(core);
	rte_free(core->free_socks);
	rte_free(core->socks);
	rte_free(core);
}

static void
app_close_all(struct sock_app *app)
{
	struct sock_timer *timer;
	struct sock *sock;

	while ((timer = LIST_FIRST(&app->timers)) != NULL)
		sock_timer_clear(timer);
	while ((sock = TAILQ_FIRST(&app->socks)) != NULL)
		sock_close(sock);
}

int
sock_app_start(struct sock_core *core, struct sock_app *app, const void *config)
{
	int rc;

	app->core = core;
	TAILQ_INIT(&app->socks);
	LIST_INIT(&app->timers);
	rc = app->ops->start(app, config);
	if (rc < 0)
		app_close_all(app);
	return rc;
}

void
sock_app_stop(struct sock_app *app)
{
	if (app->ops->stop != NULL)
		app->ops->stop(app);
	app_close_all(app);
}

const char *
sock_app_name(const struct sock *sock)
{
	return sock->app->ops->name;
}
