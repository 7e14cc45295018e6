# SPDX-License-Identifier: BSD-3-Clause
"""The daemon as a process: start, refusal, signals, death, and what it leaves behind."""
import glob
import os
import signal
import socket
import stat
import subprocess
import time

from harness import (SPATE, SPATED, Spated, SystemTest, die_with_parent, is_sanitized, main,
                     wait_for)

TAP = ["port add p0 devargs net_tap0,iface=p0", "addr add 10.0.0.1/24 p0"]


class Daemon(SystemTest):
    """Each test starts its own."""

    @classmethod
    def setUpLab(cls):
        cls.router = cls.lab.namespace()

    def tearDown(self):
        try:
            while self.lab.daemons:
                self.lab.daemons[-1].close()
                self.lab.daemons.pop()
            self.check_gone()
        finally:
            # What one test leaves is not the next one's fault.
            for pattern in ("/run/spate/{}*", "/dev/hugepages/spate-{}*"):
                for path in glob.glob(pattern.format(self.lab.prefix)):
                    os.unlink(path)

    def check_gone(self):
        """No process, interface, socket, PID file, or memory is left of what this test started."""
        self.assertEqual(list(self.router.links()), ["lo"])
        left = (glob.glob(f"/run/spate/{self.lab.prefix}*") +
                glob.glob(f"/dev/hugepages/spate-{self.lab.prefix}*"))
        self.assertEqual(left, [])

    def run_spated(self, *args, seconds=20):
        """To its end, by itself. @return CompletedProcess"""
        return self.router.run(SPATED, *args, check=False, timeout=seconds)

    def refused(self, config, *words, status=1):
        """With this configuration it must not start, and say why."""
        path = self.lab.path("refused.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write("eal --no-huge -m 192\n" + config)
        done = self.run_spated("-n", self.lab.unique(), "-c", path)
        self.assertEqual(done.returncode, status, done.stderr)
        for word in words:
            self.assertIn(word.replace("FILE", path), done.stderr)
        self.check_gone()
        return done.stderr

    # ---- start ----

    def test_twice(self):
        spated = self.lab.spated(self.router, TAP)
        done = self.run_spated("-n", spated.name)
        self.assertEqual(done.returncode, 1)
        self.assertIn("runs already", done.stderr)
        self.assertIn(f"process {spated_pid(spated)}", done.stderr)
        # The first does not mind.
        self.assertEqual(len(spated.cli("port show")), 1)
        # Another name is another daemon.
        other = self.lab.spated(self.router)
        self.assertEqual(other.cli("port show"), [])
        other.stop()
        self.assertEqual(len(spated.cli("port show")), 1)

    def test_socket_is_private(self):
        spated = self.lab.spated(self.router)
        path = f"/run/spate/{spated.name}.sock"
        mode = os.stat(path).st_mode
        self.assertTrue(stat.S_ISSOCK(mode))
        self.assertEqual(stat.S_IMODE(mode) & 0o077, 0)

        def become_nobody():
            die_with_parent()
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        program = ("import socket, sys\ns = socket.socket(socket.AF_UNIX)\n"
                   "try:\n s.connect(sys.argv[1])\n"
                   "except PermissionError:\n sys.exit(13)\n")
        done = subprocess.run(["/usr/bin/python3", "-c", program, path], check=False,
                              preexec_fn=become_nobody)
        self.assertEqual(done.returncode, 13)

    def test_signals(self):
        for signum in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(signum.name):
                spated = self.lab.spated(self.router, TAP, workers=2)
                self.assertIn("p0", self.router.links())
                spated.stop(signum)  # its status is 0, or this fails
                self.check_gone()

    def test_shutdown(self):
        spated = self.lab.spated(self.router, TAP)
        spated.do("shutdown")
        process, spated.process = spated.process, None
        self.assertEqual(process.wait(20), 0)
        spated.check_log()
        self.check_gone()

    def test_shutdown_with_clients(self):
        """Clients, pings and held packets are no reason to stay, or to leak."""
        spated = self.lab.spated(self.router, TAP)
        self.router.ip("addr add 10.0.0.2/24 dev p0")
        with subprocess.Popen([SPATE, "-n", spated.name, "-c", "ping 10.0.0.77 count 100"],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as client:
            idle = socket.socket(socket.AF_UNIX)
            idle.connect(f"/run/spate/{spated.name}.sock")
            wait_for(lambda: spated.cli("neigh stats")["held"] > 0, "a packet is held")
            spated.stop()
            client.communicate(timeout=10)
            self.assertNotEqual(client.returncode, 0)
            idle.close()

    def test_killed(self):
        """kill -9, and it starts again in the same name, as if nothing had been."""
        spated = self.lab.spated(self.router, TAP)
        spated.kill()
        self.assertTrue(os.path.exists(f"/run/spate/{spated.name}.sock"))
        wait_for(lambda: list(self.router.links()) == ["lo"], "the kernel takes the tap away")
        done = subprocess.run([SPATE, "-n", spated.name, "-c", "version show"], check=False,
                              capture_output=True)
        self.assertEqual(done.returncode, 3)
        spated.start()
        self.assertEqual(len(spated.cli("port show")), 1)
        spated.stop()

    def test_background(self):
        """-d returns when it serves, not before."""
        spated = Spated(self.lab, self.router, TAP)
        spated.write_config(hugepages=False)
        start = time.monotonic()
        done = self.router.run(SPATED, "-n", spated.name, "-c", spated.config_path, "-d")
        pid = spated_pid(spated)
        try:
            self.assertLess(time.monotonic() - start, 20)
            self.assertEqual(done.returncode, 0)
            self.assertEqual(spated.cli("port show")[0]["port"], "p0")
            self.assertEqual(os.readlink(f"/proc/{pid}/cwd"), "/")
            self.assertEqual(os.readlink(f"/proc/{pid}/fd/0"), "/dev/null")
            self.assertEqual(os.getsid(pid), pid)
        finally:
            os.kill(pid, signal.SIGTERM)
            wait_for(lambda: not os.path.exists(f"/proc/{pid}"), "it ends", 20)
        # What fails before it serves is told to who started it.
        with open(spated.config_path, "a", encoding="ascii") as file:
            file.write("port add p1 devargs net_tap0,iface=p1\n")
        done = self.run_spated("-n", spated.name, "-c", spated.config_path, "-d")
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{spated.config_path}:", done.stderr)
        self.check_gone()

    # ---- refusals ----

    def test_bad_config(self):
        self.refused("worker count 1\nport ad\n", "FILE:3: ")
        self.refused("port add p0 devargs net_tap0,iface=p0\nroute add 10.0.0.0/8 via 1.2.3.4\n",
                     "FILE:3: ")
        self.refused("worker count 1\nworker count 2\n", "FILE:3: ", "already")
        self.refused("port add p0 devargs net_nonsense0\n", "FILE:2: ", "net_tap")
        self.refused("worker count 65\n", "FILE:2: ")
        self.refused("worker count 0\n", "FILE:2: ")
        self.refused("config load x\n", "FILE:2: ")
        self.refused("one wrong\nand another\n\nworker count 1\nand one\n", "FILE:2: ", "FILE:3: ",
                     "FILE:6: ")
        for path, word in (("/nonexistent", "No such file"), (self.lab.directory, "directory"),
                           ("/dev/null", "regular")):
            done = self.run_spated("-n", self.lab.unique(), "-c", path)
            self.assertEqual(done.returncode, 1)
            self.assertIn(path, done.stderr)
            self.assertIn(word, done.stderr)

    def test_bad_options(self):
        for args, word in ((["--nonsense"], "nonsense"), (["-n", "a b"], "a b"), (["-n", ""], '""'),
                           (["extra"], "extra"), (["-n"], "argument"),
                           (["-s", "/tmp/" + "x" * 150], "longer"), (["-n", "../x"], "../x")):
            with self.subTest(args):
                done = self.run_spated(*args)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(word, done.stderr)
        for option, word in (("--help", "usage: spated"), ("-V", "spated ")):
            done = self.run_spated(option)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn(word, done.stdout)

    def test_bad_cpus(self):
        self.refused("worker cores 999\n", "CPU 999")
        self.refused("eal -l 0\n", "worker cores")
        error = self.refused("eal --nonsense\n")
        self.assertIn("DPDK did not start", error)

    def test_memory(self):
        error = self.refused("worker mbufs 1000000\n", "worker mbufs")
        self.assertIn("MEGABYTES", error)
        error = self.refused("eal --no-huge -m 256\nworker mbufs 4096\nworker sockets 1000000\n",
                             "worker sockets")
        self.assertIn("MEGABYTES", error)

    # ---- running ----

    def test_workers_and_cpus(self):
        """More workers than CPUs share them; the CPUs named are the ones used."""
        count = os.cpu_count() + 2
        spated = self.lab.spated(self.router, workers=count)
        rows = spated.cli("worker show")
        self.assertEqual(len(rows), count)
        allowed = os.sched_getaffinity(0)
        self.assertLessEqual({row["cpu"] for row in rows}, allowed)
        spated.stop()
        cpu = max(allowed)
        path = self.lab.path("cores.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write(f"eal --no-huge -m 256\nworker cores {cpu}\nworker mbufs 4096\n"
                       "worker peer-connections 100\nworker poll adaptive\n")
        pinned = Spated(self.lab, self.router, [])
        pinned.config_path = path
        pinned.launch()
        pinned.wait_ready()
        self.assertEqual([row["cpu"] for row in pinned.cli("worker show")], [cpu])
        self.assertIn(f"worker cores {cpu}\n", pinned.do("config show"))
        self.assertIn("worker peer-connections 100\n", pinned.do("config show"))
        pinned.stop()

    def test_poll_modes(self):
        spated = self.lab.spated(self.router, TAP)

        def row():
            return spated.cli("worker show")[0]
        self.assertEqual(row()["poll"], "adaptive")
        sleeps = row()["sleeps"]
        wait_for(lambda: row()["sleeps"] > sleeps, "it sleeps when there is nothing to do")
        spated.do("worker poll busy")
        self.assertEqual(row()["poll"], "busy")
        sleeps, loops = row()["sleeps"], row()["loops"]
        wait_for(lambda: row()["loops"] > loops + 100000, "it polls on")
        self.assertLessEqual(row()["sleeps"], sleeps + 1)
        self.assertIn("worker poll busy\n", spated.do("config show"))
        spated.do("worker poll adaptive")
        sleeps = row()["sleeps"]
        wait_for(lambda: row()["sleeps"] > sleeps, "it sleeps again")

    def test_log_levels(self):
        spated = self.lab.spated(self.router)
        self.assertIn("ready", spated.log())
        spated.do("iface add lo0 loopback")
        # Quiet: what is notice is not told any more.
        for module in ("port", "iface"):
            spated.do(f"log level {module} error")
        levels = {row["module"]: row["level"] for row in spated.cli("log show")}
        self.assertEqual(levels["port"], "error")
        self.assertIn("log level port error\n", spated.do("config show"))
        spated.do("port add p0 devargs net_tap0,iface=p0", "port del p0")
        self.assertNotIn("p0: added", spated.log())
        for module in ("port", "iface"):
            spated.do(f"log level {module} notice")
        spated.do("port add p0 devargs net_tap0,iface=p0", "port del p0")
        self.assertIn("port: p0: added", spated.log())
        self.assertIn("port: p0: removed", spated.log())
        spated.do("log level lib.eal debug", "log level pmd.net.* info")
        levels = {row["module"]: row["level"] for row in spated.cli("log show")}
        self.assertEqual(levels["lib.eal"], "debug")

    def test_hugepages_note(self):
        """Without free hugepages it says so, and what to do, and runs."""
        spated = Spated(self.lab, self.router, TAP)
        spated.write_config(hugepages=True)  # and so nothing of memory is said
        # As in a machine that has none: an empty directory over what tells of them.
        shell = (f"mount -t tmpfs none /sys/kernel/mm/hugepages && "
                 f"exec {SPATED} -n {spated.name} -c {spated.config_path}")
        with open(spated.log_path, "ab") as log:
            spated.process = self.router.start("unshare", "-m", "sh", "-c", shell, stdout=log,
                                               stderr=log)
        try:
            spated.wait_ready()
        except AssertionError:
            if "unshare" in spated.log() or "mount" in spated.log():
                spated.process = None
                self.skipTest("mounting is not allowed here: " + spated.log())
            raise
        self.assertIn("no hugepages are free", spated.log())
        self.assertIn("nr_hugepages", spated.log())
        spated.stop()

    def test_leak_check_works(self):
        """That a sanitizer's report fails a test is not to be taken on trust."""
        if is_sanitized():
            self.skipTest("it is about builds without")
        spated = self.lab.spated(self.router)
        with open(spated.log_path, "a", encoding="ascii") as file:
            file.write("==1==ERROR: AddressSanitizer: heap-use-after-free\n")
        with self.assertRaises(AssertionError):
            spated.stop()


def spated_pid(daemon):
    with open(f"/run/spate/{daemon.name}.pid", encoding="ascii") as file:
        return int(file.read())


if __name__ == "__main__":
    main()
