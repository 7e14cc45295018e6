# SPDX-License-Identifier: BSD-3-Clause
"""What the system tests share: namespaces, hosts of the Linux kernel, spated, its CLI.

A test file makes a Lab, with a namespace for spated and some for hosts, and says main() at its end.
Everything that a Lab makes has the test's process id in its name, and is gone after it, also when
the test fails, hangs or is killed. Nothing here sleeps to let something happen: it waits until it
has happened, or fails at a deadline.
"""
import contextlib
import ctypes
import glob
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SPATED = os.environ.get("SPATED", os.path.join(ROOT, "build/app/spated/spated"))
SPATE = os.environ.get("SPATE", os.path.join(ROOT, "build/app/spate/spate"))
# All of them end by then, whatever happens; meson kills later.
DEADLINE_SECONDS = int(os.environ.get("SPATE_TEST_DEADLINE", "110"))
# A sanitizer makes the daemon some times slower, and larger.
SLOW = 1
SANITIZER_REPORT = re.compile(r"AddressSanitizer|LeakSanitizer|UndefinedBehavior|runtime error:")

CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None, use_errno=True)


class Ended(KeyboardInterrupt):
    """A signal said so: unittest lets nothing else through, and would go on with the next test."""


class Timeout(AssertionError):
    """What was waited for did not come."""


class CliError(Exception):
    """A command of the CLI failed."""

    def __init__(self, command, status, text):
        super().__init__(f"spate -c '{command}': exit status {status}: {text}")
        self.status = status
        self.text = text


def wait_for(condition, what, seconds=10.0, interval=0.02):
    """Call `condition` until it returns something true, and return that."""
    end = time.monotonic() + seconds * SLOW
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Timeout(f"not within {seconds * SLOW:g} s: {what}")
        time.sleep(interval)


def remains_for(condition, what, seconds):
    """`condition` must stay true for a while: for what must not happen."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not condition():
            raise AssertionError(f"not for {seconds:g} s: {what}")
        time.sleep(0.02)


def die_with_parent():
    """For children, between fork and exec."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Namespace:
    """A network namespace, and what runs in it."""

    def __init__(self, name):
        self.name = name
        self.path = f"/run/netns/{name}"
        subprocess.run(["ip", "netns", "add", name], check=True)

    def close(self):
        subprocess.run(["ip", "netns", "del", self.name], check=False,
                       stderr=subprocess.DEVNULL)

    def argv(self, argv):
        # Not `ip netns exec`: it mounts, which fails in a chroot.
        return ["nsenter", f"--net={self.path}", "--", *argv]

    def run(self, *argv, check=True, timeout=30, **more):
        """Run to the end. @return CompletedProcess, with its output as text"""
        done = subprocess.run(self.argv(argv), timeout=timeout * SLOW, text=True, check=False,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, preexec_fn=die_with_parent, **more)
        if check and done.returncode != 0:
            raise AssertionError(f"{self.name}: {' '.join(argv)}: status {done.returncode}\n"
                                 f"{done.stdout}{done.stderr}")
        return done

    def start(self, *argv, **more):
        """Start and go on. @return Popen"""
        more = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                "stderr": subprocess.STDOUT, "text": True, **more}
        return subprocess.Popen(self.argv(argv), preexec_fn=die_with_parent, **more)

    def ip(self, command, check=True):
        return self.run("ip", *command.split(), check=check).stdout

    @contextlib.contextmanager
    def entered(self):
        """This thread is in the namespace: sockets made meanwhile stay there."""
        with open("/proc/thread-self/ns/net", "rb") as home, open(self.path, "rb") as there:
            if libc.setns(there.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), f"setns {self.path}")
            try:
                yield
            finally:
                if libc.setns(home.fileno(), CLONE_NEWNET) != 0:
                    os.abort()

    def sysctl(self, name, value):
        with self.entered(), open("/proc/sys/net/" + name, "w", encoding="ascii") as file:
            file.write(str(value))

    def socket(self, *args):
        with self.entered():
            return socket.socket(*args)

    def raw(self, dev, proto=0):
        """A socket that sends whole frames; with a proto (3: all) it receives them as well."""
        with self.entered():
            sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(proto))
            sock.bind((dev, proto))
        return sock

    def sniffer(self, dev, inbound=True):
        """What comes in by a device, from now on."""
        return Sniffer(self, dev, inbound)

    def links(self):
        return {link["ifname"]: link for link in json.loads(self.ip("-j link"))}

    def mac(self, dev):
        return self.links()[dev]["address"]


