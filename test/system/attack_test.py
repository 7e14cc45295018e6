# SPDX-License-Identifier: BSD-3-Clause
"""Programs that were made to break routers, against one that has others to serve meanwhile.

The attacker's link is p0, its victim's p1; bystanders talk from p2 to p3. An attack is a list of
programs that run at the same time. Whatever they do: nobody crashes, no packet buffer is lost, sums
are even, tables keep their bounds, the CLI answers, and bystanders lose nothing. With
SPATE_ATTACK_SECONDS=N in the environment all attacks run, each program for N seconds by itself.
"""
import itertools
import os
import re
import time

from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.inet6 import (ICMPv6EchoRequest, ICMPv6ND_NA, ICMPv6ND_Redirect, ICMPv6ND_RA,
                                ICMPv6NDOptDstLLAddr, IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment,
                                IPv6ExtHdrHopByHop, IPv6ExtHdrRouting)
from scapy.layers.l2 import ARP, Dot1Q, Ether
from scapy.packet import Raw

from harness import Bystanders, SystemTest, main, ping, wait_for

SECONDS = 1.0
PACKETS = 500  # that each attack has to bring at least
LONG_SECONDS = float(os.environ.get("SPATE_ATTACK_SECONDS", "0"))
MBUFS = 16384

ROUTER, ROUTER6 = "10.0.0.1", "2001:db8::1"
ATTACKER, ATTACKER6 = "10.0.0.2", "2001:db8::2"
VICTIM, VICTIM6 = "10.0.1.2", "2001:db8:0:1::2"
FAR, FAR6 = "10.0.1.1", "2001:db8:0:1::1"  # the router's address on the victim's link
C, C6, D, D6 = "10.0.2.2", "2001:db8:0:2::2", "10.0.3.2", "2001:db8:0:3::2"

# What a program says that was not told right, and so did nothing.
USAGE = re.compile(r"^(Syntax:|usage:|Usage|.*unrecognized option|.*[Ii]nvalid option|Error:.*option)",
                   re.MULTILINE)

