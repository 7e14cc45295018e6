# SPDX-License-Identifier: BSD-3-Clause
"""SCTP's services against an SCTP that is not ours (RFC 9260): messages of all sizes on many streams, by
both families, over a cable that loses, reorders and doubles; ends from either side; peers that begin again;
extensions. Each message is compared with what it was, by the peer.

    SPATE_SCTP_MESSAGES=100000   of each transfer
    SPATE_SCTP_BYTES=1048576     of the largest one
    SPATE_TEST_DEADLINE=600      seconds that it all may take, and each transfer
    SPATE_SCTP_IMPAIR="loss 1%; delay 50ms loss 0.1%"     words of 'cable set', or none
"""
import os

from harness import Cabled, SystemTest, main, wait_for
from harness.sctp_peer import SctpPeer

MESSAGES = int(os.environ.get("SPATE_SCTP_MESSAGES", "128"))
IMPAIR = [words.strip() for words in os.environ.get(
    "SPATE_SCTP_IMPAIR", "none; loss 1% reorder 2% by 2ms duplicate 2%").split(";")]
PATIENCE_SECONDS = int(os.environ.get("SPATE_TEST_DEADLINE", "60"))
STREAMS = 64
SIZE_MAX = int(os.environ.get("SPATE_SCTP_BYTES", 1 << 20))
SIZES = f"1:{SIZE_MAX}"
# Of larger ones that come unordered, two usrsctp make a ruin of their heap, too.
UNORDERED_SIZES = f"1:{min(SIZE_MAX, 1 << 16)}"


