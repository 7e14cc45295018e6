# SPDX-License-Identifier: BSD-3-Clause
"""What associations over the links of a links.py begin with, and what is known of them by that."""
from . import programs
from .waiting import wait_for

RTO_MAX_MS, HEARTBEAT_MS, PATH_RETRIES, PF_RETRIES = 1000, 300, 2, 0
# What a machine may take that has other things to do.
SPARE_SECONDS = 15
SETTINGS = (f"sctp set rto-initial 300 rto-min 100 rto-max {RTO_MAX_MS} heartbeat {HEARTBEAT_MS} "
            # Acknowledgments may not wait for longer than the shortest RTO.
            f"sack-delay 20 path-retries {PATH_RETRIES} pf-retries {PF_RETRIES} assoc-retries 30")


def wait_data(spated, link, assocs=1):
    """By a link there goes more than there may be of heartbeats, and answers to some, in that time."""
    def sent():
        return next(row for row in spated.cli("port stats") if row["port"] == f"p{link}")["tx_packets"]
    seconds, before = 30, sent()
    beats = assocs * 2 * seconds * programs.SLOW * 1000 // HEARTBEAT_MS
    wait_for(lambda: sent() > before + 2 * beats, f"data goes by link {link}", seconds)
