# SPDX-License-Identifier: BSD-3-Clause
"""Router advertisements by radvd: routes, addresses, their ends; and forged ones."""
import ipaddress
import shutil
import socket

from harness import CliError, SystemTest, main, ping, remains_for, wait_for
from harness.runner import skip

CONFIG = """
interface eth0 {{
    AdvSendAdvert on;
    AdvLinkMTU {mtu};
    AdvCurHopLimit {hops};
    AdvReachableTime {reachable};
    AdvRetransTimer {retrans};
    MinRtrAdvInterval 3;
    MaxRtrAdvInterval 4;
    AdvDefaultLifetime {lifetime};
    AdvDefaultPreference {preference};
    prefix 2001:db8:0:7::/64 {{
        AdvOnLink on;
        AdvAutonomous on;
        AdvValidLifetime {valid};
        AdvPreferredLifetime {preferred};
    }};
    route 2001:db8:98::/48 {{
        AdvRoutePreference high;
        AdvRouteLifetime 600;
    }};
}};
"""


class Autoconf(SystemTest):
    """spated's p0 is on a link with the router R, behind which is 2001:db8:99::1."""

    @classmethod
    def setUpLab(cls):
        router, cls.r = cls.lab.namespace(), cls.lab.namespace()
        cls.lab.veth(router, "p0", cls.r)
        cls.r.sysctl("ipv6/conf/all/forwarding", 1)
        cls.lab.address(cls.r, "2001:db8:0:7::1/64", "fe80::1/64")
        cls.r.ip("-6 addr add 2001:db8:99::1/128 dev lo nodad")
        cls.r.ip("-6 addr add 2001:db8:98::1/128 dev lo nodad")
        cls.spated = cls.lab.spated(router, [
            "addr set dad-transmits 1", "port add p0 devargs net_af_packet0,iface=p0",
            "addr set stable-secret correct-horse-battery", "iface set p0 accept-ra on"])
        cls.radvd = None

    def advertise(self, lifetime=60, preference="medium", valid=3600, preferred=1800,
                  mtu=0, hops=64, reachable=0, retrans=0):
        self.silence()
        path = self.lab.path("radvd.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write(CONFIG.format(lifetime=lifetime, preference=preference, valid=valid,
                                     preferred=preferred, mtu=mtu, hops=hops,
                                     reachable=reachable, retrans=retrans))
        self.radvd = self.r.start("radvd", "-n", "-C", path, "-p", self.lab.path("radvd.pid"),
                                  "-m", "stderr")

    def silence(self):
        """It says that it is no router any more."""
        if self.radvd is not None:
            self.radvd.terminate()
            self.radvd.wait(10)
            self.radvd = None

    def tearDown(self):
        self.silence()

    def learned(self):
        return self.spated.cli("autoconf show")[0]

    def address(self, *states):
        """The one that spated made for itself, once it is in one of these states."""
        def made():
            rows = [row for row in self.spated.cli("addr show")
                    if row["address"].startswith("2001:db8:0:7:") and row["state"] in states]
            return rows[0]["address"].split("/")[0] if rows else None
        return wait_for(made, f"an address that is {' or '.join(states)}", 15)

    def way(self, address="2001:db8:99::1"):
        try:
            return self.spated.cli(f"route get {address}").get("way")
        except CliError:
            return None

    def test_configuration(self):
        self.advertise()
        address = self.address("preferred")
        # RFC 7217: nothing of the MAC address is in it.
        self.assertNotIn(b"\xff\xfe", ipaddress.ip_address(address).packed[11:13])
        wait_for(lambda: self.way() == "via fe80::1 dev p0", "the default route")
        self.assertIn("3 received", self.spated.do("ping 2001:db8:99::1 count 3 interval 100"))
        ping(self.r, address, 3)
        # RFC 4007: an address with its interface.
        self.assertIn("1 received", self.spated.do("ping fe80::1%p0 count 1"))
        self.spated.do("route add 2001:db8:55::/48 via fe80::1%p0")
        self.assertIn("route add 2001:db8:55::/48 via fe80::1 dev p0",
                      self.spated.do("config show"))
        self.spated.do("route del 2001:db8:55::/48")
        learned = self.learned()
        self.assertEqual([(r["address"], r["preference"], r["default"])
                          for r in learned["routers"]], [("fe80::1", "medium", True)])
        prefix, = learned["prefixes"]
        self.assertEqual((prefix["prefix"], prefix["address"]), ("2001:db8:0:7::/64", address))
        self.assertLessEqual(prefix["valid_s"], 3600)
        config = self.spated.do("config show")
        self.assertIn("iface set p0 accept-ra on", config)
        self.assertIn("addr set stable-secret correct-horse-battery", config)
        self.assertNotIn("2001:db8:0:7", config)
        # A link that comes back: solicited, learned again, the very same address.
        self.spated.do("iface down p0")
        wait_for(lambda: not self.learned()["prefixes"], "what was learned is gone")
        self.assertNotIn("2001:db8:0:7", self.spated.do("addr show"))
        self.spated.do("iface up p0")
        self.assertEqual(self.address("preferred"), address)
        self.spated.check_conserved()

    def test_router_that_ends(self):
        self.advertise(preference="high")
        wait_for(lambda: self.way() == "via fe80::1 dev p0", "the default route")
        self.assertEqual(self.learned()["routers"][0]["preference"], "high")
        self.silence()
        wait_for(lambda: not self.learned()["routers"], "its last words count")
        self.assertNotEqual(self.way(), "via fe80::1 dev p0")
        # The address outlives its router.
        self.address("preferred", "deprecated")

    def test_routes(self):
        """RFC 4191: of one that is no default router the route counts, until it takes it back."""
        self.advertise(lifetime=0)
        wait_for(lambda: self.way("2001:db8:98::1") == "via fe80::1 dev p0", "the route")
        self.assertIsNone(self.way())
        route, = self.learned()["routes"]
        self.assertEqual([route[name] for name in ("prefix", "router", "preference", "used")],
                         ["2001:db8:98::/48", "fe80::1", "high", True])
        self.assertIn("1 received", self.spated.do("ping 2001:db8:98::1 count 1"))
        # What the user has on a link is not behind a router.
        self.spated.do("addr add 2001:db8:98::7/48 p0")
        wait_for(lambda: not self.learned()["routes"][0]["used"], "the subnet")
        self.spated.do("addr del 2001:db8:98::7/48 p0")
        wait_for(lambda: self.learned()["routes"][0]["used"], "the route again")
        self.silence()
        wait_for(lambda: not self.learned()["routes"], "it is taken back")
        self.assertIsNone(self.way("2001:db8:98::1"))

    def test_link(self):
        """MTU and hop limit of the link are those of our packets, until the router goes."""
        self.advertise(mtu=1300, hops=17, reachable=20000, retrans=500)
        wait_for(lambda: self.way() == "via fe80::1 dev p0", "the default route")
        self.address("preferred")
        learned = self.learned()
        self.assertEqual([learned[name] for name in ("mtu", "hop_limit", "reachable_ms",
                                                     "retrans_ms")], [1300, 17, 20000, 500])
        with self.r.sniffer("eth0") as sniffer:
            self.assertIn("1 received", self.spated.do("ping 2001:db8:99::1 count 1 size 1352"))
            frames = sniffer.wait(2, "fragments", lambda frame: (
                frame[12:14] == b"\x86\xdd" and frame[20] == 44 and frame[21] == 17), 5)
        self.assertLessEqual(max(map(len, frames)), 14 + 1300)
        # Of ours too what answers others.
        with self.r.sniffer("eth0") as sniffer:
            ping(self.r, self.address("preferred"))
            sniffer.wait(1, "a reply", lambda frame: (
                frame[12:14] == b"\x86\xdd" and frame[20] == 58 and frame[54] == 129 and
                frame[21] == 17), 5)
        self.silence()
        wait_for(lambda: self.learned()["mtu"] is None, "its last words count")
        self.assertIsNone(self.learned()["hop_limit"])

    def test_lifetimes(self):
        self.spated.do("iface set p0 accept-ra off", "iface set p0 accept-ra on")
        self.advertise(lifetime=0, valid=6, preferred=3)
        self.address("preferred")
        self.assertEqual(self.learned()["routers"], [])
        self.radvd.kill()  # without last words
        self.radvd.wait()
        self.radvd = None
        self.address("deprecated")
        wait_for(lambda: "2001:db8:0:7" not in self.spated.do("addr show"), "its end", 15)
        self.assertEqual(self.learned()["prefixes"], [])

    def test_forged(self):
        """From beyond the link (hop limit 254), and where none are accepted."""
        body = bytes([134, 0, 0, 0, 64, 8, 7, 8]) + bytes(8)
        drops = self.spated.drops()
        with self.r.socket(socket.AF_INET6, socket.SOCK_RAW, 58) as sock:
            for hops in (254, 255):
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, hops)
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF,
                                self.r.links()["eth0"]["ifindex"])
                if hops == 255:
                    self.spated.do("iface set p0 accept-ra off")
                sock.sendto(body, ("ff02::1", 0))
                reason = {254: "nd_malformed", 255: "ra_ignored"}[hops]
                wait_for(lambda r=reason: self.spated.dropped_since(drops).get(r, 0) >= 1,
                         f"{reason} is counted")
        self.assertNotEqual(self.way(), "via fe80::1 dev p0")
        self.spated.do("iface set p0 accept-ra on")
        remains_for(lambda: not self.learned()["routers"], "nothing was learned", 0.3)


if __name__ == "__main__":
    if shutil.which("radvd") is None:
        skip("radvd is not installed")
    main()
