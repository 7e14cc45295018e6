# SPDX-License-Identifier: BSD-3-Clause
"""Which worker gets which packet: shown, predicted, and changed while packets flow."""
import collections
import socket
import struct
import threading
import time

from harness import CliError, Pair, SystemTest, main, ping, wait_for

FLOWS = 20


class NumberedFlows:
    """Numbered datagrams of many flows from A to B while the block runs; what came, in its order."""

    def __init__(self, pair):
        self.sink = pair.b.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sink.setsockopt(socket.SOL_SOCKET, 33, 16 << 20)  # SO_RCVBUFFORCE
        self.sink.bind(("", 9))
        self.sink.settimeout(0.5)
        self.socks = []
        for _ in range(FLOWS):
            sock = pair.a.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.connect((Pair.B4, 9))
            self.socks.append(sock)
        self.sent = 0  # of each flow
        self.received = 0
        self.seen = collections.defaultdict(list)
        self.ending = threading.Event()
        self.threads = [threading.Thread(target=run) for run in (self.send, self.receive)]

    def send(self):
        while not self.ending.is_set():
            # No more on the way than the smallest queue holds.
            if self.sent * FLOWS - self.received < 128:
                for sock in self.socks:
                    sock.send(struct.pack("!I", self.sent))
                self.sent += 1
            time.sleep(0.002)

    def receive(self):
        while True:
            try:
                data, source = self.sink.recvfrom(64)
                self.seen[source[1]].append(struct.unpack("!I", data)[0])
                self.received += 1
            except TimeoutError:
                if self.ending.is_set():
                    return

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        for thread in self.threads:
            thread.join()
        for sock in (*self.socks, self.sink):
            sock.close()


