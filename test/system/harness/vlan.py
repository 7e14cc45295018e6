# SPDX-License-Identifier: BSD-3-Clause
"""VLAN devices of hosts: the kernel's, or where it has none a tap whose frames are tagged here."""
import fcntl
import os
import select
import socket
import struct
import threading

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
SOL_PACKET, PACKET_AUXDATA, PACKET_OUTGOING = 263, 8, 4
TP_STATUS_VLAN_VALID, TP_STATUS_VLAN_TPID_VALID = 1 << 4, 1 << 6


def vlan(lab, host, dev, name, tags):
    """A device for the frames of `dev` with these tags: [(0x88a8, 7), (0x8100, 8)]."""
    # The kernel lets no more than one tag be beside the MTU, and that not always.
    host.ip(f"link set {dev} mtu {1500 + 4 * len(tags)}")
    below = dev
    made = True
    for depth, (protocol, number) in enumerate(tags):
        end = name if depth == len(tags) - 1 else f"{name}o{depth}"
        kind = "802.1ad" if protocol == 0x88A8 else "802.1q"
        made = made and host.run("ip", "link", "add", "link", below, "name", end, "type", "vlan",
                                 "protocol", kind, "id", str(number), check=False).returncode == 0
        if made:
            host.sysctl(f"ipv6/conf/{end}/disable_ipv6", 1)
            host.ip(f"link set {end} mtu 1500 up")
        below = end
    if not made:
        lab.own(Tagger(host, dev, name, tags))


class Tagger:
    """802.1Q done by hand: what leaves the tap gets the tags, what comes with them loses them."""

    def __init__(self, host, dev, name, tags):
        self.tags = b"".join(struct.pack("!HH", *tag) for tag in tags)
        self.problem = None
        with host.entered():
            # pylint: disable-next=consider-using-with
            self.tap = open("/dev/net/tun", "r+b", buffering=0)
            fcntl.ioctl(self.tap, TUNSETIFF,
                        struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
        self.wire = host.raw(dev, 3)
        self.wire.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.end, self.ending = os.pipe()
        host.sysctl(f"ipv6/conf/{name}/disable_ipv6", 1)
        host.ip(f"link set {name} address {host.mac(dev)} up")
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        try:
            while True:
                ready, _, _ = select.select([self.end, self.tap, self.wire], [], [])
                if self.end in ready:
                    return
                if self.tap in ready:
                    frame = os.read(self.tap.fileno(), 65536)
                    self.wire.send(frame[:12] + self.tags + frame[12:])
                if self.wire in ready:
                    self._receive()
        except Exception as problem:  # pylint: disable=broad-except
            self.problem = problem

    def _receive(self):
        frame, control, _, address = self.wire.recvmsg(65536, 128)
        if address[2] == PACKET_OUTGOING:
            return
        for level, kind, data in control:
            if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
                status, _, _, _, _, tci, tpid = struct.unpack("IIIHHHH", data[:20])
                if status & TP_STATUS_VLAN_VALID:
                    # The kernel took the outer tag off.
                    outer = tpid if status & TP_STATUS_VLAN_TPID_VALID else 0x8100
                    frame = frame[:12] + struct.pack("!HH", outer, tci) + frame[12:]
        length = len(self.tags)
        more = frame[12 + length:14 + length] in (b"\x81\x00", b"\x88\xa8")
        if frame[12:12 + length] == self.tags and not more:
            os.write(self.tap.fileno(), frame[:12] + frame[12 + length:])

    def close(self):
        os.write(self.ending, b"x")
        self.thread.join()
        self.tap.close()
        self.wire.close()
        os.close(self.end)
        os.close(self.ending)
        if self.problem is not None:
            raise AssertionError(f"the tagger died: {self.problem!r}")
