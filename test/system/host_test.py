# SPDX-License-Identifier: BSD-3-Clause
"""scripts/host: a command beside a host that is spated. config_test.py is for what it configures."""
import glob
import os
import subprocess

from harness import SPATE, SPATED, SystemTest, main

SCRIPT = os.path.join(os.path.dirname(__file__), "../../scripts/host")


class Host(SystemTest):
    """Its namespace and instance are named by its process."""

    def host(self, *arguments):
        return subprocess.run([SCRIPT, *arguments], text=True, capture_output=True, check=False,
                              env={**os.environ, "SPATED": SPATED, "SPATE": SPATE})

    def test_command(self):
        """At once when both are ready, with the command's status; then all is gone."""
        done = self.host("sh", "-c", "ip netns identify; ping -c 1 192.0.2.1 && "
                         "ping -c 1 2001:db8::1 && spate -c 'addr show' && exit 7")
        self.assertEqual(done.returncode, 7, done.stdout + done.stderr)
        self.assertIn("2001:db8::1/64", done.stdout)
        name = done.stdout.split()[0]
        self.assertRegex(name, r"^host\d+$")
        left = [path for pattern in ("/run/netns/{}", "/run/spate/{}.*", "/run/dpdk/spate-{}")
                for path in glob.glob(pattern.format(name))]
        self.assertEqual(left, [])

    def test_refused(self):
        self.assertEqual(self.host().returncode, 2)
        path = self.lab.path("bad.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write("port add tap0 devargs net_nonsense0\n")
        done = self.host("-c", path, "echo", "ready")
        self.assertEqual(done.returncode, 1)
        self.assertIn("net_nonsense0", done.stderr)
        self.assertNotIn("ready", done.stdout)


if __name__ == "__main__":
    main()
