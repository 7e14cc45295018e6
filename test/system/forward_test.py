# SPDX-License-Identifier: BSD-3-Clause
"""Forwarding between two hosts, and what hosts hear of it: ICMP errors as the kernel sees them."""
import concurrent.futures
import errno
import json
import os
import re
import socket
import subprocess

from harness import Pair, SystemTest, main, ping, wait_for

IP_MTU_DISCOVER, IP_PMTUDISC_DO, IP_PMTUDISC_PROBE = 10, 2, 3
IP_RECVERR, IPV6_RECVERR, IPV6_MTU_DISCOVER = 11, 25, 23
MSG_ERRQUEUE = 0x2000


def udp_error(host, address, port=9, size=8, proto=None):
    """Send a datagram; the ICMP error that comes back, as (errno, type, code, info, offender)."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    level, recverr, discover = ((socket.IPPROTO_IPV6, IPV6_RECVERR, IPV6_MTU_DISCOVER)
                                if family == socket.AF_INET6
                                else (socket.IPPROTO_IP, IP_RECVERR, IP_MTU_DISCOVER))
    kind = socket.SOCK_DGRAM if proto is None else socket.SOCK_RAW
    with host.socket(family, kind, proto or 0) as sock:
        sock.setsockopt(level, recverr, 1)
        # Probe: DF, but whatever the kernel knows of the path's MTU.
        sock.setsockopt(level, discover, IP_PMTUDISC_PROBE)
        sock.sendto(b"x" * size, (address, port if proto is None else 0))

        def receive():
            try:
                return sock.recvmsg(2048, 512, MSG_ERRQUEUE)
            except BlockingIOError:
                return None
        sock.setblocking(False)
        message = wait_for(receive, f"an ICMP error about a datagram to {address}", 5)
    _, kind, data = message[1][0]
    number = int.from_bytes(data[0:4], "little")
    info = int.from_bytes(data[8:12], "little")
    offender = (socket.inet_ntop(socket.AF_INET6, data[24:40]) if family == socket.AF_INET6
                else socket.inet_ntop(socket.AF_INET, data[20:24]))
    return number, data[5], data[6], info, offender


def tcp_transfer(client, server, address, count):
    """Send so many random bytes; they must arrive as they are."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    data = os.urandom(count)

    def receive():
        received = bytearray()
        conn, _ = listener.accept()
        conn.settimeout(20)
        with conn:
            while part := conn.recv(1 << 16):
                received.extend(part)
        return received

    with concurrent.futures.ThreadPoolExecutor(1) as pool, \
            server.socket(family, socket.SOCK_STREAM) as listener, \
            client.socket(family, socket.SOCK_STREAM) as sock:
        listener.bind((address, 5000))
        listener.listen()
        listener.settimeout(20)
        receiving = pool.submit(receive)
        sock.settimeout(20)
        sock.connect((address, 5000))
        sock.sendall(data)
        sock.close()
        received = receiving.result()
    assert received == data, f"{len(received)} bytes of {count} arrived, or others"


