# SPDX-License-Identifier: BSD-3-Clause
"""Steering rules: packets of many flows on the worker that was asked for, none lost, all in order."""
import collections
import socket
import struct
import threading
import time

from harness import CliError, Pair, SystemTest, main, ping, wait_for

FLOWS = 24
PORT = 5300  # of the first flow's destination


class Flows:
    """Numbered datagrams from A to FLOWS ports of B while the block runs; what came, in its order."""

    def __init__(self, pair):
        self.sinks = []
        for i in range(FLOWS):
            sink = pair.b.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sink.setsockopt(socket.SOL_SOCKET, 33, 1 << 20)  # SO_RCVBUFFORCE
            sink.bind(("", PORT + i))
            sink.setblocking(False)
            self.sinks.append(sink)
        self.source = pair.a.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sent = 0  # of each flow
        self.seen = collections.defaultdict(list)
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self.send)

    def send(self):
        while not self.ending.is_set():
            # No more on the way than the smallest queue holds.
            if self.sent * FLOWS - sum(map(len, self.seen.values())) < 128:
                for i in range(FLOWS):
                    self.source.sendto(struct.pack("!I", self.sent), (Pair.B4, PORT + i))
                self.sent += 1
            self.receive()
            time.sleep(0.002)

    def receive(self):
        for i, sink in enumerate(self.sinks):
            try:
                while True:
                    self.seen[i].append(struct.unpack("!I", sink.recv(64))[0])
            except BlockingIOError:
                pass

    def wait(self, more):
        sent = self.sent
        wait_for(lambda: self.sent > sent + more, "packets are sent")

    def complete(self):
        self.receive()
        return all(len(self.seen[i]) == self.sent for i in range(FLOWS))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.thread.join()
        try:
            wait_for(self.complete, "all packets arrive")
        finally:
            for sock in (self.source, *self.sinks):
                sock.close()


class Steering(SystemTest):
    @classmethod
    def setUpLab(cls):
        cls.pair = Pair(cls.lab, workers=3, queues=2)
        cls.spated = cls.pair.spated
        cls.pair.warm_up()

    def tearDown(self):
        self.spated.do("flow del p0 all")

    def rules(self):
        return {row["id"]: row for row in self.spated.cli("flow show p0")}

    def rx(self):
        return [self.spated.stats(str(i))["rx"] for i in range(3)]

    def check_order(self, flows):
        for i in range(FLOWS):
            self.assertEqual(flows.seen[i], list(range(flows.sent)), f"flow {i}")

    def test_all_on_one_worker(self):
        """Worker 2 polls no queue: what it gets the rule has led there."""
        drops = self.spated.drops()
        self.spated.do("queue set p0 rxq 0 worker 0", "queue set p0 rxq 1 worker 1",
                       "queue set p1 rxq 0 worker 0", "queue set p1 rxq 1 worker 1")
        self.spated.do("flow add p0 match dst 10.0.1.0/24 proto udp worker 2")
        before = self.rx()
        with Flows(self.pair) as flows:
            flows.wait(40)
        got = [now - then for now, then in zip(self.rx(), before)]
        self.assertGreaterEqual(got[2], FLOWS * flows.sent)
        self.assertLess(got[0] + got[1], 50)  # ARP and the like
        rule = self.rules()[0]
        self.assertEqual(rule["packets"], FLOWS * flows.sent)
        self.assertEqual((rule["by"], rule["to"]), ("software", "worker 2"))
        way = self.spated.cli(f"rss predict p0 udp {Pair.A4}:9 {Pair.B4}:{PORT}")
        self.assertEqual((way["flow_rule"], way["worker"]), (0, 2))
        way = self.spated.cli(f"rss predict p0 tcp {Pair.A4}:9 {Pair.B4}:{PORT}")
        self.assertIsNone(way["flow_rule"])
        way = self.spated.cli(f"rss predict p0 udp {Pair.A4}:9 {Pair.B4}:{PORT} vlan 5")
        self.assertIsNone(way["flow_rule"])
        self.check_order(flows)
        self.assertEqual(self.spated.dropped_since(drops), {})
        self.spated.check_conserved()

    def test_changes_under_traffic(self):
        """Rules come and go, their queue changes its worker: every packet arrives, in order."""
        drops = self.spated.drops()
        with Flows(self.pair) as flows:
            for round_ in range(8):
                for i in range(0, FLOWS, 3):
                    self.spated.do(f"flow add p0 match proto udp dport {PORT + i} "
                                   f"queue {(i + round_) % 2} priority {i % 4}")
                self.spated.do("flow add p0 match proto udp worker 2 priority 9")
                flows.wait(5)
                self.spated.do(f"queue set p0 rxq {round_ % 2} worker {round_ % 3}")
                flows.wait(5)
                self.spated.do("flow del p0 all")
        self.check_order(flows)
        self.assertEqual(self.spated.dropped_since(drops), {})
        self.spated.check_conserved()

    def test_each_to_its_own(self):
        """Every flow has a rule; each rule counts its own packets, and no others."""
        for i in range(FLOWS):
            self.spated.do(f"flow add p0 match proto udp src {Pair.A4} dport {PORT + i} "
                           f"worker {i % 3}")
        with Flows(self.pair) as flows:
            flows.wait(20)
        rules = self.rules()
        self.assertEqual(len(rules), FLOWS)
        for rule in rules.values():
            self.assertEqual(rule["packets"], flows.sent, rule["match"])
        self.check_order(flows)


