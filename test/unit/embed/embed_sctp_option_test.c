/* SPDX-License-Identifier: BSD-3-Clause */
/* Options of RFC 6458 8, and those of RFC 6525, RFC 7496, RFC 7829 and RFC 8260: set, read, refused. */
#include "unit/embed/embed_sctp_pair.h"

static struct sockaddr_storage
address(const char *text, uint16_t port)
{
	struct sockaddr_storage storage = { .ss_family = AF_INET };
	struct sockaddr_in *in = (struct sockaddr_in *)&storage;
	struct ip_addr addr;

	assert_int_equal(ip_addr_parse(text, &addr), 0);
	memcpy(&in->sin_addr, addr.bytes, 4);
	in->sin_port = htons(port);
	return storage;
}

/* 8.1.1 to 8.1.3, 8.1.16, 8.1.19, 8.1.24 */
static void
test_settings(void **state)
{
	struct pair p = pair_create();
	int fd = spate_socket(p.a, 4, SPATE_SCTP_SEQPACKET), number = 1400;
	struct spate_sctp_rtoinfo rto = { SPATE_SCTP_CURRENT_ASSOC, 0, 0, 0 };
	struct spate_sctp_initmsg init = { .sinit_max_init_timeo = 30 };
	struct spate_sctp_assoc_value value = { SPATE_SCTP_FUTURE_ASSOC, 0 };
	struct spate_sctp_sack_info sack = { 0 };
	struct spate_sctp_setadaptation layer = { 0x1234 };

	/* 8.1.1: it is an error to use these. */
	SET_RC(p.a, fd, RTOINFO, rto, -EINVAL);
	rto.srto_assoc_id = SPATE_SCTP_FUTURE_ASSOC;
	/* What waits for INIT ACK has no part in RTO.Max. */
	SET(p.a, fd, INITMSG, init);
	GET(p.a, fd, RTOINFO, rto);
	assert_int_equal(rto.srto_max, 60000);
	GET(p.a, fd, INITMSG, init);
	assert_int_equal(init.sinit_max_init_timeo, 30);
	SET(p.a, fd, MAX_BURST, value);
	GET(p.a, fd, MAX_BURST, value);
	assert_int_equal(value.assoc_value, 0);
	/* In the older forms. */
	SET(p.a, fd, MAXSEG, number);
	number = 0;
	GET(p.a, fd, MAXSEG, number);
	assert_int_equal(number, 1400);
	GET(p.a, fd, MAXSEG, value);
	assert_int_equal(value.assoc_value, 1400);
	value.assoc_value = 250;
	SET(p.a, fd, DELAYED_SACK, value);
	GET(p.a, fd, DELAYED_SACK, sack);
	assert_int_equal(sack.sack_delay, 250);
	assert_int_equal(sack.sack_freq, 2);
	value.assoc_value = 501;
	SET_RC(p.a, fd, DELAYED_SACK, value, -EINVAL);
	value.assoc_value = 0;
	SET(p.a, fd, DELAYED_SACK, value);
	GET(p.a, fd, DELAYED_SACK, sack);
	assert_int_equal(sack.sack_freq, 1);
	SET(p.a, fd, ADAPTATION_LAYER, layer);
	layer.ssb_adaptation_ind = 0;
	GET(p.a, fd, ADAPTATION_LAYER, layer);
	assert_int_equal(layer.ssb_adaptation_ind, 0x1234);
	pair_destroy(&p);
}

/* An INIT that is not answered is repeated as sinit_max_init_timeo says. */
static void
test_init_timeout(void **state)
{
	struct pair p = pair_create();
	int fd = spate_socket(p.a, 4, SPATE_SCTP);
	const struct spate_sctp_initmsg init = { .sinit_max_attempts = 4,
		.sinit_max_init_timeo = 100 };
	int64_t error;

	SET(p.a, fd, INITMSG, init);
	p.cut = B_ADDR;
	expect(spate_connect(p.a, fd, B_ADDR, 7), -EINPROGRESS);
	run(&p, 490);
	expect(spate_getsockopt(p.a, fd, SPATE_SO_ERROR, &error), 0);
	assert_int_equal(error, 0);
	run(&p, 20);
	expect(spate_getsockopt(p.a, fd, SPATE_SO_ERROR, &error), 0);
	assert_int_equal(error, ETIMEDOUT);
	pair_destroy(&p);
}

