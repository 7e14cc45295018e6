# SPDX-License-Identifier: BSD-3-Clause
"""What arrives at a device of a namespace.py, frame by frame."""
import errno
import socket
import struct
import threading
import time

from .waiting import Timeout, wait_for


class Sniffer:
    """Reads frames off a device in a thread of its own, so that none is lost.

    It goes on when its device was down and is up again. Whatever else ends it fails wait() and
    close().
    """

    SO_RCVBUFFORCE = 33
    PACKET_OUTGOING = 4
    SOL_PACKET, PACKET_STATISTICS = 263, 6

    def __init__(self, namespace, dev, inbound):
        self.frames = []
        self.inbound = inbound
        self.sock = namespace.raw(dev, 3)
        self.sock.setsockopt(socket.SOL_SOCKET, self.SO_RCVBUFFORCE, 64 << 20)
        self.sock.settimeout(0.05)
        self.total = None
        self.error = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        try:
            self._read()
        except Exception as error:  # pylint: disable=broad-except
            self.error = error

    def _read(self):
        """Until all is read that was there when close() was called, and no longer."""
        count = 0
        while self.total is None or count < self.total:
            try:
                frame, address = self.sock.recvfrom(65536)
            except TimeoutError:
                continue
            except OSError as error:
                if error.errno != errno.ENETDOWN:
                    raise
                continue
            count += 1
            if (address[2] != self.PACKET_OUTGOING) == self.inbound:
                self.frames.append(frame)

    def _check(self):
        if self.error is not None:
            raise AssertionError(f"the sniffer ended: {self.error!r}") from self.error

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.total is not None:
            return
        packets, lost = struct.unpack("=II", self.sock.getsockopt(
            self.SOL_PACKET, self.PACKET_STATISTICS, 8))
        self.total = packets - lost
        self.thread.join()
        dev = self.sock.getsockname()[0]
        self.sock.close()
        self._check()
        if not dev:
            raise AssertionError("the sniffer's device is gone")
        if lost:
            raise AssertionError(f"the sniffer lost {lost} frames")

    def wait(self, count, what="frames", match=lambda frame: True, seconds=10):
        """Wait for at least `count` frames that match. @return those"""
        def found():
            self._check()
            frames = [frame for frame in list(self.frames) if match(frame)]
            return frames if len(frames) >= count else None
        try:
            return wait_for(found, what, seconds)
        except Timeout as timeout:
            frames = [frame.hex() for frame in self.frames[-20:]]
            raise Timeout(f"{timeout}: of {count} {what}; the last seen: {frames}") from None


def look_at_rest(look, *sniffers):
    """What `look` returns at a moment of rest, at which the sniffers begin anew."""
    def rest():
        before = look()
        time.sleep(0.1)
        for sniffer in sniffers:
            sniffer.frames.clear()
        time.sleep(0.1)
        quiet = before == look() and not any(sniffer.frames for sniffer in sniffers)
        return before if quiet else None
    return wait_for(rest, "nothing moves before the start")
