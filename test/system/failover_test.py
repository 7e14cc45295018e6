# SPDX-License-Identifier: BSD-3-Clause
"""Paths of both families that fail in mid-traffic, by link and by neighbour: which flows move, and
what is lost."""
import contextlib
import socket
import threading
import time

from harness import SystemTest, Timeout, main, ping, wait_for

PREFIX4, PREFIX6 = "198.51.100.0/24", "2001:db8:ff::/64"
DST = {socket.AF_INET: "198.51.100.1", socket.AF_INET6: "2001:db8:ff::1"}
PORTS = range(20000, 20064)
FLOWS = [(family, port) for family in DST for port in PORTS]


def datagram(frame):
    """(flow, round) of one of ours, or None."""
    for family, kind, proto, l4 in ((socket.AF_INET, b"\x08\0", 23, 34),
                                    (socket.AF_INET6, b"\x86\xdd", 20, 54)):
        if frame[12:14] == kind and frame[proto] == 17 and len(frame) >= l4 + 12:
            return ((family, int.from_bytes(frame[l4:l4 + 2], "big")),
                    int.from_bytes(frame[l4 + 8:l4 + 12], "big"))
    return None


class Traffic:
    """Sends on many flows until it is stopped; counts what arrives at each path's device."""

    def __init__(self, host, places):
        self.sniffers = [namespace.sniffer(dev, inbound) for namespace, dev, inbound in places]
        self.socks = []
        for family, port in FLOWS:
            sock = host.socket(family, socket.SOCK_DGRAM)
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind(("", port))
            self.socks.append(sock)
        self.rounds = 0
        self.ending = False
        self.thread = threading.Thread(target=self._send, daemon=True)
        self.thread.start()

    def _send(self):
        while not self.ending:
            for sock in self.socks:
                sock.sendto(self.rounds.to_bytes(4, "big"), (DST[sock.family], 53))
            self.rounds += 1
            time.sleep(0.05)

    def end(self):
        """No more is sent."""
        self.ending = True
        self.thread.join()

    def close(self):
        self.end()
        for thing in self.sniffers + self.socks:
            thing.close()

    def arrived(self):
        """{(flow, round): path}"""
        seen = {}
        for path, sniffer in enumerate(self.sniffers, 1):
            for frame in list(sniffer.frames):
                key = datagram(frame)
                if key is not None and key[0] in FLOWS:
                    seen[key] = path
        return seen

    def paths_at(self, number):
        """{flow: path} of one round."""
        return {flow: path for (flow, sent), path in self.arrived().items() if sent == number}

    def wait_rounds(self, count):
        end = self.rounds + count
        wait_for(lambda: self.rounds >= end, "traffic goes on", 30)


