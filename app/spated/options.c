/* SPDX-License-Identifier: BSD-3-Clause */
/* The daemon's command line: its own options, or DPDK's, "--", and its own. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include <bsd/string.h>

#include "base/name.h"
#include "spated/daemon.h"
#include "spate_version.h"

static const char usage[] =
	"usage: spated [-n NAME] [-c FILE] [-d] [OPTION...]\n"
	"       spated [EAL OPTION...] -- [OPTION...]\n"
	"\n"
	"  -n, --name NAME       name of this instance (default spate)\n"
	"  -c, --config FILE     run the commands of FILE at start\n"
	"  -d, --daemon          go to the background once everything runs\n"
	"  -l, --syslog          log to syslog (default: stderr; in the background syslog)\n"
	"      --log-file PATH   log to a file, which SIGHUP opens anew\n"
	"  -s, --socket PATH     CLI socket (default /run/spate/NAME.sock)\n"
	"      --pid-file PATH   (default /run/spate/NAME.pid)\n"
	"      --check-host      say what this machine lacks, and what would be faster;\n"
	"                        with -c, for the workers of FILE\n"
	"      --print-cli-doc   print the manual of the CLI as markdown\n"
	"  -h, --help\n"
	"  -V, --version\n"
	"\n"
	"The CLI is 'spate' (see 'spate -h'). EAL options are DPDK's; without hugepages\n"
	"add 'eal --no-huge -m 512' to FILE.\n";

enum { OPTION_PID_FILE = 256, OPTION_PRINT_CLI_DOC, OPTION_LOG_FILE, OPTION_CHECK_HOST };

static const struct option long_options[] = {
	{ "name", required_argument, NULL, 'n' },
	{ "config", required_argument, NULL, 'c' },
	{ "daemon", no_argument, NULL, 'd' },
	{ "syslog", no_argument, NULL, 'l' },
	{ "socket", required_argument, NULL, 's' },
	{ "pid-file", required_argument, NULL, OPTION_PID_FILE },
	{ "log-file", required_argument, NULL, OPTION_LOG_FILE },
	{ "check-host", no_argument, NULL, OPTION_CHECK_HOST },
	{ "print-cli-doc", no_argument, NULL, OPTION_PRINT_CLI_DOC },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ 0 },
};

/* A path that fits, or a message. */
static int
set_path(char path[DAEMON_PATH_MAX], const char *value)
{
	if (strlcpy(path, value, DAEMON_PATH_MAX) < DAEMON_PATH_MAX)
		return 0;
	fprintf(stderr, "spated: path longer than %d bytes: %s\n", DAEMON_PATH_MAX - 1, value);
	return -1;
}

static int
set_name(struct options *options, const char *value)
{
	if (name_check(value, sizeof(options->name), NULL) == 0) {
		strlcpy(options->name, value, sizeof(options->name));
		return 0;
	}
	fprintf(stderr, "spated: \"%s\" cannot name an instance: %s\n", value, NAME_RULE);
	return -1;
}

/* @return 0 to go on, 1 to stop with success, -1 after a message */
static int
set_option(struct options *options, int option)
{
	switch (option) {
	case 'n': return set_name(options, optarg);
	case 'c': options->config_path = optarg; return 0;
	case 'd': options->background = true; return 0;
	case 'l': options->syslog = true; return 0;
	case 's': return set_path(options->socket_path, optarg);
	case OPTION_PID_FILE: return set_path(options->pid_path, optarg);
	case OPTION_LOG_FILE: options->log_path = optarg; return 0;
	case OPTION_CHECK_HOST: options->check_host = true; return 0;
	case OPTION_PRINT_CLI_DOC: options->print_cli_doc = true; return 0;
	case 'h': fputs(usage, stdout); return 1;
	case 'V': puts("spated " SPATE_VERSION); return 1;
	default: fputs("Try 'spated --help'.\n", stderr); return -1;
	}
}

/* Split "EAL OPTIONS -- OPTIONS"; without "--" all are ours. */
static void
split_eal_args(struct options *options, int *argc, char ***argv)
{
	for (int i = 1; i < *argc; i++) {
		if (strcmp((*argv)[i], "--") != 0)
			continue;
		options->eal_args = *argv + 1;
		options->eal_arg_count = i - 1;
		(*argv)[i] = (*argv)[0];
		*argv += i;
		*argc -= i;
		return;
	}
}

int
options_parse(struct options *options, int argc, char **argv)
{
	int option, rc;

	strlcpy(options->name, "spate", sizeof(options->name));
	split_eal_args(options, &argc, &argv);
	while ((option = getopt_long(argc, argv, "n:c:dls:hV", long_options, NULL)) != -1) {
		rc = set_option(options, option);
		if (rc != 0)
			return rc;
	}
	if (optind < argc) {
		fprintf(stderr, "spated: what is \"%s\"? Try 'spated --help'.\n", argv[optind]);
		return -1;
	}
	options->syslog |= options->background && options->log_path == NULL;
	if (options->socket_path[0] == '\0')
		snprintf(options->socket_path, sizeof(options->socket_path), "/run/spate/%s.sock",
			options->name);
	if (options->pid_path[0] == '\0')
		snprintf(options->pid_path, sizeof(options->pid_path), "/run/spate/%s.pid",
			options->name);
	return 0;
}
