# SPDX-License-Identifier: BSD-3-Clause
"""The daemon as a service: what it tells systemd, its log file, SIGHUP, --check-host, and what is
installed where."""
import contextlib
import ctypes
import glob
import os
import re
import shutil
import signal
import socket
import subprocess

from harness import SPATED, Spated, SystemTest, Timeout, main, remains_for, wait_for

PTRACE_ATTACH, PTRACE_DETACH, WALL = 16, 17, 0x40000000
BUILD = os.path.dirname(os.path.dirname(os.path.dirname(SPATED)))


class Systemd:
    """Listens where systemd would."""

    def __init__(self, path):
        self.path = path
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(path)
        self.sock.settimeout(30)

    def receive(self, wanted):
        """Wait for the datagram that begins so."""
        while True:
            text = self.sock.recv(4096).decode()
            if text.startswith(wanted):
                return text

    def drain(self):
        """@return all that has come until now"""
        texts = []
        self.sock.settimeout(0)
        with contextlib.suppress(BlockingIOError):
            while True:
                texts.append(self.sock.recv(4096).decode())
        self.sock.settimeout(30)
        return texts

    def close(self):
        self.sock.close()


class Service(SystemTest):
    """Each test starts its own."""

    def setUp(self):
        self.router = self.lab.namespace()

    def tearDown(self):
        while self.lab.daemons:
            self.lab.daemons.pop().close()

    def start(self, environment=(), **more):
        """With these variables set for it."""
        os.environ.update(environment)
        try:
            return self.lab.spated(self.router, ["iface add lo0 loopback"], **more)
        finally:
            for name in dict(environment):
                del os.environ[name]

    # ---- sd_notify ----

    def systemd(self):
        systemd = Systemd(self.lab.path("notify"))
        self.addCleanup(os.unlink, systemd.path)
        self.addCleanup(systemd.close)
        return systemd

    def test_notify(self):
        systemd = self.systemd()
        spated = self.start({"NOTIFY_SOCKET": systemd.path})
        self.assertEqual(systemd.receive("READY=1"), "READY=1")
        spated.process.send_signal(signal.SIGHUP)
        systemd.receive("RELOADING=1\nMONOTONIC_USEC=")
        systemd.receive("READY=1")
        spated.stop()
        systemd.receive("STOPPING=1")

    def test_not_ready_before_it_serves(self):
        systemd = self.systemd()
        path = self.lab.path("bad.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write("eal --no-huge -m 192\nport add p0 devargs net_nonsense0\n")
        done = self.router.run(SPATED, "-n", self.lab.unique(), "-c", path, check=False,
                               env={**os.environ, "NOTIFY_SOCKET": systemd.path})
        self.assertEqual(done.returncode, 1)
        self.assertEqual(systemd.drain(), [])

    def test_watchdog(self):
        """It lives as long as each of its workers does."""
        systemd = self.systemd()
        spated = self.start({"NOTIFY_SOCKET": systemd.path, "WATCHDOG_USEC": "400000"}, workers=2)
        for _ in range(3):
            systemd.receive("WATCHDOG=1")
        tid = worker_thread(spated.process.pid)
        libc = ctypes.CDLL(None, use_errno=True)
        # Only this thread stops: the control thread, and the other worker, go on.
        if libc.ptrace(PTRACE_ATTACH, tid, None, None) != 0:
            self.skipTest("no ptrace here: " + os.strerror(ctypes.get_errno()))
        try:
            os.waitpid(tid, WALL)
            wait_for(lambda: "makes no progress" in spated.log(), "it is noticed")
            systemd.drain()
            remains_for(lambda: "WATCHDOG=1" not in systemd.drain(), "no sign of life", 1.5)
            self.assertEqual(spated.spate("-c", "version show").returncode, 0)
        finally:
            libc.ptrace(PTRACE_DETACH, tid, None, None)
        systemd.receive("WATCHDOG=1")

    # ---- SIGHUP and the log ----

    def test_log_file(self):
        path = self.lab.path("spated.log")
        spated = self.start(options=["--log-file", path])
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.assertRegex(text, r"(?m)^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d{4} spated: daemon: "
                               r"notice: ready: 1 workers")
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o640)
        # As logrotate does.
        os.rename(path, path + ".1")
        spated.do("iface add lo1 loopback", "log level iface info")
        self.assertFalse(os.path.exists(path))
        spated.process.send_signal(signal.SIGHUP)
        wait_for(lambda: os.path.exists(path) and "log reopened" in read(path), "it is reopened")
        self.assertNotIn("log reopened", read(path + ".1"))
        # A place that cannot be written: it says so in the old file, and goes on.
        os.rename(path, path + ".2")
        os.mkdir(path)
        spated.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "cannot open" in read(path + ".2"), "it is told")
        os.rmdir(path)
        self.assertEqual(spated.spate("-c", "version show").returncode, 0)

    def test_log_file_refused(self):
        done = self.router.run(SPATED, "-n", self.lab.unique(), "--log-file", self.lab.directory,
                               check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(self.lab.directory, done.stderr)

    def test_hangup_changes_nothing(self):
        """The configuration is the CLI's: a file that has changed is not read again."""
        spated = self.start()
        spated.do("iface del lo0", "iface add lo7 loopback")
        before = spated.do("config show")
        with open(spated.config_path, "a", encoding="ascii") as file:
            file.write("iface add lo8 loopback\n")
        spated.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "log reopened" in spated.log(), "it has taken the signal")
        self.assertEqual(spated.do("config show"), before)

    # ---- the host ----

    def test_check_host(self):
        done = subprocess.run([SPATED, "--check-host"], text=True, capture_output=True, check=False)
        lines = done.stdout.splitlines()
        topics = [line.split()[1] for line in lines]
        self.assertEqual(topics, ["root", "cpus", "memory", "numa", "isolation", "governor", "vfio",
                                  "tap", "memlock"])
        self.assertEqual({line.split()[0] for line in lines} - {"ok", "advice", "missing"}, set())
        missing = any(line.startswith("missing") for line in lines)
        self.assertEqual(done.returncode, 1 if missing else 0)
        # It runs here, so nothing can be missing.
        self.assertFalse(missing, done.stdout)

    def test_check_host_for_a_file(self):
        path = self.lab.path("many.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write("worker count 64\n")
        done = subprocess.run([SPATED, "--check-host", "-c", path], text=True, capture_output=True,
                              check=False)
        if len(os.sched_getaffinity(0)) in range(2, 65):
            self.assertRegex(done.stdout, "(?m)^advice +cpus +64 workers")

    def test_check_host_without_rights(self):
        def become_nobody():
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        program = shutil.copy(SPATED, self.lab.path("spated"))
        os.chmod(self.lab.directory, 0o755)
        os.chmod(program, 0o755)
        done = subprocess.run([program, "--check-host"], text=True, capture_output=True,
                              check=False, preexec_fn=become_nobody)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("missing  root", done.stdout)

    # ---- installation ----

    def test_install(self):
        if shutil.which("meson") is None:
            self.skipTest("meson is not installed")
        destination = self.lab.path("destination")
        done = subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--destdir",
                               destination], text=True, capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        prefix = destination + "/usr/local"
        for name in ("sbin/spated", "bin/spate", "lib/systemd/system/spated@.service",
                     "share/doc/spate/README.md", "share/doc/spate/operation.md",
                     "share/doc/spate/embedding.md", "share/doc/spate/examples/two_stacks.c",
                     "share/doc/spate/applications.md", "share/doc/spate/examples/beacon.c",
                     "include/spate/spate.h",
                     "share/doc/spate/examples/two-port-router.conf"):
            self.assertTrue(os.path.isfile(os.path.join(prefix, name)), name)
        self.assertTrue(os.path.isdir(prefix + "/etc/spate"))
        libraries = os.path.dirname(one(prefix + "/lib/**/libspate.so"))
        flags = subprocess.run(
            ["pkg-config", "--cflags", "--libs", "spate"], text=True, capture_output=True,
            check=True, env={**os.environ, "PKG_CONFIG_PATH": libraries + "/pkgconfig",
                             "PKG_CONFIG_SYSROOT_DIR": destination}).stdout.split()
        self.assertEqual(flags, [f"-I{prefix}/include", f"-L{libraries}", "-lspate"])
        self.build_application(destination, libraries)
        unit = read(prefix + "/lib/systemd/system/spated@.service")
        self.assertNotIn("@SBINDIR@", unit)
        command = re.search(r"(?m)^ExecStart=(\S+) -n %i -c (\S+)/%i.conf$", unit)
        self.assertEqual(command.groups(), ("/usr/local/sbin/spated", "/usr/local/etc/spate"))
        done = subprocess.run([destination + command.group(1), "--version"], text=True,
                              capture_output=True, check=True)
        self.assertTrue(done.stdout.startswith("spated "))
        if shutil.which("systemd-analyze"):
            done = subprocess.run(["systemd-analyze", "verify", "--man=no", "--root", destination,
                                   "spated@test.service"], text=True, capture_output=True,
                                  check=False)
            # The rest of a system is not there, of which it complains.
            self.assertNotRegex(done.stderr, r"(?i)unknown|invalid|failed to parse")


    def build_application(self, destination, libraries):
        """The example compiles against what is installed, and nothing else."""
        flags = subprocess.run(
            ["pkg-config", "--cflags", "spate-app"], text=True, capture_output=True, check=True,
            env={**os.environ, "PKG_CONFIG_PATH": libraries + "/pkgconfig"}).stdout.split()
        flags = [flag.replace("/usr/local", destination + "/usr/local") for flag in flags]
        example = destination + "/usr/local/share/doc/spate/examples/beacon.c"
        done = subprocess.run(["cc", "-shared", "-fPIC", "-Wall", "-Werror", example, *flags, "-o",
                               self.lab.path("beacon.so")], text=True, capture_output=True,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stderr)


def one(pattern):
    """@return the one path of the pattern"""
    path, = glob.glob(pattern, recursive=True)
    return path


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def worker_thread(pid):
    """The thread of DPDK's first worker lcore."""
    for tid in os.listdir(f"/proc/{pid}/task"):
        if re.match(r"(dpdk|rte|lcore)-worker-?1$", read(f"/proc/{pid}/task/{tid}/comm").strip()):
            return int(tid)
    raise Timeout("no worker thread: " + " ".join(
        read(f"/proc/{pid}/task/{tid}/comm").strip() for tid in os.listdir(f"/proc/{pid}/task")))


if __name__ == "__main__":
    main()
