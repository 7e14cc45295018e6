# SPDX-License-Identifier: BSD-3-Clause
"""Files of commands that are none, and clients of the CLI that are none: refused soon, in few words,
with nothing done, while others are served."""
import contextlib
import os
import re
import socket
import struct
import subprocess
import threading

from harness import SPATED, SystemTest, is_sanitized, main, programs, wait_for

# A sanitizer makes a line cost several times as much.
LINES = 50_000 if is_sanitized() else 150_000
FEWER = LINES // 10
# What a daemon may take beside the file while it reads it. A sanitizer keeps what was freed.
MORE_MEMORY_KB = 500_000 if is_sanitized() else 30_000
OUTPUT_MAX = 20_000


class ConfigFlood(SystemTest):
    """One daemon without ports."""

    @classmethod
    def setUpLab(cls):
        cls.namespace = cls.lab.namespace()
        cls.spated = cls.lab.spated(cls.namespace, ["iface add lo0 loopback"])
        cls.config = cls.spated.do("config show")

    def tearDown(self):
        self.assertEqual(self.spated.do("config show"), self.config)

    def file(self, name, content):
        path = self.lab.path(name)
        with open(path, "wb") as file:
            file.write(content)
        return path

    def refused(self, command, timeout=60):
        """It fails. @return its words, which are not many"""
        done = self.spated.spate("-c", command, timeout=timeout)
        self.assertEqual(done.returncode, 1, f"{command}: {done.stdout[:300]} {done.stderr[:300]}")
        self.assertLess(len(done.stdout) + len(done.stderr), OUTPUT_MAX)
        return done.stdout + done.stderr

    def peak_kb(self):
        with open(f"/proc/{self.spated.process.pid}/status", encoding="ascii") as file:
            return int(re.search(r"VmHWM:\s+(\d+)", file.read()).group(1))

    @contextlib.contextmanager
    def served_meanwhile(self):
        """Another client asks again and again, and has more than the answer to its first question."""
        answers, ending = [0], threading.Event()

        def ask():
            while not ending.is_set():
                self.spated.do("version show")
                answers[0] += 1
        thread = threading.Thread(target=ask)
        thread.start()
        try:
            yield
        finally:
            ending.set()
            thread.join()
        self.assertGreater(answers[0], 3)

    def test_many_bad_lines(self):
        lines = [f"route adx 10.{i % 256}.0.0/16 via 10.0.0.1 # {i}\n" for i in range(LINES)]
        path = self.file("bad.conf", "".join(lines).encode())
        before = self.peak_kb()
        with self.served_meanwhile():
            words = self.refused(f"config check {path}")
        self.assertIn(f"{path}:1: ", words)
        self.assertIn(f"{path}:20: ", words)
        self.assertNotIn(f"{path}:21: ", words)
        self.assertIn(f"{path}: {LINES - 20} more lines with errors", words)
        self.assertLess(self.peak_kb() - before,
                        os.path.getsize(path) // 1024 + MORE_MEMORY_KB)

    def test_many_good_lines(self):
        """All are run, and taken back since the last one fails."""
        lines = [f"route add 10.{i >> 8}.{i & 255}.0/24 blackhole\n" for i in range(5000)]
        path = self.file("good.conf", "".join([*lines, lines[0]]).encode())
        self.assertIn("were undone", self.refused(f"config load {path}"))

    def test_bad_lines_by_every_way(self):
        lines = [f"route adx 10.{i % 256}.0.0/16 via 10.0.0.1 # {i}\n" for i in range(FEWER)]
        path = self.file("bad.conf", "".join(lines).encode())
        for command in ("config load", "route load"):
            with self.subTest(command):
                words = self.refused(f"{command} {path}")
                self.assertIn(f"{path}:1: ", words)
                self.assertIn(f"{FEWER - 20} more lines with errors", words)
        self.assertIn(f"{path}:1: ", self.spated.spate("-f", path).stderr)
        with open(path, encoding="ascii") as file:
            done = self.spated.spate(stdin=file)
        self.assertEqual(done.returncode, 1)
        self.assertIn("stdin:1: ", done.stderr)
        done = self.start(path)
        self.assertIn(f"{path}:1: ", done)
        self.assertIn(f"{FEWER - 20} more", done)

    def start(self, path):
        """A daemon with this file, which will not start. @return what it says"""
        done = self.namespace.run(SPATED, "-n", self.lab.unique(), "-c", path, check=False,
                                  timeout=60)
        self.assertGreater(done.returncode, 0, done.stderr)
        self.assertNotRegex(done.stderr, "Sanitizer|runtime error")
        self.assertLess(len(done.stdout) + len(done.stderr), OUTPUT_MAX)
        return done.stderr

    def test_one_bad_line_of_many(self):
        """It is said which, and none of the others is done."""
        good = [f"route add 10.{i >> 8 & 255}.{i & 255}.0/24 blackhole metric {i >> 16}\n"
                for i in range(FEWER)]
        good[FEWER - 10] = "route add 10.0.0.0/8 via\n"
        path = self.file("one.conf", "".join(good).encode())
        for command in ("config check", "config load"):
            words = self.refused(f"{command} {path}")
            self.assertIn(f"{path}:{FEWER - 9}: ", words)
            self.assertNotIn("more", words)

    def test_odd_files(self):
        """By every way in."""
        fifo = self.lab.path("fifo")
        os.mkfifo(fifo)
        cases = (
            ("NUL bytes", self.file("nul", b"version show\n\0\0\0\n"), ":2: "),
            ("no text", self.file("binary", b"\xff" + os.urandom(100_000)), ":1: "),
            ("not UTF-8", self.file("latin", b"# caf\xe9\nnonsense\n"), ":1: "),
            ("a long line", self.file("long", b"route " + b"x" * 70_000 + b"\n"), "65536"),
            ("a long line without an end", self.file("endless", b"x" * 10_000_000), "65536"),
            ("many words", self.file("words", b"a " * 10_000 + b"\n"), "words"),
            ("an open quote", self.file("quote", b'log "level\n'), ":1: "),
            ("no newline at the end", self.file("last", b"iface add lo0 loopback\nbad"), ":2: "),
            ("CRLF", self.file("crlf", b"\r\n\r\nbad word\r\n"), ":3: "),
            ("a directory", self.lab.directory, "directory"),
            ("a pipe", fifo, "not a regular file"),
            ("zeros for ever", "/dev/zero", "not a regular file"),
            ("nothing there", "/nonexistent", "No such file"),
        )
        for what, path, words in cases:
            for command in ("config check", "config load", "route load"):
                with self.subTest(what, command=command):
                    said = self.refused(f"{command} {path}")
                    self.assertIn(path, said)
                    if command != "route load":
                        self.assertIn(words, said)
            with self.subTest(what, command="spated -c"):
                self.assertIn(words, self.start(path))
            if what in ("a pipe", "no newline at the end"):
                continue
            with self.subTest(what, command="spate -f"):
                done = self.spated.spate("-f", path)
                self.assertEqual(done.returncode, 1)
                self.assertLess(len(done.stderr), OUTPUT_MAX)
        # Empty ones, and those that end in the middle of a comment, are fine.
        for content in (b"", b"\n\n\r\n", b"# no newline", b"\xef\xbb\xbf"[:0] + b"# caf\xc3\xa9\n"):
            path = self.file("fine", content)
            self.spated.do(f"config check {path}", f"config load {path}")

    def client(self):
        sock = socket.socket(socket.AF_UNIX)
        # Without a time limit it waits for a place in the queue.
        sock.connect(f"/run/spate/{self.spated.name}.sock")
        sock.settimeout(10 * programs.SLOW)
        return sock

    def test_garbage_on_the_socket(self):
        for data in (os.urandom(100_000), b"GET / HTTP/1.0\r\n\r\n", b"\0" * 100,
                     struct.pack("=IB3x", 0xffffffff, ord("R")),
                     struct.pack("=IB3x", 65538, ord("R")), struct.pack("=IB3x", 0, ord("R")),
                     struct.pack("=IB3x", 5, ord("E")) + b"abcde"):
            with self.subTest(data[:8]), self.client() as sock:
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    sock.sendall(data)
                    while sock.recv(65536):
                        pass  # until it hangs up
        self.spated.do("version show")

    def test_halves_of_requests(self):
        """Those who stop in the middle keep nobody waiting, and may leave."""
        request = struct.pack("=IB3x", 13, ord("R")) + b"\0version show"
        with contextlib.ExitStack() as stack:
            for length in range(1, len(request)):
                if length % 30 == 0:
                    stack.pop_all().close()
                stack.enter_context(self.client()).sendall(request[:length])
                if length % 10 == 0:
                    self.spated.do("version show")

    def test_too_many_clients(self):
        with contextlib.ExitStack() as stack:
            for _ in range(60):
                stack.enter_context(self.client())
            done = self.spated.spate("-c", "version show")
            self.assertIn("too many clients", done.stderr)
        wait_for(lambda: self.spated.spate("-c", "version show").returncode == 0,
                 "they are gone, and there is room")

    def test_nobody_reads(self):
        """Floods of questions whose answers nobody reads: they wait, and memory does not grow."""
        before = self.peak_kb()
        request = struct.pack("=IB3x", 5, ord("R")) + b"\0help"
        with contextlib.ExitStack() as stack:
            for _ in range(8):
                sock = stack.enter_context(self.client())
                sock.settimeout(0.2)
                with contextlib.suppress(TimeoutError):
                    while True:
                        sock.sendall(request * 1000)
            for _ in range(5):
                self.spated.do("version show")
        self.assertLess(self.peak_kb() - before, MORE_MEMORY_KB)

    def test_lines_that_nobody_means(self):
        """To the client's standard input: the first one ends it, however long it is."""
        with subprocess.Popen(["spate", "-n", self.spated.name], executable=programs.SPATE,
                              stdin=subprocess.PIPE, stderr=subprocess.PIPE) as client:
            with contextlib.suppress(BrokenPipeError):
                for _ in range(1000):
                    client.stdin.write(b"\0" * 100_000)
            said = client.communicate()[1].decode()
        self.assertEqual(client.returncode, 1)
        self.assertIn("stdin:1: ", said)
        self.assertIn("65536", said)


if __name__ == "__main__":
    main()
