#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Forwarding by spated beside forwarding by dpdk-testpmd, in turn. Run by scripts/bench.

Each scenario has one worker on a CPU of its own. A round lets testpmd forward in mode io, then
in mode mac, then spated, on the same kind of ports with the same packets; whoever is not measured
does not run. What counts is the median of the rounds' ratios: packets a second of spated to
packets a second of testpmd mac, while the thread that forwards is on its CPU. Who else uses the CPU
slows the packets a second by the wall clock, but hardly that ratio.
"""
import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import traffic
from subjects import Failure, Spated, Testpmd

WARM_UP_SECONDS = 0.1
MICRO_SECONDS = 600
# Packets that may be lost where nothing should be: the first, before the routes are in force.
LOSS_MAX = 0.001


class Scenario:
    """Packets, routes, and the ratio to testpmd mac that we want."""

    def __init__(self, family, routes, paths=1, sources=1, target=None, memif=False):
        self.family, self.routes, self.paths = family, routes, paths
        self.sources, self.target, self.memif = sources, target, memif


SCENARIOS = {
    'ip4-one': Scenario(4, 1, target=0.70),
    'ip4-10k': Scenario(4, 10000, target=0.60),
    'ip6-10k': Scenario(6, 10000, target=0.50),
    'ip4-group8': Scenario(4, 1, paths=8, target=0.55),
    'ip4-10k-2ports': Scenario(4, 10000, sources=2),
    'memif': Scenario(4, 1, memif=True),
}
BY_DEFAULT = [name for name in SCENARIOS if name != 'memif']
# Parts of spate alone: programs in test/bench, and their own arguments.
MICRO = {'fib': ['10000'], 'pipeline': []}


class Machine:
    """Which CPUs and what memory both programs get."""

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


# ---- the ports and the routes of a scenario ----

def pcap_mac(index):
    """What net_pcap gives the ports of a process, in order."""
    return bytes.fromhex('0270636170') + bytes([index])


def mac_text(mac):
    return ':'.join(f'{byte:02x}' for byte in mac)


class Wiring:
    """Devices in pairs: what comes in by an even one leaves by the odd one behind it."""

    def __init__(self, scenario, options, directory):
        self.scenario, self.options, self.directory = scenario, options, directory
        self.networks = ([traffic.SINKS[scenario.family]] if scenario.routes == 1 else
                         traffic.random_prefixes(scenario.family, scenario.routes))

    def pcap(self, name, mac):
        path = f'{self.directory}/{name}.pcap'
        traffic.write_pcap(path, mac, self.options.flows, self.networks)
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

    def config(self, machine):
        """The configuration of spated."""
        devices = self.devices()
        step = 1 if self.options.sink == 'pcap' and not self.scenario.memif else 2
        lines = ['eal ' + ' '.join(machine.eal), f'worker cores {machine.worker}',
                 f'worker mbufs {self.options.mbufs}']
        for i, device in enumerate(devices):
            lines.append(f'port add p{i} devargs {device.replace("%s", "spated")} rxq 1 txq 1')
        gateways = []
        for i in range(step - 1, len(devices), step):
            gateways.append(self.gateways(i, lines))
        return lines + self.route_lines(gateways)

    def gateways(self, port, lines):
        if self.scenario.family == 4:
            lines.append(f'addr add 10.0.{port}.1/24 dev p{port}')
            addresses = [f'10.0.{port}.{2 + i}' for i in range(traffic.GATEWAYS)]
        else:
            lines.append(f'addr add 2001:db8:{port}::1/64 dev p{port}')
            addresses = [f'2001:db8:{port}::{2 + i:x}' for i in range(traffic.GATEWAYS)]
        for i, address in enumerate(addresses):
            lines.append(f'neigh add {address} lladdr 02:00:00:00:{port:02x}:{2 + i:02x} '
                         f'dev p{port}')
        return addresses

    def route_lines(self, gateways):
        """Over the gateways of the ports in turn; a group has its paths on one port."""
        lines = []
        for i, network in enumerate(self.networks):
            port = gateways[i % len(gateways)]
            first = i // len(gateways)
            paths = [port[(first + k) % len(port)] for k in range(self.scenario.paths)]
            lines.append(f'route add {network}' + ''.join(f' via {path}' for path in paths))
        return lines


# ---- measuring ----

class Pair:
    """testpmd and spated, ready to forward in turn."""

    def __init__(self, scenario, options, machine, directory):
        self.scenario, self.options, self.machine = scenario, options, machine
        self.directory = directory
        self.programs = []
        self.sources = {}
        self.wiring = Wiring(scenario, options, directory)

    def __enter__(self):
        try:
            self.begin()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_):
        self.end()

    def begin(self):
        self.testpmd = self.begin_testpmd()
        if self.scenario.memif:
            self.sources['spated'] = self.begin_source('spated')
        self.spated = Spated(self.options.build, self.directory,
                             self.wiring.config(self.machine), f'{self.directory}/spated.log')
        self.programs.append(self.spated)
        self.check_macs()
        self.spated.pause()

    def end(self):
        for program in reversed(self.programs):
            program.end()

    def begin_testpmd(self):
        if self.scenario.memif:
            self.sources['testpmd'] = self.begin_source('testpmd')
        args = [f'--total-num-mbufs={self.options.mbufs}']
        if self.options.sink == 'pcap' and self.scenario.sources == 1 and not self.scenario.memif:
            args.append('--port-topology=loop')
        if self.options.burst:
            args.append(f'--burst={self.options.burst}')
        devices = [device.replace('%s', 'testpmd') for device in self.wiring.devices()]
        testpmd = Testpmd(self.machine.eal, self.machine.lcores(self.machine.worker), devices,
                          args, f'{self.directory}/testpmd.log')
        self.programs.append(testpmd)
        return testpmd

    def begin_source(self, name):
        """The other ends of two memifs: one is fed as fast as it takes, the other drained."""
        path = self.wiring.pcap(name, pcap_mac(0))
        memif = f'role=server,socket={self.directory}/memif-{name}.sock,socket-abstract=no'
        devices = [f'net_pcap0,rx_pcap={path},infinite_rx=1', f'net_memif0,id=0,{memif}',
                   f'net_memif1,id=1,{memif}', 'net_null0,no-rx=1']
        source = Testpmd(self.machine.eal, self.machine.lcores(self.machine.control), devices,
                         [f'--total-num-mbufs={self.options.mbufs}'],
                         f'{self.directory}/source-{name}.log')
        self.programs.append(source)
        return source

    def check_macs(self):
        """Packets for another port's address would be dropped, at great speed."""
        step = 1 if self.options.sink == 'pcap' or self.scenario.memif else 2
        macs = [row['mac'] for row in self.spated.show('port show')][::step]
        for i, mac in enumerate(macs[:self.scenario.sources]):
            if mac != mac_text(pcap_mac(i)):
                raise Failure(f'source {i} has the address {mac}, not {mac_text(pcap_mac(i))}')

    def interval(self, program):
        time.sleep(WARM_UP_SECONDS)
        before = program.sample()
        time.sleep(self.options.seconds)
        delta = program.sample() - before
        if delta.packets <= 0:
            program.fail('forwarded nothing')
        if delta.cpu_ns <= 0:
            program.fail('got no time on its CPU')
        return delta

    def run_testpmd(self, mode):
        self.feed('testpmd', True)
        self.testpmd.start(mode)
        delta = self.interval(self.testpmd)
        core_cycles = self.testpmd.stop()
        self.feed('testpmd', False)
        return self.result(delta, core_cycles=core_cycles)

    def run_spated(self):
        self.spated.resume()
        self.feed('spated', True)
        self.spated.command('drops clear')
        self.spated.command('pipeline clear')
        delta = self.interval(self.spated)
        stages = self.spated.stage_cycles()
        drops = self.spated.drops()
        self.feed('spated', False)
        self.spated.pause()
        if not self.scenario.memif and sum(drops.values()) > LOSS_MAX * delta.packets:
            raise Failure(f'spated dropped packets: {drops}')
        # Other processes' time on this CPU is in the stages' time stamps: take it out.
        share = min(1.0, delta.cpu_ns / delta.wall_ns)
        return self.result(delta, drops=drops, stages={name: round(cycles * share, 1)
                                                       for name, cycles in stages.items()})

    def feed(self, name, on):
        if name in self.sources:
            if on:
                self.sources[name].start('io')
            else:
                self.sources[name].stop()

    def result(self, delta, **more):
        return {'packets': delta.packets,
                'mpps': delta.packets * 1e3 / delta.wall_ns,
                'mpps_on_cpu': delta.packets * 1e3 / delta.cpu_ns,
                'on_cpu': delta.cpu_ns / delta.wall_ns, **more}

    def round(self):
        results = {mode: self.run_testpmd(mode) for mode in ('io', 'mac')}
        results['spate'] = self.run_spated()
        for result in results.values():
            result['cycles'] = self.testpmd.mhz / result['mpps_on_cpu']
        results['ratio'] = results['spate']['mpps_on_cpu'] / results['mac']['mpps_on_cpu']
        results['ratio_wall'] = results['spate']['mpps'] / results['mac']['mpps']
        return results


