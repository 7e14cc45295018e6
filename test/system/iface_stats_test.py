# SPDX-License-Identifier: BSD-3-Clause
"""What interfaces count is what the kernel counts at the other end, and adds up."""
import json
import struct

from harness import Pair, SystemTest, look_at_rest, main, ping, vlan, wait_for

# A is in VLAN 100 on p0; B in customer VLAN 8 of service VLAN 7 on p1.
A4, R4A, B4, R4B = "10.8.0.2", "10.8.0.1", "10.9.0.2", "10.9.0.1"
CONFIG = [
    "iface add p0.100 vlan 100 parent p0", f"addr add {R4A}/24 dev p0.100",
    "iface add p1.7 vlan 7 parent p1 protocol 802.1ad", "iface add p1.7.8 vlan 8 parent p1.7",
    f"addr add {R4B}/24 dev p1.7.8",
]
# Ours, the host whose end of it the kernel counts at, the device there, and how many tags.
ENDS = [("p0", "a", "eth0", 0), ("p1", "b", "eth0", 0), ("p0.100", "a", "v100", 1),
        ("p1.7.8", "b", "v78", 2)]


def kernel(host, dev):
    return json.loads(host.run("ip", "-s", "-j", "link", "show", dev).stdout)[0]["stats64"]


class IfaceStats(SystemTest):
    """Tap ports: net_af_packet loses the EtherType of a service tag."""

    @classmethod
    def setUpLab(cls):
        cls.pair = Pair(cls.lab, driver="tap", config=CONFIG, workers=2, queues=2)
        cls.a, cls.b, cls.spated = cls.pair.a, cls.pair.b, cls.pair.spated
        vlan(cls.lab, cls.a, "eth0", "v100", [(0x8100, 100)])
        vlan(cls.lab, cls.b, "eth0", "v78", [(0x88a8, 7), (0x8100, 8)])
        cls.lab.address(cls.a, f"{A4}/24", dev="v100")
        cls.lab.address(cls.b, f"{B4}/24", dev="v78")
        cls.a.ip(f"route add 10.9.0.0/24 via {R4A}")
        cls.b.ip(f"route add 10.8.0.0/24 via {R4B}")
        cls.pair.warm_up()
        ping(cls.a, B4)

    def ours(self):
        return {row["iface"]: row for row in self.spated.cli("iface stats")}

    def snapshot(self):
        """All of one moment: nothing moved between the first look and the last."""
        while True:
            stats = self.spated.quiet()
            ours = self.ours()
            kernels = [kernel(getattr(self, host), dev) for _, host, dev, _ in ENDS]
            if self.spated.stats() == stats and self.ours() == ours:
                return stats, ours, kernels

    def check_sums(self):
        """Ports' interfaces are all that comes and goes, and each drop is somebody's."""
        stats, rows, _ = self.snapshot()
        for way in ("rx", "tx"):
            self.assertEqual(sum(rows[port][way]["packets"] for port in ("p0", "p1")), stats[way])
            for row in rows.values():
                if row["iface"] is not None:
                    kinds = sum(row[way][kind] for kind in ("unicast", "multicast", "broadcast"))
                    self.assertEqual(row[way]["packets"], kinds)
        drops = {}
        for row in rows.values():
            self.assertEqual(row["dropped"], sum(drop["packets"] for drop in row["drops"]))
            for drop in row["drops"]:
                drops[drop["reason"]] = drops.get(drop["reason"], 0) + drop["packets"]
        self.assertEqual(drops, self.spated.drops())
        self.spated.check_conserved()
        return rows

    def traffic(self):
        """Both families, to us and through us, tagged and not, to groups and to nobody."""
        for address in (Pair.B4, Pair.B6, Pair.R4A, B4, R4A):
            ping(self.a, address, 7, "-i", "0.002", "-s", "333")
        ping(self.b, A4, 5, "-i", "0.002")
        mac = bytes.fromhex(self.ours_mac("p0").replace(":", ""))
        source = b"\x02\0\0\0\0\x77"
        for dev, tags in (("eth0", b""), ("v100", b""), ("eth0", struct.pack("!HH", 0x8100, 9))):
            with self.a.raw(dev) as sock:
                for dst in (b"\xff" * 6, b"\x01\0\x5e\0\0\x01", b"\x02\0\0\0\x99\x99", mac):
                    sock.send(dst + source + tags + b"\x88\xcc" + bytes(50))

    def ours_mac(self, name):
        return self.spated.cli(f"iface show {name}")["mac"]

    def test_as_the_kernel_counts(self):
        """Packets and bytes to the last one, with a sniffer's word on groups."""
        with self.a.sniffer("eth0", inbound=False) as out, self.b.sniffer("eth0") as into:
            _, ours, kernels = look_at_rest(self.snapshot, out, into)
            self.traffic()

            def deltas():
                """Ours and the kernel's, at a moment at which they agree; else None."""
                _, now, now_kernels = self.snapshot()
                pairs = []
                for (iface, _, _, tags), old, new in zip(ENDS, kernels, now_kernels):
                    for way, theirs in (("rx", "tx"), ("tx", "rx")):
                        # Of VLANs the kernel counts bytes with or without headers, by direction.
                        for key in ("packets", "bytes")[:2 if tags == 0 else 1]:
                            pairs.append((iface, way, key, now[iface][way][key] - ours[iface][way][key],
                                          new[theirs][key] - old[theirs][key]))
                self.seen = pairs
                return now if all(mine == theirs for *_, mine, theirs in pairs) else None
            try:
                now = wait_for(deltas, "our counters and the kernel's agree", 5)
            except AssertionError as error:
                raise AssertionError(f"{error}: {self.seen}") from None
            for frames, iface, way in ((out.frames, "p0", "rx"), (into.frames, "p1", "tx")):
                broadcast = sum(frame[:6] == b"\xff" * 6 for frame in frames)
                multicast = sum(frame[0] & 1 for frame in frames) - broadcast
                self.assertEqual([now[iface][way][key] - ours[iface][way][key]
                                  for key in ("broadcast", "multicast")], [broadcast, multicast])
        self.check_sums()

    def test_drops(self):
        """Each by the interface that it came in by."""
        def drops(row):
            return {drop["reason"]: drop["packets"] for drop in row["drops"]}

        before = {name: drops(row) for name, row in self.check_sums().items()}
        self.traffic()
        after = {name: drops(row) for name, row in self.check_sums().items()}

        def new(name, reason):
            return after[name].get(reason, 0) - before[name].get(reason, 0)
        self.assertEqual(new("p0", "ether_not_ours"), 1)
        self.assertEqual(new("p0.100", "ether_not_ours"), 1)
        self.assertEqual(new("p0", "ether_unknown_vlan"), 4)
        self.assertEqual(new("p0", "ether_unknown_type"), 3)
        self.assertEqual(new("p0.100", "ether_unknown_type"), 3)
        self.assertEqual(new("p1", "ether_unknown_type"), 0)

    def test_one(self):
        """What is said of one, and of one that is not there; and a VLAN that goes."""
        # Hosts ask for each other now and then: between two looks, too.
        wait_for(lambda: self.spated.cli("iface stats p0.100") == self.ours()["p0.100"],
                 "both say the same")
        self.assertIn("errors", self.spated.cli("iface stats p0")["rx"])
        done = self.spated.spate("-c", "iface stats nope")
        self.assertEqual((done.returncode, "iface show" in done.stderr), (1, True), done.stderr)
        self.spated.do("iface add p0.9 vlan 9 parent p0")
        before = self.check_sums()["p0"]["rx"]
        with self.a.raw("eth0") as sock:
            sock.send(b"\xff" * 6 + b"\x02\0\0\0\0\x77\x81\0\0\x09\x88\xcc" + bytes(50))
        wait_for(lambda: self.ours()["p0.9"]["rx"]["broadcast"] == 1, "the broadcast is counted")
        self.spated.do("iface del p0.9")
        self.assertGreater(self.check_sums()["p0"]["rx"]["broadcast"], before["broadcast"])


if __name__ == "__main__":
    main()
