/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The file, in pcapng (draft-ietf-opsawg-pcapng): a section, an interface for each port, by its name,
 * and packets. DPDK's own writer knows ethdev's ports only.
 * Called by capture_writer.c.
 */
#include "capture/capture_priv.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <rte_cycles.h>

#include "pkt/pkt.h"

#define BLOCK_SECTION    0x0a0d0d0a
#define BLOCK_INTERFACE  1
#define BLOCK_PACKET     6 /* "enhanced" */
#define BYTE_ORDER_MAGIC 0x1a2b3c4d

enum option {
	OPTION_END = 0,
	OPTION_SHB_OS = 3,
	OPTION_SHB_USERAPPL = 4,
	OPTION_IF_NAME = 2,
	OPTION_IF_MAC = 6,
	OPTION_IF_TSRESOL = 9,
	OPTION_EPB_FLAGS = 2,
	OPTION_EPB_QUEUE = 6,
};

#define NANOSECONDS 9 /* of if_tsresol: 10^-9 s */
/* Of epb_flags: the direction. */
#define FLAG_INBOUND  1
#define FLAG_OUTBOUND 2
#define IOV_COUNT     256

/* A block that is not a packet. */
struct block {
	unsigned length; /* bytes */
	uint8_t bytes[1024];
};

/* Filled up to four bytes. */
static void
block_put(struct block *block, const void *bytes, size_t length)
{
	size_t padded = RTE_ALIGN_CEIL(length, 4);

	memset(block->bytes + block->length, 0, padded);
	memcpy(block->bytes + block->length, bytes, length);
	block->length += (unsigned)padded;
}

static void
block_put32(struct block *block, uint32_t value)
{
	block_put(block, &value, sizeof(value));
}

static void
block_put16_pair(struct block *block, uint16_t first, uint16_t second)
{
	const uint16_t pair[] = { first, second };

	block_put(block, pair, sizeof(pair));
}

static void
block_option(struct block *block, enum option option, const void *value, size_t length)
{
	block_put16_pair(block, (uint16_t)option, (uint16_t)length);
	block_put(block, value, length);
}

static void
block_begin(struct block *block, uint32_t type)
{
	block->length = 0;
	block_put32(block, type);
	block_put32(block, 0);
}

/* Its length stands at both ends. @return 0; -errno */
static int
block_end(struct block *block, int fd)
{
	uint32_t length;

	block_option(block, OPTION_END, "", 0);
	length = block->length + (uint32_t)sizeof(length);
	block_put32(block, length);
	memcpy(block->bytes + 4, &length, sizeof(length));
	errno = ENOSPC; /* if it is cut short */
	return write(fd, block->bytes, length) == (ssize_t)length ? 0 : -errno;
}

static int
section_write(int fd)
{
	static const char program[] = "spated";
	struct utsname host;
	struct block block;

	block_begin(&block, BLOCK_SECTION);
	block_put32(&block, BYTE_ORDER_MAGIC);
	block_put16_pair(&block, 1, 0); /* version */
	block_put32(&block, UINT32_MAX); /* of the section, not said */
	block_put32(&block, UINT32_MAX);
	if (uname(&host) == 0) {
		char os[sizeof(host.sysname) + sizeof(host.release) + 1];
		int length = snprintf(os, sizeof(os), "%s %s", host.sysname, host.release);

		block_option(&block, OPTION_SHB_OS, os, (size_t)length);
	}
	block_option(&block, OPTION_SHB_USERAPPL, program, strlen(program));
	return block_end(&block, fd);
}

static int
iface_write(int fd, const struct port *port, uint32_t snaplen)
{
	const uint8_t resolution = NANOSECONDS;
	struct block block;

	block_begin(&block, BLOCK_INTERFACE);
	block_put16_pair(&block, DLT_EN10MB, 0);
	block_put32(&block, snaplen);
	block_option(&block, OPTION_IF_NAME, port->name, strlen(port->name));
	block_option(&block, OPTION_IF_MAC, port->mac.bytes, sizeof(port->mac.bytes));
	block_option(&block, OPTION_IF_TSRESOL, &resolution, sizeof(resolution));
	return block_end(&block, fd);
}

int
capture_file_start(
	struct capture_file *file, const struct capture_config *config, struct error *err)
{
	struct timespec now;
	int rc = section_write(file->fd);

