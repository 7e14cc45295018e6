# SPDX-License-Identifier: BSD-3-Clause
"""VRFs against the Linux kernel: two customers with the same prefixes, hosts and routers."""
import contextlib
import re
import socket

from harness import CliError, SystemTest, main, ping, wait_for

# Both customers: A is on the first port of each, B on the second.
A4, B4, R4A, R4B = "10.0.0.2", "10.0.1.2", "10.0.0.1", "10.0.1.1"
A6, B6, R6A, R6B = "2001:db8::2", "2001:db8:0:1::2", "2001:db8::1", "2001:db8:0:1::1"
# Addresses that only one customer has, behind red's A and blue's B.
RED4, BLUE4, RED6, BLUE6 = "172.16.0.1", "172.17.0.1", "2001:db8:16::1", "2001:db8:17::1"
MARK = b"spate: for red's eyes only"

LEAKS = [f"route add {BLUE4}/32 via {B4} nexthop-vrf blue vrf red",
         f"route add {RED4}/32 via {A4} nexthop-vrf red vrf blue",
         f"route add {BLUE6}/128 via {B6} nexthop-vrf blue vrf red",
         f"route add {RED6}/128 via {A6} nexthop-vrf red vrf blue"]
UNLEAKS = [f"route del {prefix} vrf {vrf}" for prefix, vrf in (
    (f"{BLUE4}/32", "red"), (f"{RED4}/32", "blue"), (f"{BLUE6}/128", "red"),
    (f"{RED6}/128", "blue"))]


def icmp(frame, *types):
    """Whether a frame is an ICMP or ICMPv6 message of one of these types."""
    if frame[12:14] == b"\x08\x00" and frame[23] == 1:
        return frame[14 + (frame[14] & 15) * 4] in types
    return frame[12:14] == b"\x86\xdd" and frame[20] == 58 and frame[54] in types


