# SPDX-License-Identifier: BSD-3-Clause
"""The Lab: it owns the namespaces (namespace.py) and daemons (spated.py) of a test, wires them, and
unmakes them. garbage.py is for those that had no chance to."""
import contextlib
import fcntl
import os
import re
import shutil
import tempfile

from .namespace import Namespace
from .spated import Spated
from .waiting import wait_for

# All there ever were: runner.py closes what is left open.
labs = []


class Lab:
    """Everything that a test makes, to be unmade."""

    def __init__(self):
        self.prefix = f"spt{os.getpid()}"
        self.number = len(labs)
        self.count = 0
        self.namespaces = []
        self.daemons = []
        self.others = []
        self.directory = tempfile.mkdtemp(prefix=f"{self.prefix}-")
        labs.append(self)

    def unique(self):
        self.count += 1
        return f"{self.prefix}x{self.number}n{self.count}"

    def path(self, name):
        return os.path.join(self.directory, name)

    @contextlib.contextmanager
    def hugepages(self, megabytes):
        """Whether there are enough for a daemon that starts meanwhile; tests take turns to ask."""
        with open("/run/spate-test.lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                with open("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages",
                          encoding="ascii") as file:
                    free_mb = 2 * int(file.read())
            except OSError:
                free_mb = 0
            # Others may start meanwhile, without asking.
            yield free_mb > 2 * megabytes + 256 and "SPATE_TEST_NO_HUGE" not in os.environ

    def namespace(self):
        namespace = Namespace(self.unique())
        # Ours before it is there: a signal may come at any time.
        self.namespaces.append(namespace)
        namespace.create()
        namespace.sysctl("ipv6/conf/default/disable_ipv6", 1)
        namespace.sysctl("ipv6/conf/default/accept_dad", 0)
        namespace.sysctl("ipv6/conf/default/router_solicitations", 0)
        # Tests ask a host for more errors than it would send: no type of error is limited, neither
        # per peer (icmp_ratelimit) nor of all (icmp_msgs_per_sec).
        namespace.sysctl("ipv4/icmp_ratemask", 0)
        namespace.sysctl("ipv6/icmp/ratemask", 255)
        namespace.ip("link set lo up")
        return namespace

    def own(self, thing):
        """Something else that has a close()."""
        self.others.append(thing)

    def spated(self, namespace, config=(), **more):
        return Spated(self, namespace, config, **more).start()

    def veth(self, namespace, port, host, dev="eth0", mtu=1500):
        """A pair: `port` for net_af_packet in spated's namespace, `dev` for the host."""
        namespace.ip(f"link add {port} type veth peer name {dev} netns {host.name}")
        # A veth leaves checksums and segments to a NIC that it does not have.
        host.run("ethtool", "--offload", dev, "tx", "off", "tso", "off", "gso", "off",
                 check=False)
        for end, name in ((namespace, port), (host, dev)):
            end.sysctl(f"ipv6/conf/{name}/disable_ipv6", 1)
            end.ip(f"link set {name} mtu {mtu} up")
        # The end that was up first sends nothing before the kernel has noticed its carrier.
        wait_for(lambda: "qdisc noop " not in namespace.ip(f"link show dev {port}"),
                 f"{port} can send")

    def tap_to(self, daemon, iface, host, dev="eth0"):
        """Move the kernel's end of a net_tap port into a host's namespace."""
        daemon.namespace.ip(f"link set {iface} netns {host.name}")
        number = int(re.sub(r"\D", "", iface) or "0")
        host.ip(f"link set {iface} name {dev}")
        # The driver gives the kernel's end the same MAC as the port's.
        host.ip(f"link set {dev} address 02:00:00:00:{self.count % 256:02x}:{number % 256:02x}")
        host.sysctl(f"ipv6/conf/{dev}/disable_ipv6", 1)
        host.ip(f"link set {dev} up")

    @staticmethod
    def address(host, *addresses, dev="eth0"):
        """Addresses for a host, without duplicate address detection."""
        for address in addresses:
            if ":" in address:
                host.sysctl(f"ipv6/conf/{dev}/disable_ipv6", 0)
                host.ip(f"addr add {address} dev {dev} nodad")
            else:
                host.ip(f"addr add {address} dev {dev}")

    def give_up(self):
        """When time is out, before close(): tell what daemons said, and do not wait for them."""
        for daemon in self.daemons:
            daemon.print_log()
            daemon.kill()

    def close(self):
        """Unmake everything, even if a part of that fails."""
        problems = []
        for thing in self.others + self.daemons + self.namespaces:
            try:
                thing.close()
            except Exception as problem:  # pylint: disable=broad-except
                problems.append(f"{problem}")
                if isinstance(thing, Spated):
                    thing.print_log()
        self.daemons, self.others, self.namespaces = [], [], []
        shutil.rmtree(self.directory, ignore_errors=True)
        if problems:
            raise AssertionError("; ".join(problems))
