# SPDX-License-Identifier: BSD-3-Clause
"""The programs that bench.py compares: dpdk-testpmd and spated, both driven like a user would."""
import json
import os
import re
import select
import signal
import socket
import subprocess
import time
from pathlib import Path

START_SECONDS = 60
ANSWER_SECONDS = 20
LOAD_SECONDS = 120
PROMPT = b'testpmd> '


class Failure(Exception):
    """Something that a benchmark needs did not work."""


class Sample:
    """Packets that a forwarder sent, and when."""

    def __init__(self, packets, cpu_ns, wall_ns):
        self.packets, self.cpu_ns, self.wall_ns = packets, cpu_ns, wall_ns

    def __sub__(self, other):
        return Sample(self.packets - other.packets, self.cpu_ns - other.cpu_ns,
                      self.wall_ns - other.wall_ns)


class Program:
    """A process that must not outlive us, nor hear our Ctrl-C."""

    def __init__(self, args, log):
        self.name = Path(args[0]).name
        self.log = log
        self.process = subprocess.Popen(
            ['setpriv', '--pdeathsig', 'KILL', *args], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=open(log, 'wb'), start_new_session=True)

    def fail(self, what):
        # stderr of both, and what testpmd said last, tell why.
        tail = Path(self.log).read_text(errors='replace')[-2000:]
        raise Failure(f'{self.name} {what}\n{tail}')

    def worker_cpu_ns(self):
        """Time on the CPU of the threads that forward."""
        times = [int((task / 'schedstat').read_text().split()[0])
                 for task in Path(f'/proc/{self.process.pid}/task').iterdir()
                 if 'worker' in (task / 'comm').read_text()]
        if not times:
            self.fail('has no worker thread')
        return sum(times)

    def sample(self):
        """What one question tells, at the middle of the time that the answer took."""
        before = time.monotonic_ns(), self.worker_cpu_ns()
        packets = self.packets()
        after = time.monotonic_ns(), self.worker_cpu_ns()
        return Sample(packets, (before[1] + after[1]) // 2, (before[0] + after[0]) // 2)

    def end(self):
        """However it is: stopped, stuck or gone already."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.send_signal(signal.SIGCONT)
            self.process.stdin.close()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()


class Testpmd(Program):
    """dpdk-testpmd at its prompt. Forwards between start() and stop()."""

    def __init__(self, eal, lcores, devices, args, log):
        vdevs = [word for device in devices for word in ('--vdev', device)]
        super().__init__(['stdbuf', '-oL', 'dpdk-testpmd', '--lcores', lcores, *eal, *vdevs,
                          '--', '-i', *args], log)
        self.name = 'dpdk-testpmd'
        self.mhz = None
        self.read_answer(START_SECONDS)
        self.command('set record-core-cycles on')

    def read_answer(self, seconds):
        answer = b''
        end = time.monotonic() + seconds
        while not answer.endswith(PROMPT):
            left = max(0, end - time.monotonic())
            ready, _, _ = select.select([self.process.stdout], [], [], left)
            part = os.read(self.process.stdout.fileno(), 65536) if ready else b''
            answer += part
            if not part:
                with open(self.log, 'ab') as log:
                    log.write(answer)
                self.fail('ended' if ready else 'does not answer')
        return answer.decode(errors='replace')

    def command(self, text):
        self.process.stdin.write(text.encode() + b'\n')
        self.process.stdin.flush()
        return self.read_answer(ANSWER_SECONDS)

    def start(self, mode):
        self.command(f'set fwd {mode}')
        self.command('start')

    def stop(self):
        """Forward no more. Returns the cycles a packet that testpmd itself counted."""
        text = self.command('stop')
        cycles = re.search(r'cycles/packet=([0-9.]+).*?at (\d+) MHz', text)
        if cycles is None:
            return None
        self.mhz = int(cycles[2])
        return float(cycles[1])

    def packets(self):
        """Sent since start(), by all ports."""
        total = self.command('show fwd stats all').partition('Accumulated')[2]
        return int(re.search(r'TX-packets: (\d+)', total)[1])


class Spated(Program):
    """spated, started on a configuration. Runs between resume() and pause()."""

    def __init__(self, build, directory, config):
        self.client = [f'{build}/app/spate/spate', '-s', f'{directory}/spated.sock']
        self.instance = f'bench{os.getpid()}-{directory.name}'
        self.telemetry = None
        path = directory / 'spated.conf'
        path.write_text(''.join(line + '\n' for line in config))
        super().__init__([f'{build}/app/spated/spated', '-n', self.instance,
                          '-s', f'{directory}/spated.sock', '--pid-file', f'{directory}/spated.pid',
                          '-c', str(path)], directory / 'spated.log')
        self.name = 'spated'
        end = time.monotonic() + START_SECONDS
        while subprocess.run([*self.client, '-c', 'version show'], stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, check=False).returncode != 0:
            if self.process.poll() is not None:
                self.fail(f'did not start: it ended with {self.process.returncode}')
            if time.monotonic() > end:
                self.fail(f'did not start in {START_SECONDS} s')
            time.sleep(0.1)

    def command(self, text, seconds=ANSWER_SECONDS):
        result = subprocess.run([*self.client, '-c', text], capture_output=True, text=True,
                                timeout=seconds, check=False)
        if result.returncode != 0:
            self.fail(f'says to "{text}": {result.stderr.strip()}')
        return result.stdout

    def show(self, what):
        return json.loads(self.command(f'{what} json'))

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def ask(self, path):
        """By DPDK's telemetry, as dpdk-telemetry.py does."""
        if self.telemetry is None:
            self.telemetry = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self.telemetry.settimeout(ANSWER_SECONDS)
            self.telemetry.connect(f'/var/run/dpdk/spate-{self.instance}/dpdk_telemetry.v2')
            self.telemetry.recv(1024)
        self.telemetry.send(path.encode())
        return self.telemetry.recv(1 << 16)

    def packets(self):
        """Sent since spated runs; one that was cut counts once."""
        row = next(row for row in self.show('stats show') if row['worker'] == 'all')
        return row['tx'] - row['split']

    def drops(self):
        return {row['reason']: row['packets'] for row in self.show('drops show')}

    def stage_cycles(self):
        """Cycles of each stage since `pipeline clear`, a packet that was received."""
        rows = [row for row in self.show('pipeline show') if row['worker'] == 'all']
        received = next((row['packets'] for row in rows if row['stage'] == 'rx'), 0)
        if received == 0:
            self.fail('received nothing')
        return {row['stage']: row['cycles_per_packet'] * row['packets'] / received for row in rows}
