# SPDX-License-Identifier: BSD-3-Clause
"""main(), the end of a test file: what must be there, and cleaning up what a lab.py left open, also
if ending.py ended it. testcase.py is for the classes of the file."""
import contextlib
import os
import shutil
import sys
import traceback
import unittest

from . import ending, programs
from .garbage import collect_garbage
from .lab import labs

# All of them end by then, whatever happens; meson kills later.
DEADLINE_SECONDS = int(os.environ.get("SPATE_TEST_DEADLINE", "110"))


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def main():
    """Run the tests of the file that calls this."""
    if os.geteuid() != 0:
        skip("root is needed to make network namespaces")
    for tool in ("ip", "nsenter", "ping", "ethtool"):
        if shutil.which(tool) is None:
            skip(f"{tool} is not installed")
    for program in (programs.SPATED, programs.SPATE):
        if not os.access(program, os.X_OK):
            sys.exit(f"{program} is not there: build it, or say SPATED= and SPATE=")
    if programs.is_sanitized():
        programs.SLOW = 3
    try:
        ending.expect(DEADLINE_SECONDS * programs.SLOW)
        collect_garbage()
        unittest.main(verbosity=2)
    except ending.Ended as ended:
        traceback.print_exc()
        for lab in labs:
            lab.give_up()
        sys.exit(f"{os.path.basename(sys.argv[0])}: {ended}")
    finally:
        ending.ignore()
        for lab in labs:
            with contextlib.suppress(Exception):
                lab.close()
