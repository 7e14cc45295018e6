/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads spate's command line; called by main.c. */
#include "spate/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/string.h>

#include "base/strbuf.h"
#include "common/cli_proto.h"
#include "spate_version.h"

static const char usage[] =
	"usage: spate [-n NAME | -s SOCKET] [-j] [-c COMMAND]... [-f FILE]... [COMMAND]\n";

static const char help[] =
	"\n"
	"Commands the packet dataplane spated. Without a command it reads them from\n"
	"the terminal, with completion (Tab) and help (?), or from standard input.\n"
	"\n"
	"  -c COMMAND  run a command; may be given several times\n"
	"  -f FILE     run the commands of a file (-: standard input) up to the first error\n"
	"  -j          JSON from every show\n"
	"  -n NAME     the instance's name (default: " CLI_INSTANCE_DEFAULT ")\n"
	"  -s SOCKET   the daemon's socket (default: " CLI_SOCKET_DIRECTORY "/NAME.sock)\n"
	"  -h, -V      this help, the version\n"
	"\n"
	"Exit status: 0 all went well, 1 a command failed, 2 wrong usage, 3 no daemon.\n";

static enum options_verdict
wrong(const char *why, const char *what)
{
	fprintf(stderr, "spate: %s%s\n%s", why, what, usage);
	return OPTIONS_WRONG;
}

static bool
word_plain(const char *word)
{
	return word[0] != '\0' && strpbrk(word, " \t\"#") == NULL;
}

/* The words after the options, quoted again where the shell took quotes away. One word
 * alone is a whole command, as after -c. */
static char *
words_join(int count, char **words)
{
	struct strbuf line = STRBUF_INIT;

	for (int i = 0; i < count; i++) {
		if (i > 0)
			strbuf_append(&line, " ");
		if (count == 1 || word_plain(words[i])) {
			strbuf_append(&line, words[i]);
			continue;
		}
		strbuf_append(&line, "\"");
		for (const char *c = words[i]; *c != '\0'; c++)
			strbuf_printf(&line, "%s%c", *c == '"' || *c == '\\' ? "\\" : "", *c);
		strbuf_append(&line, "\"");
	}
	return line.text;
}

static int
socket_name(struct options *options, const char *name)
{
	if (name[0] == '\0' || strchr(name, '/') != NULL)
		return -1;
	options->instance = strcmp(name, CLI_INSTANCE_DEFAULT) != 0 ? name : NULL;
	return snprintf(options->socket, sizeof(options->socket), "%s/%s.sock",
		       CLI_SOCKET_DIRECTORY, name) < (int)sizeof(options->socket)
		? 0
		: -1;
}

enum options_verdict
options_parse(struct options *options, int argc, char **argv)
{
	int opt;

	*options = (struct options){ 0 };
	socket_name(options, CLI_INSTANCE_DEFAULT);
	options->jobs = calloc(argc + 1, sizeof(*options->jobs));
	if (options->jobs == NULL)
		return wrong("out of memory", "");
	while ((opt = getopt(argc, argv, "+c:f:jn:s:hV")) != -1) {
		switch (opt) {
		case 'c': options->jobs[options->job_count++].command = optarg; break;
		case 'f': options->jobs[options->job_count++].file = optarg; break;
		case 'j': options->json = true; break;
		case 'n':
			if (socket_name(options, optarg) != 0)
				return wrong("this cannot be an instance's name: ", optarg);
			break;
		case 's':
			if (strlen(optarg) >= sizeof(options->socket))
				return wrong("the socket's path is too long: ", optarg);
			strlcpy(options->socket, optarg, sizeof(options->socket));
			options->instance =
				strrchr(optarg, '/') != NULL ? strrchr(optarg, '/') + 1 : optarg;
			break;
		case 'h': printf("%s%s", usage, help); return OPTIONS_DONE;
		case 'V': printf("spate %s\n", SPATE_VERSION); return OPTIONS_DONE;
		default: fputs(usage, stderr); return OPTIONS_WRONG;
		}
	}
	if (optind < argc) {
		options->words = words_join(argc - optind, argv + optind);
		options->jobs[options->job_count++].command = options->words;
	}
	return OPTIONS_GO;
}

void
options_free(struct options *options)
{
	free(options->jobs);
	free(options->words);
}
