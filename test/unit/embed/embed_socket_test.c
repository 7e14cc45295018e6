/* SPDX-License-Identifier: BSD-3-Clause */
/* Sockets of libspate.so: what BSD's do, by numbers and texts. */
#include "unit/embed/embed_fixture.h"

#define US   "10.0.0.1"
#define PEER "10.0.0.2"

/* A stack on a link of IP packets, and a socket of a family. */
static struct spate *
stack_with(int family, int *fd)
{
	struct spate *stack = stack_on(SPATE_LINK_IP);

	*fd = spate_socket(stack, family, SPATE_UDP);
	assert_int_equal(*fd, 0);
	return stack;
}

static void
test_asked_and_answered(void **state)
{
	uint8_t frame[PACKET_MAX];
	char addr[SPATE_ADDR_TEXT], data[16];
	int64_t unread;
	size_t length;
	unsigned port;
	int fd;
	struct spate *stack = stack_with(4, &fd);

	expect(spate_bind(stack, fd, US, 53), 0);
	assert_int_equal(spate_ready(stack, fd), SPATE_WRITABLE);
	expect(spate_recvfrom(stack, fd, data, sizeof(data), addr, &port), -EAGAIN);
	length = packet_write(PACKET(.src = PEER, .dst = US, .payload = (const uint8_t *)"who?",
				      .payload_length = 4, .spoil = PACKET_NO_ETHER),
		frame);
	expect(spate_input(stack, "i0", frame, length), 0);
	assert_int_equal(spate_ready(stack, fd), SPATE_READABLE | SPATE_WRITABLE);
	expect(spate_peek(stack, fd, data, 3, addr, &port), 3);
	assert_memory_equal(data, "who", 3);
	assert_string_equal(addr, PEER);
	expect(spate_getsockopt(stack, fd, SPATE_SIOCINQ, &unread), 0);
	assert_int_equal(unread, 4);
	expect(spate_recvfrom(stack, fd, data, sizeof(data), addr, &port), 4);
	expect(spate_peek(stack, fd, data, sizeof(data), NULL, NULL), -EAGAIN);
	assert_memory_equal(data, "who?", 4);
	assert_string_equal(addr, PEER);
	assert_int_equal(port, 4000);
	expect(spate_sendto(stack, fd, "me", 2, addr, port), 2);
	expect(spate_output(stack, "i0", frame, sizeof(frame)), 30);
	assert_memory_equal(frame + 28, "me", 2);
	/* From port 53 to port 4000, of ten bytes, with a checksum. */
	assert_memory_equal(frame + 20, "\x00\x35\x0f\xa0\x00\x0a", 6);
	assert_memory_not_equal(frame + 26, "\0\0", 2);
	expect(spate_close(stack, fd), 0);
	expect(spate_close(stack, fd), -EBADF);
	spate_destroy(stack);
}

static void
test_names(void **state)
{
	char addr[SPATE_ADDR_TEXT];
	unsigned port = 1;
	int fd, other;
	struct spate *stack = stack_with(6, &fd);

	expect(spate_getsockname(stack, fd, addr, &port), 0);
	assert_string_equal(addr, "::");
	assert_int_equal(port, 0);
	expect(spate_getpeername(stack, fd, addr, &port), -ENOTCONN);
	expect(spate_bind(stack, fd, "2001:db8::7", 53), -EADDRNOTAVAIL);
	expect(spate_bind(stack, fd, "nonsense", 53), -EINVAL);
	expect(spate_bind(stack, fd, "fe80::1%none", 53), -ENODEV);
	expect(spate_bind(stack, fd, NULL, 65536), -EINVAL);
	expect(spate_bind(stack, fd, NULL, 53), 0);
	other = spate_socket(stack, 4, SPATE_UDP);
	assert_int_equal(other, 1);
	expect(spate_bind(stack, other, NULL, 53), -EADDRINUSE);
	expect(spate_connect(stack, fd, PEER, 99), 0);
	expect(spate_getpeername(stack, fd, addr, &port), 0);
	assert_string_equal(addr, PEER);
	assert_int_equal(port, 99);
	expect(spate_getsockname(stack, fd, addr, &port), 0);
	assert_string_equal(addr, US);
	expect(spate_connect(stack, fd, NULL, 0), 0);
	expect(spate_getpeername(stack, fd, addr, &port), -ENOTCONN);
	expect(spate_connect(stack, other, "192.0.2.1", 53), -ENETUNREACH);
	expect(spate_socket(stack, 5, SPATE_UDP), -EAFNOSUPPORT);
	expect(spate_socket(stack, 4, SPATE_SCTP_SEQPACKET + 1), -EPROTONOSUPPORT);
	expect(spate_sendto(stack, 99, "x", 1, PEER, 9), -EBADF);
	expect(spate_sendto(stack, -1, "x", 1, PEER, 9), -EBADF);
	spate_destroy(stack);
}

