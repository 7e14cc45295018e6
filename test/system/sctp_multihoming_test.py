# SPDX-License-Identifier: BSD-3-Clause
"""Multihomed associations over links that fail and come back: RFC 9260 6.4, 8.1 to 8.3, RFC 7829. An SCTP
that is not ours has messages come back from spated without a pause, while the link that they go by is cut:
in its middle, where nobody sees it, or so that spated's port does."""
from harness import Links, SystemTest, main, wait_for
from harness.multihomed import (HEARTBEAT_MS, PATH_RETRIES, PF_RETRIES, RTO_MAX_MS, SETTINGS, SPARE_SECONDS,
                                wait_data)
from harness.sctp_peer import SctpPeer

PORT = 7
MESSAGES_MAX = 2000000


class Multihoming(SystemTest):
    """One worker, two links."""

    WORKERS, LINKS, SIX = 1, 2, ()

    @classmethod
    def setUpLab(cls):
        cls.net = Links(cls.lab, cls.LINKS, cls.WORKERS, cls.SIX, mbufs=16384, config=(
            SETTINGS, f"service start sctp-echo port {PORT}"))
        cls.spated = cls.net.spated
        cls.net.warm_up()

    # ---- an association, and what is known of it ----

    def connect(self):
        locals_ = [self.net.address(i, 2) for i in range(self.LINKS)]
        options = [word for address in locals_ for word in ("-b", address)]
        peer = SctpPeer(self.net.host, "connect", "echo", PORT, (
            *options, "-r", self.net.address(0, 1), "-S", 8, "-n", MESSAGES_MAX, "-s", "1:3000",
            "-w", 500, "-H", HEARTBEAT_MS, "-R", PATH_RETRIES, "-q"))
        self.addCleanup(self.spated.spate, "-c", "sctp abort all")
        self.addCleanup(peer.close)
        peer.wait("up .*")
        wait_for(lambda: [path["state"] for path in self.assoc()["paths"]] ==
                 ["active"] * self.LINKS, "all paths are confirmed", 20)
        # Answers come by the same link, and no other has to be up.
        self.assertEqual({(path["local"], path["remote"]) for path in self.assoc()["paths"]},
                         {(self.net.address(i, 1), self.net.address(i, 2))
                          for i in range(self.LINKS)})
        return peer

    def assoc(self):
        return self.spated.cli(f"sctp show {self.spated.cli('sctp show')[0]['tag']}")

    def path(self, remote):
        return next(path for path in self.assoc()["paths"] if path["remote"] == remote)

    def primary(self):
        return next(path["remote"] for path in self.assoc()["paths"] if path["primary"])

    def wait_state(self, remote, *states, seconds=0):
        wait_for(lambda: self.path(remote)["state"] in states,
                 f"the path to {remote} is {' or '.join(states)}", seconds + SPARE_SECONDS)

    def wait_messages(self, what, count=300):
        """So many more come, and so many more go back."""
        before = self.assoc()

        def moved():
            now = self.assoc()
            return all(now[way]["messages"] >= before[way]["messages"] + count
                       for way in ("receiver", "sender"))
        wait_for(moved, what, 60)

    def finish(self, peer):
        """What was sent has come back: all, once, in order, and as it was."""
        peer.do("stop")
        sent = int(peer.wait(r"sent (\d+)").group(1))
        peer.wait("complete", 60)
        peer.do("shutdown")
        result = peer.result()
        self.assertEqual(result.pop("received"), sent, result)
        result.pop("bytes")
        self.assertEqual(set(result.values()), {0}, result)
        wait_for(lambda: not self.spated.cli("sctp show"), "the association has ended")
        peer.close()

    # ---- what fails, and what comes of it ----

    def check(self, cut, mend):
        peer = self.connect()
        primary = self.primary()
        link = self.net.link_of(primary)
        peer.do("start")
        self.wait_messages("messages go by the primary path")
        timeouts = self.path(primary)["timeouts"]
        self.addCleanup(mend, link)
        cut(link)
        # RFC 7829 4.2: so many time-outs, none longer than the longest RTO.
        self.wait_state(primary, "potentially failed", "inactive",
                        seconds=(PF_RETRIES + 1) * RTO_MAX_MS / 1000)
        self.wait_messages("messages go by another path")
        self.wait_state(primary, "inactive", seconds=(PATH_RETRIES + 1) * RTO_MAX_MS / 1000)
        self.assertLessEqual(self.path(primary)["timeouts"], timeouts + PF_RETRIES + 1)
        self.assertEqual(self.primary(), primary)
        self.wait_messages("messages still go by another path")
        mend(link)
        self.wait_state(primary, "active", seconds=2 * (HEARTBEAT_MS + RTO_MAX_MS) / 1000)
        wait_data(self.spated, link)
        self.finish(peer)

    def test_cut(self):
        """Nobody is told."""
        self.check(self.net.cut, self.net.mend)

    def test_link_down(self):
        """The port is told, and its routes have no way any more."""
        self.check(self.net.down, self.net.up)

    def test_cut_there(self):
        """The link that the other end sends by: it has to find another one."""
        there = self.net.address(0, 1)
        peer = self.connect()
        peer.do("start")
        self.wait_messages("messages go by all links")
        self.addCleanup(self.net.mend, 0)
        self.net.cut(0)
        peer.wait(f"path {there} unreachable", 60)
        self.wait_messages("messages come by another link")
        self.net.mend(0)
        peer.wait(f"path {there} available", 60)
        self.wait_messages("messages come by all links")
        self.finish(peer)


class Multihoming2Workers(Multihoming):
    """What comes by a link finds its owner by its tag."""

    WORKERS = 2


class Multihoming4Links(Multihoming):
    LINKS = 4


class Multihoming4Workers(Multihoming):
    """Four links, of both families in turn."""

    WORKERS, LINKS, SIX = 4, 4, (1, 3)

    def test_cut(self):
        handed_over = self.handed_over()
        super().test_cut()
        self.assertGreater(self.handed_over(), handed_over)

    def handed_over(self):
        return next(row for row in self.spated.cli("sctp stats")
                    if row["worker"] == "all")["handed_over"]


if __name__ == "__main__":
    main()
