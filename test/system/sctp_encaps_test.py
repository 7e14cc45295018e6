# SPDX-License-Identifier: BSD-3-Clause
"""SCTP in UDP (RFC 6951), and with ECN (RFC 4960 A), against an SCTP that is not ours: messages come back
as they were, also while a NAT has the peer's packets come from another port, and while a router marks them."""
from harness import Cabled, CliError, SystemTest, main, wait_for
from harness.sctp_peer import SctpPeer

MESSAGES = 15
SIZES = f"1:{1 << 20}"
STREAMS = 16
OURS, THEIRS = 10000, 9899


class SctpEncaps(SystemTest):
    """Two workers: packets come to either, and it is the tag that says whose they are."""

    ECHO, ECN, PEER = 7, 1007, 9000

    @classmethod
    def setUpLab(cls):
        cls.net = Cabled(cls.lab, mbufs=16384, config=(
            f"sctp set udp-port {OURS} rto-initial 500 rto-min 200 rto-max 2000 out-streams {STREAMS}",
            f"sctp set receive-buffer {4 << 20} send-buffer {4 << 20}",
            f"service start sctp-echo port {cls.ECHO} vrf services",
            "sctp set ecn 1",
            f"service start sctp-echo port {cls.ECN} vrf services"))
        cls.spated = cls.net.spated
        cls.net.warm_up()

    def peer(self, port, *options, address=Cabled.S4, in_udp=True):
        """One at a time: two of usrsctp in a namespace would abort each other's associations."""
        udp = ("-e", f"{THEIRS}:{OURS}") if in_udp else ()
        peer = SctpPeer(self.net.a, "connect", "echo", port,
                        ("-r", address, "-S", STREAMS, *udp, *options))
        self.addCleanup(peer.close)
        return peer

    def stat(self, name):
        return next(row for row in self.spated.cli("sctp stats") if row["worker"] == "all")[name]

    def encaps_port(self):
        """Of the path that the association uses."""
        tag = self.spated.cli("sctp show")[0]["tag"]
        paths = self.spated.cli(f"sctp show {tag}")["paths"]
        return next(path["encaps_port"] for path in paths if path["primary"])

    def check_echo(self, peer):
        peer.wait("shutdown-complete .*", 60)
        result = peer.result()
        self.assertEqual(result.pop("received"), MESSAGES, result)
        result.pop("bytes")
        self.assertEqual(set(result.values()), {0}, result)
        peer.close()
        wait_for(lambda: not self.spated.cli("sctp show"), "all associations have ended")

    def impair(self, words):
        self.net.impair(words)
        self.addCleanup(self.net.impair, None)

    def test_echo(self):
        """By both families; also where packets are lost and reordered."""
        for words in (None, "loss 1% reorder 2% by 2ms duplicate 2%"):
            self.impair(words)
            for address in (Cabled.S4, Cabled.S6):
                with self.subTest(impair=words, address=address):
                    self.check_echo(self.peer(self.ECHO, "-n", MESSAGES, "-s", SIZES,
                                              address=address))

    def test_client(self):
        """Spated begins the association, in UDP, with a peer that listens; by both families."""
        self.spated.do(f"sctp set encaps-port {THEIRS}")
        self.addCleanup(self.spated.do, "sctp set encaps-port 0")
        for address in (Cabled.A4, Cabled.A6):
            with self.subTest(address=address):
                peer = SctpPeer(self.net.a, "listen", "echo", self.PEER,
                                ("-S", STREAMS, "-e", f"{THEIRS}:{OURS}"))
                self.addCleanup(peer.close)
                peer.wait("listening")
                self.spated.do(
                    f"service start bench-client mode rr to {address} port {self.PEER} size 30000 streams "
                    f"{STREAMS} sctp raw verify duration 1000s name t vrf services")
                stop = "service stop bench-client name t vrf services"
                self.addCleanup(self.spated.spate, "-c", stop)
                peer.wait("up .*")
                wait_for(lambda: self.spated.cli("service show t")[0]["transactions"] >= 200,
                         "requests are answered")
                self.assertEqual(self.encaps_port(), THEIRS)
                shown, = self.spated.cli("service show t")
                self.assertEqual((shown["messages_wrong"], shown["failed"]), (0, 0), shown)
                self.spated.do("sctp shutdown all")
                peer.wait("shutdown")
                self.spated.do(stop)
                peer.close()
                wait_for(lambda: not self.spated.cli("sctp show"), "all associations have ended")

    def test_udp_alone(self):
        """Both directions are in UDP, and our port is the one that was set."""
        peer = self.peer(self.ECHO, "-n", MESSAGES, "-q")
        peer.wait("up .*")
        self.assertEqual(self.encaps_port(), THEIRS)
        peer.do("send")
        peer.wait("complete")
        peer.do("shutdown")
        self.check_echo(peer)

    def test_rebind(self):
        """RFC 6951 5.4: a NAT has given the peer another port: ours follows, and nothing is lost."""
        for address in (Cabled.S4, Cabled.S6):
            with self.subTest(address=address):
                peer = self.peer(self.ECHO, "-n", MESSAGES, "-s", SIZES, "-q", address=address)
                peer.wait("up .*")
                self.assertEqual(self.encaps_port(), THEIRS)
                peer.do("rebind 20000")
                peer.do("send")
                peer.wait("complete", 60)
                self.assertEqual(self.encaps_port(), 20000)
                peer.do("shutdown")
                self.check_echo(peer)

    def test_port_in_use(self):
        """Our port is no socket's, nor may it be one that a socket has: who asks hears of it."""
        self.spated.do("service start udp-echo port 20001")
        self.addCleanup(self.spated.do, "service stop udp-echo port 20001")
        with self.assertRaises(CliError) as refused:
            self.spated.do("sctp set udp-port 20001")
        self.assertIn("port 20001", refused.exception.text)
        with self.assertRaises(CliError):
            self.spated.do(f"service start udp-echo port {OURS}")

    def test_both_ports(self):
        """To send in UDP, and not to hear what comes back so, is nothing that anybody wants."""
        with self.assertRaises(CliError) as refused:
            self.spated.do("sctp set udp-port 0 encaps-port 9899")
        self.assertIn("udp-port 9899", refused.exception.text)
        self.spated.do(f"sctp set encaps-port {THEIRS}")
        self.addCleanup(self.spated.do, "sctp set encaps-port 0")
        with self.assertRaises(CliError):
            self.spated.do("sctp set udp-port 0")
        self.assertIn(f"udp-port {OURS} encaps-port {THEIRS}", self.spated.do("config show"))

    def test_ecn(self):
        """A queue on the way marks in the place of losing: who sends slows down, and says so (CWR)."""
        self.impair("rate 20mbit limit 1000 aqm ecn target 1ms interval 10ms")
        before = {name: self.stat(name) for name in
                  ("ecn_marks", "ecn_cwrs", "ecn_echoes", "ecn_reductions")}
        # Not in UDP: there usrsctp marks nothing as capable.
        self.check_echo(self.peer(self.ECN, "-n", MESSAGES, "-s", "100000:300000", in_udp=False))
        now = {name: self.stat(name) - count for name, count in before.items()}
        for name in now:
            self.assertGreater(now[name], 0, now)


if __name__ == "__main__":
    main()
