/* SPDX-License-Identifier: BSD-3-Clause */
/* Options of SCTP of who is nobody, and of who came of another socket: RFC 6458 7.1, 8. */
#include "unit/embed/embed_sctp_pair.h"

#define ROOM       256
#define SIZE(name) sizeof(struct spate_sctp_##name)

/* Those that have an id, where it is, and whether it may be 0. */
static const struct {
	enum spate_sctp_option option;
	uint16_t length, place;
	bool set, get, future;
} by_id[] = {
	{ SPATE_SCTP_RTOINFO, SIZE(rtoinfo), 0, true, true, true },
	{ SPATE_SCTP_ASSOCINFO, SIZE(assocparams), 0, true, true, true },
	{ SPATE_SCTP_PRIMARY_ADDR, SIZE(prim), 0, true, true, false },
	{ SPATE_SCTP_SET_PEER_PRIMARY_ADDR, SIZE(setpeerprim), 0, true, false, false },
	{ SPATE_SCTP_PEER_ADDR_PARAMS, SIZE(paddrparams), 0, true, true, true },
	{ SPATE_SCTP_PEER_ADDR_THLDS, SIZE(paddrthlds), 0, true, true, true },
	{ SPATE_SCTP_DEFAULT_SEND_PARAM, SIZE(sndrcvinfo), 28, true, true, true },
	{ SPATE_SCTP_DEFAULT_SNDINFO, SIZE(sndinfo), 12, true, true, true },
	{ SPATE_SCTP_DEFAULT_PRINFO, SIZE(default_prinfo), 0, true, true, true },
	{ SPATE_SCTP_MAXSEG, SIZE(assoc_value), 0, true, true, true },
	{ SPATE_SCTP_DELAYED_SACK, SIZE(sack_info), 0, true, true, true },
	{ SPATE_SCTP_CONTEXT, SIZE(assoc_value), 0, true, true, true },
	{ SPATE_SCTP_MAX_BURST, SIZE(assoc_value), 0, true, true, true },
	{ SPATE_SCTP_STATUS, SIZE(status), 0, false, true, false },
	{ SPATE_SCTP_GET_PEER_ADDR_INFO, SIZE(paddrinfo), 0, false, true, false },
	{ SPATE_SCTP_AUTH_ACTIVE_KEY, SIZE(authkeyid), 0, true, true, true },
	{ SPATE_SCTP_PEER_AUTH_CHUNKS, 64, 0, false, true, false },
	{ SPATE_SCTP_LOCAL_AUTH_CHUNKS, 64, 0, false, true, true },
	{ SPATE_SCTP_PR_SUPPORTED, SIZE(assoc_value), 0, true, true, true },
	{ SPATE_SCTP_RECONFIG_SUPPORTED, SIZE(assoc_value), 0, true, true, true },
	{ SPATE_SCTP_INTERLEAVING_SUPPORTED, SIZE(assoc_value), 0, true, true, true },
	{ SPATE_SCTP_ASCONF_SUPPORTED, SIZE(assoc_value), 0, true, true, true },
	{ SPATE_SCTP_AUTH_SUPPORTED, SIZE(assoc_value), 0, true, true, true },
	{ SPATE_SCTP_ECN_SUPPORTED, SIZE(assoc_value), 0, true, true, true },
	{ SPATE_SCTP_ACCEPT_ZERO_CHECKSUM, SIZE(assoc_value), 0, true, true, true },
	{ SPATE_SCTP_PR_ASSOC_STATUS, SIZE(prstatus), 0, false, true, false },
	{ SPATE_SCTP_PR_STREAM_STATUS, SIZE(prstatus), 0, false, true, false },
	{ SPATE_SCTP_ENABLE_STREAM_RESET, SIZE(assoc_value), 0, true, true, true },
	{ SPATE_SCTP_RESET_STREAMS, SIZE(reset_streams), 0, true, false, false },
	{ SPATE_SCTP_RESET_ASSOC, 4, 0, true, false, false },
	{ SPATE_SCTP_ADD_STREAMS, SIZE(add_streams), 0, true, false, false },
	{ SPATE_SCTP_STREAM_SCHEDULER, SIZE(assoc_value), 0, true, true, true },
	{ SPATE_SCTP_STREAM_SCHEDULER_VALUE, SIZE(stream_value), 0, true, true, false },
	{ SPATE_SCTP_REMOTE_UDP_ENCAPS_PORT, SIZE(udpencaps), 0, true, true, true },
};

