/* SPDX-License-Identifier: BSD-3-Clause */
/* Captures of tests: see pcapng.h. */
#include "support/pcapng.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

enum block_type {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_ENHANCED_PACKET = 6,
};

enum option {
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	OPTION_IF_NAME = 2,
	OPTION_IF_TSRESOL = 9,
	OPTION_EPB_FLAGS = 2,
};

#define BYTE_ORDER_MAGIC 0x1a2b3c4d
#define NANOSECONDS      9 /* of if_tsresol: 10^-9 */

struct pcapng_writer {
	FILE *file;
	unsigned ifaces;
	bool failed;
	/* The block under way: its length has to be in front of it. */
	uint8_t *block;
	size_t length, room;
};

static void
put(struct pcapng_writer *writer, const void *bytes, size_t length)
{
	size_t padded = (length + 3) / 4 * 4;

	if (writer->length + padded > writer->room) {
		size_t room = 2 * (writer->length + padded);
		uint8_t *block = realloc(writer->block, room);

		if (block == NULL)
			abort();
		writer->block = block;
		writer->room = room;
	}
	memcpy(writer->block + writer->length, bytes, length);
	memset(writer->block + writer->length + length, 0, padded - length);
	writer->length += padded;
}

static void
put32(struct pcapng_writer *writer, uint32_t value)
{
	put(writer, &value, sizeof(value));
}

/* Two of 16 bits, in the byte order of this machine, as is all of the file. */
static void
put16_pair(struct pcapng_writer *writer, uint16_t first, uint16_t second)
{
	const uint16_t pair[] = { first, second };

	put(writer, pair, sizeof(pair));
}

static void
put_option(struct pcapng_writer *writer, enum option option, const void *bytes, size_t length)
{
	put16_pair(writer, (uint16_t)option, (uint16_t)length);
	put(writer, bytes, length);
}

static void
block_begin(struct pcapng_writer *writer, enum block_type type)
{
	writer->length = 0;
	put32(writer, type);
	put32(writer, 0);
}

static void
block_end(struct pcapng_writer *writer)
{
	uint32_t length = (uint32_t)writer->length + 4;

	put32(writer, length);
	memcpy(writer->block + 4, &length, sizeof(length));
	writer->failed |= fwrite(writer->block, 1, writer->length, writer->file) != writer->length;
}

struct pcapng_writer *
pcapng_create(const char *path)
{
	struct pcapng_writer *writer = calloc(1, sizeof(*writer));

	if (writer == NULL)
		return NULL;
	writer->file = fopen(path, "w");
	if (writer->file == NULL) {
		free(writer);
		return NULL;
	}
	block_begin(writer, BLOCK_SECTION);
	put32(writer, BYTE_ORDER_MAGIC);
	put16_pair(writer, 1, 0); /* version */
	put32(writer, UINT32_MAX); /* of the section, not said */
	put32(writer, UINT32_MAX);
	block_end(writer);
	return writer;
}

unsigned
pcapng_iface_add(struct pcapng_writer *writer, const char *name)
{
	const uint8_t resolution = NANOSECONDS;

	block_begin(writer, BLOCK_INTERFACE);
	put16_pair(writer, DLT_EN10MB, 0);
	put32(writer, 0); /* no snap length */
	put_option(writer, OPTION_IF_NAME, name, strlen(name));
	put_option(writer, OPTION_IF_TSRESOL, &resolution, 1);
	put_option(writer, OPTION_END, "", 0);
	block_end(writer);
	return writer->ifaces++;
}

void
pcapng_write(struct pcapng_writer *writer, const struct pcapng_packet *packet)
{
	const uint32_t flags = packet->direction;

	block_begin(writer, BLOCK_ENHANCED_PACKET);
	put32(writer, packet->iface);
	put32(writer, (uint32_t)(packet->time_ns >> 32));
	put32(writer, (uint32_t)packet->time_ns);
	put32(writer, (uint32_t)packet->length); /* captured */
	put32(writer, (uint32_t)packet->length);
	put(writer, packet->bytes, packet->length);
	if (flags != PCAPNG_UNKNOWN)
		put_option(writer, OPTION_EPB_FLAGS, &flags, sizeof(flags));
	if (packet->comment != NULL)
		put_option(writer, OPTION_COMMENT, packet->comment, strlen(packet->comment));
	put_option(writer, OPTION_END, "", 0);
	block_end(writer);
}

int
pcapng_close(struct pcapng_writer *writer)
{
	bool failed = writer->failed;

	failed |= fclose(writer->file) != 0;
	free(writer->block);
	free(writer);
	return failed ? -EIO : 0;
}

struct pcapng_reader {
	pcap_t *pcap;
};

struct pcapng_reader *
pcapng_open(const char *path)
{
	char why[PCAP_ERRBUF_SIZE];
	struct pcapng_reader *reader = calloc(1, sizeof(*reader));

	if (reader == NULL)
		return NULL;
	reader->pcap =
		pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, why);
	if (reader->pcap == NULL) {
		free(reader);
		return NULL;
	}
	if (pcap_datalink(reader->pcap) != DLT_EN10MB) {
		pcapng_reader_close(reader);
		return NULL;
	}
	return reader;
}

int
pcapng_read(struct pcapng_reader *reader, struct pcapng_packet *packet)
{
	struct pcap_pkthdr *hdr;
	const u_char *bytes;
	int rc = pcap_next_ex(reader->pcap, &hdr, &bytes);

	if (rc != 1)
		return rc == PCAP_ERROR_BREAK ? 0 : -EIO;
	*packet = (struct pcapng_packet){
		/* Of this precision libpcap counts nanoseconds in tv_usec. */
		.time_ns = (uint64_t)hdr->ts.tv_sec * 1000000000 + (uint64_t)hdr->ts.tv_usec,
		.bytes = bytes,
		.length = hdr->caplen,
	};
	return 1;
}

void
pcapng_reader_close(struct pcapng_reader *reader)
{
	pcap_close(reader->pcap);
	free(reader);
}
