/* SPDX-License-Identifier: BSD-3-Clause */
/* cable set, cable clear: what happens to the frames that a port sends. */
#include <bsd/string.h>

#include "cli/units.h"
#include "commands/cable.h"

static void
loss_get(const struct cli_call *call, struct cable_impair *impair)
{
	struct cable_loss *loss = &impair->loss;
	uint32_t chance;

	if (cli_arg_chance(call, "LOSS", &chance)) {
		*loss = (struct cable_loss){ .p = chance };
	} else if (cli_arg_present(call, "gemodel")) {
		*loss = (struct cable_loss){ .model = CABLE_LOSS_GEMODEL };
		cli_arg_chance(call, "P", &loss->p);
		cli_arg_chance(call, "R", &loss->r);
		cli_arg_chance(call, "BAD", &loss->bad);
		cli_arg_chance(call, "GOOD", &loss->good);
	} else if (cli_arg_present(call, "nth")) {
		*loss = (struct cable_loss){ .model = CABLE_LOSS_NTH,
			.n = cli_arg_number(call, "nth", 0) };
	} else if (cli_arg_present(call, "every")) {
		*loss = (struct cable_loss){ .model = CABLE_LOSS_EVERY,
			.n = cli_arg_number(call, "every", 0) };
	}
}

static void
queue_get(const struct cli_call *call, struct cable_impair *impair)
{
	cli_arg_rate(call, "rate", &impair->rate_bps);
	impair->burst_bytes = (uint32_t)cli_arg_number(call, "burst", impair->burst_bytes);
	impair->limit_packets = (uint32_t)cli_arg_number(call, "limit", impair->limit_packets);
	impair->limit_bytes = (uint32_t)cli_arg_number(call, "limit-bytes", impair->limit_bytes);
	if (cli_arg_present(call, "aqm")) {
		impair->ecn = cli_arg_present(call, "ecn");
		impair->codel = impair->ecn || cli_arg_present(call, "codel");
	}
	cli_arg_time(call, "target", &impair->codel_target_ns);
	cli_arg_time(call, "interval", &impair->codel_interval_ns);
}

static int
impair_get(struct cli_call *call, struct cable_impair *impair)
{
	const char *filter = cli_arg_string(call, "filter");

	if (filter != NULL &&
		strlcpy(impair->filter, filter, sizeof(impair->filter)) >= sizeof(impair->filter))
		return cli_fail(call, "filter", E2BIG, "a filter has at most %d characters",
			CABLE_FILTER_MAX - 1);
	/* `none` is what an empty one would be, which no word can be. */
	if (strcmp(impair->filter, "none") == 0)
		impair->filter[0] = '\0';
	impair->seed = cli_arg_number(call, "seed", impair->seed);
	loss_get(call, impair);
	cli_arg_chance(call, "corrupt", &impair->corrupt_after);
	cli_arg_chance(call, "corrupt-before", &impair->corrupt_before);
	cli_arg_chance(call, "truncate", &impair->truncate);
	cli_arg_chance(call, "duplicate", &impair->duplicate);
	queue_get(call, impair);
	cli_arg_time(call, "delay", &impair->delay_ns);
	cli_arg_time(call, "jitter", &impair->jitter_ns);
	if (cli_arg_present(call, "distribution"))
		impair->distribution =
			cli_arg_present(call, "normal") ? CABLE_NORMAL : CABLE_UNIFORM;
	cli_arg_chance(call, "reorder", &impair->reorder);
	cli_arg_time(call, "by", &impair->reorder_ns);
	return 0;
}

/* As it was: all of it away, then what there was. Undone from the last to the first. */
static void
impair_undo(struct cli_call *call, const char *port, const struct cable_impair *before)
{
	struct strbuf words = STRBUF_INIT;

	cable_impair_words(before, &words);
	if (words.length > 0)
		cli_undo(call, "cable set %s%s", port, strbuf_text(&words));
	cli_undo(call, "cable clear %s", port);
	strbuf_free(&words);
}

