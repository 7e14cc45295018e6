# SPDX-License-Identifier: BSD-3-Clause
"""Bench clients and servers: two VRFs of one daemon that load each other, and sockets of the kernel on
the other side. Nothing here depends on how fast it goes."""
import contextlib
import socket
import struct
import threading

from harness import CliError, Pair, SystemTest, main, wait_for

RR = 2
# Over a cable, between two VRFs.
CABLE = ("vrf add red", "port add c0 cable peer c1 queues 2", "port add c1 cable peer c0 queues 2",
         "iface set c1 vrf red", "addr add 10.9.0.1/24 dev c0", "addr add 10.9.0.2/24 dev c1",
         "addr add 2001:db8:9::1/64 dev c0", "addr add 2001:db8:9::2/64 dev c1")


class Bench(SystemTest):
    """Two workers; what is measured lasts a second."""

    @classmethod
    def setUpLab(cls):
        cls.pair = Pair(cls.lab, driver="tap", queues=2, workers=2, config=(
            *CABLE, "service start bench-server", "service start bench-server vrf red",
            "service start udp-echo port 7"))
        cls.spated, cls.a = cls.pair.spated, cls.pair.a
        cls.pair.warm_up()

    def start(self, words, name="bench-client"):
        self.spated.do(f"service start bench-client mode {words} duration 1s"
                       + ("" if name == "bench-client" else f" name {name}"))
        return name

    def show(self, name):
        shown, = self.spated.cli(f"service show {name}")
        return shown

    def end(self, name):
        """@return its result"""
        shown = wait_for(lambda: self.show(name) if self.show(name)["state"] == "done" else None,
                         f"{name} is done", 15)
        self.spated.do("service stop bench-client"
                       + ("" if name == "bench-client" else f" name {name}"))
        self.assertEqual(shown["seconds"], 1.0)
        self.assertEqual(shown["open"], 0)
        return shown

    def served(self):
        rows = self.spated.cli("service show bench-server")
        return {key: sum(row[key] for row in rows)
                for key in ("open", "connections", "responses", "bytes_sent", "bytes_received", "bad")}

    def check_latency(self, shown, count):
        latency = shown["latency"]
        self.assertEqual(latency["count"], count)
        values = [latency[key] for key in ("min_us", "p50_us", "p90_us", "p99_us", "p999_us",
                                           "p9999_us", "max_us")]
        self.assertEqual(values, sorted(values))

    # ---- spated and spated ----

    def test_modes(self):
        """All at the same time, over both families."""
        before = self.served()
        names = [self.start(words, f"t{i}") for i, words in enumerate((
            "rr to 10.9.0.2 connections 5 size 100 response 3000",
            "crr to 2001:db8:9::2 connections 4",
            "send to 10.9.0.2 connections 2", "receive to 2001:db8:9::2",
            "rr to 10.9.0.2 udp connections 8 size 200 response 50"))]
        rr, crr, send, receive, udp = (self.end(name) for name in names)
        for shown in (rr, crr, udp):
            self.assertGreater(shown["transactions"], 0)
            self.check_latency(shown, shown["transactions"])
        self.assertEqual([shown["failed"] for shown in (rr, crr, send, receive)], [0] * 4)
        self.assertEqual((rr["opened"], send["opened"]), (5, 2))
        self.assertGreaterEqual(crr["opened"], crr["transactions"])
        self.assertGreaterEqual(rr["bytes_received"], rr["transactions"] * 3000)
        self.assertEqual(udp["bytes_received"], udp["transactions"] * 50)
        # How much goes in that time is for the machine to say.
        self.assertGreater(send["bytes_sent"], 0)
        self.assertGreater(receive["bytes_received"], 0)
        wait_for(lambda: self.served()["open"] == before["open"], "the server's have ended as well")
        self.assertEqual(self.served()["bad"], before["bad"])
        self.spated.check_conserved()

    def test_hold(self):
        self.spated.do("service start bench-client mode hold to 10.9.0.2 connections 100 "
                       "duration 60s name held")
        wait_for(lambda: self.show("held")["open"] == 100, "all are open", 30)
        self.check_latency(self.show("held"), 100)
        self.assertGreaterEqual(self.served()["open"], 100)
        self.spated.do("service stop bench-client name held")
        wait_for(lambda: self.served()["open"] == 0, "all are closed", 30)

    # ---- the kernel's server ----

    def serve(self, kind, run):
        """A thread that has a socket of A's. @return the port"""
        sock = self.a.socket(socket.AF_INET, kind)
        self.addCleanup(sock.close)
        sock.bind((Pair.A4, 0))
        sock.settimeout(20)
        if kind == socket.SOCK_STREAM:
            sock.listen(16)
        thread = threading.Thread(target=run, args=(sock,), daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        return sock.getsockname()[1]

    def test_raw_stream(self):
        """What is sent arrives, and nothing else."""
        heard = []

        def sink(listener):
            sock, _ = listener.accept()
            count = 0
            while piece := sock.recv(65536):
                count += len(piece)
            sock.close()
            heard.append(count)
        port = self.serve(socket.SOCK_STREAM, sink)
        shown = self.end(self.start(f"send to {Pair.A4} port {port} raw"))
        wait_for(lambda: heard, "the peer has it all")
        self.assertEqual(heard, [shown["bytes_sent"]])

    def test_raw_echo(self):
        def echo(listener):
            sock, _ = listener.accept()
            # The client ends in the middle of one.
            with sock, contextlib.suppress(OSError):
                while piece := sock.recv(65536):
                    sock.sendall(piece)
        port = self.serve(socket.SOCK_STREAM, echo)
        shown = self.end(self.start(f"rr to {Pair.A4} port {port} raw size 20000"))
        self.assertGreater(shown["transactions"], 0)
        self.assertGreaterEqual(shown["bytes_sent"], shown["transactions"] * 20000)

    def test_raw_datagrams(self):
        """A peer that says nothing for a while, and then answers."""
        def echo(sock):
            sock.recvfrom(2000)
            for _ in range(5):
                data, peer = sock.recvfrom(2000)
                sock.sendto(data, peer)
        port = self.serve(socket.SOCK_DGRAM, echo)
        name = "bench-client"
        self.spated.do(f"service start bench-client mode rr to {Pair.A4} port {port} udp raw "
                       "duration 20s")
        wait_for(lambda: self.show(name)["transactions"] == 5, "five are answered")
        shown = self.show(name)
        self.assertEqual((shown["state"], shown["lost"]), ("running", 1))
        self.spated.do("service stop bench-client")

    def test_nobody_there(self):
        """Refused connections are counted, and tried again; time does not run."""
        self.spated.do(f"service start bench-client mode crr to {Pair.A4} port 9 duration 1s")
        wait_for(lambda: self.show("bench-client")["failed"] > 1, "it is tried again")
        shown = self.show("bench-client")
        self.assertEqual((shown["state"], shown["seconds"], shown["opened"]), ("connecting", 0, 0))
        self.spated.do("service stop bench-client")

    # ---- the kernel's client ----

    def test_server(self):
        sock = self.a.socket(socket.AF_INET6, socket.SOCK_STREAM)
        self.addCleanup(sock.close)
        sock.settimeout(10)
        sock.connect((Pair.R6A, 5201))
        sock.sendall(struct.pack("!4sBBHII", b"spbn", 1, RR, 0, 10, 5000) + bytes(25))
        heard = 0
        while heard < 10000:
            heard += len(sock.recv(65536))
        sock.sendall(bytes(5))
        while heard < 15000:
            heard += len(sock.recv(65536))
        self.assertEqual(heard, 15000)
        bad = self.a.socket(socket.AF_INET6, socket.SOCK_STREAM)
        self.addCleanup(bad.close)
        bad.settimeout(10)
        bad.connect((Pair.R6A, 5201))
        bad.sendall(b"GET / HTTP/1.1\r\n")
        self.assertEqual(bad.recv(100), b"")

    def test_configuration(self):
        start = f"service start bench-client mode rr to {Pair.A4} port 7 connections 3 size 64"
        for words in ("response 100 duration 500ms udp", "duration 1s keepalive 50ms raw"):
            line = f"{start} {words} name n1 vrf red"
            self.spated.do(line)
            self.assertIn(line + "\n", self.spated.do("config show"))
            self.spated.do("service stop bench-client name n1 vrf red")
        for command, text in (
                ("service start bench-client mode crr to 10.0.0.2 udp", "mode rr only"),
                ("service start bench-client mode hold to 10.0.0.2 size 9", "rr and crr"),
                ("service start bench-client mode rr to 10.0.0.2 size 9 udp", "24 to 65507"),
                ("service start bench-client mode rr to 10.0.0.2 raw response 9", "an echo"),
                ("service start bench-client mode rr to fe80::1", "one host's"),
                ("service start bench-client mode rr to 10.0.0.2 udp keepalive 1s", "connections"),
                ("service start bench-client mode hold to 10.0.0.2 keepalive 1us", "1ms to"),
                ("service stop bench-client name nobody", "'service show' lists"),
                ("service start udp-discard port 5201", "taken")):
            with self.assertRaises(CliError) as refused:
                self.spated.do(command)
            self.assertIn(text, refused.exception.text)


if __name__ == "__main__":
    main()