class SctpUsrsctp(SystemTest):
    """Two workers, and services on both."""

    ECHO, DISCARD, CHARGEN, EXTENDED, SINK = 7, 9, 19, 1007, 9000

    @classmethod
    def setUpLab(cls):
        cls.net = Cabled(cls.lab, mbufs=32768, memory_mb=512, config=(
            f"sctp set rto-initial 500 rto-min 200 rto-max 2000 out-streams {STREAMS}",
            "sctp set forward-tsn 1 re-config 1 auth 1 asconf 1",
            # Large messages come in parts here, and wholly to those below.
            f"service start sctp-discard port {cls.DISCARD} vrf services",
            f"sctp set receive-buffer {4 << 20} send-buffer {4 << 20}",
            f"service start sctp-echo port {cls.ECHO} vrf services",
            f"service start sctp-chargen port {cls.CHARGEN} vrf services",
            "sctp set i-data 1 reset-requests 7",
            f"service start sctp-echo port {cls.EXTENDED} vrf services"))
        cls.spated = cls.net.spated
        cls.net.warm_up()

    def peer(self, work, port, *options, address=Cabled.S4):
        """One at a time: two of usrsctp in a namespace would abort each other's associations."""
        peer = SctpPeer(self.net.a, "connect", work, port,
                        ("-r", address, "-S", STREAMS, *options))
        self.addCleanup(peer.close)
        return peer

    def impair(self, words):
        self.net.impair(None if words == "none" else words)
        self.addCleanup(self.net.impair, None)

    def stat(self, name):
        return next(row for row in self.spated.cli("sctp stats") if row["worker"] == "all")[name]

    def transfer(self, *args, **more):
        """To its end. @return what has come back"""
        peer = self.peer(*args, **more)
        peer.wait("shutdown-complete .*", PATIENCE_SECONDS)
        result = peer.result()
        peer.close()
        return result

    def wait_none(self):
        wait_for(lambda: not self.spated.cli("sctp show"), "all associations have ended")

    def test_echo(self):
        """Messages come back as they were, on their streams, once; and then the end."""
        for impair in IMPAIR:
            self.impair(impair)
            for address in (Cabled.S4, Cabled.S6):
                for order in (("-s", SIZES), ("-s", UNORDERED_SIZES, "-u")):
                    with self.subTest(impair=impair, address=address, order=order):
                        result = self.transfer("echo", self.ECHO, "-n", MESSAGES, *order,
                                               address=address)
                        self.assertEqual(result.pop("received"), MESSAGES, result)
                        result.pop("bytes")
                        self.assertEqual(set(result.values()), {0}, result)
        self.wait_none()

    def test_discard(self):
        """Messages larger than the receive buffer are taken in parts."""
        for impair in IMPAIR:
            self.impair(impair)
            for address in (Cabled.S4, Cabled.S6):
                with self.subTest(impair=impair, address=address):
                    self.transfer("send", self.DISCARD, "-n", MESSAGES, "-s", SIZES,
                                  address=address)
        self.wait_none()
        self.assertGreater(self.stat("partial_deliveries"), 0)

    def test_shutdown_here(self):
        """RFC 9260 9.2, begun by spated: what was sent before arrives."""
        peer = self.peer("echo", self.ECHO, "-n", 100, "-q")
        peer.wait("up .*")
        peer.do("send")
        peer.wait("complete")
        self.spated.do("sctp shutdown all")
        peer.wait("shutdown")
        self.assertEqual(peer.result()["received"], 100)
        self.wait_none()

    def test_shutdown_there(self):
        peer = self.peer("echo", self.ECHO, "-n", 100, "-q")
        peer.wait("up .*")
        peer.do("send")
        peer.wait("complete")
        peer.do("shutdown")
        self.assertEqual(peer.result()["received"], 100)
        self.wait_none()

    def test_abort(self):
        """RFC 9260 9.1, by either side."""
        aborteds = self.stat("aborteds")
        peer = self.peer("send", self.CHARGEN, "-n", 1, "-q")
        peer.wait("up .*")
        self.spated.do("sctp abort all")
        peer.wait("lost .*")
        peer.close()
        peer = self.peer("send", self.DISCARD, "-n", 1, "-q")
        peer.wait("up .*")
        peer.do("abort")
        self.wait_none()
        self.assertEqual(self.stat("aborteds"), aborteds + 2)

    def test_restart(self):
        """RFC 9260 5.2.4 (A): a peer that has lost its state has an association as before."""
        restarts = self.stat("restarts")
        peer = self.peer("echo", self.ECHO, "-n", 100, "-q", "-l", 5000)
        peer.wait("up .*")
        sent = self.stat("out_data")
        peer.do("send")
        # With something in flight, the kernel would say that there is no SCTP any more, which ends it.
        wait_for(lambda: self.stat("out_data") >= sent + 100 and
                 all(row["in_flight"] + row["unsent"] == 0 for row in self.spated.cli("sctp show")),
                 "all has come back")
        peer.close()
        result = self.transfer("echo", self.ECHO, "-n", 100, "-l", 5000)
        self.assertEqual(result["received"], 100, result)
        self.assertEqual(self.stat("restarts"), restarts + 1)
        self.wait_none()

    # ---- extensions ----

    def check_echo(self, *options, impair="loss 1%"):
        self.impair(impair)
        result = self.transfer("echo", self.EXTENDED, "-n", MESSAGES, "-s", SIZES, *options)
        self.assertEqual(result.pop("received"), MESSAGES, result)
        result.pop("bytes")
        self.assertEqual(set(result.values()), {0}, result)

    def test_interleaved(self):
        """RFC 8260"""
        self.check_echo("-i")

    def test_authenticated(self):
        """RFC 4895: DATA that needs an AUTH chunk in front."""
        self.check_echo("-a")
        self.assertEqual(self.stat("auth_failed"), 0)

    def test_partial_reliability(self):
        """RFC 3758: the peer gives up what was lost, and the rest arrives."""
        self.impair("loss 5%")
        for port, options in ((self.DISCARD, ()), (self.EXTENDED, ("-i",))):
            forwards = self.stat("forwards_received")
            self.transfer("send", port, "-n", 300, "-s", "1:3000", "-p", "rtx:0", *options)
            self.assertGreater(self.stat("forwards_received"), forwards)

    def send(self, options, words, size=1000, count=1000):
        """Messages of a bench client to the peer, each looked at. @return what each end says of them"""
        peer = SctpPeer(self.net.a, "listen", "send", self.SINK, ("-k", "-S", STREAMS, *options))
        self.addCleanup(peer.close)
        peer.wait("listening")
        self.spated.do(f"service start bench-client mode send to {Cabled.A4} port {self.SINK} size {size} "
                       f"bytes {count * size} streams {STREAMS} {words} raw verify sctp duration 1000s "
                       "name t vrf services")
        self.addCleanup(self.spated.do, "service stop bench-client name t vrf services")

        def shown():
            row, = self.spated.cli("service show t")
            return row
        wait_for(lambda: shown()["state"] == "done", "all was sent", PATIENCE_SECONDS)
        shown, result = shown(), peer.result()
        self.assertEqual((shown["failed"], shown["messages_sent"]), (0, count), shown)
        self.assertEqual(result["damaged"], 0, result)
        return peer, result["received"], shown["messages_abandoned"]

    def test_partial_reliability_here(self):
        """RFC 3758, 7496: spated gives up messages. The others are whole, and each that does not arrive is
        counted; what was given up may have arrived, and only the word of it been lost."""
        self.impair("delay 5ms loss 5%")
        for words in ("retransmissions 0", "lifetime 20ms"):
            for options in ((), ("-i",)):
                with self.subTest(words=words, options=options):
                    forwards = self.stat("forwards_sent")
                    _, received, abandoned = self.send(options, words)
                    # Those that wait longer than they live were never sent: there is nothing to tell.
                    if words.startswith("retransmissions"):
                        self.assertGreater(self.stat("forwards_sent"), forwards)
                    self.assertLess(received, 1000)
                    self.assertGreaterEqual(received + abandoned, 1000)
                    self.doCleanups()
                    self.impair("delay 5ms loss 5%")

    def test_parts(self):
        """Messages larger than the peer's receive buffer, which it takes in parts."""
        peer, received, _ = self.send(("-B", 1 << 17), "", 1 << 20, 5)
        self.assertEqual(received, 5)
        peer.wait("in parts")

    def test_streams(self):
        """RFC 6525: streams and the association begin anew, and there are more streams."""
        peer = self.peer("echo", self.EXTENDED, "-n", 100, "-q")
        peer.wait("up .*")
        peer.do("send")
        peer.wait("complete")
        for command, said in (("reset-streams out", "stream-reset flags=2"),
                              ("reset-streams in", "stream-reset flags=1"),
                              ("add-streams 16", "stream-change in=64 out=80 flags=0"),
                              ("reset-assoc", "assoc-reset flags=0")):
            peer.do(command)
            peer.wait(said)
        peer.do("shutdown")
        self.assertEqual(peer.result()["received"], 100)
        self.wait_none()

    def assoc(self):
        return self.spated.cli(f"sctp show {self.spated.cli('sctp show')[0]['tag']}")

    def test_addresses(self):
        """RFC 5061: the peer takes an address more, has data sent there, and gives up the first."""
        self.net.a.ip("addr add 10.0.0.3/24 dev eth0")
        self.addCleanup(self.net.a.ip, "addr del 10.0.0.3/24 dev eth0")
        peer = self.peer("echo", self.ECHO, "-n", 100, "-q", "-b", Cabled.A4)
        peer.wait("up .*")

        def remotes():
            return {path["remote"]: path["primary"] for path in self.assoc()["paths"]}

        for command, paths in (("add 10.0.0.3", {Cabled.A4: True, "10.0.0.3": False}),
                               ("peer-primary 10.0.0.3", {Cabled.A4: False, "10.0.0.3": True}),
                               ("delete 10.0.0.2", {"10.0.0.3": True})):
            peer.do(command)
            wait_for(lambda paths=paths: remotes() == paths, command)
        peer.do("send")
        peer.wait("complete")
        peer.do("shutdown")
        peer.result()
        self.wait_none()


if __name__ == "__main__":
    main()
