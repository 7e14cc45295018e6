# SPDX-License-Identifier: BSD-3-Clause
"""Whose frames ports take: MAC addresses, promiscuous mode, interfaces that carry no IP."""
import time

from harness import CliError, Pair, SystemTest, main, ping, vlan, wait_for

VIRTUAL = "00:00:5e:00:01:07"


class Filters(SystemTest):
    """af_packet: the veth below it filters, as a NIC would."""

    @classmethod
    def setUpLab(cls):
        cls.pair = Pair(cls.lab)
        cls.a, cls.b, cls.spated = cls.pair.a, cls.pair.b, cls.pair.spated
        cls.pair.warm_up()

    def promiscuous(self, dev="p0"):
        return self.pair.router.links()[dev].get("promiscuity", 0) > 0 or \
            "PROMISC" in self.pair.router.links()[dev]["flags"]

    def drops(self, reason):
        return self.spated.drops().get(reason, 0)

    def test_added_mac(self):
        """A host that has another MAC address for us is answered, once we are told of it."""
        self.a.ip(f"neigh replace {Pair.R4A} lladdr {VIRTUAL} dev eth0")
        try:
            self.assertIn("0 received", ping(self.a, Pair.B4, check=False, timeout=1).stdout)
            self.spated.do(f"port mac add p0 {VIRTUAL}")
            ping(self.a, Pair.B4, 3)
            ping(self.a, Pair.R4A, 3)
            self.assertEqual([(row["mac"], row["kind"]) for row in self.spated.cli("port mac show p0")][1:],
                             [(VIRTUAL, "added")])
            self.assertIn(f"port mac add p0 {VIRTUAL}", self.spated.do("config show"))
            with self.assertRaises(CliError) as caught:
                self.spated.do(f"port mac add p0 {VIRTUAL}")
            self.assertIn("already", caught.exception.text)
            self.spated.do(f"port mac del p0 {VIRTUAL}")
            self.assertIn("0 received", ping(self.a, Pair.B4, check=False, timeout=1).stdout)
        finally:
            self.a.ip(f"neigh del {Pair.R4A} dev eth0")
        ping(self.a, Pair.B4)

    def test_promiscuous(self):
        """What is to others comes in, is seen by captures, and goes nowhere."""
        path = self.lab.path("promiscuous.pcapng")
        self.spated.do("port set p0 promiscuous on", f"capture start {path} port p0 direction in")
        self.assertTrue(self.spated.cli("port show p0")["promiscuous"])
        self.assertIn("port set p0 promiscuous on", self.spated.do("config show"))
        before = self.drops("ether_not_ours")
        frame = b"\x02\0\0\0\x99\x99\x02\0\0\0\0\x77\x08\0" + bytes.fromhex(
            "4500001c00000000401166cc0a0000020a000102") + b"\0\x09\0\x09\0\x08\0\0"
        with self.b.sniffer("eth0") as sniffer, self.a.raw("eth0") as sock:
            for _ in range(5):
                sock.send(frame)
            wait_for(lambda: self.drops("ether_not_ours") == before + 5, "five are dropped")
            self.assertFalse([seen for seen in sniffer.frames if seen[12:14] == b"\x08\0"])
        self.spated.do("capture stop", "port set p0 promiscuous off")
        with open(path, "rb") as file:
            self.assertEqual(file.read().count(frame), 5)
        self.assertFalse(self.spated.cli("port show p0")["promiscuous"])
        self.spated.check_conserved()

    def test_own_mac(self):
        """Neighbours are told of another address, and go on without asking."""
        old = self.spated.cli("port show p1")["mac"]
        new = "02:00:00:00:aa:01"
        ping(self.b, Pair.A4)
        with self.b.sniffer("eth0") as sniffer:
            self.spated.do(f"port set p1 mac {new}")
            sniffer.wait(1, "gratuitous ARP", lambda frame: frame[12:14] == b"\x08\x06"
                         and frame[22:28] == bytes.fromhex(new.replace(":", "")))
        wait_for(lambda: new in self.b.ip(f"neigh show {Pair.R4B}"), "B knows the new address")
        ping(self.b, Pair.A4, 2)
        ping(self.b, Pair.A6, 2)
        self.assertEqual(self.spated.cli("iface show p1")["mac"], new)
        self.assertIn(f"port set p1 mac {new}", self.spated.do("config show"))
        self.assertTrue(any("fe80::ff:fe00:aa01" in addr
                            for addr in self.spated.cli("iface show p1")["addresses"]))
        self.spated.do(f"port set p1 mac {old}")
        wait_for(lambda: old in self.b.ip(f"neigh show {Pair.R4B}"), "B knows the old one again")
        ping(self.b, Pair.A4, 2)

    def test_refused(self):
        for command, text in (("port mac add p0 01:00:5e:00:00:01", "group"),
                              ("port mac add p0 00:00:00:00:00:00", "no address"),
                              ("port mac del p0 02:00:00:00:00:99", "port mac show"),
                              ("port set p9 promiscuous on", "no port"),
                              ("iface set p0 l3 off", "addr del 10.0.0.1/24")):
            with self.assertRaises(CliError) as caught:
                self.spated.do(command)
            self.assertIn(text, caught.exception.text, command)


