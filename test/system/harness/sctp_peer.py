# SPDX-License-Identifier: BSD-3-Clause
"""An SCTP that is not ours, in a namespace: test/system/sctp_peer, which runs on usrsctp."""
import os
import re
import subprocess
import threading

from . import programs

PROGRAM = os.environ.get("SCTP_PEER", os.path.join(programs.ROOT, "build/test/system/sctp_peer/sctp_peer"))


class SctpPeer:
    """Runs until it is closed. What it says is read as it comes, a line each."""

    def __init__(self, namespace, role, work, port, options=()):
        self.lines = []
        self.unread = []
        self.gone = False
        self.said = threading.Condition()
        self.process = namespace.start(PROGRAM, role, work, str(port), *map(str, options),
                                       stdin=subprocess.PIPE)
        self.reader = threading.Thread(target=self.listen, daemon=True)
        self.reader.start()

    def listen(self):
        for line in self.process.stdout:
            self.hear(line.rstrip("\n"))
        with self.said:
            self.gone = True
            self.said.notify()

    def hear(self, line):
        with self.said:
            self.lines.append(line)
            self.unread.append(line)
            self.said.notify()

    def wait(self, pattern, seconds=30):
        """For a line that it says, or has said: each is found once, in any order. @return the match"""
        def found():
            for i, line in enumerate(self.unread):
                match = re.fullmatch(pattern, line)
                if match:
                    del self.unread[i]
                    return match
            return None

        with self.said:
            match = self.said.wait_for(lambda: found() or self.gone, seconds * programs.SLOW)
            if not isinstance(match, re.Match):
                gone = " and is gone" if self.gone else ""
                raise AssertionError(f"the peer did not say '{pattern}'{gone}:\n" +
                                     "\n".join(self.lines))
            return match

    def do(self, command):
        """A command of peer_command.c, which has to work."""
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        self.wait("done " + command.split()[0])

    def result(self, seconds=60):
        """At the end of the association: what came, as numbers by name."""
        words = self.wait("end (.*)", seconds).group(1).split()
        return {name: int(value) for name, value in (word.split("=") for word in words)}

    def kill(self):
        """Nothing more is said, as at a power cut."""
        self.process.kill()

    def close(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdin.close()
        self.process.stdout.close()
