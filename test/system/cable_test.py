# SPDX-License-Identifier: BSD-3-Clause
"""Two ports of one daemon, joined by a cable: VRFs that ping each other, and what the CLI says."""
import pathlib
import re
import subprocess

from harness import CliError, SystemTest, main, wait_for

CONFIG = ["vrf add red", "port add a cable peer b queues 2 key 52",
          "port add b cable peer a queues 2 flight 500", "iface set b vrf red",
          "addr add 10.0.0.1/24 a", "addr add 10.0.0.2/24 b",
          "addr add 2001:db8::1/64 a", "addr add 2001:db8::2/64 b"]


class Cable(SystemTest):
    """a in the default VRF, b in red."""

    @classmethod
    def setUpLab(cls):
        cls.spated = cls.lab.spated(cls.lab.namespace(), CONFIG, workers=2)

    def setUp(self):
        # ARP has no checksum: an answer that was corrupted may have said another MAC address.
        self.spated.do("neigh flush")
        for address in ("10.0.0.2", "2001:db8::2"):
            wait_for(lambda target=address: self.answers(target), f"{address} answers")

    @classmethod
    def answers(cls, address, options="count 1 interval 10"):
        return cls.spated.spate("-c", f"ping {address} {options}").returncode == 0

    def tearDown(self):
        self.spated.do("cable clear a", "cable clear b", "cable link a up", "cable link b up")

    def counters(self, port):
        """After checking that they add up."""
        show = self.spated.cli(f"cable show {port}")
        counters, lost = show["counters"], sum(show["lost"].values())
        self.assertEqual(counters["sent"] + counters["duplicated"],
                         counters["delivered"] + lost + counters["in_flight"])
        return counters, show["lost"]

    def rtts(self, address, count=3):
        text = self.spated.do(f"ping {address} count {count} interval 10")
        rtts = [float(ms) for ms in re.findall(r"time=([\d.]+) ms", text)]
        self.assertEqual(len(rtts), count, text)
        return rtts

    def test_delay(self):
        """Of both ways; frames arrive on time, or later if the machine is busy."""
        self.spated.do("cable set a delay 20ms", "cable set b delay 30ms jitter 1ms")
        for address in ("10.0.0.2", "2001:db8::2"):
            for rtt in self.rtts(address):
                self.assertGreaterEqual(rtt, 49)
        for port in ("a", "b"):
            wait_for(lambda name=port: self.counters(name)[0]["in_flight"] == 0, "all arrived")
        self.spated.check_conserved()

    def test_loss(self):
        """Each echo request is lost, and nothing else; then each second frame of a seed."""
        self.spated.do('cable set a filter "icmp[0] = 8"')
        before = self.counters("a")[1]["loss"]
        self.assertFalse(self.answers("10.0.0.2", "count 3 interval 10"))
        self.assertEqual(self.counters("a")[1]["loss"], before + 3)
        self.spated.do("cable set a filter none loss nth 2")
        text = self.spated.spate("-c", "ping 10.0.0.2 count 3 interval 10").stdout
        self.assertEqual(self.counters("a")[1]["loss"], before + 4, text)
        self.spated.do("cable set a loss 100%")
        self.assertFalse(self.answers("2001:db8::2", "count 2 interval 10"))
        self.spated.do("cable set a loss 0")
        self.assertTrue(self.answers("10.0.0.2"))
        self.spated.check_conserved()

    def test_corruption_is_noticed(self):
        """Wrong behind the checksum: dropped. In front of it: answered, since ping cannot know."""
        before = self.spated.drops()
        self.spated.do("cable set a corrupt 100%")
        self.assertFalse(self.answers("10.0.0.2", "count 5 interval 10"))
        self.assertGreater(sum(self.spated.dropped_since(before).values()), 0)
        self.assertGreaterEqual(self.counters("a")[0]["corrupted"], 5)

    def test_link(self):
        def state(port):
            return next(row["link"] for row in self.spated.cli("port show") if row["port"] == port)
        self.spated.do("cable link b down")
        self.assertEqual([state("a"), state("b")], ["down", "down"])
        self.assertIn("cable link b down", self.spated.do("config show"))
        self.spated.do("cable link b up")
        self.assertEqual([state("a"), state("b")], ["up", "up"])
        wait_for(lambda: self.answers("10.0.0.2"), "the link carries packets again")
        self.spated.do("port del b")
        self.assertEqual(state("a"), "down")
        self.spated.do(*(line for line in CONFIG if re.search(r"\bb\b.*|\bb$", line)
                         and not line.startswith("port add a")))
        self.assertEqual(state("a"), "up")
        wait_for(lambda: self.answers("10.0.0.2"), "the new port answers")

    def test_rss(self):
        """The key has as many bytes as asked for, and all of it can be set."""
        rss = self.spated.cli("rss show a")
        self.assertEqual(len(rss["key"].replace(":", "")), 2 * 52, rss)
        self.assertIn("queue", self.spated.do("rss predict a tcp 10.0.0.9:1 10.0.0.1:2"))

    def test_config_is_kept(self):
        line = ("cable set a seed 7 delay 10500us jitter 1ms distribution normal "
                "loss gemodel 1% 20% 100% 0.001% filter \"tcp port 80\" duplicate 0.5% "
                "corrupt 1% corrupt-before 2% truncate 3% reorder 4% by 5ms rate 10mbit "
                "burst 3000 limit 50 limit-bytes 75000 aqm ecn target 6ms interval 90ms")
        self.spated.do(line)
        config = self.spated.do("config show")
        self.assertIn(line, config)
        self.assertIn("port add a cable peer b key 52 rxq 2 txq 2\n", config)
        self.spated.do("cable clear a")
        self.assertNotIn("cable set", self.spated.do("config show"))
        self.spated.do(line, "cable set a loss every 9 aqm off distribution uniform")
        self.assertIn(" loss every 9 ", self.spated.do("config show"))
        # What a load that fails has changed is taken back.
        config = self.spated.do("config show")
        path = self.lab.path("cable.conf")
        pathlib.Path(path).write_text("cable set a delay 1s loss 3%\ncable clear b\ncable set b rate 1\n")
        with self.assertRaises(CliError):
            self.spated.do(f"config load {path}")
        self.assertEqual(self.spated.do("config show"), config)

    def test_capture(self):
        """Both ends, or one of them, by its name."""
        path = self.lab.path("cable.pcapng")
        for words, expected in (("", 12), ("port a", 6), ("iface b direction in", 3)):
            self.spated.do(f"capture start {path} {words} filter icmp")
            self.assertEqual(self.spated.cli("capture show")["state"], "running")
            self.rtts("10.0.0.2")
            self.spated.do("capture stop")
            done = subprocess.run(["tcpdump", "-n", "-r", path], text=True, check=True,
                                  capture_output=True)
            self.assertEqual(done.stdout.count("ICMP echo"), expected, done.stdout)
        # A device may have the name of a cable's end.
        self.spated.do("port add n devargs net_null0,no-rx=1", "port add net_null0 cable peer d",
                       f"capture start {path}", "port del net_null0", "port down a", "port up a")
        wait_for(lambda: self.answers("10.0.0.2"), "the cable carries packets again")
        self.spated.do("capture stop", "port del n")
        self.assertGreater(self.spated.cli("capture show")["written"], 0)

    def test_refused(self):
        for command, reason in (
                ("port add c cable peer c", "its own peer"),
                ("port add c cable peer d key 41", "40 or 52"),
                ("port add c cable peer d offloads rx-magic", "no offload"),
                ('port add c cable peer d offloads "none end c"', "has spaces"),
                ("port add c cable peer a", "a has another peer: b"),
                ("cable set lo0 delay 1ms", "no port"),
                ("cable set a delay 2h", "a time"),
                ("cable set a delay 2000000s", "an hour"),
                ("cable set a loss 101%", "a chance"),
                ('cable set a filter "no such thing"', "is no filter"),
                ('cable set a filter "host router.example"', "names are not looked up"),
                ("cable set a rate 10bit", "1000 bit/s")):
            with self.assertRaises(CliError, msg=command) as caught:
                self.spated.do(command)
            self.assertIn(reason, caught.exception.text, command)


if __name__ == "__main__":
    main()
