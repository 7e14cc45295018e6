/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A packet of a script: its bytes, which of them matter, and the headers that it was said as.
 */
#ifndef SCRIPT_PACKET_H
#define SCRIPT_PACKET_H

#include "script/script_header.h"
#include "script/script_text.h"

#define SCRIPT_PACKET_MAX   9700
#define SCRIPT_LAYERS_MAX   24
#define SCRIPT_BINDINGS_MAX 16
#define SCRIPT_ABSENT_MAX   4

struct script_layer {
	const struct script_header *header; /**< NULL: data */
	uint16_t offset, length;
	uint16_t filled; /**< of `length`: bytes that fill up the last option */
	bool rest_said; /**< of SCTP: what is behind the fields */
	uint32_t said; /**< a bit a field: the script has a value */
	uint32_t spoiled; /**< the right value is turned into a wrong one */
};

struct script_packet {
	uint8_t bytes[SCRIPT_PACKET_MAX];
	uint8_t mask[SCRIPT_PACKET_MAX]; /**< of an expected packet: bits that matter */
	size_t length;
	bool expected; /**< of the stack; else it comes to it */
	bool exact; /**< the length is known: it ends in data */
	struct script_layer layers[SCRIPT_LAYERS_MAX];
	unsigned layer_count;
	struct script_binding bindings[SCRIPT_BINDINGS_MAX];
	unsigned binding_count; /**< of an expected packet: to be looked at in what was sent */
	struct {
		uint8_t layer; /**< of this chunk of SCTP ... */
		const struct script_header *param; /**< ... no parameter is of this kind */
	} absent[SCRIPT_ABSENT_MAX];
	unsigned absent_count;
	/* what is done when all is said */
	size_t padding; /**< zeros behind the datagram */
	size_t cut; /**< bytes left of the frame; 0: all */
	bool parted; /**< it is a fragment: */
	size_t part_from, part_to; /**< these bytes of what can be cut */
};

/**
 * Read the rest of a line: a packet that port `port` of the stack is to send, or one that comes to it.
 * @return 0, or -EINVAL with text->error
 */
int script_packet_parse(
	struct script_text *text, unsigned port, bool sent, struct script_packet *packet);

/** Bytes behind the fields of the last header, and what of them matters; they are filled up. */
void script_packet_append(
	struct script_packet *packet, const uint8_t *bytes, const uint8_t *mask, size_t length);

/** Fill in what the script left to us: what follows, lengths, checksums, fragments. */
int script_packet_finish(struct script_text *text, struct script_packet *packet);

/** The checksum that a layer should have, over a whole frame. */
uint32_t script_packet_checksum(
	const struct script_packet *packet, unsigned layer, const uint8_t *frame, size_t length);

/** What differs, one field a line. @return whether anything does */
bool script_packet_differs(const struct script_packet *expected, const uint8_t *frame,
	size_t length, char *diff, size_t size);

/** Give its variables the values that they have in a frame which was as expected. */
int script_packet_capture(
	struct script_text *text, const struct script_packet *expected, const uint8_t *frame);

/** A frame in the words of scripts. */
void script_packet_show(const uint8_t *frame, size_t length, char *text, size_t size);

/** Index of a field by its role; -1: there is none. */
int script_field_by_role(const struct script_header *header, enum script_field_role role);

#endif
