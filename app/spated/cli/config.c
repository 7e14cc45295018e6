/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads, checks, runs and undoes configuration files; called by main.c and config_job.c. */
#include "cli/config.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli_private.h"
#include "cli/diag.h"
#include "cli/journal.h"

#define CONFIG_FILE_MAX   (UINT64_C(256) << 20)
#define CONFIG_LINES_MAX  4000000 /* that hold a command */
#define CONFIG_ERRORS_MAX 20 /* that are spelt out */

struct config_line {
	const char *text;
	size_t length;
	unsigned number;
	bool at_start;
};

struct cli_config {
	char *path;
	char *text;
	size_t length;
	size_t checked; /* bytes of it */
	unsigned number; /* of the last line that was */
	struct config_line *lines; /* those that hold a command */
	unsigned count;
	unsigned capacity;
	unsigned errors;

	/* of the phase that is run */
	unsigned next; /* line */
	unsigned done;
	int failed; /* -errno: what was done is being taken back */
	struct cli_journal journal;
};

static void
explain_file(struct strbuf *errors, const char *path, const char *why)
{
	strbuf_printf(errors, "%s: %s", path, why);
}

static int
file_open(const char *path, size_t *size, struct strbuf *errors)
{
	struct stat st;
	int fd;

	/* O_NONBLOCK: a pipe must not stop the daemon */
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		explain_file(errors, path, strerror(errno));
		return -1;
	}
	if (fstat(fd, &st) != 0)
		explain_file(errors, path, strerror(errno));
	else if (S_ISDIR(st.st_mode))
		explain_file(errors, path, "is a directory, not a file of commands");
	else if (!S_ISREG(st.st_mode))
		explain_file(errors, path, "is not a regular file");
	else if ((uint64_t)st.st_size > CONFIG_FILE_MAX)
		explain_file(errors, path, "is larger than 256 MiB");
	else
		goto opened;
	close(fd);
	return -1;
opened:
	*size = st.st_size;
	return fd;
}

static int
file_read(struct cli_config *config, struct strbuf *errors)
{
	size_t size;
	ssize_t n = 1;
	int fd = file_open(config->path, &size, errors);

	if (fd < 0)
		return -EINVAL;
	config->text = malloc(size + 1);
	if (config->text == NULL) {
		explain_file(errors, config->path, "out of memory");
		close(fd);
		return -ENOMEM;
	}
	while (config->length < size && n > 0) {
		n = read(fd, config->text + config->length, size - config->length);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0)
			config->length += n;
	}
	config->text[config->length] = '\0';
	if (n < 0)
		explain_file(errors, config->path, strerror(errno));
	close(fd);
	return n < 0 ? -EIO : 0;
}

static int
line_add(struct cli_config *config, const struct config_line *line)
{
	unsigned capacity = config->capacity != 0 ? config->capacity * 2 : 64;
	struct config_line *lines;

	if (config->count == CONFIG_LINES_MAX)
		return -E2BIG;
	if (config->count == config->capacity) {
		lines = realloc(config->lines, capacity * sizeof(*lines));
		if (lines == NULL)
			return -ENOMEM;
		config->lines = lines;
		config->capacity = capacity;
	}
	config->lines[config->count++] = *line;
	return 0;
}

static void
line_explain(struct cli_config *config, const struct config_line *line, const char *why,
	struct strbuf *errors)
{
	if (config->errors++ < CONFIG_ERRORS_MAX)
		strbuf_printf(errors, "%s%s:%u: %s", errors->length > 0 ? "\n" : "", config->path,
			line->number, why);
}

/* Whether the command may stand in a file. */
static bool
line_permit(const struct config_line *line, const struct cli_command *command, struct strbuf *why)
{
	size_t length = strcspn(command->syntax, " ");
	size_t offset = 0;

	if ((command->flags & CLI_NOT_IN_FILE) == 0)
		return true;
	strbuf_printf(why, "\"%s\" is not accepted in a configuration file", command->syntax);
	while (offset < line->length && (line->text[offset] == ' ' || line->text[offset] == '\t'))
		offset++;
	cli_diag_point(why, line->text, line->length, offset, length);
	return false;
}

static int
line_check(
	struct cli_config *config, struct cli *cli, struct config_line *line, struct strbuf *errors)
{
	const struct cli_command *command;
	struct strbuf why = STRBUF_INIT;
	int ret;