class Sniffer:
    """Reads frames off a device in a thread of its own, so that none is lost."""

    SO_RCVBUFFORCE = 33
    PACKET_OUTGOING = 4
    SOL_PACKET, PACKET_STATISTICS = 263, 6

    def __init__(self, namespace, dev, inbound):
        self.frames = []
        self.inbound = inbound
        self.sock = namespace.raw(dev, 3)
        self.sock.setsockopt(socket.SOL_SOCKET, self.SO_RCVBUFFORCE, 64 << 20)
        self.sock.settimeout(0.05)
        self.ending = False
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        while True:
            try:
                frame, address = self.sock.recvfrom(65536)
            except TimeoutError:
                if self.ending:
                    return
                continue
            if (address[2] != self.PACKET_OUTGOING) == self.inbound:
                self.frames.append(frame)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.ending:
            return
        self.ending = True
        self.thread.join()
        stats = self.sock.getsockopt(self.SOL_PACKET, self.PACKET_STATISTICS, 8)
        self.sock.close()
        lost = int.from_bytes(stats[4:8], sys.byteorder)
        if lost:
            raise AssertionError(f"the sniffer lost {lost} frames")

    def wait(self, count, what="frames", match=lambda frame: True, seconds=10):
        """Wait for at least `count` frames that match. @return those"""
        def found():
            frames = [frame for frame in list(self.frames) if match(frame)]
            return frames if len(frames) >= count else None
        try:
            return wait_for(found, what, seconds)
        except Timeout as timeout:
            frames = [frame.hex() for frame in self.frames[-20:]]
            raise Timeout(f"{timeout}: of {count} {what}; the last seen: {frames}") from None


