# SPDX-License-Identifier: BSD-3-Clause
"""The machine, and the ports, routes and configuration of a scenario. Used by pair.py."""
import os
from pathlib import Path

import traffic


class Machine:
    """Which CPUs and what memory the programs get."""

    def __init__(self, no_huge):
        cpus = sorted(os.sched_getaffinity(0))
        self.worker, self.control = cpus[-1], cpus[0]
        self.no_huge = no_huge
        # Neither leaves a file behind, but without hugepages an empty directory.
        prefix = f'spate-bench{os.getpid()}'
        self.run_directory = Path('/var/run/dpdk', prefix)
        memory = (['--no-huge', '--no-shconf', '-m', '1024', f'--file-prefix={prefix}'] if no_huge
                  else ['--in-memory'])
        self.eal = ['--no-pci', '--no-telemetry', *memory]
        # Its socket needs a directory, which programs without shared files do not have.
        self.eal_with_telemetry = ['--no-pci', *(['--no-huge', '-m', '1024'] if no_huge else
                                                 ['--huge-unlink'])]

    def clean_up(self):
        if self.run_directory.is_dir():
            self.run_directory.rmdir()

    def lcores(self, worker):
        return f'0@{self.control},1@{worker}'

    def describe(self):
        model = next((line.partition(':')[2].strip() for line in open('/proc/cpuinfo')
                      if line.startswith('model name')), 'unknown CPU')
        return {'cpu': model, 'cpus': os.cpu_count(), 'worker_cpu': self.worker,
                'hugepages': not self.no_huge, 'kernel': os.uname().release}


def pcap_mac(index):
    """What net_pcap gives the ports of a process, in order."""
    return bytes.fromhex('0270636170') + bytes([index])


def mac_text(mac):
    return ':'.join(f'{byte:02x}' for byte in mac)


class Wiring:
    """Devices in pairs: what comes in by an even one leaves by the odd one behind it."""

    def __init__(self, scenario, options, directory):
        self.scenario, self.options, self.directory = scenario, options, Path(directory)
        self.directory.mkdir(exist_ok=True)
        self.step = 1 if options.sink == 'pcap' and not scenario.memif else 2
        self.sinks = range(self.step - 1, scenario.sources * self.step, self.step)
        self.networks = ([traffic.SINKS[scenario.family]] if scenario.routes == 1 else
                         traffic.random_prefixes(scenario.family, scenario.routes))

    def pcap(self, name, mac):
        path = f'{self.directory}/{name}.pcap'
        traffic.write_pcap(path, self.scenario, mac, self.options.flows, self.networks)
        return path

    def devices(self):
        if self.scenario.memif:
            return [f'net_memif{i},role=client,id={i},socket={self.directory}/memif-%s.sock,'
                    f'socket-abstract=no,mac={mac_text(pcap_mac(i))}' for i in range(2)]
        devices = []
        for i in range(self.scenario.sources):
            path = self.pcap(f'source{i}', pcap_mac(i))
            devices.append(f'net_pcap{i},rx_pcap={path},infinite_rx=1')
            if self.options.sink == 'null':
                devices.append(f'net_null{i},no-rx=1')
        return devices

    def iface(self, port):
        """Where the addresses of a port are."""
        return '.'.join([f'p{port}', *map(str, self.scenario.tags)])

    def vlan_lines(self, port):
        parent = f'p{port}'
        for i, tag in enumerate(self.scenario.tags):
            protocol = '802.1ad' if i + 1 < len(self.scenario.tags) else '802.1q'
            yield f'iface add {parent}.{tag} vlan {tag} parent {parent} protocol {protocol}'
            parent += f'.{tag}'

    def config(self, machine):
        """The configuration of spated, but for its routes where these are many."""
        devices = self.devices()
        cores = [machine.worker, machine.control][:self.scenario.workers]
        lines = ['eal ' + ' '.join(machine.eal_with_telemetry if self.scenario.telemetry else
                                   machine.eal),
                 'worker cores ' + ','.join(map(str, cores)),
                 f'worker mbufs {self.options.mbufs}']
        for i, device in enumerate(devices):
            # net_pcap has a tx queue for each source.
            txq = self.scenario.workers if i % self.step else 1
            lines.append(f'port add p{i} devargs {device.replace("%s", "spated")} rxq 1 txq {txq}')
            lines += self.vlan_lines(i)
        if self.scenario.vrf is not None:
            lines.append(f'vrf add {self.scenario.vrf}')
            lines += [f'iface set {self.iface(i)} vrf {self.scenario.vrf}'
                      for i in range(len(devices))]
        for port in self.sinks:
            lines += self.neighbour_lines(port)
        lines += self.scenario.config
        if self.scenario.routes == 1:
            lines += [f'route add {line}' for line in self.route_lines()]
        return lines

    def gateways(self, port):
        if self.scenario.family == 4:
            return [f'10.0.{port}.{2 + i}' for i in range(traffic.GATEWAYS)]
        return [f'2001:db8:{port}::{2 + i:x}' for i in range(traffic.GATEWAYS)]

    def neighbour_lines(self, port):
        own = f'10.0.{port}.1/24' if self.scenario.family == 4 else f'2001:db8:{port}::1/64'
        yield f'addr add {own} dev {self.iface(port)}'
        for i, address in enumerate(self.gateways(port)):
            yield (f'neigh add {address} lladdr 02:00:00:00:{port:02x}:{2 + i:02x} '
                   f'dev {self.iface(port)}')

    def route_lines(self):
        """Over the gateways of the ports in turn; a group has its paths on one port."""
        gateways = [self.gateways(port) for port in self.sinks]
        words = ' counted' if self.scenario.counted else ''
        if self.scenario.vrf is not None:
            words += f' vrf {self.scenario.vrf}'
        for i, network in enumerate(self.networks):
            port = gateways[i % len(gateways)]
            first = i // len(gateways)
            paths = [port[(first + k) % len(port)] for k in range(self.scenario.paths)]
            yield network + ''.join(f' via {path}' for path in paths) + words

    def write_routes(self):
        """A file for `route load`. @return its path, or None where there is but one route"""
        if self.scenario.routes == 1:
            return None
        path = self.directory / 'routes'
        with open(path, 'w', encoding='ascii') as file:
            file.writelines(f'{line}\n' for line in self.route_lines())
        return path
