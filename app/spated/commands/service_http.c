/* SPDX-License-Identifier: BSD-3-Clause */
/* service ... http: the words of the HTTP server, and what it tells of itself. */
#include "commands/service.h"
#include "service/http.h"

#define HTTP_PORT 80

static int
http_parse_words(struct cli_call *call, struct stack_service_config *config)
{
	struct http_config wanted = {
		.connections_max = (uint32_t)cli_arg_number(call, "connections", HTTP_CONNECTIONS),
		.requests_max = (uint32_t)cli_arg_number(call, "requests", HTTP_REQUESTS),
		.idle_s = (uint32_t)cli_arg_number(call, "idle", HTTP_IDLE_S),
	};
	int rc;

	config->service.local.port = (uint16_t)cli_arg_number(call, "port", HTTP_PORT);
	/* `service stop` says only where it is. */
	if (!cli_arg_present(call, "dir"))
		return 0;
	rc = cli_arg_path(call, "dir", wanted.directory, sizeof(wanted.directory));
	if (rc < 0)
		return rc;
	config->service.options = http_config_create(&wanted, call->err);
	config->options_free = http_config_destroy;
	return config->service.options != NULL ? 0 : -call->err->errnum;
}

static void
http_append(const struct stack_service_config *config, struct strbuf *out)
{
	const struct http_config *http = config->service.options;
	char quoted[2 * sizeof(http->directory) + 2];

	strbuf_printf(out, " dir %s", cli_quote(http->directory, quoted, sizeof(quoted)));
	if (http->connections_max != HTTP_CONNECTIONS)
		strbuf_printf(out, " connections %u", http->connections_max);
	if (http->requests_max != HTTP_REQUESTS)
		strbuf_printf(out, " requests %u", http->requests_max);
	if (http->idle_s != HTTP_IDLE_S)
		strbuf_printf(out, " idle %u", http->idle_s);
}

static void
http_show(const struct stack_service *service, struct show *show)
{
	const struct http_config *http = service->config.service.options;
	struct http_counters counters;

	http_counters_sum(service->apps, service->app_count, &counters);
	show_string(show, "directory", http->directory);
	show_u64(show, "files", http->files.count);
	show_u64(show, "files_bytes", http->files.bytes);
	show_u64(show, "files_skipped", http->files.skipped);
	show_u64(show, "open", counters.open);
#define HTTP_COUNTER(name, help) show_u64(show, #name, counters.name);
	HTTP_COUNTERS(HTTP_COUNTER)
#undef HTTP_COUNTER
}

const struct service_words service_words_http = {
	.ops = &service_http,
	.parse = http_parse_words,
	.append = http_append,
	.show = http_show,
};
