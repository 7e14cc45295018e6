/* SPDX-License-Identifier: BSD-3-Clause */
/* The interactive client: libedit edits, the daemon completes and helps; called by main.c. */
#include "spate/shell.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <histedit.h>

#define HISTORY_LINES 1000

struct shell {
	struct conn *conn;
	EditLine *el;
	History *history;
	char prompt[96];
	char history_path[PATH_MAX]; /* "" for none */
};

static struct shell *
shell_of(EditLine *el)
{
	void *shell = NULL;

	el_get(el, EL_CLIENTDATA, &shell);
	return shell;
}

static char *
prompt_get(EditLine *el)
{
	return shell_of(el)->prompt;
}

/* Asks about the line up to the cursor. */
static enum spate_status
ask(struct shell *shell, enum cli_proto_type type, struct strbuf *out, size_t *partial)
{
	const LineInfo *line = el_line(shell->el);

	if (shell->conn->fd < 0)
		return SPATE_FAILED;
	return conn_ask(shell->conn, type, line->buffer, line->cursor - line->buffer, out, partial);
}

static unsigned
terminal_width(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

static void
words_list(char *words)
{
	unsigned width = 0, column = 0, columns;
	char *rest;

	for (const char *c = words; *c != '\0'; c += strcspn(c, "\n") + 1) {
		unsigned length = strcspn(c, "\n");

		width = length > width ? length : width;
	}
	columns = terminal_width() / (width + 2);
	putchar('\n');
	for (char *word = strtok_r(words, "\n", &rest); word != NULL;
		word = strtok_r(NULL, "\n", &rest)) {
		if (column > 0 && column % (columns > 0 ? columns : 1) == 0)
			putchar('\n');
		printf("%-*s", (int)width + 2, word);
		column++;
	}
	putchar('\n');
	fflush(stdout);
}

/* How much the words, each ended by a newline, have in common. */
static size_t
common_length(const char *words, unsigned *count)
{
	size_t common = strcspn(words, "\n");

	*count = 0;
	for (const char *word = words; *word != '\0'; word += strcspn(word, "\n") + 1) {
		size_t same = 0;

		while (same < common && word[same] == words[same])
			same++;
		common = same;
		++*count;
	}
	return common;
}

static void
word_replace(EditLine *el, size_t partial, const char *word, size_t length, bool whole)
{
	char *text = NULL;

	if (asprintf(&text, "%.*s%s", (int)length, word, whole ? " " : "") < 0)
		return;
	if (partial > 0)
		el_deletestr(el, partial);
	el_insertstr(el, text);
	free(text);
}

static unsigned char
key_complete(EditLine *el, int key)
{
	struct shell *shell = shell_of(el);
	struct strbuf words = STRBUF_INIT;
	unsigned char ret = CC_REFRESH;
	unsigned count = 0;
	size_t partial, common;

	if (ask(shell, CLI_PROTO_COMPLETE, &words, &partial) != SPATE_OK || words.length == 0) {
		strbuf_free(&words);
		return CC_REFRESH_BEEP;
	}
	common = common_length(words.text, &count);
	if (count == 1 || common > partial) {
		word_replace(el, partial, words.text, common, count == 1);
	} else {
		words_list(words.text);
		ret = CC_REDISPLAY;
	}
	strbuf_free(&words);
	return ret;
}

static bool
in_quotes(const LineInfo *line)
{
	bool inside = false;

	for (const char *c = line->buffer; c < line->cursor; c++) {
		if (inside && *c == '\\' && c + 1 < line->cursor)
			c++;
		else if (*c == '"')
			inside = !inside;
	}
	return inside;
}

static unsigned char
key_help(EditLine *el, int key)
{
	struct shell *shell = shell_of(el);
	struct strbuf out = STRBUF_INIT;
	size_t partial;

	if (in_quotes(el_line(el))) {
		el_insertstr(el, "?");
		return CC_REFRESH;
	}
	if (ask(shell, CLI_PROTO_HELP, &out, &partial) == SPATE_OK && out.length > 0)
		printf("?\n%s", out.text);
	else
		printf("?\n  no help: something before it is wrong\n");
	fflush(stdout);
	strbuf_free(&out);
	return CC_REDISPLAY;
}

static void
history_find_path(struct shell *shell)
{
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	char *path = shell->history_path;
	int length = 0;

	path[0] = '\0';
	if (state != NULL && state[0] == '/') {
		length = snprintf(path, PATH_MAX, "%s/spate", state);
		if (length < PATH_MAX)
			mkdir(path, 0700);
		length = snprintf(path, PATH_MAX, "%s/spate/history", state);
	} else if (home != NULL && home[0] == '/') {
		length = snprintf(path, PATH_MAX, "%s/.spate_history", home);
	}
	if (length >= PATH_MAX)
		path[0] = '\0';
}

static int
shell_init(struct shell *shell, struct conn *conn, const char *instance)
{
	HistEvent event;

	shell->conn = conn;
	if (instance != NULL)
		snprintf(shell->prompt, sizeof(shell->prompt), "spate(%s)> ", instance);
	else
		snprintf(shell->prompt, sizeof(shell->prompt), "spate> ");
	shell->el = el_init("spate", stdin, stdout, stderr);
	shell->history = history_init();
	if (shell->el == NULL || shell->history == NULL)
		return -ENOMEM;
	history(shell->history, &event, H_SETSIZE, HISTORY_LINES);
	history(shell->history, &event, H_SETUNIQUE, 1);
	history_find_path(shell);
	if (shell->history_path[0] != '\0')
		history(shell->history, &event, H_LOAD, shell->history_path);
	el_set(shell->el, EL_CLIENTDATA, shell);
	el_set(shell->el, EL_PROMPT, prompt_get);
	el_set(shell->el, EL_EDITOR, "emacs");
	el_set(shell->el, EL_HIST, history, shell->history);
	el_set(shell->el, EL_ADDFN, "spate-complete", "complete the word", key_complete);
	el_set(shell->el, EL_ADDFN, "spate-help", "list what may come next", key_help);
	el_set(shell->el, EL_BIND, "^I", "spate-complete", NULL);
	el_set(shell->el, EL_BIND, "?", "spate-help", NULL);
	el_set(shell->el, EL_BIND, "^R", "em-inc-search-prev", NULL);
	return 0;
}

static void
shell_fini(struct shell *shell)
{
	HistEvent event;
	mode_t before;

	if (shell->history != NULL && shell->history_path[0] != '\0') {
		before = umask(077);
		history(shell->history, &event, H_SAVE, shell->history_path);
		umask(before);
	}
	if (shell->history != NULL)
		history_end(shell->history);
	if (shell->el != NULL)
		el_end(shell->el);
}

/* The daemon may have been started again since the last command. */
static enum spate_status
line_run(struct shell *shell, const char *line, size_t length)
{
	struct strbuf error = STRBUF_INIT;
	enum spate_status status;

	if (shell->conn->fd < 0 && conn_open(shell->conn) != 0)
		return SPATE_UNREACHABLE;
	status = conn_run(shell->conn, line, length, &error);
	if (status == SPATE_FAILED)
		fprintf(stderr, "error: %s\n", strbuf_text(&error));
	strbuf_free(&error);
	return status;
}

static enum spate_status
shell_loop(struct shell *shell)
{
	enum spate_status status = SPATE_OK;
	HistEvent event;
	char word[8];

	for (;;) {
		int length = 0;
		const char *line = el_gets(shell->el, &length);

		if (line == NULL && length == -1 && errno == EINTR) {
			/* Ctrl-C drops the line, not the client */
			puts("^C");
			el_reset(shell->el);
			continue;
		}
		if (line == NULL || length <= 0) {
			putchar('\n');
			return status;
		}
		while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r'))
			length--;
		if (strspn(line, " \t") >= (size_t)length)
			continue;
		history(shell->history, &event, H_ENTER, line);
		if (sscanf(line, " %7s", word) == 1 &&
			(strcmp(word, "quit") == 0 || strcmp(word, "exit") == 0))
			return status;
		status = line_run(shell, line, length);
	}
}

enum spate_status
shell_run(struct conn *conn, const char *instance)
{
	struct shell *shell = calloc(1, sizeof(*shell));
	enum spate_status status = SPATE_FAILED;

	if (shell != NULL && shell_init(shell, conn, instance) == 0)
		status = shell_loop(shell);
	else
		fprintf(stderr, "spate: cannot set up line editing\n");
	if (shell != NULL)
		shell_fini(shell);
	free(shell);
	return status;
}
