# SPDX-License-Identifier: BSD-3-Clause
"""Neighbours that were never there, that vanish, and that come back."""
import re

from harness import Pair, main, ping, wait_for
from neigh_test import NeighLab


class NeighFailure(NeighLab):
    """These wait for timers: RFC 4861's seconds."""

    # One that B has besides, and that is in use when B vanishes.
    USED = "10.0.1.3"

    def test_failure_and_recovery(self):
        self.b.ip(f"addr add {self.USED}/24 dev eth0")
        # Known by its own question only, it is stale: what is sent to it starts to probe it.
        ping(self.b, Pair.R4B, 1, "-I", self.USED)
        self.assertIn(self.spated.neigh(self.USED)["state"], ("stale", "delay"))
        self.spated.do(*(f"neigh del {row['address']} dev p1" for row in
                         self.spated.cli("neigh show") if row["address"] in (Pair.B4, Pair.B6)))
        self.b.ip("link set eth0 down")
        using = self.a.start("ping", "-n", "-i", "0.2", self.USED)
        self.never_there()
        self.gone_while_in_use(using)
        self.back_again()
        self.b.ip(f"addr del {self.USED}/24 dev eth0")
        self.check()

    def never_there(self):
        gateways = {Pair.B4: Pair.R4A, Pair.B6: Pair.R6A}
        # What is held while we ask goes back to its sender as an error.
        pings = {address: self.a.start("ping", "-n", "-c", "2", "-i", "0.5", "-W", "8", address)
                 for address in gateways}
        for address, gateway in gateways.items():
            out = pings[address].communicate(timeout=30)[0]
            self.assertRegex(out, rf"From {gateway} icmp_seq=1 .*[Uu]nreachable")
            self.assertRegex(out, rf"From {gateway} icmp_seq=2 .*[Uu]nreachable")
            neigh = self.spated.neigh(address)
            self.assertEqual((neigh["state"], neigh["held"]), ("failed", 0))
        # Who did not answer a moment ago is not asked again: the error comes at once.
        for address, gateway in gateways.items():
            out = ping(self.a, address, 1, check=False, timeout=8).stdout
            self.assertRegex(out, rf"From {gateway} icmp_seq=1 .*[Uu]nreachable")
            self.assertEqual(self.spated.neigh(address)["state"], "failed")
        self.assertGreaterEqual(self.spated.drops()["neigh_failed"], 6)

    def gone_while_in_use(self, using):
        """One that was known and vanishes is noticed, by probes, while it is being sent to."""
        told = re.compile(rf"From {Pair.R4A} icmp_seq=\d+ .*[Uu]nreachable")
        wait_for(lambda: told.search(ping(self.a, self.USED, 4, check=False, timeout=1).stdout),
                 "its senders are told", 30)
        self.assertIn(self.spated.neigh(self.USED)["state"], ("failed", "incomplete"))
        using.kill()
        using.communicate()

    def back_again(self):
        self.b_up()
        for address in (Pair.B4, Pair.B6):
            wait_for(lambda a=address: "1 received" in ping(
                self.a, a, 1, check=False, timeout=1).stdout, "B answers again", 15)
            self.assertIn(self.spated.neigh(address)["state"], ("reachable", "delay", "stale"))


if __name__ == "__main__":
    main()
