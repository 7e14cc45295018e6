/* SPDX-License-Identifier: BSD-3-Clause */
/* Commands that end later (ping): between their handler's file and the server. */
#include "cli/session.h"

#include <string.h>

#include "cli/cli_private.h"

struct cli_session *
cli_pend(struct cli_call *call, void (*abort)(void *arg), void *arg)
{
	struct cli_session *session = call->args->request->session;
	struct strbuf *out = call->args->out;

	if (session == NULL) {
		error_set(call->err, ENOTSUP, "this command needs a client that waits for it");
		return NULL;
	}
	session->abort = abort;
	session->abort_arg = arg;
	session->pending = true;
	/* What was printed so far comes before what the command will print later. */
	if (out->length > 0)
		session->write(session, out->text, out->length);
	strbuf_reset(out);
	return session;
}

void
cli_session_vprintf(struct cli_session *session, const char *fmt, va_list ap)
{
	struct strbuf text = STRBUF_INIT;

	strbuf_vprintf(&text, fmt, ap);
	session->write(session, strbuf_text(&text), text.length);
	strbuf_free(&text);
}

void
cli_session_printf(struct cli_session *session, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	cli_session_vprintf(session, fmt, ap);
	va_end(ap);
}

void
cli_session_end_with(struct cli_session *session, int status, const char *text)
{
	if (!session->pending)
		return;
	session->pending = false;
	if (status == 0)
		session->end(session, 0, "");
	else
		session->end(session, status, text[0] != '\0' ? text : strerror(-status));
}

void
cli_session_end(struct cli_session *session, int status, const struct error *err)
{
	cli_session_end_with(session, status, err != NULL ? err->text : "");
}

void
cli_session_abort(struct cli_session *session)
{
	static const struct error interrupted = { EINTR, "interrupted" };

	if (!session->pending)
		return;
	session->abort(session->abort_arg);
	cli_session_end(session, -EINTR, &interrupted);
}
