/* SPDX-License-Identifier: BSD-3-Clause */
/* Services: an application is started and stopped on all workers, each of which has its own instance. */
#include "stack/worker.h"

#include <errno.h>
#include <stdlib.h>

struct service_msg {
	struct worker_msg msg;
	struct sock_app *app;
	const struct sock_service *config;
	int rc;
};

static void
service_start_run(struct worker *w, struct worker_msg *msg)
{
	struct service_msg *start = (struct service_msg *)msg;

	start->rc = sock_app_start(w->socks, start->app, start->config);
}

static void
service_stop_run(struct worker *w, struct worker_msg *msg)
{
	(void)w;
	sock_app_stop(((struct service_msg *)msg)->app);
}

const char *
stack_service_name(const struct stack_service_config *config)
{
	return config->name[0] != '\0' ? config->name : config->ops->name;
}

/* An application under the same name, at the same place: options may differ. */
static bool
is_same_service(const struct stack_service_config *a, const struct stack_service_config *b)
{
	return a->ops == b->ops && strcmp(stack_service_name(a), stack_service_name(b)) == 0 &&
		a->service.vrf == b->service.vrf &&
		a->service.local.port == b->service.local.port &&
		ip_addr_equal(&a->service.local.addr, &b->service.local.addr);
}

static struct stack_service *
service_find(const struct stack *stack, const struct stack_service_config *config)
{
	struct stack_service *service;

	TAILQ_FOREACH (service, &stack->services, entry) {
		if (is_same_service(&service->config, config))
			return service;
	}
	return NULL;
}

static void
options_free(const struct stack_service_config *config)
{
	if (config->options_free != NULL)
		config->options_free((void *)(uintptr_t)config->service.options);
}

static void
service_free(struct stack_service *service, unsigned worker_count)
{
	const struct sock_app_ops *ops = service->config.ops;

	for (unsigned i = 0; i < worker_count; i++) {
		if (service->apps[i] != NULL && ops->destroy != NULL)
			ops->destroy(service->apps[i]);
		free(service->apps[i]);
	}
	options_free(&service->config);
	free((void *)(uintptr_t)service->config.service.args);
	free(service);
}

/* With its state, in cache lines of its own, which are there: who writes them first does not wait. */
static int
app_create(const struct stack_service_config *config, struct sock_app **out)
{
	const struct sock_app_ops *ops = config->ops;
	const size_t head = RTE_ALIGN_CEIL(sizeof(struct sock_app), (size_t)RTE_CACHE_LINE_SIZE);
	const size_t size = RTE_ALIGN_CEIL(head + ops->state_size, (size_t)RTE_CACHE_LINE_SIZE);
	struct sock_app *app = aligned_alloc(RTE_CACHE_LINE_SIZE, size);

	*out = app;
	if (app == NULL)
		return -ENOMEM;
	memset(app, 0, size);
	app->ops = ops;
	app->state = (uint8_t *)app + head;
	return ops->create != NULL ? ops->create(app, &config->service) : 0;
}

static int
service_create(const struct stack *stack, const struct stack_service_config *config,
	struct stack_service **out)
{
	struct stack_service *service =
		calloc(1, sizeof(*service) + stack->worker_count * sizeof(service->apps[0]));
	int rc = 0;

	if (service == NULL) {
		options_free(config);
		return -ENOMEM;
	}
	service->config = *config;
	if (config->service.args != NULL) {
		service->config.service.args = strdup(config->service.args);
		rc = service->config.service.args != NULL ? 0 : -ENOMEM;
	}
	for (unsigned i = 0; i < stack->worker_count && rc == 0; i++)
		rc = app_create(&service->config, &service->apps[i]);
	if (rc < 0)
		service_free(service, stack->worker_count);
	else
		*out = service;
	return rc;
}

/* On those workers on which it runs. */
static void
service_stop(struct stack *stack, struct stack_service *service)
{
	struct service_msg stop = { .msg = { .run = service_stop_run } };

	for (unsigned i = 0; i < service->app_count; i++) {
		stop.app = service->apps[i];
		mailbox_call(stack->workers[i], &stop.msg);
	}
	service_free(service, stack->worker_count);
}