class Tap(SystemTest):
    """The one virtual device with rte_flow: by the kernel's traffic control, if that has flower."""

    @classmethod
    def setUpLab(cls):
        cls.host = cls.lab.namespace()
        cls.spated = cls.lab.spated(cls.host, [
            "port add p0 devargs net_tap0,iface=t0 rxq 2 txq 2", "addr add 10.7.0.1/24 p0",
            "queue set p0 rxq 0 worker 0", "queue set p0 rxq 1 worker 1"], workers=2)
        # The driver gives the kernel's end the same MAC as the port's.
        cls.host.ip("link set t0 address 02:00:00:00:00:07 up")
        cls.lab.address(cls.host, "10.7.0.2/24", dev="t0")
        ping(cls.host, "10.7.0.1")

    def check(self):
        """Pings are worked on by the worker of queue 1, whoever leads them there."""
        before = self.spated.stats("1")["rx"]
        ping(self.host, "10.7.0.1", 5)
        self.assertGreaterEqual(self.spated.stats("1")["rx"], before + 5)

    def test_queue(self):
        self.spated.do("flow add p0 match src 10.7.0.2/32 proto icmp queue 1")
        self.check()
        # Set up anew: the device is told again.
        self.spated.do("port set p0 rxq 3 txq 3", "queue set p0 rxq 1 worker 1")
        self.check()
        rule, = self.spated.cli("flow show")
        if rule["by"] == "software":
            self.assertGreaterEqual(rule["packets"], 10)
        self.spated.do("flow del p0 0")
        ping(self.host, "10.7.0.1")
        self.spated.check_conserved()


class Rules(SystemTest):
    """What can be said, on net_null."""

    LINES = ("flow add n0 match proto tcp dport 179 queue 3 id 5",
             "flow add n0 match vlan 7 dst 2001:db8::/32 queue 2 priority 4 id 0",
             "flow add n0 match src 10.0.0.0/8 dst 192.0.2.1/32 proto udp sport 53 worker 1 "
             "priority 4 id 1",
             "flow add n0 match eth-type 0x0806 queue 0 priority 7 id 2",
             "flow add n0 match proto 47 queue 1 priority 8 id 3",
             "flow add n0 match queue 1 priority 9 id 4")

    @classmethod
    def setUpLab(cls):
        cls.spated = cls.lab.spated(cls.lab.namespace(), workers=2)

    def setUp(self):
        self.spated.do("port add n0 devargs net_null0,no-rx=1 rxq 4")

    def tearDown(self):
        self.spated.do("port del n0")

    def lines(self):
        return tuple(line for line in self.spated.do("config show").splitlines()
                     if line.startswith("flow "))

    def test_config(self):
        """What was said is in the configuration, and comes back with it, and after down and up."""
        self.spated.do(*self.LINES)
        self.assertEqual(self.lines(), self.LINES)
        self.spated.do("port down n0")
        self.assertEqual({row["by"] for row in self.spated.cli("flow show n0")}, {None})
        self.spated.do("port up n0", "port down n0", "flow del n0 all", *self.LINES, "port up n0")
        self.assertEqual(self.lines(), self.LINES)
        shown = self.spated.cli("flow show")
        self.assertEqual([row["id"] for row in shown], [5, 0, 1, 2, 3, 4])
        self.assertEqual(shown[1]["match"], "vlan 7 dst 2001:db8::/32")
        self.assertEqual(shown[5]["match"], "all")

    def test_undo(self):
        """A configuration that fails half way leaves no trace."""
        self.spated.do(*self.LINES)
        path = self.lab.path("bad.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write("flow del n0 0\nflow add n0 match proto sctp queue 0\nflow del n0 all\n"
                       "flow add n0 match queue 4\n")
        with self.assertRaises(CliError):
            self.spated.do(f"config load {path}")
        self.assertEqual(self.lines(), self.LINES)

    def test_refused(self):
        self.spated.do("flow add n0 match proto tcp dport 179 queue 3")
        for command, says in (
                ("flow add n0 match queue 4", "4 rx queues"),
                ("flow add n0 match worker 2", "no worker 2"),
                ("flow add n9 match queue 0", "no port"),
                ("flow add n0 match dport 53 queue 0", "tcp, udp or sctp"),
                ("flow add n0 match proto nonsense queue 0", "a protocol is"),
                ("flow add n0 match proto 256 queue 0", "a protocol is"),
                ("flow add n0 match src 10.0.0.1/8 queue 0", "beyond its length"),
                ("flow add n0 match src 10.0.0.0/8 dst fd00::/8 queue 0", "families"),
                ("flow add n0 match eth-type 0x8100 queue 0", "vlan"),
                ("flow add n0 match proto tcp dport 179 queue 1 priority 3", "rule 0"),
                ("flow add n0 match proto tcp dport 180 queue 1 id 0", "a rule 0"),
                ("flow del n0 7", "no rule 7"),
                ("port set n0 rxq 3", "flow del n0 0")):
            with self.subTest(command), self.assertRaises(CliError) as caught:
                self.spated.do(command)
            self.assertIn(says, caught.exception.text)
        self.assertEqual(len(self.lines()), 1)


if __name__ == "__main__":
    main()
