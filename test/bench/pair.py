# SPDX-License-Identifier: BSD-3-Clause
"""Two programs that forward the same packets in turn, and what a round of them shows."""
import time

from subjects import Failure, LOAD_SECONDS, Spated, Testpmd
from wiring import Wiring, mac_text, pcap_mac

WARM_UP_SECONDS = 0.1
# Packets that may be lost where nothing should be: the first, before the routes are in force.
LOSS_MAX = 0.001


class Router:
    """spated in a scenario."""

    def __init__(self, wiring, machine):
        self.wiring, self.scenario = wiring, wiring.scenario
        self.program = Spated(wiring.options.build, wiring.directory, wiring.config(machine))

    def load(self):
        """What cannot be in its configuration."""
        routes = self.wiring.write_routes()
        if routes is not None:
            self.program.command(f'route load {routes}', LOAD_SECONDS)
            self.wiring.networks = None
        for command in self.scenario.commands:
            self.program.command(command.format(directory=self.wiring.directory))
        self.check_macs()
        self.memory = self.program.show('route stats')

    def check_macs(self):
        """Packets for another port's address would be dropped, at great speed."""
        macs = [row['mac'] for row in self.program.show('port show')][::self.wiring.step]
        for i, mac in enumerate(macs[:self.scenario.sources]):
            if mac != mac_text(pcap_mac(i)):
                raise Failure(f'source {i} has the address {mac}, not {mac_text(pcap_mac(i))}')

    def ask(self):
        if self.scenario.telemetry is not None:
            self.program.ask(self.scenario.telemetry)


class Pair:
    """Programs that are ready to forward in turn. What is stopped takes no time."""

    def __init__(self, options, machine, directory):
        self.options, self.machine, self.directory = options, machine, directory
        self.programs = []
        self.sources = {}

    def __enter__(self):
        try:
            self.begin()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        for program in reversed(self.programs):
            program.end()

    def begin_router(self, wiring):
        router = Router(wiring, self.machine)
        self.programs.append(router.program)
        router.load()
        router.program.pause()
        return router

    def interval(self, program, ask=lambda: None):
        """What was forwarded while the time passed; ask() is called once a second."""
        time.sleep(WARM_UP_SECONDS)
        before = program.sample()
        end = time.monotonic() + self.options.seconds
        while (left := end - time.monotonic()) > 0:
            ask()
            time.sleep(min(1.0, left))
        delta = program.sample() - before
        if delta.packets <= 0:
            program.fail('forwarded nothing')
        if delta.cpu_ns <= 0:
            program.fail('got no time on its CPU')
        return delta

    def run_router(self, router):
        program = router.program
        program.resume()
        self.feed('spated', True)
        program.command('drops clear')
        program.command('pipeline clear')
        delta = self.interval(program, router.ask)
        stages = program.stage_cycles()
        drops = program.drops()
        self.feed('spated', False)
        program.pause()
        if not router.scenario.may_lose and sum(drops.values()) > LOSS_MAX * delta.packets:
            raise Failure(f'spated dropped packets: {drops}')
        # Other processes' time on this CPU is in the stages' time stamps: take it out.
        delta.cpu_ns //= router.scenario.workers
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


class BesideTestpmd(Pair):
    """testpmd and spated: what counts is the ratio of their rates."""

    def __init__(self, scenario, options, machine, directory):
        super().__init__(options, machine, directory)
        self.scenario = scenario
        self.wiring = Wiring(scenario, options, f'{directory}/spate')

    def begin(self):
        self.testpmd = self.begin_testpmd()
        if self.scenario.memif:
            self.sources['spated'] = self.begin_source('spated')
        self.router = self.begin_router(self.wiring)

    def begin_testpmd(self):
        if self.scenario.memif:
            self.sources['testpmd'] = self.begin_source('testpmd')
        args = [f'--total-num-mbufs={self.options.mbufs}']
        if self.wiring.step == 1 and self.scenario.sources == 1:
            args.append('--port-topology=loop')
        if self.options.burst:
            args.append(f'--burst={self.options.burst}')
        devices = [device.replace('%s', 'testpmd') for device in self.wiring.devices()]
        return self.run_testpmd(self.machine.worker, devices, args, 'testpmd')

    def begin_source(self, name):
        """The other ends of two memifs: one is fed as fast as it takes, the other drained."""
        path = self.wiring.pcap(name, pcap_mac(0))
        memif = (f'role=server,socket={self.wiring.directory}/memif-{name}.sock,'
                 'socket-abstract=no')
        devices = [f'net_pcap0,rx_pcap={path},infinite_rx=1', f'net_memif0,id=0,{memif}',
                   f'net_memif1,id=1,{memif}', 'net_null0,no-rx=1']
        return self.run_testpmd(self.machine.control, devices,
                                [f'--total-num-mbufs={self.options.mbufs}'], f'source-{name}')

    def run_testpmd(self, cpu, devices, args, log):
        testpmd = Testpmd(self.machine.eal, self.machine.lcores(cpu), devices, args,
                          f'{self.directory}/{log}.log')
        self.programs.append(testpmd)
        return testpmd

    def measure_testpmd(self, mode):
        self.feed('testpmd', True)
        self.testpmd.start(mode)
        delta = self.interval(self.testpmd)
        core_cycles = self.testpmd.stop()
        self.feed('testpmd', False)
        return self.result(delta, core_cycles=core_cycles)

    def round(self):
        results = {mode: self.measure_testpmd(mode) for mode in ('io', 'mac')}
        results['spate'] = self.run_router(self.router)
        for result in results.values():
            result['cycles'] = self.testpmd.mhz / result['mpps_on_cpu']
        results['ratio'] = results['spate']['mpps_on_cpu'] / results['mac']['mpps_on_cpu']
        results['ratio_wall'] = results['spate']['mpps'] / results['mac']['mpps']
        return results


class BesideItself(Pair):
    """spated without a feature, and with it: what counts is the difference of their cycles."""

    def __init__(self, base, scenario, options, machine, directory):
        super().__init__(options, machine, directory)
        self.wirings = {'off': Wiring(base, options, f'{directory}/off'),
                        'on': Wiring(scenario, options, f'{directory}/on')}

    def begin(self):
        self.routers = {name: self.begin_router(wiring) for name, wiring in self.wirings.items()}

    def round(self):
        results = {name: self.run_router(router) for name, router in self.routers.items()}
        for result in results.values():
            result['cycles'] = sum(result['stages'].values())
        results['cost'] = results['on']['cycles'] - results['off']['cycles']
        return results
