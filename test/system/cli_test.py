# SPDX-License-Identifier: BSD-3-Clause
"""The CLI as scripts and people use it: one-shot, files, JSON, errors, configuration."""
import json
import os
import re
import signal
import subprocess
import time

from harness import SPATE, SPATED, Pair, SystemTest, main, ping

SHOWS = ["port show", "port show p0", "port stats", "port stats p0", "iface show", "iface show p0",
         "iface stats", "iface stats p0", "port mac show", "port mac show p0",
         "addr show", "addr show p0", "neigh show", "neigh show p0", "neigh stats",
         "neigh proxy show", "mld show", "mld show p0", "autoconf show", "autoconf show p0",
         "route show", "route show count", "route stats", "route show ipv4", "route show ipv6",
         "route show 10.0.0.0/24", "route get 10.0.1.2",
         "route get 10.0.1.2 flow udp 10.0.0.2:1 10.0.1.2:2", "nexthop show", "multipath show",
         "stats show", "pipeline show", "drops show", "drops show all", "ring show", "memory show",
         "worker show", "trace show", "capture show", "log show", "version show", "queue show",
         "queue show p0", "rss show", "rss show p0", "rss balance show", "rss balance show p0",
         "fragment show", "pmtu show", "pmtu stats", "vrf show", "vrf show default",
         "flow show", "flow show p0", "cable show", "udp show", "udp stats", "service show",
         "service show loaded", "ephemeral show", "ephemeral show algorithms", "tcp show",
         "tcp show listeners", "tcp show counters", "tcp show congestion", "tcp show offload",
         "tcp show policy", "tcp stats", "sctp show", "sctp show listeners", "sctp show counters", "sctp show defaults",
         "sctp show mib", "sctp stats",
         "rss predict p0 udp 10.0.0.2:4000 10.0.1.2:53"]


