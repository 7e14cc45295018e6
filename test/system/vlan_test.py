# SPDX-License-Identifier: BSD-3-Clause
"""VLANs of the Linux kernel: one tag, two, and a host without any, through each other."""
import socket
import struct

from harness import Pair, SystemTest, main, ping, vlan, wait_for

# A is in VLAN 100 on p0; B in customer VLAN 8 of service VLAN 7 on p1. Both are reached untagged
# as well, by what Pair gives them.
A4, R4A, A6, R6A = "10.8.0.2", "10.8.0.1", "2001:db8:8::2", "2001:db8:8::1"
B4, R4B, B6, R6B = "10.9.0.2", "10.9.0.1", "2001:db8:9::2", "2001:db8:9::1"

CONFIG = [
    "iface add p0.100 vlan 100 parent p0",
    f"addr add {R4A}/24 dev p0.100", f"addr add {R6A}/64 dev p0.100",
    "iface add p1.7 vlan 7 parent p1 protocol 802.1ad",
    "iface add p1.7.8 vlan 8 parent p1.7",
    f"addr add {R4B}/24 dev p1.7.8", f"addr add {R6B}/64 dev p1.7.8",
]


class Vlan(SystemTest):
    """Tap ports: net_af_packet loses the EtherType of a service tag."""

    @classmethod
    def setUpLab(cls):
        cls.pair = Pair(cls.lab, driver="tap", config=CONFIG)
        cls.a, cls.b, cls.spated = cls.pair.a, cls.pair.b, cls.pair.spated
        vlan(cls.lab, cls.a, "eth0", "v100", [(0x8100, 100)])
        vlan(cls.lab, cls.b, "eth0", "v78", [(0x88a8, 7), (0x8100, 8)])
        cls.lab.address(cls.a, f"{A4}/24", f"{A6}/64", dev="v100")
        cls.lab.address(cls.b, f"{B4}/24", f"{B6}/64", dev="v78")
        for host, subnet4, subnet6, via4, via6 in (
                (cls.a, "10.9.0.0/24", "2001:db8:9::/64", R4A, R6A),
                (cls.b, "10.8.0.0/24", "2001:db8:8::/64", R4B, R6B)):
            host.ip(f"route add {subnet4} via {via4}")
            host.ip(f"-6 route add {subnet6} via {via6}")

    def test_to_the_router(self):
        for host, addresses in ((self.a, (R4A, R6A)), (self.b, (R4B, R6B))):
            for address in addresses:
                ping(host, address, 2)
        self.spated.check_conserved()

    def test_between_tags(self):
        """One tag to two and back, and either to none; packets as large as the MTU allows."""
        for address in (B4, B6, Pair.B4, Pair.B6):
            size = str(1500 - (48 if ":" in address else 28))
            ping(self.a, address, 3, "-s", size, "-M", "do")
        for address in (A4, A6, Pair.A4, Pair.A6):
            size = str(1500 - (48 if ":" in address else 28))
            ping(self.b, address, 3, "-s", size, "-M", "do")
        self.spated.check_conserved()

    def test_frames_on_the_wire(self):
        ping(self.a, B4)
        mac = bytes.fromhex(self.b.mac("eth0").replace(":", ""))
        with self.b.sniffer("eth0") as sniffer:
            ping(self.a, B4)
            # The kernel takes the outer tag off and tells it apart from the frame.
            # Others may come first: spated asks at times whether its neighbours are there.
            sniffer.wait(1, "echo requests with both tags", lambda f: f[:6] == mac and
                         f[12:20].hex() in ("88a8000781000008", "8100000808004500"))

    def test_unknown_vlan(self):
        before = self.spated.drops().get("ether_unknown_vlan", 0)
        mac = next(row["mac"] for row in self.spated.cli("iface show") if row["iface"] == "p0")
        header = bytes.fromhex(mac.replace(":", "")) + bytes.fromhex("020000000099")
        with self.a.raw("eth0") as sock:
            for vlan in (1, 99, 101, 4094, 4095):
                sock.send(header + struct.pack("!HHH", 0x8100, vlan, 0x0800) + b"\x45" + bytes(45))
        wait_for(lambda: self.spated.drops().get("ether_unknown_vlan", 0) == before + 5,
                 "five unknown VLANs are dropped")
        ping(self.a, B4)
        self.spated.check_conserved()

    def test_down_and_gone(self):
        ping(self.a, B4)
        self.spated.do("iface down p1.7")
        rows = {row["iface"]: row["state"] for row in self.spated.cli("iface show")}
        self.assertEqual((rows["p1"], rows["p1.7"], rows["p1.7.8"]), ("up", "down", "down"))
        ping(self.a, Pair.B4)
        self.assertIn("0 received", ping(self.a, B4, check=False, timeout=1).stdout)
        self.spated.do("iface up p1.7")
        ping(self.a, B4)
        # What config show says makes the same again.
        lines = [line for line in self.spated.do("config show").splitlines()
                 if line.startswith("iface add p1.7") or "dev p1.7.8" in line]
        self.assertEqual(len(lines), 4)
        self.spated.do("iface del p1.7")
        self.assertNotIn("p1.7.8", {row["iface"] for row in self.spated.cli("iface show")})
        self.spated.do(*lines)
        ping(self.b, A6)
        ping(self.a, B4)
        self.spated.check_conserved()

    def test_udp_in_many_sizes(self):
        """Each size of payload around what fits a frame of 60 bytes: padding is cut off."""
        with self.b.socket(socket.AF_INET, socket.SOCK_DGRAM) as server, \
                self.a.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            server.bind((B4, 5000))
            server.settimeout(10)
            ping(self.a, B4)
            for size in range(64):
                client.sendto(bytes(range(size)), (B4, 5000))
                self.assertEqual(server.recv(2048), bytes(range(size)))


if __name__ == "__main__":
    main()
