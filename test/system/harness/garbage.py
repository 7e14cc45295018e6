# SPDX-License-Identifier: BSD-3-Clause
"""Cleaning up after tests that could not: what is found by the names that lab.py gives."""
import contextlib
import glob
import os
import re
import shutil
import subprocess
import tempfile


def collect_garbage():
    """What tests left that were killed without a chance to clean up."""
    for pattern in ("/run/netns/spt*", "/run/spate/spt*", "/dev/hugepages/spate-spt*",
                    "/var/run/dpdk/spate-spt*", os.path.join(tempfile.gettempdir(), "spt*")):
        for path in glob.glob(pattern):
            match = re.match(r"(?:spate-)?spt(\d+)[x-]", os.path.basename(path))
            if not match or os.path.exists(f"/proc/{match.group(1)}"):
                continue
            if path.startswith("/run/netns/"):
                subprocess.run(["ip", "netns", "del", os.path.basename(path)], check=False,
                               stderr=subprocess.DEVNULL)
            elif os.path.isdir(path):
                shutil.rmtree(path, ignore_errors=True)
            else:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(path)
