# SPDX-License-Identifier: BSD-3-Clause
"""The end before the end: by a deadline, or by somebody's signal. runner.py asks for it, and cleans
up after it; testcase.py sees to it that no test follows."""
import signal

SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGALRM)
raised = []


class Ended(KeyboardInterrupt):
    """A signal said so: unittest lets nothing else through, and would go on with the next test."""


def expect(seconds):
    """From now on signals raise Ended, and so does the deadline."""
    for signum in SIGNALS:
        signal.signal(signum, end)
    signal.alarm(seconds)


def ignore():
    """From now on nothing interrupts what cleans up."""
    for signum in SIGNALS:
        signal.signal(signum, signal.SIG_IGN)


def end(signum, _frame):
    """A deadline, or somebody's wish: clean up as after a failure."""
    ignore()
    raised.append(Ended(f"ended by {signal.Signals(signum).name}"))
    check()


def check():
    """Raise Ended again: something may have failed on its way, and taken its place."""
    if raised:
        raise raised[0]