class Forward(SystemTest):
    """One daemon for all: tests look at differences of counters."""

    @classmethod
    def setUpLab(cls):
        cls.pair = Pair(cls.lab, driver="tap", queues=2, workers=2)
        cls.a, cls.b, cls.spated = cls.pair.a, cls.pair.b, cls.pair.spated

    def test_0_first_packet_and_ttl(self):
        for address in (Pair.B4, Pair.B6):
            with self.subTest(address):
                # The very first packet has to wait for two neighbours, and arrives.
                out = ping(self.a, address, 3).stdout
                self.assertEqual(set(re.findall(r"ttl=(\d+)", out)), {"63"})
        for address in (Pair.R4A, Pair.R6A, Pair.R4B, Pair.R6B):
            with self.subTest(address):
                out = ping(self.a, address).stdout
                self.assertEqual(set(re.findall(r"ttl=(\d+)", out)), {"64"})
        self.spated.check_conserved()

    def test_link_local_and_groups(self):
        mac = self.spated.cli("port show p0")["mac"]
        address = next(text for text in self.spated.cli("iface show p0")["addresses"]
                       if text.startswith("fe80"))
        ping(self.a, address.split("/")[0] + "%eth0", 3)
        ping(self.a, "ff02::2%eth0", 1)
        self.assertNotEqual(self.a.mac("eth0"), mac)

    def test_sizes(self):
        """Every length from nothing to the MTU: data arrive intact (ping compares them)."""
        for address, most in ((Pair.B4, 1472), (Pair.B6, 1452)):
            for size in [*range(0, 70), 127, 128, 129, 511, 1023, most - 1, most]:
                out = ping(self.a, address, 1, "-s", str(size)).stdout
                self.assertNotIn("wrong", out)

    def test_fragments(self):
        """What the sender cut passes in pieces: a router puts nothing together."""
        for address in (Pair.B4, Pair.B6):
            before = self.spated.drops()
            ping(self.a, address, 3, "-s", "4000", "-M", "dont")
            self.assertEqual(self.spated.dropped_since(before), {})

    def test_options(self):
        """Record route and timestamp: we write the address by which a packet leaves."""
        out = ping(self.a, Pair.B4, 1, "-R").stdout
        self.assertEqual(re.findall(r"^(?:RR:)?\s+(10\.0\.\d\.\d)$", out, re.M),
                         [Pair.A4, Pair.R4B, Pair.B4, Pair.B4, Pair.R4A, Pair.A4])
        out = ping(self.a, Pair.R4B, 1, "-R").stdout
        self.assertIn(f"\t{Pair.R4B}\n", out)
        out = ping(self.a, Pair.B4, 1, "-T", "tsandaddr").stdout
        self.assertIn(f"\t{Pair.R4B}\t", out)

    def test_traceroute(self):
        for options, target, hops in (
                (["-4"], Pair.B4, [Pair.R4A, Pair.B4]),
                (["-4", "-I"], Pair.B4, [Pair.R4A, Pair.B4]),
                (["-6"], Pair.B6, [Pair.R6A, Pair.B6]),
                (["-6", "-I"], Pair.B6, [Pair.R6A, Pair.B6]),
                (["-4"], Pair.R4A, [Pair.R4A]),
                (["-4", "-I"], Pair.R4B, [Pair.R4B]),
                (["-6"], Pair.R6A, [Pair.R6A])):
            with self.subTest(f"{options} {target}"):
                out = self.a.run("traceroute", "-n", "-q", "2", "-w", "3", "-m", "5", *options,
                                 target).stdout
                seen = [re.search(r"^ ?\d+  (\S+)", line).group(1) for line in out.splitlines()[1:]]
                # From an address of ours that is not the one asked for, too: RFC 1812 4.3.2.4.
                if target == Pair.R4A or target == Pair.R6A or target == Pair.R4B:
                    self.assertEqual(len(seen), 1, out)
                else:
                    self.assertEqual(seen, hops, out)

    def iperf(self, *options):
        server = self.b.start("iperf3", "-s", "-1", stdout=subprocess.DEVNULL)
        try:
            wait_for(lambda: ":5201" in self.b.run("ss", "-Hltn").stdout, "iperf3 listens")
            done = self.a.run("iperf3", "-J", *options, timeout=30)
            return json.loads(done.stdout)["end"]
        finally:
            server.kill()
            server.wait()

    def kernel_drops(self):
        """What is lost where two cores are too few: A's queue to the tap, B's sockets."""
        stats = json.loads(self.a.run("ip", "-s", "-j", "link", "show", "eth0").stdout)[0]
        with self.b.entered(), open("/proc/thread-self/net/snmp", encoding="ascii") as file:
            udp = [line.split() for line in file if line.startswith("Udp:")]
        with self.b.entered(), open("/proc/thread-self/net/snmp6", encoding="ascii") as file:
            udp6 = dict(line.split() for line in file)
        return (stats["stats64"]["tx"]["dropped"] + int(udp[1][udp[0].index("RcvbufErrors")]) +
                int(udp6["Udp6RcvbufErrors"]))

    def test_iperf(self):
        for address in (Pair.B4, Pair.B6):
            for options in (["-n", "40M"], ["-u", "-b", "40M", "-l", "1200", "-n", "4M"]):
                with self.subTest(f"{address} {options}"):
                    before, tx = self.spated.drops(), self.spated.stats()["forwarded"]
                    kernel = self.kernel_drops()
                    end = self.iperf("-c", address, *options)
                    if "-u" in options:
                        self.assertGreater(end["sum"]["packets"], 3000)
                        lost = self.kernel_drops() - kernel
                        self.assertLessEqual(end["sum"]["lost_packets"], lost)
                        # iperf3 does not count as lost what was behind the last that it received;
                        # and when it ends, that may still be in the tap's queue.
                        through = end["sum"]["packets"] - lost
                        wait_for(lambda: self.spated.stats()["forwarded"] - tx >= through,
                                 f"all {through} that the kernel let through to us go through")
                        self.assertEqual(self.spated.dropped_since(before), {})
                    else:
                        self.assertGreater(end["sum_received"]["bytes"], 10 << 20)
                        # TCP fills queues: that has one name.
                        self.assertLessEqual(set(self.spated.dropped_since(before)),
                                             {"tx_queue_full"})
        self.spated.check_conserved()

    def test_unreachables(self):
        """What a socket of Linux makes of our ICMP errors."""
        self.spated.do("route add 203.0.113.0/24 unreachable", "route add 203.0.114.0/24 blackhole",
                       "route add 2001:db8:bad::/48 unreachable",
                       "route add 2001:db8:b1ac::/48 blackhole")
        for address, reason, expect in (
                ("198.18.0.1", "ip4_no_route", (errno.ENETUNREACH, 3, 0, 0, Pair.R4A)),
                ("203.0.113.1", "route_unreachable", (errno.EHOSTUNREACH, 3, 1, 0, Pair.R4A)),
                (Pair.R4A, "ip4_no_port", (errno.ECONNREFUSED, 3, 3, 0, Pair.R4A)),
                ("2001:db9::1", "ip6_no_route", (errno.ENETUNREACH, 1, 0, 0, Pair.R6A)),
                ("2001:db8:bad::1", "route_unreachable", (errno.EHOSTUNREACH, 1, 3, 0, Pair.R6A)),
                (Pair.R6A, "ip6_no_port", (errno.ECONNREFUSED, 1, 4, 0, Pair.R6A))):
            with self.subTest(address):
                before = self.spated.drops()
                self.assertEqual(udp_error(self.a, address), expect)
                self.assertEqual(self.spated.dropped_since(before), {reason: 1})
        with self.subTest("protocol"):
            before = self.spated.drops()
            self.assertEqual(udp_error(self.a, Pair.R4A, proto=253),
                             (errno.ENOPROTOOPT, 3, 2, 0, Pair.R4A))
            # The pointer is at the next header field: byte 6.
            self.assertEqual(udp_error(self.a, Pair.R6A, proto=253),
                             (errno.EPROTO, 4, 1, 6, Pair.R6A))
            self.assertEqual(self.spated.dropped_since(before),
                             {"ip4_no_proto": 1, "ip6_no_proto": 1})
        for address in ("203.0.114.1", "2001:db8:b1ac::1"):
            with self.subTest(address):
                before = self.spated.drops()
                self.assertNotIn("errors", ping(self.a, address, 2, check=False, timeout=0.3).stdout)
                self.assertEqual(self.spated.dropped_since(before), {"route_blackhole": 2})

    def test_time_exceeded(self):
        for address, router, expect in ((Pair.B4, Pair.R4A, "ip4_ttl_exceeded"),
                                        (Pair.B6, Pair.R6A, "ip6_hop_limit_exceeded")):
            with self.subTest(address):
                before = self.spated.drops()
                out = ping(self.a, address, 2, "-t", "1", check=False).stdout
                told = re.findall(rf"From {router} .*(?:live|limit|Hop)", out)
                self.assertEqual(len(told), 2, out)
                self.assertEqual(self.spated.dropped_since(before), {expect: 2})

    def test_mtu(self):
        """Path MTU discovery: told in the error, learned by the kernel, and obeyed."""
        self.spated.do("iface set p1 mtu 1300")
        try:
            for address, size, reason, expect in (
                    (Pair.B4, 1273, "ip4_too_big", (errno.EMSGSIZE, 3, 4, 1300, Pair.R4A)),
                    (Pair.B6, 1253, "ip6_too_big", (errno.EMSGSIZE, 2, 0, 1300, Pair.R6A))):
                with self.subTest(address):
                    before = self.spated.drops()
                    self.assertEqual(udp_error(self.a, address, size=size), expect)
                    self.assertEqual(self.spated.dropped_since(before), {reason: 1})
                    self.assertIn("mtu 1300", self.a.ip(f"route get {address}"))
                    # One byte less goes.
                    fits = size - 1
                    before = self.spated.drops()
                    ping(self.a, address, 1, "-M", "do", "-s", str(fits))
                    self.assertEqual(self.spated.dropped_since(before), {})
            # TCP learns it as well, from the errors: all bytes arrive.
            for host in (self.a, self.b):
                host.ip("route flush cache")
                host.ip("-6 route flush cache")
            for address in (Pair.B4, Pair.B6):
                before = self.spated.drops()
                tcp_transfer(self.a, self.b, address, 1 << 20)
                self.assertEqual(set(self.spated.dropped_since(before)),
                                 {"ip6_too_big" if ":" in address else "ip4_too_big"})
        finally:
            self.spated.do("iface set p1 mtu 1500")
            for host in (self.a, self.b):
                host.ip("route flush cache")
                host.ip("-6 route flush cache")

    def test_error_rate_limit(self):
        """A flood gets a burst and then a trickle of errors; what is not sent is counted."""
        count = 4000
        before, drops = self.spated.stats(), self.spated.drops()

        def dropped():
            return self.spated.dropped_since(drops).get("ip4_no_route", 0)
        with self.a.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            for i in range(count):
                sock.sendto(b"", ("198.18.0.1", 1 + i % 60000))
                if i % 200 == 199:
                    # No more on the way than the tap's queue holds.
                    wait_for(lambda: dropped() > i - 400, "packets are dropped")
        wait_for(lambda: dropped() >= count, "all packets are dropped")
        after = self.spated.quiet()
        sent = after["icmp_errors"] - before["icmp_errors"]
        limited = after["icmp_limited"] - before["icmp_limited"]
        self.assertEqual(sent + limited, count)
        self.assertGreaterEqual(sent, 100)
        self.assertGreater(limited, 0)
        self.spated.check_conserved()

    def test_cli_ping(self):
        for address in (Pair.A4, Pair.B6):
            out = self.spated.do(f"ping {address} count 2 interval 50")
            answers = re.findall(rf"64 bytes from {address}: icmp_seq=[12] ttl=64", out)
            self.assertEqual(len(answers), 2)
            self.assertIn("2 sent, 2 received", out)
        done = self.spated.spate("-c", "ping 10.0.1.77 count 1")
        self.assertEqual(done.returncode, 1)
        self.assertIn("0 received", done.stdout)
        self.assertIn("no answer from 10.0.1.77", done.stderr)
        # What is held for it is dropped, and is nobody's later (neigh_failure_test.py waits for it).
        self.spated.do("neigh flush")
        self.spated.check_conserved()


if __name__ == "__main__":
    main()