static int
set_of(struct spate *stack, int fd, unsigned i, int32_t id, size_t length)
{
	uint8_t value[ROOM] = { 0 };

	memcpy(value + by_id[i].place, &id, sizeof(id));
	return spate_sctp_setsockopt(stack, fd, by_id[i].option, value, length);
}

static int
get_of(struct spate *stack, int fd, unsigned i, int32_t id, size_t length)
{
	uint8_t value[ROOM] = { 0 };

	memcpy(value + by_id[i].place, &id, sizeof(id));
	/* Of those whose length says how many there is room for. */
	return spate_sctp_getsockopt(stack, fd, by_id[i].option, value, &length);
}

/* 7.1: an id that is nobody's, of another socket, or of what has ended. */
static void
test_ids(void **state)
{
	const struct spate_sctp_sndinfo stop = { .snd_flags = SPATE_SCTP_ABORT };
	struct pair p = pair_create();
	int fd = spate_socket(p.a, 4, SPATE_SCTP_SEQPACKET);
	int other = spate_socket(p.a, 4, SPATE_SCTP_SEQPACKET);
	int32_t ids[] = { 3, -1, INT32_MAX, 0, 0 };

	server_open(p.b, SPATE_SCTP_SEQPACKET);
	expect(spate_sctp_connectx(p.a, other, (const char *[]){ B_ADDR }, 1, 7, &ids[3]), 0);
	expect(spate_sctp_connectx(p.a, fd, (const char *[]){ B_ADDR }, 1, 7, &ids[4]), 0);
	run(&p, 100);
	expect(spate_sctp_sendv(p.a, fd, "x", 1, B_ADDR, 7, &stop), 1);
	run(&p, 100);
	expect(spate_recv(p.a, fd, &(char[8]){ 0 }, 8), -EAGAIN);
	for (unsigned i = 0; i < RTE_DIM(by_id); i++) {
		for (unsigned id = 0; id < RTE_DIM(ids); id++) {
			if (by_id[i].set)
				expect(set_of(p.a, fd, i, ids[id], by_id[i].length), -EINVAL);
			if (by_id[i].get)
				expect(get_of(p.a, fd, i, ids[id], by_id[i].length), -EINVAL);
		}
		/* What is short is refused before it is looked at. */
		if (by_id[i].set)
			expect(set_of(p.a, other, i, ids[3], 3), -EINVAL);
		if (by_id[i].get)
			expect(get_of(p.a, other, i, ids[3], 3), -EINVAL);
	}
	pair_destroy(&p);
}

/* 8: what is an association's cannot be asked of a socket that has none. */
static void
test_unconnected(void **state)
{
	struct pair p = pair_create();
	int styles[] = { spate_socket(p.a, 4, SPATE_SCTP),
		spate_socket(p.a, 4, SPATE_SCTP_SEQPACKET) };
	struct spate_sctp_paddrparams params = { .spp_flags = SPATE_SPP_HB_ENABLE };
	int seconds = 0;

	((struct sockaddr_in *)&params.spp_address)->sin_family = AF_INET;
	((struct sockaddr_in *)&params.spp_address)->sin_addr.s_addr = htobe32(0x0a000002);
	for (unsigned style = 0; style < RTE_DIM(styles); style++) {
		for (unsigned i = 0; i < RTE_DIM(by_id); i++) {
			if (by_id[i].get)
				expect(get_of(p.a, styles[style], i, 0, by_id[i].length),
					by_id[i].future ? 0 : -EINVAL);
		}
		SET_RC(p.a, styles[style], PEER_ADDR_PARAMS, params, -EINVAL);
		GET_RC(p.a, styles[style], PEER_ADDR_PARAMS, params, -EINVAL);
	}
	GET_RC(p.a, styles[0], AUTOCLOSE, seconds, -EOPNOTSUPP);
	GET(p.a, styles[1], AUTOCLOSE, seconds);
	pair_destroy(&p);
}