	ret = cli_check(cli, line->text, line->length, &command, &why);
	if (ret == 0 && command != NULL) {
		line->at_start = (command->flags & CLI_AT_START) != 0;
		if (line_permit(line, command, &why))
			ret = line_add(config, line);
		else
			ret = -EPERM;
	}
	if (ret == -ENOMEM || ret == -E2BIG) {
		explain_file(errors, config->path,
			ret == -ENOMEM ? "out of memory" : "has more than 4000000 commands");
		config->errors++;
	} else if (ret != 0) {
		line_explain(config, line, strbuf_text(&why), errors);
	}
	strbuf_free(&why);
	return ret;
}

int
cli_config_check(struct cli_config *config, struct cli *cli, unsigned lines, struct strbuf *errors)
{
	const char *pos = config->text + config->checked, *end = config->text + config->length;
	struct config_line line = { .number = config->number };
	int ret;

	for (; pos < end && lines > 0; lines--) {
		const char *newline = memchr(pos, '\n', end - pos);
		const char *stop = newline != NULL ? newline : end;

		line.text = pos;
		line.length = stop - pos;
		line.number++;
		if (line.length > 0 && stop[-1] == '\r')
			line.length--;
		ret = line_check(config, cli, &line, errors);
		if (ret == -ENOMEM || ret == -E2BIG)
			return ret;
		pos = newline != NULL ? newline + 1 : end;
	}
	config->checked = pos - config->text;
	config->number = line.number;
	if (pos < end)
		return 1;
	if (config->errors > CONFIG_ERRORS_MAX)
		strbuf_printf(errors, "\n%s: %u more lines with errors", config->path,
			config->errors - CONFIG_ERRORS_MAX);
	return config->errors > 0 ? -EINVAL : 0;
}

struct cli_config *
cli_config_open(const char *path, struct strbuf *errors)
{
	struct cli_config *config = calloc(1, sizeof(*config));

	if (config != NULL)
		config->path = strdup(path);
	if (config == NULL || config->path == NULL)
		explain_file(errors, path, "out of memory");
	else if (file_read(config, errors) == 0)
		return config;
	cli_config_free(config);
	return NULL;
}

struct cli_config *
cli_config_read(struct cli *cli, const char *path, struct strbuf *errors)
{
	struct cli_config *config = cli_config_open(path, errors);

	if (config != NULL && cli_config_check(config, cli, UINT_MAX, errors) == 0)
		return config;
	cli_config_free(config);
	return NULL;
}

void
cli_config_free(struct cli_config *config)
{
	if (config == NULL)
		return;
	cli_journal_free(&config->journal);
	free(config->path);
	free(config->text);
	free(config->lines);
	free(config);
}

static int
line_run(struct cli_config *config, struct cli *cli, const struct config_line *line,
	struct strbuf *out, struct strbuf *errors)
{
	struct cli_request request = { .line = line->text,
		.length = line->length,
		.in_file = true,
		.journal = &config->journal };
	struct strbuf why = STRBUF_INIT;
	int ret = cli_run(cli, &request, out, &why);

	if (ret == 0 && config->journal.failed) {
		strbuf_append(&why, "out of memory");
		ret = -ENOMEM;
	}
	if (ret != 0)
		line_explain(config, line, strbuf_text(&why), errors);
	else
		config->done++;
	strbuf_free(&why);
	return ret;
}

/* All was run, or taken back: the next phase starts afresh. */
static void
phase_end(struct cli_config *config)
{
	cli_journal_free(&config->journal);
	config->next = config->done = 0;
	config->failed = 0;
}

/* Take back one line. @return 1: there may be more; -errno: that of the line that failed */
static int
undo_step(struct cli_config *config, struct cli *cli, struct strbuf *errors)
{
	int failed = config->failed;

	if (cli_journal_undo(&config->journal, cli, errors))
		return 1;
	if (config->journal.undo_failed == 0 && config->done > 0)
		strbuf_printf(errors, "\n%s: the lines before it were undone", config->path);
	phase_end(config);
	return failed;
}

int
cli_config_step(struct cli_config *config, struct cli *cli, enum cli_config_phase phase,
	struct strbuf *out, struct strbuf *errors)
{
	const struct config_line *line;

	if (config->failed != 0)
		return undo_step(config, cli, errors);
	if (config->next == config->count) {
		phase_end(config);
		return 0;
	}
	line = &config->lines[config->next++];
	if (line->at_start == (phase == CLI_CONFIG_START))
		config->failed = line_run(config, cli, line, out, errors);
	return 1;
}

bool
cli_config_abandon(struct cli_config *config)
{
	if (config->failed == 0)
		config->failed = -EINTR;
	return config->journal.count > 0;
}

int
cli_config_run(struct cli_config *config, struct cli *cli, enum cli_config_phase phase,
	struct strbuf *out, struct strbuf *errors)
{
	int ret;

	do
		ret = cli_config_step(config, cli, phase, out, errors);
	while (ret > 0);
	return ret;
}