static void
test_switches(void **state)
{
	static const enum spate_sctp_option switches[] = { SPATE_SCTP_NODELAY,
		SPATE_SCTP_RECVRCVINFO, SPATE_SCTP_RECVNXTINFO, SPATE_SCTP_EXPLICIT_EOR,
		SPATE_SCTP_I_WANT_MAPPED_V4_ADDR, SPATE_SCTP_REUSE_PORT,
		SPATE_SCTP_FRAGMENT_INTERLEAVE, SPATE_SCTP_DISABLE_FRAGMENTS };
	struct pair p = pair_create();
	int fd = spate_socket(p.a, 6, SPATE_SCTP_SEQPACKET), four, value;
	size_t length = sizeof(value);

	for (unsigned i = 0; i < RTE_DIM(switches); i++) {
		value = -1;
		expect(spate_sctp_getsockopt(p.a, fd, switches[i], &value, &length), 0);
		assert_int_equal(value, 0);
		value = 1;
		expect(spate_sctp_setsockopt(p.a, fd, switches[i], &value, 3), -EINVAL);
		expect(spate_sctp_setsockopt(p.a, fd, switches[i], &value, length), 0);
		value = 0;
		expect(spate_sctp_getsockopt(p.a, fd, switches[i], &value, &length), 0);
		assert_int_equal(value, 1);
	}
	/* 8.1.15: nothing is to be mapped there. 8.1.8: nobody would hear of it. */
	four = spate_socket(p.a, 4, SPATE_SCTP);
	SET_RC(p.a, four, I_WANT_MAPPED_V4_ADDR, value, -EINVAL);
	SET_RC(p.a, four, AUTOCLOSE, value, -EOPNOTSUPP);
	expect(spate_sctp_getsockopt(p.a, 99, SPATE_SCTP_NODELAY, &value, &length), -EBADF);
	pair_destroy(&p);
}

/* Extensions are offered as the socket says; of an association one can read what was agreed. */
static void
test_supported(void **state)
{
	static const enum spate_sctp_option options[] = { SPATE_SCTP_PR_SUPPORTED,
		SPATE_SCTP_RECONFIG_SUPPORTED, SPATE_SCTP_INTERLEAVING_SUPPORTED,
		SPATE_SCTP_AUTH_SUPPORTED, SPATE_SCTP_ASCONF_SUPPORTED };
	struct pair p = pair_create();
	int listener = server_open(p.b, SPATE_SCTP), fd = spate_socket(p.a, 4, SPATE_SCTP), server;
	struct spate_sctp_assoc_value value = { 0 };
	size_t length = sizeof(value);

	for (unsigned i = 0; i < RTE_DIM(options); i++) {
		value.assoc_value = 1;
		expect(spate_sctp_setsockopt(p.a, fd, options[i], &value, length), 0);
		value.assoc_value = options[i] != SPATE_SCTP_RECONFIG_SUPPORTED;
		expect(spate_sctp_setsockopt(p.b, listener, options[i], &value, length), 0);
	}
	connect_one(&p, fd, listener, &server);
	for (unsigned i = 0; i < RTE_DIM(options); i++) {
		const bool agreed = options[i] != SPATE_SCTP_RECONFIG_SUPPORTED;

		expect(spate_sctp_getsockopt(p.a, fd, options[i], &value, &length), 0);
		assert_int_equal(value.assoc_value, agreed);
		expect(spate_sctp_getsockopt(p.b, server, options[i], &value, &length), 0);
		assert_int_equal(value.assoc_value, agreed);
	}
	pair_destroy(&p);
}

