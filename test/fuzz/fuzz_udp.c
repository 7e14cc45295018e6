/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Datagrams, and ICMP errors about datagrams, to sockets of two workers: each packet ends in one
 * place, what is received is within what came, and no buffer is lost.
 *
 * The first byte says family, error or not, worker, and whether it is in two segments; what follows
 * is IP's payload.
 */
#include <rte_mbuf.h>

#include "fuzz/eal.h"
#include "fuzz/fuzz.h"
#include "udp/udp.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

#define POOL_MBUFS   255
#define PAYLOAD_MAX  1800
#define SOCKET_COUNT 4

enum { FUZZ_IP6 = 1, FUZZ_ERROR = 2, FUZZ_WORKER = 4, FUZZ_SEGMENTS = 8, FUZZ_UNCHECKED = 16 };

static const struct ip_addr us4 = { IP_FAMILY_4, { 10, 0, 0, 1 } };
static const struct ip_addr peer4 = { IP_FAMILY_4, { 10, 0, 0, 2 } };
static const struct ip_addr us6 = { IP_FAMILY_6, { 0x20, 1, [15] = 1 } };
static const struct ip_addr peer6 = { IP_FAMILY_6, { 0x20, 1, [15] = 2 } };

static struct rte_mempool *pool;
static struct toeplitz toeplitz;
static struct udp_ports *ports;
static struct pkt_queue output;
static struct udp_core *cores[2];
static struct udp_socket *sockets[SOCKET_COUNT];
static struct pkt_vec in, handover, unreachable, done, punts, drops;
static struct pkt_vec encapsulated, encapsulated_errors;

static void
fini(void)
{
	udp_core_destroy(cores[0]);
	udp_core_destroy(cores[1]);
	udp_ports_destroy(ports);
	rte_mempool_free(pool);
}

static struct udp_socket *
socket_open(unsigned worker, enum ip_family family, uint16_t port)
{
	const struct ip_addr any = { .family = (uint8_t)family };
	struct udp_socket *s = udp_open(cores[worker], family, 0, NULL);

	fuzz_check(s != NULL && udp_bind(s, &any, PKT_IFACE_NONE, port) == 0, "no socket");
	s->errors = true;
	return s;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	fuzz_eal_init(64);
	fuzz_check(pkt_init() == 0, "no metadata");
	pool = rte_pktmbuf_pool_create("udp", POOL_MBUFS, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, -1);
	ports = udp_ports_create(1);
	fuzz_check(pool != NULL && ports != NULL, "no memory");
	toeplitz_init(&toeplitz, toeplitz_default_key);
	for (unsigned i = 0; i < 2; i++) {
		const struct udp_config config = {
			.name = i == 0 ? "fuzz0" : "fuzz1",
			.worker = i,
			.numa_node = -1,
			.sockets_max = 8,
			.held_max = 16,
			.ports = ports,
			.toeplitz = &toeplitz,
			.pool = pool,
			.output = &output,
		};

		cores[i] = udp_core_create(&config);
		fuzz_check(cores[i] != NULL, "no core");
	}
	/* Ports 1 to 4, so that some inputs find them: dual, connected of each family, another worker's. */
	sockets[0] = socket_open(0, IP_FAMILY_6, 1);
	sockets[1] = socket_open(0, IP_FAMILY_4, 2);
	sockets[2] = socket_open(0, IP_FAMILY_6, 3);
	sockets[3] = socket_open(1, IP_FAMILY_6, 4);
	udp_connect(sockets[1], &us4, PKT_IFACE_NONE, &peer4, 1);
	udp_connect(sockets[2], &us6, PKT_IFACE_NONE, &peer6, 1);
	atexit(fini);
	return 0;
}

