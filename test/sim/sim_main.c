/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program of scenarios: each is run on one and on four workers, from each seed twice, and must
 * be the same both times. If one fails it is run once more, to capture what every link carried.
 */
#include "sim/sim_private.h"

#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <rte_lcore.h>

#include "base/log.h"
#include "support/eal.h"

static const char usage[] =
	"Usage: %s [-l] [-d] [-o] [-s SEED] [-n SEEDS] [-w WORKERS] [-p FOLDER] [-t SECONDS] [SCENARIO...]\n"
	"  -l  list the scenarios\n"
	"  -d  print the digest of each run's trace: the same for each build\n"
	"  -o  run each once: nothing is compared\n"
	"  -s  the first seed (1)\n"
	"  -n  how many seeds (as many as the test has)\n"
	"  -t  new seeds for so long\n"
	"  -w  workers of each node (1 and 4)\n"
	"  -p  write FOLDER/LINK.pcapng for each link; of one run\n";

struct options {
	const char *program;
	bool digests, once;
	uint64_t seed;
	unsigned seeds, workers, seconds;
	const char *capture_dir;
};

static struct options options;

/* What memory is full of once it is freed, so that nobody can use it. */
#define FREED 0xe5

/* The run under way, for whoever makes the process end. */
static struct {
	const struct sim_scenario *scenario; /* NULL: none */
	char name[128], replay[512];
	struct sim *sim;
	double simulated_s; /* of all runs */
} running;

void
sim_fail(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "FAILED: ");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

/* Whatever ended the process, sim_fail(), a check of cmocka's or of a library's. */
static void
at_exit(void)
{
	if (running.scenario == NULL || options.capture_dir != NULL)
		return;
	fprintf(stderr, "%s, at %.9f s. Again:\n    %s\n", running.name,
		running.sim != NULL ? (double)running.sim->now_ns / 1e9 : 0.0, running.replay);
	fprintf(stderr, "%s\n",
		system(running.replay) != 0 ? "The captures are there."
					    : "The second time it did not fail.");
}

/* A sanitizer's last word, or a fault where there is none. */
static void
at_signal(int number)
{
	static const char again[] = ". Again:\n    ", end[] = "\n";
	ssize_t rc = 0;

	if (running.scenario != NULL) {
		rc += write(STDERR_FILENO, running.name, strlen(running.name));
		rc += write(STDERR_FILENO, again, strlen(again));
		rc += write(STDERR_FILENO, running.replay, strlen(running.replay));
		rc += write(STDERR_FILENO, end, strlen(end));
	}
	signal(number, SIG_DFL);
	raise(number);
	_exit(rc >= 0);
}

/* A sanitizer has a handler for faults already, and aborts after it. */
static void
signals_watch(void)
{
	void (*before)(int) = signal(SIGSEGV, at_signal);

	if (before != SIG_DFL)
		signal(SIGSEGV, before);
	signal(SIGABRT, at_signal);
}

static void
running_set(const struct sim_scenario *scenario, const struct sim_config *config)
{
	running.scenario = scenario;
	snprintf(running.name, sizeof(running.name), "%s with seed %" PRIu64 " on %u workers",
		scenario->name, config->seed, config->workers);
	snprintf(running.replay, sizeof(running.replay),
		"%s -s %" PRIu64 " -n 1 -w %u -p %s-%" PRIu64 "-%u.capture %s", options.program,
		config->seed, config->workers, scenario->name, config->seed, config->workers,
		scenario->name);
}

static double
wall_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static uint64_t
run(const struct sim_scenario *scenario, const struct sim_config *config)
{
	uint64_t digest;

	running_set(scenario, config);
	running.sim = sim_create(config);
	scenario->run(running.sim);
	running.simulated_s += (double)running.sim->now_ns / 1e9;
	digest = sim_destroy(running.sim);
	running.sim = NULL;
	return digest;
}

static void
run_twice(const struct sim_scenario *scenario, uint64_t seed, unsigned workers)
{
	const struct sim_config config = { seed, workers, options.capture_dir, scenario->arg };
	uint64_t digest = run(scenario, &config);

	if (config.capture_dir == NULL && !options.once) {
		uint64_t again = run(scenario, &config);

		sim_assert(digest == again,
			"two runs differ: their traces' digests are %016" PRIx64 " and %016" PRIx64,
			digest, again);
	}
	if (options.digests)
		printf("%s %" PRIu64 " %u %016" PRIx64 "\n", scenario->name, seed, workers, digest);
	running.scenario = NULL;
}

static void
run_seed(const struct sim_scenario *scenario, uint64_t seed)
{
	if (options.workers != 0) {
		run_twice(scenario, seed, options.workers);
		return;
	}
	run_twice(scenario, seed, 1);
	run_twice(scenario, seed, 4);
}

static bool
is_asked(const struct sim_scenario *scenario, char **names, int count)
{
	bool asked = count == 0;

	for (int i = 0; i < count; i++)
		asked |= strcmp(names[i], scenario->name) == 0;
	return asked;
}

/* @return whether it is to go on */
static bool
options_parse(int argc, char **argv, const struct sim_scenario *scenarios, unsigned count)
{
	int option;

	options = (struct options){ .program = argv[0], .seed = 1, .seeds = 1 };
	while ((option = getopt(argc, argv, "ldos:n:w:p:t:")) != -1) {
		switch (option) {
		case 'l':
			for (unsigned i = 0; i < count; i++)
				puts(scenarios[i].name);
			return false;
		case 'd': options.digests = true; break;
		case 'o': options.once = true; break;
		case 's': options.seed = strtoull(optarg, NULL, 10); break;
		case 'n': options.seeds = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'w': options.workers = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'p': options.capture_dir = optarg; break;
		case 't': options.seconds = (unsigned)strtoul(optarg, NULL, 10); break;
		default: fprintf(stderr, usage, argv[0]); exit(2);
		}
	}
	if (options.capture_dir != NULL)
		mkdir(options.capture_dir, 0777);
	return true;
}

static void
environment_prepare(void)
{
	if (test_eal_setup_memory(1024) < 0)
		exit(1);
	for (unsigned i = 0; i < LOG_MODULE_COUNT; i++)
		log_level_set((enum log_module)i, LOG_LEVEL_ERROR);
	/* sim_pool.c: no lcore's cache is between stacks and their packet buffers. */
	RTE_PER_LCORE(_lcore_id) = LCORE_ID_ANY;
	sim_pool_register();
	mallopt(M_PERTURB, FREED);
	/* Of the route tables of many stacks little is used, and all is cleared each time. */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	atexit(at_exit);
	signals_watch();
}

int
sim_main(int argc, char **argv, const struct sim_scenario *scenarios, unsigned scenario_count)
{
	const double start_s = wall_s();
	uint64_t seed;

	if (!options_parse(argc, argv, scenarios, scenario_count))
		return 0;
	environment_prepare();
	for (seed = options.seed; options.seconds != 0 ? wall_s() - start_s < options.seconds
						       : seed - options.seed < options.seeds;
		seed++) {
		for (unsigned i = 0; i < scenario_count; i++) {
			if (is_asked(&scenarios[i], argv + optind, argc - optind))
				run_seed(&scenarios[i], seed);
		}
	}
	printf("%" PRIu64 " seeds passed, the last one %" PRIu64
	       ": %.0f simulated seconds in %.2f s\n",
		seed - options.seed, seed - 1, running.simulated_s, wall_s() - start_s);
	return 0;
}
