# SPDX-License-Identifier: BSD-3-Clause
"""What test classes derive from: it gives them a lab.py. runner.py runs them."""
import contextlib
import sys
import time
import unittest

from . import ending
from .lab import Lab


class SystemTest(unittest.TestCase):
    """A test whose failure shows what the daemons said; a lab for all tests of a class."""

    lab = None

    @classmethod
    def setUpClass(cls):
        ending.check()
        cls.lab = Lab()
        try:
            cls.setUpLab()
        except Exception:
            # If it is or was Ended, runner.py closes it.
            ending.check()
            cls._close_lab()
            raise

    @classmethod
    def setUpLab(cls):
        """For the class: namespaces and daemons in cls.lab."""

    @classmethod
    def tearDownClass(cls):
        cls._close_lab()

    @classmethod
    def _close_lab(cls):
        cls.lab.close()

    def run(self, result=None):
        before = len(result.failures) + len(result.errors)
        start = time.monotonic()
        super().run(result)
        ending.check()
        print(f"    {time.monotonic() - start:.1f} s", file=sys.stderr, flush=True)
        if len(result.failures) + len(result.errors) > before:
            for daemon in self.lab.daemons:
                daemon.print_log()
                with contextlib.suppress(Exception):
                    print(daemon.spate("-c", "stats show", "-c", "drops show", "-c", "neigh show",
                                       "-c", "route show", "-c", "port stats").stdout,
                          file=sys.stderr)
        return result
