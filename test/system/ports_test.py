# SPDX-License-Identifier: BSD-3-Clause
"""Ports come and go while others work; each driver that needs no hardware carries packets."""
import concurrent.futures
import re
import socket
import struct
import threading
import time

from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.utils import rdpcap, wrpcap

from harness import CliError, Pair, Spated, SystemTest, main, ping, wait_for


class Traffic:
    """Numbered datagrams from A to B, in threads; what arrived is known at the end."""

    def __init__(self, pair):
        self.pair = pair
        self.sent = 0
        self.received = set()
        # No more on the way than the smallest queue holds.
        self.window = 128
        self.ending = threading.Event()
        self.sink = pair.b.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sink.bind(("", 9))
        self.sink.settimeout(0.1)
        self.sock = pair.a.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.pool = concurrent.futures.ThreadPoolExecutor(2)
        self.running = []

    def send(self):
        while not self.ending.is_set():
            if self.sent - len(self.received) < self.window:
                self.sock.sendto(struct.pack("!I", self.sent), (Pair.B4, 9))
                self.sent += 1
            time.sleep(0.0005)

    def receive(self):
        while True:
            try:
                self.received.add(struct.unpack("!I", self.sink.recv(64))[0])
            except TimeoutError:
                if self.ending.is_set():
                    return

    def __enter__(self):
        self.running = [self.pool.submit(run) for run in (self.send, self.receive)]
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.pool.shutdown()
        self.sock.close()
        self.sink.close()
        for run in self.running:
            run.result()


