# SPDX-License-Identifier: BSD-3-Clause
"""libspate.so in a program that is not ours: Python loads it by ctypes, without root, and speaks to
its stacks by scapy. What it shows of itself, and that nothing else of the daemon is needed."""
import ctypes
import errno
import os
import re
import subprocess
import sys
import unittest

LIBSPATE = os.environ.get("LIBSPATE", os.path.join(os.path.dirname(__file__),
                                                   "../../build/app/embed/libspate.so"))
CLOCK_MANUAL = 1
LINK_ETHERNET, LINK_IP = 0, 1
VLAN_CUSTOMER = 0x8100
NOBODY = 65534
SECOND = 10 ** 9


def sanitizer_libraries():
    """Those that must be loaded before anything else is."""
    done = subprocess.run(["ldd", LIBSPATE], text=True, capture_output=True, check=True)
    return re.findall(r"=> (/\S*/libasan\.so\S*)", done.stdout)


def start_again_for_sanitizer():
    libraries = sanitizer_libraries()
    if not libraries or "LD_PRELOAD" in os.environ:
        return
    # The interpreter itself leaks; the unit tests look for leaks.
    options = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
    os.execve(sys.executable, [sys.executable, *sys.argv],
              {**os.environ, "LD_PRELOAD": ":".join(libraries), "ASAN_OPTIONS": options})


class SpateError(Exception):
    """A call has failed."""


class Stack:
    """A stack as spate.h has it."""

    library = None

    def __init__(self, flags=CLOCK_MANUAL):
        self.handle = ctypes.c_void_p()
        self.check(self.library.spate_create(flags, ctypes.byref(self.handle)))

    @classmethod
    def load(cls):
        cls.library = ctypes.CDLL(LIBSPATE)
        for name in ("error", "version"):
            getattr(cls.library, f"spate_{name}").restype = ctypes.c_char_p
        for name in ("now", "next_timeout"):
            getattr(cls.library, f"spate_{name}").restype = ctypes.c_uint64

    def check(self, result):
        if result < 0:
            raise SpateError(-result, self.library.spate_error().decode())
        return result

    def call(self, name, *arguments):
        """By name: texts as they are, None as NULL."""
        arguments = [value.encode() if isinstance(value, str) else value for value in arguments]
        return self.check(getattr(self.library, f"spate_{name}")(self.handle, *arguments))

    def input(self, iface, frame):
        frame = bytes(frame)
        self.call("input", iface, frame, ctypes.c_size_t(len(frame)))

    def output(self, iface):
        """@return all that waits"""
        frames = []
        buffer = ctypes.create_string_buffer(9622)
        while length := self.call("output", iface, buffer, ctypes.c_size_t(len(buffer))):
            frames.append(buffer.raw[:length])
        return frames

    def advance(self, seconds):
        self.call("advance", ctypes.c_uint64(int(seconds * SECOND)))

    def drops(self, reason=None):
        count = ctypes.c_uint64()
        self.call("drops", reason, ctypes.byref(count))
        return count.value

    def close(self):
        self.library.spate_destroy(self.handle)


