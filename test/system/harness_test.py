# SPDX-License-Identifier: BSD-3-Clause
"""The harness itself, where a defect would let other tests pass, hang or leave something behind."""
import concurrent.futures
import glob
import os
import shutil
import subprocess
import tempfile
import threading
import time

from harness import SystemTest, die_with_parent, main, wait_for
from harness.lab import Lab

CHILD = """
import os, signal
from harness import Spated, SystemTest, main

def end():
    try:
        signal.raise_signal(signal.SIGTERM)
    finally:
        for signum in (signal.SIGHUP, signal.SIGINT, signal.SIGALRM):
            signal.raise_signal(signum)
        print("cleaned up")
        raise AssertionError("in its place")

class First(SystemTest):
    @classmethod
    def setUpLab(cls):
        spated = Spated(cls.lab, cls.lab.namespace(), [])
        with open(spated.log_path, "w") as log:
            log.write("what it said")
        # Not spated itself: one that hangs, and does not mind SIGTERM.
        spated.process = spated.namespace.start("sh", "-c", "trap '' TERM; echo; exec sleep 99")
        spated.process.stdout.readline()
        if os.environ["END"] == "class":
            end()

    def test_1(self):
        end()

    def test_2(self):
        print("it went on")

class Second(First):
    pass

main()
"""
FRAME = b"\xff" * 6 + b"\x02\0\0\0\0\x01" + b"\x88\xb5" + b"spate" * 10


class Frames(SystemTest):
    """A link, and a sniffer at its near end, which has seen a frame when send() returns."""

    def setUp(self):
        self.near, self.far = self.lab.namespace(), self.lab.namespace()
        self.lab.veth(self.near, "p0", self.far)
        self.sock = self.near.raw("p0")
        self.addCleanup(self.sock.close)
        self.sniffer = self.near.sniffer("p0", inbound=False)

    def test_down_and_up(self):
        self.near.ip("link set p0 down")
        self.near.ip("link set p0 up")
        self.sock.send(FRAME)
        self.assertEqual(self.sniffer.wait(1), [FRAME])
        self.sniffer.close()

    def test_device_gone(self):
        self.near.ip("link del p0")
        with self.assertRaisesRegex(AssertionError, "gone"):
            self.sniffer.close()

    def test_thread_ended(self):
        class Full(list):
            def append(self, _):
                raise MemoryError("no room")
        self.sniffer.frames = Full()
        self.sock.send(FRAME)
        for call in (lambda: self.sniffer.wait(1), self.sniffer.close):
            with self.assertRaisesRegex(AssertionError, "no room"):
                call()

    def test_close_under_traffic(self):
        """It ends while frames come, with all of those that came before."""
        done = threading.Event()

        def send():
            end = time.monotonic() + 2
            while not done.is_set() and time.monotonic() < end:
                self.sock.send(FRAME)
                time.sleep(0.01)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            traffic = pool.submit(send)
            try:
                wait_for(lambda: self.sniffer.frames, "there is traffic")
                with self.near.raw("p0") as sock:
                    for i in range(5000):
                        sock.send(FRAME + i.to_bytes(2, "big"))
                self.sniffer.close()
                self.assertFalse(traffic.done(), "it ended no sooner than the traffic")
            finally:
                done.set()
            traffic.result()
        numbers = [int.from_bytes(frame[len(FRAME):], "big") for frame in self.sniffer.frames
                   if len(frame) > len(FRAME)]
        self.assertEqual(numbers, list(range(5000)))


class End(SystemTest):
    """Test files that are ended: they go no further, and leave nothing."""

    def run_child(self, where, path=os.environ["PATH"]):
        """@return what it said, in the end by standard error"""
        program = self.lab.path("child.py")
        with open(program, "w", encoding="ascii") as file:
            file.write(CHILD)
        with subprocess.Popen(
                ["/usr/bin/python3", program], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True, preexec_fn=die_with_parent, env={
                    **os.environ, "END": where, "PATH": path,
                    "PYTHONPATH": os.path.dirname(os.path.abspath(__file__))}) as child:
            out = child.communicate(timeout=20)[0]
        self.assertEqual(child.returncode, 1, out)
        left = [name for folder in ("/run/netns", tempfile.gettempdir())
                for name in glob.glob(f"{folder}/spt{child.pid}[x-]*")]
        self.assertEqual(left, [], out)
        return out

    def test_signals(self):
        """The first one counts, also if something else fails meanwhile."""
        for where in ("class", "test"):
            with self.subTest(where):
                out = self.run_child(where)
                self.assertIn("child.py: ended by SIGTERM", out)
                self.assertIn("cleaned up", out)
                self.assertIn("what it said", out)
                # Where it was.
                self.assertIn("signal.raise_signal(signal.SIGTERM)", out)
                self.assertNotIn("went on", out)

    def test_making_a_namespace(self):
        """`ip netns add` has made it, and not ended yet."""
        with open(self.lab.path("ip"), "w", encoding="ascii") as file:
            file.write(f'#!/bin/sh\n{shutil.which("ip")} "$@"\n'
                       '[ "$2" != add ] || { kill -TERM $PPID; exec sleep 9; }\n')
        os.chmod(self.lab.path("ip"), 0o755)
        out = self.run_child("nowhere", f'{self.lab.directory}:{os.environ["PATH"]}')
        self.assertIn("child.py: ended by SIGTERM", out)

    def test_names(self):
        """Labs of one process do not share any."""
        labs = Lab(), Lab()
        names = {lab.unique() for lab in labs for _ in range(3)}
        for lab in labs:
            lab.close()
        self.assertEqual(len(names), 6)


if __name__ == "__main__":
    main()
