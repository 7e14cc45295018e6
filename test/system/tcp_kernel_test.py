# SPDX-License-Identifier: BSD-3-Clause
"""Streams between the kernel's TCP and spated's: each opens, and each sends, by both families, with
every congestion control, over a cable that loses, reorders, doubles, spoils and delays. Every byte is
compared with what belongs there, by whoever receives it.

    SPATE_TCP_BYTES=2500000000   of each of the eight streams of a round (half a million)
    SPATE_TCP_IMPAIR="loss 1%; delay 50ms loss 0.1%"     with each of these every algorithm is tried,
                                 in place of a few of both; words of 'cable set', or none
    SPATE_TCP_CONGESTION="cubic bic"                     these algorithms alone
"""
import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor

from harness import Cabled, SystemTest, main, wait_for
from harness.pattern import RECEIVE, SEND, hello, receive_pattern, send_pattern

BYTES = int(os.environ.get("SPATE_TCP_BYTES", "500000"))
CONGESTION = os.environ.get("SPATE_TCP_CONGESTION", "cubic newreno vegas westwood bic").split()
# Without a wish, some of each.
FEW = (("cubic", "none"), ("newreno", "loss 2%"), ("vegas", "delay 5ms jitter 2ms"),
       ("westwood", "reorder 5% by 2ms duplicate 3%"), ("bic", "corrupt 1%"),
       ("cubic", "delay 10ms loss 1% reorder 1% by 5ms duplicate 1% corrupt 0.5%"))
FAMILIES = ((socket.AF_INET, Cabled.S4, Cabled.A4), (socket.AF_INET6, Cabled.S6, Cabled.A6))
PATIENCE_SECONDS = 60
BENCH_SERVER = "bench-server vrf services"


def rounds():
    wanted = os.environ.get("SPATE_TCP_IMPAIR")
    if wanted is None and "SPATE_TCP_CONGESTION" not in os.environ:
        return FEW
    return [(congestion, words.strip()) for words in (wanted or "none").split(";")
            for congestion in CONGESTION]


class TcpKernel(SystemTest):
    """Two workers; the streams of a round go at the same time."""

    @classmethod
    def setUpLab(cls):
        cls.net = Cabled(cls.lab, config=(f"service start {BENCH_SERVER}",), mbufs=16384)
        cls.spated, cls.a = cls.net.spated, cls.net.a
        cls.net.warm_up()

    def socket(self, family):
        sock = self.a.socket(family, socket.SOCK_STREAM)
        self.addCleanup(sock.close)
        sock.settimeout(PATIENCE_SECONDS)
        return sock

    # ---- the kernel opens ----

    def ask(self, family, address, mode):
        sock = self.socket(family)
        sock.connect((address, 5201))
        sock.sendall(hello(mode))
        return sock

    def kernel_to_server(self, family, address, _):
        """The server ends when it has all."""
        sock = self.ask(family, address, SEND)
        send_pattern(sock, BYTES)
        sock.shutdown(socket.SHUT_WR)
        self.assertEqual(sock.recv(1), b"")

    def server_to_kernel(self, family, address, _):
        self.assertEqual(receive_pattern(self.ask(family, address, RECEIVE), BYTES), BYTES)

    # ---- spated opens ----

    def accept(self, family, address, mode):
        """@return the kernel's end of a connection of a bench client"""
        listener = self.socket(family)
        listener.bind((address, 0))
        listener.listen()
        name = f"{mode}{'6' if family == socket.AF_INET6 else '4'}"
        self.spated.do(f"service start bench-client mode {mode} to {address} port "
                       f"{listener.getsockname()[1]} bytes {BYTES} duration 10000s raw verify "
                       f"name {name} vrf services")
        sock, _ = listener.accept()
        self.addCleanup(sock.close)
        sock.settimeout(PATIENCE_SECONDS)
        return sock

    def client_to_kernel(self, family, _, address):
        sock = self.accept(family, address, "send")
        self.assertEqual(receive_pattern(sock), BYTES)
        sock.close()

    def kernel_to_client(self, family, _, address):
        """The client ends when it has all."""
        sock = self.accept(family, address, "receive")
        send_pattern(sock, BYTES)
        self.assertEqual(sock.recv(1), b"")

    # ---- both ----

    def check_clients(self):
        for family in "46":
            for mode, count in (("send", "bytes_sent"), ("receive", "bytes_received")):
                def done(name=mode + family):
                    shown, = self.spated.cli(f"service show {name}")
                    return shown if shown["state"] == "done" else None
                shown = wait_for(done, f"{mode}{family} is done")
                self.assertEqual((shown[count], shown["bytes_wrong"], shown["opened"], shown["failed"]),
                                 (BYTES, 0, 1, 0))
                self.spated.do(f"service stop bench-client name {mode}{family} vrf services")

    @staticmethod
    def timed(stream, *family):
        begin = time.monotonic()
        stream(*family)
        return time.monotonic() - begin

    def run_round(self, congestion, kernels, words):
        # A service's listeners have what was set when it was started.
        self.a.sysctl("ipv4/tcp_congestion_control", kernels)
        self.spated.do(f"tcp set congestion {congestion} vrf services",
                       f"service stop {BENCH_SERVER}", f"service start {BENCH_SERVER}")
        self.net.impair(None if words == "none" else words)
        with ThreadPoolExecutor(8) as pool:
            streams = [pool.submit(self.timed, stream, *family) for family in FAMILIES
                       for stream in (self.kernel_to_server, self.server_to_kernel,
                                      self.client_to_kernel, self.kernel_to_client)]
            took = [f"{stream.result():.1f}" for stream in streams]
        self.check_clients()
        self.net.impair(None)
        server, = self.spated.cli("service show bench-server")
        self.assertEqual((server["bytes_received"], server["bytes_wrong"], server["bad"]),
                         (2 * BYTES, 0, 0))
        stats = next(row for row in self.spated.cli("tcp stats") if row["worker"] == "all")
        print(f"        {congestion}, the kernel's {kernels}, {words}: {BYTES} bytes each in "
              f"{' '.join(took)} s; of all so far {stats['retrans_segs']} segments sent again, "
              f"{stats['timeouts']} timeouts, {stats['undos']} undone", flush=True)

    def test_streams(self):
        with open("/proc/sys/net/ipv4/tcp_allowed_congestion_control", encoding="ascii") as file:
            kernels = file.read().split()
        for i, (congestion, words) in enumerate(rounds()):
            with self.subTest(congestion=congestion, words=words):
                self.run_round(congestion, kernels[i % len(kernels)], words)
        self.spated.check_conserved()


if __name__ == "__main__":
    main()