class Spated:
    """The daemon, in a namespace."""

    def __init__(self, lab, namespace, config, name=None, workers=1, poll="adaptive",
                 mbufs=4096, head=(), options=(), memory_mb=None):
        self.lab = lab
        self.namespace = namespace
        self.name = name or lab.unique()
        self.options = list(options)
        self.config_path = lab.path(f"{self.name}.conf")
        self.log_path = lab.path(f"{self.name}.log")
        self.process = None
        self.workers = workers
        self.head = list(head)
        self.body = [f"worker count {workers}", f"worker mbufs {mbufs}", f"worker poll {poll}",
                     *config]
        self.memory_mb = memory_mb or 192 + workers * 48
        lab.daemons.append(self)

    # ---- its life ----

    def write_config(self, hugepages):
        memory = [] if hugepages else [f"eal --no-huge -m {self.memory_mb}"]
        with open(self.config_path, "w", encoding="utf-8") as file:
            file.write("\n".join([*self.head, *memory, *self.body, ""]))

    def start(self):
        """Start it, and wait until it serves."""
        with self.lab.hugepages(self.memory_mb) as hugepages:
            self.write_config(hugepages)
            self.launch()
            try:
                self.wait_ready()
            except Exception:
                self.print_log()
                raise
        return self

    def launch(self):
        with open(self.log_path, "ab") as log:
            self.process = self.namespace.start(
                SPATED, "-n", self.name, "-c", self.config_path, *self.options,
                stdout=log, stderr=log)

    def wait_ready(self):
        def ready():
            if self.process.poll() is not None:
                raise AssertionError(f"spated ended with {self.process.returncode}")
            return self.spate("-c", "version show").returncode == 0
        wait_for(ready, "spated is ready", 30)

    def stop(self, signum=signal.SIGTERM):
        """End it; that must be clean."""
        process, self.process = self.process, None
        if process is None:
            return
        process.send_signal(signum)
        try:
            status = process.wait(30 * SLOW)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise Timeout("spated did not end") from None
        assert status == 0, f"spated ended with {status}"
        self.check_log()

    def kill(self):
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            process.wait()

    def close(self):
        """For the clean-up of a test, which it may fail."""
        try:
            if self.process is not None and self.process.poll() is not None:
                status, self.process = self.process.returncode, None
                raise AssertionError(f"spated is gone, with status {status}")
            self.stop()
        finally:
            for path in glob.glob(f"/run/spate/{self.name}.*"):
                os.unlink(path)
            shutil.rmtree(f"/var/run/dpdk/spate-{self.name}", ignore_errors=True)
            for path in glob.glob(f"/dev/hugepages/spate-{self.name}map_*"):
                os.unlink(path)

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def check_log(self):
        report = SANITIZER_REPORT.search(self.log())
        assert report is None, f"a sanitizer's report in {self.log_path}: {report.group()}"

    def print_log(self):
        print(f"---- log of spated {self.name}:\n{self.log()}----", file=sys.stderr)

    # ---- its CLI ----

    def spate(self, *args, timeout=30, **more):
        """The client, with these arguments. @return CompletedProcess"""
        more = {"stdin": subprocess.DEVNULL, **more} if "input" not in more else more
        return subprocess.run([SPATE, "-n", self.name, *args], text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=timeout * SLOW, preexec_fn=die_with_parent, **more)

    def do(self, *commands):
        """Run commands, which must work. @return their output"""
        args = [arg for command in commands for arg in ("-c", command)]
        done = self.spate(*args)
        if done.returncode != 0:
            raise CliError("; ".join(commands), done.returncode, done.stderr)
        return done.stdout

    def cli(self, show):
        """What a show says, as Python objects."""
        return json.loads(self.do(show + " json"))

    def stats(self, worker="all"):
        return next(row for row in self.cli("stats show") if row["worker"] == worker)

    def drops(self):
        return {row["reason"]: row["packets"] for row in self.cli("drops show")}

    def dropped_since(self, before, ignore=("ip6_multicast",)):
        """New drops by reason; but for the multicast listener reports that hosts send at will."""
        return {reason: count - before.get(reason, 0) for reason, count in self.drops().items()
                if count != before.get(reason, 0) and reason not in ignore}

    def neigh(self, address):
        rows = [row for row in self.cli("neigh show") if row["address"] == address]
        return rows[0] if rows else None

    def wait_neigh(self, address, *states, seconds=10):
        def reached():
            row = self.neigh(address)
            return row if row is not None and row["state"] in states else None
        try:
            return wait_for(reached, f"{address} is {' or '.join(states)}", seconds)
        except Timeout as timeout:
            raise Timeout(f"{timeout}; it is {self.neigh(address)}") from None

    def available(self):
        """Packet buffers that are free."""
        return sum(pool["available"] for pool in self.cli("memory show")["pools"])

    def quiet(self, seconds=10):
        """Wait until no packet moves. @return the statistics"""
        seen = []

        def still():
            stats = self.stats()
            punts = [(ring["enqueued"], ring["depth"]) for ring in self.cli("ring show")
                     if ring["ring"] in ("punt", "inject", "handoff")]
            held = self.cli("neigh stats")["held"]
            seen.append((stats, punts, held))
            return (len(seen) > 3 and seen[-1] == seen[-2] == seen[-3] and
                    stats["in_transit"] == 0 and all(depth == 0 for _, depth in punts))
        wait_for(still, "no packet moves", seconds, 0.03)
        return seen[-1][0]

    # Dropped by the control thread, so not among the workers' drops.
    CONTROL_REASONS = {"arp_malformed", "arp_not_ours", "nd_malformed", "nd_not_ours",
                       "neigh_queue_full", "neigh_table_full", "neigh_no_iface",
                       "inject_ring_full", "punt_unknown"}

    def check_conserved(self):
        """Packets in = packets out, to the last one."""
        def snapshot():
            """All of one moment: nothing moved between the first look and the last."""
            self.quiet()
            looks = [self.cli("stats show"), self.drops(), self.cli("ring show")]
            if self.cli("stats show") != looks[0]:
                return None
            # A worker that has no CPU has not counted yet what control gave it: ask again. Rings
            # and workers that never agree are out of time, and so a failure.
            return looks if all(
                sum(ring["enqueued"] for ring in looks[2] if ring["ring"] == name) ==
                looks[0][-1][counter] for name, counter in (("punt", "punted"),
                                                            ("inject", "injected"))) else None
        rows, drops, rings = wait_for(
            snapshot, "a moment at which nothing moves, and rings and workers agree", 20)
        workers, stats = rows[:-1], rows[-1]
        assert stats["worker"] == "all"
        for row in [stats] + workers:
            into = row["rx"] + row["originated"] + row["injected"]
            out = row["tx"] + row["delivered"] + row["punted"] + row["dropped"]
            assert into == out + row["in_transit"], f"not conserved: {row}"
        ended = (stats["forwarded"] + stats["delivered"] + stats["punted"] + stats["dropped"] -
                 stats["dropped_own"] - stats["punted_own"])
        assert stats["rx"] == ended, f"rx is not what became of it: {stats}"
        for key, value in stats.items():
            if key != "worker":
                assert value == sum(row[key] for row in workers), f"not the sum: {key}"
        by_workers = sum(count for reason, count in drops.items()
                         if reason not in self.CONTROL_REASONS)
        shared = drops.get("neigh_failed", 0) + drops.get("icmp_ignored", 0)
        assert by_workers - shared <= stats["dropped"] <= by_workers, f"{stats} {drops}"
        assert all(ring["depth"] == 0 for ring in rings)
        return stats


