/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of the noun service share: service.c, and one file for each with words of its own. */
#ifndef COMMANDS_SERVICE_H
#define COMMANDS_SERVICE_H

#include "cli/cli.h"
#include "stack/stack.h"

/* A service whose command has words of its own, which become its options. */
struct service_words {
	const struct sock_app_ops *ops;
	/* The words to options, and a name if there is one. @return 0 or -errno with call->err set */
	int (*parse)(struct cli_call *call, struct stack_service_config *config);
	/* The options to words: " dir /srv/www" */
	void (*append)(const struct stack_service_config *config, struct strbuf *out);
	/* Fields of a record that `service show NAME` tells beside. */
	void (*show)(const struct stack_service *service, struct show *show);
};

extern const struct service_words service_words_http;
extern const struct service_words service_words_bench_server;
extern const struct service_words service_words_bench_client;

struct stack *service_stack(const struct cli_call *call);

/* The words that start a service again. */
typedef void service_append_fn(
	const struct stack *stack, const struct stack_service_config *config, struct strbuf *out);
/* service stop, of which service start is the undoing */
int service_end(struct cli_call *call, const struct stack_service_config *config,
	service_append_fn *append);

#endif
