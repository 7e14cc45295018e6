# SPDX-License-Identifier: BSD-3-Clause
"""A connection between the kernel's TCP and spated's, from its opening to its end, and what both
say of it: `ss -ti` there, `tcp show` here."""
import errno
import socket

from harness import Cabled, main, ss, wait_for
from harness.pattern import receive_pattern
from harness.tcp_case import TcpCase

TCP_CLOSE = 7


class TcpStates(TcpCase):
    """Who opens, who ends, and how."""

    def kill(self, sock):
        local, remote = (self.net.endpoint(name) for name in
                         (sock.getpeername(), sock.getsockname()))
        self.spated.do(f"tcp kill {local} {remote} vrf services")

    # ---- what both say ----

    def check_views(self, sock, sent, received, **agreed):
        """At rest; `sent` and `received` are the kernel's."""
        wait_for(lambda: self.net.view(sock)["sender"]["in_flight"] == 0, "all is acknowledged")
        theirs, ours = ss(self.a, sock), self.net.view(sock)
        self.assertEqual((theirs["state"], ours["state"]), ("ESTAB", "ESTABLISHED"))
        for name, flag in (("sack", "sack"), ("timestamps", "ts"), ("ecn", "ecn")):
            self.assertEqual((ours["agreed"][name], flag in theirs["flags"]), (agreed[name],) * 2, name)
        self.assertEqual(ours["agreed"]["window_scaling"], agreed["scaling"])
        self.assertEqual("wscale" in theirs, agreed["scaling"])
        if agreed["scaling"]:
            self.assertEqual(theirs["wscale"],
                             [ours["agreed"]["rcv_wscale"], ours["agreed"]["snd_wscale"]])
        mss = (1460 if sock.family == socket.AF_INET else 1440) - 12 * agreed["timestamps"]
        self.assertEqual((ours["agreed"]["snd_mss"], theirs["mss"]), (mss, mss))
        self.assertEqual((ours["agreed"]["pmtu"], theirs["pmtu"]), (1500, 1500))
        self.assertEqual((ours["totals"]["bytes_received"], theirs["bytes_received"]),
                         (sent, received))
        # Whose SYN it was counts it, too.
        self.assertIn((ours["totals"]["bytes_acked"] - received, theirs.get("bytes_acked", 0) - sent),
                      ((0, 1), (1, 0)))
        self.assertEqual(theirs.get("bytes_sent", 0) - theirs.get("bytes_retrans", 0), sent)
        # Not all that is sent has to arrive; of half-open connections neither counts segments.
        self.assertLessEqual(ours["totals"]["segments_in"], theirs["segs_out"] + 1)
        self.assertLessEqual(theirs["segs_in"], ours["totals"]["segments_out"] + 1)
        self.assertGreaterEqual(ours["sender"]["cwnd"], mss)
        self.assertGreater(theirs["cwnd"], 0)
        # Of a path that takes 5 ms each way; but a worker that has no CPU between looking at the clock and
        # at its queues takes what came meanwhile for older.
        self.assertGreaterEqual(ours["times"]["min_rtt_us"], 5000)
        self.assertGreaterEqual(theirs["minrtt"], 9.9)
        self.assertGreaterEqual(ours["times"]["srtt_us"], 5000)
        self.assertGreaterEqual(ours["times"]["rto_us"], 200000)
        # What spated offers the kernel knows, less what the scale cuts off.
        self.assertIn(ours["receiver"]["rcv_wnd"] - int(theirs["snd_wnd"]),
                      range(1 << ours["agreed"]["rcv_wscale"]))

    def sysctl(self, **values):
        for name, value in values.items():
            self.a.sysctl(f"ipv4/tcp_{name}", value)

    def test_views(self):
        """With what the kernel agrees to, one thing missing at a time, whoever opens."""
        defaults = {"sack": 1, "timestamps": 1, "window_scaling": 1, "ecn": 2}
        self.addCleanup(self.sysctl, **defaults)
        self.impair("delay 5ms")
        for change in ({}, {"sack": 0}, {"timestamps": 0}, {"window_scaling": 0}, {"ecn": 1}):
            values = {**defaults, **change}
            self.sysctl(**values)
            agreed = {"sack": bool(values["sack"]), "timestamps": bool(values["timestamps"]),
                      "scaling": bool(values["window_scaling"]), "ecn": values["ecn"] == 1}
            for address in self.EVERY:
                with self.subTest(change, opens="kernel", to=address):
                    sock = self.connect(address, self.ECHO)
                    sock.sendall(bytes(30000))
                    self.receive(sock, 30000)
                    self.check_views(sock, 30000, 30000, **agreed)
        for address in (Cabled.A4, Cabled.A6):
            with self.subTest(opens="spated", to=address):
                with self.client("rr", "size 20000", address) as sock:
                    self.receive(sock, 20000)
                    self.check_views(sock, 0, 20000, sack=True, timestamps=True, scaling=True,
                                     ecn=False)

    # ---- opening ----

    def test_simultaneous_open(self):
        """RFC 9293 3.5: both connect, and nobody listens."""
        self.addCleanup(self.net.impair, None)
        for i, (address, here) in enumerate(((Cabled.S4, Cabled.A4), (Cabled.S6, Cabled.A6))):
            theirs, ours = 41000 + i, 42000 + i
            before = self.spated.cli("ephemeral show")
            ports = next(row["range"] for row in before if row["proto"] == "tcp")
            self.spated.do(f"ephemeral set proto tcp range {ours}")
            self.addCleanup(self.spated.do, f"ephemeral set proto tcp range {ports}")
            # Both SYNs are on their way for so long that they cross.
            self.net.impair("delay 400ms")
            self.spated.do(f"service start bench-client mode rr to {here} port {theirs} raw "
                           "size 1000 duration 1000s vrf services")
            self.addCleanup(self.spated.do, "service stop bench-client vrf services")

            def attempt(host=address, name=here, theirs=theirs, ours=ours):
                sock = self.socket(host)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                sock.bind((name, theirs))
                try:
                    sock.connect((host, ours))
                except ConnectionRefusedError:
                    # It came when spated had just been refused, too.
                    sock.close()
                    return None
                return sock
            sock = wait_for(attempt, "both SYNs cross", 20)
            self.net.impair(None)
            self.assertEqual(self.receive(sock, 1000), bytes(1000))
            self.assertEqual((ss(self.a, sock)["state"], self.net.state(sock.getsockname())),
                             ("ESTAB", "ESTABLISHED"))
            sock.sendall(bytes(1000))
            self.assertEqual(self.receive(sock, 1000), bytes(1000))
            self.reset(sock)
            self.doCleanups()

    # ---- ends ----

    def test_half_close_by_spated(self):
        """Its end of data is no end of the kernel's."""
        with self.client("send", "bytes 100000 verify") as sock:
            self.assertEqual(receive_pattern(sock), 100000)
            self.wait_state(sock, "FIN-WAIT-2")
            self.assertEqual(ss(self.a, sock)["state"], "CLOSE-WAIT")
            sock.sendall(bytes(200000))
            wait_for(lambda: self.net.view(sock)["totals"]["bytes_received"] == 200000,
                     "data comes the other way")
            self.wait_state(sock, "FIN-WAIT-2")
            sock.close()
            shown = wait_for(lambda: next((row for row in self.spated.cli("service show bench-client")
                                           if row["state"] == "done"), None), "the client is done")
            self.assertEqual((shown["opened"], shown["failed"]), (1, 0))

    def test_half_close_by_the_kernel(self):
        """RFC 9293 3.6: what it has asked for before still comes, and then the end."""
        for address in self.EVERY:
            sock = self.connect(address, self.ECHO)
            name = sock.getsockname()
            sock.sendall(bytes(300000))
            sock.shutdown(socket.SHUT_WR)
            self.assertEqual(len(self.receive(sock, 300001)), 300000)
            # Who has closed first keeps it in mind, which is the kernel.
            wait_for(lambda n=name: self.net.state(n) is None, "it is over")

    def states_with_spated(self):
        """(state, a socket whose other end is in it), one after the other."""
        sock = self.connect(Cabled.S4, self.ECHO)
        yield "ESTABLISHED", sock
        # Of what was asked for something is left, which cannot go.
        sock = self.connect(Cabled.S6, self.CHARGEN, SO_RCVBUF=4096)
        wait_for(lambda: self.net.view(sock)["sender"]["unsent"] > 0, "spated has more to send")
        sock.shutdown(socket.SHUT_WR)
        yield "LAST-ACK", sock
        with self.client("send", "bytes 20000", SO_RCVBUF=4096) as sock:
            yield "FIN-WAIT-1", sock
        with self.client("send", "bytes 10") as sock:
            self.assertEqual(self.receive(sock, 20), bytes(10))
            yield "FIN-WAIT-2", sock

    def test_reset_by_the_kernel(self):
        """RFC 9293 3.10.7.4: in each of these states it is over at once."""
        for state, sock in self.states_with_spated():
            with self.subTest(state):
                self.wait_state(sock, state)
                # Of these ends: a client of spated's connects anew.
                name, local = sock.getsockname(), sock.getpeername()
                self.reset(sock)
                wait_for(lambda n=name, o=local: self.net.state(n, o) is None, "spated's end is gone")

    def test_reset_by_spated(self):
        """Likewise, and the kernel believes it."""
        for state, sock in self.states_with_spated():
            with self.subTest(state):
                self.wait_state(sock, state)
                name, local = sock.getsockname(), sock.getpeername()
                self.kill(sock)
                wait_for(lambda s=sock: self.kernel_state(s) == TCP_CLOSE, "the kernel's end is over")
                # Of these ends: a client of spated's may have connected anew.
                self.assertIsNone(self.net.state(name, local))

    @staticmethod
    def kernel_state(sock):
        return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)[0]

    # ---- silence ----

    def test_keepalive(self):
        """Spated answers the kernel's probes for as long as the way is there."""
        sock = self.connect(Cabled.S4, self.DISCARD, SO_KEEPALIVE=1, TCP_KEEPIDLE=1, TCP_KEEPINTVL=1,
                            TCP_KEEPCNT=10)
        before = ss(self.a, sock)["segs_in"]
        wait_for(lambda: ss(self.a, sock)["segs_in"] > before, "a probe is answered")
        self.assertEqual(ss(self.a, sock)["state"], "ESTAB")
        # No sooner: a busy machine may owe an answer for a second.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 1)
        self.impair("loss 100%")
        with self.assertRaises(TimeoutError) as gone:
            sock.recv(1)
        self.assertEqual(gone.exception.errno, errno.ETIMEDOUT)

    def test_our_keepalive(self):
        """RFC 9293 3.8.4: the kernel answers spated's probes; when it does not, its end is gone."""
        for address in (Cabled.A4, Cabled.A6):
            with self.subTest(address), self.client("hold", "keepalive 200ms", address) as sock:
                before = ss(self.a, sock)["segs_in"]
                wait_for(lambda s=sock, n=before: ss(self.a, s)["segs_in"] >= n + 3, "probes come")
                self.assertEqual((ss(self.a, sock)["state"], self.net.state(sock.getsockname())),
                                 ("ESTAB", "ESTABLISHED"))
                drops = self.keepalive_drops()
                self.impair("loss 100%")
                wait_for(lambda n=drops: self.keepalive_drops() == n + 1, "spated gives up")
                # This end: the client tries to connect anew.
                names = sock.getsockname(), sock.getpeername()
                wait_for(lambda n=names: self.net.state(*n) is None, "its end is gone")
                shown, = self.spated.cli("service show bench-client")
                self.assertEqual((shown["opened"], shown["failed"]), (1, 1))
                self.doCleanups()

    def keepalive_drops(self):
        return next(row["keepalive_drops"] for row in self.spated.cli("tcp stats")
                    if row["worker"] == "all")

    def test_refused(self):
        """RFC 9293 3.10.7.3: in SYN-SENT, whoever asks."""
        for address in self.EVERY:
            with self.assertRaises(ConnectionRefusedError):
                self.connect(address, 4242)
        self.spated.do(f"service start bench-client mode hold to {Cabled.A6} port 4242 "
                       "duration 100s vrf services")
        self.addCleanup(self.spated.do, "service stop bench-client vrf services")
        wait_for(lambda: self.spated.cli("service show bench-client")[0]["failed"] >= 2,
                 "it is refused, and tries again")


if __name__ == "__main__":
    main()