/* What was set of who listens holds for who is accepted; other numbers than they have by default. */
static void
test_inherited(void **state)
{
	static const enum spate_sctp_option options[] = { SPATE_SCTP_NODELAY,
		SPATE_SCTP_DISABLE_FRAGMENTS, SPATE_SCTP_FRAGMENT_INTERLEAVE, SPATE_SCTP_REUSE_PORT,
		SPATE_SCTP_RECVRCVINFO, SPATE_SCTP_RECVNXTINFO, SPATE_SCTP_EXPLICIT_EOR,
		SPATE_SCTP_AUTO_ASCONF };
	const struct spate_sctp_rtoinfo rto = { 0, 2000, 3000, 500 };
	struct pair p = pair_create();
	int listener = spate_socket(p.b, 4, SPATE_SCTP), server, one = 1;
	int fd = spate_socket(p.a, 4, SPATE_SCTP);
	struct spate_sctp_rtoinfo got = { 0 };
	size_t length;

	for (unsigned i = 0; i < RTE_DIM(options); i++)
		expect(spate_sctp_setsockopt(p.b, listener, options[i], &one, sizeof(one)), 0);
	SET(p.b, listener, RTOINFO, rto);
	expect(spate_bind(p.b, listener, NULL, 7), 0);
	expect(spate_listen(p.b, listener, 5), 0);
	connect_one(&p, fd, listener, &server);
	for (unsigned i = 0; i < RTE_DIM(options); i++) {
		int value = 0;

		length = sizeof(value);
		expect(spate_sctp_getsockopt(p.b, server, options[i], &value, &length), 0);
		assert_int_equal(value, 1);
	}
	GET(p.b, server, RTOINFO, got);
	assert_memory_equal(&got, &rto, sizeof(rto));
	pair_destroy(&p);
}

/* 8.1.3, 8.1.10: what is said of associations to come is read as it was said, also by who has one. */
static void
test_to_come(void **state)
{
	const struct spate_sctp_initmsg init = { 3, 4, 5, 6000 };
	const struct spate_sctp_setadaptation adaptation = { 77 };
	struct pair p = pair_create();
	int listener = server_open(p.b, SPATE_SCTP), fd = spate_socket(p.a, 4, SPATE_SCTP), server;
	struct spate_sctp_setadaptation got_adaptation;
	struct spate_sctp_status status = { 0 };
	struct spate_sctp_rcvinfo info;
	struct spate_sctp_initmsg got;

	connect_one(&p, fd, listener, &server);
	SET(p.a, fd, INITMSG, init);
	SET(p.a, fd, ADAPTATION_LAYER, adaptation);
	GET(p.a, fd, INITMSG, got);
	GET(p.a, fd, ADAPTATION_LAYER, got_adaptation);
	assert_memory_equal(&got, &init, sizeof(init));
	assert_int_equal(got_adaptation.ssb_adaptation_ind, 77);
	GET(p.a, fd, STATUS, status);
	assert_int_equal(status.sstat_outstrms, 10);
	/* 7.1, 8.2.1: its id is said, though it need not be known. */
	expect(spate_send(p.b, server, "x", 1), 1);
	run(&p, 300);
	expect(spate_sctp_recvv(p.a, fd, &got, 1, NULL, NULL, &info, NULL, NULL), 1);
	assert_int_equal(status.sstat_assoc_id, info.rcv_assoc_id);
	assert_int_equal(status.sstat_primary.spinfo_assoc_id, info.rcv_assoc_id);
	pair_destroy(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_unconnected),
		cmocka_unit_test(test_inherited),
		cmocka_unit_test(test_to_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