# {name: (programs of each run, more that only a long run has)}
SCANS = ([
    f"nmap -n -Pn -sS -T5 --max-retries 0 -p 1-1000 {ROUTER} {VICTIM}",
    f"nmap -n -Pn -sU -T5 --max-retries 0 -p 1-300 {ROUTER} {VICTIM}",
    f"nmap -n -Pn -sS -f -T5 --max-retries 0 -p 1-300 {ROUTER} {FAR}",
    f"nmap -6 -n -Pn -sS -T5 --max-retries 0 -p 1-1000 {ROUTER6} {VICTIM6}",
    "scan6 -i eth0 -d 2001:db8:0:1::/64 -I 1 -r 5000pps",
], [
    f"nmap -n -Pn -O --osscan-guess -T5 {ROUTER} {FAR}",
    f"nmap -6 -n -Pn -O -T5 {ROUTER6}",
    f"nmap -n -Pn -sO -T5 {ROUTER}",
    f"nmap -n -Pn -sS --mtu 24 --scanflags URGACKPSHRSTSYNFIN -T5 -p 1-1000 {ROUTER}",
    f"nmap -n -sn -PE -PP -PM -PS -PU {ROUTER} {FAR} 10.0.1.0/24",
    "nmap -n -sn -T5 10.0.0.0/22",
])
FLOODS4 = ([
    f"hping3 --flood --rand-source -S -p 80 {ROUTER}",
    f"hping3 --flood --rand-source --icmp {VICTIM}",
    f"hping3 --flood --udp -p 7 -d 1000 {ROUTER}",
    "hping3 --flood --rand-dest -I eth0 --icmp 10.0.x.x",
    f"hping3 --flood -t 1 --udp -p 9 {VICTIM}",
], [
    f"hping3 --flood -S -a {ROUTER} -s 80 -p 80 {ROUTER}",
    f"hping3 --flood -a {ROUTER} --icmp {FAR}",
    f"hping3 --flood -a {VICTIM} --icmp {ROUTER}",
    f"hping3 --flood --rroute --icmp {ROUTER}",
    f"hping3 --flood --icmp -C 3 -K 4 --icmp-ipver 4 {ROUTER}",
    f"hping3 --flood --icmp -C 17 {ROUTER}",
    f"hping3 --flood -c 0 --rawip -H 255 {ROUTER}",
    f"hping3 --flood -SFRPUAXY -p 0 --badcksum {VICTIM}",
])
FRAGMENTS = ([
    f"hping3 --flood --rand-source --icmp -x -d 1200 {ROUTER}",
    f"hping3 --flood --udp -f -d 1400 -p 9 {FAR}",
    f"hping3 --flood --rand-source --udp -g 1000 -x -d 64 {ROUTER}",
    f"frag6 -i eth0 -d {ROUTER6} -F 1000 -l -z 1",
    f"atk6-fragmentation6 -p -n 3 eth0 {ROUTER6}",
], [
    f"frag6 -i eth0 -d {ROUTER6} -X",
    f"frag6 -i eth0 -d {ROUTER6} -p",
    f"frag6 -i eth0 -d {ROUTER6} -W",
    *[f"atk6-fragmentation6 -fp eth0 {ROUTER6} {case}" for case in (1, 7, 15, 21, 30)],
    f"atk6-denial6 eth0 {ROUTER6} 6",
])
NEIGHBOURS = ([
    "atk6-flood_advertise6 eth0",
    f"atk6-flood_advertise6 eth0 {ROUTER6}",
    f"atk6-flood_solicitate6 eth0 {ROUTER6} {ROUTER6}",
    "atk6-ndpexhaust26 -p eth0 2001:db8:0:1::/64",
    "ns6 -i eth0 -s 2001:db8::/64 -d ff02::1:ff00:1 -t 2001:db8::1 -F 3000 -e -l -z 1",
    "atk6-parasite6 -l eth0",
], [
    "atk6-ndpexhaust6 eth0 2001:db8:0:1::/64",
    "atk6-dos-new-ip6 eth0",
    "atk6-dos-new-ip6 -S eth0",
    f"na6 -i eth0 -s 2001:db8::/64 -d {ROUTER6} -t {C6} -F 1000 -o -c -e -l -z 1",
    f"na6 -i eth0 -d {ROUTER6} -t 2001:db8:0:2::/64 -T 1000 -o -e -l -z 1",
    f"atk6-fake_advertise6 eth0 {ROUTER6} {ROUTER6}",
    f"atk6-sendpees6 eth0 2048 2001:db8::/64 {ROUTER6}",
    f"atk6-fake_solicitate6 eth0 {C6} {ROUTER6}",
])
ROUTERS = ([
    "atk6-flood_router26 eth0",
    "atk6-flood_router26 -s -F eth0",
    "atk6-fake_router26 -A 2001:db8:bad::/64 -R 2001:db8:bad2::/48 eth0",
    "ra6 -i eth0 -s fe80::/64 -d ff02::1 -F 100 -f 10 -t 1800 -e -l -z 1",
    "atk6-kill_router6 eth0 fe80::1",
    f"atk6-flood_redir6 eth0 {ROUTER6}",
    "atk6-flood_mld6 eth0",
    "atk6-flood_mld26 eth0",
    "atk6-flood_mldrouter6 eth0",
    "atk6-flood_rs6 -S eth0",
], [
    "atk6-flood_router6 eth0",
    "atk6-flood_router26 -G eth0",
    "atk6-flood_router26 -H eth0",
    f"rd6 -i eth0 -s fe80::1 -d {ROUTER6} -r {C6} -t fe80::2 -F 1000 -l -z 1",
    "rs6 -i eth0 -d ff02::2 -F 1000 -e -l -z 1",
    f"atk6-redir6 eth0 {ROUTER6} {C6} fe80::1 {ATTACKER6}",
    "atk6-fake_mldrouter6 -l eth0 advertise",
    "atk6-fake_mld6 -l eth0 add ff02::1:ff00:1",
    "atk6-fake_pim6 eth0 hello 1",
    "atk6-flood_dhcpc6 eth0",
])
ERRORS6 = ([
    f"atk6-flood_unreach6 eth0 {ROUTER6}",
    f"atk6-toobig6 -u eth0 {ROUTER6} {ATTACKER6} 1280",
    f"icmp6 -i eth0 -d {ROUTER6} -E 0 -m 600 -p ICMP6 -l -z 1",
    f"atk6-smurf6 eth0 {VICTIM6}",
    f"atk6-rsmurf6 eth0 {VICTIM6}",
    f"atk6-thcsyn6 -R eth0 {ROUTER6} x",
    f"atk6-randicmp6 -p eth0 {ROUTER6}",
], [
    f"atk6-flood_unreach6 -R eth0 {VICTIM6}",
    f"atk6-toobig6 eth0 {ROUTER6} {ATTACKER6} 68",
    f"icmp6 -i eth0 -d {ROUTER6} -t 1:0 -p TCP -l -z 1",
    f"atk6-thcsyn6 -D eth0 {VICTIM6} 80",
    f"tcp6 -i eth0 -d {ROUTER6} -a 80 -X S -F 1000 -T 100 -l -z 1",
    f"udp6 -i eth0 -d {VICTIM6} -a 9 -F 1000 -T 100 -l -z 1",
    f"atk6-node_query6 eth0 {ROUTER6}",
    f"ni6 -i eth0 -d {ROUTER6} -N 200 -l -z 1",
])
HEADERS = ([
    f"atk6-denial6 eth0 {ROUTER6} 1",
    f"atk6-denial6 eth0 {VICTIM6} 2",
    f"atk6-denial6 eth0 {ROUTER6} 3",
    f"atk6-exploit6 eth0 {ROUTER6}",
    f"atk6-implementation6 -p eth0 {ROUTER6}",
    f"atk6-fuzz_ip6 -a -x -IFSDHRJ -1 eth0 {ROUTER6}",
    f"atk6-fuzz_ip6 -a -x -2 eth0 {ROUTER6}",
    f"jumbo6 -i eth0 -d {ROUTER6} -l -z 1",
    f"flow6 -i eth0 -d {ROUTER6} -P TCP -p 80 -W",
], [
    f"atk6-denial6 eth0 {ROUTER6} 4", f"atk6-denial6 eth0 {ROUTER6} 5",
    f"atk6-denial6 eth0 {ROUTER6} 7", f"atk6-denial6 eth0 {VICTIM6} 1",
    f"atk6-exploit6 eth0 {VICTIM6}",
    f"atk6-implementation6 -p eth0 {VICTIM6}",
    *[f"atk6-fuzz_ip6 -a -x -IFSDHR -{kind} eth0 {ROUTER6}" for kind in "34567890"],
    f"atk6-connsplit6 eth0 {ROUTER6}",
])


