# SPDX-License-Identifier: BSD-3-Clause
"""Waiting for what happens, or must not: with a deadline, that programs.py stretches."""
import time

from . import programs


class Timeout(AssertionError):
    """What was waited for did not come."""


def wait_for(condition, what, seconds=10.0, interval=0.02):
    """Call `condition` until it returns something true, and return that."""
    end = time.monotonic() + seconds * programs.SLOW
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Timeout(f"not within {seconds * programs.SLOW:g} s: {what}")
        time.sleep(interval)


def remains_for(condition, what, seconds):
    """`condition` must stay true for a while: for what must not happen."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not condition():
            raise AssertionError(f"not for {seconds:g} s: {what}")
        time.sleep(0.02)
