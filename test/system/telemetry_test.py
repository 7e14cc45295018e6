# SPDX-License-Identifier: BSD-3-Clause
"""DPDK's telemetry carries every show: asked as dpdk-telemetry.py asks."""
import concurrent.futures
import contextlib
import json
import socket
import subprocess
from itertools import takewhile

from harness import Pair, SystemTest, main


class Telemetry:
    """A client of DPDK's telemetry socket."""

    def __init__(self, name):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # DPDK's backlog is one connection: connect() has to wait its turn, which a
        # socket with Python's timeout, one that does not block, is refused.
        self.sock.connect(f"/var/run/dpdk/spate-{name}/dpdk_telemetry.v2")
        self.sock.settimeout(20)
        self.greeting = json.loads(self.sock.recv(1024))

    def ask(self, path):
        """@return what is under the path's own name in the answer"""
        self.sock.send(path.encode())
        answer = json.loads(self.sock.recv(self.greeting["max_output_len"]))
        return answer[path.split(",")[0]]

    def close(self):
        self.sock.close()


class TelemetryTest(SystemTest):
    """One daemon that has some of everything."""

    ROUTES = 1000

    @classmethod
    def setUpLab(cls):
        cls.pair = Pair(cls.lab, workers=2, config=[
            "iface add lo0 loopback", "addr add 192.0.2.1/32 lo0",
            "route add 198.51.100.0/24 via 10.0.0.2 weight 2 via 10.0.1.2",
            "route add 203.0.113.0/24 blackhole",
            "neigh add 10.0.1.77 lladdr 02:00:00:00:00:77 dev p1"])
        cls.spated = cls.pair.spated
        cls.pair.warm_up()

    def setUp(self):
        self.telemetry = Telemetry(self.spated.name)
        self.addCleanup(self.telemetry.close)

    def test_every_show_has_an_endpoint(self):
        paths = {path for path in self.telemetry.ask("/") if path.startswith("/spate/")}
        helps = self.spated.do("help")
        shows = set()
        for noun in [line.split()[0] for line in helps.splitlines() if line.startswith("  ")]:
            for line in self.spated.do(f"help {noun}").splitlines():
                if line.startswith(noun) and "[json]" in line:
                    # What stands behind an argument is a parameter, too.
                    words = [word for word in takewhile(lambda word: not word.isupper(), line.split())
                             if word.islower() and word.isalpha()]
                    shows.add("/spate/" + "/".join(words))
        self.assertEqual(paths, shows)
        self.assertGreater(len(paths), 15)
        for path in paths - {"/spate/route/get", "/spate/rss/predict"}:
            with self.subTest(path):
                self.assertIsNotNone(self.telemetry.ask(path))
                help_text = self.telemetry.ask(f"/help,{path}")
                self.assertNotEqual(help_text, {})

    def test_same_as_json(self):
        """What stands still, to the last field."""
        self.spated.quiet()
        for show in ("addr show", "addr show p0", "route show", "route show ipv6", "iface show p0",
                     "route get 10.0.1.2", "route get 10.0.1.2 flow udp 10.0.0.2:1 10.0.1.2:2",
                     "route show 198.51.100.0/24", "nexthop show", "drops show all",
                     "version show", "log show"):
            words = show.split()
            path = "/spate/" + "/".join(words[:2]) + "".join(["," + " ".join(words[2:])]
                                                              if words[2:] else [])
            with self.subTest(show):
                items, start = {}, 0
                told = self.telemetry.ask(path)
                if isinstance(self.spated.cli(show), list):
                    while told:
                        items.update(told)
                        start = len(items)
                        told = self.telemetry.ask(
                            path + ("," if "," not in path else " ") + f"from {start}")
                    told = items
                self.assertEqual(told, in_telemetry(self.spated.cli(show)))

    def test_one_record(self):
        """With lists of its own inside."""
        told = self.telemetry.ask("/spate/port/show,p0")
        shown = in_telemetry(self.spated.cli("port show p0"))
        self.assertEqual(set(told), set(shown))
        self.assertEqual(set(told["rx_queues"]["0"]), set(shown["rx_queues"]["0"]))
        self.assertEqual(told["mac"], shown["mac"])

    def test_paging(self):
        """More than one answer holds: whole items, each once, and an end."""
        self.spated.do(*[f"route add 100.64.{i // 256}.{i % 256}/32 blackhole"
                         for i in range(self.ROUTES)])
        shown = self.spated.cli("route show ipv4")
        seen, asked = {}, 0
        while True:
            page = self.telemetry.ask(f"/spate/route/show,ipv4 from {len(seen)}")
            if not page:
                break
            self.assertFalse(set(page) & set(seen))
            seen.update(page)
            asked += 1
        self.assertGreater(asked, 3)
        self.assertEqual(seen, in_telemetry(shown))
        self.assertEqual(self.telemetry.ask("/spate/route/show,ipv4 from 99999999999999"), {})
        self.spated.do(*[f"route del 100.64.{i // 256}.{i % 256}/32"
                         for i in range(self.ROUTES)])

    def test_bad_requests(self):
        before = self.spated.do("config show")
        for path in ("/spate/port/show,nope", "/spate/port/show,p0 p1", "/spate/route/get",
                     "/spate/route/get,from 3", "/spate/port/show,p0\nshutdown",
                     "/spate/port/show," + "x" * 900, "/spate/port/show,\"",
                     "/spate/port/show,p0 from -1", "/spate/port/del,p0", "/spate/shutdown",
                     "/spate/port/show,\x01\x02", "/spate"):
            with self.subTest(path):
                self.telemetry.sock.send(path.encode())
                answer = json.loads(self.telemetry.sock.recv(16384), strict=False)
                self.assertEqual(list(answer.values()), [None])
        self.assertEqual(self.spated.do("config show"), before)

    def test_many_at_once(self):
        """Several clients, while the CLI is used, and packets go on."""
        def asks():
            with contextlib.closing(Telemetry(self.spated.name)) as client:
                return [client.ask("/spate/stats/show") is not None for _ in range(50)]
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            clients = [pool.submit(asks) for _ in range(6)]
            self.pair.warm_up()
            for client in clients:
                self.assertEqual(client.result(), [True] * 50)
        self.spated.check_conserved()

    def test_stop_with_clients(self):
        """A client that is connected is no reason to stay."""
        other = self.lab.spated(self.pair.router)
        with contextlib.closing(Telemetry(other.name)) as client:
            self.assertIsNotNone(client.ask("/spate/worker/show"))
            other.stop()

    def test_dpdk_telemetry_py(self):
        done = subprocess.run(["dpdk-telemetry.py", "-f", f"spate-{self.spated.name}"], text=True,
                              input="/spate/port/show,p0\n", capture_output=True, check=True,
                              timeout=20)
        self.assertIn('"port": "p0"', done.stdout)


def in_telemetry(value):
    """What DPDK's telemetry can say of it."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, dict):
        return {key: in_telemetry(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        if value and not isinstance(value[0], (dict, list)):
            return [str(item) for item in value]
        return {str(i): in_telemetry(item) for i, item in enumerate(value)}
    if isinstance(value, float):
        return str(value)
    return value[:127] if isinstance(value, str) else value


if __name__ == "__main__":
    main()