/* 8.1.12, RFC 7829 7.2: of one path, and of all. */
static void
test_paths(void **state)
{
	static const char *const addrs[] = { "10.0.0.2", "10.0.1.2" };
	struct pair p = pair_create();
	int listener = server_open(p.b, SPATE_SCTP_SEQPACKET);
	int fd = spate_socket(p.a, 4, SPATE_SCTP_SEQPACKET);
	struct spate_sctp_paddrparams params = { .spp_flags = SPATE_SPP_HB_DEMAND };
	struct spate_sctp_paddrthlds thlds = { .spt_pathpfthld = 2, .spt_pathmaxrxt = 7 };
	struct spate_sctp_prim prim = { 0 };
	struct spate_sctp_paddrinfo info = { .spinfo_address = address("10.0.1.2", 7) };
	int32_t id;

	(void)listener;
	expect(spate_sctp_connectx(p.a, fd, addrs, 2, 7, &id), 0);
	run(&p, 300);
	/* Nobody is meant. */
	SET_RC(p.a, fd, PEER_ADDR_PARAMS, params, -EINVAL);
	params = (struct spate_sctp_paddrparams){ .spp_assoc_id = id,
		.spp_address = address("10.0.1.2", 7),
		.spp_hbinterval = 1234,
		.spp_pathmaxrxt = 3,
		.spp_flags = SPATE_SPP_HB_ENABLE | SPATE_SPP_DSCP,
		.spp_dscp = 0x2f };
	SET(p.a, fd, PEER_ADDR_PARAMS, params);
	params.spp_hbinterval = params.spp_pathmaxrxt = 0;
	GET(p.a, fd, PEER_ADDR_PARAMS, params);
	assert_int_equal(params.spp_hbinterval, 1234);
	assert_int_equal(params.spp_pathmaxrxt, 3);
	assert_int_equal(params.spp_dscp, 0x2c);
	assert_int_equal(params.spp_pathmtu, 1500);
	/* The other is as it was; and by its address alone it is found, too. */
	params.spp_address = address("10.0.0.2", 7);
	params.spp_assoc_id = SPATE_SCTP_FUTURE_ASSOC;
	GET(p.a, fd, PEER_ADDR_PARAMS, params);
	assert_int_equal(params.spp_hbinterval, 30000);
	assert_int_equal(params.spp_pathmaxrxt, 5);
	/* Of all: what is set anew. */
	params = (struct spate_sctp_paddrparams){ .spp_assoc_id = id, .spp_pathmaxrxt = 4 };
	SET(p.a, fd, PEER_ADDR_PARAMS, params);
	params.spp_address = address("10.0.1.2", 7);
	GET(p.a, fd, PEER_ADDR_PARAMS, params);
	assert_int_equal(params.spp_pathmaxrxt, 4);
	assert_int_equal(params.spp_hbinterval, 1234);
	/* Off, and on again: with the interval that there was; or with none. */
	params.spp_flags = SPATE_SPP_HB_DISABLE;
	SET(p.a, fd, PEER_ADDR_PARAMS, params);
	GET(p.a, fd, PEER_ADDR_PARAMS, params);
	assert_true(params.spp_flags & SPATE_SPP_HB_DISABLE);
	params.spp_flags = SPATE_SPP_HB_ENABLE;
	params.spp_hbinterval = 0;
	SET(p.a, fd, PEER_ADDR_PARAMS, params);
	GET(p.a, fd, PEER_ADDR_PARAMS, params);
	assert_true(params.spp_flags & SPATE_SPP_HB_ENABLE);
	assert_int_equal(params.spp_hbinterval, 1234);
	params.spp_flags = SPATE_SPP_HB_ENABLE | SPATE_SPP_HB_TIME_IS_ZERO;
	SET(p.a, fd, PEER_ADDR_PARAMS, params);
	GET(p.a, fd, PEER_ADDR_PARAMS, params);
	/* The interval says it, as on other systems. */
	assert_int_equal(params.spp_flags & SPATE_SPP_HB_TIME_IS_ZERO, 0);
	assert_int_equal(params.spp_hbinterval, 0);

	/* Of all, also of the one that had its own. */
	memset(&params.spp_address, 0, sizeof(params.spp_address));
	params.spp_flags = SPATE_SPP_HB_ENABLE;
	params.spp_hbinterval = 4321;
	SET(p.a, fd, PEER_ADDR_PARAMS, params);
	params.spp_address = address("10.0.0.2", 7);
	GET(p.a, fd, PEER_ADDR_PARAMS, params);
	assert_int_equal(params.spp_hbinterval, 4321);
	params.spp_address = address("10.0.1.2", 7);
	GET(p.a, fd, PEER_ADDR_PARAMS, params);
	assert_int_equal(params.spp_hbinterval, 4321);
	thlds.spt_assoc_id = id;
	thlds.spt_address = address("10.0.0.2", 7);
	SET(p.a, fd, PEER_ADDR_THLDS, thlds);
	GET(p.a, fd, PEER_ADDR_THLDS, thlds);
	assert_int_equal(thlds.spt_pathmaxrxt, 7);
	assert_int_equal(thlds.spt_pathpfthld, 2);
	thlds.spt_address = address("10.0.1.2", 7);
	GET(p.a, fd, PEER_ADDR_THLDS, thlds);
	assert_int_equal(thlds.spt_pathmaxrxt, 4);
	assert_int_equal(thlds.spt_pathpfthld, UINT8_MAX);

	prim.ssp_assoc_id = id;
	prim.ssp_addr = address("10.0.1.2", 7);
	SET(p.a, fd, PRIMARY_ADDR, prim);
	memset(&prim.ssp_addr, 0, sizeof(prim.ssp_addr));
	GET(p.a, fd, PRIMARY_ADDR, prim);
	assert_int_equal(
		((const struct sockaddr_in *)&prim.ssp_addr)->sin_addr.s_addr, htonl(0x0a000102));
	prim.ssp_addr = address("10.0.7.7", 7);
	SET_RC(p.a, fd, PRIMARY_ADDR, prim, -EINVAL);
	GET(p.a, fd, GET_PEER_ADDR_INFO, info);
	assert_int_equal(info.spinfo_assoc_id, id);
	assert_int_equal(info.spinfo_state, SPATE_SCTP_ACTIVE);
	pair_destroy(&p);
}

