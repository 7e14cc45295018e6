# SPDX-License-Identifier: BSD-3-Clause
"""The stream that bench services verify (app/service/bench_pattern.h), for sockets of the kernel: each
byte is known by its place. What is received is compared with it, to the last byte."""
import struct

WORDS = 131071
PERIOD = 8 * WORDS
AT_ONCE = 262144
MASK = (1 << 64) - 1
# enum bench_mode
SEND, RECEIVE = 0, 1


def _word(index):
    """SplitMix64."""
    z = (index + 1) * 0x9e3779b97f4a7c15 & MASK
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9 & MASK
    z = (z ^ z >> 27) * 0x94d049bb133111eb & MASK
    return z ^ z >> 31


_once = struct.pack(f"<{WORDS}Q", *map(_word, range(WORDS)))
_twice = memoryview(_once + _once[:AT_ONCE])


def pattern(place, length):
    """@return up to `length` bytes from a place on"""
    begin = place % PERIOD
    return _twice[begin:begin + min(length, AT_ONCE)]


def hello(mode):
    """What a bench server is told first: bench_hello.h."""
    return struct.pack("!4sBBBBII", b"spbn", 1, mode, 0, 1, 0, 0)


def send_pattern(sock, length, place=0):
    end = place + length
    while place < end:
        place += sock.send(pattern(place, end - place))


def receive_pattern(sock, length=None, place=0):
    """Receive so much, or until the end. @return how much it was"""
    begin = place
    while length is None or place < begin + length:
        data = sock.recv(AT_ONCE if length is None else min(AT_ONCE, begin + length - place))
        if not data:
            break
        if data != pattern(place, len(data)):
            expected = bytes(pattern(place, len(data)))
            wrong = [i for i, byte in enumerate(data) if byte != expected[i]]
            raise AssertionError(f"{len(wrong)} bytes are wrong, the first at {place + wrong[0]}")
        place += len(data)
    return place - begin
