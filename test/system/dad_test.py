# SPDX-License-Identifier: BSD-3-Clause
"""Duplicate address detection, against a kernel that has the address, and one that wants it."""
import json

from harness import Pair, SystemTest, main, ping, remains_for, wait_for


class Dad(SystemTest):
    """B is the rival, on p1."""

    @classmethod
    def setUpLab(cls):
        cls.pair = Pair(cls.lab)
        cls.a, cls.b, cls.spated = cls.pair.a, cls.pair.b, cls.pair.spated
        cls.spated.do("addr set dad-transmits 1")

    def state(self, address):
        return next((row["state"] for row in self.spated.cli("addr show")
                     if row["address"].split("/")[0] == address), None)

    def test_unique(self):
        with self.b.sniffer("eth0") as sniffer:
            self.spated.do("addr add 2001:db8:0:1::77/64 dev p1")
            self.assertEqual(self.state("2001:db8:0:1::77"), "tentative")
            self.assertIn("0 received",
                          ping(self.b, "2001:db8:0:1::77", check=False, timeout=1).stdout)
            wait_for(lambda: self.state("2001:db8:0:1::77") == "preferred", "it is ours")
            ping(self.b, "2001:db8:0:1::77")
            probes = sniffer.wait(1, "our probe", lambda f: f[12:14] == b"\x86\xdd" and
                                  f[54] == 135 and f[22:38] == bytes(16))
        self.assertEqual(probes[0][0:6], bytes([0x33, 0x33, 0xff, 0, 0, 0x77]))
        self.spated.do("addr del 2001:db8:0:1::77/64 dev p1")

    def test_kernel_has_it(self):
        self.spated.do("addr add 2001:db8:0:1::2/64 dev p1")
        wait_for(lambda: self.state("2001:db8:0:1::2") == "dadfailed", "B's answer counts")
        # B keeps its address, and is reached through us.
        ping(self.a, Pair.B6)
        self.assertIn("is not used", self.spated.log())
        self.assertEqual(self.spated.cli("neigh stats")["duplicates"], 1)
        self.assertIn("addr add 2001:db8:0:1::2/64", self.spated.do("config show"))
        self.spated.do("addr del 2001:db8:0:1::2/64 dev p1")

    def test_kernel_wants_ours(self):
        """The other way around: we defend what we have."""
        self.b.sysctl("ipv6/conf/eth0/accept_dad", 1)
        self.b.sysctl("ipv6/conf/eth0/dad_transmits", 1)
        self.b.ip(f"addr add {Pair.R6B}/64 dev eth0")

        def failed():
            addresses = json.loads(self.b.ip("-j addr show dev eth0"))[0]["addr_info"]
            return any(a["local"] == Pair.R6B and a.get("dadfailed") for a in addresses)
        wait_for(failed, "the kernel gives it up")
        remains_for(lambda: self.state(Pair.R6B) == "preferred", "we keep it", 0.5)
        self.b.ip(f"addr del {Pair.R6B}/64 dev eth0")
        self.spated.check_conserved()

    def test_whole_interface(self):
        """B has the address that p1's next MAC address makes: no IPv6 there until it has not."""
        rival = "fe80::ff:fe00:707"
        self.b.ip(f"addr add {rival}/64 dev eth0 nodad")
        self.spated.do("addr set dad-disable on", "port set p1 mac 02:00:00:00:07:07")
        wait_for(lambda: self.spated.cli("iface show p1")["l3"] == "ipv4", "B's answer counts")
        self.assertEqual(self.state(rival), "dadfailed")
        self.assertIn("addr set dad-disable on", self.spated.do("config show"))

        def answers(address):
            return "1 received" in ping(self.a, address, check=False, timeout=1).stdout
        self.assertFalse(answers(Pair.B6))
        self.b.run("ping", "-n", "-c", "1", "-W", "1", Pair.R6B, check=False)
        self.assertGreater(self.spated.drops()["ether_ip6_off"], 0)
        wait_for(lambda: answers(Pair.B4), "IPv4 goes on")
        self.b.ip(f"addr del {rival}/64 dev eth0")
        self.spated.do("iface down p1", "iface up p1", "addr set dad-disable off")
        wait_for(lambda: answers(Pair.B6), "IPv6 is back")
        wait_for(lambda: self.state(rival) == "preferred", "its own address is p1's")
        self.spated.check_conserved()


if __name__ == "__main__":
    main()
