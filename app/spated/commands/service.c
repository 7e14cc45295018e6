/* SPDX-License-Identifier: BSD-3-Clause */
/* service: applications that run on the workers. */
#include "commands/call.h"
#include "commands/commands.h"
#include "commands/parse_vrf.h"
#include "commands/service.h"
#include "commands/service_app.h"
#include "service/service.h"

struct stack *
service_stack(const struct cli_call *call)
{
	return stack_of(call);
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

/* Those with words of their own: a new one is one line here. */
static const struct service_words *
words_of(const struct sock_app_ops *ops)
{
	static const struct service_words *const all[] = { &service_words_http,
		&service_words_bench_server, &service_words_bench_client };

	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (all[i]->ops == ops)
			return all[i];
	}
	return NULL;
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
	const struct service_words *words;
	int rc = parse_vrf(call, service_stack(call), "vrf", &config->service.vrf);

	if (rc == 0)
		rc = service_addr_parse(call, &config->service.local);
	if (rc < 0)
		return rc;
	config->ops = service_of(call);
	words = words_of(config->ops);
	return words != NULL ? words->parse(call, config) : 0;
}

/* "udp-echo port 7 addr 10.0.0.1 vrf red": as it is stopped. */
static void
place_append(
	const struct stack *stack, const struct stack_service_config *config, struct strbuf *out)
{
	const struct sock_addr *local = &config->service.local;
	char text[IP_TEXT_MAX];

	if (local->port != 0)
		strbuf_printf(out, " port %u", local->port);
	if (local->addr.family != IP_FAMILY_NONE)
		strbuf_printf(out, " addr %s", ip_addr_format(&local->addr, text));
	if (config->name[0] != '\0')
		strbuf_printf(out, " name %s", config->name);
	vrf_append(stack, config->service.vrf, out);
}

/* As it is started. */
static void
service_append(
	const struct stack *stack, const struct stack_service_config *config, struct strbuf *out)
{
	const struct service_words *words = words_of(config->ops);

	strbuf_append(out, config->ops->name);
	if (words != NULL && words->append != NULL)
		words->append(config, out);
	place_append(stack, config, out);
}

static int
service_start(struct cli_call *call)
{
	struct stack_service_config config = { 0 };
	struct strbuf line = STRBUF_INIT;
	int rc = service_parse(call, &config);

	if (rc == 0)
		rc = stack_service_start(service_stack(call), &config, call->err);
	if (rc < 0)
		return rc;
	place_append(service_stack(call), &config, &line);
	cli_undo(call, "service stop %s%s", config.ops->name, strbuf_text(&line));
	strbuf_free(&line);
	return 0;
}

int
service_end(
	struct cli_call *call, const struct stack_service_config *config, service_append_fn *append)
{
	struct stack *stack = service_stack(call);
	const struct stack_service *service = stack_service_find(stack, config);
	struct strbuf line = STRBUF_INIT;
	int rc;

	if (service != NULL)
		append(stack, &service->config, &line);
	rc = stack_service_stop(stack, config, call->err);
	if (rc == 0)
		cli_undo(call, "service start %s", strbuf_text(&line));
	strbuf_free(&line);
	return rc;
}

static int
service_stop(struct cli_call *call)
{
	struct stack_service_config config = { 0 };
	int rc = service_parse(call, &config);

	return rc < 0 ? rc : service_end(call, &config, service_append);
}

static void
service_show_record(
	const struct stack *stack, const struct stack_service *service, struct show *show, bool all)
{
	const struct service_words *words = words_of(service->config.ops);
	const struct sock_service *s = &service->config.service;
	char text[IP_TEXT_MAX];

	show_record_begin(show, NULL);
	show_string(show, "service", service->config.ops->name);
	if (service->config.name[0] != '\0')
		show_string(show, "name", service->config.name);
	show_string(show, "vrf", stack->vrfs[s->vrf]->name);
	show_string(show, "address",
		s->local.addr.family != IP_FAMILY_NONE ? ip_addr_format(&s->local.addr, text)
						       : "any");
	if (s->local.port != 0)
		show_u64(show, "port", s->local.port);
	else
		show_none(show, "port");
	if (all && words != NULL && words->show != NULL)
		words->show(service, show);
	show_record_end(show);
}

static int
service_show(struct cli_call *call)
{
	const struct stack *stack = service_stack(call);
	const struct stack_service *service;

	show_list_begin(call->show, NULL);
	TAILQ_FOREACH (service, &stack->services, entry)
		service_show_record(stack, service, call->show, false);
	show_list_end(call->show);
	return 0;
}

static bool
service_is_called(const struct stack_service *service, const char *name)
{
	return strcmp(stack_service_name(&service->config), name) == 0 ||
		strcmp(service->config.ops->name, name) == 0;
}

