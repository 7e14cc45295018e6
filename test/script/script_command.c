/* SPDX-License-Identifier: BSD-3-Clause */
/* What a script says to the stack that is no packet: its configuration. A command is a row here. */
#include "script/script_run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "script/script_info.h"
#include "stack/stack.h"
#include "wire/ip_addr.h"

#define ARGS_MAX 3

struct command {
	const char *name;
	unsigned args; /**< words behind it; the last one is the rest of the line */
	int (*run)(struct script_run *run, char args[ARGS_MAX][SCRIPT_WORD_MAX], struct error *err);
	const char *syntax;
};

/* RFC 4862 and others: what the stack does of its own accord is off until a script asks for it. */
static int
command_stack_config(
	struct script_run *run, char args[ARGS_MAX][SCRIPT_WORD_MAX], struct error *err)
{
	char *words = args[0], *word;

	if (run->fixture != NULL)
		return error_set(err, EINVAL, "'stack' comes first");
	while ((word = strsep(&words, " ")) != NULL) {
		if (strncmp(word, "ports=", 6) == 0 && word[6] >= '1' && word[6] <= '8')
			run->config.ports = (unsigned)(word[6] - '0');
		else if (strcmp(word, "bare") == 0)
			run->config.bare = true;
		else if (strcmp(word, "strangers") == 0)
			run->config.strangers = true;
		else if (strcmp(word, "announce") == 0)
			run->config.announce = true;
		else if (strcmp(word, "dad") == 0)
			run->config.dad = true;
		else if (strcmp(word, "mld") == 0)
			run->config.mld = true;
		else if (strncmp(word, "secret=", 7) == 0)
			snprintf(run->config.stable_secret, sizeof(run->config.stable_secret), "%s",
				word + 7);
		else if (*word != '\0')
			return error_set(err, EINVAL,
				"ports=N, bare, strangers, announce, dad, mld or secret=TEXT, "
				"not '%s'",
				word);
	}
	return 0;
}

static int
prefix_parse(const char *word, struct ip_prefix *prefix, struct error *err)
{
	if (ip_prefix_parse(word, prefix) != 0)
		return error_set(err, EINVAL, "'%s' is no prefix", word);
	return 0;
}

static int
command_addr_add(struct script_run *run, char args[ARGS_MAX][SCRIPT_WORD_MAX], struct error *err)
{
	struct ip_prefix addr;
	int rc = prefix_parse(args[1], &addr, err);

	return rc < 0 ? rc : stack_addr_add(run->fixture->stack, args[0], &addr, err);
}

static int
command_addr_remove(struct script_run *run, char args[ARGS_MAX][SCRIPT_WORD_MAX], struct error *err)
{
	struct ip_prefix addr;
	int rc = prefix_parse(args[1], &addr, err);

	return rc < 0 ? rc : stack_addr_remove(run->fixture->stack, args[0], &addr, err);
}

static int
command_route_add(struct script_run *run, char args[ARGS_MAX][SCRIPT_WORD_MAX], struct error *err)
{
	struct ip_prefix prefix;
	int rc = prefix_parse(args[0], &prefix, err);

	if (rc == 0)
		stack_fixture_route(run->fixture, args[0], args[1]);
	return rc;
}

static int
command_route_remove(
	struct script_run *run, char args[ARGS_MAX][SCRIPT_WORD_MAX], struct error *err)
{
	struct ip_prefix prefix;
	int rc = prefix_parse(args[0], &prefix, err);

	return rc < 0 ? rc : stack_route_remove(run->fixture->stack, IP_VRF_DEFAULT, &prefix, err);
}

static int
command_neigh_add(struct script_run *run, char args[ARGS_MAX][SCRIPT_WORD_MAX], struct error *err)
{
	struct ip_prefix addr;
	struct mac_addr mac;
	int rc = prefix_parse(args[1], &addr, err);

	if (rc < 0)
		return rc;
	if (mac_addr_parse(args[2], &mac) != 0)
		return error_set(err, EINVAL, "'%s' is no MAC address", args[2]);
	return stack_neigh_add(run->fixture->stack, args[0], &addr.addr, &mac, err);
}

static int
command_iface_up(struct script_run *run, char args[ARGS_MAX][SCRIPT_WORD_MAX], struct error *err)
{
	return stack_iface_set_admin(run->fixture->stack, args[0], true, err);
}

static int
command_iface_down(struct script_run *run, char args[ARGS_MAX][SCRIPT_WORD_MAX], struct error *err)
{
	return stack_iface_set_admin(run->fixture->stack, args[0], false, err);
}

/* Of its queue: what is sent beyond that finds none. */
static int
command_port_room(struct script_run *run, char args[ARGS_MAX][SCRIPT_WORD_MAX], struct error *err)
{
	uint64_t port, room = PORT_DOUBLE_NO_LIMIT;

	if (args[0][0] != 'p' || script_number(args[0] + 1, STACK_FIXTURE_PORTS - 1, &port) < 0 ||
		run->fixture->wires[port] == NULL)
		return error_set(err, EINVAL, "'%s' is no port", args[0]);
	if (strcmp(args[1], "any") != 0 && script_number(args[1], UINT32_MAX, &room) < 0)
		return error_set(err, EINVAL, "'%s' is no number of packets", args[1]);
	run->fixture->wires[port]->tx_room = (uint32_t)room;
	return 0;
}

