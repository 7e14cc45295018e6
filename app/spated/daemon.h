/* SPDX-License-Identifier: BSD-3-Clause */
/* The daemon: what main.c, its parts and the commands share. Control thread only. */
#ifndef SPATED_DAEMON_H
#define SPATED_DAEMON_H

#include <stdbool.h>

#include "base/error.h"
#include "spated/jobs.h"
#include "spated/notify.h"
#include "spated/shared_app.h"
#include "stack/stack.h"

#define DAEMON_NAME_MAX     32
#define DAEMON_PATH_MAX     108 /* a UNIX socket's address has no more */
#define DAEMON_EAL_ARGS_MAX 64

struct capture_job;
struct cli;
struct cli_server;

/* The command line. */
struct options {
	char name[DAEMON_NAME_MAX]; /* of the instance: of its files in /run/spate */
	char socket_path[DAEMON_PATH_MAX];
	char pid_path[DAEMON_PATH_MAX];
	const char *config_path; /* NULL: none */
	bool background;
	bool syslog;
	bool print_cli_doc;
	bool check_host;
	const char *log_path; /* NULL: syslog or stderr */
	char *const *eal_args; /* in front of "--" */
	int eal_arg_count;
};

/* What must be known before DPDK starts: from the command line and CLI_AT_START commands. */
struct startup {
	char *eal_args[DAEMON_EAL_ARGS_MAX];
	unsigned eal_arg_count;
	unsigned eal_args_said; /* of these, by 'eal' commands: the first ones */
	bool workers_said; /* 'worker count' or 'worker cores' was given */
	unsigned worker_count;
	bool pinned; /* 'worker cores' said which */
	unsigned cpus[WORKER_MAX]; /* of each worker */
	unsigned mbufs_per_worker, sockets_per_worker;
	unsigned peer_conns_per_worker; /* 0: no bound */
	unsigned assocs_per_worker;
};

struct daemon {
	struct options options;
	struct startup startup;
	struct stack *stack; /* NULL before DPDK runs */
	struct cli *cli;
	struct cli_server *server;
	struct notify notify; /* systemd, if it is there */
	uint64_t worker_loops[WORKER_MAX]; /* at the last sign of life to systemd */
	int pid_fd;
	int ready_fd; /* to the process that waits for a background start; -1 */
	bool stop;
	struct capture_job *capture; /* commands/capture.c: NULL until the first */
	struct jobs jobs; /* commands that take their time */
	struct shared_apps apps; /* loaded by 'service load' */
};

/* options.c: @return 0; 1: nothing is to be started (--help); -1 after a message */
int options_parse(struct options *options, int argc, char **argv);

/* startup.c */
void startup_init(struct startup *startup);
void startup_fini(struct startup *startup);
int startup_add_eal_args(struct startup *startup, const char *text, struct error *err);
/* Whether DPDK was started with these. @return 0 or -EBUSY */
int startup_check_eal_args(const struct startup *startup, const char *text, struct error *err);
/* Start DPDK and make the stack, its workers running. */
int startup_run(struct daemon *daemon, struct error *err);
/* End DPDK. */
void startup_cleanup(const struct daemon *daemon);

/* process.c: the daemon among the host's processes */
int process_background(struct daemon *daemon);
/* Tell whoever waits for the start that it succeeded. */
void process_ready(struct daemon *daemon);
int process_lock_pid(struct daemon *daemon, struct error *err);
void process_unlock_pid(struct daemon *daemon);
int process_log_open(const struct daemon *daemon);
/* Go on in a new file, after somebody has moved the old one away. */
void process_log_reopen(const struct daemon *daemon);

/* control.c: the control thread's loop, until a signal or 'shutdown' */
int control_signals(struct error *err);
void control_run(struct daemon *daemon, int signal_fd);

/* telemetry.c: the shows, for DPDK's telemetry */
void telemetry_open(struct daemon *daemon);
/* Answer one request, if any waits. */
void telemetry_poll(void);
/* Requests are refused from now on. */
void telemetry_close(void);

/* commands/capture.c: end what has come to its end; a port goes, or stays after all; end all */
void captures_poll(struct daemon *daemon);
void captures_port_detach(struct daemon *daemon, const struct port *port);
void captures_port_attach(struct daemon *daemon, const struct port *port);
void captures_stop(struct daemon *daemon);
/* commands/complete.c: what PORT and IFACE can be */
void commands_complete(struct cli *cli);

#endif
