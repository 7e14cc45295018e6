# SPDX-License-Identifier: BSD-3-Clause
"""TCP between two spated beside TCP between two programs of the Linux kernel's, and SCTP beside usrsctp's, in
turn. Used by bench.py.

Either has a client on one CPU and a server on the other. The kernel's are wrk and nginx, for requests, and
iperf3, for streams, in two network namespaces joined by veth; usrsctp's (usrsctp_bench.c) are there, too; spate's are bench-client and bench-server,
joined by memif, whose packets are never larger than the MTU. What counts is the median of the rounds'
ratios of their rates. Both are made of what one CPU writes and the other reads: how fast that goes on this machine
just now is told by core_bench.c, before, between and after.
"""
import json
import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from subjects import Failure, Spated

PORT = 8080
BODY = 'x' * 64
START_SECONDS = 10
SERVER, CLIENT = '10.200.0.1', '10.200.0.2'
MBUFS = 32768
NICE = 19
# Of usrsctp's client, before it is measured and after.
USRSCTP_SECONDS = 0.5
CORES_MS = 20
# What a cache line takes between CPUs that share their last cache, at most: else it goes from cache to cache.
NEAR_NS = 80
DISTANCES = ('near', 'far', 'mixed')


@dataclass(frozen=True)
class Host:
    """What the kernel's programs do, or usrsctp's, and what spate's do."""
    program: str  # wrk, iperf3 or usrsctp
    arguments: tuple
    words: str  # of bench-client
    unit: str
    target: float = None  # of the ratio
    offload: bool = False  # the kernel's segments leave, and arrive, as one packet


def messages(size, streams, associations):
    """Of SCTP, from the client to the server: small ones count, of large ones their bytes."""
    unit = 'messages/s' if size < 1000 else 'Mbit/s'
    return Host('usrsctp', (str(size), str(streams), str(associations)),
                f'send sctp size {size} streams {streams} connections {associations}', unit, 10)


HOSTS = {
    'tcp-crr': Host('wrk', ('-c', '128', '-H', 'Connection: close'), 'crr connections 128 size 64',
                    'connections/s', 5),
    'tcp-rr': Host('wrk', ('-c', '128'), 'rr connections 128 size 64', 'requests/s', 4),
    'tcp-bulk': Host('iperf3', ('-P', '1'), 'send connections 1', 'Mbit/s', 2),
    'tcp-bulk4': Host('iperf3', ('-P', '4'), 'send connections 4', 'Mbit/s', 2),
    'tcp-offload': Host('iperf3', ('-P', '1'), 'send connections 1', 'Mbit/s', 1, True),
    'tcp-offload4': Host('iperf3', ('-P', '4'), 'send connections 4', 'Mbit/s', 1, True),
    **{f'sctp-{size}{name}': messages(size, streams, associations) for name, streams, associations in (
        ('', 1, 1), ('-streams', 64, 1), ('-many', 64, 16)) for size in (64, 1024, 1400, 8192)},
}

NGINX = """
worker_processes 1;
daemon off;
pid {directory}/nginx.pid;
error_log {directory}/nginx.log;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path {directory};
    proxy_temp_path {directory};
    fastcgi_temp_path {directory};
    uwsgi_temp_path {directory};
    scgi_temp_path {directory};
    server {{
        listen {port} backlog=4096;
        location / {{ return 200 "{body}"; }}
    }}
}}
"""


def run(*argv):
    subprocess.run(argv, check=True, timeout=30)


def prefer(pid, nice):
    """Let a process, and what it starts, have its CPUs before others; also where the kernel groups by session."""
    os.setpriority(os.PRIO_PROCESS, pid, -nice)
    group = Path(f'/proc/{pid}/autogroup')
    if group.exists():
        group.write_text(str(-nice))


class Cores:
    """What the two CPUs are able to do for each other."""

    def __init__(self, options, machine):
        if machine.control == machine.worker:
            raise Failure('two CPUs are needed')
        # Before all others: they would be in the figures.
        self.argv = ['chrt', '-f', '1', Path(options.build, 'test/bench/core_bench'),
                     str(machine.control), str(machine.worker), str(CORES_MS)]

    def measure(self):
        """@return nanoseconds of a cache line, Mbit/s of a ring, Mbit/s of one CPU"""
        result = subprocess.run(self.argv, capture_output=True, text=True, check=True, timeout=30)
        return dict(zip(('line_ns', 'ring', 'copy'), map(float, result.stdout.split())))


