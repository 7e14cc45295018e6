# SPDX-License-Identifier: BSD-3-Clause
"""Routes with several paths: shares by weight, one path a flow, and the path that was foretold."""
import collections
import concurrent.futures
import re
import socket
import struct
import threading

from harness import SystemTest, main, ping, wait_for

PREFIX4, PREFIX6 = "198.51.100.0/24", "2001:db8:ff::/64"
DST4, DST6 = "198.51.100.1", "2001:db8:ff::1"


class Multipath(SystemTest):
    """A sink plays all gateways: each has an address and a MAC of its own, on one link."""

    GATEWAYS = 7

    @classmethod
    def setUpLab(cls):
        lab = cls.lab
        cls.router, cls.host, cls.sink = lab.namespace(), lab.namespace(), lab.namespace()
        lab.veth(cls.router, "p0", cls.host)
        lab.veth(cls.router, "p1", cls.sink)
        macs = [f"02:00:00:00:bb:{i:02x}" for i in range(1, cls.GATEWAYS + 1)]
        cls.gateway_of = {bytes.fromhex(mac.replace(":", "")): i + 1 for i, mac in enumerate(macs)}
        neighs = [f"neigh add {address} lladdr {mac} dev p1" for i, mac in enumerate(macs)
                  for address in (f"10.0.1.{i + 101}", f"2001:db8:0:1::{i + 101}")]
        cls.spated = lab.spated(cls.router, [
            "port add p0 devargs net_af_packet0,iface=p0,qpairs=2 rxq 2 txq 2",
            "port add p1 devargs net_af_packet1,iface=p1,qpairs=2 rxq 2 txq 2",
            "addr add 10.0.0.1/24 p0", "addr add 2001:db8::1/64 p0",
            "addr add 10.0.1.1/24 p1", "addr add 2001:db8:0:1::1/64 p1", *neighs], workers=2)
        # Only frames are looked at: the sink's kernel has no part in it.
        cls.sink.ip("link set eth0 arp off")
        lab.address(cls.host, "10.0.0.2/24", "2001:db8::2/64")
        cls.host.ip("route add default via 10.0.0.1")
        cls.host.ip("-6 route add default via 2001:db8::1")
        for address in ("10.0.0.1", "2001:db8::1"):
            ping(cls.host, address)

    def send(self, address, flows, packets=1):
        """UDP from so many source ports. @return {source port: [gateways, one a packet]}"""
        six = ":" in address
        family = socket.AF_INET6 if six else socket.AF_INET
        with self.sink.sniffer("eth0") as sniffer:
            for port in range(20000, 20000 + flows):
                with self.host.socket(family, socket.SOCK_DGRAM) as sock:
                    sock.bind(("", port))
                    for _ in range(packets):
                        sock.sendto(b"spate", (address, 53))
                if port % 20 == 19:
                    # No more on the way than the smallest queue holds.
                    sent = (port - 19999) * packets
                    wait_for(lambda sent=sent: len(sniffer.frames) > sent - 200,
                             "datagrams arrive", interval=0.001)
            ours = (b"\x86\xdd", 20, 54) if six else (b"\x08\0", 23, 34)
            frames = sniffer.wait(flows * packets, "datagrams", lambda frame: (
                frame[12:14] == ours[0] and frame[ours[1]] == 17), 20)
        paths = collections.defaultdict(list)
        for frame in frames:
            source = int.from_bytes(frame[ours[2]:ours[2] + 2], "big")
            paths[source].append(self.gateway_of[frame[:6]])
        self.assertEqual(len(paths), flows)
        return paths

    def counted(self):
        """{gateway: packets} as `nexthop show` has it."""
        counts = {}
        for row in self.spated.cli("nexthop show"):
            match = re.match(r"via (?:10\.0\.1\.|2001:db8:0:1::)10(\d) ", row["way"])
            if match and row["group"] is not None:
                counts[int(match.group(1))] = row["packets"]
        return counts

    def check_shares(self, counts, weights, total):
        self.assertEqual(sum(counts.values()), total)
        for gateway, weight in weights.items():
            share, expected = counts.get(gateway, 0) / total, weight / sum(weights.values())
            # Four standard deviations of a binomial, and what buckets round.
            slack = 4 * (expected * (1 - expected) / total) ** 0.5 + 0.01
            self.assertAlmostEqual(share, expected, delta=slack, msg=f"{counts} for {weights}")

    def check_foretold(self, address, source, paths, flows):
        """`route get` with a flow says which path it takes."""
        step = max(1, len(paths) // flows)
        for port in sorted(paths)[::step][:flows]:
            flow = (f"flow udp [{source}]:{port} [{address}]:53" if ":" in address
                    else f"flow udp {source}:{port} {address}:53")
            way = self.spated.cli(f"route get {address} {flow}")["way"]
            self.assertRegex(way, rf"10{paths[port][0]} dev p1", f"{port}: {paths[port]}")

    def run_paths(self, weights, flows, packets):
        for prefix, address, source, base in ((PREFIX4, DST4, "10.0.0.2", "10.0.1.10"),
                                              (PREFIX6, DST6, "2001:db8::2", "2001:db8:0:1::10")):
            with self.subTest(address):
                vias = " ".join(f"via {base}{gateway} weight {weight}"
                                for gateway, weight in weights.items())
                self.spated.do(f"route replace {prefix} {vias}", "nexthop clear")
                paths = self.send(address, flows, packets)
                for port, taken in paths.items():
                    self.assertEqual(taken, [taken[0]] * packets, f"flow {port} changed its path")
                seen = collections.Counter(gateway for taken in paths.values() for gateway in taken)
                self.assertEqual(self.counted(), dict(seen))
                per_flow = {gateway: count // packets for gateway, count in seen.items()}
                self.check_shares(per_flow, weights, flows)
                self.check_foretold(address, source, paths, 50)
                self.spated.do(f"route del {prefix}")
        self.spated.check_conserved()

    def test_four_equal(self):
        self.run_paths({1: 1, 2: 1, 3: 1, 4: 1}, 2000, 3)

    def test_seven_weighted(self):
        self.run_paths({1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 7}, 3000, 2)

    def inner_flow(self, port):
        """A UDP packet from 172.16.0.1 to 172.16.0.2; nobody looks at its checksums."""
        return (struct.pack("!BBHHHBBH4s4s", 0x45, 0, 36, 0, 0, 64, 17, 0, bytes((172, 16, 0, 1)),
                            bytes((172, 16, 0, 2)))
                + struct.pack("!HHHH8s", port, 53, 16, 0, b"inner %02d" % (port % 100)))

    def send_inner(self, kind, flows):
        """Many flows inside of one tunnel. @return {inner source port: gateway}"""
        kinds = {"ipip": (socket.SOCK_RAW, 4, b""),
                 "gre": (socket.SOCK_RAW, 47, struct.pack("!HHI", 0x2000, 0x0800, 7)),
                 "gtp-u": (socket.SOCK_DGRAM, 17, struct.pack("!BBHI", 0x30, 255, 36, 7))}
        form, proto, header = kinds[kind]
        paths = {}
        with self.host.socket(socket.AF_INET, form, proto) as sock, \
                self.sink.sniffer("eth0") as sniffer:
            sock.bind(("", 2152 if form == socket.SOCK_DGRAM else 0))
            for port in range(30000, 30000 + flows):
                sock.sendto(header + self.inner_flow(port), (DST4, 2152))
                if port % 100 == 99:
                    sent = port - 29999
                    wait_for(lambda sent=sent: len(sniffer.frames) > sent - 100, "packets arrive",
                             interval=0.001)
            at = 34 + (8 if form == socket.SOCK_DGRAM else 0) + len(header) + 20
            frames = sniffer.wait(flows, kind, lambda frame: (
                frame[12:14] == b"\x08\0" and frame[23] == proto and len(frame) >= at + 16), 20)
        for frame in frames:
            paths[int.from_bytes(frame[at:at + 2], "big")] = self.gateway_of[frame[:6]]
        self.assertEqual(len(paths), flows)
        return paths

    def test_inner(self):
        """One tunnel's flows spread over all paths, as `route get` says of each."""
        vias = " ".join(f"via 10.0.1.10{gateway}" for gateway in (1, 2, 3, 4))
        self.spated.do(f"route replace {PREFIX4} {vias}")
        self.addCleanup(self.spated.do, f"route del {PREFIX4}", "multipath set policy l4")
        self.assertEqual(len(set(self.send_inner("ipip", 100).values())), 1)
        self.spated.do("multipath set policy l4 inner")
        self.assertIn("multipath set policy l4 inner", self.spated.do("config show"))
        for kind in ("ipip", "gre", "gtp-u"):
            with self.subTest(kind):
                paths = self.send_inner(kind, 1000)
                self.check_shares(collections.Counter(paths.values()), {1: 1, 2: 1, 3: 1, 4: 1},
                                  1000)
                for port in range(30000, 31000, 100):
                    flow = f"flow udp 172.16.0.1:{port} 172.16.0.2:53"
                    way = self.spated.cli(f"route get {DST4} {flow}")["way"]
                    self.assertIn(f"10{paths[port]} dev p1", way)

    def test_change_under_traffic(self):
        """Paths come and go while flows run: no packet is lost, none takes a path that is gone."""
        vias = [f"via 10.0.1.10{gateway}" for gateway in (1, 2, 3, 4)]
        self.spated.do(f"route replace {PREFIX4} {' '.join(vias)}")
        before = self.spated.drops()
        done = threading.Event()

        def change():
            changes = 0
            while not done.is_set():
                changes += 1
                self.spated.do(f"route replace {PREFIX4} {' '.join(vias[:changes % 4 + 1])}")
            return changes
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            changing = pool.submit(change)
            try:
                self.send(DST4, 1000, 4)
            finally:
                done.set()
            self.assertGreater(changing.result(), 4)
        self.assertEqual(self.spated.dropped_since(before), {})
        self.spated.do(f"route replace {PREFIX4} {' '.join(vias[:3])}")
        used = {gateway for taken in self.send(DST4, 200).values() for gateway in taken}
        self.assertEqual(used, {1, 2, 3})
        self.spated.do(f"route del {PREFIX4}")
        self.assertEqual(self.counted(), {})


if __name__ == "__main__":
    main()
