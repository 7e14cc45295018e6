# SPDX-License-Identifier: BSD-3-Clause
"""Whether packets were lost or made up, by what a daemon counted and client.py asked."""
from .waiting import wait_for

# Dropped by the control thread, so not among the workers' drops.
CONTROL_REASONS = {"arp_malformed", "arp_not_ours", "nd_malformed", "nd_not_ours", "mld_malformed", "ra_ignored",
                   "neigh_queue_full", "neigh_table_full", "neigh_no_iface",
                   "inject_ring_full", "punt_unknown"}


def check_conserved(daemon):
    """Packets in = packets out, to the last one."""
    def snapshot():
        """All of one moment: nothing moved between the first look and the last."""
        daemon.quiet()
        *looks, again = daemon.shows("stats show", "drops show", "ring show", "stats show")
        if again != looks[0]:
            return None
        # A worker that has no CPU has not counted yet what control gave it: ask again. Rings
        # and workers that never agree are out of time, and so a failure.
        return looks if all(
            sum(ring["enqueued"] for ring in looks[2] if ring["ring"] == name) ==
            looks[0][-1][counter] for name, counter in (("punt", "punted"),
                                                        ("inject", "injected"))) else None
    rows, drops, rings = wait_for(
        snapshot, "a moment at which nothing moves, and rings and workers agree", 20)
    drops = {row["reason"]: row["packets"] for row in drops}
    workers, stats = rows[:-1], rows[-1]
    assert stats["worker"] == "all"
    for row in [stats] + workers:
        into = row["rx"] + row["originated"] + row["injected"] + row["split"]
        out = row["tx"] + row["delivered"] + row["punted"] + row["dropped"] + row["merged"] + row["held"]
        between = row["in_transit"] + row["in_handover"]
        assert into == out + between, f"not conserved: {row}"
    ended = (stats["forwarded"] + stats["delivered"] + stats["punted"] + stats["dropped"] -
             stats["dropped_own"] - stats["punted_own"] + stats["merged"] + stats["held"])
    assert stats["rx"] == ended, f"rx is not what became of it: {stats}"
    for key, value in stats.items():
        if key != "worker":
            assert value == sum(row[key] for row in workers), f"not the sum: {key}"
    by_workers = sum(count for reason, count in drops.items()
                     if reason not in CONTROL_REASONS)
    shared = drops.get("neigh_failed", 0) + drops.get("icmp_ignored", 0)
    assert by_workers - shared <= stats["dropped"] <= by_workers, f"{stats} {drops}"
    assert all(ring["depth"] == 0 for ring in rings)
    return stats