/* 8.1.12: what contradicts itself, or cannot be. */
static void
test_bad_path_params(void **state)
{
	static const struct spate_sctp_paddrparams bad[] = {
		{ .spp_flags = SPATE_SPP_HB_ENABLE | SPATE_SPP_HB_DISABLE },
		{ .spp_flags = SPATE_SPP_PMTUD_ENABLE | SPATE_SPP_PMTUD_DISABLE },
		{ .spp_flags = SPATE_SPP_SACKDELAY_ENABLE | SPATE_SPP_SACKDELAY_DISABLE },
		{ .spp_flags = 1 << 15 },
		{ .spp_sackdelay = 501 },
		{ .spp_pathmtu = 511 },
		{ .spp_flags = SPATE_SPP_IPV6_FLOWLABEL, .spp_ipv6_flowlabel = 1 << 20 },
		{ .spp_assoc_id = 4711 },
		{ .spp_assoc_id = SPATE_SCTP_ALL_ASSOC },
		{ .spp_pathmaxrxt = 256 },
	};
	struct pair p = pair_create();
	int fd = spate_socket(p.a, 4, SPATE_SCTP_SEQPACKET);

	for (unsigned i = 0; i < RTE_DIM(bad); i++)
		SET_RC(p.a, fd, PEER_ADDR_PARAMS, bad[i], -EINVAL);
	expect(spate_sctp_setsockopt(
		       p.a, fd, SPATE_SCTP_PEER_ADDR_PARAMS, &bad[0], sizeof(bad[0]) - 1),
		-EINVAL);
	pair_destroy(&p);
}

