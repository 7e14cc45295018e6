/* SPDX-License-Identifier: BSD-3-Clause */
/* What the words PORT, IFACE, VRF and their like can be at this moment, for Tab and '?'. */
#include "cc/cc.h"
#include "cli/engine.h"
#include "spated/daemon.h"

static void
complete_ports(void *arg, struct cli_words *words)
{
	const struct stack *stack = ((struct daemon *)arg)->stack;

	if (stack == NULL)
		return;
	for (const struct port *port = port_next(&stack->ports, 0); port != NULL;
		port = port_next(&stack->ports, port->index + 1U))
		cli_words_add(words, port->name);
}

static void
complete_ifaces(void *arg, struct cli_words *words)
{
	const struct stack *stack = ((struct daemon *)arg)->stack;

	if (stack == NULL)
		return;
	for (const struct iface *iface = iface_next(stack->ifaces, 0); iface != NULL;
		iface = iface_next(stack->ifaces, iface->index + 1U))
		cli_words_add(words, iface->name);
}

static void
complete_vrfs(void *arg, struct cli_words *words)
{
	const struct stack *stack = ((struct daemon *)arg)->stack;
	const struct stack_vrf *vrf;

	for (unsigned i = 0; stack != NULL && (vrf = stack_vrf_next(stack, i)) != NULL;
		i = vrf->index + 1U)
		cli_words_add(words, vrf->name);
}

static void
complete_algorithms(void *arg, struct cli_words *words)
{
	const struct ephemeral_algorithm *algorithm;

	for (unsigned i = 0; (algorithm = ephemeral_algorithm_get(i)) != NULL; i++)
		cli_words_add(words, algorithm->name);
}

static void
complete_apps(void *arg, struct cli_words *words)
{
	const struct shared_app *app;

	TAILQ_FOREACH (app, &((struct daemon *)arg)->apps, entry)
		cli_words_add(words, app->name);
}

static void
complete_congestion(void *arg, struct cli_words *words)
{
	const struct cc_ops *cc;

	for (unsigned i = 0; (cc = cc_get(i)) != NULL; i++)
		cli_words_add(words, cc->name);
}

static void
complete_states(void *arg, struct cli_words *words)
{
	for (int i = 0; i < TCP_STATE_COUNT; i++)
		cli_words_add(words, tcp_state_name((enum tcp_state)i));
}

void
commands_complete(struct cli *cli)
{
	cli_set_completer(cli, "PORT", complete_ports);
	cli_set_completer(cli, "IFACE", complete_ifaces);
	cli_set_completer(cli, "VRF", complete_vrfs);
	cli_set_completer(cli, "APP", complete_apps);
	cli_set_completer(cli, "ALGORITHM", complete_algorithms);
	cli_set_completer(cli, "CONGESTION", complete_congestion);
	cli_set_completer(cli, "STATE", complete_states);
}