class Embed(unittest.TestCase):
    """Each test has a stack of its own, on both kinds of links."""

    def setUp(self):
        self.stack = Stack()
        self.addCleanup(self.stack.close)
        self.stack.call("iface_add", "e0", LINK_ETHERNET, 1500, "02:00:00:00:01:00")
        self.stack.call("addr_add", "e0", "10.0.0.1/24")
        self.stack.call("addr_add", "e0", "2001:db8::1/64")
        self.stack.call("iface_add", "i0", LINK_IP, 1500, None)
        self.stack.call("addr_add", "i0", "10.0.1.1/24")
        self.stack.call("addr_add", "i0", "2001:db8:1::1/64")

    def ask(self, iface, packet):
        """@return the one answer"""
        self.stack.input(iface, packet)
        frames = self.stack.output(iface)
        self.assertEqual(len(frames), 1, frames)
        if iface == "e0":
            return Ether(frames[0])
        return (IP if frames[0][0] >> 4 == 4 else IPv6)(frames[0])

    def test_echo(self):
        for size in (0, 1, 56, 1000, 1472):
            answer = self.ask("i0", IP(src="10.0.1.2", dst="10.0.1.1") /
                              ICMP(id=7, seq=size) / Raw(b"x" * size))
            self.assertEqual((answer.src, answer[ICMP].type, answer[ICMP].seq),
                             ("10.0.1.1", 0, size))
            self.assertEqual(bytes(answer[ICMP].payload), b"x" * size)
        answer = self.ask("i0", IPv6(src="2001:db8:1::2", dst="2001:db8:1::1") /
                          ICMPv6EchoRequest(id=7, seq=1, data=b"y" * 99))
        self.assertEqual((answer[ICMPv6EchoReply].seq, answer[ICMPv6EchoReply].data),
                         (1, b"y" * 99))

    def test_arp(self):
        link = Ether(src="02:00:00:00:02:00", dst="ff:ff:ff:ff:ff:ff")
        answer = self.ask("e0", link / ARP(op=1, hwsrc=link.src, psrc="10.0.0.2",
                                           pdst="10.0.0.1"))
        self.assertEqual((answer.dst, answer[ARP].op, answer[ARP].hwsrc, answer[ARP].psrc),
                         (link.src, 2, "02:00:00:00:01:00", "10.0.0.1"))
        # Who has asked is known.
        link.dst = "02:00:00:00:01:00"
        answer = self.ask("e0", link / IP(src="10.0.0.2", dst="10.0.0.1") / ICMP())
        self.assertEqual((answer.dst, answer[ICMP].type), (link.src, 0))

    def test_nd(self):
        link = Ether(src="02:00:00:00:02:00", dst="33:33:ff:00:00:01")
        answer = self.ask("e0", link / IPv6(src="2001:db8::2", dst="ff02::1:ff00:1", hlim=255) /
                          ICMPv6ND_NS(tgt="2001:db8::1") / ICMPv6NDOptSrcLLAddr(lladdr=link.src))
        self.assertEqual((answer.dst, answer[ICMPv6ND_NA].tgt, answer[ICMPv6ND_NA].S),
                         (link.src, "2001:db8::1", 1))
        self.assertEqual(answer[ICMPv6NDOptDstLLAddr].lladdr, "02:00:00:00:01:00")

    def test_port_unreachable(self):
        answer = self.ask("i0", IP(src="10.0.1.2", dst="10.0.1.1") / UDP(sport=9, dport=9))
        self.assertEqual((answer[ICMP].type, answer[ICMP].code), (3, 3))
        answer = self.ask("i0", IPv6(src="2001:db8:1::2", dst="2001:db8:1::1") /
                          UDP(sport=9, dport=9))
        self.assertEqual(answer[ICMPv6DestUnreach].code, 4)

    def test_fragments(self):
        """One answer to the whole, which is cut for its link again."""
        data = os.urandom(4000)
        sent = fragment(IP(src="10.0.1.2", dst="10.0.1.1", id=9) / ICMP(id=1) / data, 1480)
        for part in reversed(sent[1:]):
            self.stack.input("i0", part)
            self.assertEqual(self.stack.output("i0"), [])
        self.stack.input("i0", sent[0])
        parts = [IP(frame) for frame in self.stack.output("i0")]
        self.assertEqual(len(parts), 3)
        whole = defragment(parts)[0]
        self.assertEqual((whole[ICMP].type, bytes(whole[ICMP].payload)), (0, data))

    def test_forwarding(self):
        self.stack.call("neigh_add", "e0", "10.0.0.2", "02:00:00:00:02:00")
        self.stack.call("route_add", "192.0.2.0/24", "10.0.0.2", None)
        self.stack.input("i0", IP(src="10.0.1.2", dst="192.0.2.1", ttl=9) / UDP() / b"far")
        frame = Ether(self.stack.output("e0")[0])
        self.assertEqual((frame.dst, frame[IP].ttl, bytes(frame[UDP].payload)),
                         ("02:00:00:00:02:00", 8, b"far"))
        answer = self.ask("i0", IP(src="10.0.1.2", dst="192.0.2.1", ttl=1) / UDP())
        self.assertEqual(answer[ICMP].type, 11)

    def test_paths(self):
        """Flows are shared by weight; each keeps its way."""
        self.stack.call("iface_add", "i1", LINK_IP, 1500, None)
        self.stack.call("addr_add", "i1", "10.0.2.1/24")
        self.stack.call("route_set", None, "192.0.2.0/24", "via 10.0.1.2 via 10.0.2.2 weight 3")
        flows = [IP(src="10.0.0.2", dst="192.0.2.1") / UDP(sport=port) for port in range(1, 201)]
        sent = []
        for _ in range(2):
            for flow in flows:
                self.stack.input("e0", Ether(dst="02:00:00:00:01:00") / flow)
            sent.append([{IP(frame)[UDP].sport for frame in self.stack.output(iface)}
                         for iface in ("i0", "i1")])
        self.assertEqual(sent[0], sent[1])
        self.assertEqual(len(sent[0][0]) + len(sent[0][1]), 200)
        self.assertGreater(len(sent[0][1]), 2 * len(sent[0][0]))
        self.stack.call("route_unset", None, "192.0.2.0/24")

    def test_vrf(self):
        """What is routed in one VRF is not in another."""
        self.stack.call("vrf_add", "red")
        self.stack.call("iface_set_vrf", "i0", "red")
        self.stack.call("route_set", "red", "0.0.0.0/0", "via 10.0.1.9")
        self.stack.call("neigh_add", "e0", "10.0.0.2", "02:00:00:00:02:00")
        link = Ether(src="02:00:00:00:02:00", dst="02:00:00:00:01:00")
        answer = self.ask("e0", link / IP(src="10.0.0.2", dst="192.0.2.1") / UDP())
        self.assertEqual((answer[ICMP].type, answer[ICMP].code), (3, 0))
        self.stack.call("iface_set_vrf", "e0", "red")
        self.stack.input("e0", link / IP(src="10.0.0.2", dst="192.0.2.1") / UDP())
        self.assertEqual(IP(self.stack.output("i0")[0]).dst, "192.0.2.1")

    def test_vlan(self):
        """Tagged frames come and go by the link that the VLAN is on."""
        self.stack.call("vlan_add", "e0.5", "e0", VLAN_CUSTOMER, 5)
        self.stack.call("addr_add", "e0.5", "10.0.5.1/24")
        answer = self.ask("e0", Ether(src="02:00:00:00:02:00", dst="ff:ff:ff:ff:ff:ff") /
                          Dot1Q(vlan=5) / ARP(op=1, hwsrc="02:00:00:00:02:00",
                                              psrc="10.0.5.2", pdst="10.0.5.1"))
        self.assertEqual((answer[Dot1Q].vlan, answer[ARP].psrc), (5, "10.0.5.1"))

    def test_clock(self):
        """Of a neighbour that does not answer the one who waits for it hears, three seconds on."""
        packet = IP(src="10.0.1.2", dst="10.0.0.77") / UDP()
        self.stack.input("i0", packet)
        self.assertEqual(self.stack.output("i0"), [])
        self.stack.advance(2.9)
        self.assertEqual(self.stack.output("i0"), [])
        self.assertEqual(len(self.stack.output("e0")), 3)
        self.stack.advance(0.2)
        answer = IP(self.stack.output("i0")[0])
        self.assertEqual((answer[ICMP].type, answer[ICMP].code), (3, 1))
        self.assertEqual(self.stack.library.spate_now(self.stack.handle), 3.1 * SECOND)

    def test_errors(self):
        def fails(number, *arguments, function=self.stack.call):
            with self.assertRaises(SpateError) as caught:
                function(*arguments)
            self.assertEqual(caught.exception.args[0], number, caught.exception)
            self.assertGreater(len(caught.exception.args[1]), 8)

        fails(errno.EINVAL, "i0", b"", function=self.stack.input)
        fails(errno.EINVAL, "i0", b"\0garbage", function=self.stack.input)
        fails(errno.EMSGSIZE, "i0", b"E" * 1501, function=self.stack.input)
        fails(errno.EMSGSIZE, "e0", b"E" * 100000, function=self.stack.input)
        fails(errno.ENOENT, "e1", b"E", function=self.stack.input)
        fails(errno.EEXIST, "iface_add", "e0", LINK_IP, 0, None)
        fails(errno.EINVAL, "addr_add", "e0", "10.0.0.1000/24")
        fails(errno.EINVAL, "route_add", "192.0.2.0/24", None, None)
        fails(errno.EINVAL, "route_set", None, "192.0.2.0/24", "by 10.0.1.2")
        fails(errno.ENOENT, "iface_set_vrf", "e0", "blue")
        fails(errno.EINVAL, "vlan_add", "i0.5", "i0", VLAN_CUSTOMER, 5)
        fails(errno.EINVAL, 1 << 20, function=Stack)
        # What no other host would take either.
        before = self.stack.drops()
        self.stack.input("e0", b"garbage")
        self.assertEqual(self.stack.output("e0"), [])
        self.assertEqual((self.stack.drops(), self.stack.drops("ether_truncated")),
                         (before + 1, 1))