class UnderTraffic(SystemTest):
    """p0 and p1 carry traffic; what is done to other ports is not their business."""

    @classmethod
    def setUpLab(cls):
        cls.pair = Pair(cls.lab, workers=2, queues=2)
        cls.spated, cls.router = cls.pair.spated, cls.pair.router
        cls.pair.warm_up()

    def test_others_lose_nothing(self):
        """20 times each: add, address, route, down, up, set, delete, and what fails half way."""
        self.spated.quiet()
        before, buffers = self.spated.drops(), self.spated.available()
        config = self.spated.do("config show")
        with Traffic(self.pair) as traffic:
            for i in range(20):
                driver = ("net_tap7,iface=tap7", "net_null0,copy=1", "net_ring0")[i % 3]
                self.spated.do(f"port add x devargs {driver}", "addr add 10.7.0.1/24 x",
                               "route add 10.70.0.0/16 via 10.7.0.2")
                self.spated.do("port down x", "port up x", "iface down x", "iface up x")
                with self.assertRaises(CliError):
                    self.spated.do("port del x")  # a route uses it
                self.spated.do("route del 10.70.0.0/16", "port del x")
                with self.assertRaises(CliError):
                    self.spated.do("port add x devargs net_tap7,iface=tap7 rxq 64")
                with self.assertRaises(CliError):
                    self.spated.do("port add p0 devargs net_null1")
            wait_for(lambda: traffic.sent > 500, "some packets are sent")
        self.assertEqual(len(traffic.received), traffic.sent)
        self.assertEqual(self.spated.do("config show"), config)
        # What net_null makes is zeros; net_ring gives our announcements back. Or it came to a port
        # with no interface up, or was punted, and its interface was gone when control looked; or it
        # is an announcement of ours for a port that went down again.
        self.assertLessEqual(set(self.spated.dropped_since(before)),
                             {"ether_not_ours", "ether_unknown_type", "rx_no_iface",
                              "arp_not_ours", "nd_not_ours", "neigh_no_iface",
                              "tx_port_down"})
        self.assertNotIn("tap7", self.router.links())
        self.spated.check_conserved()
        wait_for(lambda: self.spated.available() == buffers, "all buffers are back")

    def test_down_and_up(self):
        """The port that carries the traffic: down it drops by name, up again it goes on."""
        self.pair.warm_up()
        before = self.spated.drops()
        with Traffic(self.pair) as traffic:
            wait_for(lambda: len(traffic.received) > 50, "it runs")
            self.spated.do("port down p1")
            self.assertEqual(self.spated.cli("port show p1")["state"], "down")
            self.assertEqual(self.spated.cli("iface show p1")["state"], "down")
            count = traffic.sent
            traffic.window += 150
            wait_for(lambda: traffic.sent > count + 100, "it is sent on")
            # The other port lives: the router itself answers.
            ping(self.pair.a, Pair.R4A, 2)
            self.spated.do("port up p1")
            count = traffic.sent
            traffic.window += 150
            wait_for(lambda: max(traffic.received, default=0) > count, "it goes on")
        lost = traffic.sent - len(traffic.received)
        self.assertGreater(lost, 100)
        self.spated.quiet()
        # But for what B said while p1 was on its way up.
        new = self.spated.dropped_since(before, ("ip6_multicast", "rx_no_iface"))
        self.assertLessEqual(set(new), {"tx_port_down", "neigh_no_iface", "neigh_failed",
                                        "neigh_queue_full"})
        self.assertEqual(sum(new.values()), lost, new)
        self.spated.check_conserved()

    def test_removed_and_added(self):
        config = self.spated.do("config show")
        self.spated.do("port del p1")
        self.assertEqual([row["port"] for row in self.spated.cli("port show")], ["p0"])
        self.assertEqual([row["iface"] for row in self.spated.cli("iface show")], ["p0"])
        self.assertIsNone(self.spated.neigh(Pair.B4))
        out = ping(self.pair.a, Pair.B4, 1, check=False, timeout=3).stdout
        self.assertIn(f"From {Pair.R4A} icmp_seq=1 Destination Net Unreachable", out)
        lines = [line for line in config.splitlines() if re.search(r"\bp1\b", line)]
        self.spated.do(*lines)
        self.assertEqual(sorted(self.spated.do("config show").splitlines()),
                         sorted(config.splitlines()))
        for address in (Pair.B4, Pair.B6):
            ping(self.pair.a, address, 2)

    def wait_link(self, port, state):
        wait_for(lambda: self.spated.cli(f"port show {port}")["link"] == state,
                 f"the link of {port} is {state}")

    def test_kernel_interface_goes(self):
        """The veth under an af_packet port goes down, and vanishes: that port is dead, nothing else."""
        host = self.lab.namespace()
        self.lab.veth(self.router, "p7", host)
        self.lab.address(host, "10.7.0.2/24")
        self.spated.do("port add p7 devargs net_af_packet7,iface=p7", "addr add 10.7.0.1/24 p7")
        ping(host, "10.7.0.1")
        for state in ("down", "up"):
            host.ip(f"link set eth0 {state}")
            self.wait_link("p7", state)
        ping(host, "10.7.0.1", 3)
        with Traffic(self.pair) as traffic:
            host.ip("link del eth0")
            self.wait_link("p7", "down")
            wait_for(lambda: len(traffic.received) > 200, "others go on")
            self.spated.do("ping 10.0.0.2 count 1")
            self.spated.do("port show p7", "port del p7")
        self.assertEqual(len(traffic.received), traffic.sent)
        # And again, under the same name.
        self.lab.veth(self.router, "p7", host)
        self.lab.address(host, "10.7.0.2/24")
        self.spated.do("port add p7 devargs net_af_packet7,iface=p7", "addr add 10.7.0.1/24 p7")
        ping(host, "10.7.0.1")
        self.spated.do("port del p7")

    def test_mtu(self):
        """A port's MTU bounds its interface's, which follows it where the user did not lower it."""
        def mtus():
            return (self.spated.cli("port show p0")["mtu"], self.spated.cli("iface show p0")["mtu"])
        self.assertEqual(mtus(), (1500, 1500))
        self.spated.do("port set p0 mtu 1400")
        self.assertEqual(mtus(), (1400, 1400))
        with self.assertRaises(CliError) as caught:
            self.spated.do("iface set p0 mtu 1401")
        self.assertIn("port set p0 mtu", caught.exception.text)
        self.spated.do("port set p0 mtu 1500")
        self.assertEqual(mtus(), (1500, 1500))
        self.spated.do("iface set p0 mtu 1300", "port set p0 mtu 1400")
        self.assertEqual(mtus(), (1400, 1300))
        self.spated.do("port set p0 mtu 1500", "iface set p0 mtu 1500")
        self.assertEqual(mtus(), (1500, 1500))
        ping(self.pair.a, Pair.B4, 1, "-s", "1472", "-M", "do")

    def test_refused(self):
        """Clear errors, a non-zero status, and nothing half done."""
        taken = self.lab.path("nothing")
        for command, words in (
                ("port add x devargs net_nonsense0", "net_af_packet"),
                ("port add x devargs nonsense", "no driver for nonsense"),
                ("port add x devargs net_af_packet9,iface=nonesuch", "iface=NAME"),
                ("port add x devargs net_af_packet9", "iface=NAME"),
                ("port add x devargs net_af_packet9,iface=p0,nonsense=1", "iface=NAME"),
                (f"port add x devargs net_pcap9,rx_pcap={taken},tx_pcap={taken}.out", "rx_pcap"),
                ("port add x devargs net_tap9,iface=a-name-that-is-far-too-long", "net_tap9"),
                ("port add x pci 0000:ff:1f.6", "no PCI device"),
                ("port add x pci nonsense", "nonsense"),
                ("port add p0 devargs net_null9", "exists"),
                ("port add y/z devargs net_null9", "y/z"),
                ("port add x devargs net_af_packet0", "in use"),
                ("port add x devargs net_null9 mtu 9601", "9600"),
                ("port add x devargs net_null9 mtu 9600", "MTU"),
                ("port add x devargs net_ring9 rxq 60", "at most"),
                ("port set p0 mtu 67", ""), ("port set p9 mtu 1500", "no port"),
                ("port up p9", "no port"), ("port stats p9", "no port")):
            with self.subTest(command):
                before = self.spated.do("config show", "port show", "iface show")
                links = sorted(self.router.links())
                with self.assertRaises(CliError) as caught:
                    self.spated.do(command)
                self.assertEqual(caught.exception.status, 1)
                self.assertIn(words, caught.exception.text)
                self.assertEqual(self.spated.do("config show", "port show", "iface show"), before)
                self.assertEqual(sorted(self.router.links()), links)
        # The names that were refused are free: nothing stayed behind in DPDK either.
        self.spated.do("port add x devargs net_null9", "port del x")
        self.spated.do("port add x devargs net_tap9,iface=tap9", "port del x")


