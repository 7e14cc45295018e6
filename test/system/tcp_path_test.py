# SPDX-License-Identifier: BSD-3-Clause
"""Streams between the kernel's TCP and spated's where readers stop, the way is long, gets narrower, or
swallows what is large."""
import socket

from harness import Cabled, main, ss, wait_for
from harness.pattern import PERIOD, RECEIVE, SEND, hello, receive_pattern, send_pattern
from harness.tcp_case import TcpCase


class TcpPath(TcpCase):
    """Windows, and path MTUs."""

    # ---- windows ----

    def test_zero_window_of_the_kernel(self):
        """Who does not read is asked again and again whether he does, and misses nothing."""
        for address in self.EVERY:
            sock = self.connect(address, self.BENCH, SO_RCVBUF=8192)
            sock.sendall(hello(RECEIVE))
            shown = wait_for(lambda s=sock: self.probed(s), "the window is closed, and probed")
            self.assertEqual(shown["state"], "ESTABLISHED")
            self.assertEqual(receive_pattern(sock, 2 * PERIOD), 2 * PERIOD)
            self.reset(sock)

    def probed(self, sock):
        shown = self.net.view(sock)
        return shown if shown["sender"]["snd_wnd"] < 1448 and shown["times"]["backoff"] >= 2 else None

    def test_zero_window_of_spated(self):
        """An echo that nobody reads stops reading; the kernel asks, and all comes back."""
        for address in self.EVERY:
            sock = self.connect(address, self.ECHO)
            sock.settimeout(0.2)
            self.sent = 0
            wait_for(lambda s=sock: not self.takes(s) and self.closed(s),
                     "spated's window is closed, and the kernel probes", 20, interval=0)
            sock.settimeout(20)
            sock.shutdown(socket.SHUT_WR)
            count = 0
            while piece := sock.recv(262144):
                self.assertEqual(piece.count(0), len(piece))
                count += len(piece)
            self.assertEqual(count, self.sent)

    def takes(self, sock):
        """@return whether the kernel took more; if not, spated may be slow only"""
        try:
            self.sent += sock.send(bytes(65536))
            return True
        except TimeoutError:
            return False

    def closed(self, sock):
        """What the scale cuts off the kernel does not see."""
        shown = self.net.view(sock)
        return (shown["receiver"]["rcv_wnd"] >> shown["agreed"]["rcv_wscale"] == 0 and
                "(persist," in str(ss(self.a, sock).get("timer", "")))

    def test_large_window(self):
        """More than 64 KiB on their way, both ways."""
        self.impair("delay 30ms")
        for mode in (SEND, RECEIVE):
            sock = self.connect(Cabled.S4, self.BENCH)
            sock.sendall(hello(mode))
            most = 0
            # A look at a busy machine's may come when all has arrived.
            for place in range(0, 30 << 20, 1 << 20):
                (send_pattern if mode == SEND else receive_pattern)(sock, 1 << 20, place)
                seen = ss(self.a, sock)
                most = max(most, seen.get("unacked", 0) * seen["mss"] if mode == SEND
                           else self.net.view(sock)["sender"]["in_flight"])
                if most > 65535 * 2:
                    break
            self.assertGreater(most, 65535 * 2)
            self.reset(sock)

    # ---- a path that gets narrower ----

    def mss(self, sock, mode):
        """Of who sends."""
        return ss(self.a, sock)["mss"] if mode == SEND else self.net.view(sock)["agreed"]["snd_mss"]

    def narrow(self, command, back, mode, address):
        """In the middle of a stream, which goes on in smaller segments. @return their data's size"""
        sock = self.connect(address, self.BENCH)
        sock.sendall(hello(mode))
        go = send_pattern if mode == SEND else receive_pattern
        go(sock, 300000)
        before = self.mss(sock, mode)
        try:
            self.spated.do(command)
            # Much may be in buffers, or on its way, already.
            for place in range(300000, 30000000, 1000000):
                go(sock, 1000000, place)
                mss = self.mss(sock, mode)
                if mss < before:
                    break
            go(sock, 1000000, place + 1000000)
            return mss
        finally:
            self.reset(sock)
            self.spated.do(back, "pmtu flush")
            self.a.ip("route flush cache")
            self.a.ip("-6 route flush cache")

    def test_mtu(self):
        """RFC 1191, 8201: by what routers say of their links, and of our own."""
        for iface, mode in (("c0", SEND), ("p0", RECEIVE), ("c1", RECEIVE)):
            for address, headers in ((Cabled.S4, 52), (Cabled.S6, 72)):
                with self.subTest(iface=iface, to=address):
                    mss = self.narrow(f"iface set {iface} mtu 1300", f"iface set {iface} mtu 1500",
                                      mode, address)
                    self.assertEqual(mss, 1300 - headers)

    def test_black_hole(self):
        """RFC 4821: a way that loses what is large, and says nothing."""
        for name in ("mtu_probing", "retries1"):
            self.addCleanup(self.a.sysctl, f"ipv4/tcp_{name}", 0 if name == "mtu_probing" else 3)
            self.a.sysctl(f"ipv4/tcp_{name}", 1)
        for port, mode in (("c0", SEND), ("c1", RECEIVE)):
            with self.subTest(port=port):
                mss = self.narrow(f'cable set {port} filter "greater 1400"',
                                  f"cable clear {port}", mode, Cabled.S4)
                self.assertLess(mss, 1350)


if __name__ == "__main__":
    main()
