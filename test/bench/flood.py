# SPDX-License-Identifier: BSD-3-Clause
"""A worker under a flood of SYNs, on a link to another spated. Used by bench.py.

    client's worker                                      server's worker
    net_pcap (SYNs) -> VRF flood -> cable, so many a second -> memif -> bench-server
    bench-client: 100 streams, and connections that come and go  -> memif ->

In turn the cable loses the whole flood, and nothing of it. What counts is the median of the rounds' ratios of
the streams' rates; but what the flood takes of the client's worker, to send it and to drop its answers, the
streams lack, too: doc/performance.md.
"""
import ipaddress
import os
import random
import struct
import time
from pathlib import Path

from host import NICE, START_SECONDS, prefer
from subjects import Failure, Spated
from traffic import SEED, SOURCE_MAC, checksum
from wiring import pcap_mac

SERVER, CLIENT = '10.200.0.1', '10.200.0.2'
SERVER_PORT = 5201
ROLES = ('server', 'client')
STREAMS, COMERS = 100, 16
FLOODS = {'tcp-flood': 1000000}  # SYNs a second
TARGET = 0.9
SYNS = 8192
SOURCES = '172.16.0.0/12'
# MSS, SACK permitted, timestamps, window scale: what Linux sends.
OPTIONS = bytes.fromhex('020405b4 0402 080a 00000001 00000000 01 030307')
TCP = 6


def syn(rng, mac):
    """One from a stranger to the server's port."""
    source = ipaddress.ip_network(SOURCES)[rng.randrange(1, 1 << 20)].packed
    destination = ipaddress.ip_address(SERVER).packed
    words = 5 + len(OPTIONS) // 4
    tcp = struct.pack('!HHIIBBHHH', rng.randrange(1024, 65536), SERVER_PORT, rng.getrandbits(32), 0,
                      words << 4, 2, 65535, 0, 0) + OPTIONS
    pseudo = source + destination + struct.pack('!HH', TCP, len(tcp))
    tcp = tcp[:16] + struct.pack('!H', checksum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(tcp), 0, 0, 64, TCP, 0) + source + destination
    ip = ip[:10] + struct.pack('!H', checksum(ip)) + ip[12:]
    return mac + SOURCE_MAC + b'\x08\x00' + ip + tcp


def write_syns(path):
    rng = random.Random(SEED)
    with open(path, 'wb') as file:
        file.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for _ in range(SYNS):
            data = syn(rng, pcap_mac(0))
            file.write(struct.pack('<IIII', 0, 0, len(data), len(data)) + data)
    return len(data)


class Flooded:
    """Two spated; the client sends, and the flood comes by it."""

    def __init__(self, name, options, machine, directory):
        self.rate, self.options, self.machine = FLOODS[name], options, machine
        self.directory = Path(directory)
        self.programs = []

    def __enter__(self):
        prefer(os.getpid(), NICE)
        try:
            self.begin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for program in reversed(self.programs):
            program.end()
        prefer(os.getpid(), 0)

    def begin(self):
        self.length = write_syns(self.directory / 'syns.pcap')
        self.server = self.start('server', self.server_config())
        self.client = self.start('client', self.client_config())
        self.flood(False)
        for name, mode, connections in (('streams', 'send', STREAMS), ('comers', 'crr', COMERS)):
            self.client.command(f'service start bench-client mode {mode} to {SERVER} '
                                f'connections {connections} duration 100000s name {name}')
        end = time.monotonic() + START_SECONDS
        while self.shown('streams')['open'] < STREAMS:
            if time.monotonic() > end:
                self.client.fail('does not open its streams')
            time.sleep(0.1)

    def start(self, name, config):
        directory = self.directory / name
        directory.mkdir()
        self.programs.append(Spated(self.options.build, directory, config))
        prefer(self.programs[-1].process.pid, NICE)
        return self.programs[-1]

    def common(self, role, cpu, address):
        return ['eal ' + ' '.join(self.machine.eal), f'worker cores {cpu}',
                f'worker mbufs {self.options.mbufs}', f'port add p0 devargs net_memif0,role={role},id=0,'
                f'socket={self.directory}/memif.sock,socket-abstract=no,rsize=11',
                f'addr add {address}/24 dev p0']

    def server_config(self):
        return [*self.common('server', self.machine.worker, SERVER),
                f'route add {SOURCES} via {CLIENT}', 'service start bench-server']

    def client_config(self):
        syns = f'net_pcap0,rx_pcap={self.directory}/syns.pcap,infinite_rx=1'
        return [*self.common('client', self.machine.control, CLIENT), 'vrf add flood',
                f'port add f0 devargs {syns}', 'port add c0 cable peer c1', 'port add c1 cable peer c0',
                'iface set f0 vrf flood', 'iface set c0 vrf flood',
                'addr add 10.201.0.1/24 dev c0', 'addr add 10.201.0.2/24 dev c1',
                f'route add {SERVER}/32 via 10.201.0.2 vrf flood',
                # The answers end here.
                f'route add {SOURCES} blackhole']

    def flood(self, on):
        self.client.command(f'cable set c0 rate {self.rate * self.length * 8}bit limit 256 '
                            f'loss {"0%" if on else "100%"}')

    def shown(self, name):
        row, = self.client.show(f'service show {name}')
        return row

    def sample(self):
        streams, comers = self.shown('streams'), self.shown('comers')
        row = next(row for row in self.client.show('cable show') if row['port'] == 'c0')
        cpu = [program.worker_cpu_ns() for program in self.programs]
        # The less a loop of a worker finds, the more time it has left.
        workers = [program.show('worker show')[0] for program in self.programs]
        return {**{f'{name}_{what}': worker[what] for name, worker in zip(ROLES, workers)
                   for what in ('loops', 'rx_packets')},
                'time_ns': time.monotonic_ns(), 'bytes': streams['bytes_sent'],
                'connections': comers['transactions'],
                'failed': streams['failed'] + comers['failed'],
                'syns': row['delivered'], 'cpu_ns': sum(cpu)}

    def measure(self, on):
        """@return what a second brought"""
        self.flood(on)
        time.sleep(0.2)
        before = self.sample()
        time.sleep(self.options.seconds)
        after = self.sample()
        delta = {key: after[key] - before[key] for key in before}
        if delta['failed'] > 0:
            raise Failure(f'{delta["failed"]} connections failed')
        seconds = delta['time_ns'] / 1e9
        return {**{name: delta[f'{name}_rx_packets'] / delta[f'{name}_loops'] for name in ROLES},
                'mbit': delta['bytes'] * 8e-6 / seconds, 'connections': delta['connections'] / seconds,
                'syns': delta['syns'] / seconds, 'on_cpu': delta['cpu_ns'] / delta['time_ns'] / 2}

    def round(self):
        off, on = self.measure(False), self.measure(True)
        return {'off': off, 'on': on, 'ratio': on['mbit'] / off['mbit']}