/* RFC 1122 4.1.3.3, by the link's own answer: told once, then forgotten. */
static void
test_refused(void **state)
{
	uint8_t sent[PACKET_MAX], error[PACKET_MAX];
	int64_t value;
	size_t length;
	int fd;
	struct spate *stack = stack_with(4, &fd);

	expect(spate_connect(stack, fd, PEER, 53), 0);
	expect(spate_sendto(stack, fd, "x", 1, NULL, 0), 1);
	expect(spate_output(stack, "i0", sent, sizeof(sent)), 29);
	length = packet_write(PACKET(.src = PEER, .dst = US, .icmp_type = ICMP4_UNREACHABLE,
				      .icmp_code = ICMP4_PORT_UNREACHABLE, .payload = sent,
				      .payload_length = 29, .spoil = PACKET_NO_ETHER),
		error);
	expect(spate_input(stack, "i0", error, length), 0);
	assert_int_equal(spate_ready(stack, fd), SPATE_WRITABLE | SPATE_HAS_ERROR);
	expect(spate_getsockopt(stack, fd, SPATE_SO_ERROR, &value), 0);
	assert_int_equal(value, ECONNREFUSED);
	expect(spate_getsockopt(stack, fd, SPATE_SO_ERROR, &value), 0);
	assert_int_equal(value, 0);
	expect(spate_input(stack, "i0", error, length), 0);
	expect(spate_sendto(stack, fd, "x", 1, NULL, 0), -ECONNREFUSED);
	expect(spate_sendto(stack, fd, "x", 1, NULL, 0), 1);
	spate_destroy(stack);
}

static void
test_options(void **state)
{
	uint8_t frame[PACKET_MAX];
	int64_t value;
	int fd;
	struct spate *stack = stack_with(4, &fd);

	expect(spate_setsockopt(stack, fd, SPATE_IP_TTL, 3), 0);
	expect(spate_setsockopt(stack, fd, SPATE_IP_TTL, 0), -EINVAL);
	expect(spate_setsockopt(stack, fd, SPATE_SO_NO_CHECK, 1), 0);
	expect(spate_getsockopt(stack, fd, SPATE_SO_NO_CHECK, &value), 0);
	assert_int_equal(value, 1);
	expect(spate_setsockopt(stack, fd, (enum spate_sockopt)99, 1), -ENOPROTOOPT);
	expect(spate_setsockopt(stack, 7, SPATE_IP_TTL, 3), -EBADF);
	expect(spate_getsockopt(stack, fd, SPATE_IP_MTU, &value), -ENOTCONN);
	expect(spate_connect(stack, fd, PEER, 53), 0);
	expect(spate_getsockopt(stack, fd, SPATE_IP_MTU, &value), 0);
	assert_int_equal(value, 1500);
	expect(spate_sendto(stack, fd, "x", 1, NULL, 0), 1);
	expect(spate_output(stack, "i0", frame, sizeof(frame)), 29);
	assert_int_equal(frame[8], 3);
	assert_memory_equal(frame + 26, "\0\0", 2);
	expect(spate_shutdown(stack, fd, 4), -EINVAL);
	expect(spate_shutdown(stack, fd, 2), 0);
	expect(spate_sendto(stack, fd, "x", 1, NULL, 0), -EPIPE);
	spate_destroy(stack);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_asked_and_answered),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
