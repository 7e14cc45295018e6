/* SPDX-License-Identifier: BSD-3-Clause */
/* The thread that takes copies off the ring and writes them: it alone waits for the disk. */
#include "capture/capture_priv.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_lcore.h>

#include "base/counter.h"
#include "pkt/pkt.h"

#define WRITER_IDLE_US 1000

static void
writer_finish(struct capture_session *session, int errnum)
{
	__atomic_store_n(&session->errnum, errnum, __ATOMIC_RELAXED);
	__atomic_store_n(&session->finished, true, __ATOMIC_RELEASE);
}

static void
writer_write(struct capture_session *session, struct rte_mbuf **pkts, unsigned count)
{
	unsigned wanted = count;
	ssize_t bytes;

	if (session->packets_max > 0)
		wanted = (unsigned)RTE_MIN(count, session->packets_max - session->written);
	if (wanted > 0 && !__atomic_load_n(&session->finished, __ATOMIC_RELAXED)) {
		bytes = capture_file_write(&session->file, pkts, wanted);
		if (bytes < 0) {
			writer_finish(session, (int)-bytes);
		} else {
			counter_add(&session->written, wanted);
			counter_add(&session->bytes, (uint64_t)bytes);
		}
	}
	if (session->packets_max > 0 && session->written == session->packets_max &&
		!__atomic_load_n(&session->finished, __ATOMIC_RELAXED))
		writer_finish(session, 0);
	rte_pktmbuf_free_bulk(pkts, count);
}

static void *
writer_main(void *arg)
{
	struct capture_session *session = arg;
	struct rte_mbuf *pkts[PKT_BURST];
	unsigned count;
	bool stopping;

	do {
		/* Asked first: what was put on the ring before it was said is still taken. */
		stopping = __atomic_load_n(&session->stopping, __ATOMIC_ACQUIRE);
		count = rte_ring_dequeue_burst(session->ring, (void **)pkts, PKT_BURST, NULL);
		if (count > 0)
			writer_write(session, pkts, count);
		else if (!stopping)
			usleep(WRITER_IDLE_US);
	} while (count > 0 || !stopping);
	return NULL;
}

/* Not to wait for the reader of a FIFO, nor to write on a device. */
static int
file_open(const char *path, int *fd, struct error *err)
{
	struct stat st;

	*fd = open(path, O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0600);
	if (*fd < 0)
		return error_set(err, errno, "cannot open %s: %s", path, strerror(errno));
	if (fstat(*fd, &st) == 0 && S_ISREG(st.st_mode) && ftruncate(*fd, 0) == 0)
		return 0;
	close(*fd);
	return error_set(err, EINVAL, "%s is no regular file", path);
}

int
capture_writer_start(
	struct capture_session *session, const struct capture_config *config, struct error *err)
{
	int rc = file_open(config->path, &session->file.fd, err);

	if (rc < 0)
		return rc;
	rc = capture_file_start(&session->file, config, err);
	if (rc < 0)
		goto close_file;
	rc = -rte_ctrl_thread_create(&session->writer, "spate-capture", NULL, writer_main, session);
	if (rc == 0)
		return 0;
	rc = error_set(err, abs(rc), "cannot start a thread: %s", strerror(abs(rc)));
close_file:
	close(session->file.fd);
	return rc;
}

void
capture_writer_stop(struct capture_session *session)
{
	__atomic_store_n(&session->stopping, true, __ATOMIC_RELEASE);
	pthread_join(session->writer, NULL);
	close(session->file.fd);
}
