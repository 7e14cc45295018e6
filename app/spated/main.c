/* SPDX-License-Identifier: BSD-3-Clause */
/* spated: the daemon's life, from the command line to the last packet buffer. */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "cli/config.h"
#include "cli/engine.h"
#include "cli/server.h"
#include "commands/commands.h"
#include "spated/check_host.h"
#include "spated/daemon.h"

/* Say what went wrong where the user looks: not yet, or no longer, at the log. */
static int
fail(const struct error *err)
{
	fprintf(stderr, "spated: %s\n", err->text);
	return EXIT_FAILURE;
}

static int
print_cli_doc(const struct cli *cli)
{
	struct strbuf doc = STRBUF_INIT;

	cli_doc(cli, &doc);
	fputs(strbuf_text(&doc), stdout);
	strbuf_free(&doc);
	return EXIT_SUCCESS;
}

/* What was said of a file; its lines but for the last end themselves. */
static void
print_errors(const struct strbuf *errors)
{
	if (errors->length > 0)
		fprintf(stderr, "spated: %s\n", strbuf_text(errors));
}

/* One phase of the configuration file: its errors name file and line. */
static int
run_config(struct daemon *daemon, struct cli_config *config, enum cli_config_phase phase)
{
	struct strbuf out = STRBUF_INIT, errors = STRBUF_INIT;
	int rc = 0;

	if (config != NULL)
		rc = cli_config_run(config, daemon->cli, phase, &out, &errors);
	fputs(strbuf_text(&out), stdout);
	print_errors(&errors);
	strbuf_free(&out);
	strbuf_free(&errors);
	return rc;
}

/* @param config with whose workers it would run; NULL: not known */
static int
print_host_check(struct daemon *daemon, struct cli_config *config)
{
	struct strbuf out = STRBUF_INIT;
	struct host_rights rights;
	unsigned missing;

	check_host_rights(&rights);
	if (run_config(daemon, config, CLI_CONFIG_START) < 0)
		return EXIT_FAILURE;
	rights.workers = config != NULL ? daemon->startup.worker_count : 0;
	missing = check_host("", &rights, &out);
	fputs(strbuf_text(&out), stdout);
	strbuf_free(&out);
	return missing == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
read_config(struct daemon *daemon, struct cli_config **config)
{
	struct strbuf errors = STRBUF_INIT;

	*config = NULL;
	if (daemon->options.config_path == NULL)
		return 0;
	*config = cli_config_read(daemon->cli, daemon->options.config_path, &errors);
	print_errors(&errors);
	strbuf_free(&errors);
	return *config != NULL ? 0 : -EINVAL;
}

/* With DPDK and the workers running: the rest of the configuration, then clients until the end. */
static int
serve(struct daemon *daemon, struct cli_config *config, int signal_fd)
{
	struct error err;

	if (run_config(daemon, config, CLI_CONFIG_REST) < 0)
		return EXIT_FAILURE;
	daemon->server = cli_server_open(daemon->cli, daemon->options.socket_path, &err);
	if (daemon->server == NULL)
		return fail(&err);
	telemetry_open(daemon);
	log(daemon, NOTICE, "ready: %u workers, CLI at %s", daemon->stack->worker_count,
		daemon->options.socket_path);
	process_ready(daemon);
	notify_send(&daemon->notify, "READY=1");
	control_run(daemon, signal_fd);
	notify_send(&daemon->notify, "STOPPING=1");
	log(daemon, NOTICE, "stopping");
	telemetry_close();
	jobs_stop(daemon);
	cli_server_close(daemon->server);
	captures_stop(daemon);
	return EXIT_SUCCESS;
}

static int
start(struct daemon *daemon, struct cli_config *config)
{
	struct error err;
	int signal_fd, status;

	if (run_config(daemon, config, CLI_CONFIG_START) < 0)
		return EXIT_FAILURE;
	signal_fd = control_signals(&err);
	if (signal_fd < 0)
		return fail(&err);
	if (process_lock_pid(daemon, &err) < 0)
		return fail(&err);
	if (startup_run(daemon, &err) < 0) {
		process_unlock_pid(daemon);
		return fail(&err);
	}
	cli_set_started(daemon->cli);
	notify_open(&daemon->notify);
	status = serve(daemon, config, signal_fd);
	notify_close(&daemon->notify);
	stack_stop(daemon->stack);
	stack_destroy(daemon->stack);
	shared_apps_unload(&daemon->apps);
	startup_cleanup(daemon);
	process_unlock_pid(daemon);
	return status;
}

int
main(int argc, char **argv)
{
	struct daemon daemon = { .pid_fd = -1, .ready_fd = -1 };
	struct cli_config *config = NULL;
	struct error err;
	int rc = options_parse(&daemon.options, argc, argv);

	if (rc != 0)
		return rc < 0 ? 2 : EXIT_SUCCESS;
	TAILQ_INIT(&daemon.jobs);
	TAILQ_INIT(&daemon.apps);
	startup_init(&daemon.startup);
	daemon.cli = cli_create(commands_nouns, commands_noun_count, &daemon, &err);
	if (daemon.cli == NULL)
		return fail(&err);
	commands_complete(daemon.cli);
	if (daemon.options.print_cli_doc) {
		rc = print_cli_doc(daemon.cli);
		goto destroy_cli;
	}
	rc = EXIT_FAILURE;
	if (read_config(&daemon, &config) < 0)
		goto destroy_cli;
	if (daemon.options.check_host) {
		rc = print_host_check(&daemon, config);
		goto destroy_cli;
	}
	if (daemon.options.background && process_background(&daemon) < 0)
		goto destroy_cli;
	if (process_log_open(&daemon) < 0)
		goto destroy_cli;
	rc = start(&daemon, config);
destroy_cli:
	cli_config_free(config);
	cli_destroy(daemon.cli);
	startup_fini(&daemon.startup);
	return rc;
}