/* 8.1.13, 8.1.31, 8.1.32 */
static void
test_send_defaults(void **state)
{
	struct pair p = pair_create();
	int fd = spate_socket(p.a, 4, SPATE_SCTP_SEQPACKET);
	struct spate_sctp_sndrcvinfo old = { .sinfo_stream = 3,
		.sinfo_ppid = 1000,
		.sinfo_flags = SPATE_SCTP_UNORDERED,
		.sinfo_timetolive = 500 };
	struct spate_sctp_sndinfo snd = { 0 };
	struct spate_sctp_default_prinfo pr = { .pr_policy = SPATE_SCTP_PR_SCTP_RTX,
		.pr_value = 2 };

	SET(p.a, fd, DEFAULT_SEND_PARAM, old);
	GET(p.a, fd, DEFAULT_SNDINFO, snd);
	assert_int_equal(snd.snd_sid, 3);
	assert_int_equal(snd.snd_ppid, 1000);
	assert_int_equal(snd.snd_flags, SPATE_SCTP_UNORDERED);
	memset(&old, 0, sizeof(old));
	GET(p.a, fd, DEFAULT_SEND_PARAM, old);
	assert_int_equal(old.sinfo_timetolive, 500);
	old.sinfo_assoc_id = 1234;
	SET_RC(p.a, fd, DEFAULT_SEND_PARAM, old, -EINVAL);
	snd.snd_flags = SPATE_SCTP_ABORT;
	SET_RC(p.a, fd, DEFAULT_SNDINFO, snd, -EINVAL);
	SET(p.a, fd, DEFAULT_PRINFO, pr);
	pr = (struct spate_sctp_default_prinfo){ 0 };
	GET(p.a, fd, DEFAULT_PRINFO, pr);
	assert_int_equal(pr.pr_policy, SPATE_SCTP_PR_SCTP_RTX);
	assert_int_equal(pr.pr_value, 2);
	pr.pr_policy = 0x70;
	SET_RC(p.a, fd, DEFAULT_PRINFO, pr, -EINVAL);
	pair_destroy(&p);
}

/* 6.2.1, and 6.2.2 beside it */
static void
test_events(void **state)
{
	struct pair p = pair_create();
	int fd = spate_socket(p.a, 4, SPATE_SCTP_SEQPACKET);
	struct spate_sctp_event_subscribe events = {
		.sctp_data_io_event = 1, .sctp_association_event = 1, .sctp_send_failure_event = 1
	};
	struct spate_sctp_event event = { .se_type = SPATE_SCTP_SEND_FAILED_EVENT };

	SET(p.a, fd, EVENTS, events);
	memset(&events, 0, sizeof(events));
	GET(p.a, fd, EVENTS, events);
	assert_int_equal(events.sctp_data_io_event, 1);
	assert_int_equal(events.sctp_association_event, 1);
	assert_int_equal(events.sctp_send_failure_event, 1);
	assert_int_equal(events.sctp_send_failure_event_event, 0);
	assert_int_equal(events.sctp_shutdown_event, 0);
	GET(p.a, fd, EVENT, event);
	assert_int_equal(event.se_on, 0);
	event.se_type = SPATE_SCTP_ASSOC_CHANGE;
	GET(p.a, fd, EVENT, event);
	assert_int_equal(event.se_on, 1);
	event.se_type = 0x9999;
	SET_RC(p.a, fd, EVENT, event, -EINVAL);
	/* As older programs know it: what is behind stays. */
	memset(&events, 0, sizeof(events));
	expect(spate_sctp_setsockopt(p.a, fd, SPATE_SCTP_EVENTS, &events, 2), 0);
	GET(p.a, fd, EVENTS, events);
	assert_int_equal(events.sctp_association_event, 0);
	assert_int_equal(events.sctp_send_failure_event, 1);
	pair_destroy(&p);
}

/* ---- 8.3 ---- */

struct key {
	struct spate_sctp_authkey head;
	char bytes[8];
};

