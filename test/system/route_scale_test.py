# SPDX-License-Identifier: BSD-3-Clause
"""A million routes: loaded under traffic, shown, counted, and what a bad file does."""
import contextlib
import glob
import os
import subprocess
import time

from harness import Pair, Pinging, SystemTest, main, ping, programs
from harness.client import CliError

# Sanitizers make it ten times as slow, and no other.
ROUTES4 = 100000 if programs.is_sanitized() else 1000000
ROUTES6 = ROUTES4 // 5


def prefix4(i):
    return f"{20 + (i >> 16)}.{i >> 8 & 255}.{i & 255}.0/24"


def prefix6(i):
    return f"2a00:{i >> 16:x}:{i & 0xffff:x}::/48"


class RouteScale(SystemTest):
    """One daemon, which keeps its routes from test to test."""

    @classmethod
    def setUpLab(cls):
        cls.pair = Pair(cls.lab)
        cls.spated = cls.pair.spated
        cls.pair.warm_up()

    def file(self, name, lines):
        path = self.lab.path(name)
        with open(path, "w", encoding="ascii") as file:
            file.write("\n".join(lines) + "\n")
        return path

    def memory_kb(self):
        with open(f"/proc/{self.spated.process.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))

    def run_long(self, command, progress):
        """Run it while packets flow, and another client asks and is answered in its midst: there is
        more progress than nothing and all of it. @return its output"""
        pings = Pinging(self.pair.a, Pair.B4, 0.02)
        self.addCleanup(pings.close)
        start = time.monotonic()
        path = self.lab.path("output")
        with open(path, "w+", encoding="ascii") as output, subprocess.Popen(
                [programs.SPATE, "-n", self.spated.name, "-c", command],
                stdout=output, stderr=subprocess.STDOUT) as running:
            seen = set()
            while running.poll() is None:
                self.spated.do("version show")
                seen.add(progress())
                time.sleep(0.01)
            output.seek(0)
            out = output.read()
        print(f"    {command.split()[:2]}: {time.monotonic() - start:.1f} s, "
              f"{len(seen)} looks: {out[-60:]}", flush=True)
        self.assertEqual(pings.unanswered(), [])
        self.assertGreater(len(seen), 2, "there was progress between nothing and all of it")
        return out

    def routes(self):
        stats = self.spated.cli("route stats")
        return stats["ipv4_routes"] + stats["ipv6_routes"]

    def bytes_written(self, name):
        """To the files in the lab's directory that begin so: one that is not whole has more."""
        sizes = []
        for path in glob.glob(self.lab.path(name) + "*"):
            with contextlib.suppress(FileNotFoundError):
                sizes.append(os.path.getsize(path))
        return sum(sizes)

    def test_1_load(self):
        before = self.memory_kb()
        lines = [f"{prefix4(i)} via 10.0.1.{2 + i % 2}" for i in range(ROUTES4)]
        lines[7] = f"route add {prefix4(7)} via 10.0.1.2 dev p1 metric 3 # a comment"
        out = self.run_long("route load " + self.file("routes4", lines), self.routes)
        self.assertIn(f"{ROUTES4} routes added", out)
        out = self.spated.do("route load " + self.file(
            "routes6", [f"{prefix6(i)} via 2001:db8:0:1::2" for i in range(ROUTES6)]))
        self.assertIn(f"{ROUTES6} routes added", out)
        stats = self.spated.cli("route stats")
        print(f"    {stats} and {self.memory_kb() - before} KB more", flush=True)
        self.assertGreaterEqual(stats["ipv4_routes"], ROUTES4)
        self.assertGreaterEqual(stats["ipv6_routes"], ROUTES6)
        self.assertLess(stats["rib_bytes"] + stats["ipv4_fib_bytes"] + stats["ipv6_fib_bytes"],
                        2 << 30)
        way = self.spated.cli("route get 20.1.2.3")
        self.assertEqual((way["prefix"], way["way"]), ("20.1.2.0/24", "via 10.0.1.2 dev p1"))

    def count(self, words):
        return self.spated.cli(f"route show {words} count")["routes"]

    def prefixes(self, words):
        return [row["prefix"] for row in self.spated.cli(f"route show {words}")]

    def test_2_show(self):
        self.assertEqual(self.count("root 20.0.0.0/8 source static"), 65536)
        self.assertEqual(self.count("root 20.1.0.0/16"), 256)
        self.assertEqual(self.count("source static ipv6"), ROUTES6)
        self.assertEqual(self.count("via 10.0.1.3 source static"), ROUTES4 // 2 - 1)
        self.assertEqual(self.count("dev p0 source static"), 0)
        self.spated.do("route add 0.0.0.0/0 via 10.0.1.2", "route add 20.0.0.0/8 via 10.0.1.2",
                       "route add 20.1.2.0/25 blackhole")
        self.assertEqual(self.prefixes("match 20.1.2.0/25"),
                         ["0.0.0.0/0", "20.0.0.0/8", "20.1.2.0/24", "20.1.2.0/25"])
        self.assertEqual(self.prefixes("match 20.1.2.0/24"),
                         ["0.0.0.0/0", "20.0.0.0/8", "20.1.2.0/24"])
        self.assertEqual(self.prefixes("root 20.1.2.0/24"), ["20.1.2.0/24", "20.1.2.0/25"])
        self.assertEqual(self.prefixes("20.1.2.0/24"), ["20.1.2.0/24"])
        self.assertEqual(self.prefixes("exact 20.1.3.0/25"), [])
        with self.assertRaisesRegex(CliError, "did you mean 20.0.0.0/8"):
            self.spated.do("route show root 20.1.0.0/8")
        self.spated.do("route del 0.0.0.0/0", "route del 20.0.0.0/8", "route del 20.1.2.0/25")

    def test_3_show_all(self):
        """All of it, as text: it does not gather in the daemon, and nobody waits for it."""
        before = self.memory_kb()
        lines = 0
        with subprocess.Popen([programs.SPATE, "-n", self.spated.name, "-c", "route show"],
                              stdout=subprocess.PIPE) as show:
            for lines, _ in enumerate(show.stdout):
                if lines % (ROUTES4 // 5) == 1:
                    # Nobody reads on until this is answered: so it is answered before the end.
                    self.spated.do("version show")
                    self.assertLess(self.memory_kb() - before, 64 << 10)
            self.assertEqual(show.wait(), 0)
        self.assertGreater(lines, ROUTES4 + ROUTES6)

    def test_4_show_interrupted(self):
        """A client that goes in the middle of a long show takes nothing with it."""
        for _ in range(5):
            with subprocess.Popen([programs.SPATE, "-n", self.spated.name, "-c", "route show"],
                                  stdout=subprocess.PIPE) as show:
                show.stdout.readline()
                show.kill()
        self.assertEqual(self.count("root 20.1.0.0/16"), 256)
        ping(self.pair.a, Pair.B4)

    def test_4_config(self):
        """All routes as configuration, shown and saved: nobody waits, and none is missing."""
        path = self.lab.path("saved")
        shown = self.run_long("config show", lambda: self.bytes_written("output"))
        self.run_long(f"config save {path}", lambda: self.bytes_written("saved"))
        with open(path, encoding="ascii") as file:
            saved = file.read().split("\n", 1)[1]
        self.assertEqual(saved, shown)
        self.assertEqual(saved.count("\nroute add "), ROUTES4 + ROUTES6)

    def test_5_churn(self):
        """Routes that packets take change thousands of times a second: none is lost."""
        self.pair.b.ip("addr add 10.0.1.3/24 dev eth0")
        self.pair.b.ip("addr add 20.1.2.1/32 dev lo")
        ways = ("via 10.0.1.2", "via 10.0.1.3", "via 10.0.1.2 via 10.0.1.3",
                "via 10.0.1.3 weight 3 via 10.0.1.2")
        path = self.file("churn", [f"route replace 20.1.2.{bits} {ways[(i + i // 4) % 4]}"
                                   for i in range(10000) for bits in ("0/24", "0/28", "1/32")])
        pings = Pinging(self.pair.a, "20.1.2.1", 0.002)
        self.addCleanup(pings.close)
        start = time.monotonic()
        for _ in range(5):
            self.spated.do(f"route load {path}")
        seconds = time.monotonic() - start
        print(f"    {150000 / seconds:.0f} changes a second", flush=True)
        self.assertEqual(pings.unanswered(), [])
        self.spated.do("route del 20.1.2.0/28", "route del 20.1.2.1/32")
        self.spated.check_conserved()

    def test_6_bad_files(self):
        routes = self.spated.cli("route stats")["ipv4_routes"]
        cases = {"8.0.0.0/24 via": "no address", "8.0.0.0/24 through 10.0.1.2": "not via",
                 "8.0.0.300/24 via 10.0.1.2": "no prefix", "route del 8.0.0.0/24": "not route add",
                 "8.0.0.0/24 via 10.0.1.2 weight 0": "no number",
                 "8.0.0.0/24 blackhole please": "not expected", "\0\xff": "no prefix",
                 "8.0.0.0/24 via 10.0.1.2 dev " + "p" * 40: "no name",
                 "x" * 100000: "no prefix"}
        for line, says in cases.items():
            with self.subTest(line[:40]), open(self.lab.path("bad"), "w",
                                               encoding="latin-1") as file:
                file.write(f"# good\n8.1.0.0/16 via 10.0.1.2\n\n{line}\n8.2.0.0/16 via 10.0.1.2\n")
                file.flush()
                done = self.spated.spate("-c", f"route load {self.lab.path('bad')}")
                self.assertNotEqual(done.returncode, 0)
                self.assertRegex(done.stdout, rf"bad:4: .*{says}")
                self.assertIn("nothing was loaded", done.stderr)
        self.assertEqual(self.spated.cli("route stats")["ipv4_routes"], routes)
        # A million lines, all bad: the first ones are spelt out.
        path = self.file("worse", ["rubbish"] * ROUTES4)
        done = self.spated.spate("-c", f"route load {path}", timeout=60)
        self.assertIn(f"{ROUTES4} lines of {path} are wrong", done.stderr)
        self.assertLess(len(done.stdout.splitlines()), 40)
        # What is right as a line, and cannot be added.
        path = self.file("mixed", ["8.1.0.0/16 via 10.0.1.2", "8.1.0.0/16 via 10.0.1.2",
                                   "8.2.0.0/16 via 172.16.0.1", "route replace 8.1.0.0/16 blackhole"])
        done = self.spated.spate("-c", f"route load {path}")
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"mixed:2: there is a route")
        self.assertRegex(done.stdout, r"mixed:3: gateway 172.16.0.1")
        self.assertIn("2 routes added", done.stdout)
        self.assertEqual(self.spated.cli("route show 8.1.0.0/16")[0]["way"], "blackhole")
        for path in ("/", "/dev/zero", os.path.join(self.lab.directory, "none")):
            self.assertNotEqual(self.spated.spate("-c", f"route load {path}").returncode, 0)
        self.spated.do("route del 8.1.0.0/16")
        self.spated.check_conserved()


if __name__ == "__main__":
    main()
