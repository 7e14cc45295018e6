/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A part of stack.h: services, which are applications on the workers, and their sockets.
 */
#ifndef STACK_STACK_SERVICE_H
#define STACK_STACK_SERVICE_H

#include "stack/stack.h"

#define STACK_SERVICE_NAME_MAX 32

/** What a service is started with. Its start() gets a struct sock_service as its configuration. */
struct stack_service_config {
	const struct sock_app_ops *ops; /**< stays as long as the service runs */
	struct sock_service service;
	/** Frees service.options when nobody uses them any more; NULL: they stay. */
	void (*options_free)(void *options);
	char name[STACK_SERVICE_NAME_MAX]; /**< as the user calls it; "": as its application */
};

/** A service that runs: an instance on each worker. */
struct stack_service {
	TAILQ_ENTRY(stack_service) entry;
	struct stack_service_config config;
	unsigned app_count;
	struct sock_app *apps[]; /**< by worker, none of which writes what another reads */
};

/** The name of a service: the user's or its application's. */
const char *stack_service_name(const struct stack_service_config *config);
/**
 * Its options are the service's from here on, also if it cannot be started.
 * @return 0; -EEXIST: it runs there already; -EADDRINUSE, -EADDRNOTAVAIL, -ENFILE, -ENOMEM
 */
int stack_service_start(
	struct stack *stack, const struct stack_service_config *config, struct error *err);
/**
 * The service of that application and name, on that address and port of that VRF, whatever its options
 * are; NULL: there is none
 */
const struct stack_service *stack_service_find(
	const struct stack *stack, const struct stack_service_config *config);
/** Likewise, to end it: all workers have run its stop(). -ENOENT */
int stack_service_stop(
	struct stack *stack, const struct stack_service_config *config, struct error *err);
/** Begin an application on the first worker, of a stack whose workers the caller runs. */
int stack_app_start(struct stack *stack, struct sock_app *app);

/** A socket, for a show. */
struct stack_udp_info {
	unsigned worker;
	const char *app;
	struct udp_socket socket; /**< its pointers lead nowhere */
};
/**
 * Copy the next sockets of a worker, from a place on.
 * @return how many; *place: where to go on
 */
unsigned stack_udp_sockets(struct stack *stack, unsigned worker, struct stack_udp_info *infos,
	unsigned max, uint32_t *place);
/** @param worker index, or worker_count for the sum of all. @param sockets that are open */
void stack_udp_stats(const struct stack *stack, unsigned worker, struct udp_counters *counters,
	uint32_t *sockets);

#endif
