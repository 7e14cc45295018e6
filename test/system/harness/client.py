# SPDX-License-Identifier: BSD-3-Clause
"""The CLI of a daemon, by its client: commands, what shows say, and waiting until they say it.
spated.py is the daemon; conservation.py judges its counters."""
import json
import subprocess

from . import programs
from .syscalls import die_with_parent
from .waiting import Timeout, wait_for


class CliError(Exception):
    """A command of the CLI failed."""

    def __init__(self, command, status, text):
        super().__init__(f"spate -c '{command}': exit status {status}: {text}")
        self.status = status
        self.text = text


class Client:
    """To talk to the daemon of a name."""

    def __init__(self, name):
        self.name = name

    def spate(self, *args, timeout=30, **more):
        """The client, with these arguments. @return CompletedProcess"""
        more = {"stdin": subprocess.DEVNULL, **more} if "input" not in more else more
        return subprocess.run([programs.SPATE, "-n", self.name, *args], text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=timeout * programs.SLOW, preexec_fn=die_with_parent, **more)

    def do(self, *commands):
        """Run commands, which must work. @return their output"""
        args = [arg for command in commands for arg in ("-c", command)]
        done = self.spate(*args)
        if done.returncode != 0:
            raise CliError("; ".join(commands), done.returncode, done.stderr)
        return done.stdout

    def cli(self, show):
        """What a show says, as Python objects."""
        return json.loads(self.do(show + " json"))

    def shows(self, *shows):
        """What several shows say, one right after the other, by one run of the client."""
        text, decoder, objects = self.do(*(f"{show} json" for show in shows)), json.JSONDecoder(), []
        while text := text.lstrip():
            value, end = decoder.raw_decode(text)
            objects.append(value)
            text = text[end:]
        return objects

    def stats(self, worker="all"):
        return next(row for row in self.cli("stats show") if row["worker"] == worker)

    def drops(self):
        return {row["reason"]: row["packets"] for row in self.cli("drops show")}

    def dropped_since(self, before, ignore=("ip6_multicast",)):
        """New drops by reason; but for the multicast listener reports that hosts send at will."""
        return {reason: count - before.get(reason, 0) for reason, count in self.drops().items()
                if count != before.get(reason, 0) and reason not in ignore}

    def neigh(self, address):
        rows = [row for row in self.cli("neigh show") if row["address"] == address]
        return rows[0] if rows else None

    def wait_neigh(self, address, *states, seconds=10):
        def reached():
            row = self.neigh(address)
            return row if row is not None and row["state"] in states else None
        try:
            return wait_for(reached, f"{address} is {' or '.join(states)}", seconds)
        except Timeout as timeout:
            raise Timeout(f"{timeout}; it is {self.neigh(address)}") from None

    def available(self):
        """Packet buffers that are free."""
        return sum(pool["available"] for pool in self.cli("memory show")["pools"])

    def quiet(self, seconds=10):
        """Wait until no packet moves. @return the statistics"""
        seen = []

        def still():
            rows, rings, neighs = self.shows("stats show", "ring show", "neigh stats")
            stats = next(row for row in rows if row["worker"] == "all")
            punts = [(ring["enqueued"], ring["depth"]) for ring in rings
                     if ring["ring"] in ("punt", "inject", "handoff", "handover")]
            seen.append((stats, punts, neighs["held"]))
            return (len(seen) > 3 and seen[-1] == seen[-2] == seen[-3] and
                    stats["in_transit"] == 0 and all(depth == 0 for _, depth in punts))
        wait_for(still, "no packet moves", seconds, 0.03)
        return seen[-1][0]
