# SPDX-License-Identifier: BSD-3-Clause
"""Multicast listener discovery, against the querier and the snooping of the kernel's bridge."""
import json

from harness import SystemTest, main, remains_for, wait_for

ICMP6, HOP_BY_HOP = 58, 0
TYPE = 14 + 40 + 8  # of the ICMPv6 message, behind Ethernet, IPv6 and hop-by-hop headers


def is_mld(frame, kind):
    return frame[12:14] == b"\x86\xdd" and frame[20] == HOP_BY_HOP and frame[TYPE] == kind


class Mld(SystemTest):
    """spated's p0 is plugged into a bridge."""

    @classmethod
    def setUpLab(cls):
        router, cls.switch = cls.lab.namespace(), cls.lab.namespace()
        cls.lab.veth(router, "p0", cls.switch)
        cls.switch.ip("link add br0 type bridge mcast_snooping 1 mcast_querier 1 "
                      "mcast_mld_version 2 "
                      "mcast_startup_query_interval 50 mcast_query_interval 100 "
                      "mcast_query_response_interval 50 mcast_membership_interval 300")
        cls.switch.ip("link set eth0 master br0")
        cls.switch.sysctl("ipv6/conf/br0/disable_ipv6", 0)
        cls.switch.ip("link set br0 up")
        cls.spated = cls.lab.spated(router, ["port add p0 devargs net_af_packet0,iface=p0",
                                             "addr add 2001:db8::1/64 dev p0"])

    def groups(self):
        """Of whom the bridge knows at the port of spated."""
        tables = json.loads(self.switch.run("bridge", "-j", "mdb", "show", "dev", "br0").stdout)
        return {row["grp"] for table in tables for row in table.get("mdb", ())
                if row["port"] == "eth0"}

    def test_groups_come_and_go(self):
        wait_for(lambda: {"ff02::1:ff00:1", "ff02::1:ff00:0", "ff02::2", "ff05::2"} <= self.groups(),
                 "what is there from the start")
        self.spated.do("addr add 2001:db8::77/64 dev p0")
        wait_for(lambda: "ff02::1:ff00:77" in self.groups(), "the group of a new address")
        # Longer than the bridge remembers what nobody repeats.
        remains_for(lambda: "ff02::1:ff00:77" in self.groups(), "queries are answered", 4)
        self.spated.do("addr del 2001:db8::77/64 dev p0")
        wait_for(lambda: "ff02::1:ff00:77" not in self.groups(), "the group is left")
        self.assertIn("ff02::1:ff00:1", self.groups())
        shown = self.spated.cli("mld show")[0]
        self.assertEqual((shown["iface"], shown["version"]), ("p0", 2))
        self.assertLessEqual({"ff02::1:ff00:1", "ff02::2"}, set(shown["groups"]))
        self.assertNotIn("ff02::1", shown["groups"])
        self.spated.check_conserved()

    def test_versions(self):
        with self.switch.sniffer("eth0") as sniffer:
            reports = sniffer.wait(1, "answers of version 2", lambda f: is_mld(f, 143))
            self.assertEqual(reports[0][0:6], bytes([0x33, 0x33, 0, 0, 0, 0x16]))
            self.assertEqual(reports[0][21], 1)  # hop limit
            self.switch.ip("link set br0 type bridge mcast_mld_version 1")
            wait_for(lambda: self.spated.cli("mld show")[0]["version"] == 1, "we follow")
            reports = sniffer.wait(2, "reports of version 1", lambda f: is_mld(f, 131))
            # Each to its own group.
            self.assertTrue(all(f[38:54] == f[TYPE + 8:TYPE + 24] for f in reports))
            self.spated.do("addr add 2001:db8::88/64 dev p0", "addr del 2001:db8::88/64 dev p0")
            sniffer.wait(1, "a farewell", lambda f: is_mld(f, 132))
        self.switch.ip("link set br0 type bridge mcast_mld_version 2")
        # That lasts, but a link that comes up starts over.
        self.spated.do("iface down p0", "iface up p0")
        self.assertEqual(self.spated.cli("mld show")[0]["version"], 2)
        self.assertGreater(self.spated.cli("neigh stats")["mld_queries"], 0)

    def test_settings(self):
        self.spated.do("mld set robustness 0")
        self.assertEqual(self.spated.cli("mld show"), [])
        self.assertIn("mld set robustness 0", self.spated.do("config show"))
        wait_for(lambda: not self.groups(), "the bridge forgets us")
        self.spated.do("mld set robustness 2")
        wait_for(lambda: "ff02::1:ff00:1" in self.groups(), "it learns of us again")


if __name__ == "__main__":
    main()
