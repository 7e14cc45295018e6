/* SPDX-License-Identifier: BSD-3-Clause */
/* The HTTP server, for those who start it and show it. */
#ifndef SERVICE_HTTP_H
#define SERVICE_HTTP_H

#include "base/counter.h"
#include "service/http_files.h"
#include "service/service.h"

struct http_config {
	char directory[512];
	uint32_t connections_max; /* of each worker */
	uint32_t requests_max; /* of a connection */
	uint32_t idle_s; /* a connection without a request */
	struct http_files files;
};

/* As long as the user does not say otherwise. */
#define HTTP_CONNECTIONS 512
#define HTTP_REQUESTS    100000
#define HTTP_IDLE_S      60

/* Written by the worker, read by all: one name and what it says a line. */
#define HTTP_COUNTERS(X)                                               \
	X(connections, "accepted")                                     \
	X(refused, "connections beyond the limit")                     \
	X(timeouts, "connections that were idle or slow for too long") \
	X(requests, "answered, whatever the answer was")               \
	X(bytes, "sent, with the headers")                             \
	X(ok, "200: whole files")                                      \
	X(partial, "206: parts of files")                              \
	X(not_modified, "304: the client has it")                      \
	X(redirected, "301: to a directory's own path")                \
	X(client_errors, "4xx")                                        \
	X(server_errors, "5xx")

struct http_counters {
#define HTTP_COUNTER(name, help) uint64_t name;
	HTTP_COUNTERS(HTTP_COUNTER)
#undef HTTP_COUNTER
	uint64_t open; /* connections, now */
};

/*
 * Read the directory into memory. Runs on the control thread.
 * @return NULL with `err` set
 */
struct http_config *http_config_create(const struct http_config *wanted, struct error *err);
void http_config_destroy(void *config);

/* Counters of all instances together. */
void http_counters_sum(struct sock_app *const *apps, unsigned count, struct http_counters *sum);

#endif
