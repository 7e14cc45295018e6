/* SPDX-License-Identifier: BSD-3-Clause */
/* The daemon among the host's processes: background, PID file, log. */
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include <bsd/string.h>
#include <rte_log.h>

#include "base/log.h"
#include "spated/daemon.h"

/* The parent stays until the child is ready or has failed, so that its exit status tells. */
int
process_background(struct daemon *daemon)
{
	char ready = 0;
	int fds[2];
	pid_t child;

	if (pipe(fds) < 0 || (child = fork()) < 0) {
		perror("spated: cannot go to the background");
		return -1;
	}
	if (child > 0) {
		close(fds[1]);
		exit(read(fds[0], &ready, 1) == 1 ? EXIT_SUCCESS : EXIT_FAILURE);
	}
	close(fds[0]);
	setsid();
	daemon->ready_fd = fds[1];
	return 0;
}

void
process_ready(struct daemon *daemon)
{
	int null_fd;

	if (daemon->ready_fd < 0)
		return;
	if (chdir("/") < 0)
		log(daemon, WARNING, "cannot change to /: %s", strerror(errno));
	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null_fd >= 0) {
		dup2(null_fd, STDIN_FILENO);
		dup2(null_fd, STDOUT_FILENO);
		dup2(null_fd, STDERR_FILENO);
		close(null_fd);
	}
	if (write(daemon->ready_fd, "", 1) != 1)
		log(daemon, WARNING, "nobody waits for the start");
	close(daemon->ready_fd);
	daemon->ready_fd = -1;
}

/* Its lock says that the daemon lives, whatever the file says: a crash leaves nothing behind. */
int
process_lock_pid(struct daemon *daemon, struct error *err)
{
	const char *path = daemon->options.pid_path;
	char directory[DAEMON_PATH_MAX], pid[32] = "";

	strlcpy(directory, path, sizeof(directory));
	if (mkdir(dirname(directory), 0755) < 0 && errno != EEXIST)
		return error_set(
			err, errno, "cannot make the directory of %s: %s", path, strerror(errno));
	daemon->pid_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (daemon->pid_fd < 0)
		return error_set(err, errno, "cannot open %s: %s (spated runs as root)", path,
			strerror(errno));
	if (flock(daemon->pid_fd, LOCK_EX | LOCK_NB) < 0) {
		if (read(daemon->pid_fd, pid, sizeof(pid) - 1) > 0)
			pid[strcspn(pid, "\n")] = '\0';
		close(daemon->pid_fd);
		daemon->pid_fd = -1;
		return error_set(err, EEXIST,
			"instance \"%s\" runs already (process %s): stop it with "
			"'spate -n %s -c shutdown', or choose another name with -n",
			daemon->options.name, pid, daemon->options.name);
	}
	if (ftruncate(daemon->pid_fd, 0) < 0 || dprintf(daemon->pid_fd, "%d\n", getpid()) < 0)
		return error_set(err, errno, "cannot write %s: %s", path, strerror(errno));
	return 0;
}

void
process_unlock_pid(struct daemon *daemon)
{
	if (daemon->pid_fd < 0)
		return;
	unlink(daemon->options.pid_path);
	close(daemon->pid_fd);
	daemon->pid_fd = -1;
}

static void
sink_syslog(enum log_level level, const char *module, const char *line)
{
	syslog((int)level, "%s: %s", module, line);
}

static void
sink_stderr(enum log_level level, const char *module, const char *line)
{
	const char *word = level <= LOG_LEVEL_WARNING ? log_level_name(level) : "";

	fprintf(stderr, "spated: %s: %s%s%s\n", module, word, *word != '\0' ? ": " : "", line);
}

/* DPDK writes here too, from any of its threads; so it stays open until the end. */
static FILE *log_file;

static void
sink_file(enum log_level level, const char *module, const char *line)
{
	time_t now = time(NULL);
	struct tm tm;
	char text[64];

	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S%z", localtime_r(&now, &tm));
	fprintf(log_file, "%s spated: %s: %s: %s\n", text, module, log_level_name(level), line);
}

static int
log_file_open(const char *path)
{
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | O_CLOEXEC, 0640);
}

int
process_log_open(const struct daemon *daemon)
{
	const struct options *options = &daemon->options;
	int fd;

	if (options->log_path != NULL) {
		fd = log_file_open(options->log_path);
		log_file = fd >= 0 ? fdopen(fd, "a") : NULL;
		if (log_file == NULL) {
			fprintf(stderr, "spated: cannot open %s: %s\n", options->log_path,
				strerror(errno));
			return -1;
		}
		setvbuf(log_file, NULL, _IOLBF, 0);
		log_set_sink(sink_file);
		rte_openlog_stream(log_file);
		return 0;
	}
	if (options->syslog)
		openlog("spated", LOG_PID, LOG_DAEMON);
	log_set_sink(options->syslog ? sink_syslog : sink_stderr);
	/* DPDK's lines: stderr, or what it does by itself without a stream, syslog. */
	if (!options->syslog)
		rte_openlog_stream(stderr);
	return 0;
}

void
process_log_reopen(const struct daemon *daemon)
{
	int fd;

	if (log_file == NULL)
		return;
	fd = log_file_open(daemon->options.log_path);
	/* In place of the old one, at once: other threads may be writing. */
	if (fd < 0 || dup3(fd, fileno(log_file), O_CLOEXEC) < 0)
		log(daemon, ERROR, "cannot open %s: %s", daemon->options.log_path, strerror(errno));
	if (fd >= 0)
		close(fd);
}