class Lab:
    """Everything that a test makes, to be unmade."""

    def __init__(self):
        self.prefix = f"spt{os.getpid()}"
        self.count = 0
        self.namespaces = []
        self.daemons = []
        self.processes = []
        self.directory = tempfile.mkdtemp(prefix=f"{self.prefix}-")
        labs.append(self)

    def unique(self):
        self.count += 1
        return f"{self.prefix}x{len(labs)}n{self.count}"

    def path(self, name):
        return os.path.join(self.directory, name)

    @contextlib.contextmanager
    def hugepages(self, megabytes):
        """Whether there are enough for a daemon that starts meanwhile; tests take turns to ask."""
        with open("/run/spate-test.lock", "w", encoding="ascii") as lock:
            import fcntl  # pylint: disable=import-outside-toplevel
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                with open("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages",
                          encoding="ascii") as file:
                    free_mb = 2 * int(file.read())
            except OSError:
                free_mb = 0
            # Others may start meanwhile, without asking.
            yield free_mb > 2 * megabytes + 256 and "SPATE_TEST_NO_HUGE" not in os.environ

    def namespace(self):
        namespace = Namespace(self.unique())
        self.namespaces.append(namespace)
        namespace.sysctl("ipv6/conf/default/disable_ipv6", 1)
        namespace.sysctl("ipv6/conf/default/accept_dad", 0)
        namespace.sysctl("ipv6/conf/default/router_solicitations", 0)
        # Tests ask a host for more errors in a second than it would send.
        namespace.sysctl("ipv4/icmp_ratelimit", 0)
        namespace.sysctl("ipv6/icmp/ratelimit", 0)
        namespace.ip("link set lo up")
        return namespace

    def spated(self, namespace, config=(), **more):
        return Spated(self, namespace, config, **more).start()

    def veth(self, namespace, port, host, dev="eth0", mtu=1500):
        """A pair: `port` for net_af_packet in spated's namespace, `dev` for the host."""
        namespace.ip(f"link add {port} type veth peer name {dev} netns {host.name}")
        # A veth leaves checksums and segments to a NIC that it does not have.
        host.run("ethtool", "--offload", dev, "tx", "off", "tso", "off", "gso", "off",
                 check=False)
        for end, name in ((namespace, port), (host, dev)):
            end.sysctl(f"ipv6/conf/{name}/disable_ipv6", 1)
            end.ip(f"link set {name} mtu {mtu} up")

    def tap_to(self, daemon, iface, host, dev="eth0"):
        """Move the kernel's end of a net_tap port into a host's namespace."""
        daemon.namespace.ip(f"link set {iface} netns {host.name}")
        number = int(re.sub(r"\D", "", iface) or "0")
        host.ip(f"link set {iface} name {dev}")
        # The driver gives the kernel's end the same MAC as the port's.
        host.ip(f"link set {dev} address 02:00:00:00:{self.count % 256:02x}:{number % 256:02x}")
        host.sysctl(f"ipv6/conf/{dev}/disable_ipv6", 1)
        host.ip(f"link set {dev} up")

    @staticmethod
    def address(host, *addresses, dev="eth0"):
        """Addresses for a host, without duplicate address detection."""
        for address in addresses:
            if ":" in address:
                host.sysctl(f"ipv6/conf/{dev}/disable_ipv6", 0)
                host.ip(f"addr add {address} dev {dev} nodad")
            else:
                host.ip(f"addr add {address} dev {dev}")

    def close(self):
        """Unmake everything, even if a part of that fails."""
        problems = []
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()
        for thing in self.daemons + self.namespaces:
            try:
                thing.close()
            except Exception as problem:  # pylint: disable=broad-except
                problems.append(f"{problem}")
                if isinstance(thing, Spated):
                    thing.print_log()
        self.daemons, self.namespaces = [], []
        shutil.rmtree(self.directory, ignore_errors=True)
        if problems:
            raise AssertionError("; ".join(problems))


