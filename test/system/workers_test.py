# SPDX-License-Identifier: BSD-3-Clause
"""More workers and queues change nothing but who does the work."""
import collections
import socket
import struct

from harness import Pair, SystemTest, main, ping, wait_for

FLOWS, PACKETS = 40, 50


class Workers:
    """The same traffic for each number of workers and each driver."""

    driver, queues, workers = "", 1, 1

    @classmethod
    def setUpLab(cls):
        cls.pair = Pair(cls.lab, driver=cls.driver, queues=cls.queues, workers=cls.workers)
        cls.a, cls.b, cls.spated = cls.pair.a, cls.pair.b, cls.pair.spated
        cls.pair.warm_up()

    def test_queues_have_workers(self):
        for port in ("p0", "p1"):
            show = self.spated.cli(f"port show {port}")
            workers = [queue["worker"] for queue in show["rx_queues"]]
            self.assertEqual(len(workers), self.queues)
            # Each has one; they are spread evenly.
            self.assertEqual(len(set(workers)), min(self.queues, self.workers))
        rows = self.spated.cli("worker show")
        self.assertEqual([row["worker"] for row in rows], list(range(self.workers)))
        self.assertEqual(sum(row["rxqs"] for row in rows), 2 * self.queues)

    def test_order(self):
        """Numbered packets of many flows: all arrive, each flow's in its order."""
        for family, address in ((socket.AF_INET, Pair.B4), (socket.AF_INET6, Pair.B6)):
            with self.subTest(address), self.b.socket(family, socket.SOCK_DGRAM) as sink:
                sink.setsockopt(socket.SOL_SOCKET, 33, 16 << 20)  # SO_RCVBUFFORCE
                sink.bind(("" if family == socket.AF_INET else "::", 9))
                sink.settimeout(10)
                before, drops = self.spated.stats("all"), self.spated.drops()
                socks = []
                for _ in range(FLOWS):
                    sock = self.a.socket(family, socket.SOCK_DGRAM)
                    sock.connect((address, 9))
                    socks.append(sock)
                seen = collections.defaultdict(list)

                def receive(count):
                    for _ in range(count):
                        data, source = sink.recvfrom(64)
                        seen[source[1]].append(struct.unpack("!I", data)[0])

                # Five of a flow in a row, so that bursts hold several of it; two rounds are on the
                # way at a time, which the smallest queue holds.
                for first in range(0, PACKETS, 5):
                    for sock in socks:
                        for number in range(first, first + 5):
                            sock.send(struct.pack("!I", number))
                    if first > 0:
                        receive(5 * FLOWS)
                receive(5 * FLOWS)
                for sock in socks:
                    sock.close()
                self.assertEqual(len(seen), FLOWS)
                for source, numbers in seen.items():
                    self.assertEqual(numbers, list(range(PACKETS)), f"flow {source}")
                self.assertGreaterEqual(self.spated.stats()["forwarded"] - before["forwarded"],
                                        FLOWS * PACKETS)
                self.assertEqual(self.spated.dropped_since(drops), {})
        self.spated.check_conserved()
        if self.queues > 1:
            busy = [row for row in self.spated.cli("worker show") if row["rx_packets"] > 0]
            self.assertGreater(len(busy), 1, "one worker did all the work")

    def test_services(self):
        """What is done elsewhere than on the workers works with any number of them."""
        self.spated.do("neigh flush")
        for address in (Pair.R4A, Pair.R6A, Pair.B4, Pair.B6):
            ping(self.a, address, 3)
        for address in (Pair.A4, Pair.B4, Pair.A6, Pair.B6):
            self.assertIn("2 received", self.spated.do(f"ping {address} count 2 interval 20"))
        self.spated.quiet()
        buffers = self.spated.available()
        self.spated.do("neigh flush", "pipeline clear", "drops show", "trace add 4")
        ping(self.a, Pair.B4, 4)
        traces = self.spated.cli("trace show")
        self.assertGreater(len(traces), 0)
        self.assertEqual(traces[0]["stages"][0]["stage"], "ether_input")
        self.spated.quiet()
        wait_for(lambda: self.spated.available() == buffers, "all buffers are back")


class AfPacket1(Workers, SystemTest):
    driver, queues, workers = "af_packet", 1, 1


class AfPacket2(Workers, SystemTest):
    driver, queues, workers = "af_packet", 4, 2


class Tap4(Workers, SystemTest):
    driver, queues, workers = "tap", 4, 4


class OneQueueForTwo(Workers, SystemTest):
    """Fewer queues than workers: one hands its packets to the other."""

    driver, queues, workers = "tap", 1, 2

    def test_order(self):
        super().test_order()
        handoff = sum(ring["enqueued"] for ring in self.spated.cli("ring show")
                      if ring["ring"] == "handoff")
        self.assertGreater(handoff, 0)


if __name__ == "__main__":
    main()