class Cli(SystemTest):
    """Against one daemon that has some of everything."""

    @classmethod
    def setUpLab(cls):
        cls.pair = Pair(cls.lab, workers=2, queues=2, config=[
            "iface add lo0 loopback", "addr add 192.0.2.1/32 lo0",
            "addr add 2001:db8:99::1/128 lo0",
            "route add 198.51.100.0/24 via 10.0.0.2 weight 2 via 10.0.1.2",
            "route add 2001:db8:ff::/48 via 2001:db8:0:1::2",
            "route add 203.0.113.0/24 blackhole", "route add 203.0.114.0/24 unreachable",
            "route add 203.0.115.0/24 prohibit metric 4294967295",
            "route add 203.0.116.0/24 via 192.0.2.77 recursive via 10.0.1.2 metric 7",
            "route add 203.0.117.0/24 via 10.0.1.2 counted",
            "multipath set policy fields src,dst,flow-label seed 5 symmetric",
            "neigh add 10.0.1.77 lladdr 02:00:00:00:00:77 dev p1",
            "flow add p0 match proto sctp dport 80 queue 1", "log level neigh info",
            "sctp set congestion cubic rto-initial 500 rto-min 400 out-streams 64"])
        cls.spated = cls.pair.spated
        cls.spated.do("trace add 2")
        cls.pair.warm_up()

    def fails(self, *args, status=1, **more):
        """The client, which must fail. @return what it says on standard error"""
        done = self.spated.spate(*args, **more)
        self.assertEqual(done.returncode, status, f"{args}: {done.stdout} {done.stderr}")
        self.assertNotEqual(done.stderr, "")
        return done.stderr

    def test_json_of_every_show(self):
        helps = self.spated.do("help")
        nouns = [line.split()[0] for line in helps.splitlines() if line[:1] == " " or
                 line[:1].isalpha()]
        self.assertIn("port", nouns)
        for show in SHOWS:
            with self.subTest(show):
                text = self.spated.do(show + " json")
                value = json.loads(text)
                # -j says the same as the word.
                again = json.loads(self.spated.spate("-j", "-c", show).stdout)
                self.assertEqual(shape(again), shape(value))
                # People get a table, not JSON.
                self.assertNotIn('{"', self.spated.do(show))
        # Every show that help tells of is in the list above.
        for noun in nouns:
            for line in self.spated.do(f"help {noun}").splitlines():
                if line.startswith(noun) and "[json]" in line:
                    words = " ".join(line.split()[:2])
                    self.assertTrue(any(show.startswith(words) for show in SHOWS), line)

    def test_same_in_other_words(self):
        self.assertEqual(self.spated.do("show iface"), self.spated.do("iface show"))
        self.assertEqual(self.spated.do("show route ipv4"), self.spated.do("route show ipv4"))
        self.assertEqual(shape(json.loads(self.spated.do("show port json"))),
                         shape(self.spated.cli("port show")))
        self.assertEqual(self.spated.do("if sh"), self.spated.do("iface show"))
        self.assertEqual(self.spated.do("ro sh ipv6"), self.spated.do("route show ipv6"))
        self.assertIn("ambiguous", self.fails("-c", "p show"))
        # Not shutdown, which nobody shall run by a slip.
        self.assertEqual(self.spated.do("sh iface"), self.spated.do("iface show"))
        self.assertIn('did you mean "shutdown"?', self.fails("-c", "shutdow"))
        # Without -c: the words of the shell.
        self.assertEqual(self.spated.spate("iface", "show").stdout, self.spated.do("iface show"))

    def test_slips(self):
        """A word that is nearly one that is known, as people type them."""
        for command, meant in (("adr show", "addr"), ("port shwo", "show"), ("ruote show", "route"),
                               ("route add 10.9.0.0/16 balckhole", "blackhole")):
            self.assertIn(f'did you mean "{meant}"?', self.fails("-c", command))

    def test_default_route(self):
        """As iproute2 says it: the family is that of the gateway."""
        self.spated.do("route add default via 10.0.0.2", "route add default via 2001:db8::2")
        self.assertEqual({row["prefix"] for row in self.spated.cli("route show default")},
                         {"0.0.0.0/0", "::/0"})
        self.assertIn("two default routes", self.fails("-c", "route del default"))
        self.spated.do("route replace default via 10.0.1.2", "route del ::/0",
                       "route del default")
        self.assertEqual(self.spated.cli("route show default"), [])
        self.spated.do("route add default blackhole", "route del 0.0.0.0/0",
                       "route add default via 2001:db8::2", "route del default")
        self.assertEqual(self.spated.cli("route show default"), [])

    def test_help(self):
        self.assertIn("route", self.spated.do("help"))
        out = self.spated.do("help route add")
        self.assertIn("weight", out)
        self.assertNotIn("route del", out)
        self.assertIn("no command begins so", self.fails("-c", "help nonsense"))

    def test_errors(self):
        """What is wrong, where, and what would be right; on standard error, with status 1."""
        for command, word, caret in (
                ("prot show", "prot", 0), ("port shwo", "shwo", 5),
                ("addr add 10.0.0.300/24 p0", "10.0.0.300/24", 9),
                ("route add 10.9.0.0/16", None, None),
                ("route add 10.9.0.0/16 via 10.0.0.2 weight 0", None, 42),
                ("route add 10.9.0.0/16 via 10.0.0.2 weight 257", None, 42),
                ("iface set p0 mtu 67", None, 17), ("ping", None, None),
                ("ping 10.0.0.2 count 0", None, 20),
                ("neigh add 10.0.0.9 lladdr 02:00:00:00:00:0g dev p0", None, 26)):
            with self.subTest(command):
                done = self.spated.spate("-c", command)
                self.assertEqual((done.returncode, done.stdout), (1, ""), command)
                lines = done.stderr.splitlines()
                self.assertTrue(lines[0].startswith("error: "), done.stderr)
                if word:
                    self.assertIn(word, lines[0])
                self.assertIn(command, lines[1])
                if caret is not None:
                    self.assertEqual(lines[2].index("^") - lines[1].index(command), caret,
                                     done.stderr)
        for command, words in (
                ("port del nope", "no port"), ("route del 10.99.0.0/16", "no static route"),
                ("iface del p0", ""), ("iface add lo0 loopback", "lo0"),
                ("addr add 10.0.0.1/24 p0", "10.0.0.1"), ("addr add 10.0.0.1 p0", "10.0.0.1"),
                ("addr del 10.0.0.77/24 p0", ""),
                ("route add 10.0.0.1/24 via 10.0.0.2", "did you mean 10.0.0.0/24"),
                ("route add 203.0.113.0/24 blackhole", "route replace"),
                ("route add 10.9.0.0/16 via 172.16.0.1", "172.16.0.1"),
                ("route add 10.9.0.0/16 via 2001:db8::2", "family"),
                ("worker count 3", "start"), ("eal --no-huge", "start"),
                ("sctp show 7", "'sctp show'"), ("sctp show 7 streams", "no association"),
                ("sctp heartbeat 7 10.0.0.2", "no association"), ("sctp abort 0", "32 bits"),
                ("sctp abort 7", "no association"), ("sctp show 4294967296", "32 bits"),
                ("sctp abort", "all"), ("sctp shutdown all", "no association"),
                ("sctp primary 7 10.0.0.2", "no association"),
                ("sctp address add 7 10.0.0.1", "no association"), ("sctp peer-primary 0 10.0.0.1", "32 bits"),
                ("sctp reset streams 7 out 1024", "no stream"), ("sctp reset association 7", "no association"),
                ("sctp add-streams 7", "how many"), ("sctp add-streams 7 in 4", "no association"),
                ("sctp show state open", "COOKIE-WAIT, COOKIE-ECHOED, ESTABLISHED"),
                ("sctp set congestion best", "congestion"), ("sctp set rto-max 100", "rto-max"),
                ("log level nonsense debug", "nonsense"), ("ping ff02::1", "multicast"),
                ("ping fe80::1", "dev IFACE")):
            with self.subTest(command):
                before = self.spated.do("config show")
                self.assertIn(words, self.fails("-c", command))
                self.assertEqual(self.spated.do("config show"), before)

    def test_client(self):
        self.assertIn("usage", self.fails("-x", status=2))
        done = subprocess.run([SPATE, "-n", "nobody-is-called-so", "-c", "version show"], text=True,
                              capture_output=True, check=False)
        self.assertEqual(done.returncode, 3)
        self.assertIn("cannot reach the daemon", done.stderr)
        # After a failure, what follows is not run.
        done = self.spated.spate("-c", "iface add lo9 loopback", "-c", "nonsense", "-c",
                                 "iface del lo9")
        self.assertEqual(done.returncode, 1)
        self.spated.do("iface del lo9")

    def test_script(self):
        path = self.lab.path("script")
        with open(path, "w", encoding="ascii") as file:
            file.write("# a comment\n\n  iface add lo1 loopback  # and another\r\n"
                       "addr add 192.0.2.9/32 dev lo1\niface show lo1 json\n")
        done = self.spated.spate("-f", path)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(json.loads(done.stdout)["addresses"], ["192.0.2.9/32"])
        done = self.spated.spate(input="iface del lo1\nversion show json\nquit\nnonsense\n")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("spate", json.loads(done.stdout))
        done = self.spated.spate("-f", "-", input="version show\nnonsense here\nversion show\n")
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stderr.startswith("stdin:2: "), done.stderr)
        self.assertEqual(done.stdout, self.spated.do("version show"))
        self.assertIn("No such file", self.fails("-f", "/nonexistent"))

    def test_many_clients(self):
        """At once, and one that stalls does not stop the others."""
        stalled = subprocess.Popen([SPATE, "-n", self.spated.name], stdin=subprocess.PIPE)
        clients = [subprocess.Popen([SPATE, "-n", self.spated.name, "-j", "-c", "route show"],
                                    stdout=subprocess.PIPE, text=True) for _ in range(20)]
        for client in clients:
            self.assertGreater(len(json.loads(client.communicate(timeout=20)[0])), 5)
            self.assertEqual(client.returncode, 0)
        stalled.stdin.close()
        self.assertEqual(stalled.wait(10), 0)

    def test_save_and_restart(self):
        saved, again = self.lab.path("saved.conf"), self.lab.path("again.conf")
        before = self.spated.do("config show")
        self.spated.do(f"config save {saved}")
        with open(saved, encoding="utf-8") as file:
            self.assertIn(before.strip(), file.read())
        self.assertEqual(os.stat(saved).st_mode & 0o022, 0)
        self.spated.do(f"config check {saved}")
        self.spated.stop()
        config, self.spated.config_path = self.spated.config_path, saved
        try:
            self.spated.launch()
            self.spated.wait_ready()
            self.assertEqual(self.spated.do("config show"), before)
            self.spated.do(f"config save {again}")
            with open(saved, encoding="utf-8") as one, open(again, encoding="utf-8") as two:
                self.assertEqual(strip_comments(one.read()), strip_comments(two.read()))
            # And it works as before.
            for address in (Pair.B4, Pair.B6):
                ping(self.pair.a, address, 2)
        finally:
            self.spated.config_path = config
        self.assertIn("No such file", self.fails("-c", "config save /nonexistent/x"))

    def test_load(self):
        before = self.spated.do("config show")

        def load(text, name="load.conf"):
            path = self.lab.path(name)
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
            return path
        good = ("iface add lo2 loopback\naddr add 192.0.2.22/32 dev lo2\n"
                "route replace 203.0.113.0/24 unreachable\nroute add 10.50.0.0/16 via 10.0.0.2\n"
                "iface set p0 mtu 1400\nneigh add 10.0.0.99 lladdr 02:00:00:00:00:99 dev p0\n"
                "worker poll busy\nlog level route debug\niface down lo0\nport set p1 mtu 1450\n"
                "route del 198.51.100.0/24\n")
        with self.subTest("a wrong word: nothing is run"):
            path = load(good + "# comment\nroute adx 10.51.0.0/16 blackhole\n")
            error = self.fails("-c", f"config load {path}")
            self.assertIn(f"{path}:13: ", error)
            self.assertEqual(self.spated.do("config show"), before)
            self.assertIn(f"{path}:13: ", self.fails("-c", f"config check {path}"))
        with self.subTest("a command that fails: those before are undone"):
            path = load(good + "route add 10.52.0.0/16 via 172.16.0.1\niface add lo3 loopback\n")
            self.spated.do(f"config check {path}")
            error = self.fails("-c", f"config load {path}")
            self.assertIn(f"{path}:12: ", error)
            self.assertIn("the lines before it were undone", error)
            self.assertEqual(self.spated.do("config show"), before)
        with self.subTest("what is for the start, as it is"):
            start = [line for line in before.splitlines()
                     if re.match("eal |worker (count|mbufs)", line)]
            self.assertGreaterEqual(len(start), 2)
            self.spated.do(f"config load {load(chr(10).join(start))}")
            error = self.fails("-c", f"config load {load('eal --no-such-option')}")
            self.assertIn("not started with '--no-such-option'", error)
        with self.subTest("what was so before stays so"):
            path = load("addr set stable-secret 0123456789abcdef\nport del nope\n")
            self.fails("-c", f"config load {path}")
            self.assertEqual(self.spated.do("config show"), before)
            path = load("iface set p0 accept-ra on\nport del nope\n")
            self.spated.do("iface set p0 accept-ra on")
            self.fails("-c", f"config load {path}")
            self.assertIn("iface set p0 accept-ra on", self.spated.do("config show"))
            self.spated.do("iface set p0 accept-ra off")
            self.fails("-c", f"config load {path}")
            self.assertEqual(self.spated.do("config show"), before)
            kept = ("iface up p0\nport up p1\niface set p1 accept-ra off\n"
                    "neigh add 10.0.1.77 lladdr 02:00:00:00:00:78 dev p1\n"
                    "neigh del 10.0.1.77 dev p1\n")
            self.fails("-c", f"config load {load(kept + 'iface add lo0 loopback')}")
            self.assertEqual(self.spated.do("config show"), before)
            self.assertEqual([row["state"] for row in self.spated.cli("port show")], ["up", "up"])
        with self.subTest("all of it"):
            self.spated.do(f"config load {load('iface add lo2 loopback')}", "iface del lo2")
        for text, word in (("worker count 9\n", "the number of workers is"),
                           ("config load x\n", "config load"),
                           ("ping 10.0.0.2\n", "ping")):
            with self.subTest(text):
                path = load(text)
                error = self.fails("-c", f"config load {path}")
                self.assertIn(f"{path}:1: ", error)
                self.assertIn(word, error)
        self.fails("-c", "config load /nonexistent")
        self.fails("-c", f"config load {self.lab.directory}")
        self.assertEqual(self.spated.do("config show"), before)

    def test_ping_interrupted(self):
        """Ctrl-C stops the ping, not the client nor the daemon, and shows the summary."""
        with subprocess.Popen([SPATE, "-n", self.spated.name, "-c",
                               f"ping {Pair.A4} count 1000 interval 50"],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True) as client:
            line = client.stdout.readline()
            self.assertIn("icmp_seq=1", line)
            time.sleep(0.2)
            client.send_signal(signal.SIGINT)
            out = client.communicate(timeout=10)[0]
        self.assertIn("received", out)
        self.assertNotIn("icmp_seq=100 ", out)
        self.assertNotEqual(client.returncode, 0)
        # A client that is killed takes its ping along.
        with subprocess.Popen([SPATE, "-n", self.spated.name, "-c",
                               f"ping {Pair.A4} count 1000 interval 20"],
                              stdout=subprocess.PIPE, text=True) as client:
            client.stdout.readline()
            client.kill()
        self.spated.quiet()

    def test_doc(self):
        done = subprocess.run([SPATED, "--print-cli-doc"], text=True, capture_output=True,
                              check=True)
        for show in SHOWS:
            self.assertIn(" ".join(show.split()[:2]), done.stdout)


def shape(value):
    """Of JSON: names and types, without values that move."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return "number" if isinstance(value, (int, float)) else type(value).__name__


def strip_comments(text):
    return [line for line in text.splitlines() if line and not line.startswith("#")]


if __name__ == "__main__":
    main()
