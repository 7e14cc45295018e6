/* SPDX-License-Identifier: BSD-3-Clause */
/* What came of a bench: the counters of its workers together. Read by the control thread. */
#include "service/bench_client.h"

#include <string.h>

void
bench_result_collect(struct sock_app *const *apps, unsigned count, struct bench_result *result)
{
	uint64_t elapsed_ns = 0;

	memset(result, 0, sizeof(*result));
	result->is_done = true;
	for (unsigned i = 0; i < count; i++) {
		const struct bench_client *client = apps[i]->state;
		const struct bench_counters *c = &client->counters;
		struct bench_counters *sum = &result->counters;

		sum->opened += counter_read(&c->opened);
		sum->failed += counter_read(&c->failed);
		sum->transactions += counter_read(&c->transactions);
		sum->lost += counter_read(&c->lost);
		sum->bytes_sent += counter_read(&c->bytes_sent);
		sum->bytes_received += counter_read(&c->bytes_received);
		sum->bytes_wrong += counter_read(&c->bytes_wrong);
		sum->messages_sent += counter_read(&c->messages_sent);
		sum->messages_received += counter_read(&c->messages_received);
		sum->messages_wrong += counter_read(&c->messages_wrong);
		sum->messages_abandoned += counter_read(&c->messages_abandoned);
		sum->ended += counter_read(&c->ended);
		sum->open += counter_read(&c->open);
		elapsed_ns = RTE_MAX(elapsed_ns, counter_read(&c->elapsed_ns));
		result->is_done = result->is_done && counter_read(&client->is_done) != 0;
		histogram_merge(&result->latency, &client->latency);
	}
	result->counters.elapsed_ns = elapsed_ns;
}
