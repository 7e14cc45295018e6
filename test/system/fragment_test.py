# SPDX-License-Identifier: BSD-3-Clause
"""Fragments, cut and put together, and path MTU discovery: against the Linux kernel."""
import json
import re
import subprocess

from harness import CliError, Pair, SystemTest, main, ping, wait_for

SMALL = 1280
ROUTERS = ((Pair.R4A, 28), (Pair.R6A, 48))  # an address of ours, and its headers with ICMP's
HOSTS = ((Pair.B4, 28), (Pair.B6, 48))


def sizes(mtu, headers):
    """Around multiples of 8, and wherever one fragment more is needed, for pings of up to 3."""
    part = (mtu - headers + 8) // 8 * 8 if headers == 28 else (mtu - 48) // 8 * 8
    edges = {mtu - headers, part - 8, 2 * part - 8, 3 * part - 8}
    return sorted({edge + off for edge in edges for off in (-9, -8, -7, -1, 0, 1, 2, 7, 8, 9)})


class Fragment(SystemTest):
    """One daemon: B is behind a link of 1280 bytes."""

    @classmethod
    def setUpLab(cls):
        cls.pair = Pair(cls.lab, driver="tap", queues=2, workers=2)
        cls.a, cls.b, cls.spated = cls.pair.a, cls.pair.b, cls.pair.spated
        cls.pair.warm_up()

    def tearDown(self):
        self.set_mtu(1500)
        super().tearDown()

    def set_mtu(self, mtu):
        self.spated.do(f"iface set p1 mtu {mtu}")
        for host in (self.a, self.b):
            host.ip("route flush cache")
            host.ip("-6 route flush cache")

    def fragments(self):
        return self.spated.cli("fragment show")[-1]

    def ping_sizes(self, host, address, wanted):
        """@return how many were sent of each: more than one if an answer takes its time"""
        sent = {}
        for size in wanted:
            out = ping(host, address, 1, "-s", str(size), "-M", "dont").stdout
            self.assertNotIn("wrong", out)
            sent[size] = int(re.search(r"(\d+) packets transmitted", out).group(1))
        return sent

    def test_to_us(self):
        """What arrives in pieces is answered in pieces, byte for byte."""
        for mtu, host in ((1500, self.a), (SMALL, self.b)):
            self.set_mtu(mtu)
            for address, headers in ROUTERS:
                with self.subTest(f"{address} {mtu}"):
                    before, drops = self.fragments(), self.spated.drops()
                    sent = self.ping_sizes(host, address, sizes(mtu, headers))
                    cut = sum(count for size, count in sent.items() if size + headers > mtu)
                    wait_for(lambda cut=cut, before=before: self.fragments()["cut"]
                             >= before["cut"] + cut, "all are answered")
                    after = self.fragments()
                    self.assertEqual(after["cut"] - before["cut"], cut)
                    self.assertGreater(after["reassembled"] - before["reassembled"], 0)
                    self.assertEqual(after["held"], 0)
                    self.assertEqual(self.spated.dropped_since(drops), {})
        self.spated.check_conserved()

    def test_largest(self):
        for address, most in ((Pair.R4A, 65507), (Pair.R6A, 65527)):
            self.ping_sizes(self.a, address, (9000, 30000, most))
        self.spated.check_conserved()

    def test_ping_from_us(self):
        """Pings of our own, up to what a datagram can be; one byte more is refused, not cut off."""
        for address, most in ((Pair.A4, 65507), (Pair.A6, 65527)):
            for size in (1473, 2021, 9000, most):
                out = self.spated.do(f"ping {address} count 1 size {size}")
                self.assertIn(f"{size + 8} bytes from {address}: icmp_seq=1 ", out)
            with self.assertRaises(CliError):
                self.spated.do(f"ping {address} count 1 size {most + 1}")
        self.spated.check_conserved()

    def test_forwarded_ip4(self):
        """Too big for B's link, and without DF: cut by us, and put together by the kernel."""
        self.set_mtu(SMALL)
        before, drops = self.fragments(), self.spated.drops()
        for host, address in ((self.a, Pair.B4), (self.b, Pair.A4)):
            self.ping_sizes(host, address, sizes(SMALL, 28) + [3000, 9000])
        self.assertGreater(self.fragments()["fragments"], before["fragments"])
        self.assertEqual(self.fragments()["reassembled"], before["reassembled"])
        self.assertEqual(self.spated.dropped_since(drops), {})
        self.spated.check_conserved()

    def test_forwarded_ip6(self):
        """The sender learns the MTU, and cuts for itself."""
        self.set_mtu(SMALL)
        before = self.fragments()
        ping(self.a, Pair.B6, 1, "-s", "1400", "-M", "dont", check=False, timeout=1)
        self.ping_sizes(self.a, Pair.B6, sizes(SMALL, 48) + [3000, 9000])
        self.assertEqual(self.fragments()["cut"], before["cut"])
        self.assertEqual(self.fragments()["reassembled"], before["reassembled"])
        self.spated.check_conserved()

    def iperf(self, address):
        server = self.b.start("iperf3", "-s", "-1", stdout=subprocess.DEVNULL)
        try:
            wait_for(lambda: ":5201" in self.b.run("ss", "-Hltn").stdout, "iperf3 listens")
            done = self.a.run("iperf3", "-J", "-c", address, "-t", "2", timeout=30)
            return json.loads(done.stdout)["end"]["sum_received"]["bytes"]
        finally:
            server.kill()
            server.wait()

    def test_tcp(self):
        """TCP through the small hop: by path MTU discovery, and in IPv4 without it, by fragments."""
        self.set_mtu(SMALL)
        for address, reason in ((Pair.B4, "ip4_too_big"), (Pair.B6, "ip6_too_big")):
            with self.subTest(address):
                drops, cut = self.spated.drops(), self.fragments()["cut"]
                self.assertGreater(self.iperf(address), 1 << 20)
                lost = self.spated.dropped_since(drops)
                self.assertIn(reason, lost)
                self.assertLessEqual(set(lost), {reason, "tx_queue_full"})
                self.assertEqual(self.fragments()["cut"], cut)
                self.assertIn(f"mtu {SMALL}", self.a.ip(f"route get {address}"))
        with self.subTest("without discovery"):
            self.set_mtu(SMALL)
            self.a.sysctl("ipv4/ip_no_pmtu_disc", 1)
            cut = self.fragments()["cut"]
            self.assertGreater(self.iperf(Pair.B4), 1 << 20)
            self.assertGreater(self.fragments()["cut"], cut + 100)
        self.spated.check_conserved()


if __name__ == "__main__":
    main()
