# SPDX-License-Identifier: BSD-3-Clause
"""The harness itself, where a defect of it would let other tests pass, hang, or leave something behind."""
from harness import SystemTest, main

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


if __name__ == "__main__":
    main()

