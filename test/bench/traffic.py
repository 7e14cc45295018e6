# SPDX-License-Identifier: BSD-3-Clause
"""Packets and routes for the benchmarks: the same ones each time. Used by bench.py."""
import ipaddress
import random
import struct

SEED = 2611
GATEWAYS = 16
# RFC 2544 C.2.2 and RFC 5180 5: networks that are set apart for benchmarks.
SOURCES = {4: '198.18.0.0/16', 6: '2001:2:0:1::/64'}
SINKS = {4: '198.19.0.0/16', 6: '2001:2:0:2::/64'}
ETHER_TYPE = {4: 0x0800, 6: 0x86dd}
# Of the routes of IPv4: neither private, nor loopback, nor link-local.
FIRST_BYTES = [byte for byte in range(1, 224) if byte not in (10, 127, 169)]
SOURCE_MAC = bytes.fromhex('020000000001')
UDP = 17
IPIP = 4
# So that caches see each packet of a source once a round at most, whatever its size.
SOURCE_BYTES_MAX = 8 << 20


def random_host(rng, prefix):
    """An address of the network, neither its first nor its last one."""
    network = ipaddress.ip_network(prefix)
    bits = network.max_prefixlen - network.prefixlen
    host = rng.randrange(1, (1 << bits) - 1) if bits > 1 else rng.randrange(1 << bits)
    return network.network_address + host


def random_prefix4(rng):
    """Lengths like the Internet's: 60 % /24, one in 50 longer, the rest /12 to /23."""
    kind = rng.randrange(100)
    length = 24 if kind < 60 else rng.randint(25, 32) if kind < 62 else rng.randint(12, 23)
    first = rng.choice(FIRST_BYTES)
    address = first << 24 | rng.randrange(1 << 24)
    return address >> (32 - length) << (32 - length), length


def random_prefix6(rng):
    """/32 to /64, in 2400::/6, which holds no address of the test's own."""
    address = 0x2400 << 112 | rng.randrange(1 << 122)
    length = rng.choice([32, 36, 40, 44, 48, 56, 64])
    return address >> (128 - length) << (128 - length), length


def random_prefixes(family, count):
    """As text."""
    rng = random.Random(SEED)
    make = random_prefix4 if family == 4 else random_prefix6
    address_of = ipaddress.IPv4Address if family == 4 else ipaddress.IPv6Address
    prefixes = {}
    while len(prefixes) < count:
        prefixes[make(rng)] = None
    return [f'{address_of(address)}/{length}' for address, length in prefixes]


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


def ip_header(source, destination, length, options, protocol=UDP):
    if source.version == 6:
        return (struct.pack('!IHBB', 6 << 28, length, protocol, 64) + source.packed +
                destination.packed)
    words = 5 + len(options) // 4
    header = struct.pack('!BBHHHBBH', 0x40 | words, 0, words * 4 + length, 0, 0, 64, protocol, 0)
    header += source.packed + destination.packed + options
    return header[:10] + struct.pack('!H', checksum(header)) + header[12:]


def tags_text(tags):
    """What stands in front of the EtherType: two tags are 802.1ad's and 802.1Q's."""
    types = (0x88a8, 0x8100) if len(tags) == 2 else (0x8100,)
    return b''.join(struct.pack('!HH', *tag) for tag in zip(types, tags))


def frame(scenario, mac, source, destination, source_port):
    family = scenario.family
    payload = bytes(scenario.frame - 14 - (20 if family == 4 else 40) - 8 -
                    (20 if scenario.tunnel else 0))
    udp = udp_header(source, destination, source_port, payload)
    ip = ip_header(source, destination, len(udp) + len(payload), scenario.options)
    if scenario.tunnel:
        routers = [next(ipaddress.ip_network(ends[4]).hosts()) for ends in (SOURCES, SINKS)]
        ip = ip_header(*routers, len(ip) + len(udp) + len(payload), b'', IPIP) + ip
    return (mac + SOURCE_MAC + tags_text(scenario.tags) + struct.pack('!H', ETHER_TYPE[family]) +
            ip + udp + payload)


def write_pcap(path, scenario, mac, flows, networks):
    """One packet a flow to `mac`, each to a random address of a random one of the networks."""
    rng = random.Random(SEED + 1)
    flows = min(flows, SOURCE_BYTES_MAX // scenario.length)
    with open(path, 'wb') as file:
        file.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for _ in range(flows):
            destination = random_host(rng, rng.choice(networks))
            source = random_host(rng, SOURCES[destination.version])
            data = frame(scenario, mac, source, destination, rng.randrange(1024, 65536))
            file.write(struct.pack('<IIII', 0, 0, len(data), len(data)) + data)