static void
auth_set(struct spate *stack, int fd, const char *secret)
{
	const struct spate_sctp_assoc_value on = { SPATE_SCTP_FUTURE_ASSOC, 1 };
	const struct spate_sctp_authchunk data = { 0 };
	const struct spate_sctp_authkeyid active = { .scact_keynumber = 1 };
	struct key key = { .head = { .sca_keynumber = 1, .sca_keylength = 8 } };

	memcpy(key.bytes, secret, 8);
	SET(stack, fd, AUTH_SUPPORTED, on);
	SET(stack, fd, AUTH_CHUNK, data);
	SET(stack, fd, AUTH_KEY, key);
	SET(stack, fd, AUTH_ACTIVE_KEY, active);
}

static void
test_auth(void **state)
{
	struct pair p = pair_create();
	int listener = server_open(p.b, SPATE_SCTP), fd = spate_socket(p.a, 4, SPATE_SCTP), server;
	struct spate_sctp_authkeyid id = { .scact_keynumber = 1 };
	const struct spate_sctp_authchunk bad = { 1 };
	struct {
		struct spate_sctp_authchunks head;
		uint8_t types[8];
	} chunks = { .head = { 0 } };
	struct {
		struct spate_sctp_hmacalgo head;
		uint16_t ids[2];
	} hmacs = { { 1 }, { SPATE_SCTP_AUTH_HMAC_ID_SHA256 } };
	struct key key = { .head = { .sca_keynumber = 2, .sca_keylength = 9 } };
	union spate_sctp_notification n;
	char text[16];

	auth_set(p.b, listener, "a secret");
	auth_set(p.a, fd, "a secret");
	/* RFC 4895 3.3: SHA-1 is everybody's. */
	SET_RC(p.a, fd, HMAC_IDENT, hmacs, -EINVAL);
	hmacs.ids[0] = SPATE_SCTP_AUTH_HMAC_ID_SHA1;
	SET(p.a, fd, HMAC_IDENT, hmacs);
	GET(p.a, fd, HMAC_IDENT, hmacs);
	assert_int_equal(hmacs.head.shmac_num_idents, 1);
	assert_int_equal(hmacs.ids[0], SPATE_SCTP_AUTH_HMAC_ID_SHA1);
	SET_RC(p.a, fd, AUTH_CHUNK, bad, -EINVAL);
	SET_RC(p.a, fd, AUTH_KEY, key, -EINVAL);
	SET_RC(p.a, fd, AUTH_DELETE_KEY, id, -EINVAL);
	connect_one(&p, fd, listener, &server);
	GET(p.a, fd, PEER_AUTH_CHUNKS, chunks);
	assert_int_equal(chunks.head.gauth_number_of_chunks, 1);
	assert_int_equal(chunks.types[0], 0);
	GET(p.a, fd, LOCAL_AUTH_CHUNKS, chunks);
	assert_int_equal(chunks.head.gauth_number_of_chunks, 1);
	GET(p.a, fd, AUTH_ACTIVE_KEY, id);
	assert_int_equal(id.scact_keynumber, 1);
	expect(spate_send(p.a, fd, "hello", 5), 5);
	run(&p, 10);
	expect(spate_recv(p.b, server, text, sizeof(text)), 5);
	/* The peer learns of another key by its use. */
	subscribe(p.b, server, SPATE_SCTP_AUTHENTICATION_EVENT);
	key.head.sca_keylength = 8;
	SET(p.a, fd, AUTH_KEY, key);
	SET(p.b, server, AUTH_KEY, key);
	id.scact_keynumber = 2;
	SET(p.a, fd, AUTH_ACTIVE_KEY, id);
	expect(spate_send(p.a, fd, "hello", 5), 5);
	run(&p, 300);
	expect_notification(p.b, server, SPATE_SCTP_AUTHENTICATION_EVENT, &n);
	assert_int_equal(n.sn_auth_event.auth_keynumber, 2);
	assert_int_equal(n.sn_auth_event.auth_indication, SPATE_SCTP_AUTH_NEW_KEY);
	expect(spate_recv(p.b, server, text, sizeof(text)), 5);
	id.scact_keynumber = 1;
	SET(p.a, fd, AUTH_DEACTIVATE_KEY, id);
	SET_RC(p.a, fd, AUTH_ACTIVE_KEY, id, -EINVAL);
	SET(p.a, fd, AUTH_DELETE_KEY, id);
	SET_RC(p.a, fd, AUTH_DELETE_KEY, id, -EINVAL);
	pair_destroy(&p);
}

