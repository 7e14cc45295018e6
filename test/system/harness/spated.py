# SPDX-License-Identifier: BSD-3-Clause
"""The daemon as a process, from its configuration to its end; client.py talks to it."""
import glob
import os
import re
import shutil
import signal
import subprocess
import sys

from . import programs
from .client import Client
from .conservation import check_conserved
from .waiting import Timeout, wait_for

SANITIZER_REPORT = re.compile(r"AddressSanitizer|LeakSanitizer|UndefinedBehavior|runtime error:")


class Spated(Client):
    """The daemon, in a namespace."""

    def __init__(self, lab, namespace, config, name=None, workers=1, poll="adaptive",
                 mbufs=4096, head=(), options=(), memory_mb=None):
        super().__init__(name or lab.unique())
        self.lab = lab
        self.namespace = namespace
        self.options = list(options)
        self.config_path = lab.path(f"{self.name}.conf")
        self.log_path = lab.path(f"{self.name}.log")
        self.process = None
        self.workers = workers
        self.head = list(head)
        self.body = [f"worker count {workers}", f"worker mbufs {mbufs}", f"worker poll {poll}",
                     "addr set dad-transmits 0", *config]
        self.memory_mb = memory_mb or 192 + workers * 48
        lab.daemons.append(self)

    def write_config(self, hugepages):
        memory = [] if hugepages else [f"eal --no-huge -m {self.memory_mb}"]
        with open(self.config_path, "w", encoding="utf-8") as file:
            file.write("\n".join([*self.head, *memory, *self.body, ""]))

    def start(self):
        """Start it, and wait until it serves."""
        with self.lab.hugepages(self.memory_mb) as hugepages:
            self.write_config(hugepages)
            self.launch()
            try:
                self.wait_ready()
            except Exception:
                self.print_log()
                raise
        return self

    def launch(self):
        with open(self.log_path, "ab") as log:
            self.process = self.namespace.start(
                programs.SPATED, "-n", self.name, "-c", self.config_path, *self.options,
                stdout=log, stderr=log)

    def wait_ready(self):
        def ready():
            if self.process.poll() is not None:
                raise AssertionError(f"spated ended with {self.process.returncode}")
            return self.spate("-c", "version show").returncode == 0
        wait_for(ready, "spated is ready", 30)

    def stop(self, signum=signal.SIGTERM):
        """End it; that must be clean."""
        if self.process is None:
            return
        self.process.send_signal(signum)
        try:
            status = self.process.wait(30 * programs.SLOW)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Timeout("spated did not end") from None
        self.process = None
        assert status == 0, f"spated ended with {status}"
        self.check_log()

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def close(self):
        """For the clean-up of a test, which it may fail."""
        try:
            if self.process is not None and self.process.poll() is not None:
                status, self.process = self.process.returncode, None
                raise AssertionError(f"spated is gone, with status {status}")
            self.stop()
        finally:
            for path in glob.glob(f"/run/spate/{self.name}.*"):
                os.unlink(path)
            shutil.rmtree(f"/var/run/dpdk/spate-{self.name}", ignore_errors=True)
            for path in glob.glob(f"/dev/hugepages/spate-{self.name}map_*"):
                os.unlink(path)

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def check_log(self):
        report = SANITIZER_REPORT.search(self.log())
        assert report is None, f"a sanitizer's report in {self.log_path}: {report.group()}"

    def print_log(self):
        if os.path.exists(self.log_path):
            print(f"---- log of spated {self.name}:\n{self.log()}----", file=sys.stderr)

    def check_conserved(self):
        """Packets in = packets out, to the last one. @return the statistics"""
        return check_conserved(self)