class Drivers(SystemTest):
    """Each driver alone."""

    @classmethod
    def setUpLab(cls):
        cls.router = cls.lab.namespace()
        cls.spated = cls.lab.spated(cls.router, workers=2, mbufs=8192, memory_mb=320)
        cls.spated.quiet()
        cls.buffers = cls.spated.available()

    def tearDown(self):
        for row in self.spated.cli("port show"):
            self.spated.do(f"port del {row['port']}")
        self.spated.check_conserved()
        wait_for(lambda: self.spated.available() == self.buffers, "all buffers are back", 5)

    def test_pcap(self):
        """Frames out of one file through the router into another."""
        into, out = self.lab.path("in.pcap"), self.lab.path("out.pcap")
        self.spated.do(f"port add w devargs net_pcap1,rx_pcap={self.empty()},tx_pcap={out}",
                       "addr add 10.2.0.1/24 w",
                       "neigh add 10.2.0.2 lladdr 02:00:00:00:00:22 dev w",
                       "iface add lo0 loopback")
        # The driver counts its devices in the address: so that of the next one is known.
        self.spated.do(f"port add r devargs net_pcap0,rx_pcap={self.empty()},tx_pcap={into}.tx")
        mac = self.spated.cli("port show r")["mac"]
        self.spated.do("port del r")
        mac = f"{mac[:-2]}{int(mac[-2:], 16) + 1:02x}"
        wrpcap(into, [Ether(src="02:00:00:00:00:11", dst=mac) /
                      IP(src="10.1.0.2", dst="10.2.0.2", ttl=9, id=i) / UDP(dport=9) / bytes(i)
                      for i in range(300)])
        before, drops = self.spated.stats()["rx"], self.spated.drops()
        self.spated.do(f"port add r devargs net_pcap0,rx_pcap={into},tx_pcap={into}.tx")
        self.assertEqual(self.spated.cli("port show r")["mac"], mac)
        wait_for(lambda: self.spated.stats()["rx"] - before >= 300, "the file is read")
        self.spated.quiet()
        # None came before the interface was up.
        self.assertEqual(self.spated.dropped_since(drops), {})
        self.spated.do("port del r", "port del w", "iface del lo0")
        packets = [packet for packet in rdpcap(out) if IP in packet]
        self.assertEqual(len(packets), 300)
        for packet in packets:
            self.assertEqual((packet[IP].ttl, packet.dst), (8, "02:00:00:00:00:22"))
            self.assertEqual(len(packet[UDP].payload), packet[IP].id)

    def empty(self):
        path = self.lab.path("empty.pcap")
        wrpcap(path, [])
        return path

    def test_pcap_iface(self):
        """net_pcap on a kernel's interface."""
        host = self.lab.namespace()
        self.lab.veth(self.router, "c0", host)
        self.lab.address(host, "10.3.0.2/24")
        self.spated.do("port add c devargs net_pcap0,iface=c0", "addr add 10.3.0.1/24 c")
        ping(host, "10.3.0.1", 3)
        self.spated.do("port del c")
        self.assertIn("c0", self.router.links())

    def test_null(self):
        """It makes packets without end, and takes them without end."""
        # One queue, whose worker never rests: two would leave no CPU of two to anybody else.
        self.spated.do("port add n devargs net_null0,size=64,copy=1 rxq 1 txq 1")
        wait_for(lambda: self.spated.cli("port show n")["statistics"]["rx_packets"] > 10000,
                 "it makes packets")
        self.spated.do("addr add 10.4.0.1/24 n",
                       "neigh add 10.4.0.2 lladdr 02:00:00:00:00:44 dev n")
        self.spated.spate("-c", "ping 10.4.0.2 count 1")
        self.assertGreater(self.spated.cli("port show n")["statistics"]["tx_packets"], 0)

    def test_ring(self):
        """What is sent comes back: a loop that ends with the first look at the destination."""
        self.spated.do("port add g devargs net_ring0 rxq 1 txq 1", "addr add 10.5.0.1/24 g",
                       "neigh add 10.5.0.2 lladdr 02:00:00:00:00:55 dev g")
        before = self.spated.drops().get("ether_not_ours", 0)
        self.spated.spate("-c", "ping 10.5.0.2 count 3 interval 10")
        wait_for(lambda: self.spated.drops().get("ether_not_ours", 0) - before == 3,
                 "what was sent came back")

    def test_memif(self):
        """Two daemons, one memif between them, pings over it in both families."""
        path = self.lab.path("memif.sock")
        self.spated.do(
            f"port add m devargs net_memif0,role=server,id=0,socket={path},socket-abstract=no "
            "rxq 1 txq 1", "addr add 10.6.0.1/24 m", "addr add 2001:db8:6::1/64 m")
        other = self.lab.spated(self.router, [
            f"port add m devargs net_memif0,role=client,id=0,socket={path},socket-abstract=no",
            "addr add 10.6.0.2/24 m", "addr add 2001:db8:6::2/64 m"])
        try:
            wait_for(lambda: all(daemon.cli("port show m")["link"] == "up"
                                 for daemon in (self.spated, other)), "they connect")
            for address in ("10.6.0.2", "2001:db8:6::2"):
                self.assertIn("5 received", self.spated.do(f"ping {address} count 5 interval 20"))
            self.assertIn("5 received", other.do("ping 10.6.0.1 count 5 interval 20"))
            # Its other end goes, and comes back.
            other.kill()
            wait_for(lambda: self.spated.cli("port show m")["link"] == "down", "it is noticed")
            other.start()
            wait_for(lambda: self.spated.cli("port show m")["link"] == "up", "it is back")
            # It has another MAC now, which we learn when it speaks.
            self.assertIn("2 received", other.do("ping 10.6.0.1 count 2 interval 20"))
            self.assertIn("5 received", self.spated.do("ping 10.6.0.2 count 5 interval 20"))
        finally:
            other.stop()

    def test_vhost_and_virtio_user(self):
        """The two ends of vhost-user, in two daemons, as a virtual machine would have one."""
        path = self.lab.path("vhost.sock")
        self.spated.do(f"port add v devargs net_vhost0,iface={path},queues=1 rxq 1 txq 1",
                       "addr add 10.8.0.1/24 v", "addr add 2001:db8:8::1/64 v")
        other = Spated(self.lab, self.router, [
            f"port add v devargs net_virtio_user0,path={path},queues=1 rxq 1 txq 1",
            "addr add 10.8.0.2/24 v", "addr add 2001:db8:8::2/64 v"])
        # The protocol passes eight regions of memory at most, and each hugepage is one.
        write_config, other.write_config = other.write_config, lambda _: write_config(False)
        try:
            try:
                other.start()
            except AssertionError:
                other.process = None
                self.skipTest("no vhost-user here: " + other.log()[-300:])
            wait_for(lambda: self.spated.cli("port show v")["link"] == "up", "they connect")
            for address in ("10.8.0.2", "2001:db8:8::2"):
                self.assertIn("5 received", self.spated.do(f"ping {address} count 5 interval 20"))
            self.assertIn("5 received", other.do("ping 10.8.0.1 count 5 interval 20 size 1400"))
        finally:
            if other.process is not None:
                other.stop()
            self.lab.daemons.remove(other)

    def test_af_xdp(self):
        # A daemon of its own: the driver of DPDK 22.11 keeps what is in its fill ring for good.
        spated, host = self.lab.spated(self.router, mbufs=8192), self.lab.namespace()
        self.lab.veth(self.router, "x0", host)
        self.lab.address(host, "10.9.0.2/24")
        done = spated.spate("-c", "port add x devargs net_af_xdp0,iface=x0 rxq 1 txq 1")
        if done.returncode != 0:
            # Then at least it says so, and leaves nothing.
            self.assertEqual(done.returncode, 1)
            self.assertTrue(done.stderr.startswith("error: "), done.stderr)
            self.assertEqual(spated.cli("port show"), [])
            self.skipTest("no af_xdp here: " + done.stderr.strip())
        spated.do("addr add 10.9.0.1/24 x")
        ping(host, "10.9.0.1", 3)
        spated.do("port del x")

    def test_af_packet_and_tap_queues(self):
        host = self.lab.namespace()
        self.lab.veth(self.router, "q0", host)
        self.lab.address(host, "10.10.0.2/24")
        self.spated.do("port add q devargs net_af_packet0,iface=q0,qpairs=3 rxq 3 txq 2",
                       "addr add 10.10.0.1/24 q")
        show = self.spated.cli("port show q")
        self.assertEqual((len(show["rx_queues"]), len(show["tx_queues"])), (3, 2))
        ping(host, "10.10.0.1", 3)
        with self.assertRaises(CliError):
            self.spated.do("port add q2 devargs net_af_packet1,iface=q0,qpairs=2 rxq 3")
        self.spated.do("port add t devargs net_tap0,iface=tap0 rxq 3 txq 3",
                       "addr add 10.11.0.1/24 t")
        self.router.ip("addr add 10.11.0.2/24 dev tap0")
        self.router.ip("link set tap0 address 02:00:00:00:00:0a")
        ping(self.router, "10.11.0.1", 3)
        self.spated.do("port down t", "port up t")
        wait_for(lambda: "1 received" in ping(self.router, "10.11.0.1", 1, check=False,
                                              timeout=1).stdout, "it is up again")

    def test_tap_in_another_namespace(self):
        """It works there, and what does not is said; it goes on when it is back, or made anew."""
        there = self.lab.namespace()
        self.spated.do("port add m devargs net_tap5,iface=tap5", "addr add 10.12.0.1/24 m")
        self.router.ip(f"link set tap5 netns {there.name}")
        there.ip("addr add 10.12.0.2/24 dev tap5")
        there.ip("link set tap5 up")
        ping(there, "10.12.0.1", 3)
        self.spated.do("port down m")
        with self.assertRaisesRegex(CliError, "not in spated's network namespace any more"):
            self.spated.do("port up m")
        self.assertEqual(self.spated.cli("port show m")["state"], "down")
        there.ip(f"link set tap5 netns {self.router.name}")
        self.spated.do("port up m")
        self.router.ip(f"link set tap5 netns {there.name}")
        there.ip("addr add 10.12.0.2/24 dev tap5")
        there.ip("link set tap5 up")
        ping(there, "10.12.0.1", 3)
        self.spated.do("port down m", "port del m")
        self.spated.do("port add m devargs net_tap5,iface=tap5", "addr add 10.12.0.1/24 m",
                       "port del m")


if __name__ == "__main__":
    main()
