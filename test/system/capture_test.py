# SPDX-License-Identifier: BSD-3-Clause
"""Captures, by the CLI and by dpdk-dumpcap: what tcpdump reads in the files is what was sent."""
import os
import signal
import subprocess

from harness import CliError, Pair, SystemTest, is_sanitized, main, ping, wait_for


class Capture(SystemTest):
    """Two hosts, with workers of two queues between them."""

    @classmethod
    def setUpLab(cls):
        cls.pair = Pair(cls.lab, workers=2, queues=2, config=["iface add lo0 loopback"])
        cls.spated = cls.pair.spated
        cls.pair.warm_up()

    def setUp(self):
        self.path = self.lab.path(f"{self.id().rsplit('.', maxsplit=1)[-1]}.pcapng")

    def tearDown(self):
        if self.spated.cli("capture show")["state"] == "running":
            self.spated.do("capture stop")

    def packets(self, path=None, *filters):
        """What tcpdump reads, a line each."""
        done = subprocess.run(["tcpdump", "-n", "-e", "-r", path or self.path, *filters], text=True,
                              check=True, capture_output=True)
        return done.stdout.splitlines()

    def test_ping_both_ways(self):
        self.spated.quiet()
        before = self.spated.available()
        self.spated.do(f"capture start {self.path}")
        ping(self.pair.a, Pair.B4, 5)
        ping(self.pair.a, Pair.B6, 5)
        said = self.spated.do("capture stop")
        show = self.spated.cli("capture show")
        self.assertIn(f"{show['written']} packets in {self.path}, 0 dropped", said)
        self.assertEqual((show["state"], show["drops"]), ("stopped", 0))
        self.assertEqual(show["seen"], show["written"])
        # Each on two ports: in and out.
        for sequence in range(1, 6):
            for kind, family in (("echo request", "icmp"), ("echo reply", "icmp"),
                                 ("echo request", "icmp6"), ("echo reply", "icmp6")):
                lines = [line for line in self.packets(None, family)
                         if kind in line and f"seq {sequence}," in line]
                self.assertEqual(len(lines), 2, lines)
        self.assertEqual(len(self.packets()), show["written"])
        self.assertEqual(os.stat(self.path).st_mode & 0o777, 0o600)
        self.spated.quiet()
        self.assertEqual(self.spated.available(), before)
        self.spated.check_conserved()

    def test_where_and_what(self):
        for words, expected in (("port p0", {"request", "reply"}), ("iface p1", {"request", "reply"}),
                                ("port p0 direction in", {"request"}),
                                ("port p0 direction out", {"reply"}),
                                ("direction out filter \"icmp[0] == 8\"", {"request"})):
            with self.subTest(words):
                self.spated.do(f"capture start {self.path} {words} snaplen 64")
                self.assertEqual(self.spated.cli("capture show")["state"], "running")
                ping(self.pair.a, Pair.B4, 3, "-s", "500")
                self.spated.do("capture stop")
                lines = self.packets(None, "icmp")
                self.assertEqual({line.split("echo ")[1].split(",")[0] for line in lines}, expected)
                self.assertEqual(len(lines), 3 * len(expected))
                # As long as they were, though less is kept.
                self.assertTrue(all("length 542" in line for line in lines), lines)

    def test_filter(self):
        self.spated.do(f"capture start {self.path} filter \"ip6 and icmp6\"")
        ping(self.pair.a, Pair.B4, 3)
        ping(self.pair.a, Pair.B6, 3)
        self.spated.do("capture stop")
        show = self.spated.cli("capture show")
        self.assertGreaterEqual(show["filtered"], 12)
        self.assertEqual(self.packets(None, "not ip6"), [])
        self.assertGreaterEqual(show["written"], 12)

    def test_packet_count(self):
        self.spated.do(f"capture start {self.path} packets 4 filter icmp")
        ping(self.pair.a, Pair.B4, 3)
        wait_for(lambda: self.spated.cli("capture show")["state"] == "stopped", "it ends by itself")
        self.assertEqual(len(self.packets()), 4)
        with self.assertRaises(CliError):
            self.spated.do("capture stop")

    def test_refusals(self):
        for words, text in ((self.lab.directory, "directory"), ("/dev/null", "regular"),
                            (self.path + " port nope", "no port"),
                            (self.path + " iface lo0", "no port"),
                            (self.path + " filter \"tcp port nonsense\"", "pcap-filter"),
                            (self.path + " snaplen 1", ""), (self.path + " direction up", ""),
                            (self.path + " filter \"" + "icmp or " * 80 + "icmp\"", "at most")):
            with self.subTest(words):
                with self.assertRaises(CliError) as caught:
                    self.spated.do("capture start " + words)
                self.assertIn(text, caught.exception.text)
                self.assertNotEqual(self.spated.cli("capture show")["state"], "running")
        self.spated.do(f"capture start {self.path}")
        with self.assertRaises(CliError) as caught:
            self.spated.do(f"capture start {self.path}")
        self.assertIn("capture stop", caught.exception.text)
        self.assertNotIn("capture", self.spated.do("config show"))

    def test_port_goes_meanwhile(self):
        host = self.lab.namespace()
        self.lab.veth(self.pair.router, "x0", host)
        self.lab.address(host, "10.7.0.2/24")
        for _ in range(2):
            self.spated.do("port add x devargs net_af_packet7,iface=x0", "addr add 10.7.0.1/24 x",
                           f"capture start {self.path} filter icmp")
            ping(host, "10.7.0.1", 2)
            self.spated.do("port down x", "port up x", "port del x")
            ping(self.pair.a, Pair.B4, 2)
            self.spated.do("capture stop")
            self.assertEqual(len(self.packets(None, "net 10.7.0.0/24")), 4)
            self.assertEqual(len(self.packets(None, "net 10.0.0.0/16")), 8)

    def test_stop_while_it_runs(self):
        """The daemon's end is the capture's: the file is whole."""
        host = self.lab.namespace()
        self.lab.veth(self.pair.router, "y0", host)
        self.lab.address(host, "10.8.0.2/24")
        other = self.lab.spated(self.pair.router, ["port add y devargs net_af_packet0,iface=y0",
                                                   "addr add 10.8.0.1/24 y"])
        other.do(f"capture start {self.path} filter icmp")
        ping(host, "10.8.0.1", 2)
        other.stop()
        self.assertEqual(len(self.packets()), 4)

    def test_dumpcap(self):
        """Another process of DPDK's: it shares the daemon's memory, so that needs hugepages."""
        if is_sanitized():
            self.skipTest("what a sanitizer puts into memory is where dpdk-dumpcap wants the daemon's")
        done = subprocess.run(["dpdk-dumpcap", f"--file-prefix=spate-{self.spated.name}", "-D"],
                              check=False, text=True, capture_output=True, timeout=20)
        if "--no-huge" in read(self.spated.config_path):
            self.assertNotEqual(done.returncode, 0)
            self.skipTest("no hugepages are free, which dpdk-dumpcap needs")
        self.assertIn("net_af_packet0", done.stdout)
        with subprocess.Popen(
                ["dpdk-dumpcap", f"--file-prefix=spate-{self.spated.name}", "-i",
                 "net_af_packet0", "-f", "icmp", "-c", "6", "-w", self.path],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as dumpcap:
            try:
                wait_for(lambda: os.path.exists(self.path), "it has begun")
                ping(self.pair.a, Pair.B4, 6)
                output, _ = dumpcap.communicate(timeout=20)
            finally:
                dumpcap.send_signal(signal.SIGINT)
        self.assertEqual(dumpcap.returncode, 0, output)
        self.assertEqual(len(self.packets(None, "icmp")), 6)
        # The daemon does not mind.
        ping(self.pair.a, Pair.B4, 2)
        self.spated.check_conserved()


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


if __name__ == "__main__":
    main()