	for (unsigned i = 0; i < config->port_count && rc == 0; i++) {
		const struct port *port = config->ports[i];
		uint16_t slot;

		if (capture_slot(port, &slot) < 0)
			return error_set(err, ENOTSUP, "%s cannot be captured", port->name);
		file->ifaces[slot] = (uint16_t)i;
		rc = iface_write(file->fd, port, config->snaplen);
	}
	if (rc < 0)
		return error_set(err, -rc, "cannot write to %s: %s", config->path, strerror(-rc));
	clock_gettime(CLOCK_REALTIME, &now);
	file->tsc = rte_get_tsc_cycles();
	file->ns = (uint64_t)now.tv_sec * 1000000000ULL + (uint64_t)now.tv_nsec;
	return 0;
}

/* What stands in front of a packet's data, and behind it. */
struct packet_head {
	uint32_t type, length, iface, time_high, time_low, captured, original;
};

struct packet_tail {
	uint8_t padding[4];
	uint16_t flags_option, flags_length;
	uint32_t flags;
	uint16_t queue_option, queue_length;
	uint32_t queue;
	uint16_t end_option, end_length;
	uint32_t length;
};

struct packet_frame {
	struct packet_head head;
	struct packet_tail tail;
	uint32_t padding; /* bytes of the tail's that are needed */
};

static void
frame_build(const struct capture_file *file, const struct rte_mbuf *pkt, struct packet_frame *frame)
{
	const struct capture_record *record = rte_pktmbuf_mtod(pkt, const struct capture_record *);
	uint32_t captured = pkt->pkt_len - (uint32_t)sizeof(*record);
	uint32_t padding = RTE_ALIGN_CEIL(captured, 4) - captured;
	uint32_t length = (uint32_t)(sizeof(frame->head) + sizeof(frame->tail)) -
		(uint32_t)sizeof(frame->tail.padding) + captured + padding;
	unsigned __int128 elapsed = (unsigned __int128)(record->tsc - file->tsc) * 1000000000ULL;
	uint64_t ns = file->ns;

	/* Workers were before us, or are on a CPU whose TSC is a little behind. */
	if (record->tsc > file->tsc)
		ns += (uint64_t)(elapsed / rte_get_tsc_hz());
	frame->padding = padding;
	frame->head = (struct packet_head){
		.type = BLOCK_PACKET,
		.length = length,
		.iface = file->ifaces[record->slot],
		.time_high = (uint32_t)(ns >> 32),
		.time_low = (uint32_t)ns,
		.captured = captured,
		.original = record->length,
	};
	frame->tail = (struct packet_tail){
		.flags_option = OPTION_EPB_FLAGS,
		.flags_length = sizeof(frame->tail.flags),
		.flags = record->direction == CAPTURE_IN ? FLAG_INBOUND : FLAG_OUTBOUND,
		.queue_option = OPTION_EPB_QUEUE,
		.queue_length = sizeof(frame->tail.queue),
		.queue = record->queue,
		.end_option = OPTION_END,
		.length = length,
	};
}

/* Pieces that are to be written, some at a time. */
struct pieces {
	int fd;
	unsigned count;
	size_t length; /* of those that wait */
	ssize_t total; /* written; -errno */
	struct iovec iov[IOV_COUNT];
};

static void
pieces_write(struct pieces *pieces)
{
	ssize_t bytes = 0;

	/* After an error the rest is left out. */
	if (pieces->count > 0 && pieces->total >= 0)
		bytes = writev(pieces->fd, pieces->iov, (int)pieces->count);
	if (bytes < 0)
		pieces->total = -errno;
	else if (pieces->total >= 0)
		pieces->total = bytes == (ssize_t)pieces->length ? pieces->total + bytes : -ENOSPC;
	pieces->count = 0;
	pieces->length = 0;
}

static void
pieces_add(struct pieces *pieces, void *bytes, size_t length)
{
	if (pieces->count == IOV_COUNT)
		pieces_write(pieces);
	pieces->iov[pieces->count++] = (struct iovec){ bytes, length };
	pieces->length += length;
}

ssize_t
capture_file_write(const struct capture_file *file, struct rte_mbuf *const *pkts, unsigned count)
{
	struct packet_frame frames[PKT_BURST];
	struct pieces pieces = { .fd = file->fd };

	for (unsigned i = 0; i < count; i++) {
		struct packet_frame *frame = &frames[i];
		size_t record = sizeof(struct capture_record);

		frame_build(file, pkts[i], frame);
		pieces_add(&pieces, &frame->head, sizeof(frame->head));
		for (struct rte_mbuf *part = pkts[i]; part != NULL; part = part->next) {
			pieces_add(&pieces, rte_pktmbuf_mtod_offset(part, void *, record),
				part->data_len - record);
			record = 0;
		}
		pieces_add(&pieces,
			frame->tail.padding + sizeof(frame->tail.padding) - frame->padding,
			sizeof(frame->tail) - sizeof(frame->tail.padding) + frame->padding);
	}
	pieces_write(&pieces);
	return pieces.total;
}
