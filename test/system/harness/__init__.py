# SPDX-License-Identifier: BSD-3-Clause
"""What the system tests share: namespaces, hosts of the Linux kernel, spated, its CLI.

A test file makes a Lab, with a namespace for spated and some for hosts, and says main() at its end.
Everything that a Lab makes has the test's process id in its name, and is gone after it, also when
the test fails, hangs or is killed. Nothing here sleeps to let something happen: it waits until it
has happened, or fails at a deadline.
"""
from .bystander import Bystanders
from .cabled import Cabled
from .client import CliError
from .echo import Pinging, ping
from .links import Links
from .pair import Pair
from .programs import SPATE, SPATED, is_sanitized
from .runner import main
from .sniffer import look_at_rest
from .spated import Spated
from .ss import ss
from .syscalls import die_with_parent
from .testcase import SystemTest
from .vlan import vlan
from .waiting import Timeout, remains_for, wait_for

__all__ = [
    "SPATE",
    "SPATED",
    "Bystanders",
    "Cabled",
    "CliError",
    "Links",
    "Pair",
    "Pinging",
    "Spated",
    "SystemTest",
    "Timeout",
    "die_with_parent",
    "is_sanitized",
    "look_at_rest",
    "main",
    "ping",
    "remains_for",
    "ss",
    "vlan",
    "wait_for",
]
