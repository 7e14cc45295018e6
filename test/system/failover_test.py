# SPDX-License-Identifier: BSD-3-Clause
"""Paths that fail in mid-traffic, by link and by neighbour: which flows move, and what is lost."""
import socket
import threading
import time

from harness import SystemTest, main, ping, wait_for

PREFIX, DST = "198.51.100.0/24", "198.51.100.1"
FLOWS = 64


class Traffic:
    """Sends on many flows until it is stopped; counts what arrives at each path's device."""

    def __init__(self, host, places):
        self.sniffers = [namespace.sniffer(dev, inbound) for namespace, dev, inbound in places]
        self.socks = []
        for port in range(20000, 20000 + FLOWS):
            sock = host.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.bind(("", port))
            self.socks.append(sock)
        self.rounds = 0
        self.ending = False
        self.thread = threading.Thread(target=self._send, daemon=True)
        self.thread.start()

    def _send(self):
        while not self.ending:
            for sock in self.socks:
                sock.sendto(self.rounds.to_bytes(4, "big"), (DST, 53))
            self.rounds += 1
            time.sleep(0.05)

    def stop(self):
        self.ending = True
        self.thread.join()
        time.sleep(0.5)
        for thing in self.sniffers + self.socks:
            thing.close()

    def arrived(self):
        """{(flow, round): path}"""
        seen = {}
        for path, sniffer in enumerate(self.sniffers, 1):
            for frame in list(sniffer.frames):
                if frame[12:14] == b"\x08\0" and frame[23] == 17 and len(frame) >= 46:
                    key = (int.from_bytes(frame[34:36], "big"),
                           int.from_bytes(frame[42:46], "big"))
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
            *[f"addr add 10.0.{i}.1/24 p{i}" for i in range(4)],
            *[f"neigh add 10.0.{i}.2 lladdr 02:00:00:00:bb:0{i} dev p{i}" for i in (1, 2)],
            f"route add {PREFIX} via 10.0.1.2 via 10.0.2.2 via 10.0.3.2"])
        lab.address(cls.host, "10.0.0.2/24")
        lab.address(cls.peer, "10.0.3.2/24")
        cls.host.ip("route add default via 10.0.0.1")
        for dev in ("t1", "t2"):
            cls.router.ip(f"link set {dev} up")
        ping(cls.peer, "10.0.3.1")
        ping(cls.host, "10.0.0.1")
        wait_for(lambda: cls.dead() == [], "all paths are up", 10)

    @classmethod
    def ways(cls):
        return [row for row in cls.spated.cli("nexthop show") if row["group"] is not None]

    @classmethod
    def dead(cls):
        """[(interface, flags)]"""
        return [(row["way"].split()[3], row["flags"]) for row in cls.ways() if row["flags"]]

    def traffic(self):
        traffic = Traffic(self.host, [(self.router, "t1", True), (self.router, "t2", True),
                                      (self.peer, "eth0", True)])
        self.addCleanup(lambda: traffic.ending or traffic.stop())
        traffic.wait_rounds(10)
        return traffic

    def check(self, traffic, before, gone, down, back):
        """Rounds before, between and after: who moved, and that only the failed path lost."""
        first, during, last = (traffic.paths_at(number) for number in (before, down, back))
        for paths in (first, during, last):
            self.assertEqual(len(paths), FLOWS)
        self.assertEqual(set(first.values()), {1, 2, 3})
        self.assertNotIn(gone, during.values())
        for flow, path in first.items():
            if path != gone:
                self.assertEqual(during[flow], path, f"flow {flow} moved without need")
        self.assertEqual(last, first)
        seen = traffic.arrived()
        for number in range(before, back):
            for flow in first:
                if (flow, number) not in seen:
                    self.assertEqual(first[flow], gone, f"flow {flow} lost a packet")

    def test_link(self):
        traffic = self.traffic()
        before = traffic.rounds - 5
        self.router.ip("link set t2 down")
        wait_for(lambda: self.dead() == [("p2", "dead linkdown")], "the link is missed", 10)
        self.assertIn("dead linkdown", self.spated.cli(f"route show {PREFIX}")[0]["way"])
        traffic.wait_rounds(10)
        down = traffic.rounds - 5
        self.router.ip("link set t2 up")
        wait_for(lambda: self.dead() == [], "the link is back", 10)
        traffic.wait_rounds(10)
        back = traffic.rounds - 5
        traffic.wait_rounds(2)
        traffic.stop()
        self.check(traffic, before, 2, down, back)

    def test_neighbour(self):
        traffic = self.traffic()
        before = traffic.rounds - 5
        self.peer.ip("link set eth0 down")
        wait_for(lambda: self.dead() == [("p3", "dead")], "the neighbour has failed", 60)
        traffic.wait_rounds(10)
        down = traffic.rounds - 5
        self.peer.ip("link set eth0 up")
        wait_for(lambda: self.dead() == [], "the neighbour is back", 20)
        traffic.wait_rounds(10)
        back = traffic.rounds - 5
        traffic.wait_rounds(2)
        traffic.stop()
        self.check(traffic, before, 3, down, back)
        self.spated.check_conserved()


if __name__ == "__main__":
    main()
