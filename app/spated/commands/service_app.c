/* SPDX-License-Identifier: BSD-3-Clause */
/* service: applications in shared objects. They are loaded once, and started as services are. */
#include "commands/service_app.h"

#include <limits.h>
#include <string.h>

#include "commands/call.h"
#include "commands/parse_vrf.h"
#include "commands/service.h"
#include "service/service.h"

/* Words for an application: a line has room for more. */
#define ARGS_MAX 1024

/* ---- load ---- */

static bool
name_is_ours(const char *name)
{
	const struct sock_app_ops *ops;

	for (unsigned i = 0; (ops = service_get(i)) != NULL; i++) {
		if (strcmp(ops->name, name) == 0)
			return true;
	}
	return false;
}

static unsigned
running_count(const struct daemon *daemon, const struct shared_app *app)
{
	const struct stack_service *service;
	unsigned count = 0;

	TAILQ_FOREACH (service, &daemon->stack->services, entry)
		count += service->config.ops == &app->ops;
	return count;
}

/* "service load PATH name NAME", as it is loaded again. */
static void
load_append(const struct shared_app *app, struct strbuf *out)
{
	char quoted[2 * PATH_MAX];

	strbuf_printf(out, "service load %s name %s", cli_quote(app->path, quoted, sizeof(quoted)),
		app->name);
}

int
service_app_load(struct cli_call *call)
{
	struct daemon *daemon = daemon_of(call);
	struct shared_app *app;
	char path[PATH_MAX];
	int rc = cli_arg_path(call, "FILE", path, sizeof(path));

	if (rc < 0)
		return rc;
	rc = shared_app_load(&daemon->apps, path, cli_arg_string(call, "name"), &app, call->err);
	if (rc < 0)
		return rc;
	if (name_is_ours(app->name)) {
		rc = error_set(call->err, EEXIST,
			"%s is a service that comes with spated: 'name' gives another", app->name);
		shared_app_discard(&daemon->apps, app);
		return rc;
	}
	cli_undo(call, "service unload %s", app->name);
	return 0;
}

static int
app_parse(struct cli_call *call, struct shared_app **app)
{
	const char *name = cli_arg_string(call, "APP");

	*app = shared_app_find(&daemon_of(call)->apps, name);
	if (*app == NULL)
		return cli_fail(call, "APP", ENOENT,
			"no application \"%s\" is loaded: 'service load FILE' loads one", name);
	return 0;
}

int
service_app_unload(struct cli_call *call)
{
	struct strbuf line = STRBUF_INIT;
	struct shared_app *app;
	int rc = app_parse(call, &app);

	if (rc < 0)
		return rc;
	if (running_count(daemon_of(call), app) > 0)
		return cli_fail(call, "APP", EBUSY, "%s runs: 'service stop app %s ...' ends it",
			app->name, app->name);
	load_append(app, &line);
	rc = shared_app_unload(&daemon_of(call)->apps, app, call->err);
	if (rc == 0)
		cli_undo(call, "%s", strbuf_text(&line));
	strbuf_free(&line);
	return rc;
}

int
service_app_show(struct cli_call *call)
{
	const struct daemon *daemon = daemon_of(call);
	const struct shared_app *app;

	show_list_begin(call->show, NULL);
	TAILQ_FOREACH (app, &daemon->apps, entry) {
		show_record_begin(call->show, NULL);
		show_string(call->show, "application", app->name);
		show_string(call->show, "file", app->path);
		show_u64(call->show, "services", running_count(daemon, app));
		show_u64(call->show, "state_bytes", app->ops.state_size);
		show_bool(call->show, "stays", app->stays);
		show_record_end(call->show);
	}
	show_list_end(call->show);
	return 0;
}

/* ---- start and stop ---- */

static int
service_parse(struct cli_call *call, struct stack_service_config *config)
{
	struct shared_app *app;
	int rc = app_parse(call, &app);

	if (rc == 0)
		rc = parse_vrf(call, daemon_of(call)->stack, "vrf", &config->service.vrf);
	if (rc < 0)
		return rc;
	config->ops = &app->ops;
	config->service.args = cli_arg_string(call, "args");
	if (config->service.args != NULL && strlen(config->service.args) > ARGS_MAX)
		return cli_fail(call, "args", E2BIG, "at most %d characters", ARGS_MAX);
	return service_addr_parse(call, &config->service.local);
}

/* "app mirror port 7 addr 10.0.0.1 vrf red": as it is started and stopped. */
static void
service_append(const struct stack *stack, const struct stack_service_config *config, bool args,
	struct strbuf *out)
{
	const struct sock_service *service = &config->service;
	char text[IP_TEXT_MAX], quoted[2 * ARGS_MAX + 3];

	strbuf_printf(out, "app %s", config->ops->name);
	if (service->local.port != 0)
		strbuf_printf(out, " port %u", service->local.port);
	if (service->local.addr.family != IP_FAMILY_NONE)
		strbuf_printf(out, " addr %s", ip_addr_format(&service->local.addr, text));
	vrf_append(stack, service->vrf, out);
	if (args && service->args != NULL)
		strbuf_printf(out, " args %s", cli_quote(service->args, quoted, sizeof(quoted)));
}

static void
start_append(
	const struct stack *stack, const struct stack_service_config *config, struct strbuf *out)
{
	service_append(stack, config, true, out);
}

int
service_app_start(struct cli_call *call)
{
	struct stack *stack = daemon_of(call)->stack;
	struct stack_service_config config = { 0 };
	struct strbuf line = STRBUF_INIT;
	int rc = service_parse(call, &config);

	if (rc == 0)
		rc = stack_service_start(stack, &config, call->err);
	if (rc < 0)
		return rc;
	service_append(stack, &config, false, &line);
	cli_undo(call, "service stop %s", strbuf_text(&line));
	strbuf_free(&line);
	return 0;
}

int
service_app_stop(struct cli_call *call)
{
	struct stack_service_config config = { 0 };
	int rc = service_parse(call, &config);

	return rc < 0 ? rc : service_end(call, &config, start_append);
}

/* ---- config ---- */

bool
service_is_app(const struct daemon *daemon, const struct stack_service *service)
{
	return shared_app_of(&daemon->apps, service->config.ops) != NULL;
}

void
service_app_config(const struct daemon *daemon, struct strbuf *out)
{
	const struct stack_service *service;
	const struct shared_app *app;

	TAILQ_FOREACH (app, &daemon->apps, entry) {
		load_append(app, out);
		strbuf_append(out, "\n");
	}
	TAILQ_FOREACH (service, &daemon->stack->services, entry) {
		if (!service_is_app(daemon, service))
			continue;
		strbuf_append(out, "service start ");
		service_append(daemon->stack, &service->config, true, out);
		strbuf_append(out, "\n");
	}
}