class Shape(unittest.TestCase):
    """The file itself."""

    def test_symbols(self):
        """It offers what its headers declare, with a version, and nothing else."""
        declared = []
        for name in ("spate.h", "spate_sctp.h"):
            header = os.path.join(os.path.dirname(__file__), "../../app/embed", name)
            with open(header, encoding="utf-8") as file:
                declared += re.findall(r"(?m)^SPATE_API [^;]*?\b(spate_\w+)\(", file.read())
        done = subprocess.run(["nm", "-D", "--defined-only", LIBSPATE], text=True,
                              capture_output=True, check=True)
        offered = [line.split()[2] for line in done.stdout.splitlines()]
        self.assertEqual(sorted(offered),
                         sorted(["SPATE_0", *(f"{name}@@SPATE_0" for name in declared)]))

    def test_version(self):
        self.assertRegex(Stack.library.spate_version().decode(), r"^\d+\.\d+\.\d+$")


if __name__ == "__main__":
    try:
        from scapy.layers.inet import ICMP, IP, UDP, defragment, fragment
        from scapy.layers.inet6 import (ICMPv6DestUnreach, ICMPv6EchoReply, ICMPv6EchoRequest,
                                        ICMPv6ND_NA, ICMPv6ND_NS, ICMPv6NDOptDstLLAddr,
                                        ICMPv6NDOptSrcLLAddr, IPv6)
        from scapy.layers.l2 import ARP, Dot1Q, Ether
        from scapy.packet import Raw
    except ImportError:
        print("skipped: scapy is not installed")
        sys.exit(77)
    start_again_for_sanitizer()
    Stack.load()
    if os.geteuid() == 0:
        # The library is loaded; DPDK, by it, when the first stack is made.
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    unittest.main(verbosity=2)
