# SPDX-License-Identifier: BSD-3-Clause
"""What tests of connections between the kernel and spated share: services behind a cabled.py, the kernel's
ends of connections to them, and of those that spated opens."""
import contextlib
import socket
import struct

from .cabled import Cabled
from .testcase import SystemTest
from .waiting import wait_for

LINGER_RESET = struct.pack("ii", 1, 0)


def receive(sock, length):
    """So much, or until the end."""
    data = bytearray()
    while len(data) < length:
        piece = sock.recv(length - len(data))
        if not piece:
            break
        data += piece
    return bytes(data)


class TcpCase(SystemTest):
    """Two workers."""

    ECHO, DISCARD, CHARGEN, BENCH = 7, 9, 19, 5201
    EVERY = (Cabled.S4, Cabled.S6)

    @classmethod
    def setUpLab(cls):
        cls.net = Cabled(cls.lab, mbufs=8192, config=(
            f"service start tcp-echo port {cls.ECHO} vrf services",
            f"service start tcp-discard port {cls.DISCARD} vrf services",
            f"service start tcp-chargen port {cls.CHARGEN} vrf services",
            f"service start bench-server port {cls.BENCH} vrf services"))
        cls.spated, cls.a = cls.net.spated, cls.net.a
        cls.net.warm_up()

    def impair(self, words):
        """The cable, until the test ends."""
        self.addCleanup(self.net.impair, None)
        self.net.impair(words)

    def socket(self, address, **options):
        """Of A's, with options of SOL_SOCKET, or of TCP."""
        sock = self.a.socket(
            socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        self.addCleanup(sock.close)
        sock.settimeout(20)
        for option, value in options.items():
            level = socket.IPPROTO_TCP if option.startswith("TCP") else socket.SOL_SOCKET
            sock.setsockopt(level, getattr(socket, option), value)
        return sock

    def connect(self, address, port, **options):
        sock = self.socket(address, **options)
        sock.connect((address, port))
        return sock

    @contextlib.contextmanager
    def client(self, mode, words, address=Cabled.A4, **options):
        """Have spated connect: a bench client. Within it is the kernel's end."""
        listener = self.socket(address, **options)
        listener.bind((address, 0))
        listener.listen()
        self.spated.do(f"service start bench-client mode {mode} to {address} port "
                       f"{listener.getsockname()[1]} {words} raw duration 1000s vrf services")
        try:
            with listener.accept()[0] as sock:
                sock.settimeout(20)
                yield sock
        finally:
            self.spated.do("service stop bench-client vrf services")

    @staticmethod
    def reset(sock):
        """Have the kernel abort it."""
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_RESET)
        sock.close()

    receive = staticmethod(receive)

    def wait_state(self, sock, state):
        """Of spated's end."""
        wait_for(lambda: self.net.state(sock.getsockname()) == state, f"spated's end is in {state}")