class Attack(SystemTest):
    """One attack a test."""

    @classmethod
    def setUpLab(cls):
        lab = cls.lab
        cls.router = lab.namespace()
        cls.attacker, cls.victim, cls.c, cls.d = hosts = [lab.namespace() for _ in range(4)]
        config = []
        for i, host in enumerate(hosts):
            # Attacks by taps: under af_packet the kernel would put fragments together.
            if i >= 2:
                lab.veth(cls.router, f"p{i}", host)
            # Room for all that bystanders send while workers wait for a CPU.
            driver = f"net_tap{i},iface=p{i}" if i < 2 else \
                f"net_af_packet{i},iface=p{i},framecnt=8192"
            config += [f"port add p{i} devargs {driver}",
                       f"addr add 10.0.{i}.1/24 dev p{i}",
                       f"addr add 2001:db8:0:{i}::1/64 dev p{i}"]
        cls.spated = lab.spated(cls.router, config, workers=2, mbufs=MBUFS, memory_mb=384)
        for i, host in enumerate(hosts):
            if i < 2:
                lab.tap_to(cls.spated, f"p{i}", host)
            lab.address(host, f"10.0.{i}.2/24", f"2001:db8:0:{i}::2/64")
            host.ip(f"route add default via 10.0.{i}.1")
            host.ip(f"-6 route add default via 2001:db8:0:{i}::1")
        # net_tap cannot tell the link of a tap that has moved: received packets do, by and by.
        wait_for(lambda: cls.warm_up() or not any("dead" in way for _, way in
                                                  cls.lasting_routes() if way),
                 "no link is taken for dead", 10)
        cls.spated.do("neigh flush")
        cls.spated.quiet()
        cls.spated.quiet()
        cls.buffers = cls.spated.available()
        cls.tables = cls.table_sizes()
        cls.config = cls.spated.do("config show")
        cls.routes = cls.lasting_routes()
        cls.mac = cls.spated.cli("port show p0")["mac"]

    @classmethod
    def warm_up(cls):
        for host, address in ((cls.c, D), (cls.c, D6), (cls.attacker, VICTIM),
                              (cls.attacker, VICTIM6)):
            ping(host, address)

    @classmethod
    def table_sizes(cls):
        """What is in them, not the memory that was made accessible once."""
        return {name: value for name, value in cls.spated.cli("memory show")["fib"].items()
                if not name.startswith("bytes")}

    @classmethod
    def lasting_routes(cls):
        return [(route["prefix"], route["via"] if "via" in route else route.get("way"))
                for route in cls.spated.cli("route show") if route["source"] != "neighbour"]

    def setUp(self):
        self.warm_up()
        self.rx = self.received()
        self.known = self.bystanders_known()

    def watch(self):
        """From here on bystanders lose nothing, until check()."""
        wires = ((self.c, "eth0"), (self.d, "eth0"), (self.router, "p2"), (self.router, "p3"))
        self.bystanders = Bystanders((self.c, C, C6), (self.d, D, D6),
                                     ("10.0.2.1", "2001:db8:0:2::1"), wires)
        self.addCleanup(self.bystanders.close)

    def received(self):
        return self.spated.cli("port stats p0")["rx_packets"]

    def bystanders_known(self):
        return {row["address"]: row["lladdr"] for row in self.spated.cli("neigh show")
                if row["iface"] in ("p2", "p3") and row["lladdr"] is not None and
                not row["address"].startswith("fe80:")}

    def check(self):
        """How it came through, once the attack is over."""
        self.bystanders.check()
        now = self.bystanders_known()
        for address, lladdr in self.known.items():
            self.assertEqual(now.get(address, lladdr), lladdr, f"{address} was taken over")
        neigh = self.spated.cli("neigh stats")
        self.assertLessEqual(neigh["entries_high"], neigh["entries_max"] + neigh["incomplete_max"])
        self.assertLessEqual(neigh["incomplete"], neigh["incomplete_max"])
        for row in self.spated.cli("fragment show")[:-1]:
            self.assertLessEqual(row["datagrams"], 1024)
            self.assertLessEqual(row["held"], 2048 + 64)
        self.assertLessEqual(len(self.spated.cli("pmtu show")), 1024)
        self.settle()

    def settle(self):
        """Nothing is lost or made up, and nothing stays."""
        self.spated.do("neigh flush")
        self.spated.check_conserved()
        wait_for(lambda: self.spated.available() + self.spated.stats()["held"] == self.buffers,
                 "all buffers are back, but for fragments that wait", 5)
        wait_for(lambda: self.spated.cli("neigh stats")["held"] == 0, "no packet is held", 5)
        self.assertEqual(self.spated.do("config show"), self.config)
        self.assertEqual(self.lasting_routes(), self.routes)

        def forgotten():
            # Hosts that look for their router make themselves known again.
            self.spated.do("neigh flush")
            return self.table_sizes() == self.tables
        wait_for(forgotten, "the tables of routes are as before", 5)

    def run_attack(self, programs, more=lambda seconds: None):
        """Programs, and what else is to be done meanwhile."""
        programs, rare = programs
        self.watch()
        if LONG_SECONDS == 0:
            self.unleash(programs, SECONDS, more)
            return
        for program in programs + rare:
            before = self.received()
            self.unleash([program], LONG_SECONDS, more)
            print(f"{self.received() - before:12} packets: {program}", flush=True)
        self.unleash(programs + rare, LONG_SECONDS, more)

    def unleash(self, programs, seconds, more):
        """All at the same time, for so long, and until they did something."""
        running = []
        for i, program in enumerate(programs):
            path = self.lab.path(f"attack{i}")
            with open(path, "wb") as out:
                # What it takes of the machine must not be what bystanders miss.
                running.append((program, path, self.attacker.start(
                    "nice", "-n", "19", *program.split(), stdout=out)))
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.spated.do("version show")
            more(max(0.1, min(0.3, end - time.monotonic())))
            time.sleep(0.05)
        if LONG_SECONDS == 0:
            wait_for(lambda: self.received() - self.rx > PACKETS, "the attack is one", 20)
        for _, _, process in running:
            process.kill()
            process.wait()
        for program, path, _ in running:
            with open(path, encoding="utf-8", errors="replace") as file:
                said = file.read(4096)
            self.assertIsNone(USAGE.search(said), f"{program} says: {said[:500]}")
            self.assertNotIn("No such file", said, program)

    def test_scans(self):
        self.run_attack(SCANS)
        self.check()

    def test_floods4(self):
        self.run_attack(FLOODS4)
        self.check()

    def test_fragments(self):
        frame = bytearray(bytes(
            Ether(dst=self.mac, src=self.attacker.mac("eth0")) / IPv6(src=ATTACKER6, dst=ROUTER6) /
            IPv6ExtHdrFragment(m=1) / ICMPv6EchoRequest() / Raw(b"x" * 64)))
        first = itertools.count()

        def never_end(_):
            with self.attacker.raw("eth0") as sock:
                for number in itertools.islice(first, 1500):
                    frame[58:62] = number.to_bytes(4, "big")
                    sock.send(frame)
        before = self.spated.cli("fragment show")[-1]["evicted"]
        self.run_attack(FRAGMENTS, never_end)
        self.check()
        self.assertGreater(self.spated.cli("fragment show")[-1]["evicted"], before)

    def test_neighbours(self):
        self.run_attack(NEIGHBOURS)
        self.check()

    def test_others_are_found_meanwhile(self):
        """A flood on one link, and a scan of another, hide nobody on the others."""
        asks = [bytes(Ether(dst="ff:ff:ff:ff:ff:ff", src="02:00:00:00:66:66") /
                      ARP(op=1, psrc=f"10.0.0.{n}", pdst=ROUTER)) for n in range(3, 255)]

        def find(_):
            with self.attacker.raw("eth0") as sock:
                for ask in asks:
                    sock.send(ask)
            self.spated.do("neigh flush")
            for address in (D, D6):
                ping(self.c, address)
        self.unleash(NEIGHBOURS[0] + ["hping3 --flood --rand-dest -I eth0 --icmp 10.0.1.x"],
                     LONG_SECONDS or SECONDS, find)
        self.settle()

    def test_routers(self):
        """Where advertisements are not accepted none has an effect: check() compares."""
        self.run_attack(ROUTERS)
        self.assertEqual(self.spated.cli("autoconf show"), [])
        self.check()

    def test_routers_accepted(self):
        """Where they are, so many are remembered, and forgotten when they are no more accepted."""
        self.spated.do("iface set p0 accept-ra on")
        try:
            self.run_attack(ROUTERS)
            learned = self.spated.cli("autoconf show")[0]
            self.assertEqual(len(learned["routers"]), 16)
            self.assertEqual(len(learned["prefixes"]), 16)
            self.assertGreater(learned["refused"], 0)
            addresses = self.spated.cli("iface show p0")["addresses"]
            self.assertLessEqual(len(addresses), 3 + 16)
        finally:
            self.spated.do("iface set p0 accept-ra off")
        self.assertEqual(self.spated.cli("autoconf show"), [])
        self.check()

    def test_errors6(self):
        self.run_attack(ERRORS6)
        self.check()

    def test_headers(self):
        self.run_attack(HEADERS)
        self.check()

    def test_frames(self):
        """What no program sends: tags of all VLANs, loops of headers, fragments that never end,
        others' names."""
        frames = itertools.cycle(self.frames())

        def spray(seconds):
            end = time.monotonic() + seconds
            with self.attacker.raw("eth0") as sock:
                while time.monotonic() < end:
                    for frame in itertools.islice(frames, 64):
                        sock.send(frame)
        self.watch()
        self.unleash([], LONG_SECONDS or SECONDS, spray)
        self.check()

    def frames(self):
        ether = Ether(dst=self.mac, src=self.attacker.mac("eth0"))
        liar = "02:00:00:00:66:66"
        all4 = Ether(dst="ff:ff:ff:ff:ff:ff", src=liar)
        all6 = Ether(dst="33:33:00:00:00:01", src=liar)
        option = ICMPv6NDOptDstLLAddr(lladdr=liar)
        payload = Raw(b"x" * 64)
        tagged = bytearray(bytes(ether / Dot1Q(vlan=1) / IP(dst=VICTIM) / UDP() / payload))
        frames = []
        for vlan in range(1, 4096):
            tagged[14:16] = vlan.to_bytes(2, "big")
            frames.append(bytes(tagged))
        for n in range(32):
            source = f"10.0.0.{64 + n}"
            frames += map(bytes, (
                ether / Dot1Q(vlan=n) / Dot1Q(vlan=n) / IPv6(dst=VICTIM6) / UDP(),
                # Fragments: without an end, all ends, over each other.
                ether / IP(src=source, dst=ROUTER, id=n, flags="MF") / UDP() / payload,
                ether / IP(src=source, dst=ROUTER, id=n, flags="MF", frag=3) / payload,
                ether / IP(src=source, dst=FAR, id=n, frag=8100, proto=1) / payload,
                ether / IPv6(src=ATTACKER6, dst=ROUTER6) / IPv6ExtHdrFragment(m=1, id=n) /
                ICMPv6EchoRequest() / payload,
                ether / IPv6(src=ATTACKER6, dst=FAR6) /
                IPv6ExtHdrFragment(m=1, id=n, offset=n) / payload,
                # Headers in circles.
                ether / IPv6(dst=ROUTER6) / IPv6ExtHdrDestOpt() / IPv6ExtHdrHopByHop() /
                IPv6ExtHdrDestOpt() / IPv6ExtHdrRouting(segleft=1, addresses=[VICTIM6]) / UDP(),
                ether / IPv6(dst=ROUTER6, nh=60) / Raw(b"\x3c\0\1\4\0\0\0\0" * 180),
                # The name of a bystander, of us, of all, said where it is not.
                all4 / ARP(op=2, hwsrc=liar, psrc=C, pdst=ROUTER, hwdst=self.mac),
                all4 / ARP(op=1, hwsrc=liar, psrc=ROUTER, pdst=ROUTER),
                all4 / ARP(op=1, hwsrc=liar, psrc="10.0.0.255", pdst=ROUTER),
                all4 / ARP(op=1, hwsrc=liar, psrc=source, pdst=ROUTER),
                all6 / IPv6(src=C6, dst="ff02::1", hlim=255) / ICMPv6ND_NA(tgt=C6, O=1) / option,
                # From afar.
                ether / IPv6(src=VICTIM6, dst=ROUTER6, hlim=64) / ICMPv6ND_NA(tgt=C6, O=1, S=1) /
                option,
                ether / IPv6(src="fe80::66", dst=ROUTER6, hlim=254) / ICMPv6ND_RA(),
                ether / IPv6(src="fe80::66", dst=ROUTER6, hlim=255) /
                ICMPv6ND_Redirect(tgt="fe80::66", dst=C6),
                ether / IP(src=VICTIM, dst=ROUTER) / ICMP(type=5, code=1, gw=ATTACKER) /
                IP(src=ROUTER, dst=C) / UDP(),
            ))
        return frames


if __name__ == "__main__":
    main()
