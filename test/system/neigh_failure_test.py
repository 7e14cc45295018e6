# SPDX-License-Identifier: BSD-3-Clause
"""Neighbours that were never there, that vanish, and that come back."""
import time

from harness import Pair, main, ping, wait_for
from neigh_test import NeighLab


class NeighFailure(NeighLab):
    """These wait for timers: RFC 4861's seconds."""

    def test_failure_and_recovery(self):
        self.b.ip("link set eth0 down")
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
        solicits = self.spated.cli("neigh stats")["solicits"]
        for address, gateway in gateways.items():
            out = ping(self.a, address, 1, check=False, timeout=8).stdout
            self.assertRegex(out, rf"From {gateway} icmp_seq=1 .*[Uu]nreachable")
        self.assertEqual(self.spated.cli("neigh stats")["solicits"], solicits)
        self.assertGreaterEqual(self.spated.drops()["neigh_failed"], 6)
        self.b_up()
        for address in gateways:
            wait_for(lambda a=address: "1 received" in ping(
                self.a, a, 1, check=False, timeout=1).stdout, "B answers again", 15)
            self.assertIn(self.spated.neigh(address)["state"], ("reachable", "delay", "stale"))
        self.check()

    def test_gone_while_in_use(self):
        """One that was reachable and vanishes is noticed, by probes, while it is being sent to."""
        # Known by its own question only, it is stale: what is sent to it starts to probe it.
        ping(self.b, Pair.R4B)
        self.assertIn(self.spated.neigh(Pair.B4)["state"], ("stale", "delay"))
        self.b.ip("link set eth0 down")
        end = time.monotonic() + 30
        out = ""
        while "nreachable" not in out and time.monotonic() < end:
            out = ping(self.a, Pair.B4, 4, "-i", "0.2", check=False, timeout=1).stdout
        self.assertRegex(out, rf"From {Pair.R4A} icmp_seq=\d+ .*[Uu]nreachable")
        self.assertIn(self.spated.neigh(Pair.B4)["state"], ("failed", "incomplete"))
        self.check()


if __name__ == "__main__":
    main()