static int
command_iface_mtu(struct script_run *run, char args[ARGS_MAX][SCRIPT_WORD_MAX], struct error *err)
{
	uint64_t mtu;

	if (script_number(args[1], UINT16_MAX, &mtu) < 0)
		return error_set(err, EINVAL, "'%s' is no MTU", args[1]);
	return stack_iface_set_mtu(run->fixture->stack, args[0], (uint16_t)mtu, err);
}

static int
command_vlan_add(struct script_run *run, char args[ARGS_MAX][SCRIPT_WORD_MAX], struct error *err)
{
	struct vlan_tag tag = { .type = 0x8100 };
	uint64_t id;

	if (script_number(args[2], 4094, &id) < 0)
		return error_set(err, EINVAL, "'%s' is no VLAN", args[2]);
	tag.id = (uint16_t)id;
	return stack_vlan_add(run->fixture->stack, args[0], args[1], &tag, err);
}

static int
command_loopback_add(
	struct script_run *run, char args[ARGS_MAX][SCRIPT_WORD_MAX], struct error *err)
{
	return stack_loopback_add(run->fixture->stack, args[0], err);
}

/* Learn from router advertisements. */
static int
command_autoconf(struct script_run *run, char args[ARGS_MAX][SCRIPT_WORD_MAX], struct error *err)
{
	return stack_autoconf_set(run->fixture->stack, args[0], true, err);
}

static int
command_proxy_add(struct script_run *run, char args[ARGS_MAX][SCRIPT_WORD_MAX], struct error *err)
{
	struct ip_prefix prefix;
	int rc = prefix_parse(args[1], &prefix, err);

	return rc < 0 ? rc : stack_proxy_add(run->fixture->stack, args[0], &prefix, err);
}

/* The VRF is made by the first interface that is moved there. */
static int
command_iface_vrf(struct script_run *run, char args[ARGS_MAX][SCRIPT_WORD_MAX], struct error *err)
{
	struct stack *stack = run->fixture->stack;
	uint16_t vrf;
	int rc = stack_vrf_find(stack, args[1], &vrf, err);

	if (rc == -ENOENT)
		rc = stack_vrf_add(stack, args[1], err);
	if (rc == 0)
		rc = stack_vrf_find(stack, args[1], &vrf, err);
	return rc < 0 ? rc : stack_iface_set_vrf(stack, args[0], vrf, err);
}

static void
ping_answered(void *arg, const struct stack_ping_answer *answer)
{
}

/* One echo request, whose answer nobody waits for. */
static int
command_ping(struct script_run *run, char args[ARGS_MAX][SCRIPT_WORD_MAX], struct error *err)
{
	struct stack_ping_config config = { .size_bytes = 8 };
	struct stack *stack = run->fixture->stack;
	struct stack_ping *ping;
	struct ip_prefix dst;
	uint64_t size = 0;
	int rc = prefix_parse(args[0], &dst, err);

	if (rc < 0)
		return rc;
	if (script_number(args[1], UINT16_MAX, &size) < 0)
		return error_set(err, EINVAL, "'%s' is no number of bytes", args[1]);
	config.dst = dst.addr;
	config.size_bytes = (uint16_t)size;
	rc = stack_ping_create(stack, &config, ping_answered, NULL, &ping, err);
	if (rc < 0)
		return rc;
	rc = stack_ping_send(stack, ping, 1, err);
	stack_ping_destroy(stack, ping);
	return rc;
}

static int
command_sock(struct script_run *run, char args[ARGS_MAX][SCRIPT_WORD_MAX], struct error *err)
{
	if (run->socks == NULL)
		run->socks = script_sock_create(run->fixture->stack);
	return script_sock_run(run->socks, args[0], err);
}

/* `sctp.NAME`, as reasons have names of their own. */
static int
sctp_counter_find(const struct script_run *run, const char *name, uint64_t *value)
{
	static const char prefix[] = "sctp.";
	uint64_t stats[SCTP_STAT_COUNT];
	struct sctp_counts counts;

	if (strncmp(name, prefix, sizeof(prefix) - 1) != 0)
		return -ENOENT;
	stack_sctp_stats(run->fixture->stack, run->fixture->stack->worker_count, stats, &counts);
	for (unsigned i = 0; i < SCTP_STAT_COUNT; i++) {
		*value = stats[i];
		if (strcmp(sctp_stat_name((enum sctp_stat)i), name + sizeof(prefix) - 1) == 0)
			return 0;
	}
	return -ENOENT;
}