class L2Only(SystemTest):
    """An interface that carries no IP, with a VLAN on it that does."""

    @classmethod
    def setUpLab(cls):
        cls.pair = Pair(cls.lab, driver="tap", config=[
            "addr del 10.0.0.1/24 dev p0", "addr del 2001:db8::1/64 dev p0", "iface set p0 l3 off",
            "iface add p0.100 vlan 100 parent p0", "addr add 10.8.0.1/24 dev p0.100"])
        cls.a, cls.spated = cls.pair.a, cls.pair.spated
        vlan(cls.lab, cls.a, "eth0", "v100", [(0x8100, 100)])
        cls.lab.address(cls.a, "10.8.0.2/24", dev="v100")
        cls.a.ip("route replace default via 10.8.0.1")
        cls.pair.b.ip("route replace default via 10.0.1.1")

    def test_no_ip(self):
        ping(self.a, Pair.B4, 3)
        before = self.spated.drops().get("ether_l2_only", 0)
        self.assertIn("0 received", ping(self.a, "10.0.0.1", check=False, timeout=1).stdout)
        self.assertGreater(self.spated.drops().get("ether_l2_only", 0), before)
        row = self.spated.cli("iface show p0")
        self.assertEqual((row["l3"], row["state"], row["addresses"]), ("off", "up", []))

        def untagged(frame):
            return frame[12:14] != b"\x81\0"
        with self.a.sniffer("eth0") as sniffer:
            with self.a.raw("eth0") as sock:
                sock.send(b"\xff" * 6 + b"\x02\0\0\0\0\x77\x08\x06" + bytes.fromhex(
                    "0001080006040001020000000077" "0a000002" "000000000000" "0a000001"))
            self.spated.do("iface down p0", "iface up p0")
            ping(self.a, Pair.B4, 2)
            time.sleep(1)
            seen = [frame.hex() for frame in sniffer.frames if untagged(frame)]
        # The kernel may take tags off: what it leaves of ours is from 10.8.0.1, or fe80:: of p0.100.
        self.assertFalse([frame for frame in seen if "0a000001" in frame])
        self.spated.check_conserved()

    def test_refused_and_configured(self):
        for command in ("addr add 10.0.0.1/24 dev p0", "neigh add 10.0.0.2 lladdr 02:00:00:00:00:01 dev p0",
                        "route add 192.0.2.0/24 dev p0", "iface set p0 accept-ra on"):
            with self.assertRaises(CliError) as caught:
                self.spated.do(command)
            self.assertIn("iface set p0 l3 on", caught.exception.text, command)
        self.assertIn("iface set p0 l3 off", self.spated.do("config show"))

    def test_zz_on_again(self):
        self.spated.do("iface set p0 l3 on", "addr add 10.0.0.1/24 dev p0")
        ping(self.a, "10.0.0.1", 2)


if __name__ == "__main__":
    main()
