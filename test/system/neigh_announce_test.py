# SPDX-License-Identifier: BSD-3-Clause
"""Announcements, to the kernel and from it, addresses in dispute, and answers for others."""
from harness import Pair, main, ping, wait_for
from neigh_test import NeighLab


class NeighAnnounce(NeighLab):
    """What is said without being asked, and on behalf of others."""

    NEW4, NEW6 = "10.0.1.7", "2001:db8:0:1::7"
    WRONG = "02:00:00:00:00:99"

    def lladdr(self, host, address):
        """Of a host's neighbour."""
        words = host.ip(f"neigh show {address} dev eth0").split()
        return words[words.index("lladdr") + 1] if "lladdr" in words else None

    def mac(self, port):
        return next(row["mac"] for row in self.spated.cli("iface show") if row["iface"] == port)

    def test_kernel_hears_of_new_addresses(self):
        for address, length in ((self.NEW4, 24), (self.NEW6, 64)):
            with self.subTest(address):
                self.b.ip(f"neigh replace {address} lladdr {self.WRONG} dev eth0 nud stale")
                self.spated.do(f"addr add {address}/{length} dev p1")
                wait_for(lambda a=address: self.lladdr(self.b, a) == self.mac("p1"),
                         "the kernel follows the announcement")
                # An interface that comes up says it again.
                self.spated.do("iface down p1")
                self.b.ip(f"neigh replace {address} lladdr {self.WRONG} dev eth0 nud stale")
                self.spated.do("iface up p1")
                wait_for(lambda a=address: self.lladdr(self.b, a) == self.mac("p1"),
                         "the kernel follows again")
                self.spated.do(f"addr del {address}/{length} dev p1")
        self.assertGreaterEqual(self.spated.cli("neigh stats")["announced"], 4)
        self.check()

    def test_kernel_is_heard(self):
        """arp_notify and ndisc_notify: gratuitous ARP and an unsolicited NA on a new MAC."""
        for family, name in (("ipv4", "arp_notify"), ("ipv6", "ndisc_notify")):
            self.b.sysctl(f"{family}/conf/eth0/{name}", 1)
        for address in (Pair.B4, Pair.B6):
            ping(self.a, address)
        old = self.b.mac("eth0")
        new = "02:00:00:00:77:11" if old != "02:00:00:00:77:11" else "02:00:00:00:77:12"
        self.b.ip(f"link set eth0 address {new}")
        for address in (Pair.B4, Pair.B6):
            wait_for(lambda a=address: self.spated.neigh(a)["lladdr"] == new,
                     "the neighbour has its new MAC")
        self.check()

    def test_anycast(self):
        """Any of B's routers: found by ND, answers by its own name; also from another link."""
        for host in (self.b, self.a):
            self.assertIn(f"bytes from {Pair.R6B if host is self.b else Pair.R6A}",
                          ping(host, "2001:db8:0:1::", timeout=5).stdout)
        self.assertEqual(self.lladdr(self.b, "2001:db8:0:1::"), self.mac("p1"))
        self.assertIn("local", self.spated.do("route get 2001:db8:0:1::"))
        self.check()

    def test_dispute(self):
        """Another host with our address: counted, and told so."""
        before = self.spated.cli("neigh stats")["conflicts"]
        self.b.sysctl("ipv4/conf/eth0/arp_notify", 1)
        with self.b.sniffer("eth0") as sniffer:
            self.b.ip(f"addr add {Pair.R4B}/32 dev eth0")
            self.b.ip("link set eth0 address 02:00:00:00:66:66")
            wait_for(lambda: self.spated.cli("neigh stats")["conflicts"] > before, "a conflict")
            sniffer.wait(1, "our gratuitous ARP", lambda f: f[12:14] == b"\x08\x06" and
                         f[28:32] == f[38:42] == bytes([10, 0, 1, 1]))
        self.b.ip(f"addr del {Pair.R4B}/32 dev eth0")
        self.assertIn("claims our address 10.0.1.1", self.spated.log())
        self.check()

    def test_proxy(self):
        """A believes that B is on its link."""
        for address, prefix, family in ((Pair.B4, "10.0.1.0/24", ""),
                                        (Pair.B6, "2001:db8:0:1::/64", "-6 ")):
            with self.subTest(address):
                self.a.ip(f"{family}route add {prefix} dev eth0")
                self.assertIn("0 received",
                              ping(self.a, address, check=False, timeout=1).stdout)
                self.spated.do(f"neigh proxy add {prefix} dev p0")
                self.a.ip("neigh flush all")
                ping(self.a, address, 3)
                self.assertEqual(self.lladdr(self.a, address), self.mac("p0"))
                self.assertIn(f"neigh proxy add {prefix} dev p0", self.spated.do("config show"))
                self.assertEqual(self.spated.cli("neigh proxy show"),
                                 [{"prefix": prefix, "iface": "p0"}])
                self.spated.do(f"neigh proxy del {prefix} dev p0")
                self.a.ip(f"{family}route del {prefix} dev eth0")
        self.assertGreaterEqual(self.spated.cli("neigh stats")["proxied"], 2)
        self.check()


if __name__ == "__main__":
    main()
