# SPDX-License-Identifier: BSD-3-Clause
"""A network namespace: what runs in it, and its sockets. lab.py makes them; sniffer.py listens."""
import contextlib
import ctypes
import json
import os
import socket
import subprocess

from . import programs
from .sniffer import Sniffer
from .syscalls import CLONE_NEWNET, die_with_parent, libc


class Namespace:
    """A network namespace, and what runs in it."""

    def __init__(self, name):
        self.name = name
        self.path = f"/run/netns/{name}"

    def create(self):
        subprocess.run(["ip", "netns", "add", self.name], check=True)

    def close(self):
        """Also if it was made by half, or not at all."""
        subprocess.run(["ip", "netns", "del", self.name], check=False,
                       stderr=subprocess.DEVNULL)

    def argv(self, argv):
        # Not `ip netns exec`: it mounts, which fails in a chroot.
        return ["nsenter", f"--net={self.path}", "--", *argv]

    def run(self, *argv, check=True, timeout=30, **more):
        """Run to the end. @return CompletedProcess, with its output as text"""
        done = subprocess.run(self.argv(argv), timeout=timeout * programs.SLOW, text=True,
                              check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, preexec_fn=die_with_parent, **more)
        if check and done.returncode != 0:
            raise AssertionError(f"{self.name}: {' '.join(argv)}: status {done.returncode}\n"
                                 f"{done.stdout}{done.stderr}")
        return done

    def start(self, *argv, **more):
        """Start and go on. @return Popen"""
        more = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                "stderr": subprocess.STDOUT, "text": True, **more}
        return subprocess.Popen(self.argv(argv), preexec_fn=die_with_parent, **more)

    def ip(self, command, check=True):
        return self.run("ip", *command.split(), check=check).stdout

    @contextlib.contextmanager
    def entered(self):
        """This thread is in the namespace: sockets made meanwhile stay there."""
        with open("/proc/thread-self/ns/net", "rb") as home, open(self.path, "rb") as there:
            if libc.setns(there.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), f"setns {self.path}")
            try:
                yield
            finally:
                if libc.setns(home.fileno(), CLONE_NEWNET) != 0:
                    os.abort()

    def sysctl(self, name, value):
        with self.entered(), open("/proc/sys/net/" + name, "w", encoding="ascii") as file:
            file.write(str(value))

    def socket(self, *args):
        with self.entered():
            return socket.socket(*args)

    def raw(self, dev, proto=0):
        """A socket that sends whole frames; with a proto (3: all) it receives them as well."""
        with self.entered():
            sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(proto))
            sock.bind((dev, proto))
        return sock

    def sniffer(self, dev, inbound=True):
        """What comes in by a device, from now on."""
        return Sniffer(self, dev, inbound)

    def links(self):
        return {link["ifname"]: link for link in json.loads(self.ip("-j link"))}

    def mac(self, dev):
        return self.links()[dev]["address"]