/* What TCP or SCTP has counted, or packets that were dropped for a reason, by their names. */
static int
counter_find(const struct script_run *run, const char *name, uint64_t *value)
{
	uint64_t stats[TCP_STAT_COUNT];
	struct tcp_counts counts;

	stack_tcp_stats(run->fixture->stack, run->fixture->stack->worker_count, stats, &counts);
	for (unsigned i = 0; i < TCP_STAT_COUNT; i++) {
		*value = stats[i];
		if (strcmp(tcp_stat_name((enum tcp_stat)i), name) == 0)
			return 0;
	}
	if (sctp_counter_find(run, name, value) == 0)
		return 0;
	for (unsigned i = 0; i < DROP_REASON_COUNT; i++) {
		*value = stack_fixture_drops(run->fixture, (enum drop_reason)i);
		if (strcmp(drop_reason_name((enum drop_reason)i), name) == 0)
			return 0;
	}
	return -ENOENT;
}

static int
command_count(struct script_run *run, char args[ARGS_MAX][SCRIPT_WORD_MAX], struct error *err)
{
	uint64_t wanted, value;

	if (counter_find(run, args[0], &value) < 0)
		return error_set(err, ENOENT, "there is no counter '%s'", args[0]);
	if (script_number(args[1], UINT64_MAX, &wanted) < 0)
		return error_set(err, EINVAL, "'%s' is no number", args[1]);
	return value == wanted
		? 0
		: error_set(err, EINVAL, "%s is %llu", args[0], (unsigned long long)value);
}

/* What sockets of SCTP begin with that are opened from now on. */
static int
command_sctp(struct script_run *run, char args[ARGS_MAX][SCRIPT_WORD_MAX], struct error *err)
{
	struct sctp_settings settings = run->fixture->stack->sctp_settings;
	int rc = script_setting_set(&settings, args[0], args[1], err);

	if (rc == 0 && stack_sctp_settings_set(run->fixture->stack, &settings) < 0)
		return error_set(err, EADDRINUSE, "a socket of UDP has the port");
	return rc;
}

/* Time has passed by now, and nothing was sent. */
static int
command_nothing(struct script_run *run, char args[ARGS_MAX][SCRIPT_WORD_MAX], struct error *err)
{
	return 0;
}

static const struct command commands[] = {
	{ "stack", 1, command_stack_config,
		"stack [ports=N] [bare] [strangers] [announce] [dad] [mld] [secret=TEXT]" },
	{ "nothing", 0, command_nothing, "nothing" },
	{ "addr", 2, command_addr_add, "addr IFACE ADDRESS/LENGTH" },
	{ "unaddr", 2, command_addr_remove, "unaddr IFACE ADDRESS/LENGTH" },
	{ "route", 2, command_route_add,
		"route PREFIX GATEWAY...|dev IFACE|blackhole|unreachable|prohibit" },
	{ "unroute", 1, command_route_remove, "unroute PREFIX" },
	{ "neigh", 3, command_neigh_add, "neigh IFACE ADDRESS MAC" },
	{ "up", 1, command_iface_up, "up IFACE" },
	{ "down", 1, command_iface_down, "down IFACE" },
	{ "mtu", 2, command_iface_mtu, "mtu IFACE BYTES" },
	{ "room", 2, command_port_room, "room PORT PACKETS|any" },
	{ "vlan", 3, command_vlan_add, "vlan IFACE PARENT ID" },
	{ "loopback", 1, command_loopback_add, "loopback IFACE" },
	{ "vrf", 2, command_iface_vrf, "vrf IFACE VRF" },
	{ "proxy", 2, command_proxy_add, "proxy IFACE PREFIX" },
	{ "autoconf", 1, command_autoconf, "autoconf IFACE" },
	{ "ping", 2, command_ping, "ping ADDRESS BYTES" },
	{ "count", 2, command_count, "count COUNTER NUMBER" },
	{ "sctp", 2, command_sctp, "sctp FIELD VALUE" },
	{ "sock", 1, command_sock, "sock NAME CALL ARGUMENTS... [= RESULT]" },
};

static int
command_run(struct script_run *run, const struct command *command)
{
	char args[ARGS_MAX][SCRIPT_WORD_MAX] = { 0 };
	struct script_text *text = run->text;
	struct error err = { 0 };

	for (unsigned i = 0; i < command->args; i++) {
		if (i + 1 == command->args) {
			const char *rest = script_rest(text);
			size_t length = strlen(rest);

			while (length > 0 && rest[length - 1] == ' ')
				length--;
			if (length == 0 || length >= SCRIPT_WORD_MAX)
				return script_fail(text, "as it should be: %s", command->syntax);
			memcpy(args[i], rest, length);
		} else if (script_word(text)) {
			memcpy(args[i], text->word, SCRIPT_WORD_MAX);
		} else {
			return script_fail(text, "as it should be: %s", command->syntax);
		}
	}
	if (command->run(run, args, &err) < 0)
		return script_fail(text, "%s", err.text);
	return 0;
}

int
script_command(struct script_run *run)
{
	for (unsigned i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].name, run->text->word) == 0)
			return command_run(run, &commands[i]);
	}
	return script_fail(run->text, "there is no command '%s'", run->text->word);
}
