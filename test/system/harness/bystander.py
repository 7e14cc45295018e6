# SPDX-License-Identifier: BSD-3-Clause
"""Traffic that must not suffer from what happens meanwhile: between two hosts, every datagram has
a number, every byte of a stream its place. Slow enough that a busy machine's kernel loses none."""
import contextlib
import hashlib
import json
import socket
import threading
import time

from .echo import Pinging
from .waiting import Timeout, wait_for

INTERVAL_SECONDS = 0.01


class Datagrams:
    """Numbered UDP from a host to another."""

    def __init__(self, family, host, address, peer, peer_address):
        self.what = f"UDP from {address} to {peer_address}"
        self.sender = host.socket(family, socket.SOCK_DGRAM)
        self.sender.bind((address, 0))
        self.receiver = peer.socket(family, socket.SOCK_DGRAM)
        self.receiver.bind((peer_address, 0))
        self.receiver.setblocking(False)
        self.receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.destination = self.receiver.getsockname()
        self.sent, self.seen = 0, []

    def step(self):
        self.sender.sendto(self.sent.to_bytes(4, "big"), self.destination)
        self.sent += 1
        self.read()

    def read(self):
        try:
            while True:
                self.seen.append(int.from_bytes(self.receiver.recv(64), "big"))
        except BlockingIOError:
            pass

    def close(self):
        self.sender.close()
        self.receiver.close()

    def missing(self):
        """Those that did not come; the others came once, and in order."""
        def all_there():
            self.read()
            return len(self.seen) >= self.sent
        with contextlib.suppress(Timeout):
            wait_for(all_there, "all arrive", 3)
        assert self.seen == sorted(set(self.seen)), f"{self.what}: not once and in order"
        return sorted(set(range(self.sent)) - set(self.seen))


class Stream:
    """TCP from a host to another, a block at a time."""

    def __init__(self, family, host, address, peer, peer_address):
        self.what = f"TCP from {address} to {peer_address}"
        self.sent, self.seen = hashlib.sha256(), hashlib.sha256()
        self.count = self.received = 0
        with peer.socket(family, socket.SOCK_STREAM) as listener:
            listener.bind((peer_address, 0))
            listener.listen()
            self.sender = host.socket(family, socket.SOCK_STREAM)
            self.sender.settimeout(20)
            self.sender.connect(listener.getsockname())
            self.receiver = listener.accept()[0]
        self.receiver.setblocking(False)

    def step(self):
        block = hashlib.sha256(self.count.to_bytes(8, "big")).digest() * 60
        self.sender.sendall(block)
        self.sent.update(block)
        self.count += len(block)
        self.read()

    def read(self):
        try:
            while True:
                data = self.receiver.recv(1 << 20)
                if not data:
                    return
                self.seen.update(data)
                self.received += len(data)
        except BlockingIOError:
            pass

    def close(self):
        self.sender.close()
        self.receiver.close()

    def missing(self):
        """TCP sends again what was lost."""
        def all_there():
            self.read()
            return self.received == self.count
        wait_for(all_there, f"{self.what}: all bytes arrive", 10)
        assert self.sent.digest() == self.seen.digest(), f"{self.what}: bytes are wrong"
        return []


class Bystanders:
    """Two hosts that talk to each other, and to their router, until they are asked how it was.

    Each host is (namespace, its address, its address of IPv6); routers are addresses of host A's.
    Wires are (namespace, device): what the kernel drops there when it has no time for its own
    queues, it counts, and that is not the router's doing.
    """

    def __init__(self, a, b, routers, wires):
        self.flows = []
        self.wires = wires
        self.dropped_before = self.dropped()
        for family, i in ((socket.AF_INET, 1), (socket.AF_INET6, 2)):
            for one, other in ((a, b), (b, a)):
                self.flows.append(Datagrams(family, one[0], one[i], other[0], other[i]))
            self.flows.append(Stream(family, a[0], a[i], b[0], b[i]))
        self.pings = [Pinging(a[0], router, 0.1) for router in routers]
        self.problem = None
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        try:
            while not self.ending.is_set():
                for flow in self.flows:
                    flow.step()
                time.sleep(INTERVAL_SECONDS)
        except Exception as problem:  # pylint: disable=broad-except
            self.problem = problem

    def dropped(self):
        """What the kernel dropped on the wires."""
        stats = [json.loads(namespace.ip(f"-s -j link show {dev}"))[0]["stats64"]
                 for namespace, dev in self.wires]
        return sum(stat["tx"]["dropped"] for stat in stats)

    def close(self):
        self.ending.set()
        self.thread.join()
        for ping in self.pings:
            ping.close()
        for flow in self.flows:
            flow.close()

    def check(self):
        """The end: nothing was lost but by the kernel."""
        self.ending.set()
        self.thread.join()
        if self.problem is not None:
            raise AssertionError(f"bystanders: {self.problem!r}") from self.problem
        missing = {flow.what: flow.missing() for flow in self.flows}
        for i, ping in enumerate(self.pings):
            missing[f"ping {i}"] = ping.unanswered()
        dropped = self.dropped() - self.dropped_before
        lost = sum(len(numbers) for numbers in missing.values())
        assert lost <= dropped, f"{lost} are lost, of which the kernel dropped {dropped}: {missing}"
