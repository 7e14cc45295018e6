/* SPDX-License-Identifier: BSD-3-Clause */
/* service: applications that run on the workers. */
#include "commands/commands.h"
#include "commands/parse_vrf.h"
#include "commands/service_app.h"
#include "service/service.h"
#include "spated/daemon.h"

static struct stack *
stack_of(const struct cli_call *call)
{
	return ((struct daemon *)call->daemon)->stack;
}

/* The one whose name is among the words. */
static const struct sock_app_ops *
service_of(const struct cli_call *call)
{
	const struct sock_app_ops *ops;

	for (unsigned i = 0; (ops = service_get(i)) != NULL; i++) {
		if (cli_arg_present(call, ops->name))
			break;
	}
	return ops;
}

int
service_addr_parse(struct cli_call *call, struct sock_addr *local)
{
	local->port = (uint16_t)cli_arg_number(call, "port", 0);
	local->iface = PKT_IFACE_NONE;
	if (cli_arg_addr(call, "addr", &local->addr) &&
		(ip_addr_is_link_local(&local->addr) || ip_addr_is_multicast(&local->addr)))
		return cli_fail(call, "addr", EINVAL,
			"a service has an address that is more than one link's: without 'addr' it "
			"has all of them");
	return 0;
}

static int
service_parse(struct cli_call *call, struct stack_service_config *config)
{
	int rc = parse_vrf(call, stack_of(call), "vrf", &config->service.vrf);

	if (rc < 0)
		return rc;
	config->ops = service_of(call);
	return service_addr_parse(call, &config->service.local);
}

/* "udp-echo port 7 addr 10.0.0.1 vrf red": as it is started and stopped. */
static void
service_append(
	const struct stack *stack, const struct stack_service_config *config, struct strbuf *out)
{
	const struct sock_addr *local = &config->service.local;
	char text[IP_TEXT_MAX];

	strbuf_printf(out, "%s port %u", config->ops->name, local->port);
	if (local->addr.family != IP_FAMILY_NONE)
		strbuf_printf(out, " addr %s", ip_addr_format(&local->addr, text));
	vrf_append(stack, config->service.vrf, out);
}

static void
service_undo(struct cli_call *call, const char *verb, const struct stack_service_config *config)
{
	struct strbuf line = STRBUF_INIT;

	service_append(stack_of(call), config, &line);
	cli_undo(call, "service %s %s", verb, strbuf_text(&line));
	strbuf_free(&line);
}

static int
service_start(struct cli_call *call)
{
	struct stack_service_config config = { 0 };
	int rc = service_parse(call, &config);

	if (rc == 0)
		rc = stack_service_start(stack_of(call), &config, call->err);
	if (rc == 0)
		service_undo(call, "stop", &config);
	return rc;
}

static int
service_stop(struct cli_call *call)
{
	struct stack_service_config config = { 0 };
	int rc = service_parse(call, &config);

	if (rc == 0)
		rc = stack_service_stop(
			stack_of(call), config.ops->name, &config.service, call->err);
	if (rc == 0)
		service_undo(call, "start", &config);
	return rc;
}

static int
service_show(struct cli_call *call)
{
	const struct stack *stack = stack_of(call);
	const struct stack_service *service;
	char text[IP_TEXT_MAX];

	show_list_begin(call->show, NULL);
	TAILQ_FOREACH (service, &stack->services, entry) {
		const struct sock_service *s = &service->config.service;

		show_record_begin(call->show, NULL);
		show_string(call->show, "service", service->config.ops->name);
		show_string(call->show, "vrf", stack->vrfs[s->vrf]->name);
		show_string(call->show, "address",
			s->local.addr.family != IP_FAMILY_NONE
				? ip_addr_format(&s->local.addr, text)
				: "any");
		show_u64(call->show, "port", s->local.port);
		show_record_end(call->show);
	}
	show_list_end(call->show);
	return 0;
}

static void
service_config(void *arg, struct strbuf *out)
{
	const struct stack *stack = ((struct daemon *)arg)->stack;
	const struct stack_service *service;

	service_app_config(arg, out);
	TAILQ_FOREACH (service, &stack->services, entry) {
		if (service_is_app(arg, service))
			continue;
		strbuf_append(out, "service start ");
		service_append(stack, &service->config, out);
		strbuf_append(out, "\n");
	}
}

#define SERVICE_ARGS                                                         \
	"udp-echo|udp-discard|udp-chargen|tcp-echo|tcp-discard|tcp-chargen " \
	"port N:1-65535 [addr ADDR] [vrf VRF]"

static const struct cli_command commands[] = {
	{ "service start " SERVICE_ARGS,
		"serve a port, on all workers\n"
		"udp-echo: what comes goes back (RFC 862)\n"
		"udp-discard: what comes is thrown away (RFC 863)\n"
		"udp-chargen: up to 512 characters, but no more than came (RFC 864)\n"
		"tcp-echo: what comes goes back, until the peer ends (RFC 862)\n"
		"tcp-discard: what comes is thrown away, until the peer ends (RFC 863)\n"
		"tcp-chargen: lines without end, until the peer ends (RFC 864)\n"
		"port: of UDP below 1024 nothing that such a service says is answered; above, a forged\n"
		"datagram can have two of them answer each other for ever\n"
		"addr: an address of ours, now or later; without it all of both families\n"
		"vrf: whose addresses; the default one",
		service_start, 0 },
	{ "service stop " SERVICE_ARGS, "end what was started with the same words", service_stop,
		0 },
	{ "service show", "services that run", service_show, CLI_SHOW },
	{ "service load FILE [name NAME]",
		"load an application of others, a shared object; doc/applications.md says how to write one\n"
		"FILE: what it does at once, and all that it does later, it does as spated\n"
		"name: what it is called from now on, if not as it calls itself",
		service_app_load, 0 },
	{ "service unload APP", "of which no service runs; the file may be another then",
		service_app_unload, 0 },
	{ "service show loaded",
		"applications of others\n"
		"services: how many run\n"
		"state_bytes: of a service, on each worker\n"
		"stays: it cannot be unloaded",
		service_app_show, CLI_SHOW },
	{ "service start app APP [port N:1-65535] [addr ADDR] [vrf VRF] [args WORD]",
		"run an application of others, on all workers\n"
		"port, addr, vrf: where it serves, or as it understands them\n"
		"args: words for it, in quotes",
		service_app_start, 0 },
	{ "service stop app APP [port N:1-65535] [addr ADDR] [vrf VRF]",
		"end what was started with the same words", service_app_stop, 0 },
};

const struct cli_noun cli_noun_service = {
	.name = "service",
	.help = "applications that run on the workers",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
	.config = service_config,
};
