# SPDX-License-Identifier: BSD-3-Clause
"""Programs that people use, on the kernel's TCP, and services of spated behind a cable that is not
perfect: curl, wrk, nginx as a proxy, and netcat, both ways."""
import hashlib
import os
import re
import shutil
import unittest

from harness import Cabled, main, wait_for
from harness.pattern import pattern
from harness.tcp_case import TcpCase

BIG = 3_000_000
PROXY = 8080
NGINX = """
error_log stderr;
pid {dir}/nginx.pid;
events {{}}
http {{
    access_log off;
    client_body_temp_path {dir}/body;
    proxy_temp_path {dir}/proxy;
    fastcgi_temp_path {dir}/fastcgi;
    uwsgi_temp_path {dir}/uwsgi;
    scgi_temp_path {dir}/scgi;
    upstream spated {{ server 10.9.0.2; server [2001:db8:9::2]; keepalive 4; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{ proxy_pass http://spated; proxy_http_version 1.1; proxy_set_header Connection ""; }}
    }}
}}
"""


class TcpPrograms(TcpCase):
    """Files in memory, and an echo."""

    @classmethod
    def setUpLab(cls):
        super().setUpLab()
        cls.root = cls.lab.path("www")
        os.mkdir(cls.root)
        cls.big = os.urandom(BIG)
        for name, data in (("big.bin", cls.big), ("ten.txt", b"0123456789")):
            with open(f"{cls.root}/{name}", "wb") as file:
                file.write(data)
        cls.spated.do(f"service start http dir {cls.root} vrf services")

    @staticmethod
    def digest(path):
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def test_curl(self):
        """A large file comes as it is, whatever happens on the way."""
        out = self.lab.path("curl.out")
        for words in ("loss 1% reorder 2% by 2ms", "delay 10ms duplicate 2% corrupt 0.5%"):
            self.impair(words)
            for host in (Cabled.S4, f"[{Cabled.S6}]"):
                with self.subTest(words, host=host):
                    self.a.run("curl", "-sSf", "--max-time", "25", "-o", out, f"http://{host}/big.bin")
                    self.assertEqual(self.digest(out), self.digest(f"{self.root}/big.bin"))

    def test_wrk(self):
        """Many requests at the same time, all answered."""
        for host in (Cabled.S4, f"[{Cabled.S6}]"):
            said = self.a.run("wrk", "-t", "2", "-c", "50", "-d", "1", f"http://{host}/ten.txt").stdout
            self.assertGreater(int(re.search(r"(\d+) requests in", said).group(1)), 50, said)
            self.assertNotIn("Socket errors", said)
            self.assertNotIn("Non-2xx", said)

    @unittest.skipUnless(shutil.which("nginx"), "nginx is not installed")
    def test_nginx(self):
        """As a proxy it keeps connections to us, and takes what we serve."""
        directory = self.lab.path("nginx")
        os.mkdir(directory)
        with open(f"{directory}/nginx.conf", "w", encoding="ascii") as file:
            file.write(NGINX.format(dir=directory, port=PROXY))
        nginx = self.a.start("nginx", "-p", directory, "-c", f"{directory}/nginx.conf",
                             "-g", "daemon off; master_process off;")
        self.addCleanup(nginx.communicate)
        self.addCleanup(nginx.terminate)
        wait_for(lambda: self.a.run("curl", "-s", "-o", "/dev/null", f"http://127.0.0.1:{PROXY}/ten.txt",
                                    check=False).returncode == 0, "nginx is there")
        self.impair("loss 0.5%")
        before, = self.spated.cli("service show http")
        out = self.lab.path("nginx.out")
        self.a.run("curl", "-sSf", "--max-time", "25", "-o", out, f"http://127.0.0.1:{PROXY}/big.bin")
        self.assertEqual(self.digest(out), self.digest(f"{self.root}/big.bin"))
        said = self.a.run("curl", "-sSf", "--max-time", "25",
                          f"http://127.0.0.1:{PROXY}/ten.txt?[1-50]").stdout
        self.assertEqual(said, "0123456789" * 50)
        after, = self.spated.cli("service show http")
        self.assertEqual(after["requests"] - before["requests"], 51)
        self.assertLessEqual(after["connections"] - before["connections"], 4)

    def test_netcat(self):
        """It sends a file, ends its half, and hears the rest."""
        for address in self.EVERY:
            with open(f"{self.root}/big.bin", "rb") as file:
                done = self.a.run("sh", "-c", f"nc -N {address} {self.ECHO} < {self.root}/big.bin | sha256sum")
                self.assertEqual(done.stdout.split()[0], hashlib.file_digest(file, "sha256").hexdigest())

    def test_netcat_listens(self):
        """What a bench client sends is all that comes."""
        for address in (Cabled.A4, Cabled.A6):
            out = self.lab.path("nc.out")
            with open(out, "wb") as file:
                nc = self.a.start("nc", "-l", address, "5000", stdout=file)
                self.addCleanup(nc.communicate)
                self.addCleanup(nc.kill)
                wait_for(lambda: self.a.run("ss", "-tlnH", "sport = :5000").stdout, "nc listens")
                self.spated.do(f"service start bench-client mode send to {address} port 5000 "
                               f"bytes {BIG} raw verify duration 1000s vrf services")
                self.assertEqual(nc.wait(20), 0)
            self.spated.do("service stop bench-client vrf services")
            with open(out, "rb") as file:
                data = file.read()
            self.assertEqual(len(data), BIG)
            for place in range(0, BIG, 100000):
                self.assertEqual(data[place:place + 100000], pattern(place, 100000))


if __name__ == "__main__":
    main()
