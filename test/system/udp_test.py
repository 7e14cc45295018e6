# SPDX-License-Identifier: BSD-3-Clause
"""UDP services against sockets of the Linux kernel: RFC 768, 862, 863, 864, RFC 1122 4.1.3."""
import errno
import os
import re
import socket

from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether

from harness import CliError, Pair, SystemTest, main, wait_for

BEACON = os.environ.get("BEACON", os.path.join(os.path.dirname(__file__),
                                               "../../build/doc/examples/beacon.so"))
EVERY = ((Pair.R4A, Pair.A4), (Pair.R6A, Pair.A6))


class Udp(SystemTest):
    """Two workers, with a queue each of both ports, and services on both."""

    answer = None

    @classmethod
    def setUpLab(cls):
        # Not af_packet, which has the kernel put fragments together (PACKET_FANOUT_FLAG_DEFRAG).
        cls.pair = Pair(cls.lab, driver="tap", queues=2, workers=2, config=(
            "service start udp-echo port 7",
            "service start udp-discard port 9",
            f"service start udp-chargen port 19 addr {Pair.R4A}"))
        cls.spated, cls.a, cls.b = cls.pair.spated, cls.pair.a, cls.pair.b
        cls.pair.warm_up()

    def client(self, address, port, host=None):
        sock = (host or self.a).socket(
            socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(sock.close)
        sock.settimeout(10)
        sock.connect((address, port))
        return sock

    def stats(self):
        return next(row for row in self.spated.cli("udp stats") if row["worker"] == "all")

    def test_echo(self):
        """Of every length, one piece or several, and from any address of ours."""
        for address, _ in (*EVERY, (Pair.R4B, None), (Pair.R6B, None)):
            with self.subTest(address):
                client = self.client(address, 7)
                for length in (0, 1, 512, 1452, 1472, 1473, 4000, 9000, 32000, 65507):
                    data = os.urandom(length)
                    client.send(data)
                    self.assertEqual(client.recv(70000), data, f"of {length} bytes")
        self.spated.check_conserved()

    def test_many_flows(self):
        """All are answered; each worker has a socket of its own."""
        before = self.stats()
        clients = [self.client(address, 7) for address, _ in EVERY for _ in range(100)]
        for i, client in enumerate(clients):
            client.send(b"%d" % i)
        for i, client in enumerate(clients):
            self.assertEqual(client.recv(100), b"%d" % i)
        after = self.stats()
        self.assertEqual(after["in_datagrams"] - before["in_datagrams"], len(clients))
        self.assertEqual(after["out_datagrams"] - before["out_datagrams"], len(clients))
        sockets = [row for row in self.spated.cli("udp show") if row["local"] == "[*]:7"]
        self.assertEqual([row["worker"] for row in sockets], [0, 1])
        self.assertEqual({row["application"] for row in sockets}, {"udp-echo"})
        self.assertEqual({row["queued"] for row in sockets}, {0})

    def test_discard_and_chargen(self):
        discard, chargen = self.client(Pair.R6A, 9), self.client(Pair.R4A, 19)
        before = self.stats()["in_datagrams"]
        discard.send(b"nothing")
        wait_for(lambda: self.stats()["in_datagrams"] == before + 1, "it is received")
        chargen.send(bytes(74))
        line = "".join(map(chr, range(32, 32 + 72))) + "\r\n"
        self.assertEqual(chargen.recv(1000).decode(), line)
        discard.setblocking(False)
        with self.assertRaises(BlockingIOError):
            discard.recv(100)

    def test_closed_port(self):
        """RFC 1122 4.1.3.1; a service that is stopped leaves one behind, and started again none."""
        self.spated.do("service start udp-echo port 4242")
        for closed in (False, True, False):
            for address, _ in EVERY:
                client = self.client(address, 4242)
                before = self.spated.drops()
                client.send(b"anybody?")
                if closed:
                    with self.assertRaises(ConnectionRefusedError):
                        client.recv(100)
                    family = 6 if ":" in address else 4
                    self.assertEqual(self.spated.dropped_since(before), {f"ip{family}_no_port": 1})
                else:
                    self.assertEqual(client.recv(100), b"anybody?")
            self.spated.do(f"service {'start' if closed else 'stop'} udp-echo port 4242")

    def test_checksums(self):
        """RFC 768: by IPv4 there may be none; what is wrong is dropped."""
        client = self.client(Pair.R4A, 7)
        client.setsockopt(socket.SOL_SOCKET, 11, 1)  # SO_NO_CHECK
        client.send(b"unchecked")
        self.assertEqual(client.recv(100), b"unchecked")
        before = self.spated.drops()
        ether = Ether(dst=self.spated.cli("port show p0")["mac"], src=self.a.mac("eth0"))
        raw = self.a.raw("eth0")
        self.addCleanup(raw.close)
        for packet in (IP(src=Pair.A4, dst=Pair.R4A) / UDP(sport=4000, dport=7, chksum=0x1234),
                       IPv6(src=Pair.A6, dst=Pair.R6A) / UDP(sport=4000, dport=7, chksum=0x1234),
                       IPv6(src=Pair.A6, dst=Pair.R6A) / UDP(sport=4000, dport=7, chksum=0),
                       IP(src=Pair.A4, dst=Pair.R4A) / UDP(sport=4000, dport=7, len=7)):
            raw.send(bytes(ether / packet / b"spate"))
        wait_for(lambda: self.spated.dropped_since(before) == {
            "udp_bad_checksum": 2, "udp_no_checksum": 1, "udp_bad_length": 1}, "all are dropped")

    def test_vrf(self):
        """A VRF's port is its own: both customers ask the same one."""
        self.spated.do("vrf add red", "iface set p1 vrf red",
                       "service start udp-chargen port 7 vrf red")
        try:
            client = self.client(Pair.R4B, 7, self.b)
            client.send(bytes(3))
            wait_for(lambda: self.answered(client), "red answers")
            self.assertEqual(self.answer, b' !"')
            with self.assertRaises(CliError) as refused:
                self.spated.do("vrf del red")
            self.assertEqual(refused.exception.status, 1)
        finally:
            self.spated.do("service stop udp-chargen port 7 vrf red", "iface set p1 vrf default",
                           "vrf del red")

    def answered(self, client):
        """Whether there is an answer by now: the first datagram may wait for a neighbour."""
        client.setblocking(False)
        try:
            self.answer = client.recv(100)
            return True
        except OSError as error:
            self.assertIn(error.errno, (errno.EAGAIN, errno.EHOSTUNREACH))
            return False

    def test_ephemeral(self):
        """Policies by protocol, as they are set, shown and printed; RFC 6056."""
        def lines():
            return [line for line in self.spated.do("config show").splitlines()
                    if line.startswith("ephemeral")]
        self.assertEqual(lines(), [])
        line = ("ephemeral set proto udp algorithm simple range 5000-6000 "
                "exclude 5060-5061,5900")
        self.spated.do(line, "ephemeral set proto tcp increment 7")
        self.assertEqual(lines(), [line, "ephemeral set proto tcp increment 7"])
        udp, tcp, _ = self.spated.cli("ephemeral show")
        self.assertEqual((udp["proto"], udp["algorithm"], udp["range"], udp["excluded"]),
                         ("udp", "simple", "5000-6000", "5060-5061,5900"))
        self.assertEqual((tcp["proto"], tcp["range"], tcp["excluded"], tcp["increment"]),
                         ("tcp", "32768-60999", None, 7))
        names = [row["algorithm"] for row in self.spated.cli("ephemeral show algorithms")]
        self.assertEqual(len(names), 6)
        for command, text in (
                ("ephemeral set proto udp algorithm best", "'ephemeral show algorithms'"),
                ("ephemeral set proto udp range 5000,6000", "'exclude' makes holes"),
                ("ephemeral set proto udp range 0-6000", "is no range of ports"),
                ("ephemeral set proto udp range 5060-5061", "are excluded"),
                ("ephemeral set proto udp exclude 5000-6000", "would be left")):
            with self.assertRaises(CliError) as refused:
                self.spated.do(command)
            self.assertIn(text, refused.exception.text)
        self.assertEqual(lines()[0], line)
        # A beacon's socket has a port that the policy gives.
        self.spated.do(f"service load {BEACON}", "ephemeral set proto udp range 5060-5063",
                       f'service start app beacon args "{Pair.A4} 9998 1000"')
        ports = {row["local"].rsplit(":", 1)[1] for row in self.spated.cli("udp show")
                 if row["application"] == "beacon"}
        self.assertLessEqual(ports, {"5062", "5063"})
        self.spated.do("service stop app beacon", "service unload beacon")
        for name in names:
            self.spated.do(f"ephemeral set proto udp algorithm {name} range 32768-60999 "
                           "exclude none")
        self.spated.do(f"ephemeral set proto udp algorithm {names[0]}",
                       "ephemeral set proto tcp increment 0")
        self.assertEqual(lines(), [])

    def test_application_of_others(self):
        """Loaded, started, heard, printed as configuration, stopped, and only then unloaded."""
        listener = self.a.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(listener.close)
        listener.settimeout(10)
        listener.bind((Pair.A4, 9999))
        start = f'service start app mine args "{Pair.A4} 9999 5"'
        self.spated.do(f"service load {BEACON} name mine", start)
        heard = {}
        while len(heard) < 2 or min(map(len, heard.values())) < 3:
            worker, number = re.fullmatch(r"worker (\d), number (\d+)\n",
                                          listener.recv(100).decode()).groups()
            heard.setdefault(worker, []).append(int(number))
        for numbers in heard.values():
            self.assertEqual(numbers, list(range(len(numbers))))
        lines = [line for line in self.spated.do("config show").splitlines()
                 if line.startswith("service") and "mine" in line]
        self.assertEqual(lines, [f"service load {os.path.abspath(BEACON)} name mine", start])
        loaded, = self.spated.cli("service show loaded")
        self.assertEqual((loaded["application"], loaded["services"]), ("mine", 1))
        for command, text in (("service unload mine", "'service stop app mine"),
                              (f"service load {BEACON} name mine", "loaded already"),
                              (f"service load {BEACON} name udp-echo", "comes with spated"),
                              (f"service load {__file__}", __file__),
                              ("service start app mine", "runs there already"),
                              ('service start app mine port 4243 args "x"', "Invalid argument"),
                              ("service start app beacon", "'service load FILE'")):
            with self.assertRaises(CliError) as refused:
                self.spated.do(command)
            self.assertIn(text, refused.exception.text)
        self.spated.do("service stop app mine", "service unload mine")
        self.assertEqual(self.spated.cli("service show loaded"), [])

    def test_configuration(self):
        """What runs is printed as it is started, and cannot be started twice."""
        lines = [line for line in self.spated.do("config show").splitlines()
                 if line.startswith("service")]
        self.assertEqual(lines, ["service start udp-echo port 7",
                                 "service start udp-discard port 9",
                                 f"service start udp-chargen port 19 addr {Pair.R4A}"])
        self.assertEqual([(row["service"], row["address"], row["port"])
                          for row in self.spated.cli("service show")],
                         [("udp-echo", "any", 7), ("udp-discard", "any", 9),
                          ("udp-chargen", Pair.R4A, 19)])
        for command, text in (
                ("service start udp-echo port 7", "runs there already"),
                ("service stop udp-echo port 8", "'service show' lists them"),
                ("service start udp-echo port 0", "65535"),
                ("service start udp-echo port 7 addr fe80::1", "without 'addr'")):
            with self.assertRaises(CliError) as refused:
                self.spated.do(command)
            self.assertIn(text, refused.exception.text)


if __name__ == "__main__":
    main()
