# SPDX-License-Identifier: BSD-3-Clause
"""The configurations in config/ start as they are, and do what their comments say."""
import glob
import os
import socket

from harness import Spated, SystemTest, main, ping, vlan, wait_for

CONFIG_DIR = os.environ.get("SPATE_CONFIG_DIR",
                            os.path.join(os.path.dirname(__file__), "../../config"))
OUTSIDE4, OUTSIDE6 = "192.88.99.1", "2001:db8:ff::1"


class Sample(Spated):
    """The daemon with a sample; only its memory and its vhost-user socket are this test's own."""

    def __init__(self, lab, namespace, name):
        super().__init__(lab, namespace, [], memory_mb=448)
        with open(os.path.join(CONFIG_DIR, name), encoding="utf-8") as file:
            self.text = file.read().replace("/run/spate/vm0", lab.path("vm0"))

    def write_config(self, hugepages):
        memory = "" if hugepages else f"eal --no-huge -m {self.memory_mb}\n"
        with open(self.config_path, "w", encoding="utf-8") as file:
            file.write(memory + self.text)


class Machine(Spated):
    """DPDK's other end of vhost-user, in the place of a virtual machine. It gives its memory to
    the host region by region, of which the protocol allows few: not a hugepage each."""

    def write_config(self, hugepages):
        super().write_config(False)