class Vrf(SystemTest):
    """Ports red0, red1, blue0, blue1; a host on each, of which two have the same addresses."""

    @classmethod
    def setUpLab(cls):
        lab = cls.lab
        cls.router = lab.namespace()
        cls.hosts = {}
        config = ["vrf add red", "vrf add blue"]
        for number, (vrf, side) in enumerate(
                (vrf, side) for vrf in ("red", "blue") for side in range(2)):
            port, host = f"{vrf}{side}", lab.namespace()
            cls.hosts[port] = host
            lab.veth(cls.router, port, host)
            lab.address(host, f"10.0.{side}.2/24", f"2001:db8:0:{side}::2/64")
            host.ip(f"route add default via 10.0.{side}.1")
            host.ip(f"-6 route add default via 2001:db8:0:{side}::1")
            config += [f"port add {port} devargs net_af_packet{number},iface={port}",
                       f"iface set {port} vrf {vrf}", f"addr add 10.0.{side}.1/24 {port}",
                       f"addr add 2001:db8:0:{side}::1/64 {port}"]
        lab.address(cls.hosts["red0"], f"{RED4}/32", f"{RED6}/128", dev="lo")
        lab.address(cls.hosts["blue1"], f"{BLUE4}/32", f"{BLUE6}/128", dev="lo")
        cls.spated = lab.spated(cls.router, config)

    def setUp(self):
        for vrf in ("red", "blue"):
            for address in (B4, B6):
                ping(self.hosts[f"{vrf}0"], address)

    @contextlib.contextmanager
    def sniffed(self, vrf):
        """What reaches the hosts of a customer meanwhile: a list that is whole at the end."""
        frames = []
        with self.hosts[f"{vrf}0"].sniffer("eth0") as first, \
                self.hosts[f"{vrf}1"].sniffer("eth0") as second:
            yield frames
        frames += first.frames + second.frames

    def exchange(self, vrf, address, source=None, to=None):
        """A connection from A to B of a customer, who say their colours. @return what A hears"""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        server_host = self.hosts[f"{to or vrf}1"]
        with server_host.socket(family, socket.SOCK_STREAM) as server, \
                self.hosts[f"{vrf}0"].socket(family, socket.SOCK_STREAM) as client:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind((address, 7000))
            server.listen()
            server.settimeout(10)
            client.settimeout(10)
            if source:
                client.bind((source, 0))
            client.connect((address, 7000))
            peer, _ = server.accept()
            with peer:
                client.sendall(MARK)
                self.assertEqual(peer.recv(100), MARK)
                peer.sendall((to or vrf).encode())
                return client.recv(100).decode()

    # ---- overlapping addresses ----

    def test_each_talks_to_its_own(self):
        for vrf in ("red", "blue"):
            for address in (B4, B6):
                self.assertEqual(self.exchange(vrf, address), vrf)
                ping(self.hosts[f"{vrf}0"], address, 1, "-s", "1400")
            for address in (R4A, R6A, R4B, R6B):
                ping(self.hosts[f"{vrf}0"], address)
        self.spated.check_conserved()

    def test_nothing_crosses(self):
        """All that red does is seen by nobody of blue: not its packets, nor errors about them."""
        with self.sniffed("blue") as frames:
            for address in (B4, B6):
                self.exchange("red", address)
                ping(self.hosts["red0"], address, 1, "-p", MARK[:16].hex())
            ping(self.hosts["red0"], "10.0.1.99", check=False, timeout=0.3)
            ping(self.hosts["red0"], BLUE4, check=False, timeout=1)
            ping(self.hosts["red0"], B4, 2, "-t", "1", check=False, timeout=1)
        self.assertFalse([frame for frame in frames if MARK[:16] in frame])
        self.assertFalse([frame for frame in frames if icmp(frame, 0, 3, 8, 11, 1, 128, 129)])
        self.spated.check_conserved()

    def test_errors_return_inside(self):
        """Expired, no such host, no route: whoever sent it hears of it, his namesake does not."""
        for address, option, what in (
                (B4, ("-t", "1"), "Time to live exceeded"), (B6, ("-t", "1"), "Hop limit"),
                ("10.0.1.99", (), "Host Unreachable"), (BLUE4, (), "Net Unreachable"),
                (BLUE6, (), "No route")):
            with self.subTest(address), self.sniffed("blue") as frames:
                done = ping(self.hosts["red0"], address, 1, *option, check=False)
                self.assertIn(what, done.stdout)
            self.assertFalse([frame for frame in frames if icmp(frame, 1, 3, 11)])

    # ---- leaking ----

    def test_leaks_when_asked(self):
        red = self.hosts["red0"]
        for address, source in ((BLUE4, RED4), (BLUE6, RED6)):
            self.assertNotEqual(ping(red, address, 1, "-I", source, check=False,
                                     timeout=0.3).returncode, 0)
        self.spated.do(*LEAKS)
        try:
            for address, source in ((BLUE4, RED4), (BLUE6, RED6)):
                ping(red, address, 1, "-I", source)
                self.assertEqual(self.exchange("red", address, source, "blue"), "blue")
            # The rest is as separate as before; an error about what leaked comes back in red.
            with self.sniffed("blue") as frames:
                for address, source, what in ((BLUE4, A4, "Time to live"),
                                              (BLUE6, A6, "Hop limit")):
                    done = ping(red, address, 1, "-t", "1", "-I", source, check=False)
                    self.assertIn(what, done.stdout)
                self.assertEqual(self.exchange("red", B4), "red")
            self.assertFalse([frame for frame in frames if icmp(frame, 3, 11) or MARK in frame])
            row = self.spated.cli(f"route show {BLUE4}/32 vrf red")[0]
            self.assertEqual((row["vrf"], row["way"]),
                             ("red", f"via {B4} dev blue1 nexthop-vrf blue"))
        finally:
            self.spated.do(*UNLEAKS)
        self.spated.check_conserved()

    def test_leaks_only_when_asked(self):
        for command, word in (
                (f"route add 192.0.2.0/24 via {B4} dev blue1 vrf red", "'nexthop-vrf blue'"),
                ("route add 192.0.2.0/24 dev blue1 vrf red", "'nexthop-vrf blue'"),
                (f"route add 192.0.2.0/24 via {B4}", "no connected subnet"),
                ("route add 192.0.2.0/24 dev red1 nexthop-vrf blue vrf red", "red1 is in VRF red"),
                (f"route add 192.0.2.0/24 via {B4} vrf green", 'no VRF "green"'),
                (f"route add 192.0.2.0/24 via {B4} nexthop-vrf green vrf red", 'no VRF "green"'),
                ("vrf del red", "2 interfaces"), ("vrf add red", "exists"),
                ("vrf add default", "exists"), ("vrf add 0", "0"),
                ("iface set red0 vrf blue", "already"),
                (f"ping {B4} dev blue1 vrf red", "blue1 is in VRF blue"),
                (f"ping {B4}", "no route"), ("addr show vrf green", 'no VRF "green"')):
            with self.subTest(command):
                before = self.spated.do("config show")
                with self.assertRaises(CliError) as caught:
                    self.spated.do(command)
                self.assertIn(word, caught.exception.text)
                self.assertEqual(self.spated.do("config show"), before)

    # ---- the CLI ----

    def test_probes(self):
        for vrf in ("red", "blue"):
            other = "blue" if vrf == "red" else "red"
            with self.sniffed(other) as frames:
                for address in (B4, B6):
                    out = self.spated.do(f"ping {address} count 2 interval 20 vrf {vrf}")
                    self.assertIn("2 received", out)
                    out = self.spated.do(f"traceroute {address} vrf {vrf}")
                    self.assertRegex(out.splitlines()[1], rf"^ 1  {address}( |$)")
                out = self.spated.do(f"arping {A4} dev {vrf}0 count 1")
                self.assertIn(self.hosts[f"{vrf}0"].mac("eth0"), out)
                self.spated.do(f"ndping {A6} dev {vrf}0 count 1")
            self.assertFalse([frame for frame in frames if icmp(frame, 8, 128)])

    def test_shows(self):
        rows = {row["vrf"]: row for row in self.spated.cli("vrf show")}
        self.assertEqual(set(rows), {"default", "red", "blue"})
        self.assertEqual(rows["red"]["ifaces"], ["red0", "red1"])
        self.assertEqual(rows["default"]["ifaces"], [])
        self.assertEqual(rows["red"]["ipv4_routes"], rows["blue"]["ipv4_routes"])
        self.assertEqual(self.spated.cli("vrf show red")["vrf"], "red")
        for show in ("neigh show vrf red", "addr show vrf red", "route show vrf red"):
            found = self.spated.cli(show)
            self.assertEqual({row["vrf"] for row in found}, {"red"}, show)
        self.assertEqual({row["iface"] for row in self.spated.cli("neigh show vrf blue")},
                         {"blue0", "blue1"})
        for vrf in ("red", "blue"):
            self.assertIn(f"dev {vrf}1", self.spated.cli(f"route get {B4} vrf {vrf}")["way"])
        self.assertEqual(self.spated.cli("route show"), [])

    def test_route_load(self):
        path = self.lab.path("routes")
        with open(path, "w", encoding="ascii") as file:
            file.write(f"192.0.2.0/24 via {B4}\nroute add 192.0.3.0/24 via {B4} vrf blue\n"
                       f"192.0.4.0/24 via {B4} nexthop-vrf blue metric 7\n"
                       "192.0.5.0/24 dev blue1 nexthop-vrf blue\n")
        self.spated.do(f"route load {path} vrf red")
        ways = {(row["vrf"], row["prefix"]): row["way"] for vrf in ("red", "blue")
                for row in self.spated.cli(f"route show source static vrf {vrf}")}
        self.assertEqual(ways, {
            ("red", "192.0.2.0/24"): f"via {B4} dev red1",
            ("blue", "192.0.3.0/24"): f"via {B4} dev blue1",
            ("red", "192.0.4.0/24"): f"via {B4} dev blue1 nexthop-vrf blue",
            ("red", "192.0.5.0/24"): "dev blue1 nexthop-vrf blue"})
        self.spated.do("route del 192.0.2.0/24 vrf red", "route del 192.0.3.0/24 vrf blue",
                       "route del 192.0.4.0/24 metric 7 vrf red", "route del 192.0.5.0/24 vrf red")

    def test_policy(self):
        self.spated.do("multipath set policy l3 seed 5 vrf red")
        self.assertEqual(self.spated.cli("multipath show vrf red")["policy"], "l3 seed 5")
        self.assertEqual(self.spated.cli("multipath show vrf blue")["policy"], "l4")
        self.assertIn("multipath set policy l3 seed 5 vrf red\n", self.spated.do("config show"))
        self.spated.do("multipath set policy l4 vrf red")
        self.assertNotIn("multipath", self.spated.do("config show"))

    # ---- moves ----

    def test_moves_while_others_talk(self):
        """blue1 goes to a VRF of its own, and back: red loses nothing, and blue only that link."""
        red, blue = self.hosts["red0"], self.hosts["blue0"]
        self.spated.do("vrf add green")
        with red.start("ping", "-n", "-i", "0.01", "-c", "200", "-w", "60", B4) as busy:
            for _ in range(2):
                self.spated.do("iface set blue1 vrf green")
                self.assertIn(B4, {row["address"]
                                   for row in self.spated.cli("neigh show vrf green")})
                self.assertIn("0 received", ping(blue, B4, check=False, timeout=0.3).stdout)
                ping(self.hosts["blue1"], R4B)
                self.spated.do("iface set blue1 vrf blue")
                ping(blue, B4)
            out, _ = busy.communicate(timeout=90)
        numbers = {int(n) for n in re.findall(r"icmp_seq=(\d+) ", out)}
        self.assertEqual(sorted(set(range(1, 201)) - numbers), [], out[-500:])
        self.spated.do("vrf del green")
        self.spated.check_conserved()

    def test_zz_config_recreates(self):
        """The last one: another daemon with what `config show` says is the same."""
        self.spated.do(*LEAKS, "vrf add empty", "multipath set policy l3 vrf red",
                       "iface add red0.7 vlan 7 parent red0 vrf blue",
                       "iface add lo0 loopback vrf red", "addr add 192.0.2.1/32 lo0",
                       f"route add 198.51.100.0/24 via {A4} weight 2 via {B4} weight 3 vrf red",
                       f"route add 203.0.113.0/24 via 192.0.2.9 recursive nexthop-vrf blue vrf red")
        shown = self.spated.do("config show")
        self.spated.stop()
        self.spated.body = [line for line in shown.splitlines() if not line.startswith("eal ")]
        self.spated.start()
        self.assertEqual(self.spated.do("config show"), shown)
        wait_for(lambda: ping(self.hosts["red0"], BLUE4, 1, "-I", RED4, check=False,
                              timeout=1).returncode == 0, "what leaked leaks again")


if __name__ == "__main__":
    main()
