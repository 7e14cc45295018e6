# SPDX-License-Identifier: BSD-3-Clause
"""Packets of up to 9600 bytes, in several buffers each: to us, through us, and cut to 1500."""
import socket
import threading

from harness import CliError, Pair, SystemTest, main, ping

A, B, C = "10.0.0.2", "10.0.1.2", "10.0.2.2"
A6, B6, C6 = (f"2001:db8:0:{i}::2" for i in range(3))
R, R6 = "10.0.0.1", "2001:db8::1"


class Jumbo(SystemTest):
    """net_pcap: of DPDK's ports on a kernel's interface the one that goes beyond 1504 bytes."""

    @classmethod
    def setUpLab(cls):
        cls.router = cls.lab.namespace()
        cls.hosts = [cls.lab.namespace() for _ in range(3)]
        cls.a, cls.b, cls.c = cls.hosts
        lines = []
        for i, (host, mtu) in enumerate(zip(cls.hosts, (9600, 9600, 1500))):
            cls.lab.veth(cls.router, f"p{i}", host, mtu=mtu)
            lines += [f"port add p{i} devargs net_pcap{i},rx_iface_in=p{i},tx_iface=p{i} mtu {mtu}",
                      f"addr add 10.0.{i}.1/24 dev p{i}", f"addr add 2001:db8:0:{i}::1/64 dev p{i}"]
        cls.spated = cls.lab.spated(cls.router, lines)
        for i, host in enumerate(cls.hosts):
            cls.lab.address(host, f"10.0.{i}.2/24", f"2001:db8:0:{i}::2/64")
            host.ip(f"route add default via 10.0.{i}.1")
            host.ip(f"-6 route add default via 2001:db8:0:{i}::1")
        for address in (B, C, B6, C6):
            ping(cls.a, address)

    def test_ping(self):
        """As large as the link allows, and larger, in fragments."""
        for address, header in ((R, 28), (B, 28), (R6, 48), (B6, 48)):
            for size in (9000, 9600 - header):
                ping(self.a, address, 2, "-s", str(size), "-M", "do")
            ping(self.a, address, 2, "-s", "30000")
        self.spated.check_conserved()

    def test_udp_in_many_sizes(self):
        """Each byte of datagrams that end around the end of a buffer."""
        for family, host, any_address in ((socket.AF_INET, B, "0.0.0.0"), (socket.AF_INET6, B6, "::")):
            with self.b.socket(family, socket.SOCK_DGRAM) as server, \
                    self.a.socket(family, socket.SOCK_DGRAM) as client:
                server.bind((any_address, 5000))
                server.settimeout(10)
                for buffers in range(1, 5):
                    for size in range(2048 * buffers - 80, 2048 * buffers + 10, 3):
                        payload = bytes((size + i) % 251 for i in range(size))
                        client.sendto(payload, (host, 5000))
                        self.assertEqual(server.recv(65536), payload, f"{size} bytes")
        self.spated.check_conserved()

    def test_cut_for_a_smaller_link(self):
        """IPv4 without DF is cut; with it, and IPv6, the sender is told, and does as it is told."""
        before = self.spated.drops()
        with self.c.sniffer("eth0") as sniffer:
            ping(self.a, C, 2, "-s", "9000", "-M", "dont")
            fragments = sniffer.wait(14, "fragments", lambda frame: frame[12:14] == b"\x08\0"
                                     and int.from_bytes(frame[20:22], "big") & 0x3FFF)
        self.assertEqual({len(frame) for frame in fragments}, {1514, 14 + 20 + 9008 - 6 * 1480})
        for address, reason in ((C, "ip4_too_big"), (C6, "ip6_too_big")):
            ping(self.a, address, 1, "-s", "9000", "-M", "do", check=False, timeout=1)
            self.assertGreater(self.spated.drops().get(reason, 0), before.get(reason, 0))
            ping(self.a, address, 2, "-s", "9000", "-M", "dont")
        self.spated.check_conserved()

    def test_tcp(self):
        """A megabyte in segments of 9 KB; what the interfaces count is as many bytes."""
        payload = bytes(i % 253 for i in range(1 << 20))
        received = []
        before = self.spated.cli("iface stats p1")["tx"]
        with self.b.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
            server.bind(("0.0.0.0", 5001))
            server.listen()

            def serve():
                connection, _ = server.accept()
                with connection:
                    while data := connection.recv(1 << 16):
                        received.append(data)
            thread = threading.Thread(target=serve, daemon=True)
            thread.start()
            with self.a.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
                client.settimeout(20)
                client.connect((B, 5001))
                client.sendall(payload)
            thread.join(20)
        self.assertEqual(b"".join(received), payload)
        after = self.spated.cli("iface stats p1")["tx"]
        self.assertGreater(after["bytes"] - before["bytes"], len(payload))
        self.assertGreater((after["bytes"] - before["bytes"]) / (after["packets"] - before["packets"]),
                           5000)
        self.spated.check_conserved()

    def test_too_large(self):
        """Devices that cannot, and what no device can: the error says the limit."""
        for command, text in (
                ("port add t devargs net_tap9,iface=t9 mtu 9600", "1504"),
                ("port add n devargs net_null9 mtu 9600", "does not spread packets over several"),
                ("port set p0 mtu 9601", "9600")):
            with self.assertRaises(CliError) as caught:
                self.spated.do(command)
            self.assertIn(text, caught.exception.text)


class Mtu(SystemTest):
    """Changed while packets flow."""

    @classmethod
    def setUpLab(cls):
        cls.pair = Pair(cls.lab)
        cls.pair.warm_up()

    def test_neighbours_stay(self):
        spated = self.pair.spated
        for mtu in (1400, 1500):
            spated.do(f"port set p1 mtu {mtu}")
            for address in (Pair.B4, Pair.B6):
                self.assertIn(spated.neigh(address)["state"], ("reachable", "stale", "delay", "probe"))
            self.assertEqual(spated.cli("iface show p1")["mtu"], mtu)
            ping(self.pair.a, Pair.B4, 1, "-s", str(mtu - 28), "-M", "do")
        spated.check_conserved()


if __name__ == "__main__":
    main()
