# SPDX-License-Identifier: BSD-3-Clause
"""Multihomed associations between two of spated, over links that fail and come back: RFC 9260 6.4, 8.1 to 8.3,
RFC 7829. Bench clients have requests answered, or send, while the link of the primary paths is cut: in its
middle, where nobody sees it, or so that the server's port does."""
from harness import Links, SystemTest, main, wait_for
from harness.multihomed import (HEARTBEAT_MS, PATH_RETRIES, PF_RETRIES, RTO_MAX_MS, SETTINGS, SPARE_SECONDS,
                                wait_data)

PORT = 7


class Failover(SystemTest):
    """One worker, two links; on each worker as many associations."""

    WORKERS, LINKS, SIX = 1, 2, ()
    ASSOCS = 2

    @classmethod
    def setUpLab(cls):
        cls.net = Links(cls.lab, cls.LINKS, cls.WORKERS, cls.SIX, mbufs=8192, far=(SETTINGS,), config=(
            SETTINGS, f"service start sctp-echo port {PORT}", "service start bench-server"))
        cls.near, cls.far = cls.net.spated, cls.net.far
        cls.assocs = cls.ASSOCS * cls.WORKERS

    def client(self, mode, words):
        """The far one's, to the near one."""
        ways = " ".join(f"to {self.net.address(i, 1)} from {self.net.address(i, 2)}"
                        for i in range(self.LINKS))
        self.addCleanup(self.far.spate, "-c", "service stop bench-client name t")
        # It is ended before.
        self.far.do(f"service start bench-client mode {mode} {ways} {words} connections {self.assocs} verify "
                    f"sctp duration 1000s name t")
        wait_for(lambda: self.shown()["open"] == self.assocs, "associations are set up")

    def shown(self):
        shown, = self.far.cli("service show t")
        return shown

    @staticmethod
    def all_assocs(spated):
        return [spated.cli(f"sctp show {row['tag']}") for row in spated.cli("sctp show")]

    def states(self, link):
        """Of the paths by a link, those of both ends."""
        addresses = (self.net.address(link, 1), self.net.address(link, 2))
        return [path["state"] for spated in (self.near, self.far)
                for assoc in self.all_assocs(spated)
                for path in assoc["paths"] if path["remote"] in addresses]

    def wait_states(self, link, *states, seconds=0):
        def all_so():
            now = self.states(link)
            return len(now) == 2 * self.assocs and set(now) <= set(states)
        wait_for(all_so, f"the paths by link {link} are {' or '.join(states)}",
                 seconds + SPARE_SECONDS)

    def wait_requests(self, what, count=20):
        """So many more of each association are answered."""
        def answered():
            return {assoc["tag"]: assoc["receiver"]["messages"] for assoc in self.all_assocs(self.far)}
        before = answered()
        self.assertEqual(len(before), self.assocs)
        wait_for(lambda: all(now >= before[tag] + count for tag, now in answered().items()), what, 60)

    def check(self, cut, mend):
        """Requests of one stream, of which each waits for the answer to the one before: none is lost."""
        self.client("rr", f"port {PORT} raw size 3000")
        for link in range(self.LINKS):
            self.wait_states(link, "active", seconds=self.LINKS * RTO_MAX_MS / 1000)
        self.wait_requests("the primary path is used")
        self.addCleanup(mend, 0)
        cut(0)
        self.wait_states(0, "potentially failed", "inactive",
                         seconds=(PF_RETRIES + 1) * RTO_MAX_MS / 1000)
        self.wait_requests("another path is used")
        self.wait_states(0, "inactive", seconds=(PATH_RETRIES + 1) * RTO_MAX_MS / 1000)
        self.wait_requests("another path is still used")
        mend(0)
        self.wait_states(0, "active", seconds=2 * (HEARTBEAT_MS + RTO_MAX_MS) / 1000)
        wait_data(self.far, 0, self.assocs)
        self.wait_requests("the primary path is used again")
        shown = self.shown()
        self.assertEqual((shown["messages_wrong"], shown["failed"], shown["opened"]),
                         (0, 0, self.assocs), shown)

    def test_cut(self):
        self.check(self.net.cut, self.net.mend)

    def test_link_down(self):
        self.check(self.net.down, self.net.up)

    def test_stream(self):
        """A bulk of messages, cut in its midst: all arrive, once and in order."""
        messages = 30000
        before, = self.near.cli("service show bench-server")
        self.client("send", f"streams 8 size 2000 bytes {2000 * messages // self.assocs}")
        wait_for(lambda: self.shown()["messages_sent"] > messages // 100, "it has begun")
        self.addCleanup(self.net.mend, 0)
        self.net.cut(0)
        wait_for(lambda: self.shown()["state"] == "done", "all is sent", 90)
        shown = self.shown()
        self.assertEqual((shown["messages_sent"], shown["failed"]), (messages, 0), shown)
        after, = self.near.cli("service show bench-server")
        self.assertEqual(after["messages_wrong"], before["messages_wrong"])
        self.assertEqual(after["messages_received"] - before["messages_received"], messages)
        self.assertGreater(next(row for row in self.far.cli("sctp stats")
                                if row["worker"] == "all")["path_pf"], 0)
        self.net.mend(0)


class Failover4Workers(Failover):
    WORKERS, LINKS, SIX = 4, 4, (1, 3)


class Failover2Workers(Failover):
    WORKERS, LINKS = 2, 4


if __name__ == "__main__":
    main()
