# SPDX-License-Identifier: BSD-3-Clause
"""TCP services against sockets of the Linux kernel: RFC 9293, 862, 863, 864."""
import hashlib
import os
import selectors
import socket
import struct

from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether

from harness import CliError, Pair, SystemTest, main, wait_for
from harness.tcp_case import receive

EVERY = (Pair.R4A, Pair.R6A)
LINE = "".join(map(chr, range(32, 32 + 72))) + "\r\n"


class Tcp(SystemTest):
    """Two workers, with a queue each of both ports, and services on both."""

    @classmethod
    def setUpLab(cls):
        cls.pair = Pair(cls.lab, driver="tap", queues=2, workers=2, config=(
            "service start tcp-echo port 7",
            "service start tcp-discard port 9",
            "service start tcp-chargen port 19"))
        cls.spated, cls.a, cls.b = cls.pair.spated, cls.pair.a, cls.pair.b
        cls.pair.warm_up()

    def client(self, address, port, host=None, **options):
        sock = (host or self.a).socket(
            socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        self.addCleanup(sock.close)
        for option, value in options.items():
            level = socket.IPPROTO_TCP if option.startswith("TCP") else socket.SOL_SOCKET
            sock.setsockopt(level, getattr(socket, option), value)
        sock.settimeout(10)
        sock.connect((address, port))
        return sock

    def exchange(self, sock, data):
        """Send all and take what comes back until the end. @return its SHA-256 and length"""
        got, length, sent = hashlib.sha256(), 0, 0
        sock.setblocking(False)
        with selectors.DefaultSelector() as selector:
            selector.register(sock, selectors.EVENT_READ | selectors.EVENT_WRITE)
            while True:
                ready = selector.select(10)
                self.assertTrue(ready, f"stuck after {sent} bytes out and {length} back")
                events = ready[0][1]
                if events & selectors.EVENT_WRITE:
                    sent += sock.send(data[sent:sent + 65536])
                    if sent == len(data):
                        sock.shutdown(socket.SHUT_WR)
                        selector.modify(sock, selectors.EVENT_READ)
                if events & selectors.EVENT_READ:
                    piece = sock.recv(262144)
                    if not piece:
                        return got.hexdigest(), length
                    got.update(piece)
                    length += len(piece)

    def test_echo(self):
        """A few bytes, and some megabytes, come back as they were, and the end after them."""
        for address in (*EVERY, Pair.R4B, Pair.R6B):
            with self.subTest(address):
                sock = self.client(address, 7)
                sock.sendall(b"hello")
                self.assertEqual(receive(sock, 5), b"hello")
                data = os.urandom(3_000_000)
                self.assertEqual(self.exchange(sock, data),
                                 (hashlib.sha256(data).hexdigest(), len(data)))
        self.spated.check_conserved()

    def test_small_segments(self):
        """Byte by byte, without Nagle's algorithm."""
        sock = self.client(Pair.R4A, 7, TCP_NODELAY=1)
        for i in range(200):
            sock.send(bytes((i,)))
        self.assertEqual(receive(sock, 200), bytes(range(200)))

    def test_small_mss(self):
        """The least that peers ask for."""
        data = os.urandom(100_000)
        for address in EVERY:
            sock = self.client(address, 7, TCP_MAXSEG=88)
            self.assertEqual(self.exchange(sock, data)[0], hashlib.sha256(data).hexdigest())

    def test_many(self):
        """At once, on both workers; each gets its own bytes back."""
        socks = [self.client(address, 7) for address in EVERY for _ in range(100)]
        for i, sock in enumerate(socks):
            sock.send(b"%04d" % i * 1000)
        for i, sock in enumerate(socks):
            self.assertEqual(receive(sock, 4000), b"%04d" % i * 1000)
        for sock in socks:
            sock.shutdown(socket.SHUT_WR)
        for sock in socks:
            self.assertEqual(sock.recv(1), b"")
        self.spated.check_conserved()

    def test_discard(self):
        sock = self.client(Pair.R6A, 9)
        sock.sendall(bytes(1_000_000))
        sock.shutdown(socket.SHUT_WR)
        self.assertEqual(sock.recv(1), b"")

    def test_chargen_and_zero_window(self):
        """Who does not read stops the flow, and has lost nothing when he does again."""
        for address in EVERY:
            sock = self.client(address, 19, SO_RCVBUF=8192)
            wait_for(lambda s=sock: self.unread(s) > 4000, "the buffer is full")
            text = receive(sock, 2_000_000).decode()
            self.assertTrue(text.startswith(LINE))
            self.assertEqual(len(text), 2_000_000)
            lines = text.split("\r\n")[:-1]
            for first, second in zip(lines, lines[1:]):
                self.assertEqual(second[:71], first[1:])
            sock.close()
        self.spated.check_conserved()

    @staticmethod
    def unread(sock):
        return len(sock.recv(65536, socket.MSG_PEEK | socket.MSG_DONTWAIT)) if \
            selectors_ready(sock) else 0

    def test_reset(self):
        """By the peer, in the middle of data; the service goes on."""
        for address in EVERY:
            sock = self.client(address, 19)
            receive(sock, 10000)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.close()
            again = self.client(address, 7)
            again.send(b"still there?")
            self.assertEqual(receive(again, 12), b"still there?")

    def test_show_and_kill(self):
        """What the CLI says of connections is what the kernel says of its ends; and it can end them."""
        clients = [self.client(address, 7) for address in EVERY for _ in range(4)]
        for client in clients:
            client.sendall(b"0123456789")
            self.assertEqual(receive(client, 10), b"0123456789")
        ends = {self.endpoint(client.getsockname()): client for client in clients}
        rows = {row["remote"]: row for row in self.spated.cli("tcp show local-port 7")
                if row["remote"] in ends}
        self.assertEqual(set(rows), set(ends))
        self.assertEqual({(row["application"], row["state"], row["vrf"]) for row in rows.values()},
                         {("tcp-echo", "ESTABLISHED", "default")})
        client = clients[0]
        local, remote = self.endpoint(client.getpeername()), self.endpoint(client.getsockname())
        row, = self.spated.cli(f"tcp show remote {Pair.A4} remote-port {client.getsockname()[1]}")
        self.assertEqual((row["local"], row["remote"]), (local, remote))
        info = self.spated.cli(f"tcp show {local} {remote}")
        self.assertEqual((info["totals"]["bytes_received"], info["totals"]["bytes_acked"]), (10, 10))
        self.assertEqual(info["agreed"]["snd_mss"], 1448)
        self.assertTrue(info["agreed"]["sack"] and info["agreed"]["timestamps"])
        self.assertEqual((info["sender"]["congestion"], info["sender"]["in_flight"]), ("cubic", 0))
        self.assertEqual(self.spated.cli("tcp show state fin-wait-2"), [])
        self.assertEqual({"TIME-WAIT"} | {row["state"] for row in self.spated.cli(
            "tcp show state time-wait")}, {"TIME-WAIT"})

        self.spated.do(f"tcp kill {local} {remote}")
        with self.assertRaises(ConnectionResetError):
            client.recv(1)
        self.spated.do(f"tcp kill local-port 7 remote {Pair.A6}")
        for client in clients[4:]:
            with self.assertRaises(ConnectionResetError):
                client.recv(1)
        clients[1].sendall(b"alive")
        self.assertEqual(receive(clients[1], 5), b"alive")
        for command, text in ((f"tcp kill {local} {remote}", "'tcp show' lists them"),
                              ("tcp kill", "'tcp kill all'"),
                              ("tcp show state open", "SYN-SENT, "),
                              (f"tcp show {local} {Pair.A4}", "has a port"),
                              ("tcp set congestion best", "'tcp show congestion'")):
            with self.assertRaises(CliError) as refused:
                self.spated.do(command)
            self.assertIn(text, refused.exception.text)

    @staticmethod
    def endpoint(name):
        return f"[{name[0]}]:{name[1]}" if ":" in name[0] else f"{name[0]}:{name[1]}"

    def test_listeners_and_counters(self):
        listeners = self.spated.cli("tcp show listeners")
        self.assertEqual([(row["worker"], row["application"], row["local"]) for row in listeners
                          if row["local"] == "[*]:19"],
                         [(0, "tcp-chargen", "[*]:19"), (1, "tcp-chargen", "[*]:19")])
        names = {row["counter"] for row in self.spated.cli("tcp show counters")}
        stats = {row["worker"]: row for row in self.spated.cli("tcp stats")}
        self.assertEqual(set(stats), {"0", "1", "all"})
        self.assertLess(names, set(stats["all"]))
        for name in names:
            self.assertEqual(stats["0"][name] + stats["1"][name], stats["all"][name], name)

    def test_congestion_control(self):
        """A VRF's own, for connections from then on."""
        def used():
            client = self.client(Pair.R4A, 7)
            client.sendall(b"x")
            self.assertEqual(receive(client, 1), b"x")
            ends = [self.endpoint(name) for name in (client.getpeername(), client.getsockname())]
            return self.spated.cli(f"tcp show {ends[0]} {ends[1]}")["sender"]["congestion"]
        names = [row["congestion"] for row in self.spated.cli("tcp show congestion")]
        self.assertLessEqual({"cubic", "newreno", "vegas", "westwood", "bic"}, set(names))
        for name in ("vegas", "cubic"):
            # A service's listeners are opened when it is started.
            self.spated.do(f"tcp set congestion {name}", "service stop tcp-echo port 7",
                           "service start tcp-echo port 7")
            self.assertEqual(used(), name)
            self.assertEqual("tcp set congestion vegas" in self.spated.do("config show"),
                             name == "vegas")

    def test_policy(self):
        """What new connections do: as it was set, and as it is saved."""
        shown = {"ecn": "passive", "syn_cookies": True, "time_wait_reuse": True, "pacing": False}
        self.assertEqual(self.spated.cli("tcp show policy"), shown)
        lines = ["tcp set ecn on", "tcp set syn-cookies off", "tcp set time-wait-reuse off",
                 "tcp set pacing on"]
        self.spated.do(*lines)
        self.addCleanup(self.spated.do, "tcp set ecn passive", "tcp set syn-cookies on",
                        "tcp set time-wait-reuse on", "tcp set pacing off")
        config = self.spated.do("config show").splitlines()
        self.assertEqual([line for line in config if line in lines], lines)
        self.assertEqual(self.spated.cli("tcp show policy"),
                         {"ecn": "on", "syn_cookies": False, "time_wait_reuse": False,
                          "pacing": True})

    def test_offload(self):
        """Segments are processed together, or one by one: the peer sees no difference."""
        def merged():
            return next(row for row in self.spated.cli("tcp stats") if row["worker"] == "all")["gro_segs"]
        data = os.urandom(2_000_000)
        for gro, tso in (("off", "on"), ("off", "off"), ("on", "off"), ("on", "on")):
            self.spated.do(f"tcp set gro {gro}", f"tcp set tso {tso}")
            config, before = self.spated.do("config show"), merged()
            self.assertEqual([f"tcp set {which} off" in config for which in ("gro", "tso")],
                             [gro == "off", tso == "off"])
            self.assertEqual(self.spated.cli("tcp show offload"),
                             {"gro": gro == "on", "tso": tso == "on"})
            for address in EVERY:
                self.assertEqual(self.exchange(self.client(address, 7), data)[0],
                                 hashlib.sha256(data).hexdigest())
            self.assertEqual(merged() > before, gro == "on")
        self.spated.check_conserved()

    def test_closed_port(self):
        """RFC 9293 3.10.7.1; a service that is stopped resets what it has, and takes no more."""
        self.spated.do("service start tcp-echo port 4242")
        sock = self.client(Pair.R4A, 4242)
        sock.send(b"x")
        self.assertEqual(sock.recv(1), b"x")
        self.spated.do("service stop tcp-echo port 4242")
        self.assertEqual(sock.recv(1), b"")
        for address in EVERY:
            before = self.spated.drops()
            with self.assertRaises(ConnectionRefusedError):
                self.client(address, 4242)
            self.assertEqual(self.spated.dropped_since(before), {"tcp_no_port": 1})
        self.spated.do("service start tcp-echo port 4242")
        sock = self.client(Pair.R6A, 4242)
        self.spated.do("service stop tcp-echo port 4242")

    def test_malformed(self):
        """What is no segment is dropped with its name, and not answered."""
        ether = Ether(dst=self.spated.cli("port show p0")["mac"], src=self.a.mac("eth0"))
        raw = self.a.raw("eth0")
        self.addCleanup(raw.close)
        before = self.spated.drops()
        ip = IP(src=Pair.A4, dst=Pair.R4A)
        for packet in (ip / TCP(sport=4000, dport=7, flags="S", chksum=0x1234),
                       ip / TCP(sport=4000, dport=7, flags="S", dataofs=4),
                       ip / TCP(sport=4000, dport=7, flags="S", dataofs=15),
                       IP(src=Pair.A4, dst=Pair.R4A, proto=6) / b"short"):
            raw.send(bytes(ether / packet))
        wait_for(lambda: self.spated.dropped_since(before) == {
            "tcp_bad_checksum": 1, "tcp_malformed": 3}, "all are dropped")


def selectors_ready(sock):
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        return bool(selector.select(0))


if __name__ == "__main__":
    main()