labs = []


class Pair:
    """Two hosts, A and B, with spated between them: what most tests need.

    A is 10.0.0.2 and 2001:db8::2 on port p0, B is 10.0.1.2 and 2001:db8:0:1::2 on p1.
    """

    A4, B4, R4A, R4B = "10.0.0.2", "10.0.1.2", "10.0.0.1", "10.0.1.1"
    A6, B6, R6A, R6B = "2001:db8::2", "2001:db8:0:1::2", "2001:db8::1", "2001:db8:0:1::1"

    def __init__(self, lab, driver="af_packet", queues=1, workers=1, config=(), **more):
        self.lab = lab
        self.router = lab.namespace()
        self.a, self.b = lab.namespace(), lab.namespace()
        lines = []
        for i, host in enumerate((self.a, self.b)):
            args = f"net_tap{i},iface=p{i}"
            if driver == "af_packet":
                lab.veth(self.router, f"p{i}", host)
                args = f"net_af_packet{i},iface=p{i},qpairs={queues}"
            lines += [f"port add p{i} devargs {args} rxq {queues} txq {queues}",
                      f"addr add 10.0.{i}.1/24 dev p{i}",
                      f"addr add 2001:db8:0:{i}::1/64 dev p{i}"]
        self.spated = lab.spated(self.router, lines + list(config), workers=workers, **more)
        for i, host in enumerate((self.a, self.b)):
            if driver == "tap":
                lab.tap_to(self.spated, f"p{i}", host)
            lab.address(host, f"10.0.{i}.2/24", f"2001:db8:0:{i}::2/64")
            host.ip(f"route add default via 10.0.{i}.1")
            host.ip(f"-6 route add default via 2001:db8:0:{i}::1")

    def warm_up(self):
        """All neighbours known, both families, both directions."""
        for address in (self.B4, self.B6):
            ping(self.a, address)


