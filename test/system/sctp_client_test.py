# SPDX-License-Identifier: BSD-3-Clause
"""Spated sets associations up, with an SCTP that is not ours: usrsctp listens, and has messages come back,
which a bench client compares. Of both families, alone and in one association; extensions; ends, and
beginnings anew, of either side."""

from harness import CliError, Links, SystemTest, main, wait_for
from harness.sctp_peer import SctpPeer

PORT, STREAMS = 7, 64
SIZES = (8, 1000, 30000, 1 << 20)


class SctpClient(SystemTest):
    """Two workers; four links, of both families in turn."""

    LINKS = 4

    @classmethod
    def setUpLab(cls):
        cls.net = Links(cls.lab, cls.LINKS, 2, (1, 3), mbufs=16384, config=(
            f"sctp set receive-buffer {4 << 20} send-buffer {4 << 20} out-streams {STREAMS}",
            "sctp set rto-initial 500 rto-min 200 rto-max 2000 sack-delay 50"))
        cls.spated = cls.net.spated
        cls.net.warm_up()

    def listen(self, *options, links=range(LINKS)):
        """One at a time: two of usrsctp in a namespace would abort each other's associations."""
        binds = [word for i in links for word in ("-b", self.net.address(i, 2))]
        peer = SctpPeer(self.net.host, "listen", "echo", PORT, ("-S", STREAMS, *binds, *options))
        self.addCleanup(peer.close)
        peer.wait("listening")
        return peer

    def client(self, words, links=(0,), mode="rr", duration="1s", verify="verify"):
        self.addCleanup(self.spated.spate, "-c", "sctp abort all")
        self.addCleanup(self.spated.spate, "-c", "service stop bench-client name t")
        ways = " ".join(f"to {self.net.address(i, 2)} from {self.net.address(i, 1)}" for i in links)
        self.spated.do(f"service start bench-client mode {mode} {ways} port {PORT} {words} {verify} "
                       f"raw sctp duration {duration} name t")

    def shown(self):
        shown, = self.spated.cli("service show t")
        return shown

    def end(self):
        """Of itself. @return what came of it"""
        wait_for(lambda: self.shown()["state"] == "done", "the client is done", 60)
        shown = self.shown()
        self.spated.do("service stop bench-client name t")
        self.assertEqual((shown["messages_wrong"], shown["failed"]), (0, 0), shown)
        self.assertGreater(shown["transactions"], 0, shown)
        wait_for(lambda: not self.spated.cli("sctp show"), "all associations have ended")
        return shown

    def assoc(self):
        rows = self.spated.cli("sctp show")
        self.assertEqual(len(rows), 1, rows)
        return self.spated.cli(f"sctp show {rows[0]['tag']}")

    def hold(self, peer, **more):
        """An association that goes on until somebody ends it, on which requests are answered."""
        self.client(f"size 100 streams {STREAMS}", duration="1000s", **more)
        peer.wait("up .*")
        self.wait_answers()

    def wait_answers(self, count=100):
        before = self.shown()["transactions"]
        wait_for(lambda: self.shown()["transactions"] >= before + count, "requests are answered", 30)

    def has_ended(self):
        """The client knows; it tries again, and usrsctp may take that, until it is stopped."""
        def knows():
            shown = self.shown()
            return shown["failed"] > 0 or shown["opened"] > 1 or shown["open"] == 0
        wait_for(knows, "the client knows", 30)
        self.spated.do("service stop bench-client name t")
        wait_for(lambda: not self.spated.cli("sctp show"), "it has ended", 30)

    # ---- messages ----

    def test_sizes(self):
        """Of both families, ordered and not, on many streams."""
        for link in (0, 1):
            self.listen(links=(link,))
            for size in SIZES:
                for order in ("", "unordered"):
                    with self.subTest(link=link, size=size, order=order):
                        # As many as both have room for.
                        streams = min(STREAMS, (1 << 20) // size)
                        self.client(f"size {size} streams {streams} {order}", (link,))
                        self.end()
            self.doCleanups()

    def test_a_byte(self):
        """Too short to carry a number: they are counted."""
        self.listen(links=(0,))
        self.client(f"size 1 streams {STREAMS}", verify="")
        shown = self.end()
        self.assertEqual(shown["bytes_received"], shown["messages_received"])

    def test_mixed(self):
        """Addresses of both families in one association, which begins by either."""
        for links in ((0, 1, 2, 3), (3, 2, 1, 0)):
            peer = self.listen()
            self.hold(peer, links=links)
            wait_for(lambda links=links: {
                (path["local"], path["remote"], path["state"]) for path in self.assoc()["paths"]} == {
                (self.net.address(i, 1), self.net.address(i, 2), "active") for i in links},
                "all paths are confirmed", 20)
            self.wait_answers()
            self.doCleanups()

    # ---- extensions ----

    def extended(self, words, name):
        off = " ".join(f"{word} 0" for word in words.split())
        self.addCleanup(self.spated.do, f"sctp set {off} reset-requests 0")
        self.spated.do("sctp set " + " ".join(f"{word} 1" for word in words.split()) +
                       " reset-requests 7")
        return lambda: self.assertTrue(self.assoc()["agreed"][name])

    def test_interleaved(self):
        """RFC 8260"""
        agreed = self.extended("forward-tsn i-data", "interleaving")
        self.hold(self.listen("-i", links=(0,)))
        agreed()
        self.wait_answers()

    def test_authenticated(self):
        """RFC 4895: DATA that needs an AUTH chunk in front."""
        agreed = self.extended("auth", "auth")
        self.hold(self.listen("-a", links=(0,)))
        agreed()
        self.wait_answers()

    def test_streams(self):
        """RFC 6525, asked for by the peer: streams and the association begin anew, and there are more."""
        agreed = self.extended("re-config", "re_config")
        peer = self.listen("-q", links=(0,))
        self.client("", mode="hold", duration="1000s", verify="")
        peer.wait("up .*")
        agreed()
        for command, said in (("reset-streams out", "stream-reset flags=2"),
                              ("reset-streams in", "stream-reset flags=1"),
                              ("add-streams 16", "stream-change in=1 out=80 flags=0"),
                              ("reset-assoc", "assoc-reset flags=0")):
            peer.do(command)
            peer.wait(said)
        self.assertEqual(self.assoc()["state"], "ESTABLISHED")

    def test_addresses(self):
        """RFC 5061: the peer takes another address, has data sent there, and gives up the first."""
        agreed = self.extended("auth asconf", "address_change")
        peer = self.listen("-q", links=(0,))
        self.hold(peer)
        agreed()
        first, second = self.net.address(0, 2), self.net.address(2, 2)

        def remotes():
            return {path["remote"]: path["primary"] for path in self.assoc()["paths"]}

        for command, paths in ((f"add {second}", {first: True, second: False}),
                               (f"peer-primary {second}", {first: False, second: True}),
                               (f"delete {first}", {second: True})):
            peer.do(command)
            wait_for(lambda paths=paths: remotes() == paths, command)
            self.wait_answers()

    # ---- extensions, begun by spated ----

    def change(self, words):
        """Of the one association; TAG is its."""
        self.spated.do("sctp " + words.replace("TAG", self.spated.cli("sctp show")[0]["tag"]))

    def test_streams_here(self):
        """RFC 6525: streams and the association begin anew, and there are more; requests go on meanwhile."""
        agreed = self.extended("re-config", "re_config")
        peer = self.listen(links=(0,))
        self.hold(peer)
        agreed()
        for words, said in (("reset streams TAG out", "stream-reset flags=1"),
                            ("reset streams TAG out 3,5-7", "stream-reset flags=1"),
                            ("reset streams TAG in 3,5-7", "stream-reset flags=2"),
                            ("reset streams TAG in", "stream-reset flags=2"),
                            ("add-streams TAG out 16", f"stream-change in={STREAMS + 16} out={STREAMS} flags=0"),
                            ("add-streams TAG in 8",
                             f"stream-change in={STREAMS + 16} out={STREAMS + 8} flags=0")):
            with self.subTest(words):
                self.change(words)
                peer.wait(said)
                self.wait_answers()
        assoc = self.assoc()
        self.assertEqual((assoc["sender"]["streams"], assoc["receiver"]["streams"]),
                         (STREAMS + 16, STREAMS + 8))
        self.assertEqual(self.shown()["messages_wrong"], 0)

    def test_association_here(self):
        """RFC 6525 5.1.4: TSNs begin anew, and what is acknowledged late is so by the old ones. Not while requests
        go on: usrsctp performs it with data of its own on its way (RFC 6525 5.2.4 has it say "in progress"), and
        takes a SACK by its new numbers for one of what it never sent."""
        agreed = self.extended("re-config", "re_config")
        peer = self.listen("-q", links=(0,))
        self.client(f"streams {STREAMS}", mode="hold", duration="1000s", verify="")
        peer.wait("up .*")
        agreed()
        count = 0
        for words, said in (("reset association TAG", "assoc-reset flags=0"),
                            ("reset association TAG", "assoc-reset flags=0"),
                            ("add-streams TAG out 16", f"stream-change in={STREAMS + 16} out={STREAMS} flags=0"),
                            ("reset streams TAG out", "stream-reset flags=1"),
                            ("reset streams TAG in", "stream-reset flags=2")):
            with self.subTest(words):
                self.change(words)
                peer.wait(said)
                # They come behind its answer.
                peer.do("send")
                count += 1000
                wait_for(lambda count=count: self.assoc()["receiver"]["messages"] == count, "all messages", 30)

    def change_addresses(self, links, begun, *changes):
        """Of an association that begins by the links of `begun`. Requests are answered between them, and what remains is the last one's address."""
        agreed = self.extended("auth asconf", "address_change")
        peer = self.listen(links=links)
        self.hold(peer, links=begun)
        agreed()
        for words, addr, said in changes:
            self.change(f"{words} TAG {addr}")
            peer.wait(f"path {addr} {said}")
            self.wait_answers()

    def test_addresses_here(self):
        """RFC 5061: spated takes another address, has data sent there, and gives up the first."""
        first, second = self.net.address(0, 1), self.net.address(2, 1)
        self.change_addresses((0, 2), (0,), ("address add", second, "confirmed"),
                              ("peer-primary", second, "primary"), ("address delete", first, "removed"))
        self.assertEqual({path["local"] for path in self.assoc()["paths"]}, {second})
        with self.assertRaises(CliError):
            self.change(f"address delete TAG {second}")

    def test_families_here(self):
        """... of both families, and takes the first again."""
        first, second = self.net.address(0, 1), self.net.address(1, 1)
        self.change_addresses((0, 1), (0, 1), ("peer-primary", second, "primary"), ("address delete", first, "removed"),
                              ("address add", first, "added"), ("address delete", second, "removed"))
        used = {path["local"] for path in self.assoc()["paths"] if path["state"] != "unconfirmed"}
        self.assertEqual(used, {first})

    # ---- ends ----

    def test_shutdown_here(self):
        """RFC 9260 9.2: what was sent before arrives."""
        peer = self.listen(links=(0,))
        self.client("size 1000 bytes 100000 streams 10", mode="send", duration="1000s", verify="")
        peer.wait("shutdown")
        self.assertEqual(peer.result()["received"], 100)
        wait_for(lambda: self.shown()["state"] == "done", "the client knows")
        self.assertEqual(self.shown()["failed"], 0)
        wait_for(lambda: not self.spated.cli("sctp show"), "it has ended")

    def test_shutdown_there(self):
        peer = self.listen("-q", links=(0,))
        self.hold(peer)
        peer.do("shutdown")
        peer.result()
        self.has_ended()

    def test_abort_here(self):
        peer = self.listen(links=(0,))
        self.hold(peer)
        self.spated.do("sctp abort all")
        peer.wait("lost .*")

    def test_abort_there(self):
        peer = self.listen("-q", links=(0,))
        self.hold(peer)
        peer.do("abort")
        self.has_ended()

    def test_listener_gone(self):
        """One that is there again knows of nothing: RFC 9260 8.4 (8). All that was asked may be acknowledged, and
        not answered yet: then a heartbeat finds out."""
        self.addCleanup(self.spated.do, "sctp set heartbeat 30000")
        self.spated.do("sctp set heartbeat 1000")
        peer = self.listen(links=(0,))
        self.hold(peer)
        peer.close()
        self.listen(links=(0,))
        self.has_ended()


if __name__ == "__main__":
    main()