/* The one of that name, or all of that kind. */
static int
service_show_named(struct cli_call *call)
{
	const char *name = cli_arg_string(call, "NAME");
	const struct stack *stack = service_stack(call);
	const struct stack_service *service;
	unsigned count = 0;

	TAILQ_FOREACH (service, &stack->services, entry)
		count += service_is_called(service, name);
	if (count == 0)
		return cli_fail(
			call, "NAME", ENOENT, "no %s runs: 'service show' lists what does", name);
	show_blocks_begin(call->show, NULL);
	TAILQ_FOREACH (service, &stack->services, entry) {
		if (service_is_called(service, name))
			service_show_record(stack, service, call->show, true);
	}
	show_blocks_end(call->show);
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

#define SERVICE_PLACE "[addr ADDR] [vrf VRF]"
#define SERVICE_ARGS                                                         \
	"udp-echo|udp-discard|udp-chargen|tcp-echo|tcp-discard|tcp-chargen|" \
	"sctp-echo|sctp-discard|sctp-chargen "                               \
	"port N:1-65535 " SERVICE_PLACE

static const struct cli_command commands[] = {
	{ "service start " SERVICE_ARGS,
		"serve a port, on all workers\n"
		"udp-echo: what comes goes back (RFC 862)\n"
		"udp-discard: what comes is thrown away (RFC 863)\n"
		"udp-chargen: up to 512 characters, but no more than came (RFC 864)\n"
		"tcp-echo: what comes goes back, until the peer ends (RFC 862)\n"
		"tcp-discard: what comes is thrown away, until the peer ends (RFC 863)\n"
		"tcp-chargen: lines without end, until the peer ends (RFC 864)\n"
		"sctp-echo: messages go back as they came; with interleaving, parts of large ones as messages\n"
		"sctp-discard, sctp-chargen: as TCP's, a line a message\n"
		"port: of UDP below 1024 nothing that such a service says is answered; above, a forged\n"
		"datagram can have two of them answer each other for ever\n"
		"addr: an address of ours, now or later; without it all of both families\n"
		"vrf: whose addresses; the default one",
		service_start, 0 },
	{ "service stop " SERVICE_ARGS, "end what was started with the same words", service_stop,
		0 },
	{ "service start http dir FILE [port N:1-65535] " SERVICE_PLACE
	  " [connections N:1-65536] [requests N:1-1000000000] [idle N:1-86400]",
		"serve the files of a directory by HTTP/1.1 (RFC 9110, 9112)\n"
		"dir: read into memory now, 256 MB at most; no links, and nothing that begins with a dot\n"
		"port: 80 if it is not said\n"
		"addr: an address of ours, now or later; without it all of both families\n"
		"vrf: whose addresses; the default one\n"
		"connections: of each worker at a time, 512; beyond these new ones are closed\n"
		"requests: of a connection, 100000; then it is closed\n"
		"idle: seconds that a connection stays without a request, 60",
		service_start, 0 },
	{ "service stop http [port N:1-65535] " SERVICE_PLACE, "end what was started there",
		service_stop, 0 },
	{ "service start bench-server [port N:1-65535] " SERVICE_PLACE,
		"answer bench clients: streams, requests, datagrams, messages\n"
		"port: of TCP, UDP and SCTP, 5201 if it is not said\n"
		"addr: an address of ours, now or later; without it all of both families\n"
		"vrf: whose addresses; the default one",
		service_start, 0 },
	{ "service stop bench-server [port N:1-65535] " SERVICE_PLACE, "end what was started there",
		service_stop, 0 },
	{ "service start bench-client mode send|receive|rr|crr|hold {to ADDR [from ADDR]} "
	  "[port N:1-65535] "
	  "[connections N:1-1048576] [size N:1-1073741824] [response N:1-1073741824] "
	  "[bytes N:1-1000000000000000] [duration TIME] [keepalive TIME] [udp] [sctp] [streams N:1-1024] "
	  "[ppid N:0-4294967295] [unordered] [lifetime TIME] [retransmissions N:0-65535] "
	  "[raw] [verify] "
	  "[name NAME] [vrf VRF]",
		"load a server, and measure: 'service show bench-client' tells what came of it\n"
		"send: a stream to the server; receive: from it\n"
		"rr: a request and its response, again and again; crr: a new connection for each\n"
		"hold: open connections, and keep them\n"
		"to: a bench-server, or with raw any other host; several addresses are of one host, of SCTP\n"
		"from: addresses of ours, of SCTP; without these as the way says, and all that the peer may use\n"
		"port: 5201 if it is not said\n"
		"connections: of all workers together, 1\n"
		"size: bytes of a request, or of a message of SCTP, 64\n"
		"response: bytes of a response, or of a message from the server, as many\n"
		"bytes: of each stream, whose connection then ends\n"
		"duration: from the first connection on, 10s; then all are closed, and the result stays\n"
		"keepalive: ask a server that says nothing for so long, and again; at the tenth time it is gone\n"
		"udp: datagrams, of mode rr\n"
		"sctp: associations and messages\n"
		"streams: of each association, 1: messages go to one after the other, and of mode rr each has "
		"a request under way\n"
		"ppid: payload protocol identifier, 0\n"
		"unordered: messages\n"
		"lifetime, retransmissions: of mode send: messages are given up after that time, or so many "
		"retransmissions (RFC 7496), if forward-tsn was agreed ('sctp set')\n"
		"raw: say nothing of what is wanted: the server discards, generates or echoes what it gets\n"
		"verify: a stream is a known pattern, and who receives it looks at each byte; messages are "
		"looked at in modes rr and crr, too, and whether they come once and in order\n"
		"name: of this client, if there are several",
		service_start, 0 },
	{ "service stop bench-client [name NAME] [vrf VRF]", "end it, and forget its result",
		service_stop, 0 },
	{ "service show", "services that run", service_show, CLI_SHOW },
	{ "service show NAME",
		"what one tells of itself, or all of a kind\nNAME: http, bench-client, or a name that was given",
		service_show_named, CLI_SHOW },
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
