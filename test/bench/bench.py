#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Forwarding by spated beside forwarding by dpdk-testpmd, in turn. Run by scripts/bench.

Each scenario has one worker on a CPU of its own. A round lets testpmd forward in mode io, then
in mode mac, then spated, on the same kind of ports with the same packets; whoever is not measured
does not run. What counts is the median of the rounds' ratios: packets a second of spated to
packets a second of testpmd mac, while the thread that forwards is on its CPU. Who else uses the CPU
slows the packets a second by the wall clock, but hardly that ratio.

TCP between two spated is measured beside TCP between the kernel's programs, and SCTP beside usrsctp: host.py.

A feature is measured beside spated without it: two daemons forward in turn, and what counts is the
median of the differences of their stages' cycles a packet.
"""
import argparse
import json
import signal
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from flood import FLOODS, TARGET, Flooded
from host import DISTANCES, HOSTS, BesideKernel, missing
from pair import BesideItself, BesideTestpmd
from scenarios import BY_DEFAULT, FEATURES, SCENARIOS
from subjects import Failure
from wiring import Machine

MICRO_SECONDS = 600
# Parts of spate alone: programs in test/bench, and their own arguments.
MICRO = {'fib': ['10000'], 'fib-200k': ['200000'], 'fib-1m': ['1000000'], 'pipeline': [],
         'tcp': []}
GROUPS = {'features': list(FEATURES), 'hosts': [name for name in HOSTS if name.startswith('tcp')],
          'sctp': [name for name in HOSTS if name.startswith('sctp')],
          'all': [*SCENARIOS, *FEATURES, *HOSTS, *FLOODS, *MICRO]}


def measure(name, options, machine):
    """All rounds of a scenario or a feature."""
    with tempfile.TemporaryDirectory(prefix='spate-bench-') as directory:
        if name in FEATURES:
            feature = FEATURES[name]
            pair = BesideItself(SCENARIOS[feature.base], feature, options, machine, directory)
        elif name in FLOODS:
            pair = Flooded(name, options, machine, directory)
        elif name in HOSTS:
            pair = BesideKernel(HOSTS[name], options, machine, directory)
        else:
            pair = BesideTestpmd(SCENARIOS[name], options, machine, directory)
        with pair:
            rounds = []
            for number in range(options.rounds):
                progress(f'{name}: round {number + 1} of {options.rounds}')
                rounds.append(pair.round())
            progress('')
            result = {'scenario': name, 'rounds': rounds}
            if name in SCENARIOS:
                result['tsc_mhz'] = pair.testpmd.mhz
                result['memory'] = pair.router.memory
    return result


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


def spread(rounds, key):
    values = [one[key] for one in rounds]
    return min(values), max(values)


SCENARIO_HEADING = (
    'scenario            cycles a packet        Mpps        on CPU      ratio to mac'
    '        target\n'
    '                   io    mac  spate    mac  spate  mac spate  median  min..max')
FEATURE_HEADING = (
    'feature           beside          cycles a packet    on CPU       cost\n'
    '                                    off      on    off   on  median  min..max')
HOST_HEADING = (
    'hosts             beside it       spate  unit           on CPU  ratio               target\n'
    '                                                              median  min..max')

FLOOD_HEADING = (
    'flood           SYNs/s   streams Mbit/s  connections/s   packets a loop, on     on CPU  ratio'
    '            target\n'
    '                          off       on    off       on     server   client    off   on  median'
    '  min..max')


def print_stages(rounds, who):
    # Some have work in single rounds only, as when the control thread announces an address.
    names = dict.fromkeys(stage for one in rounds for stage in one[who]['stages'])
    stages = {name: statistics.median(one[who]['stages'].get(name, 0) for one in rounds)
              for name in names}
    print('    ' + ', '.join(f'{name} {cycles:.1f}' for name, cycles in stages.items()
                             if cycles >= 0.05), flush=True)


def print_memory(memory):
    """Of tables whose size matters."""
    routes = memory['ipv4_routes'] + memory['ipv6_routes']
    if routes < 100000:
        return
    fib = memory['ipv4_fib_bytes'] + memory['ipv6_fib_bytes']
    print(f'    {routes} routes: RIB {memory["rib_bytes"] >> 20} MB, FIB {fib >> 20} MB, '
          f'{memory["nexthops"]} nexthops {memory["nexthop_bytes"] >> 10} KB; '
          f'{(memory["rib_bytes"] + fib) / routes:.0f} bytes a route', flush=True)


def print_scenario(result):
    rounds = result['rounds']
    cycles = ''.join(f'{median(rounds, who, "cycles"):7.1f}' for who in ('io', 'mac', 'spate'))
    rates = ''.join(f'{median(rounds, who, "mpps"):7.2f}' for who in ('mac', 'spate'))
    shares = ''.join(f'{median(rounds, who, "on_cpu") * 100:5.0f}%' for who in ('mac', 'spate'))
    target = SCENARIOS[result['scenario']].target
    low, high = spread(rounds, 'ratio')
    print(f'{result["scenario"]:14}{cycles}{rates}{shares}{median(rounds, "ratio"):8.2f}  '
          f'{low:.2f}..{high:.2f}' + (f'  {target:.2f}' if target else '     -'))
    print_stages(rounds, 'spate')
    print_memory(result['memory'])


def print_feature(result):
    rounds = result['rounds']
    cycles = ''.join(f'{median(rounds, who, "cycles"):8.1f}' for who in ('off', 'on'))
    shares = ''.join(f'{median(rounds, who, "on_cpu") * 100:5.0f}%' for who in ('off', 'on'))
    low, high = spread(rounds, 'cost')
    name = result['scenario']
    print(f'{name:18}{FEATURES[name].base:14}{cycles}{shares}{median(rounds, "cost"):8.1f}  '
          f'{low:.1f}..{high:.1f}')
    print_stages(rounds, 'on')


def print_host(result):
    rounds, host = result['rounds'], HOSTS[result['scenario']]
    low, high = spread(rounds, 'ratio')
    print(f'{result["scenario"]:18}{median(rounds, "kernel"):12.0f}{median(rounds, "spate"):12.0f}'
          f'  {host.unit:14}{median(rounds, "on_cpu") * 100:6.0f}%{median(rounds, "ratio"):8.2f}  '
          f'{low:.2f}..{high:.2f}  {host.target:.1f}', flush=True)
    print_distances(rounds)


def print_distances(rounds):
    """What the two CPUs had for each other, and what came of it."""
    for name in DISTANCES:
        some = [one for one in rounds if one['distance'] == name]
        if not some:
            continue
        cores = [sample for one in some for sample in one['cores']]
        lines, rings = spread(cores, 'line_ns'), spread(cores, 'ring')
        print(f'    {name:8}{len(some)} of {len(rounds)}{median(some, "kernel"):9.0f}'
              f'{median(some, "spate"):12.0f}  ratio {median(some, "ratio"):.2f}; line '
              f'{lines[0]:.0f}..{lines[1]:.0f} ns, ring {rings[0]:.0f}..{rings[1]:.0f} Mbit/s',
              flush=True)


def print_flood(result):
    rounds = result['rounds']
    low, high = spread(rounds, 'ratio')
    figures = ''.join(f'{median(rounds, who, key):8.0f}' for key in ('mbit', 'connections')
                      for who in ('off', 'on'))
    figures += ''.join(f'{median(rounds, "on", role):9.1f}' for role in ('server', 'client'))
    shares = ''.join(f'{median(rounds, who, "on_cpu") * 100:4.0f}%' for who in ('off', 'on'))
    print(f'{result["scenario"]:12}{median(rounds, "on", "syns"):10.0f}{figures}  {shares}'
          f'{median(rounds, "ratio"):8.2f}  {low:.2f}..{high:.2f}  {TARGET}', flush=True)


def print_machine(options, description):
    print(', '.join(f'{key} {value}' for key, value in description.items()))
    print(f'{options.rounds} rounds of {options.seconds:g} s each, {options.flows} flows, '
          f'sink net_{options.sink}, testpmd\'s burst {options.burst or "32 (its default)"}\n')


def run_micro(name, options, machine):
    program = Path(options.build, f'test/bench/{name.partition("-")[0]}_bench')
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
    parser.add_argument('--memif-ring', type=int)
    parser.add_argument('--no-huge', action='store_true')
    options = parser.parse_args()
    known = [*SCENARIOS, *FEATURES, *HOSTS, *FLOODS, *MICRO]
    names = []
    for name in options.scenarios or BY_DEFAULT:
        if name not in known and name not in GROUPS:
            parser.error(f'no scenario {name}: there are {", ".join([*known, *GROUPS])}')
        names += GROUPS.get(name, [name])
    if options.rounds < 1 or options.seconds <= 0:
        parser.error('at least one round, and some time for it')
    options.scenarios = names
    return options


def run(options, machine):
    report = {'machine': machine.describe(), 'scenarios': [],
              'options': {key: str(value) for key, value in vars(options).items()}}
    print_machine(options, report['machine'])
    for table, heading, show in ((SCENARIOS, SCENARIO_HEADING, print_scenario),
                                 (FEATURES, '\n' + FEATURE_HEADING, print_feature),
                                 (HOSTS, '\n' + HOST_HEADING, print_host),
                                 (FLOODS, '\n' + FLOOD_HEADING, print_flood)):
        names = [name for name in options.scenarios if name in table]
        if names:
            print(heading, flush=True)
        for name in names:
            if name in HOSTS and missing(HOSTS[name]) is not None:
                print(f'{name}: {missing(HOSTS[name])} is not installed')
                continue
            report['scenarios'].append(measure(name, options, machine))
            show(report['scenarios'][-1])
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
