# SPDX-License-Identifier: BSD-3-Clause
"""What the CLI asks the network: ping, traceroute, arping and ndping, answered by the kernel."""
import os
import re
import signal
import subprocess

from harness import SPATE, CliError, SystemTest, main, wait_for

HOPS4 = ["10.0.0.2", "10.1.0.2", "10.2.0.2"]
HOPS6 = ["2001:db8::2", "2001:db8:1::2", "2001:db8:2::2"]


class Probe(SystemTest):
    """spated - one - two - three: two routers of the kernel, and a host behind them."""

    @classmethod
    def setUpLab(cls):
        lab = cls.lab
        cls.router = lab.namespace()
        cls.one, cls.two, cls.three = (lab.namespace() for _ in range(3))
        lab.veth(cls.router, "p0", cls.one)
        lab.veth(cls.one, "east", cls.two)
        lab.veth(cls.two, "east", cls.three)
        lab.address(cls.one, "10.0.0.2/24", "2001:db8::2/64")
        for i, (west, east) in enumerate(((cls.one, cls.two), (cls.two, cls.three)), 1):
            lab.address(west, f"10.{i}.0.1/24", f"2001:db8:{i}::1/64", dev="east")
            lab.address(east, f"10.{i}.0.2/24", f"2001:db8:{i}::2/64")
            east.ip(f"route add default via 10.{i}.0.1")
            east.ip(f"-6 route add default via 2001:db8:{i}::1")
        for host in (cls.one, cls.two):
            host.sysctl("ipv4/ip_forward", 1)
            host.sysctl("ipv6/conf/all/forwarding", 1)
        cls.one.ip("route add 10.2.0.0/24 via 10.1.0.2")
        cls.one.ip("-6 route add 2001:db8:2::/64 via 2001:db8:1::2")
        cls.spated = lab.spated(cls.router, [
            "port add p0 devargs net_af_packet0,iface=p0", "iface add lo0 loopback",
            "addr add 10.0.0.1/24 p0", "addr add 2001:db8::1/64 p0", "addr add 10.0.0.3/24 p0",
            "route add 10.0.0.0/8 via 10.0.0.2", "route add 2001:db8::/32 via 2001:db8::2"])

    def fails(self, command):
        """@return what it printed, and its error"""
        done = self.spated.spate("-c", command)
        self.assertEqual(done.returncode, 1, done.stdout)
        return done.stdout, done.stderr

    # ---- traceroute ----

    def test_traceroute(self):
        for hops in (HOPS4, HOPS6):
            lines = self.spated.do(f"traceroute {hops[-1]}").splitlines()
            self.assertEqual(lines[0],
                             f"traceroute to {hops[-1]}, 30 hops max, 32 byte packets")
            self.assertEqual(len(lines), 4, lines)
            for i, address in enumerate(hops, 1):
                self.assertRegex(lines[i], rf"^ {i}  {address}(  \d+\.\d{{3}} ms){{3}}$")

    def test_traceroute_ends(self):
        # Nobody is there: the last router says so.
        out, error = self.fails("traceroute 10.2.0.77 wait 4000")
        self.assertIn("!H", out)
        self.assertIn("10.2.0.77 was not reached", error)
        # A router has no way.
        self.two.ip("route add unreachable 10.77.0.0/16")
        self.one.ip("route add 10.77.0.0/16 via 10.1.0.2")
        out, error = self.fails("traceroute 10.77.0.1")
        self.assertRegex(out.splitlines()[-1], r"^ [23] .* 10\.1\.0\.2 .*!H")
        # Nobody says anything.
        self.one.ip("route add blackhole 10.78.0.0/16")
        out, error = self.fails("traceroute 10.78.0.1 hops 3 wait 30")
        self.assertEqual(out.splitlines()[2:], [" 2  * * *", " 3  * * *"])
        self.spated.check_conserved()

    def test_traceroute_stars(self):
        """A router that keeps silent is passed over."""
        self.two.sysctl("ipv4/icmp_ratemask", 1 << 11)
        self.two.sysctl("ipv4/icmp_ratelimit", 100000)
        try:
            wait_for(lambda: re.search(r"(?m)^ 2 .*\*.*\n 3  10\.2\.0\.2 ",
                                       self.spated.do("traceroute 10.2.0.2 wait 100")), "stars")
        finally:
            self.two.sysctl("ipv4/icmp_ratemask", 0)

    def test_traceroute_abort(self):
        with subprocess.Popen([SPATE, "-n", self.spated.name, "-c",
                               "traceroute 10.78.0.1 wait 5000"], stdout=subprocess.PIPE,
                              text=True) as client:
            client.stdout.readline()
            client.send_signal(signal.SIGINT)
            client.communicate(timeout=10)
        self.assertNotEqual(client.returncode, 0)
        self.spated.quiet()

    # ---- ping ----

    def test_ping_options(self):
        out = self.spated.do("ping 10.2.0.2 count 3 interval 20 size 1000 source 10.0.0.3")
        self.assertEqual(len(re.findall(r"1008 bytes from 10\.2\.0\.2: icmp_seq=\d ttl=62", out)), 3)
        self.assertIn("3 sent, 3 received", out)
        with self.three.sniffer("eth0") as sniffer:
            self.spated.do("ping 10.2.0.2 count 1 source 10.0.0.3 ttl 7")
            frame = sniffer.wait(1, match=lambda frame: frame[23:24] == b"\1")[0]
        self.assertEqual(frame[26:30], bytes((10, 0, 0, 3)))
        self.assertEqual(frame[22], 5)

    def test_ping_df(self):
        """A link on the way is smaller: with df its router says so, without it fragments."""
        self.two.ip("link set east mtu 1300")
        try:
            out, _ = self.fails("ping 10.2.0.2 count 2 interval 20 size 1400 df")
            self.assertIn("from 10.1.0.2 icmp_seq=1: fragmentation needed", out)
            with self.three.sniffer("eth0") as sniffer:
                self.spated.spate("-c", "ping 10.2.0.2 count 1 size 1400")
                frames = sniffer.wait(2, match=lambda frame: frame[23:24] == b"\1")
            self.assertTrue(frames[0][20] & 0x20, "more fragments follow")
        finally:
            self.two.ip("link set east mtu 1500")
            self.spated.do("pmtu flush")

    def test_ping_too_large_with_df(self):
        """What would not even leave here is said at once, as ping -M do says it."""
        for address, most in ((HOPS4[0], 1472), (HOPS6[0], 1452)):
            self.spated.do(f"ping {address} count 1 size {most} df")
            out, _ = self.fails(f"ping {address} count 1 size {most + 1} df")
            self.assertIn("icmp_seq=1: message too long, mtu=1500", out)
            _, error = self.fails(f"traceroute {address} size {most + 1} df")
            self.assertIn("message too long, mtu=1500", error)

    def test_ping_learns_path_mtu(self):
        """RFC 8201: a router's packet too big, by which the next ping is cut; it is shown."""
        self.two.ip("link set east mtu 1300")
        self.three.ip("link set eth0 mtu 1300")
        try:
            out, _ = self.fails("ping 2001:db8:2::2 count 1 size 1400")
            self.assertIn("from 2001:db8:1::2 icmp_seq=1: packet too big", out)
            known = [row for row in self.spated.cli("pmtu show")
                     if row["address"] == "2001:db8:2::2"]
            self.assertEqual([row["mtu"] for row in known], [1300])
            self.spated.do("ping 2001:db8:2::2 count 1 size 1400")
            out, _ = self.fails("ping 2001:db8:2::2 count 1 size 1400 df")
            self.assertIn("message too long, mtu=1300", out)
            self.spated.do("pmtu flush")
            self.assertEqual(self.spated.cli("pmtu show"), [])
        finally:
            self.two.ip("link set east mtu 1500")
            self.three.ip("link set eth0 mtu 1500")
            self.spated.do("pmtu flush")

    def test_ping_refusals(self):
        for command, word in (("ping 10.2.0.2 source 10.0.0.77", "no address of this router"),
                              ("ping 10.0.0.1", "an address of this router itself"),
                              ("ping 10.0.0.255", "broadcast"),
                              ("ping 10.2.0.2 source 2001:db8::1", "families"),
                              ("ping fe80::1", "dev"), ("traceroute fe80::1", "dev"),
                              ("ping 224.0.0.1", "multicast")):
            with self.subTest(command):
                with self.assertRaises(CliError) as caught:
                    self.spated.do(command)
                self.assertIn(word, caught.exception.text)

    # ---- arping, ndping ----

    def test_arping(self):
        mac = self.one.mac("eth0")
        for command, address in (("arping", HOPS4[0]), ("ndping", HOPS6[0])):
            out = self.spated.do(f"{command} {address} dev p0 count 3 interval 20")
            self.assertEqual(
                len(re.findall(rf"(?m)^reply from {address} \[{mac}\] \d+\.\d{{3}} ms$", out)), 3)
            self.assertIn("3 sent, 3 received", out)
            self.assertNotIn("more than one", out)

    def test_ndping_scoped(self):
        """A link-local address says itself which link it is on."""
        mac = self.one.mac("eth0")
        self.one.ip("addr add fe80::77/64 dev eth0 nodad")
        for words in ("fe80::77%p0", "fe80::77%p0 dev p0", "fe80::77 dev p0"):
            out = self.spated.do(f"ndping {words} count 1")
            self.assertIn(f"reply from fe80::77 [{mac}]", out)
        self.one.ip("addr del fe80::77/64 dev eth0")

    def test_arping_without_answer(self):
        for command in ("arping 10.0.0.99", "ndping 2001:db8::99"):
            out, error = self.fails(f"{command} dev p0 count 2 interval 20")
            self.assertIn("2 sent, 0 received", out)
            self.assertIn("no answer", error)
        # To ask is no reason to keep anything of it.
        self.assertIsNone(self.spated.neigh("10.0.0.99"))

    def test_arping_refusals(self):
        for command, word in (("arping 2001:db8::2 dev p0", "ndping"),
                              ("ndping 10.0.0.2 dev p0", "arping"),
                              ("arping 10.0.0.2 dev nope", "nope"),
                              ("arping 10.0.0.1 dev p0", "itself"),
                              ("arping 224.0.0.1 dev p0", "neighbour"),
                              ("arping 10.0.0.2 dev lo0", "no link"),
                              ("arping 10.0.0.2 count 1", "'10.0.0.2 dev IFACE'"),
                              ("ndping fe80::77", "'fe80::77 dev IFACE'"),
                              ("ndping fe80::77%p0 dev p1", "on p0 already"),
                              ("ndping fe80::77%nope", "nope"),
                              ("ndping 2001:db8::2%p0", "address")):
            with self.subTest(command):
                with self.assertRaises(CliError) as caught:
                    self.spated.do(command)
                self.assertIn(word, caught.exception.text)

    def test_arping_finds_duplicates(self):
        """Two hosts with one address, which is what arping is for."""
        segment = self.lab.namespace()
        segment.ip("link add br0 type bridge")
        segment.ip("link set br0 up")
        self.lab.veth(self.router, "p1", segment, dev="router")
        segment.ip("link set router master br0")
        macs = set()
        for i in range(2):
            host = self.lab.namespace()
            self.lab.veth(segment, f"host{i}", host)
            segment.ip(f"link set host{i} master br0")
            self.lab.address(host, "10.9.0.2/24")
            macs.add(host.mac("eth0"))
        self.spated.do("port add p1 devargs net_af_packet1,iface=p1", "addr add 10.9.0.1/24 p1")
        out = self.spated.do("arping 10.9.0.2 dev p1 count 2 interval 50")
        self.assertEqual(set(re.findall(r"\[(\S+)\]", out)), macs)
        self.assertIn("more than one neighbour", out)
        self.spated.do("port del p1")

    def test_client_goes(self):
        """Killed while they run, they leave nothing behind."""
        for command in ("arping 10.0.0.2 dev p0 count 1000 interval 20",
                        "ndping 2001:db8::2 dev p0 count 1000 interval 20",
                        "traceroute 10.2.0.2 wait 60000", "ping 10.2.0.2 count 1000 interval 20"):
            with subprocess.Popen([SPATE, "-n", self.spated.name, "-c", command],
                                  stdout=subprocess.PIPE, text=True) as client:
                client.stdout.readline()
                os.kill(client.pid, signal.SIGKILL)
        self.spated.quiet()
        self.spated.check_conserved()


if __name__ == "__main__":
    main()