class Config(SystemTest):
    """A network as the sample's comment draws it, for each of them."""

    def setUp(self):
        self.router = self.lab.namespace()

    def tearDown(self):
        while self.lab.daemons:
            self.lab.daemons.pop().close()

    def host(self, dev, *addresses, gateways=()):
        """A host of its own namespace on a device of spated's."""
        host = self.lab.namespace()
        self.lab.veth(self.router, dev, host)
        self.lab.address(host, *addresses)
        for gateway in gateways:
            host.ip(("-6 " if ":" in gateway else "") + f"route add default via {gateway}")
        return host

    def upstream(self, dev, *addresses, gateways=()):
        """The way out: behind it is an address of each family."""
        host = self.host(dev, *addresses, gateways=gateways)
        self.lab.address(host, f"{OUTSIDE4}/32", f"{OUTSIDE6}/128", dev="lo")
        return host

    def start(self, name):
        """The sample runs, and what `config show` prints is the same configuration."""
        spated = Sample(self.lab, self.router, name).start()
        shown = spated.do("config show").splitlines()
        for line in spated.text.splitlines():
            if line.startswith(("addr ", "worker ", "route ")):
                for word in line.split("#", maxsplit=1)[0].split():
                    self.assertTrue(any(word in line.split() for line in shown), f"{word}: {line}")
        return spated

    def check_both(self, host, *addresses):
        for address in addresses:
            ping(host, address)

    def test_all_are_tested(self):
        tested = {f"{name[5:].replace('_', '-')}.conf" for name in dir(self)
                  if name.startswith("test_") and name != "test_all_are_tested"}
        samples = {os.path.basename(path) for path in glob.glob(os.path.join(CONFIG_DIR, "*"))}
        self.assertEqual(samples, tested)

    def test_two_port_router(self):
        lan = self.host("eth0", "192.0.2.2/24", "2001:db8:1::2/64",
                        gateways=["192.0.2.1", "2001:db8:1::1"])
        self.upstream("eth1", "198.51.100.254/24", "2001:db8:2::fffe/64",
                      gateways=["198.51.100.1", "2001:db8:2::1"])
        self.start("two-port-router.conf")
        self.check_both(lan, OUTSIDE4, OUTSIDE6)

    def test_one_armed(self):
        gateways = ["192.0.2.1", "2001:db8:1::1"]
        # One segment, with two hosts and the way out: a bridge in a namespace.
        segment = self.lab.namespace()
        segment.ip("link add br0 type bridge")
        segment.ip("link set br0 up")
        self.lab.veth(self.router, "eth0", segment, dev="router")
        hosts = [self.lab.namespace() for _ in range(3)]
        for i, host in enumerate(hosts):
            self.lab.veth(segment, f"host{i}", host)
        for dev in ("router", "host0", "host1", "host2"):
            segment.ip(f"link set {dev} master br0")
        one, two, out = hosts
        self.lab.address(one, "192.0.2.2/24", "2001:db8:1::2/64")
        self.lab.address(two, "198.51.100.2/24", "2001:db8:2::2/64")
        self.lab.address(out, "192.0.2.254/24", "2001:db8:1::fffe/64")
        self.lab.address(out, f"{OUTSIDE4}/32", f"{OUTSIDE6}/128", dev="lo")
        for host, ways in ((one, gateways), (out, gateways),
                           (two, ["198.51.100.1", "2001:db8:2::1"])):
            for gateway in ways:
                host.ip(("-6 " if ":" in gateway else "") + f"route add default via {gateway}")
        self.start("one-armed.conf")
        self.check_both(one, "198.51.100.2", "2001:db8:2::2", OUTSIDE4, OUTSIDE6)
        self.check_both(two, "192.0.2.2", "2001:db8:1::2", OUTSIDE4, OUTSIDE6)

    def test_multipath_edge(self):
        lan = self.host("eth0", "192.0.2.2/24", "2001:db8:1::2/64",
                        gateways=["192.0.2.1", "2001:db8:1::1"])
        self.upstream("eth1", "198.51.100.254/24", "2001:db8:2::fffe/64",
                      gateways=["198.51.100.1", "2001:db8:2::1"])
        self.upstream("eth2", "203.0.113.254/24", "2001:db8:3::fffe/64",
                      gateways=["203.0.113.1", "2001:db8:3::1"])
        spated = self.start("multipath-edge.conf")
        self.check_both(lan, OUTSIDE4, OUTSIDE6)
        done = ping(lan, "10.1.2.3", check=False, timeout=0.3)
        self.assertIn("Unreachable", done.stdout)
        before = self.paths(spated)
        for port in range(20000, 20400):
            with lan.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                sock.bind(("", port))
                sock.sendto(b"spate", (OUTSIDE4, 9))
            if port % 50 == 0:
                spated.stats()
        spated.quiet()
        after = self.paths(spated)
        share = {gateway: after[gateway] - before[gateway] for gateway in after}
        self.assertAlmostEqual(share["198.51.100.254"], 300, delta=40)
        self.assertAlmostEqual(share["203.0.113.254"], 100, delta=40)

    def test_host(self):
        """Both ends of the tap are in one namespace: spated's and the kernel's."""
        self.start("host.conf")
        self.router.ip("link set tap0 address 02:00:00:00:00:02 up")
        self.lab.address(self.router, "192.0.2.2/24", "2001:db8::2/64", dev="tap0")
        self.lab.address(self.router, "198.51.100.1/32", dev="lo")
        self.check_both(self.router, "192.0.2.1", "2001:db8::1")
        ping(self.router, "192.0.2.1", 1, "-I", "198.51.100.1")

    def test_vrfs(self):
        outside = {}
        hosts = {}
        for vrf, dev in (("red", "eth0"), ("blue", "eth1")):
            hosts[vrf] = self.host(dev, "192.168.0.2/24", "192.168.0.25/24", "2001:db8:0:1::2/64",
                                   gateways=["192.168.0.1", "2001:db8:0:1::1"])
        self.lab.address(hosts["red"], "198.51.100.1/32", dev="lo")
        self.lab.address(hosts["blue"], "192.0.2.25/32", dev="lo")
        trunk = self.lab.namespace()
        self.lab.veth(self.router, "eth2", trunk)
        for vrf, number in (("red", 10), ("blue", 20)):
            outside[vrf] = f"192.88.99.{number}"
            vlan(self.lab, trunk, "eth0", f"v{number}", [(0x8100, number)])
        # Both uplinks have one address: each is a host of its own.
        for number, vrf in ((10, "red"), (20, "blue")):
            host = self.lab.namespace()
            trunk.ip(f"link set v{number} netns {host.name}")
            host.ip(f"link set v{number} up")
            self.lab.address(host, "10.255.0.2/30", "2001:db8:0:ff::2/64", dev=f"v{number}")
            self.lab.address(host, f"{outside[vrf]}/32", f"{OUTSIDE6}/128", dev="lo")
            host.ip("route add default via 10.255.0.1")
            host.ip("-6 route add default via 2001:db8:0:ff::1")
        spated = self.start("vrfs.conf")
        for vrf, other in (("red", "blue"), ("blue", "red")):
            self.check_both(hosts[vrf], outside[vrf], OUTSIDE6)
            done = ping(hosts[vrf], outside[other], check=False, timeout=0.3)
            self.assertNotIn("1 received", done.stdout)
            self.assertIn("4 received", spated.do(f"ping 10.255.0.2 interval 20 vrf {vrf}"))
        ping(hosts["red"], "192.0.2.25", 1, "-I", "198.51.100.1")
        ping(hosts["blue"], "198.51.100.1", 1, "-I", "192.0.2.25")

    def paths(self, spated):
        """Packets by gateway of IPv4."""
        return {row["way"].split()[1]: row["packets"] for row in spated.cli("nexthop show")
                if row["group"] is not None and "." in row["way"].split()[1]}

    def test_vhost_user(self):
        self.upstream("eth0", "198.51.100.254/24", "2001:db8:2::fffe/64",
                      gateways=["198.51.100.1", "2001:db8:2::1"])
        spated = self.start("vhost-user.conf")
        machine = Machine(self.lab, self.router, [
            f"port add net0 devargs net_virtio_user0,path={self.lab.path('vm0.vhost')},queues=1 "
            "rxq 1 txq 1", "addr add 192.0.2.2/24 net0", "addr add 2001:db8:1::2/64 net0",
            "route add 0.0.0.0/0 via 192.0.2.1", "route add ::/0 via 2001:db8:1::1"])
        machine.start()
        wait_for(lambda: spated.cli("port show vm0")["link"] == "up", "they connect")
        for address in (OUTSIDE4, OUTSIDE6):
            self.assertIn("4 received", machine.do(f"ping {address} count 4 interval 50"))


if __name__ == "__main__":
    main()
