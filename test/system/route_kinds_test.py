# SPDX-License-Identifier: BSD-3-Clause
"""Kinds of routes as hosts see them: prohibit, metrics, recursive gateways, counted ones, policies."""
from harness import Pair, SystemTest, main, ping, wait_for
from harness.client import CliError

NET4, NET6 = "198.51.100.0/24", "2001:db8:ff::/64"
DST4, DST6 = "198.51.100.1", "2001:db8:ff::1"


class RouteKinds(SystemTest):
    """What is routed to B is B's, on its loopback."""

    @classmethod
    def setUpLab(cls):
        cls.pair = Pair(cls.lab)
        cls.spated = cls.pair.spated
        cls.pair.b.ip(f"addr add {DST4}/32 dev lo")
        cls.pair.b.sysctl("ipv6/conf/lo/disable_ipv6", 0)
        cls.pair.b.ip(f"addr add {DST6}/128 dev lo")
        cls.pair.warm_up()

    def refused(self, address, says):
        out = ping(self.pair.a, address, 1, check=False, timeout=2).stdout
        self.assertRegex(out, says)

    def test_prohibit(self):
        self.spated.do(f"route add {NET4} prohibit", f"route add {NET6} prohibit")
        self.refused(DST4, rf"From {Pair.R4A} .*(Packet filtered|[Pp]rohibited)")
        self.refused(DST6, rf"From {Pair.R6A} .*([Pp]rohibited)")
        self.assertGreaterEqual(self.spated.drops()["route_prohibit"], 2)
        self.spated.do(f"route del {NET4}", f"route del {NET6}")

    def test_metrics(self):
        self.spated.do(f"route add {NET4} via {Pair.B4} metric 10",
                       f"route add {NET4} unreachable metric 5")
        self.refused(DST4, "Unreachable")
        with self.assertRaisesRegex(CliError, "another 'metric'"):
            self.spated.do(f"route add {NET4} blackhole metric 5")
        self.assertEqual([(row["metric"], row["active"]) for row in
                          self.spated.cli(f"route show {NET4}")], [(5, True), (10, False)])
        self.spated.do(f"route del {NET4} metric 5")
        ping(self.pair.a, DST4)
        self.spated.do(f"route del {NET4}")

    def test_recursive(self):
        for net, address, gateway, over, neighbour in (
                (NET4, DST4, "192.0.2.1", "192.0.2.0/24", Pair.B4),
                (NET6, DST6, "2001:db8:77::1", "2001:db8:77::/64", Pair.B6)):
            with self.subTest(address):
                with self.assertRaisesRegex(CliError, "recursive"):
                    self.spated.do(f"route add {net} via {gateway}")
                self.spated.do(f"route add {net} via {gateway} recursive")
                self.refused(address, "nreachable")
                self.spated.do(f"route add {over} via {neighbour}")
                ping(self.pair.a, address, 2)
                self.assertEqual(self.spated.cli(f"route show {net}")[0]["way"],
                                 f"via {gateway} recursive [via {neighbour} dev p1]")
                self.assertIn(f"route add {net} via {gateway} recursive\n",
                              self.spated.do("config show"))
                self.spated.do(f"route replace {over} unreachable")
                self.refused(address, "nreachable")
                self.spated.do(f"route del {over}", f"route del {net}")

    def test_counted(self):
        self.spated.do(f"route add {NET4} via {Pair.B4} counted")
        ping(self.pair.a, DST4, 3)
        ping(self.pair.a, Pair.B4, 2)
        wait_for(lambda: self.spated.cli(f"route show {NET4}")[0]["packets"] == 3,
                 "three packets are counted", 5)
        self.assertEqual(self.spated.cli(f"route show {NET4}")[0]["bytes"], 3 * 98)
        self.spated.do(f"route del {NET4}")

    def test_policy(self):
        self.assertEqual(self.spated.cli("multipath show")["policy"], "l4")
        self.spated.do("multipath set policy fields src,flow-label seed 9 symmetric")
        self.assertEqual(self.spated.cli("multipath show")["policy"],
                         "fields src,flow-label seed 9 symmetric")
        self.assertIn("multipath set policy fields src,flow-label seed 9 symmetric\n",
                      self.spated.do("config show"))
        with self.assertRaisesRegex(CliError, "fields are src"):
            self.spated.do("multipath set policy fields src,colour")
        self.spated.do(f"route add {NET6} via {Pair.B6} via 2001:db8:0:1::77")
        ways = {self.spated.cli(f"route get {DST6} flow udp [2001:db8::2]:1 [{DST6}]:2 "
                                f"label {label}")["way"] for label in range(32)}
        self.assertEqual(len(ways), 2)
        self.spated.do("multipath set policy l3")
        ways = {self.spated.cli(f"route get {DST6} flow udp [2001:db8::2]:{port} [{DST6}]:2 "
                                f"label {port}")["way"] for port in range(1, 32)}
        self.assertEqual(len(ways), 1)
        self.spated.do("multipath set policy l4", f"route del {NET6}")
        self.assertNotIn("multipath", self.spated.do("config show"))


if __name__ == "__main__":
    main()