static int
service_error(const struct stack_service_config *config, int rc, struct error *err)
{
	const struct sock_service *service = &config->service;
	char text[IP_TEXT_MAX];

	ip_addr_format(&service->local.addr, text);
	switch (-rc) {
	case EADDRINUSE:
		return error_set(err, EADDRINUSE,
			"port %u is taken: 'udp show' and 'service show' say by whom",
			service->local.port);
	case EADDRNOTAVAIL:
		return error_set(
			err, EADDRNOTAVAIL, "%s is not an address of this VRF of ours", text);
	case ENFILE: return error_set(err, ENFILE, "as many sockets are open as may be");
	default: return error_set(err, -rc, "%s: %s", config->ops->name, strerror(-rc));
	}
}

/* Sockets with the same keys: those of any address of IPv6, or of none, have IPv4's too. */
static bool
is_same_place(const struct sock_service *a, const struct sock_service *b)
{
	const bool any = ip_addr_is_unspecified(&a->local.addr);

	if (a->local.port == 0 || a->vrf != b->vrf || a->local.port != b->local.port ||
		any != ip_addr_is_unspecified(&b->local.addr))
		return false;
	return any || ip_addr_equal(&a->local.addr, &b->local.addr);
}

const struct stack_service *
stack_service_find(const struct stack *stack, const struct stack_service_config *config)
{
	return service_find(stack, config);
}

static bool
is_same_proto(const struct sock_app_ops *a, const struct sock_app_ops *b)
{
	return a->proto == b->proto || a->proto == SOCK_PROTO_COUNT || b->proto == SOCK_PROTO_COUNT;
}

/* @return 0, or why it cannot be started where it is to be */
static int
place_check(const struct stack *stack, const struct stack_service_config *config, struct error *err)
{
	const struct stack_service *service;

	if (service_find(stack, config) != NULL)
		return error_set(err, EEXIST, "%s runs there already", stack_service_name(config));
	/* Their sockets would share the port, and each get a part of the flows. */
	TAILQ_FOREACH (service, &stack->services, entry) {
		if (is_same_proto(service->config.ops, config->ops) &&
			is_same_place(&service->config.service, &config->service))
			return service_error(config, -EADDRINUSE, err);
	}
	return 0;
}

/* On all workers. */
static int
service_start(struct stack *stack, struct stack_service *service)
{
	struct service_msg start = { .msg = { .run = service_start_run },
		.config = &service->config.service };

	for (; service->app_count < stack->worker_count; service->app_count++) {
		start.app = service->apps[service->app_count];
		mailbox_call(stack->workers[service->app_count], &start.msg);
		if (start.rc < 0)
			return start.rc;
	}
	return 0;
}

int
stack_service_start(
	struct stack *stack, const struct stack_service_config *config, struct error *err)
{
	struct stack_service *service;
	int rc = place_check(stack, config, err);

	if (rc < 0) {
		options_free(config);
		return rc;
	}
	rc = service_create(stack, config, &service);
	if (rc < 0)
		return service_error(config, rc, err);
	rc = service_start(stack, service);
	if (rc < 0) {
		service_stop(stack, service);
		return service_error(config, rc, err);
	}
	stack_vrf_hold(stack, config->service.vrf);
	TAILQ_INSERT_TAIL(&stack->services, service, entry);
	return 0;
}

int
stack_app_start(struct stack *stack, struct sock_app *app)
{
	return sock_app_start(stack->workers[0]->socks, app, NULL);
}

static void
service_end(struct stack *stack, struct stack_service *service)
{
	TAILQ_REMOVE(&stack->services, service, entry);
	stack_vrf_release(stack, service->config.service.vrf);
	service_stop(stack, service);
}

int
stack_service_stop(
	struct stack *stack, const struct stack_service_config *config, struct error *err)
{
	struct stack_service *service = service_find(stack, config);

	if (service == NULL)
		return error_set(err, ENOENT, "no %s runs there: 'service show' lists them",
			stack_service_name(config));
	service_end(stack, service);
	return 0;
}

void
stack_services_stop(struct stack *stack)
{
	struct stack_service *service;

	while ((service = TAILQ_FIRST(&stack->services)) != NULL)
		service_end(stack, service);
}
