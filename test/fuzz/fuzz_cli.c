/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines of commands: run, completed and explained, over a table that has every construct of the
 * syntax. Called by libFuzzer, or by replay.c with the corpus. */
#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "cli/engine.h"

static int
route_add(struct cli_call *call)
{
	struct ip_prefix prefix;
	struct ip_addr addr;
	unsigned groups = 0;

	/* what the syntax requires is there, and has been checked */
	if (!cli_arg_prefix(call, "PREFIX", &prefix))
		abort();
	while (cli_arg_group_next(call)) {
		groups++;
		if (!cli_arg_addr(call, "via", &addr))
			abort();
		if (cli_arg_number(call, "weight", 1) < 1 ||
			cli_arg_number(call, "weight", 1) > 256)
			abort();
	}
	if ((groups > 0) == cli_arg_present(call, "blackhole"))
		abort();
	return cli_fail(call, "PREFIX", EINVAL, "so that carets are drawn");
}

static int
route_get(struct cli_call *call)
{
	unsigned values[64];
	struct ip_addr addr;
	struct mac_addr mac;
	uint16_t port;

	if (cli_arg_present(call, "flow") && !cli_arg_endpoint(call, "SRC", &addr, &port))
		abort();
	if (cli_arg_present(call, "lladdr") && !cli_arg_mac(call, "MAC", &mac))
		abort();
	if (cli_arg_present(call, "cores") && cli_arg_list(call, "cores", values, 64) == 0)
		abort();
	return 0;
}

static int
route_show(struct cli_call *call)
{
	show_record_begin(call->show, NULL);
	show_string(call->show, "iface", cli_arg_string(call, "IFACE"));
	show_record_end(call->show);
	return 0;
}

static int
text_note(struct cli_call *call)
{
	const char *text = cli_arg_string(call, "TEXT");

	if (text == NULL || text[0] == '\0' || text[0] == ' ')
		abort();
	return 0;
}

static const struct cli_command commands[] = {
	{ "route add PREFIX ({via ADDR [dev IFACE] [weight N:1-256]} | blackhole)", "add\nvia: by",
		route_add, 0 },
	{ "route get ADDR [flow PROTO SRC:ENDPOINT] [lladdr MAC] [cores LIST] [busy|lazy]", "get",
		route_get, CLI_NOT_IN_FILE },
	{ "route show [IFACE] [LEVEL] [MODULE]", "show", route_show, CLI_SHOW },
	{ "route note TEXT", "note", text_note, CLI_AT_START },
};

static const struct cli_noun noun = { "route", "routes", commands,
	sizeof(commands) / sizeof(commands[0]), NULL, NULL };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct cli_noun *const nouns[] = { &noun };
	const char *line = (const char *)data;
	struct strbuf out = STRBUF_INIT, errors = STRBUF_INIT;
	struct cli_request request = { .line = line, .length = size };
	struct cli *cli = cli_create(nouns, 1, NULL, NULL);
	int ret;

	if (cli == NULL)
		abort();
	ret = cli_run(cli, &request, &out, &errors);
	if ((ret < 0) != (errors.length > 0) || errors.length > 4096)
		abort();
	for (size_t i = 0; i < errors.length; i++) {
		if ((errors.text[i] >= 0 && errors.text[i] < ' ' && errors.text[i] != '\n') ||
			errors.text[i] == 0x7f)
			abort();
	}
	strbuf_reset(&out);
	ret = cli_complete(cli, line, size, &out);
	if (ret > (int)size || (ret < 0 && out.length > 0))
		abort();
	cli_help(cli, line, size, &out);
	strbuf_free(&out);
	strbuf_free(&errors);
	cli_destroy(cli);
	return 0;
}
