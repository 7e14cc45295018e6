# SPDX-License-Identifier: BSD-3-Clause
"""Packets that should not be: each is counted once, under the reason that says what is wrong."""
import contextlib
import socket
import struct

from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption_LSRR, IPOption_SSRR
from scapy.layers.inet6 import (ICMPv6EchoRequest, ICMPv6ND_NA, ICMPv6ND_NS, ICMPv6NDOptDstLLAddr,
                                ICMPv6NDOptSrcLLAddr, ICMPv6Unknown, HBHOptUnknown, IPv6,
                                IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop,
                                IPv6ExtHdrRouting)
from scapy.layers.l2 import ARP, Dot1Q, Ether
from scapy.layers.sctp import SCTP, SCTPChunkCookieAck, SCTPChunkInit
from scapy.packet import Raw

from harness import SystemTest, Timeout, main, ping, wait_for

ME, ME6 = "10.0.0.1", "2001:db8::1"
HOST, HOST6 = "10.0.0.2", "2001:db8::2"
AWAY, AWAY6 = "10.0.1.2", "2001:db8:0:1::2"
HOST_MAC = "02:00:00:00:aa:02"


def with_byte(packet, offset, value):
    data = bytearray(bytes(packet))
    data[offset] = value
    return bytes(data)


def fixed_checksum(frame):
    """The frame with a right IPv4 header checksum, whatever else was done to the header."""
    data = bytearray(frame)
    length = max(20, (data[14] & 15) * 4)
    data[24:26] = b"\0\0"
    header = bytes(data[14:14 + length])
    total = sum(struct.unpack(f"!{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    data[24:26] = struct.pack("!H", ~total & 0xffff)
    return bytes(data)


class Malformed(SystemTest):
    """Frames are put on the wire as they are; the host's kernel says nothing by itself."""

    @classmethod
    def setUpLab(cls):
        lab = cls.lab
        cls.router, cls.host, cls.sink = lab.namespace(), lab.namespace(), lab.namespace()
        # Taps: under af_packet the kernel would put fragments together.
        cls.spated = lab.spated(cls.router, [
            "port add p0 devargs net_tap0,iface=p0", "port add p1 devargs net_tap1,iface=p1",
            f"addr add {ME}/24 p0", f"addr add {ME6}/64 p0",
            "addr add 10.0.1.1/24 p1", "addr add 2001:db8:0:1::1/64 p1"])
        for port, namespace in (("p0", cls.host), ("p1", cls.sink)):
            lab.tap_to(cls.spated, port, namespace)
            namespace.ip("link set eth0 arp off")
        cls.host.ip(f"link set eth0 address {HOST_MAC}")
        away = cls.sink.mac("eth0")
        cls.spated.do(f"neigh add {HOST} lladdr {HOST_MAC} dev p0",
                      f"neigh add {HOST6} lladdr {HOST_MAC} dev p0",
                      f"neigh add {AWAY} lladdr {away} dev p1",
                      f"neigh add {AWAY6} lladdr {away} dev p1")
        cls.mac = cls.spated.cli("port show p0")["mac"]
        cls.sock = cls.host.raw("eth0")
        cls.ether = Ether(dst=cls.mac, src=HOST_MAC)
        cls.spated.quiet()
        cls.spated.quiet()
        cls.buffers = cls.spated.available()

    @classmethod
    def tearDownClass(cls):
        cls.sock.close()
        super().tearDownClass()

    def setUp(self):
        self.counted, self.rx, self.drops, self.before = None, 0, {}, {}

    def tearDown(self):
        """Whatever came, it lives, has its buffers back, and its sums are even."""
        self.spated.check_conserved()
        # Counted once: nothing came later, nothing came twice.
        if self.counted:
            self.look()
            self.assertEqual((self.drops, self.rx), self.counted)
        wait_for(lambda: self.spated.available() == self.buffers, "all buffers are back", 5)
        self.assertEqual(self.spated.cli("neigh stats")["held"], 0)

    def expect(self, cases):
        """For each (what, frames, reason): so many drops more for that reason, and no other."""
        self.look()
        start, sent = self.rx, 0
        for what, frames, reason in cases:
            frames = frames if isinstance(frames, list) else [frames]
            with self.subTest(what):
                self.before = self.drops
                sent += len(frames)
                for frame in frames:
                    self.sock.send(bytes(frame))
                # ARP and ND are looked at by the control thread, a moment later.
                with contextlib.suppress(Timeout):
                    wait_for(lambda: self.is_counted(start + sent, len(frames) if reason else 0),
                             "they arrive and are counted", 5)
                self.assertEqual(self.rx, start + sent)
                self.assertEqual(self.new_drops(), {reason: len(frames)} if reason else {})
        self.counted = self.drops, start + sent

    def look(self):
        """What is counted by now."""
        rows, drops = self.spated.shows("stats show", "drops show")
        self.rx = rows[-1]["rx"]
        self.drops = {row["reason"]: row["packets"] for row in drops}

    def new_drops(self):
        """Since `before`."""
        return {reason: count - self.before.get(reason, 0) for reason, count in self.drops.items()
                if count > self.before.get(reason, 0)}

    def is_counted(self, rx, drops):
        self.look()
        return self.rx >= rx and sum(self.new_drops().values()) >= drops

    def test_ether(self):
        ip = IP(src=HOST, dst=AWAY) / UDP(dport=9)
        self.expect([
            ("another's MAC", Ether(dst="02:00:00:00:00:77", src=HOST_MAC) / ip, "ether_not_ours"),
            ("from a group", Ether(dst=self.mac, src="01:00:5e:00:00:01") / ip, "ether_bad_src"),
            ("from all", Ether(dst=self.mac, src="ff:ff:ff:ff:ff:ff") / ip, "ether_bad_src"),
            ("VLAN", self.ether / Dot1Q(vlan=7) / ip, "ether_unknown_vlan"),
            ("QinQ", Ether(dst=self.mac, src=HOST_MAC, type=0x88a8) / Dot1Q(vlan=7) / ip,
             "ether_unknown_vlan"),
            ("LLDP", Ether(dst="01:80:c2:00:00:0e", src=HOST_MAC, type=0x88cc) / Raw(b"x" * 46),
             "ether_unknown_type"),
            ("MPLS", Ether(dst=self.mac, src=HOST_MAC, type=0x8847) / Raw(b"x" * 46),
             "ether_unknown_type"),
            ("a length, not a type", Ether(dst=self.mac, src=HOST_MAC, type=46) / Raw(b"x" * 46),
             "ether_unknown_type"),
        ])

    def test_ip4_truncated(self):
        whole = bytes(self.ether / IP(src=HOST, dst=AWAY) / UDP(dport=9) / Raw(b"data"))
        self.expect([
            ("all lengths shorter than a header", [whole[:14 + n] for n in range(0, 20)],
             "ip4_truncated"),
            ("all lengths shorter than the packet", [whole[:n] for n in range(34, len(whole))],
             "ip4_bad_total_length"),
        ])
        options = bytes(self.ether / IP(src=HOST, dst=AWAY, options=[(b"\x01" * 8)]) / UDP(dport=9))
        self.expect([("cut in the options", [options[:n] for n in range(34, 42)],
                      "ip4_bad_hdr_length")])

    def test_ip4_header(self):
        good = bytes(self.ether / IP(src=HOST, dst=AWAY) / UDP(dport=9) / Raw(b"data" * 8))
        lsrr, ssrr = ([IPOption_LSRR(routers=["10.0.1.2"])], [IPOption_SSRR(routers=["10.0.1.2"])])
        self.expect([
            ("versions", [fixed_checksum(with_byte(good, 14, v << 4 | 5))
                          for v in (0, 1, 2, 3, 5, 6, 7, 15)], "ip4_bad_version"),
            ("IHL", [fixed_checksum(with_byte(good, 14, 0x40 | ihl)) for ihl in range(0, 5)],
             "ip4_bad_hdr_length"),
            ("IHL beyond the packet", fixed_checksum(with_byte(good[:60], 14, 0x4f)),
             "ip4_bad_hdr_length"),
            ("total length below the header's",
             [fixed_checksum(good[:16] + struct.pack("!H", n) + good[18:]) for n in (0, 1, 19)],
             "ip4_bad_total_length"),
            ("total length beyond the packet",
             [fixed_checksum(good[:16] + struct.pack("!H", n) + good[18:])
              for n in (len(good) - 13, 1500, 65535)], "ip4_bad_total_length"),
            ("each bit of the checksum",
             [with_byte(good, 24 + i // 8, good[24 + i // 8] ^ 1 << i % 8)
              for i in range(16)], "ip4_bad_checksum"),
            ("source route", [self.ether / IP(src=HOST, dst=AWAY, options=option) / UDP()
                              for option in (lsrr, ssrr)], "ip4_source_route"),
            ("option without a length",
             fixed_checksum(good[:14] + b"\x46" + good[15:16] +
                            struct.pack("!H", 32) + good[18:34] + b"\x07\x00\x00\x00" +
                            good[34:42]),
             "ip4_bad_option"),
            ("option longer than the options",
             fixed_checksum(good[:14] + b"\x46" + good[15:16] +
                            struct.pack("!H", 32) + good[18:34] + b"\x07\x05\x00\x00" +
                            good[34:42]),
             "ip4_bad_option"),
        ])

    def test_ip4_addresses(self):
        def frame(src=HOST, dst=AWAY, ether=None):
            return (ether or self.ether) / IP(src=src, dst=dst) / UDP(dport=9)
        group = Ether(dst="01:00:5e:01:02:03", src=HOST_MAC)
        all_ = Ether(dst="ff:ff:ff:ff:ff:ff", src=HOST_MAC)
        self.expect([
            ("sources", [frame(src=s) for s in (
                "0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.255.255", "224.0.0.1",
                "239.255.255.255", "240.0.0.1", "255.255.255.255")], "ip4_bad_src"),
            ("destinations", [frame(dst=d) for d in ("0.0.0.0", "0.1.2.3", "127.0.0.1", "240.0.0.1",
                                                     "255.255.255.254")], "ip4_bad_dst"),
            ("multicast", [frame(dst=d, ether=group) for d in ("224.0.0.1", "224.0.0.251",
                                                               "239.1.2.3")], "ip4_multicast"),
            ("broadcast", [frame(dst="255.255.255.255", ether=all_),
                           frame(dst="255.255.255.255")], "ip4_broadcast"),
            ("subnet's broadcast", [frame(dst="10.0.0.255"), frame(dst="10.0.1.255"),
                                    frame(dst="10.0.1.0")], "ip4_broadcast"),
            ("unicast in a broadcast", [frame(ether=all_), frame(dst=ME, ether=group)],
             "ip4_l2_broadcast"),
            ("link-local", [frame(src="169.254.1.1")], "ip4_link_local"),
        ])

    def test_ip4_local(self):
        echo = bytes(self.ether / IP(src=HOST, dst=ME) / ICMP() / Raw(b"data"))
        init = bytes(self.ether / IP(src=HOST, dst=ME) / SCTP(sport=5000, dport=9) /
                     SCTPChunkInit(init_tag=5, a_rwnd=65536, n_out_streams=1, n_in_streams=1))
        self.expect([
            ("fragments that cannot be",
             [self.ether / IP(src=HOST, dst=ME, flags="MF") / UDP(dport=9) / Raw(b"12345"),
              self.ether / IP(src=HOST, dst=ME, flags="MF", proto=17),
              self.ether / IP(src=HOST, dst=ME, frag=9, proto=17),
              self.ether / IP(src=HOST, dst=ME, frag=8191, proto=17) / Raw(b"x" * 100)],
             "ip_fragment_malformed"),
            ("fragments that overlap",
             [self.ether / IP(src=HOST, dst=ME, flags="MF", id=1) / UDP(dport=9) / Raw(b"x" * 16),
              self.ether / IP(src=HOST, dst=ME, frag=2, proto=17, id=1) / Raw(b"x" * 16),
              self.ether / IP(src=HOST, dst=ME, frag=4, proto=17, id=1) / Raw(b"x" * 16)],
             "ip_reassembly_overlap"),
            ("ICMP cut off",
             [self.ether / IP(src=HOST, dst=ME, proto=1) / Raw(b"\x08\0\0\0\0\0\0"[:n])
              for n in range(0, 8)], "icmp_truncated"),
            ("ICMP checksum", [with_byte(echo, 36, echo[36] ^ 1), with_byte(echo, 45, 0)],
             "icmp_bad_checksum"),
            ("ICMP nobody asked for", self.ether / IP(src=HOST, dst=ME) / ICMP(type=0, id=7),
             "icmp_ignored"),
            ("ICMP about a datagram of nobody's", self.ether / IP(src=HOST, dst=ME) /
             ICMP(type=3, code=1) / IP(src=ME, dst=HOST) / UDP(), "udp_error_unmatched"),
            ("ICMP that is not answered", [self.ether / IP(src=HOST, dst=ME) / ICMP(type=t)
                                           for t in (4, 5, 9, 10, 13, 14, 15, 17, 40, 255)],
             "icmp_ignored"),
            ("a port", self.ether / IP(src=HOST, dst=ME) / UDP(dport=9), "ip4_no_port"),
            ("a port of TCP", self.ether / IP(src=HOST, dst=ME) / TCP(dport=9), "tcp_no_port"),
            ("SCTP cut off", [self.ether / IP(src=HOST, dst=ME, proto=132) / Raw(init[34:34 + n])
                              for n in range(0, 16)], "sctp_malformed"),
            ("SCTP checksum", [with_byte(init, 42, init[42] ^ 1), with_byte(init, 50, 7)],
             "sctp_bad_checksum"),
            ("a port of SCTP", Ether(init), "sctp_no_port"),
            ("SCTP of no association", self.ether / IP(src=HOST, dst=ME) /
             SCTP(sport=5000, dport=9, tag=7) / SCTPChunkCookieAck(), "sctp_out_of_blue"),
            ("ICMP about a packet of SCTP of nobody's", self.ether / IP(src=HOST, dst=ME) /
             ICMP(type=3, code=2) / IP(src=ME, dst=HOST, proto=132) / Raw(init[34:]),
             "sctp_error_unmatched"),
            ("a protocol", self.ether / IP(src=HOST, dst=ME, proto=253) / Raw(b"RFC 3692"),
             "ip4_no_proto"),
        ])

    def test_ip6(self):
        def frame(src=HOST6, dst=AWAY6, ether=None, **more):
            return (ether or self.ether) / IPv6(src=src, dst=dst, **more) / UDP(dport=9)
        whole = bytes(frame() / Raw(b"data"))
        group = Ether(dst="33:33:00:00:00:42", src=HOST_MAC)
        self.expect([
            ("shorter than a header", [whole[:14 + n] for n in range(0, 40)], "ip6_truncated"),
            ("cut off", [whole[:n] for n in range(54, len(whole))], "ip6_bad_payload_length"),
            ("payload length", [whole[:18] + struct.pack("!H", n) + whole[20:]
                                for n in (len(whole) - 53, 1500, 65535)], "ip6_bad_payload_length"),
            ("versions", [with_byte(whole, 14, v << 4) for v in (0, 1, 4, 5, 7, 15)],
             "ip6_bad_version"),
            ("sources", [frame(src=s) for s in ("::", "::1", "ff02::1", "ff0e::1")], "ip6_bad_src"),
            ("destinations", [frame(dst=d) for d in ("::", "::1")], "ip6_bad_dst"),
            ("multicast", [frame(dst=d, ether=group) for d in ("ff02::16", "ff02::fb", "ff0e::42",
                                                               "ff01::1")], "ip6_multicast"),
            ("unicast in a multicast", [frame(ether=group), frame(dst=ME6, ether=group)],
             "ip6_l2_broadcast"),
            ("link-local", [frame(src="fe80::7"), frame(dst="fe80::7")], "ip6_link_local"),
            ("hop limit", [frame(hlim=0), frame(hlim=1)], "ip6_hop_limit_exceeded"),
        ])

    def test_ip6_local(self):
        me = IPv6(src=HOST6, dst=ME6)
        echo = bytes(self.ether / me / ICMPv6EchoRequest(id=7) / Raw(b"data"))
        many = me
        for _ in range(9):
            many = many / IPv6ExtHdrDestOpt()
        self.expect([
            ("ICMPv6 cut off",
             [self.ether / IPv6(src=HOST6, dst=ME6, nh=58) / Raw(b"\x80" + b"\0" * n)
              for n in range(0, 7)], "icmp6_truncated"),
            ("ICMPv6 checksum", [with_byte(echo, 56, echo[56] ^ 1), with_byte(echo, 65, 0)],
             "icmp6_bad_checksum"),
            ("fragments that cannot be",
             [self.ether / me / IPv6ExtHdrFragment(m=1) / UDP() / Raw(b"12345"),
              self.ether / me / IPv6ExtHdrFragment(offset=8, nh=17),
              self.ether / me / IPv6ExtHdrFragment(offset=8191, nh=17) / Raw(b"x" * 100)],
             "ip_fragment_malformed"),
            ("first fragments without all headers",
             [self.ether / me / IPv6ExtHdrFragment(m=1, nh=17) / Raw(b"1234"),
              self.ether / me / IPv6ExtHdrFragment(m=1) / IPv6ExtHdrDestOpt(nh=58)],
             "ip_fragment_short"),
            ("fragments that overlap",
             [self.ether / me / IPv6ExtHdrFragment(m=1, id=1) / UDP() / Raw(b"x" * 16),
              self.ether / me / IPv6ExtHdrFragment(offset=2, id=1, nh=17) / Raw(b"x" * 16),
              self.ether / me / IPv6ExtHdrFragment(offset=4, id=1, nh=17) / Raw(b"x" * 16)],
             "ip_reassembly_overlap"),
            ("extensions cut off",
             self.ether / IPv6(src=HOST6, dst=ME6, nh=60) / Raw(b"\x3a\x09" * 4),
             "ip6_bad_extension"),
            ("too many extensions", self.ether / many / UDP(), "ip6_chain_too_long"),
            ("unknown options", [self.ether / me / IPv6ExtHdrDestOpt(
                options=[HBHOptUnknown(otype=t, optdata=b"1234")]) / UDP()
                for t in (0x7e, 0xbe, 0xfe)], "ip6_unknown_option"),
            ("routing headers", [self.ether / me / IPv6ExtHdrRouting(
                type=t, addresses=[AWAY6], segleft=1) / UDP() for t in (0, 2, 99)],
             "ip6_routing_header"),
            ("hop-by-hop options not first",
             self.ether / me / IPv6ExtHdrDestOpt() / IPv6ExtHdrHopByHop() / UDP(),
             "ip6_bad_extension"),
            ("messages nobody waits for",
             [self.ether / me / ICMPv6Unknown(type=t, msgbody=b"\0" * 20)
              for t in (200, 131, 133, 137)],
             "icmp6_ignored"),
            ("an advertisement from afar",
             self.ether / me / ICMPv6Unknown(type=134, msgbody=b"\0" * 20), "nd_malformed"),
            ("a query to one of us alone",
             self.ether / me / ICMPv6Unknown(type=130, msgbody=b"\0" * 20), "mld_malformed"),
            ("a port", self.ether / me / UDP(dport=9), "ip6_no_port"),
            ("a port of TCP", self.ether / me / TCP(dport=9), "tcp_no_port"),
            ("a protocol", self.ether / IPv6(src=me.src, dst=me.dst, nh=253) / Raw(b"RFC 3692"),
             "ip6_no_proto"),
        ])

    def test_arp(self):
        def frame(**more):
            return self.ether / ARP(**{"op": 1, "hwsrc": HOST_MAC, "psrc": "10.0.0.9",
                                       "pdst": ME, **more})
        whole = bytes(frame())
        self.expect([
            ("cut off", [whole[:14 + n] for n in range(0, 28)], "arp_malformed"),
            ("kinds", [with_byte(whole, 15, 6), with_byte(whole, 17, 1), with_byte(whole, 18, 8),
                       with_byte(whole, 19, 16), frame(op=0), frame(op=3), frame(op=8)],
             "arp_malformed"),
            ("senders", [frame(hwsrc="01:00:5e:00:00:01"), frame(hwsrc="ff:ff:ff:ff:ff:ff"),
                         frame(hwsrc="00:00:00:00:00:00"), frame(psrc="127.0.0.1"),
                         frame(psrc="224.0.0.1"), frame(psrc="255.255.255.255"),
                         frame(op=2, psrc="0.0.0.0")], "arp_malformed"),
            ("for others", [frame(pdst="10.0.0.77"), frame(pdst="10.0.1.1"), frame(psrc=ME)],
             "arp_not_ours"),
        ])
        # None of that was learned.
        self.assertIsNone(self.spated.neigh("10.0.0.9"))
        self.expect([("a good one", frame(), None)])
        self.assertEqual(self.spated.neigh("10.0.0.9")["lladdr"], HOST_MAC)
        self.spated.do("neigh flush")

    def test_nd(self):
        option = ICMPv6NDOptSrcLLAddr(lladdr=HOST_MAC)

        def frame(src="2001:db8::9", dst=ME6, target=ME6, hlim=255, code=0, options=option):
            ns = ICMPv6ND_NS(tgt=target, code=code)
            message = ns / options if options else ns
            return self.ether / IPv6(src=src, dst=dst, hlim=hlim) / message

        def advert(dst=ME6, target="2001:db8::9", flags=(0, 1, 1), hlim=255):
            return self.ether / IPv6(src="2001:db8::9", dst=dst, hlim=hlim) / ICMPv6ND_NA(
                tgt=target, R=flags[0], S=flags[1], O=flags[2]) / \
                ICMPv6NDOptDstLLAddr(lladdr=HOST_MAC)
        empty = self.ether / IPv6(src="2001:db8::9", dst=ME6, hlim=255) / ICMPv6ND_NS(tgt=ME6) / \
            Raw(b"\1\0" + b"\0" * 6)
        long = self.ether / IPv6(src="2001:db8::9", dst=ME6, hlim=255) / ICMPv6ND_NS(tgt=ME6) / \
            Raw(b"\1\2" + b"\0" * 6)
        short = [self.ether / IPv6(src="2001:db8::9", dst=ME6, hlim=255, nh=58) /
                 Raw(icmp6(b"\x87\0\0\0\0\0\0\0" + b"\0" * n, "2001:db8::9", ME6))
                 for n in range(0, 16)]
        self.expect([
            ("hop limits", [frame(hlim=h) for h in (254, 64, 1)], "nd_malformed"),
            ("code", frame(code=1), "nd_malformed"),
            ("cut off", short, "nd_malformed"),
            ("options", [empty, long], "nd_malformed"),
            ("multicast target", frame(target="ff02::1"), "nd_malformed"),
            ("a probe with a source option", frame(src="::", dst="ff02::1:ff00:1"), "nd_malformed"),
            ("solicited, to a group", advert(dst="ff02::1"), "nd_malformed"),
            ("an advertisement's hop limit", advert(hlim=254), "nd_malformed"),
            ("for another", frame(target="2001:db8::77"), "nd_not_ours"),
            ("of our own address", advert(target=ME6), "nd_not_ours"),
        ])
        self.assertIsNone(self.spated.neigh("2001:db8::9"))
        # An advertisement nobody asked for makes no neighbour (RFC 4861 7.2.5); a question does.
        self.expect([("unasked", advert(), None)])
        self.assertIsNone(self.spated.neigh("2001:db8::9"))
        self.expect([("a good one", frame(), None)])
        self.assertEqual(self.spated.neigh("2001:db8::9")["lladdr"], HOST_MAC)
        self.spated.do("neigh flush")

    def test_no_error_about_them(self):
        """RFC 1122 3.2.2, RFC 4443 2.4 (e): what must not be answered by an ICMP error."""
        before = self.spated.stats()
        unreachable = ICMP(type=3, code=1) / IP(src=HOST, dst=AWAY) / UDP()
        frames = [
            self.ether / IP(src=HOST, dst="198.18.0.1") / unreachable,
            self.ether / IP(src=HOST, dst="198.18.0.1", frag=9, proto=17) / Raw(b"data"),
            *[self.ether / IPv6(src=HOST6, dst="2001:db9::1") /
              ICMPv6Unknown(type=t, msgbody=b"x" * 48) for t in (1, 137)],
        ]
        self.expect([("IPv4", frames[:2], "ip4_no_route"), ("IPv6", frames[2:], "ip6_no_route")])
        after = self.spated.stats()
        self.assertEqual(after["icmp_errors"], before["icmp_errors"])
        self.assertEqual(after["icmp_suppressed"] - before["icmp_suppressed"], len(frames))

    def test_every_cut_of_everything(self):
        """Good packets of each kind, cut at each byte: counted, or carried, and never twice."""
        kinds = [
            self.ether / IP(src=HOST, dst=ME) / ICMP() / Raw(b"data"),
            self.ether / IP(src=HOST, dst=ME) / UDP(dport=9) / Raw(b"data"),
            self.ether / IPv6(src=HOST6, dst=ME6) / ICMPv6EchoRequest() / Raw(b"data"),
            self.ether / IPv6(src=HOST6, dst=ME6) / IPv6ExtHdrDestOpt() / UDP(dport=9),
            self.ether / IPv6(src=HOST6, dst=ME6, hlim=255) / ICMPv6ND_NS(tgt=ME6) /
            ICMPv6NDOptSrcLLAddr(lladdr=HOST_MAC),
            self.ether / ARP(op=1, hwsrc=HOST_MAC, psrc=HOST, pdst=ME),
            self.ether / Dot1Q(vlan=3) / IP(src=HOST, dst=ME) / ICMP(),
        ]
        frames = [bytes(kind)[:n] for kind in kinds for n in range(14, len(bytes(kind)) + 1)]
        before = self.spated.quiet()
        for i, frame in enumerate(frames):
            self.sock.send(frame)
            if i % 64 == 0:
                wait_for(lambda: self.spated.stats()["rx"] - before["rx"] > i, "it keeps up")
        wait_for(lambda: self.spated.stats()["rx"] - before["rx"] == len(frames), "all are counted")

    def test_shorter_than_ethernet(self):
        """What no wire carries, but a file: out of a capture, through net_pcap."""
        path = self.lab.path("short.pcap")
        whole = bytes(self.ether / IP(src=HOST, dst=AWAY) / UDP(dport=9))
        with open(path, "wb") as file:
            file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
            for n in range(1, 14):
                file.write(struct.pack("<IIII", 0, 0, n, n) + whole[:n])
        before, rx = self.spated.drops(), self.spated.stats()["rx"]
        self.spated.do(f"port add pcap devargs net_pcap0,rx_pcap={path},tx_pcap={path}.out")
        try:
            wait_for(lambda: self.spated.stats()["rx"] - rx == 13, "all are read")
            self.spated.quiet()
            self.assertEqual(self.spated.dropped_since(before), {"ether_truncated": 13})
        finally:
            self.spated.do("port del pcap")

    def test_zz_still_works(self):
        """After all that: it does its work."""
        self.host.ip("link set eth0 arp on")
        self.sink.ip("link set eth0 arp on")
        self.lab.address(self.host, HOST + "/24", HOST6 + "/64")
        self.lab.address(self.sink, AWAY + "/24", AWAY6 + "/64")
        for host, four, six in ((self.host, ME, ME6), (self.sink, "10.0.1.1", "2001:db8:0:1::1")):
            host.ip(f"route add default via {four}")
            host.ip(f"-6 route add default via {six}")
        for address in (ME, ME6, AWAY, AWAY6):
            ping(self.host, address)


def icmp6(message, src, dst):
    """An ICMPv6 message with its checksum."""
    pseudo = (socket.inet_pton(socket.AF_INET6, src) + socket.inet_pton(socket.AF_INET6, dst) +
              struct.pack("!II", len(message), 58))
    data = pseudo + message + b"\0" * (len(message) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return message[:2] + struct.pack("!H", ~total & 0xffff) + message[4:]


if __name__ == "__main__":
    main()