/* Whoever has another secret is not heard. */
static void
test_auth_other_secret(void **state)
{
	struct pair p = pair_create();
	int listener = server_open(p.b, SPATE_SCTP), fd = spate_socket(p.a, 4, SPATE_SCTP), server;
	char text[16];

	auth_set(p.b, listener, "a secret");
	auth_set(p.a, fd, "another!");
	connect_one(&p, fd, listener, &server);
	expect(spate_send(p.a, fd, "hello", 5), 5);
	run(&p, 10);
	expect(spate_recv(p.b, server, text, sizeof(text)), -EAGAIN);
	pair_destroy(&p);
}

/* ---- RFC 6525 6.3, RFC 8260 4.3, RFC 7496 4 ---- */

static void
test_streams(void **state)
{
	struct pair p = pair_create();
	int listener = server_open(p.b, SPATE_SCTP), fd = spate_socket(p.a, 4, SPATE_SCTP), server;
	struct spate_sctp_assoc_value value = { 0, 1 };
	struct {
		struct spate_sctp_reset_streams head;
		uint16_t ids[2];
	} reset = { { 0, SPATE_SCTP_STREAM_RESET_OUTGOING, 2 }, { 3, 4 } };
	struct spate_sctp_add_streams add = { 0, 0, 5 };
	struct spate_sctp_stream_value weight = { 0, 3, 17 };
	struct spate_sctp_prstatus abandoned = { .sprstat_policy = SPATE_SCTP_PR_SCTP_ALL };
	struct {
		union spate_sctp_notification n;
		uint16_t more[4];
	} got;
	struct spate_sctp_status status = { 0 };
	int32_t id = 0;
	int flags;

	SET(p.a, fd, RECONFIG_SUPPORTED, value);
	SET(p.b, listener, RECONFIG_SUPPORTED, value);
	/* Nobody is there yet. */
	SET_RC(p.a, fd, RESET_STREAMS, reset, -ENOTCONN);
	value.assoc_value = 8;
	SET_RC(p.a, fd, ENABLE_STREAM_RESET, value, -EINVAL);
	value.assoc_value = 7;
	SET(p.b, listener, ENABLE_STREAM_RESET, value);
	GET(p.b, listener, ENABLE_STREAM_RESET, value);
	assert_int_equal(value.assoc_value, 7);
	value.assoc_value = SPATE_SCTP_SS_RR_PKT + 1;
	SET_RC(p.a, fd, STREAM_SCHEDULER, value, -EINVAL);
	for (uint32_t i = 0; i <= SPATE_SCTP_SS_RR_PKT; i++) {
		value.assoc_value = i;
		SET(p.a, fd, STREAM_SCHEDULER, value);
		value.assoc_value = 99;
		GET(p.a, fd, STREAM_SCHEDULER, value);
		assert_int_equal(value.assoc_value, i);
	}
	connect_one(&p, fd, listener, &server);
	subscribe(p.a, fd, SPATE_SCTP_STREAM_RESET_EVENT);
	subscribe(p.a, fd, SPATE_SCTP_STREAM_CHANGE_EVENT);
	subscribe(p.a, fd, SPATE_SCTP_ASSOC_RESET_EVENT);
	SET(p.a, fd, STREAM_SCHEDULER_VALUE, weight);
	weight.stream_value = 0;
	GET(p.a, fd, STREAM_SCHEDULER_VALUE, weight);
	assert_int_equal(weight.stream_value, 17);
	weight.stream_id = 4000;
	SET_RC(p.a, fd, STREAM_SCHEDULER_VALUE, weight, -EINVAL);

	SET(p.a, fd, RESET_STREAMS, reset);
	SET_RC(p.a, fd, RESET_STREAMS, reset, -EALREADY);
	run(&p, 300);
	assert_int_equal(
		spate_sctp_recvv(p.a, fd, &got, sizeof(got), NULL, NULL, NULL, NULL, &flags),
		sizeof(struct spate_sctp_stream_reset_event) + 4);
	assert_int_equal(got.n.sn_header.sn_type, SPATE_SCTP_STREAM_RESET_EVENT);
	assert_int_equal(
		got.n.sn_strreset_event.strreset_flags, SPATE_SCTP_STREAM_RESET_OUTGOING_SSN);
	assert_memory_equal(&got.n.sn_strreset_event + 1, reset.ids, 4);
	SET(p.a, fd, ADD_STREAMS, add);
	run(&p, 300);
	expect_notification(p.a, fd, SPATE_SCTP_STREAM_CHANGE_EVENT, &got.n);
	assert_int_equal(got.n.sn_strchange_event.strchange_outstrms, 15);
	GET(p.a, fd, STATUS, status);
	assert_int_equal(status.sstat_outstrms, 15);
	SET(p.a, fd, RESET_ASSOC, id);
	run(&p, 300);
	expect_notification(p.a, fd, SPATE_SCTP_ASSOC_RESET_EVENT, &got.n);
	assert_int_equal(got.n.sn_assocreset_event.assocreset_flags, 0);
	GET(p.a, fd, PR_ASSOC_STATUS, abandoned);
	assert_int_equal(abandoned.sprstat_abandoned_sent, 0);
	abandoned.sprstat_sid = 15;
	GET_RC(p.a, fd, PR_STREAM_STATUS, abandoned, -EINVAL);
	abandoned.sprstat_policy = SPATE_SCTP_PR_SCTP_NONE;
	GET_RC(p.a, fd, PR_ASSOC_STATUS, abandoned, -EINVAL);
	pair_destroy(&p);
}

