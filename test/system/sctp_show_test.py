# SPDX-License-Identifier: BSD-3-Clause
"""What the commands of sctp show of associations between two VRFs of one daemon, and do to them."""
from harness import Cabled, SystemTest, main, wait_for
from harness.cabled import SECOND, TWO_PATHS


class SctpShow(SystemTest):
    """Two workers."""

    @classmethod
    def setUpLab(cls):
        cls.net = Cabled(cls.lab, mbufs=16384, config=(
            *SECOND, "service start sctp-echo port 7 vrf services",
            "service start sctp-discard port 9 addr 10.9.0.2 vrf services"))
        cls.spated = cls.net.spated
        cls.net.warm_up()

    def fails(self, command):
        done = self.spated.spate("-c", command)
        self.assertEqual(done.returncode, 1, done.stdout)
        return done.stderr

    def test_listeners(self):
        shown = self.spated.cli("sctp show listeners")
        self.assertEqual({(row["worker"], row["application"], row["vrf"]) for row in shown},
                         {(worker, name, "services") for worker in (0, 1)
                          for name in ("sctp-echo", "sctp-discard")})
        row = next(row for row in shown if row["application"] == "sctp-discard")
        self.assertEqual((row["local"], row["others"], row["accept_queue"]), ("10.9.0.2:9", [], 0))
        row = next(row for row in shown if row["application"] == "sctp-echo")
        self.assertTrue({"10.9.0.2", "10.8.0.2"} <= set(row["others"]), row)

    def test_association(self):
        before = self.spated.cli("sctp show mib")
        self.spated.do(f"service start bench-client mode rr {TWO_PATHS} port 7 streams 20 sctp "
                       "duration 1000s name t")
        wait_for(lambda: len(self.spated.cli("sctp show state established")) == 2, "it is set up")
        rows = {row["application"]: row for row in self.spated.cli("sctp show")}
        self.assertEqual(set(rows), {"bench-client", "sctp-echo"})
        tag = rows["bench-client"]["tag"]
        wait_for(lambda: len(self.spated.cli(f"sctp show {tag} streams")) == 20, "all are used")
        shown = self.spated.cli(f"sctp show {tag}")
        self.assertEqual((shown["application"], shown["socket"]["style"]),
                         ("bench-client", "one-to-one"))
        self.assertEqual(([row["stream"] for row in shown["streams"]], shown["more_streams"]),
                         (list(range(16)), True))
        self.assertGreater(shown["streams"][0]["out_next"], 0)
        self.assertEqual((shown["sender"]["scheduler"], shown["sender"]["congestion"]),
                         ("fcfs", "newreno"))
        self.assertIn("10.9.0.2, 10.8.0.2", self.fails(f"sctp primary {tag} 10.7.0.2"))
        wait_for(lambda: all(path["state"] == "active"
                             for path in self.spated.cli(f"sctp show {tag}")["paths"]),
                 "both paths are confirmed")
        self.spated.do(f"sctp primary {tag} 10.8.0.2", f"sctp heartbeat {tag} 10.9.0.2")
        self.assertEqual(self.spated.cli("sctp show local-port 7")[0]["application"], "sctp-echo")
        self.assertEqual([path["primary"] for path in self.spated.cli(f"sctp show {tag}")["paths"]],
                         [False, True])
        mib = self.spated.cli("sctp show mib")
        self.assertEqual((mib["curr_estab"], mib["max_init_retr"]), (2, 8))
        self.assertIn("1 association aborted", self.spated.do(f"sctp abort {tag}"))
        wait_for(lambda: self.spated.cli("sctp show mib")["aborteds"] - before["aborteds"] == 2,
                 "both ends know of it")
        self.assertIn("no association", self.fails(f"sctp show {tag} streams"))
        self.spated.do("service stop bench-client name t")
        wait_for(lambda: not self.spated.cli("sctp show"), "what the client set up anew is gone")
        after = self.spated.cli("sctp show mib")
        active, passive = (after[key] - before[key] for key in ("active_estabs", "passive_estabs"))
        self.assertEqual((after["curr_estab"], active), (0, passive))
        self.assertGreaterEqual(active, 1)


if __name__ == "__main__":
    main()
