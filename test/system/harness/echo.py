# SPDX-License-Identifier: BSD-3-Clause
"""Pings from a namespace.py: with them a loss is a loss."""


def ping(host, address, count=1, *options, check=True, timeout=5):
    """Ping; with `check`, the first `count` requests must all be answered, however late.

    Without a deadline ping waits for its last answer no longer than its interval, which on a busy
    machine says nothing about who lost it. With one it sends on until it has as many answers as
    asked, so that the sequence numbers tell.
    """
    patient = check and "-i" not in options
    done = host.run("ping", "-n", "-c", str(count), "-i", "0.2", "-W", str(timeout),
                    *(["-w", str(2 * timeout)] if patient else []), *options, address, check=check)
    if patient:
        lost = [i for i in range(1, count + 1) if f"icmp_seq={i} " not in done.stdout]
        assert not lost, f"no answer to {lost}: {done.stdout}"
    return done