def measure(name, options, machine):
    with tempfile.TemporaryDirectory(prefix='spate-bench-') as directory:
        with Pair(SCENARIOS[name], options, machine, directory) as pair:
            rounds = []
            for number in range(options.rounds):
                rounds.append(pair.round())
                progress(f'{name}: round {number + 1} of {options.rounds}, '
                         f'ratio {rounds[-1]["ratio"]:.2f}')
            progress('')
            mhz = pair.testpmd.mhz
    return {'scenario': name, 'target': SCENARIOS[name].target, 'tsc_mhz': mhz, 'rounds': rounds,
            'ratio': median(rounds, 'ratio'), 'ratio_min': min(r['ratio'] for r in rounds),
            'ratio_max': max(r['ratio'] for r in rounds)}


# ---- the report ----

def progress(text):
    if sys.stderr.isatty():
        print(f'\r\033[K{text}', end='', file=sys.stderr, flush=True)


def median(rounds, *keys):
    values = []
    for value in rounds:
        for key in keys:
            value = value[key]
        values.append(value)
    return statistics.median(values)


HEADING = ('scenario            cycles a packet        Mpps        on CPU      ratio to mac'
           '        target\n'
           '                   io    mac  spate    mac  spate  mac spate'
           '  median  min..max')


def print_result(result):
    rounds = result['rounds']
    cycles = ''.join(f'{median(rounds, who, "cycles"):7.1f}' for who in ('io', 'mac', 'spate'))
    rates = ''.join(f'{median(rounds, who, "mpps"):7.2f}' for who in ('mac', 'spate'))
    shares = ''.join(f'{median(rounds, who, "on_cpu") * 100:5.0f}%' for who in ('mac', 'spate'))
    target = f'  {result["target"]:.2f}' if result['target'] else '     -'
    print(f'{result["scenario"]:14}{cycles}{rates}{shares}'
          f'{result["ratio"]:8.2f}  {result["ratio_min"]:.2f}..{result["ratio_max"]:.2f}{target}')
    # Some have work in single rounds only, as when the control thread announces an address.
    names = dict.fromkeys(stage for one in rounds for stage in one['spate']['stages'])
    stages = {name: statistics.median(one['spate']['stages'].get(name, 0) for one in rounds)
              for name in names}
    print('    ' + ', '.join(f'{name} {cycles:.1f}' for name, cycles in stages.items()
                             if cycles >= 0.05), flush=True)