class UnderTraffic(SystemTest):
    @classmethod
    def setUpLab(cls):
        cls.pair = Pair(cls.lab, workers=2, queues=2)
        cls.spated = cls.pair.spated
        cls.pair.warm_up()

    def workers_of(self, port):
        return {row["queue"]: row["worker"] for row in self.spated.cli(f"queue show {port}")}

    def test_queues_change_workers(self):
        """To and fro, both on one worker and each on its own: all arrives, in order."""
        drops = self.spated.drops()
        with NumberedFlows(self.pair) as flows:
            for i in range(30):
                self.spated.do(f"queue set p0 rxq 0 worker {i % 2}",
                               f"queue set p0 rxq 1 worker {i // 2 % 2}")
                self.assertEqual(self.workers_of("p0"),
                                 {"rx0": i % 2, "rx1": i // 2 % 2, "tx0": 0, "tx1": 1})
                sent = flows.sent
                wait_for(lambda sent=sent: flows.sent > sent + 10, "packets are sent")
        self.assertEqual(len(flows.seen), FLOWS)
        for source, numbers in flows.seen.items():
            self.assertEqual(numbers, list(range(flows.sent)), f"flow {source}")
        self.assertEqual(self.spated.dropped_since(drops), {})
        self.spated.check_conserved()

    def test_queue_counters(self):
        self.pair.warm_up()
        with NumberedFlows(self.pair) as flows:
            wait_for(lambda: flows.sent > 50, "packets are sent")
            wait_for(lambda: any(row["packets_per_s"] > 0
                                 for row in self.spated.cli("queue show p0")), "a rate is known")
        rows = {(row["port"], row["queue"]): row for row in self.spated.cli("queue show")}
        self.assertEqual(len(rows), 8)
        rx = [rows["p0", f"rx{i}"] for i in range(2)]
        self.assertGreaterEqual(sum(row["packets"] for row in rx), FLOWS * flows.sent)
        for row in rx:
            self.assertGreater(row["descriptors"], 0)
            self.assertGreater(row["polls_empty"], 0)
            self.assertGreaterEqual(row["bytes"], 42 * row["packets"])
        self.assertEqual(sum(rows["p1", f"tx{i}"]["drops"] for i in range(2)), 0)

    def test_software(self):
        """Hashed in software, all goes where it is predicted to, and in order."""
        drops = self.spated.drops()
        self.addCleanup(self.spated.do, "rss set p0 software off")
        self.spated.do("rss set p0 software on", "rss set p0 equal 1")
        with NumberedFlows(self.pair) as flows:
            wait_for(lambda: flows.sent > 20, "packets are sent")
            self.spated.do("rss set p0 equal 2", "rss set p0 symmetric on")
            wait_for(lambda: flows.sent > 60, "packets are sent")
            self.spated.do("rss set p0 reta 1", "queue set p0 rxq 0 worker 0",
                           "queue set p0 rxq 1 worker 0")
            before = self.spated.stats("0")["rx"]
            sent = flows.sent
            wait_for(lambda: flows.sent > sent + 50, "packets are sent")
            after = self.spated.stats("0")["rx"]
        self.assertLess(after - before, 100)  # worker 0 polls them, 1 works on them
        for source, numbers in flows.seen.items():
            self.assertEqual(numbers, list(range(flows.sent)), f"flow {source}")
        self.assertEqual(self.spated.dropped_since(drops), {})
        self.check_balance(flows)
        way = self.spated.cli(f"rss predict p0 udp {Pair.A4}:4000 {Pair.B4}:53")
        self.assertEqual((way["by"], way["queue"], way["worker"]), ("software", None, 1))
        self.assertEqual(way["bucket"], int(way["hash"], 16) % 128)
        self.assertIn("rss set p0 software on", self.spated.do("config show"))
        self.spated.do("rss set p0 software off")
        self.assertNotIn("rss set p0", self.spated.do("config show"))
        self.spated.check_conserved()

    def check_balance(self, flows):
        """The buckets that packets came in by are those of the flows."""
        self.spated.do("rss balance count p0 on")
        predicted = set()
        for source in flows.seen:
            way = self.spated.cli(f"rss predict p0 udp {Pair.A4}:{source} {Pair.B4}:9")
            predicted.add(way["bucket"])
        with NumberedFlows(self.pair) as again:
            wait_for(lambda: self.spated.cli("rss balance show p0")["buckets"], "buckets", 5)
            # Loads are those of the second that has passed.
            wait_for(lambda: self.spated.cli("rss balance show p0")["workers"][1]["percent"] > 90,
                     "the flows are worker 1's", 10)
            balance = self.spated.cli("rss balance show p0")
        for source in again.seen:
            way = self.spated.cli(f"rss predict p0 udp {Pair.A4}:{source} {Pair.B4}:9")
            predicted.add(way["bucket"])
        self.assertEqual({row["worker"] for row in balance["buckets"]}, {1})
        self.assertLessEqual({row["bucket"] for row in balance["buckets"]}, predicted)
        self.assertAlmostEqual(sum(row["percent"] for row in balance["buckets"]), 100, delta=2)
        self.assertEqual([row["worker"] for row in balance["workers"]], [0, 1])
        self.assertGreater(sum(row["packets_per_s"] for row in balance["queues"]), 0)
        self.assertIn("rss balance count p0 on", self.spated.do("config show"))

    def test_without_rss(self):
        """Nobody knows where the kernel's fanout leads, but everybody what the flow hash is."""
        flow = f"udp {Pair.A4}:4000 {Pair.B4}:53"
        way = self.spated.cli(f"rss predict p0 {flow}")
        self.assertEqual((way["by"], way["bucket"], way["queue"], way["worker"]),
                         ("software", None, None, None))
        self.assertEqual(self.spated.cli(f"rss predict p1 flow {flow}")["hash"], way["hash"])
        for command, says in (("rss set p0 equal 2", "no RSS"),
                              ("rss set p0 reta 0", "rss set p0 software on"),
                              ("rss set p0 bucket 5 queue 1", "rss set p0 software on"),
                              ("rss set p0 symmetric on", "no RSS"),
                              ("rss balance count p0 on", "cannot be counted"),
                              ("rss predict p9 " + flow, "no port"),
                              (f"rss predict p0 udp {Pair.A4}:1 {Pair.B6}", "families"),
                              ("queue set p0 rxq 2 worker 0", "2 rx queues"),
                              ("queue set p0 rxq 0 worker 2", "no worker 2")):
            with self.subTest(command), self.assertRaises(CliError) as caught:
                self.spated.do(command)
            self.assertIn(says, caught.exception.text)


class OtherQueues(SystemTest):
    """A device without a table is set up anew, and goes on where it was."""

    @classmethod
    def setUpLab(cls):
        cls.host = cls.lab.namespace()
        cls.spated = cls.lab.spated(cls.host, [
            "port add p0 devargs net_tap0,iface=t0 rxq 4 txq 4", "addr add 10.7.0.1/24 p0"],
            workers=4)
        # The driver gives the kernel's end the same MAC as the port's.
        cls.host.ip("link set t0 address 02:00:00:00:00:07 up")
        cls.lab.address(cls.host, "10.7.0.2/24", dev="t0")

    def test_tap(self):
        ping(self.host, "10.7.0.1")
        for count in (1, 3, 4, 2):
            self.spated.do(f"port set p0 rxq {count}")
            rows = self.spated.cli("queue show p0")
            self.assertEqual([row["queue"] for row in rows],
                             [f"rx{i}" for i in range(count)] + [f"tx{i}" for i in range(count)])
            self.assertIsNotNone(self.spated.neigh("10.7.0.2"))
            ping(self.host, "10.7.0.1")
            self.assertIn(f"rxq {count} txq {count}", self.spated.do("config show"))
        with self.assertRaises(CliError):
            self.spated.do("port set p0 rxq 2 txq 1")
        with self.assertRaises(CliError):
            self.spated.do("port set p0 rxq 17")
        self.spated.check_conserved()

    def test_af_packet(self):
        """The kernel's fanout does not know which queues are polled."""
        self.host.ip("link add v0 type veth peer name v1")
        for count in (1, 3):
            with self.assertRaises(CliError):
                self.spated.do(f"port add a0 devargs net_af_packet9,iface=v0,qpairs=2 rxq {count}")
        self.spated.do("port add a0 devargs net_af_packet9,iface=v0,qpairs=2")
        self.assertEqual(len(self.spated.cli("queue show a0")), 4)
        with self.assertRaises(CliError):
            self.spated.do("port set a0 rxq 1")
        self.spated.do("port del a0")


class Settings(SystemTest):
    """On net_null, which takes all settings."""

    SETTINGS = ("queue set n0 rxq 2 worker 0",
                "rss set n0 fields ipv4 ipv4-tcp ipv6-udp",
                "rss set n0 key " + 20 * "6d5b",
                "port set n0 rxq 3",
                "rss set n0 reta 0-2,2,1")

    @classmethod
    def setUpLab(cls):
        cls.spated = cls.lab.spated(cls.lab.namespace(), workers=2)

    def setUp(self):
        self.spated.do("port add n0 devargs net_null0,no-rx=1 rxq 4")

    def tearDown(self):
        self.spated.do("port del n0")

    def shown(self):
        return self.spated.cli("rss show n0")

    def said(self):
        """What was set. The workers of other queues are chosen anew each time."""
        shown = self.shown()
        return {**shown, "queues": shown["queues"][2]}

    def lines(self):
        return [line for line in self.spated.do("config show").splitlines() if " n0" in line]

    def test_table(self):
        self.assertEqual((self.shown()["reta"], self.shown()["reta_size"]), ("0-3", 128))
        self.spated.do("rss set n0 equal 3")
        self.assertEqual(self.shown()["buckets"], [i % 3 for i in range(128)])
        self.spated.do("rss set n0 weight 1,0,3")
        self.assertEqual(self.shown()["buckets"], 32 * [0] + 96 * [2])
        self.assertEqual([row["buckets"] for row in self.shown()["queues"]], [32, 0, 96, 0])
        self.spated.do("rss set n0 bucket 0-3,127 queue 1")
        self.assertEqual(self.shown()["buckets"], 4 * [1] + 28 * [0] + 95 * [2] + [1])
        self.spated.do("rss set n0 reta 3")
        self.assertEqual(self.shown()["reta"], "3")
        for command in ("rss set n0 equal 5", "rss set n0 reta 0,4", "rss set n0 reta 0-128",
                        "rss set n0 weight 0,0", "rss set n0 bucket 128 queue 0"):
            with self.subTest(command), self.assertRaises(CliError):
                self.spated.do(command)
        self.assertEqual(self.shown()["reta"], "3")

    def test_key_and_fields(self):
        default = self.shown()
        self.assertTrue(default["key"].startswith("6d:5a:56:da"))
        self.assertFalse(default["symmetric"])
        self.spated.do("rss set n0 symmetric on")
        self.assertEqual(self.shown()["key"], ":".join(20 * ["6d:5a"]))
        self.assertTrue(self.shown()["symmetric"])
        there, back = ("10.0.0.1:1000", "10.9.9.9:2000"), ("10.9.9.9:2000", "10.0.0.1:1000")
        ways = [self.spated.cli("rss predict n0 tcp " + " ".join(way)) for way in (there, back)]
        self.assertEqual(ways[0], ways[1])
        self.assertEqual(ways[0]["bucket"], int(ways[0]["hash"], 16) % 128)
        self.assertEqual(ways[0]["queue"], ways[0]["bucket"] % 4)
        self.spated.do("rss set n0 symmetric off")
        self.assertEqual(self.shown(), default)
        self.spated.do("rss set n0 fields ipv4-udp")
        self.assertEqual(self.shown()["fields"], ["ipv4-udp"])
        way = self.spated.cli("rss predict n0 tcp " + " ".join(there))
        self.assertEqual((way["hash"], way["bucket"], way["queue"]), (None, None, 0))
        self.spated.do("rss set n0 fields none")
        self.assertEqual(self.shown()["fields"], [])
        self.spated.do("rss set n0 fields default", "rss set n0 key default")
        self.assertEqual(self.shown(), default)
        for key in ("6d5a", 39 * "00", 41 * "00", "6d:5", "xx" + 39 * "00", "default1"):
            with self.subTest(key), self.assertRaises(CliError):
                self.spated.do(f"rss set n0 key {key}")

    def test_config(self):
        """What was set is in the configuration, and comes back with it, and after down and up."""
        self.assertEqual(len(self.lines()), 1)
        self.spated.do(*self.SETTINGS)
        lines, said = self.lines(), self.said()
        self.assertEqual(len(lines), 6)
        self.spated.do("port down n0", "port up n0")
        self.assertEqual(self.said(), said)
        self.spated.do("port del n0", *lines)
        self.assertEqual(self.lines(), lines)
        self.assertEqual(self.said(), said)

    def test_undo(self):
        """A configuration that fails half way leaves no trace."""
        self.spated.do(*self.SETTINGS)
        before, path = self.spated.do("config show"), self.lab.path("bad.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write("rss set n0 fields default\nrss set n0 symmetric on\nrss set n0 equal 3\n"
                       "queue set n0 rxq 2 worker 1\nport set n0 rxq 4\nrss set n0 bucket 128 queue 0\n")
        with self.assertRaises(CliError):
            self.spated.do(f"config load {path}")
        self.assertEqual(self.spated.do("config show"), before)


if __name__ == "__main__":
    main()