static int
impair_put(struct cli_call *call, struct port *port, const struct cable_impair *impair)
{
	struct cable_impair before;
	int rc;

	cable_impair_get(port, &before);
	rc = cable_impair_set(port, impair, call->err);
	if (rc == 0)
		impair_undo(call, port->name, &before);
	return rc;
}

int
cable_set(struct cli_call *call)
{
	struct cable_impair impair;
	struct port *port;
	int rc = cable_of(call, &port);

	if (rc < 0)
		return rc;
	cable_impair_get(port, &impair);
	rc = impair_get(call, &impair);
	return rc < 0 ? rc : impair_put(call, port, &impair);
}

int
cable_clear(struct cli_call *call)
{
	const struct cable_impair none = { 0 };
	struct port *port;
	int rc = cable_of(call, &port);

	return rc < 0 ? rc : impair_put(call, port, &none);
}

/* ---- as words ---- */

static void
words_chance(struct strbuf *out, const char *word, uint32_t ppb)
{
	char text[CLI_UNITS_TEXT_MAX];

	if (ppb != 0)
		strbuf_printf(out, " %s %s", word, cli_chance_format(ppb, text));
}

static void
words_time(struct strbuf *out, const char *word, uint64_t ns)
{
	char text[CLI_UNITS_TEXT_MAX];

	if (ns != 0)
		strbuf_printf(out, " %s %s", word, cli_time_format(ns, text));
}

static void
words_number(struct strbuf *out, const char *word, uint64_t number)
{
	if (number != 0)
		strbuf_printf(out, " %s %llu", word, (unsigned long long)number);
}

static void
words_loss(struct strbuf *out, const struct cable_loss *loss)
{
	char p[CLI_UNITS_TEXT_MAX], r[CLI_UNITS_TEXT_MAX], bad[CLI_UNITS_TEXT_MAX],
		good[CLI_UNITS_TEXT_MAX];

	switch (loss->model) {
	case CABLE_LOSS_RANDOM: words_chance(out, "loss", loss->p); break;
	case CABLE_LOSS_GEMODEL:
		strbuf_printf(out, " loss gemodel %s %s %s %s", cli_chance_format(loss->p, p),
			cli_chance_format(loss->r, r), cli_chance_format(loss->bad, bad),
			cli_chance_format(loss->good, good));
		break;
	case CABLE_LOSS_NTH: words_number(out, "loss nth", loss->n); break;
	case CABLE_LOSS_EVERY: words_number(out, "loss every", loss->n); break;
	}
}

static void
words_queue(struct strbuf *out, const struct cable_impair *impair)
{
	char text[CLI_UNITS_TEXT_MAX];

	if (impair->rate_bps != 0)
		strbuf_printf(out, " rate %s", cli_rate_format(impair->rate_bps, text));
	words_number(out, "burst", impair->burst_bytes);
	words_number(out, "limit", impair->limit_packets);
	words_number(out, "limit-bytes", impair->limit_bytes);
	if (impair->codel)
		strbuf_printf(out, " aqm %s", impair->ecn ? "ecn" : "codel");
	words_time(out, "target", impair->codel_target_ns);
	words_time(out, "interval", impair->codel_interval_ns);
}

void
cable_impair_words(const struct cable_impair *impair, struct strbuf *out)
{
	char quoted[2 * CABLE_FILTER_MAX], text[CLI_UNITS_TEXT_MAX];

	words_number(out, "seed", impair->seed);
	words_time(out, "delay", impair->delay_ns);
	words_time(out, "jitter", impair->jitter_ns);
	if (impair->distribution == CABLE_NORMAL)
		strbuf_append(out, " distribution normal");
	words_loss(out, &impair->loss);
	if (impair->filter[0] != '\0')
		strbuf_printf(out, " filter %s", cli_quote(impair->filter, quoted, sizeof(quoted)));
	words_chance(out, "duplicate", impair->duplicate);
	words_chance(out, "corrupt", impair->corrupt_after);
	words_chance(out, "corrupt-before", impair->corrupt_before);
	words_chance(out, "truncate", impair->truncate);
	words_chance(out, "reorder", impair->reorder);
	if (impair->reorder != 0)
		strbuf_printf(out, " by %s", cli_time_format(impair->reorder_ns, text));
	words_queue(out, impair);
}
