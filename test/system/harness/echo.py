# SPDX-License-Identifier: BSD-3-Clause
"""Pings from a namespace.py: with them a loss is a loss."""
import re
import signal
import tempfile


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


class Pinging:
    """A ping that goes on until it is asked for what was not answered."""

    def __init__(self, host, address, interval):
        # A pipe would hold it up when it is full.
        self.output = tempfile.TemporaryFile("w+", encoding="ascii")
        self.process = host.start("ping", "-n", "-i", str(interval), "-W", "5", address,
                                  stdout=self.output)

    def unanswered(self):
        """End it. The last question may have had no time for its answer: it does not count."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)
        self.output.seek(0)
        out = self.output.read()
        sent = int(re.search(r"(\d+) packets transmitted", out).group(1))
        seen = {int(number) for number in re.findall(r"icmp_seq=(\d+) ttl", out)}
        assert sent > 0, f"there were no pings: {out}"
        return [number for number in range(1, sent) if number not in seen]

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.output.close()
