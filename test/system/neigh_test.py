# SPDX-License-Identifier: BSD-3-Clause
"""Neighbours: found, confirmed, lost, moved, and not too many of them."""
import concurrent.futures
import re
import socket
import threading
import time

from harness import CliError, Pair, SystemTest, main, ping, wait_for


class NeighLab(SystemTest):
    """Each test starts from an empty neighbour table; neigh_failure_test.py has more."""

    @classmethod
    def setUpLab(cls):
        cls.pair = Pair(cls.lab)
        cls.a, cls.b, cls.spated = cls.pair.a, cls.pair.b, cls.pair.spated

    def setUp(self):
        self.b_up()
        for host in (self.a, self.b):
            host.ip("neigh flush all")
        self.spated.do("neigh flush")
        self.assertEqual(self.spated.cli("neigh show"), [])

    def b_up(self):
        """A link that was down has lost its routes, and its addresses of IPv6."""
        self.b.ip("link set eth0 up")
        self.b.ip(f"addr replace {Pair.B6}/64 dev eth0 nodad")
        self.b.ip(f"route replace default via {Pair.R4B}")
        self.b.ip(f"-6 route replace default via {Pair.R6B}")

    def check(self):
        self.spated.check_conserved()


class Neigh(NeighLab):
    """Neighbours that are there."""

    def test_resolution(self):
        before = self.spated.drops()
        for address, mine in ((Pair.B4, Pair.A4), (Pair.B6, Pair.A6)):
            with self.subTest(address):
                # Sent at once: they wait for B's answer together, in their order.
                out = ping(self.a, address, 5, "-l", "5").stdout
                self.assertEqual(re.findall(r"icmp_seq=(\d)", out)[:5], list("12345"))
                neigh = self.spated.neigh(address)
                self.assertEqual((neigh["state"], neigh["lladdr"], neigh["iface"], neigh["held"]),
                                 ("reachable", self.b.mac("eth0"), "p1", 0))
                # A asked us, so it is known, if not proven.
                self.assertIn(self.spated.neigh(mine)["state"], ("stale", "delay", "reachable"))
                route = self.spated.cli(f"route get {address}")
                self.assertEqual(route["way"], f"via {address} dev p1")
        self.assertEqual(self.spated.dropped_since(before), {})
        self.check()

    def test_held_are_bounded(self):
        """More packets than are held for one neighbour: the oldest go, by name."""
        self.b.ip("link set eth0 arp off")
        before = self.spated.drops().get("neigh_queue_full", 0)
        with self.a.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            ping(self.a, Pair.R4A)
            for _ in range(60):
                sock.sendto(b"x", (Pair.B4, 9))
        wait_for(lambda: self.spated.drops().get("neigh_queue_full", 0) - before == 12,
                 "12 of 60 packets are dropped")
        self.assertEqual(self.spated.neigh(Pair.B4)["held"], 48)
        with self.b.sniffer("eth0") as sniffer:
            self.b.ip("link set eth0 arp on")
            self.spated.wait_neigh(Pair.B4, "reachable")
            sniffer.wait(48, "UDP packets", lambda frame: frame[23] == 17)
        self.check()

    def test_mac_change(self):
        for address in (Pair.B4, Pair.B6):
            ping(self.a, address)
        old = self.b.mac("eth0")
        new = "02:00:00:00:77:01" if old != "02:00:00:00:77:01" else "02:00:00:00:77:02"
        before = self.spated.cli("neigh stats")["mac_changes"]
        self.b.ip(f"link set eth0 address {new}")
        # B tells: gratuitous ARP and an unsolicited NA, or whatever it asks us.
        for address, target in ((Pair.B4, Pair.R4B), (Pair.B6, Pair.R6B)):
            self.b.ip("neigh flush all")
            ping(self.b, target)
            ping(self.a, address, 3)
            self.assertEqual(self.spated.neigh(address)["lladdr"], new)
        self.assertGreaterEqual(self.spated.cli("neigh stats")["mac_changes"] - before, 2)
        self.check()

    def test_static(self):
        mac = self.b.mac("eth0")
        for address in (Pair.B4, Pair.B6):
            wrong = "02:00:00:00:00:99"
            self.spated.do(f"neigh add {address} lladdr {wrong} dev p1")
            self.assertEqual(self.spated.neigh(address)["state"], "permanent")
            # What B says does not count against what the user says.
            ping(self.b, Pair.R4B, check=False, timeout=0.3)
            self.assertEqual(self.spated.neigh(address)["lladdr"], wrong)
            self.assertIn("0 received", ping(self.a, address, 1, check=False, timeout=0.3).stdout)
            self.spated.do(f"neigh add {address} lladdr {mac} dev p1")
            ping(self.a, address)
            self.spated.do("neigh flush")
            self.assertEqual(self.spated.neigh(address)["lladdr"], mac)
            self.assertIn(f"neigh add {address} lladdr {mac} dev p1", self.spated.do("config show"))
            self.spated.do(f"neigh del {address} dev p1")
            self.assertIsNone(self.spated.neigh(address))
            ping(self.a, address)
        for command, word in (("neigh add 10.0.1.1 lladdr 02:00:00:00:00:01 dev p1", "itself"),
                              ("neigh add 10.0.1.9 lladdr ff:ff:ff:ff:ff:ff dev p1", "group"),
                              ("neigh add 10.0.1.9 lladdr 02:00:00:00:00:01 dev p9", "p9"),
                              ("neigh del 10.0.1.9 dev p1", "10.0.1.9")):
            with self.assertRaises(CliError) as caught:
                self.spated.do(command)
            self.assertIn(word, caught.exception.text)
        self.check()

    def test_flush_under_traffic(self):
        """Flushed, a neighbour is found again; nothing is lost but by name."""
        self.pair.warm_up()
        before = self.spated.drops()
        with self.b.sniffer("eth0") as sniffer, \
                self.b.socket(socket.AF_INET, socket.SOCK_DGRAM) as sink, \
                self.a.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sink.bind(("", 9))
            for i in range(500):
                sock.sendto(i.to_bytes(4, "big"), (Pair.B4, 9))
                if i % 100 == 50:
                    self.spated.do("neigh flush")
                time.sleep(0.001)
            self.spated.quiet()
            arrived = len(sniffer.wait(1, "UDP", lambda f: f[12:14] == b"\x08\0" and f[23] == 17))
        named = sum(self.spated.dropped_since(before).values())
        self.assertEqual(arrived + named, 500)
        self.assertGreater(arrived, 400)
        self.check()

    def test_scan(self):
        """Somebody asks for thousands of neighbours that are not there."""
        self.pair.warm_up()
        self.spated.do("addr add 10.77.0.1/16 p1")
        try:
            limit = self.spated.cli("neigh stats")["entries_max"]
            self.spated.quiet()
            buffers = self.spated.available()
            before, drops = self.spated.cli("neigh stats"), self.spated.drops()
            rx = self.spated.stats()["rx"]
            done = threading.Event()

            def others():
                lost = []
                while not done.is_set():
                    lost.append("1 received" not in ping(self.a, Pair.B4, check=False).stdout)
                return lost
            count = 0
            with concurrent.futures.ThreadPoolExecutor(1) as pool, \
                    self.a.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                pinging = pool.submit(others)
                try:
                    for i in range(256, 65280, 4):
                        try:
                            sock.sendto(b"", (f"10.77.{i >> 8}.{i & 255}", 9))
                            count += 1
                        except OSError:
                            pass  # tells of an earlier one
                        if i % 512 == 0:
                            # No more on the way than the smallest queue holds.
                            wait_for(lambda: self.spated.stats()["rx"] - rx > count - 128,
                                     "the scan arrives", interval=0.001)
                finally:
                    done.set()
                lost = pinging.result()
            after = self.spated.cli("neigh stats")
            self.assertLessEqual(after["entries_high"], limit)
            self.assertLessEqual(after["incomplete"], 1024)
            self.assertGreater(after["refused"] - before["refused"], 0)
            self.assertGreater(len(lost), 0)
            self.assertFalse(any(lost), f"{sum(lost)} of {len(lost)} pings of others were lost")

            def all_named():
                return sum(self.spated.dropped_since(drops).values()) >= count
            wait_for(all_named, "all packets of the scan are dropped by name", 15)
            new = set(self.spated.dropped_since(drops))
            self.assertLessEqual(new, {"neigh_table_full", "neigh_failed", "neigh_queue_full",
                                       "punt_rate_limited", "punt_ring_full", "inject_ring_full"})
            self.assertIn("neigh_table_full", new)
            self.check()
            wait_for(lambda: self.spated.available() == buffers, "all buffers are back")
        finally:
            self.spated.do("addr del 10.77.0.1/16 p1")


if __name__ == "__main__":
    main()
