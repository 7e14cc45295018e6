/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes the CLI from its nouns and runs lines; called by main.c, server.c and config.c. */
#include "cli/cli_private.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/diag.h"
#include "cli/session.h"

struct cli *
cli_create(const struct cli_noun *const *nouns, unsigned count, void *daemon, struct error *err)
{
	struct cli *cli = calloc(1, sizeof(*cli));

	if (cli == NULL) {
		error_set(err, ENOMEM, "out of memory");
		return NULL;
	}
	cli->nouns = nouns;
	cli->noun_count = count;
	cli->daemon = daemon;
	TAILQ_INIT(&cli->jobs);
	cli->parser = cli_parser_create();
	if (cli->parser == NULL) {
		error_set(err, ENOMEM, "out of memory");
		goto fail;
	}
	for (unsigned n = 0; n < count; n++) {
		for (unsigned i = 0; i < nouns[n]->count; i++) {
			if (cli_graph_add(&cli->graph, nouns[n], &nouns[n]->commands[i], err) != 0)
				goto fail;
		}
	}
	return cli;
fail:
	cli_destroy(cli);
	return NULL;
}

void
cli_destroy(struct cli *cli)
{
	if (cli == NULL)
		return;
	cli_jobs_free(cli);
	cli_parser_destroy(cli->parser);
	cli_graph_free(&cli->graph);
	free(cli);
}

void
cli_set_started(struct cli *cli)
{
	cli->started = true;
}

int
cli_set_completer(struct cli *cli, const char *type, cli_completer completer)
{
	const struct cli_type *known = cli_type_lookup(type, strlen(type));

	if (known == NULL)
		return -ENOENT;
	if (cli->completer_count == CLI_COMPLETERS_MAX)
		return -ENOSPC;
	cli->completers[cli->completer_count].type = known;
	cli->completers[cli->completer_count++].words = completer;
	return 0;
}

void
cli_words_add(struct cli_words *words, const char *word)
{
	if (words->exact)
		words->found = words->found || strcmp(word, words->wanted) == 0;
	else if (strncmp(word, words->wanted, strlen(words->wanted)) == 0)
		words->add(words->arg, word);
}

void
cli_type_words(const struct cli *cli, const struct cli_type *type, struct cli_words *words)
{
	for (unsigned i = 0; type->value != NULL && type->value(i) != NULL; i++)
		cli_words_add(words, type->value(i));
	for (unsigned i = 0; i < cli->completer_count; i++) {
		if (cli->completers[i].type == type)
			cli->completers[i].words(cli->daemon, words);
	}
}

bool
cli_type_known(void *arg, const struct cli_type *type, const char *word)
{
	struct cli_words words = { .wanted = word, .exact = true };

	cli_type_words(arg, type, &words);
	return words.found;
}

void
cli_printf(struct cli_call *call, const char *fmt, ...)
{
	struct cli_session *session = call->args->request->session;
	va_list ap;

	va_start(ap, fmt);
	if (session != NULL && session->pending)
		cli_session_vprintf(session, fmt, ap);
	else
		strbuf_vprintf(call->args->out, fmt, ap);
	va_end(ap);
}

void
cli_write(struct cli_call *call, const char *bytes, size_t length)
{
	struct cli_session *session = call->args->request->session;

	if (session != NULL && session->pending)
		session->write(session, bytes, length);
	else
		strbuf_append_bytes(call->args->out, bytes, length);
}

struct strbuf *
cli_errors(struct cli_call *call)
{
	return call->args->errors;
}

const char *
cli_directory(const struct cli_call *call)
{
	return call->args->request->directory;
}

/* Whether the command may run now, from where it comes. */
static int
call_permit(const struct cli *cli, const struct cli_request *request,
	const struct cli_command *command, struct error *err)
{
	int shown = strcspn(command->syntax, " ");

	if ((command->flags & CLI_AT_START) && cli->started && !request->in_file)
		return error_set(err, EPERM,
			"%.*s commands are accepted only at start: write it in the configuration "
			"file and restart spated with -c FILE",
			shown, command->syntax);
	if (cli->loading && request->session != NULL &&
		!(command->flags & (CLI_SHOW | CLI_NOT_IN_FILE | CLI_ONLY_READS)))
		return error_set(err, EBUSY,
			"a file is being loaded, and nobody else changes the configuration meanwhile");
	if ((command->flags & CLI_NOT_IN_FILE) && request->in_file)
		return error_set(err, EPERM, "\"%s\" is not accepted in a configuration file",
			command->syntax);
	if (request->show != NULL && !(command->flags & CLI_SHOW))
		return error_set(err, EPERM, "\"%s\" is no show", command->syntax);
	return 0;
}

static int
call_show(struct cli_call *call)
{
	bool json = call->args->request->json || cli_arg_present(call, "json");
	struct strbuf *out = call->args->out;
	size_t before = out->length;
	int ret, end;

	if (call->args->request->show != NULL) {
		call->show = call->args->request->show;
		return call->command->run(call);
	}
	call->show = show_create(json ? SHOW_JSON : SHOW_TEXT, out);
	if (call->show == NULL)
		return error_set(call->err, ENOMEM, "out of memory");
	ret = call->command->run(call);
	if (call->show == NULL)
		return ret; /* a job has it now */
	end = show_destroy(call->show);
	if (ret == 0 && end != 0)
		ret = error_set(call->err, -end,
			end == -ENOMEM ? "out of memory" : "the show is malformed");
	/* half a table or half a JSON text helps nobody */
	if (ret < 0 && out->length > before) {
		out->length = before;
		out->text[before] = '\0';
	}
	return ret;
}

static void
call_explain(const struct cli_call *call, int ret)
{
	const struct cli_args *args = call->args;
	const struct cli_word *word;

	if (args->errors->length > 0)
		return;
	strbuf_append(args->errors, call->err->text[0] != '\0' ? call->err->text : strerror(-ret));
	if (args->blamed < 0)
		return;
	word = &args->line.words[args->blamed];
	cli_diag_point(
		args->errors, args->line.text, args->line.length, word->offset, word->length);
}

int
cli_run(struct cli *cli, const struct cli_request *request, struct strbuf *out,
	struct strbuf *errors)
{
	const struct cli_graph_command *command;
	struct error err = { 0 };
	struct cli_args args;
	struct cli_call call = { .daemon = cli->daemon, .cli = cli, .err = &err, .args = &args };
	int ret;

	ret = cli_args_parse(cli, &args, request->line, request->length, &command, errors);
	if (ret != 0 || command == NULL)
		goto out;
	call.command = command->command;
	args.request = request;
	args.out = out;
	args.errors = errors;
	ret = call_permit(cli, request, call.command, &err);
	if (ret == 0)
		ret = (call.command->flags & CLI_SHOW) ? call_show(&call)
						       : call.command->run(&call);
	if (ret != CLI_PENDING && request->session != NULL)
		request->session->pending = false;
	if (ret == 0 && out->failed)
		ret = error_set(&err, ENOMEM, "out of memory");
	if (ret < 0)
		call_explain(&call, ret);
out:
	cli_args_free(&args);
	return ret;
}

int
cli_check(struct cli *cli, const char *line, size_t length, const struct cli_command **command,
	struct strbuf *errors)
{
	const struct cli_graph_command *found;
	struct cli_args args;
	int ret;

	ret = cli_args_parse(cli, &args, line, length, &found, errors);
	*command = ret == 0 && found != NULL ? found->command : NULL;
	cli_args_free(&args);
	return ret;
}
