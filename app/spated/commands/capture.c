/* SPDX-License-Identifier: BSD-3-Clause */
/* capture: what ports receive and send, in a file that Wireshark reads. */
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "capture/capture.h"
#include "commands/call.h"
#include "commands/commands.h"

struct capture_job {
	struct capture *capture;
	struct capture_config config; /* of the one that runs, or the last */
};

static int
capture_ports(struct cli_call *call, struct capture_config *config)
{
	const struct stack *stack = stack_of(call);
	const char *port_name = cli_arg_string(call, "port");
	const char *iface_name = cli_arg_string(call, "iface");
	const struct iface *iface;
	const struct port *port;

	if (port_name == NULL && iface_name == NULL) {
		for (port = port_next(&stack->ports, 0); port != NULL;
			port = port_next(&stack->ports, port->index + 1U))
			config->ports[config->port_count++] = port;
		return 0;
	}
	if (port_name != NULL) {
		port = port_lookup(&stack->ports, port_name);
		if (port == NULL)
			return cli_fail(call, "port", ENOENT,
				"no port \"%s\": 'port show' lists them", port_name);
		config->ports[config->port_count++] = port;
		return 0;
	}
	iface = iface_lookup(stack->ifaces, iface_name);
	if (iface == NULL)
		return cli_fail(call, "iface", ENOENT,
			"no interface \"%s\": 'iface show' lists them", iface_name);
	if (iface->port == PORT_NONE)
		return cli_fail(call, "iface", EINVAL, "%s is on no port", iface_name);
	config->ports[config->port_count++] = stack->ports.ports[iface->port];
	return 0;
}

static int
capture_config_get(struct cli_call *call, struct capture_config *config)
{
	const char *filter = cli_arg_string(call, "filter");
	int rc = cli_arg_path(call, "FILE", config->path, sizeof(config->path));

	if (rc < 0)
		return rc;
	config->directions = CAPTURE_IN | CAPTURE_OUT;
	if (cli_arg_present(call, "direction"))
		config->directions = cli_arg_present(call, "in") ? CAPTURE_IN : CAPTURE_OUT;
	if (filter != NULL &&
		strlcpy(config->filter, filter, sizeof(config->filter)) >= sizeof(config->filter))
		return cli_fail(call, "filter", E2BIG, "a filter has at most %d characters",
			CAPTURE_FILTER_MAX - 1);
	config->snaplen = (uint32_t)cli_arg_number(call, "snaplen", CAPTURE_SNAPLEN_DEFAULT);
	config->packets = cli_arg_number(call, "packets", 0);
	return capture_ports(call, config);
}

static int
job_create(struct daemon *daemon, struct error *err)
{
	if (daemon->capture != NULL)
		return 0;
	daemon->capture = calloc(1, sizeof(*daemon->capture));
	if (daemon->capture != NULL)
		daemon->capture->capture = capture_create(daemon->stack->rcu);
	if (daemon->capture != NULL && daemon->capture->capture != NULL)
		return 0;
	free(daemon->capture);
	daemon->capture = NULL;
	return error_set(err, ENOMEM, "no memory");
}

static int
start(struct cli_call *call)
{
	struct daemon *daemon = daemon_of(call);
	struct capture_config config = { 0 };
	int rc = capture_config_get(call, &config);

	if (rc == 0)
		rc = job_create(daemon, call->err);
	if (rc == 0)
		rc = capture_start(daemon->capture->capture, &config, call->err);
	if (rc < 0)
		return rc;
	daemon->capture->config = config;
	return 0;
}

static int
stop(struct cli_call *call)
{
	struct daemon *daemon = daemon_of(call);
	struct capture_stats stats = { 0 };

	if (daemon->capture != NULL)
		capture_stats(daemon->capture->capture, &stats);
	if (stats.state != CAPTURE_RUNNING)
		return error_set(
			call->err, ENOENT, "no capture runs: 'capture start FILE' starts one");
	capture_stop(daemon->capture->capture);
	capture_stats(daemon->capture->capture, &stats);
	cli_printf(call, "%llu packets in %s, %llu dropped\n", (unsigned long long)stats.written,
		daemon->capture->config.path, (unsigned long long)stats.drops);
	return 0;
}

static void
show_config(struct show *show, const struct capture_config *config)
{
	static const char *const directions[] = {
		[CAPTURE_IN] = "in",
		[CAPTURE_OUT] = "out",
		[CAPTURE_IN | CAPTURE_OUT] = "both",
	};

	show_string(show, "file", config->path);
	show_string(show, "direction", directions[config->directions]);
	show_string(show, "filter", config->filter[0] != '\0' ? config->filter : NULL);
	show_u64(show, "snaplen", config->snaplen);
	if (config->packets > 0)
		show_u64(show, "packets_max", config->packets);
	else
		show_none(show, "packets_max");
}

static int
capture_show(struct cli_call *call)
{
	static const char *const states[] = {
		[CAPTURE_NONE] = "none",
		[CAPTURE_RUNNING] = "running",
		[CAPTURE_STOPPED] = "stopped",
		[CAPTURE_FAILED] = "failed",
	};
	const struct capture_job *job = daemon_of(call)->capture;
	struct capture_stats stats = { 0 };
	struct show *show = call->show;

	if (job != NULL)
		capture_stats(job->capture, &stats);
	show_record_begin(show, NULL);
	show_string(show, "state", states[stats.state]);
	show_string(show, "error", stats.errnum != 0 ? strerror(stats.errnum) : NULL);
	if (stats.state != CAPTURE_NONE)
		show_config(show, &job->config);
	show_u64(show, "seen", stats.seen);
	show_u64(show, "filtered", stats.filtered);
	show_u64(show, "drops", stats.drops);
	show_u64(show, "written", stats.written);
	show_u64(show, "bytes", stats.bytes);
	show_record_end(show);
	return 0;
}

void
captures_poll(struct daemon *daemon)
{
	if (daemon->capture != NULL)
		capture_poll(daemon->capture->capture);
}

void
captures_port_detach(struct daemon *daemon, const struct port *port)
{
	if (daemon->capture != NULL)
		capture_port_detach(daemon->capture->capture, port);
}

void
captures_port_attach(struct daemon *daemon, const struct port *port)
{
	if (daemon->capture != NULL)
		capture_port_attach(daemon->capture->capture, port);
}

void
captures_stop(struct daemon *daemon)
{
	if (daemon->capture == NULL)
		return;
	capture_destroy(daemon->capture->capture);
	free(daemon->capture);
	daemon->capture = NULL;
}

static const struct cli_command commands[] = {
	{ "capture start FILE [port PORT | iface IFACE] [direction (in|out)] [filter WORD] "
	  "[snaplen N:64-65535] [packets N:1-1000000000]",
		"write what ports receive and send to a pcapng file\n"
		"port: only this one's packets\n"
		"iface: only those of the port that it is on\n"
		"filter: an expression as tcpdump's, in quotes: \"udp port 53\"\n"
		"snaplen: bytes of a packet that are kept (default 65535)\n"
		"packets: end after so many",
		start, CLI_NOT_IN_FILE },
	{ "capture stop", "end it, and close the file", stop, CLI_NOT_IN_FILE },
	{ "capture show", "the capture that runs, or the last", capture_show, CLI_SHOW },
};

const struct cli_noun cli_noun_capture = {
	.name = "capture",
	.help = "what ports receive and send, in a file",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
};