/* 8.2.1, 8.2.5, 8.2.6, 9.6 */
static void
test_what_is_known(void **state)
{
	struct pair p = pair_create();
	int server = server_open(p.b, SPATE_SCTP_SEQPACKET);
	int fd = spate_socket(p.a, 4, SPATE_SCTP_SEQPACKET);
	struct spate_sctp_status status = { 0 };
	size_t length = sizeof(status);
	uint32_t number;
	int32_t ids[3], id;

	(void)server;
	GET_RC(p.a, fd, STATUS, status, -EINVAL);
	expect(spate_sctp_connectx(p.a, fd, &(const char *){ B_ADDR }, 1, 7, &id), 0);
	run(&p, 300);
	GET(p.a, fd, GET_ASSOC_NUMBER, number);
	assert_int_equal(number, 1);
	GET(p.a, fd, GET_ASSOC_ID_LIST, ids);
	assert_int_equal(ids[0], 1);
	assert_int_equal(ids[1], id);
	GET_RC(p.a, fd, GET_ASSOC_ID_LIST, number, -EINVAL);
	expect(spate_sctp_opt_info(p.a, fd, id, SPATE_SCTP_STATUS, &status, &length), 0);
	assert_int_equal(status.sstat_assoc_id, id);
	assert_int_equal(status.sstat_state, SPATE_SCTP_ESTABLISHED);
	expect(spate_sctp_opt_info(p.a, fd, id + 1, SPATE_SCTP_STATUS, &status, &length), -EINVAL);
	pair_destroy(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_init_timeout),
		cmocka_unit_test(test_switches),
		cmocka_unit_test(test_supported),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_bad_path_params),
		cmocka_unit_test(test_send_defaults),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_auth),
		cmocka_unit_test(test_auth_other_secret),
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_what_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