class Failover(SystemTest):
    """Three paths: two taps whose kernel ends stay here, so that a link can be taken from one, and
    a veth with a host behind it that can vanish."""

    @classmethod
    def setUpLab(cls):
        lab = cls.lab
        cls.router, cls.host, cls.peer = lab.namespace(), lab.namespace(), lab.namespace()
        lab.veth(cls.router, "p0", cls.host)
        lab.veth(cls.router, "p3", cls.peer)
        cls.spated = lab.spated(cls.router, [
            "port add p0 devargs net_af_packet0,iface=p0",
            "port add p1 devargs net_tap1,iface=t1", "port add p2 devargs net_tap2,iface=t2",
            "port add p3 devargs net_af_packet3,iface=p3",
            *[f"addr add {addr} p{i}" for i in range(4)
              for addr in (f"10.0.{i}.1/24", f"2001:db8:{i}::1/64")],
            *[f"neigh add {addr} lladdr 02:00:00:00:bb:0{i} dev p{i}" for i in (1, 2)
              for addr in (f"10.0.{i}.2", f"2001:db8:{i}::2")],
            f"route add {PREFIX4} via 10.0.1.2 via 10.0.2.2 via 10.0.3.2",
            f"route add {PREFIX6} via 2001:db8:1::2 via 2001:db8:2::2 via 2001:db8:3::2"])
        lab.address(cls.host, "10.0.0.2/24", "2001:db8:0::2/64")
        lab.address(cls.peer, "10.0.3.2/24", "2001:db8:3::2/64")
        cls.host.ip("route add default via 10.0.0.1")
        cls.host.ip("-6 route add default via 2001:db8:0::1")
        for dev in ("t1", "t2"):
            cls.router.ip(f"link set {dev} up")
        for namespace, addr in ((cls.peer, "10.0.3.1"), (cls.peer, "2001:db8:3::1"),
                                (cls.host, "10.0.0.1"), (cls.host, "2001:db8:0::1")):
            ping(namespace, addr)
        wait_for(lambda: cls.dead() == [], "all paths are up", 10)

    @classmethod
    def ways(cls):
        return [row for row in cls.spated.cli("nexthop show") if row["group"] is not None]

    @classmethod
    def dead(cls):
        """[(interface, flags)], the two families' in turn"""
        return sorted((row["way"].split()[3], row["flags"]) for row in cls.ways()
                      if row["flags"])

    def traffic(self):
        traffic = Traffic(self.host, [(self.router, "t1", True), (self.router, "t2", True),
                                      (self.peer, "eth0", True)])
        self.addCleanup(traffic.close)
        traffic.wait_rounds(10)
        return traffic

    def check(self, traffic, before, gone, down, back):
        """Rounds before, between and after: who moved, and that only the failed path lost."""
        first = traffic.paths_at(before)

        def lost():
            seen = traffic.arrived()
            return [(flow, number) for number in range(before, back) for flow in first
                    if (flow, number) not in seen and first[flow] != gone]
        with contextlib.suppress(Timeout):
            wait_for(lambda: not lost(), "what is under way arrives")
        self.assertEqual(lost(), [], "packets of other paths")
        first, during, last = (traffic.paths_at(number) for number in (before, down, back))
        for paths in (first, during, last):
            self.assertEqual(len(paths), len(FLOWS))
        for family in DST:
            self.assertEqual({path for flow, path in first.items() if flow[0] == family},
                             {1, 2, 3})
        self.assertNotIn(gone, during.values())
        for flow, path in first.items():
            if path != gone:
                self.assertEqual(during[flow], path, f"flow {flow} moved without need")
        self.assertEqual(last, first)

    def test_link(self):
        traffic = self.traffic()
        before = traffic.rounds - 5
        self.router.ip("link set t2 down")
        wait_for(lambda: self.dead() == [("p2", "dead linkdown")] * 2, "the link is missed", 10)
        for prefix in (PREFIX4, PREFIX6):
            self.assertIn("dead linkdown", self.spated.cli(f"route show {prefix}")[0]["way"])
        traffic.wait_rounds(10)
        down = traffic.rounds - 5
        self.router.ip("link set t2 up")
        wait_for(lambda: self.dead() == [], "the link is back", 10)
        traffic.wait_rounds(10)
        back = traffic.rounds - 5
        traffic.wait_rounds(2)
        traffic.end()
        self.check(traffic, before, 2, down, back)

    def test_neighbour(self):
        traffic = self.traffic()
        before = traffic.rounds - 5
        # With the link down the port would notice that first.
        self.peer.ip("addr flush dev eth0")
        wait_for(lambda: self.dead() == [("p3", "dead")] * 2, "the neighbours have failed", 60)
        traffic.wait_rounds(10)
        down = traffic.rounds - 5
        self.peer.ip("addr add 10.0.3.2/24 dev eth0")
        self.peer.ip("addr add 2001:db8:3::2/64 dev eth0 nodad")
        wait_for(lambda: self.dead() == [], "the neighbours are back", 20)
        traffic.wait_rounds(10)
        back = traffic.rounds - 5
        traffic.wait_rounds(2)
        traffic.end()
        self.check(traffic, before, 3, down, back)
        self.spated.check_conserved()


if __name__ == "__main__":
    main()