def distance(samples):
    """@return how far the CPUs were from each other all of the time, if it was the same"""
    near = {sample['line_ns'] <= NEAR_NS for sample in samples}
    return 'mixed' if len(near) > 1 else 'near' if near.pop() else 'far'


class Kernel:
    """Two namespaces and a server in one of them."""

    def __init__(self, host, machine, directory):
        self.host, self.machine, self.directory = host, machine, directory
        self.names = [f'spb{os.getpid()}{side}' for side in 'sc']
        self.server = None

    def begin(self):
        """Namespaces, addresses, and the server; to be called once."""
        server, client = self.names
        for name in self.names:
            run('ip', 'netns', 'add', name)
        run('ip', 'link', 'add', 'v0', 'netns', server, 'type', 'veth',
            'peer', 'name', 'v0', 'netns', client)
        for name, address in zip(self.names, (SERVER, CLIENT)):
            enter = self.enter(name)
            run(*enter, 'ip', 'addr', 'add', f'{address}/24', 'dev', 'v0')
            run(*enter, 'ip', 'link', 'set', 'v0', 'up')
            if not self.host.offload:
                run(*enter, 'ethtool', '-K', 'v0', 'tso', 'off', 'gso', 'off', 'gro', 'off')
        run(*self.enter(client), 'sysctl', '-qw', 'net.ipv4.ip_local_port_range=1024 65535',
            'net.ipv4.tcp_tw_reuse=1')
        self.server = self.start_server(self.enter(server, self.machine.worker))
        time.sleep(0.5)

    @staticmethod
    def enter(name, cpu=None):
        pinned = () if cpu is None else ('taskset', '-c', str(cpu))
        return ('nsenter', f'--net=/run/netns/{name}', *pinned)

    def start_server(self, enter):
        if self.host.program == 'wrk':
            config = Path(self.directory, 'nginx.conf')
            config.write_text(NGINX.format(directory=self.directory, port=PORT, body=BODY))
            argv = ('nginx', '-c', config, '-e', f'{self.directory}/nginx.log')
        else:
            argv = ('iperf3', '-s')
        return subprocess.Popen(['setpriv', '--pdeathsig', 'TERM', *enter, *argv],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def measure(self, seconds):
        """@return the rate, in the scenario's unit"""
        enter = self.enter(self.names[1], self.machine.control)
        if self.host.program == 'wrk':
            argv = ('wrk', '-t', '1', *self.host.arguments, '-d', str(seconds),
                    f'http://{SERVER}:{PORT}/')
        else:
            argv = ('iperf3', '-c', SERVER, '-t', str(seconds), '-J', *self.host.arguments)
        result = subprocess.run([*enter, *argv], capture_output=True, text=True, check=False,
                                timeout=seconds + 30)
        if result.returncode != 0:
            raise Failure(f'{argv[0]}: {result.stdout[-500:]} {result.stderr[-500:]}')
        if self.host.program == 'wrk':
            return float(re.search(r'Requests/sec:\s+([0-9.]+)', result.stdout)[1])
        return json.loads(result.stdout)['end']['sum_received']['bits_per_second'] / 1e6

    def end(self):
        if self.server is not None:
            self.server.terminate()
            self.server.wait(10)
        for name in self.names:
            subprocess.run(['ip', 'netns', 'del', name], stderr=subprocess.DEVNULL, check=False)


class Usrsctp(Kernel):
    """The same, over the kernel's raw sockets. What counts is what the server has received."""

    def __init__(self, host, options, machine, directory):
        super().__init__(host, machine, directory)
        self.program = Path(options.build, 'test/bench/usrsctp_bench')

    def start_server(self, enter):
        return subprocess.Popen(
            ['setpriv', '--pdeathsig', 'TERM', *enter, self.program, 'server', str(PORT)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def received(self):
        """@return messages and bytes, by now, and when that is"""
        self.server.stdin.write('\n')
        return (*map(int, self.server.stdout.readline().split()), time.monotonic())

    def measure(self, seconds):
        size, *rest = self.host.arguments
        with subprocess.Popen(
                [*self.enter(self.names[1], self.machine.control), self.program, 'client', SERVER,
                 str(PORT), size, *rest, str(seconds + 2 * USRSCTP_SECONDS)],
                stdout=subprocess.PIPE, text=True) as client:
            if client.stdout.readline() != 'up\n':
                raise Failure('usrsctp does not connect')
            time.sleep(USRSCTP_SECONDS)
            before = self.received()
            time.sleep(seconds)
            after = self.received()
        count, octets, passed = (b - a for a, b in zip(before, after))
        return count / passed if self.host.unit == 'messages/s' else octets * 8e-6 / passed

    def end(self):
        if self.server is not None:
            self.server.stdin.close()
        super().end()


class Spates:
    """Who loads and who is loaded."""

    def __init__(self, host, options, machine, directory):
        self.host, self.options, self.machine = host, options, machine
        self.directory = Path(directory)
        self.programs = []

    def begin(self):
        """Daemons that are stopped until they are measured; to be called once."""
        configs = {'server': self.config('server', self.machine.worker, SERVER),
                   'client': self.config('client', self.machine.control, CLIENT)}
        for name, config in configs.items():
            directory = self.directory / name
            directory.mkdir()
            self.programs.append(Spated(self.options.build, directory, config))
            prefer(self.programs[-1].process.pid, NICE)
        self.client = self.programs[-1]
        ping = f'ping {SERVER} count 1'
        end = time.monotonic() + START_SECONDS
        while subprocess.run([*self.client.client, '-c', ping], capture_output=True,
                             check=False).returncode != 0:
            if time.monotonic() > end:
                self.client.fail('does not reach the server')
            time.sleep(0.1)
        self.pause()

    def config(self, role, cpu, address):
        device = (f'net_memif0,role={role},id=0,socket={self.directory}/memif.sock,'
                  'socket-abstract=no')
        if self.options.memif_ring is not None:
            device += f',rsize={self.options.memif_ring}'
        return ['eal ' + ' '.join(self.machine.eal), f'worker cores {cpu}', f'worker mbufs {MBUFS}',
                f'port add p0 devargs {device}', f'addr add {address}/24 dev p0',
                *(['service start bench-server'] if role == 'server' else [])]

    def measure(self, seconds):
        """@return the rate, and the share of the time that workers were on their CPUs"""
        for program in self.programs:
            program.resume()
        mode, _, rest = self.host.words.partition(' ')
        before = time.monotonic_ns(), self.cpu_ns()
        self.client.command(f'service start bench-client mode {mode} to {SERVER} {rest} '
                            f'duration {int(seconds * 1000)}ms')
        shown = self.wait(seconds)
        after = time.monotonic_ns(), self.cpu_ns()
        self.client.command('service stop bench-client')
        self.pause()
        if shown['failed'] > 0:
            raise Failure(f'{shown["failed"]} connections of spated failed')
        rate = shown['messages_sent_per_second' if self.host.unit == 'messages/s'
                     else 'sent_mbit_per_second' if mode == 'send' else 'transactions_per_second']
        return rate, (after[1] - before[1]) / (after[0] - before[0]) / 2

    def wait(self, seconds):
        end = time.monotonic() + seconds + START_SECONDS
        while True:
            time.sleep(0.1)
            shown, = self.client.show('service show bench-client')
            if shown['state'] == 'done':
                return shown
            if time.monotonic() > end:
                self.client.fail('does not end its load')

    def cpu_ns(self):
        return sum(program.worker_cpu_ns() for program in self.programs)

    def pause(self):
        for program in self.programs:
            program.pause()

    def end(self):
        for program in reversed(self.programs):
            program.end()


class BesideKernel:
    """The kernel's programs, or usrsctp's, and spate's: what counts is the ratio of their rates."""

    def __init__(self, host, options, machine, directory):
        self.seconds = max(1, round(options.seconds))
        self.kernel = (Usrsctp(host, options, machine, directory) if host.program == 'usrsctp'
                       else Kernel(host, machine, directory))
        self.spates = Spates(host, options, machine, directory)
        self.cores = Cores(options, machine)

    def __enter__(self):
        # Both: who else runs here is to matter little.
        prefer(os.getpid(), NICE)
        try:
            self.spates.begin()
            self.kernel.begin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.kernel.end()
        self.spates.end()
        prefer(os.getpid(), 0)

    def round(self):
        """One after the other."""
        cores = [self.cores.measure()]
        kernel = self.kernel.measure(self.seconds)
        cores.append(self.cores.measure())
        spate, on_cpu = self.spates.measure(self.seconds)
        cores.append(self.cores.measure())
        return {'kernel': kernel, 'spate': spate, 'on_cpu': on_cpu, 'ratio': spate / kernel,
                'cores': cores, 'distance': distance(cores)}


def missing(host):
    """@return the program that is not there, or None"""
    programs = {'wrk': ('wrk', 'nginx'), 'iperf3': ('iperf3',), 'usrsctp': ()}[host.program]
    return next((name for name in programs if shutil.which(name) is None), None)