def print_machine(options, description):
    print(', '.join(f'{key} {value}' for key, value in description.items()))
    print(f'{options.rounds} rounds of {options.seconds:g} s each, {options.flows} flows, '
          f'sink net_{options.sink}, testpmd\'s burst {options.burst or "32 (its default)"}\n')


def run_micro(name, options, machine):
    program = Path(options.build, f'test/bench/{name}_bench')
    if not program.exists():
        print(f'\n{name}: {program} is not built')
        return
    print(f'\n{program.name}:', flush=True)
    subprocess.run(['setpriv', '--pdeathsig', 'KILL', program, '--lcores', f'0@{machine.worker}',
                    '--log-level', 'error', *machine.eal, '--', *MICRO[name]],
                   check=True, timeout=MICRO_SECONDS)


def parse_options():
    parser = argparse.ArgumentParser(prog='scripts/bench')
    parser.add_argument('scenarios', nargs='*', metavar='SCENARIO')
    parser.add_argument('-t', dest='seconds', type=float, default=1.0)
    parser.add_argument('-r', dest='rounds', type=int, default=7)
    parser.add_argument('-j', dest='json')
    parser.add_argument('--build', required=True)
    parser.add_argument('--flows', type=int, default=8192)
    parser.add_argument('--mbufs', type=int, default=32768)
    parser.add_argument('--sink', choices=['null', 'pcap'], default='null')
    parser.add_argument('--burst', type=int)
    parser.add_argument('--no-huge', action='store_true')
    options = parser.parse_args()
    known = [*SCENARIOS, *MICRO]
    for name in options.scenarios:
        if name not in known:
            parser.error(f'no scenario {name}: there are {", ".join(known)}')
    if options.rounds < 1 or options.seconds <= 0:
        parser.error('at least one round, and some time for it')
    options.scenarios = options.scenarios or [*BY_DEFAULT, *MICRO]
    return options


def run(options, machine):
    report = {'machine': machine.describe(), 'scenarios': [],
              'options': {key: str(value) for key, value in vars(options).items()}}
    print_machine(options, report['machine'])
    names = [name for name in options.scenarios if name in SCENARIOS]
    if names:
        print(HEADING, flush=True)
    for name in names:
        result = measure(name, options, machine)
        report['scenarios'].append(result)
        print_result(result)
    for name in options.scenarios:
        if name in MICRO:
            run_micro(name, options, machine)
    if options.json:
        Path(options.json).write_text(json.dumps(report, indent=1) + '\n')


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    options = parse_options()
    machine = Machine(options.no_huge)
    try:
        run(options, machine)
    finally:
        machine.clean_up()


if __name__ == '__main__':
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except (Failure, subprocess.SubprocessError, OSError) as error:
        sys.exit(f'bench: {error}')
