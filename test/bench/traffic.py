# SPDX-License-Identifier: BSD-3-Clause
"""Packets and routes for the benchmarks: the same ones each time. Used by bench.py."""
import ipaddress
import random
import struct

SEED = 2611
GATEWAYS = 16
# RFC 2544 C.2.2 and RFC 5180 5: networks that are set apart for benchmarks.
SOURCES = {4: ipaddress.ip_network('198.18.0.0/16'), 6: ipaddress.ip_network('2001:2:0:1::/64')}
SINKS = {4: ipaddress.ip_network('198.19.0.0/16'), 6: ipaddress.ip_network('2001:2:0:2::/64')}
ETHER_TYPE = {4: 0x0800, 6: 0x86dd}
SOURCE_MAC = bytes.fromhex('020000000001')
UDP = 17
# The shortest frames of Ethernet, without FCS; IPv6 and UDP need two bytes more.
FRAME_BYTES = {4: 60, 6: 62}


def random_host(rng, network):
    """An address of the network, neither its first nor its last one."""
    bits = network.max_prefixlen - network.prefixlen
    host = rng.randrange(1, (1 << bits) - 1) if bits > 1 else rng.randrange(1 << bits)
    return network.network_address + host


def random_prefix4(rng):
    """Lengths like the Internet's: 60 % /24, one in 50 longer, the rest /12 to /23."""
    kind = rng.randrange(100)
    length = 24 if kind < 60 else rng.randint(25, 32) if kind < 62 else rng.randint(12, 23)
    first = rng.choice([byte for byte in range(1, 224) if byte not in (10, 127, 169)])
    address = first << 24 | rng.randrange(1 << 24)
    return ipaddress.ip_network((address, length), strict=False)


def random_prefix6(rng):
    """/32 to /64, in 2400::/6, which holds no address of the test's own."""
    address = 0x2400 << 112 | rng.randrange(1 << 122)
    return ipaddress.ip_network((address, rng.choice([32, 36, 40, 44, 48, 56, 64])), strict=False)


def random_prefixes(family, count):
    rng = random.Random(SEED)
    make = random_prefix4 if family == 4 else random_prefix6
    prefixes = {}
    while len(prefixes) < count:
        prefixes[make(rng)] = None
    return list(prefixes)


def checksum(data):
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def udp_header(source, destination, source_port, payload):
    length = 8 + len(payload)
    pseudo = source.packed + destination.packed + struct.pack('!II', length, UDP)
    header = struct.pack('!HHHH', source_port, 9, length, 0)
    value = checksum(pseudo + header + payload) or 0xffff
    return header[:6] + struct.pack('!H', value)


def ip_header(source, destination, length):
    if source.version == 6:
        return struct.pack('!IHBB', 6 << 28, length, UDP, 64) + source.packed + destination.packed
    header = struct.pack('!BBHHHBBH', 0x45, 0, 20 + length, 0, 0, 64, UDP, 0)
    header += source.packed + destination.packed
    return header[:10] + struct.pack('!H', checksum(header)) + header[12:]


def frame(mac, source, destination, source_port):
    family = source.version
    payload = bytes(FRAME_BYTES[family] - 14 - (20 if family == 4 else 40) - 8)
    udp = udp_header(source, destination, source_port, payload)
    return (mac + SOURCE_MAC + struct.pack('!H', ETHER_TYPE[family]) +
            ip_header(source, destination, len(udp) + len(payload)) + udp + payload)


def write_pcap(path, mac, flows, networks):
    """One packet a flow to `mac`, each to a random address of a random one of the networks."""
    rng = random.Random(SEED + 1)
    with open(path, 'wb') as file:
        file.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for _ in range(flows):
            destination = random_host(rng, rng.choice(networks))
            source = random_host(rng, SOURCES[destination.version])
            data = frame(mac, source, destination, rng.randrange(1024, 65536))
            file.write(struct.pack('<IIII', 0, 0, len(data), len(data)) + data)
