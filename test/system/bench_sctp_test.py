# SPDX-License-Identifier: BSD-3-Clause
"""Bench clients and servers over SCTP: two VRFs of one daemon that load each other over cables, and usrsctp
as the server. Each message is looked at; nothing here depends on how fast it goes."""
from harness import Cabled, CliError, SystemTest, main, wait_for
from harness.cabled import SECOND, TWO_PATHS
from harness.sctp_peer import SctpPeer


class BenchSctp(SystemTest):
    """Two workers; what is measured lasts a second."""

    @classmethod
    def setUpLab(cls):
        cls.net = Cabled(cls.lab, mbufs=16384, config=(
            *SECOND, "service start bench-server vrf services",
            "service start sctp-echo port 7 vrf services",
            "service start sctp-discard port 9 vrf services",
            "service start sctp-chargen port 19 vrf services"))
        cls.spated, cls.a = cls.net.spated, cls.net.a
        cls.net.warm_up()

    def show(self, name):
        shown, = self.spated.cli(f"service show {name}")
        return shown

    def end(self, name):
        """@return its result"""
        shown = wait_for(lambda: self.show(name) if self.show(name)["state"] == "done" else None,
                         f"{name} is done", 15)
        self.spated.do(f"service stop bench-client name {name}")
        self.assertEqual((shown["open"], shown["messages_wrong"]), (0, 0), shown)
        self.assertEqual(shown["failed"], 0, shown)
        return shown

    def start(self, words, name="t"):
        self.spated.do(f"service start bench-client mode {words} duration 1s sctp verify name {name}")
        return name

    def run_client(self, words):
        return self.end(self.start(words))

    def check_server(self):
        """All have ended, and nothing was wrong."""
        wait_for(lambda: self.show("bench-server")["open"] == 0, "the server's have ended as well")
        served = self.show("bench-server")
        self.assertEqual([served[key] for key in ("bad", "refused", "messages_wrong")], [0, 0, 0])
        return served

    def test_modes(self):
        """All at the same time, over both families."""
        names = [self.start(words, f"t{i}") for i, words in enumerate((
            "rr to 10.9.0.2 connections 3 size 100 response 3000 streams 16",
            "crr to 2001:db8:9::2 connections 4",
            "send to 10.9.0.2 connections 2 streams 64 ppid 46",
            "receive to 2001:db8:9::2 size 1400 unordered"))]
        rr, crr, send, receive = (self.end(name) for name in names)
        for shown in (rr, crr):
            self.assertGreater(shown["transactions"], 0)
            self.assertEqual(shown["latency"]["count"], shown["transactions"])
        self.assertEqual((rr["opened"], send["opened"], receive["opened"]), (3, 2, 1))
        self.assertGreaterEqual(rr["bytes_received"], rr["transactions"] * 3000)
        self.assertEqual(send["bytes_sent"], send["messages_sent"] * 64)
        self.assertGreater(send["messages_sent"], 0)
        self.assertGreater(receive["messages_received"], 0)
        self.check_server()
        self.spated.check_conserved()

    def test_all_arrives(self):
        """Of a length that is asked for; over a cable that loses, reorders and doubles as well."""
        for impair in (None, "loss 1% reorder 2% by 2ms duplicate 2%"):
            self.net.impair(impair)
            self.addCleanup(self.net.impair, None)
            for size, streams, order in ((64, 64, ""), (1400, 1, "unordered"), (100000, 10, "")):
                with self.subTest(impair=impair, size=size):
                    before = self.check_server()
                    self.spated.do("service start bench-client mode send to 10.9.0.2 duration 60s sctp "
                                   f"size {size} streams {streams} {order} bytes {size * 40} "
                                   "connections 3 verify name t")
                    shown = self.end("t")
                    self.assertEqual(shown["messages_sent"], 120)
                    served = self.check_server()
                    self.assertEqual(served["messages_received"] - before["messages_received"], 120)

    def test_two_paths(self):
        """Those that are named, and no others."""
        self.spated.do(f"service start bench-client mode hold {TWO_PATHS} sctp duration 60s name held")
        wait_for(lambda: self.show("held")["open"] == 1, "it is open")
        assocs = [self.spated.cli(f"sctp show {row['tag']}") for row in self.spated.cli("sctp show")]
        client, = (assoc for assoc in assocs if assoc["remote"].endswith(":5201"))
        self.assertEqual({(path["local"], path["remote"]) for path in client["paths"]},
                         {("10.9.0.1", "10.9.0.2"), ("10.8.0.1", "10.8.0.2")})
        self.spated.do("service stop bench-client name held")
        shown = self.run_client(f"rr {TWO_PATHS} streams 4")
        self.assertGreater(shown["transactions"], 0)
        self.check_server()

    def test_raw(self):
        """Servers that know nothing of it."""
        echo = self.run_client("rr to 10.9.0.2 port 7 raw size 5000 streams 10 unordered")
        self.assertGreater(echo["transactions"], 0)
        discard = self.run_client("send to 2001:db8:9::2 port 9 raw size 1000")
        self.assertGreater(discard["messages_sent"], 0)
        self.spated.do("service start bench-client mode receive to 10.9.0.2 port 19 raw sctp "
                       "duration 1s name t")
        chargen = self.end("t")
        self.assertEqual(chargen["bytes_received"], chargen["messages_received"] * 74)

    def test_usrsctp(self):
        """A server that is not ours: what it echoes is what was sent."""
        for address in (Cabled.A4, Cabled.A6):
            for words in ("rr size 100 streams 10", "rr size 30000", "rr size 64 unordered", "crr"):
                with self.subTest(address=address, words=words):
                    mode, *more = words.split()
                    peer = SctpPeer(self.a, "listen", "echo", 7, ("-S", 64))
                    self.addCleanup(peer.close)
                    peer.wait("listening")
                    shown = self.run_client(f"{mode} to {address} port 7 raw {' '.join(more)}")
                    self.assertGreater(shown["transactions"], 0, shown)
                    peer.close()

    def test_configuration(self):
        start = "service start bench-client mode"
        for words in ("send to 10.0.0.2 from 10.0.0.1 to 10.0.1.2 from 10.0.1.1 port 7 connections 3 "
                      "size 64 duration 1s sctp streams 5 ppid 46 unordered verify",
                      "rr to 2001:db8::2 to 10.0.0.2 from 10.0.0.1 port 7 connections 3 size 64 "
                      "response 9 duration 1s sctp streams 1"):
            self.spated.do(f"{start} {words} name n1 vrf services")
            self.assertIn("mode " + words.replace("to 2001:db8::2 to 10.0.0.2 from 10.0.0.1",
                                                  "to 2001:db8::2 from 10.0.0.1 to 10.0.0.2"),
                          self.spated.do("config show"))
            self.spated.do("service stop bench-client name n1 vrf services")
        for words, text in (("rr to 10.0.0.2 streams 2", "for sctp"),
                            ("rr to 10.0.0.2 unordered", "for sctp"),
                            ("rr to 10.0.0.2 from 10.0.0.1", "for sctp"),
                            ("rr to 10.0.0.2 to 10.0.0.3", "have several"),
                            ("rr to 10.0.0.2 sctp udp", "or udp"),
                            ("rr to 10.0.0.2 to fe80::1 sctp", "one host's"),
                            ("rr to 10.0.0.2 from 224.0.0.1 sctp", "one host's"),
                            ("rr to 10.0.0.2 sctp size 1048577", "1048576 bytes"),
                            ("rr to 10.0.0.2 sctp size 7 verify", "8 bytes"),
                            ("hold to 10.0.0.2 sctp verify", "send and receive"),
                            ("send to 10.0.0.2 sctp verify connections 1025", "1024 connections"),
                            ("rr to 10.0.0.2 sctp streams 1024 connections 1025", "1048576"),
                            ("rr to 10.0.0.2 sctp keepalive 1s", "heartbeats"),
                            (f"rr {'to 10.0.0.2 ' * 17} sctp", "8 are")):
            with self.assertRaises(CliError) as refused:
                self.spated.do(f"{start} {words}")
            self.assertIn(text, refused.exception.text)


if __name__ == "__main__":
    main()
