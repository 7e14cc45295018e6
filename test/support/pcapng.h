/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Captures of tests: pcapng (draft-ietf-opsawg-pcapng), with the times of a virtual clock, for
 * Wireshark and tcpdump.
 *
 * DPDK's rte_pcapng takes its times from the TSC, which a simulation does not have. What is read,
 * libpcap reads.
 */
#ifndef SUPPORT_PCAPNG_H
#define SUPPORT_PCAPNG_H

#include <stddef.h>
#include <stdint.h>

struct pcapng_writer;

/** @return NULL: errno says why */
struct pcapng_writer *pcapng_create(const char *path);
/** Who captured: Wireshark shows it. In front of all packets. @return its number: 0, 1... */
unsigned pcapng_iface_add(struct pcapng_writer *writer, const char *name);

enum pcapng_direction { PCAPNG_UNKNOWN, PCAPNG_IN, PCAPNG_OUT };
struct pcapng_packet {
	unsigned iface;
	enum pcapng_direction direction;
	uint64_t time_ns;
	const void *bytes; /**< an Ethernet frame */
	size_t length;
	const char *comment; /**< NULL: none */
};
void pcapng_write(struct pcapng_writer *writer, const struct pcapng_packet *packet);
/** @return 0, or -errno: not all of it is in the file */
int pcapng_close(struct pcapng_writer *writer);

struct pcapng_reader;
/** Ethernet frames of a pcap or pcapng file. @return NULL: it is none, or cannot be read */
struct pcapng_reader *pcapng_open(const char *path);
/** @return 1: time_ns, bytes and length of the next packet, until the next call; 0: the end; -EIO */
int pcapng_read(struct pcapng_reader *reader, struct pcapng_packet *packet);
void pcapng_reader_close(struct pcapng_reader *reader);

#endif
