# SPDX-License-Identifier: BSD-3-Clause
"""What spated counts is what the kernel and a sniffer saw on both sides, to the packet."""
import json
import socket
import struct

from harness import Pair, SystemTest, look_at_rest, main, ping, wait_for

COUNT = 2000


def counters(daemon, port):
    """A port's packets and bytes, as the driver counts and as the queues were counted by us."""
    show = daemon.cli(f"port show {port}")
    stats = show["statistics"]
    queues = {way: (sum(q["packets"] for q in show[way]), sum(q["bytes"] for q in show[way]))
              for way in ("rx_queues", "tx_queues")}
    assert queues["rx_queues"] == (stats["rx_packets"], stats["rx_bytes"]), show
    assert queues["tx_queues"] == (stats["tx_packets"], stats["tx_bytes"]), show
    return stats


def link(host):
    """The kernel's statistics of the other end of a port."""
    stats = host.run("ip", "-s", "-j", "link", "show", "eth0").stdout
    return json.loads(stats)[0]["stats64"]


class Counters:
    """For each driver."""

    driver, queues, workers = "", 1, 1

    @classmethod
    def setUpLab(cls):
        cls.pair = Pair(cls.lab, driver=cls.driver, queues=cls.queues, workers=cls.workers)
        cls.a, cls.b, cls.spated = cls.pair.a, cls.pair.b, cls.pair.spated
        cls.pair.warm_up()

    def snapshot(self):
        """All of one moment: nothing moved between the first look and the last."""
        while True:
            stats = self.spated.quiet()
            rest = ([counters(self.spated, port) for port in ("p0", "p1")],
                    [link(host) for host in (self.a, self.b)], self.spated.drops())
            if self.spated.stats() == stats:
                return stats, *rest

    def test_exact(self):
        """A few thousand packets of both families, some of which end in drops of three kinds."""
        self.spated.do("route replace 203.0.113.0/24 blackhole",
                       "route replace 2001:db8:b1ac::/48 blackhole")
        # A sink, so that B answers nothing; then the counts can be told beforehand.
        sinks = []
        for family, any_address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
            sink = self.b.socket(family, socket.SOCK_DGRAM)
            if family == socket.AF_INET6:
                sink.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sink.bind((any_address, 9))
            sinks.append(sink)
        payloads = {}
        with self.a.sniffer("eth0", inbound=False) as out, self.b.sniffer("eth0") as into:
            # The count begins at a moment of rest, too.
            stats, ports, links, drops = look_at_rest(self.snapshot, out, into)
            sent = 0
            for family, good, bad in ((socket.AF_INET, Pair.B4, "203.0.113.7"),
                                      (socket.AF_INET6, Pair.B6, "2001:db8:b1ac::7")):
                with self.a.socket(family, socket.SOCK_DGRAM) as sock:
                    for i in range(COUNT):
                        payload = struct.pack("!I", i) + b"x" * (i % 1400)
                        sock.sendto(payload, (good, 9))
                        sent += 1
                        payloads[family, i] = len(payload)
                        if i % 10 == 0:
                            sock.sendto(payload, (bad, 9))
                        if i % 32 == 0:
                            # No more on the way than the smallest queue holds.
                            wait_for(lambda: len(into.frames) > sent - 200, "datagrams arrive",
                                     interval=0.001)
            frames = into.wait(2 * COUNT, "datagrams", is_datagram, 20)

            # ARP and ND go on meanwhile: look at a moment at which nothing is under way.
            def at_rest():
                nonlocal new_stats, new_ports, new_links, new_drops
                new_stats, new_ports, new_links, new_drops = self.snapshot()
                return (new_ports[0]["rx_packets"] - ports[0]["rx_packets"] == len(out.frames)
                        and new_ports[1]["tx_packets"] - ports[1]["tx_packets"]
                        == len(into.frames))

            new_stats = new_ports = new_links = new_drops = None
            wait_for(at_rest, "our counters and what was seen on the links agree")
            went_in, came_out = list(out.frames), list(into.frames)
        for sink in sinks:
            sink.close()
        sent = [frame for frame in went_in if is_datagram(frame)]
        self.assertEqual(len(sent), 2 * COUNT + 2 * COUNT // 10)
        self.assertEqual(len(frames), 2 * COUNT)
        # What arrived is what was sent, but for link header, TTL, and its checksum.
        went = [body(frame) for frame in sent if not is_blackholed(frame)]
        came = [body(frame) for frame in frames]
        if self.queues == 1:
            self.assertEqual(came, went)
        else:
            self.assertEqual(sorted(came), sorted(went))

        self.assertEqual(new_drops.get("route_blackhole", 0) - drops.get("route_blackhole", 0),
                         2 * COUNT // 10)
        # All that moved on the links is in our counters, ARP and ND too.
        for i, (sniffed, name) in enumerate(((len(went_in), "rx_packets"),
                                             (len(came_out), "tx_packets"))):
            way = "tx" if name == "rx_packets" else "rx"
            ours = new_ports[i][name] - ports[i][name]
            kernels = new_links[i][way]["packets"] - links[i][way]["packets"]
            self.assertEqual((ours, kernels), (sniffed, kernels))
            self.assertEqual(ours, kernels)
        self.assertEqual(new_ports[0]["rx_bytes"] - ports[0]["rx_bytes"],
                         sum(map(len, went_in)))
        self.assertEqual(new_ports[1]["tx_bytes"] - ports[1]["tx_bytes"],
                         sum(map(len, came_out)))
        self.assertEqual(new_stats["rx"] - stats["rx"],
                         sum(new["rx_packets"] - old["rx_packets"]
                             for new, old in zip(new_ports, ports)))
        self.assertEqual(new_stats["tx"] - stats["tx"],
                         sum(new["tx_packets"] - old["tx_packets"]
                             for new, old in zip(new_ports, ports)))
        self.assertGreaterEqual(new_stats["forwarded"] - stats["forwarded"], 2 * COUNT)
        self.spated.check_conserved()

    def test_local_and_errors(self):
        """Delivered, answered, refused: each once."""
        before, drops = self.spated.quiet(), self.spated.drops()
        ping(self.a, Pair.R4A, 100, "-i", "0.002")
        ping(self.a, Pair.R6A, 100, "-i", "0.002")
        with self.a.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            for i in range(20):
                try:
                    sock.sendto(b"", ("198.18.0.1", 9))
                except OSError:
                    pass  # it is told of the one before, and sends nothing
                if i == 0:
                    wait_for(lambda: self.spated.drops().get("ip4_no_route"), "the drop")
        after = self.spated.check_conserved()
        unrouted = self.spated.drops()["ip4_no_route"] - drops.get("ip4_no_route", 0)
        self.assertGreater(unrouted, 0)
        self.assertEqual(after["delivered"] - before["delivered"], 200)
        self.assertEqual(after["originated"] - before["originated"], 200 + unrouted)
        self.assertEqual(after["icmp_errors"] - before["icmp_errors"], unrouted)
        self.assertEqual(after["dropped"] - before["dropped"], unrouted)

    def test_zz_clear(self):
        self.spated.do("drops clear", "nexthop clear")
        self.assertEqual(self.spated.drops(), {})
        self.assertTrue(all(row["packets"] == 0 for row in self.spated.cli("nexthop show")))
        ping(self.a, Pair.B4, 10)
        rows = {row["way"]: row["packets"] for row in self.spated.cli("nexthop show")}
        self.assertEqual(rows[f"via {Pair.B4} dev p1"], 10)
        self.assertEqual(rows[f"via {Pair.A4} dev p0"], 10)
        # What `stats show` counts is not cleared with them, and still even.
        stats = self.spated.quiet()
        self.assertEqual(stats["rx"] + stats["originated"] + stats["injected"],
                         stats["tx"] + stats["delivered"] + stats["punted"] + stats["dropped"])


def is_datagram(frame):
    """UDP to port 9."""
    if frame[12:14] == b"\x08\0":
        return frame[23] == 17 and frame[36:38] == b"\0\x09"
    return frame[12:14] == b"\x86\xdd" and frame[20] == 17 and frame[56:58] == b"\0\x09"


def is_blackholed(frame):
    return (frame[30:33] == bytes([203, 0, 113]) if frame[12:14] == b"\x08\0"
            else frame[38:44] == bytes.fromhex("20010db8b1ac"))


def body(frame):
    """A frame without what a router changes."""
    if frame[12:14] == b"\x08\0":
        return frame[14:22] + frame[23:24] + frame[26:]
    return frame[14:21] + frame[22:]


class AfPacket(Counters, SystemTest):
    driver = "af_packet"


class Tap(Counters, SystemTest):
    driver, queues, workers = "tap", 2, 2


if __name__ == "__main__":
    main()