static void
ip_header(struct rte_mbuf *pkt, bool ip6, bool error, size_t length)
{
	if (ip6) {
		const struct ip6_build build = { .src = peer6.bytes,
			.dst = us6.bytes,
			.payload_length = (uint16_t)length,
			.next_header = error ? IP_PROTO_ICMP6 : IP_PROTO_UDP,
			.hop_limit = 64 };

		ip6_hdr_build((void *)rte_pktmbuf_append(pkt, IP6_HDR_LENGTH), &build);
		pkt->l3_len = IP6_HDR_LENGTH;
	} else {
		struct ip4_build build = { .payload_length = (uint16_t)length,
			.proto = error ? IP_PROTO_ICMP : IP_PROTO_UDP,
			.ttl = 64 };

		memcpy(&build.src_be, peer4.bytes, 4);
		memcpy(&build.dst_be, us4.bytes, 4);
		ip4_hdr_build((void *)rte_pktmbuf_append(pkt, IP4_HDR_LENGTH), &build);
		pkt->l3_len = IP4_HDR_LENGTH;
	}
}

static struct rte_mbuf *
packet_create(uint8_t how, const uint8_t *data, size_t size)
{
	struct rte_mbuf *pkt = rte_pktmbuf_alloc(pool), *tail;
	size_t first = how & FUZZ_SEGMENTS ? size / 2 : size;

	fuzz_check(pkt != NULL, "a buffer was lost");
	pkt_meta_init(pkt, 0, 0);
	pkt->tx_offload = 0;
	ip_header(pkt, how & FUZZ_IP6, how & FUZZ_ERROR, size);
	memcpy(rte_pktmbuf_append(pkt, (uint16_t)first), data, first);
	if (how & FUZZ_UNCHECKED)
		pkt->ol_flags |= RTE_MBUF_F_RX_L4_CKSUM_GOOD;
	if (first < size) {
		tail = rte_pktmbuf_alloc(pool);
		fuzz_check(tail != NULL, "a buffer was lost");
		memcpy(rte_pktmbuf_append(tail, (uint16_t)(size - first)), data + first,
			size - first);
		rte_pktmbuf_chain(pkt, tail);
	}
	return pkt;
}

/* @return how many were in it */
static unsigned
vec_free(struct pkt_vec *vec)
{
	unsigned count = vec->count;

	rte_pktmbuf_free_bulk(vec->pkts, count);
	vec->count = 0;
	return count;
}

static unsigned
sockets_empty(size_t size)
{
	struct udp_datagram d;
	unsigned count = 0;
	uint8_t events;

	for (unsigned i = 0; i < SOCKET_COUNT; i++) {
		while (udp_receive(sockets[i], &d, 1) > 0) {
			rte_mbuf_sanity_check(d.pkt, 1);
			fuzz_check(d.pkt->pkt_len + 8 <= size, "more data than came");
			rte_pktmbuf_free(d.pkt);
			count++;
		}
		sockets[i]->error = 0;
	}
	while (udp_event_take(cores[0], &events) != NULL ||
		udp_event_take(cores[1], &events) != NULL)
		;
	return count;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct udp_out out = { &handover, &unreachable, &done, &punts, &drops, &encapsulated,
		&encapsulated_errors };
	struct udp_core *core;
	unsigned ends;
	uint8_t how;

	if (size < 1 || size > PAYLOAD_MAX)
		return 0;
	how = *data++;
	size--;
	core = cores[how & FUZZ_WORKER ? 1 : 0];
	in.count = 0;
	pkt_vec_append(&in, packet_create(how, data, size));
	(how & FUZZ_ERROR ? udp_error : udp_input)(core, &in, &out);
	if (handover.count > 0) {
		in = handover;
		handover.count = 0;
		core = cores[pkt_meta(in.pkts[0])->worker];
		(how & FUZZ_ERROR ? udp_error_handed : udp_input_handed)(core, &in, &out);
		fuzz_check(handover.count == 0, "handed over twice");
	}
	ends = vec_free(&unreachable) + vec_free(&done) + vec_free(&punts) + vec_free(&drops) +
		vec_free(&encapsulated) + vec_free(&encapsulated_errors) + sockets_empty(size);
	fuzz_check(ends == 1, "a packet has not one end");
	fuzz_check(rte_mempool_in_use_count(pool) == 0, "a buffer was lost");
	return 0;
}
