/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Usage: churn [-4 ROUTES] [-6 ROUTES] [-r CHANGES A SECOND] [-t SECONDS] [-w WORKERS] [-s SEED]
 *
 * Changes routes and neighbours under full traffic, and fails if a packet took a wrong way, or one
 * was lost that always had a way. See churn.h.
 */
#include "churn/churn.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <rte_rcu_qsbr.h>

#include "base/log.h"
#include "support/eal.h"

/* Packet buffers of all workers but one fit on a handoff ring, so that it is never full. */
#define MBUFS         2000
#define DRAIN_SECONDS 10

struct churn churn;

struct options {
	unsigned routes4, routes6, rate, seconds, workers;
};

struct report {
	uint64_t changes;
	double seconds;
	uint64_t away_ns; /* the longest time that control did not look at packets */
};

static uint64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000ULL + (uint64_t)now.tv_nsec;
}

static struct options
options_parse(int argc, char **argv)
{
	struct options options = {
		.routes4 = 4096, .routes6 = 1024, .rate = 10000, .seconds = 2, .workers = 2
	};
	int option;

	churn.seed = 1;
	while ((option = getopt(argc, argv, "4:6:r:t:w:s:")) != -1) {
		unsigned value = (unsigned)strtoul(optarg != NULL ? optarg : "0", NULL, 10);

		switch (option) {
		case '4': options.routes4 = value; break;
		case '6': options.routes6 = value; break;
		case 'r': options.rate = value; break;
		case 't': options.seconds = value; break;
		case 'w': options.workers = value; break;
		case 's': churn.seed = value; break;
		default: exit(EXIT_FAILURE);
		}
	}
	if (options.workers < 1 || options.workers > CHURN_WORKERS_MAX) {
		fprintf(stderr, "churn: 1 to %d workers\n", CHURN_WORKERS_MAX);
		exit(EXIT_FAILURE);
	}
	return options;
}

static void
set_up(const struct options *options)
{
	struct stack_config config = { .worker_count = options->workers,
		.mbufs_per_worker = MBUFS / RTE_MAX(1U, options->workers - 1),
		.nexthops_max = STACK_NEXTHOPS_DEFAULT,
		.neigh = NEIGH_CONFIG_DEFAULT };
	struct error err = { .text = "no memory, or too many routes" };

	for (unsigned i = 0; i < LOG_MODULE_COUNT; i++)
		log_level_set((enum log_module)i, LOG_LEVEL_ERROR);
	for (unsigned i = 0; i < options->workers; i++)
		config.lcores[i] = i + 1;
	if (plan_create(&churn.families[0], IP_FAMILY_4, options->routes4, churn.seed) < 0 ||
		plan_create(&churn.families[1], IP_FAMILY_6, options->routes6, churn.seed + 1) < 0)
		churn_die("plan", &err);
	if (stack_create(&config, &churn.stack, &err) < 0)
		churn_die("stack", &err);
	change_set_up();
	if (stack_start(churn.stack, &err) < 0)
		churn_die("start", &err);
}

static struct report
run(const struct options *options)
{
	const uint64_t start = now_ns(), end = start + options->seconds * 1000000000ULL;
	struct report report = { 0 };
	uint64_t now = start, looked = start;

	__atomic_store_n(&churn.traffic, true, __ATOMIC_RELAXED);
	while (now < end) {
		uint64_t due = (now - start) / 1000 * options->rate / 1000000;

		for (unsigned i = 0; i < 32 && report.changes < due; i++, report.changes++)
			change_step();
		stack_poll(churn.stack, now);
		now = now_ns();
		report.away_ns = RTE_MAX(report.away_ns, now - looked);
		looked = now;
		if (report.changes >= due)
			usleep(500);
	}
	report.seconds = (double)(now - start) / 1e9;
	return report;
}

static bool
is_idle(void)
{
	struct traffic_counters sum;

	traffic_sum(&sum);
	return sum.sent[0] == sum.got[0];
}

/* What is on its way arrives, if it does. */
static void
drain(void)
{
	const uint64_t end = now_ns() + DRAIN_SECONDS * 1000000000ULL;

	__atomic_store_n(&churn.traffic, false, __ATOMIC_SEQ_CST);
	/* A worker that was interrupted in the middle of a burst has yet to count the rest of it. */
	rte_rcu_qsbr_synchronize(churn.stack->rcu, RTE_QSBR_THRID_INVALID);
	do {
		stack_poll(churn.stack, now_ns());
		usleep(1000);
	} while (!is_idle() && now_ns() < end);
	stack_stop(churn.stack);
}

static void
drops_print(void)
{
	uint64_t drops[DROP_REASON_COUNT];

	stack_drops(churn.stack, drops);
	for (unsigned i = 0; i < DROP_REASON_COUNT; i++) {
		if (drops[i] != 0)
			printf("    dropped %lu: %s\n", drops[i],
				drop_reason_name((enum drop_reason)i));
	}
}

/* @return whether all is well */
static bool
verdict(const struct report *report)
{
	struct traffic_counters sum;

	traffic_sum(&sum);
	printf("%lu changes, %.0f a second; control away for %.1f ms at most\n", report->changes,
		(double)report->changes / report->seconds, (double)report->away_ns / 1e6);
	printf("%lu packets, %.2f million a second: %lu that must arrive, of these %lu lost;\n"
	       "%lu others, of these %lu lost; %lu took a wrong way; of %lu it is not known\n",
		sum.sent[0] + sum.sent[1],
		(double)(sum.sent[0] + sum.sent[1]) / report->seconds / 1e6, sum.sent[0],
		sum.sent[0] - sum.got[0], sum.sent[1], sum.sent[1] - sum.got[1], sum.wrong,
		sum.unknown);
	drops_print();
	return sum.wrong == 0 && sum.got[0] == sum.sent[0] && report->changes > 0 &&
		sum.got[0] > 0 && sum.got[1] > 0 && sum.got[1] < sum.sent[1];
}

int
main(int argc, char **argv)
{
	const struct options options = options_parse(argc, argv);
	struct route_table_stats stats;
	struct report report;
	bool well;

	if (test_eal_setup_lcores(NULL) != 0 || pkt_init() != 0)
		return EXIT_FAILURE;
	set_up(&options);
	route_table_stats(stack_routes(churn.stack, IP_VRF_DEFAULT), &stats);
	printf("%u IPv4 and %u IPv6 routes, %u workers\n", stats.routes4, stats.routes6,
		options.workers);
	report = run(&options);
	drain();
	well = verdict(&report);
	stack_destroy(churn.stack);
	for (unsigned i = 0; i < CHURN_FAMILIES; i++)
		plan_destroy(&churn.families[i]);
	if (test_eal_teardown(NULL) != 0)
		return EXIT_FAILURE;
	return well ? EXIT_SUCCESS : EXIT_FAILURE;
}
