/* SPDX-License-Identifier: BSD-3-Clause */
/* One-shot commands and files of them; called by main.c. */
#include "spate/script.h"

#include <errno.h>
#include <string.h>

enum spate_status
script_command(struct conn *conn, const char *command)
{
	struct strbuf error = STRBUF_INIT;
	enum spate_status status = conn_run(conn, command, strlen(command), &error);

	if (status == SPATE_FAILED)
		fprintf(stderr, "error: %s\n", strbuf_text(&error));
	strbuf_free(&error);
	return status;
}

/* `exit` and `quit` are the client's own: the daemon does not know them. */
static bool
is_exit(const char *line)
{
	size_t length;

	line += strspn(line, " \t");
	length = strcspn(line, " \t");
	return length == 4 && (strncmp(line, "exit", 4) == 0 || strncmp(line, "quit", 4) == 0) &&
		line[length + strspn(line + length, " \t")] == '\0';
}

/* A line of any length takes no more memory than the longest that may be.
 * @return its length without its end; more than CLI_PROTO_LINE_MAX: it is too long; -1: the end */
static ssize_t
line_read(FILE *stream, char line[CLI_PROTO_LINE_MAX + 2])
{
	size_t length = 0;
	int c = EOF;

	while (length <= CLI_PROTO_LINE_MAX + 1 && (c = getc_unlocked(stream)) != EOF && c != '\n')
		line[length++] = (char)c;
	if (c == EOF && length == 0)
		return -1;
	if (length > 0 && line[length - 1] == '\r')
		length--;
	if (length <= CLI_PROTO_LINE_MAX)
		line[length] = '\0';
	return (ssize_t)length;
}

static enum spate_status
stream_run(struct conn *conn, FILE *stream, const char *name)
{
	static char line[CLI_PROTO_LINE_MAX + 2];
	enum spate_status status = SPATE_OK;
	struct strbuf error = STRBUF_INIT;
	unsigned number = 0;
	ssize_t length;

	while (status == SPATE_OK && (length = line_read(stream, line)) >= 0) {
		number++;
		if (length <= CLI_PROTO_LINE_MAX && is_exit(line))
			break;
		status = conn_run(conn, line, (size_t)length, &error);
		if (status == SPATE_FAILED)
			fprintf(stderr, "%s:%u: %s\n", name, number, strbuf_text(&error));
	}
	if (status == SPATE_OK && ferror(stream)) {
		fprintf(stderr, "spate: %s: %s\n", name, strerror(errno));
		status = SPATE_FAILED;
	}
	strbuf_free(&error);
	return status;
}

enum spate_status
script_file(struct conn *conn, const char *path)
{
	enum spate_status status;
	FILE *stream;

	if (strcmp(path, "-") == 0)
		return stream_run(conn, stdin, "stdin");
	stream = fopen(path, "re");
	if (stream == NULL) {
		fprintf(stderr, "spate: %s: %s\n", path, strerror(errno));
		return SPATE_FAILED;
	}
	status = stream_run(conn, stream, path);
	fclose(stream);
	return status;
}
