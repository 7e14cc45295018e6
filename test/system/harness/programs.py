# SPDX-License-Identifier: BSD-3-Clause
"""The programs under test: where they are, and how slow, which runner.py finds out for the rest."""
import os

ROOT = os.path.abspath(os.path.join(__file__, "../../../.."))
SPATED = os.environ.get("SPATED", os.path.join(ROOT, "build/app/spated/spated"))
SPATE = os.environ.get("SPATE", os.path.join(ROOT, "build/app/spate/spate"))
# A sanitizer makes the daemon some times slower, and larger. main() sets it: say programs.SLOW, for
# a copy made at import stays 1.
SLOW = 1


def is_sanitized():
    with open(SPATED, "rb") as file:
        return b"__asan_init" in file.read()
