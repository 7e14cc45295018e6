# SPDX-License-Identifier: BSD-3-Clause
"""Spated is killed, and there again, while an SCTP that is not ours goes on with the association: as the one
who began it, and as the one who was called. sctp_usrsctp has it the other way round."""
from harness import Links, SystemTest, main, wait_for
from harness.sctp_peer import SctpPeer

PORT, OURS, STREAMS = 7, 40000, 16


class SctpRestart(SystemTest):
    """A link of each family."""

    LINKS = 2

    @classmethod
    def setUpLab(cls):
        cls.net = Links(cls.lab, cls.LINKS, 2, (1,), config=(
            f"sctp set rto-initial 500 rto-min 200 rto-max 2000 out-streams {STREAMS}",
            # Whoever begins anew has the port that it had.
            f"ephemeral set proto sctp range {OURS}-{OURS}",
            f"service start sctp-echo port {PORT}"))
        cls.spated = cls.net.spated
        cls.net.warm_up()

    def peer(self, role, *options):
        """It asks for nothing by itself: whatever came to spated meanwhile would end the association."""
        peer = SctpPeer(self.net.host, role, "echo", PORT, ("-S", STREAMS, "-H", 1000000, *options))
        self.addCleanup(peer.close)
        return peer

    def kill(self):
        self.spated.kill()
        self.spated.start()
        self.net.warm_up()

    def client(self, link, mode, words=""):
        self.addCleanup(self.spated.spate, "-c", "service stop bench-client name t")
        self.spated.do(f"service start bench-client mode {mode} to {self.net.address(link, 2)} from "
                       f"{self.net.address(link, 1)} port {PORT} streams {STREAMS} {words} raw sctp "
                       "duration 1000s name t")

    def test_client(self):
        """RFC 9260 5.2.2, 5.2.4 (A): its INIT finds the old association, which begins anew."""
        for link in range(self.LINKS):
            with self.subTest(link=link):
                peer = self.peer("listen", "-b", self.net.address(link, 2))
                peer.wait("listening")
                self.client(link, "hold")
                peer.wait("up .*")
                self.kill()
                self.client(link, "rr", "size 1000 verify")
                peer.wait("restart .*")

                def shown():
                    row, = self.spated.cli("service show t")
                    return row
                wait_for(lambda: shown()["transactions"] >= 1000, "requests are answered")
                self.assertEqual((shown()["messages_wrong"], shown()["failed"]), (0, 0), shown())
                self.doCleanups()

    def test_listener(self):
        """RFC 9260 8.4 (8): what comes of an association that it knows nothing of ends it."""
        for link in range(self.LINKS):
            with self.subTest(link=link):
                peer = self.peer("connect", "-q", "-n", 100, "-r", self.net.address(link, 1))
                peer.wait("up .*")
                self.kill()
                peer.do("send")
                peer.wait("lost .*")
                peer.close()
                peer = self.peer("connect", "-n", 100, "-r", self.net.address(link, 1))
                self.assertEqual(peer.result()["received"], 100)
                peer.close()


if __name__ == "__main__":
    main()