def ping(host, address, count=1, *options, check=True, timeout=5):
    """Ping; with `check`, the first `count` requests must all be answered, however late.

    Without a deadline ping waits for its last answer no longer than its interval, which on a busy
    machine says nothing about who lost it. With one it sends on until it has as many answers as
    asked, so that the sequence numbers tell.
    """
    patient = check and "-i" not in options
    done = host.run("ping", "-n", "-c", str(count), "-i", "0.2", "-W", str(timeout),
                    *(["-w", str(2 * timeout)] if patient else []), *options, address, check=check)
    if patient:
        lost = [i for i in range(1, count + 1) if f"icmp_seq={i} " not in done.stdout]
        assert not lost, f"no answer to {lost}: {done.stdout}"
    return done


class SystemTest(unittest.TestCase):
    """A test whose failure shows what the daemons said; a lab for all tests of a class."""

    lab = None

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        try:
            cls.setUpLab()
        except BaseException:
            cls._close_lab()
            raise

    @classmethod
    def setUpLab(cls):
        """For the class: namespaces and daemons in cls.lab."""

    @classmethod
    def tearDownClass(cls):
        cls._close_lab()

    @classmethod
    def _close_lab(cls):
        cls.lab.close()

    def run(self, result=None):
        before = len(result.failures) + len(result.errors)
        start = time.monotonic()
        super().run(result)
        print(f"    {time.monotonic() - start:.1f} s", file=sys.stderr, flush=True)
        if len(result.failures) + len(result.errors) > before:
            for daemon in self.lab.daemons:
                daemon.print_log()
                with contextlib.suppress(Exception):
                    print(daemon.spate("-c", "stats show", "-c", "drops show", "-c", "neigh show",
                                       "-c", "route show", "-c", "port stats").stdout,
                          file=sys.stderr)
        return result


def collect_garbage():
    """What tests left that were killed without a chance to clean up."""
    for pattern in ("/run/netns/spt*", "/run/spate/spt*", "/dev/hugepages/spate-spt*",
                    "/var/run/dpdk/spate-spt*", os.path.join(tempfile.gettempdir(), "spt*")):
        for path in glob.glob(pattern):
            match = re.match(r"(?:spate-)?spt(\d+)[x-]", os.path.basename(path))
            if not match or os.path.exists(f"/proc/{match.group(1)}"):
                continue
            if path.startswith("/run/netns/"):
                subprocess.run(["ip", "netns", "del", os.path.basename(path)], check=False,
                               stderr=subprocess.DEVNULL)
            elif os.path.isdir(path):
                shutil.rmtree(path, ignore_errors=True)
            else:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(path)


def is_sanitized():
    with open(SPATED, "rb") as file:
        return b"__asan_init" in file.read()


def end(signum, _frame):
    """A deadline, or somebody's wish: clean up as after a failure."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    raise Ended(f"ended by {signal.Signals(signum).name}")


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def main():
    """Run the tests of the file that calls this."""
    global SLOW  # pylint: disable=global-statement
    if os.geteuid() != 0:
        skip("root is needed to make network namespaces")
    for tool in ("ip", "nsenter", "ping", "ethtool"):
        if shutil.which(tool) is None:
            skip(f"{tool} is not installed")
    for program in (SPATED, SPATE):
        if not os.access(program, os.X_OK):
            sys.exit(f"{program} is not there: build it, or say SPATED= and SPATE=")
    if is_sanitized():
        SLOW = 3
    for signum in (signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(signum, end)
    signal.alarm(DEADLINE_SECONDS * SLOW)
    collect_garbage()
    try:
        unittest.main(verbosity=2)
    except Ended as ended:
        sys.exit(f"{os.path.basename(sys.argv[0])}: {ended}")
    finally:
        for lab in labs:
            with contextlib.suppress(Exception):
                lab.close()
