# SPDX-License-Identifier: BSD-3-Clause
"""The HTTP server against curl, and against sockets that say what curl never would: RFC 9110, 9112."""
import os
import re
import socket

from harness import CliError, Pair, SystemTest, main, wait_for

BIG = 3_000_000


class Http(SystemTest):
    """Two workers, each with its own listener and connections."""

    @classmethod
    def setUpLab(cls):
        cls.root = cls.lab.path("www")
        os.makedirs(cls.root + "/docs")
        cls.big = os.urandom(BIG)
        for name, data in (("index.html", b"<p>home</p>\n"), ("ten.txt", b"0123456789"),
                           ("big.bin", cls.big), ("docs/index.html", b"<p>docs</p>\n"),
                           (".secret", b"secret")):
            with open(f"{cls.root}/{name}", "wb") as file:
                file.write(data)
            os.utime(f"{cls.root}/{name}", (784111777, 784111777))
        os.symlink("/etc/passwd", cls.root + "/passwd")
        cls.pair = Pair(cls.lab, driver="tap", queues=2, workers=2,
                        config=(f"service start http dir {cls.root}",))
        cls.spated, cls.a = cls.pair.spated, cls.pair.a
        cls.pair.warm_up()

    def curl(self, *args):
        """@return what was received, as bytes"""
        path = self.lab.path("curl.out")
        self.a.run("curl", "-sS", "-o", path, "--max-time", "20", *args)
        with open(path, "rb") as file:
            return file.read()

    def status(self, *args):
        return self.a.run("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code} %{num_connects}\n",
                          "--max-time", "20", *args).stdout.split("\n")[:-1]

    def counters(self):
        shown, = self.spated.cli("service show http")
        return shown

    def ask(self, data, address=Pair.R4A, end=False):
        """Say this, and hear all that comes until the server ends."""
        sock = self.a.socket(socket.AF_INET6 if ":" in address else socket.AF_INET,
                             socket.SOCK_STREAM)
        self.addCleanup(sock.close)
        sock.settimeout(10)
        sock.connect((address, 80))
        sock.sendall(data)
        if end:
            sock.shutdown(socket.SHUT_WR)
        heard = b""
        while piece := sock.recv(65536):
            heard += piece
        return heard

    def test_files(self):
        for address in (Pair.R4A, f"[{Pair.R6A}]", Pair.R4B):
            with self.subTest(address):
                url = f"http://{address}/"
                self.assertEqual(self.curl(url), b"<p>home</p>\n")
                self.assertEqual(self.curl(url + "docs/"), b"<p>docs</p>\n")
                self.assertEqual(self.curl("-L", url + "docs"), b"<p>docs</p>\n")
                self.assertEqual(self.curl(url + "big.bin"), self.big)
        url = f"http://{Pair.R4A}/"
        for path, code in (("no", "404"), (".secret", "404"), ("passwd", "404"), ("%2e%2e/x", "404"),
                           ("docs", "301"), ("%zz", "400")):
            self.assertEqual(self.status("--path-as-is", url + path)[0].split()[0], code, path)
        self.assertEqual(self.status("--path-as-is", url + "../../etc/passwd")[0][:3], "404")
        self.assertEqual(self.status("-X", "DELETE", url)[0][:3], "405")
        self.assertEqual(self.status("-X", "BREW", url)[0][:3], "501")
        head = self.a.run("curl", "-sSI", url + "big.bin").stdout
        self.assertRegex(head, f"(?m)^Content-Length: {BIG}$")
        self.assertRegex(head, "(?m)^Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT$")

    def test_ranges_and_conditions(self):
        url = f"http://{Pair.R4A}/"
        self.assertEqual(self.curl("-r", "1000000-1999999", url + "big.bin"),
                         self.big[1000000:2000000])
        self.assertEqual(self.curl("-r", "-5", url + "big.bin"), self.big[-5:])
        several = self.curl("-r", "0-1,5-6", url + "ten.txt")
        self.assertEqual(re.findall(rb"bytes (\d-\d)/10\r\n\r\n(..)\r\n--", several),
                         [(b"0-1", b"01"), (b"5-6", b"56")])
        self.assertEqual(self.status("-r", "10-", url + "ten.txt")[0][:3], "416")
        # Goes on where it stopped.
        path = self.lab.path("part")
        with open(path, "wb") as file:
            file.write(self.big[:1234567])
        self.a.run("curl", "-sS", "-C", "-", "-o", path, url + "big.bin")
        with open(path, "rb") as file:
            self.assertEqual(file.read(), self.big)
        etag = re.search('(?m)^ETag: ("[^"]*")$',
                         self.a.run("curl", "-sSI", url + "ten.txt").stdout).group(1)
        self.assertEqual(self.status("-H", f"If-None-Match: {etag}", url + "ten.txt")[0][:3], "304")
        self.assertEqual(self.status("-H", 'If-Match: "x"', url + "ten.txt")[0][:3], "412")
        self.assertEqual(self.status("-z", "Sun, 06 Nov 1994 08:49:37 GMT", url)[0][:3], "304")
        self.assertEqual(self.status("-z", "Sun, 06 Nov 1994 08:49:36 GMT", url)[0][:3], "200")

    def test_connections(self):
        """Kept, for HTTP/1.0 only if it asks; many at a time; all of them closed again."""
        url = f"http://{Pair.R4A}/ten.txt"
        before = self.counters()
        self.assertEqual(self.status(url, "-o", "/dev/null", url, "-o", "/dev/null", url),
                         ["200 1", "200 0", "200 0"])
        self.assertEqual(self.status("-0", url, "-o", "/dev/null", url), ["200 1", "200 1"])
        self.a.run("curl", "-sS", "--fail", "-Z", "--parallel-max", "30", "-o", "/dev/null",
                   f"http://{Pair.R4A}/?[1-200]")
        wait_for(lambda: self.counters()["open"] == 0, "all are closed")
        after = self.counters()
        self.assertEqual(after["ok"] - before["ok"], 205)
        self.assertEqual(after["refused"], 0)
        self.spated.check_conserved()

    def test_pipelining(self):
        get = b"GET /ten.txt HTTP/1.1\r\nHost: a\r\n\r\n"
        heard = self.ask(get * 50 + b"GET /big.bin HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        self.assertEqual(heard.count(b"\r\n\r\n0123456789HTTP/1.1 200 OK\r\n"), 50)
        self.assertTrue(heard.endswith(b"\r\n\r\n" + self.big))
        # Whoever closes first waits, and is listed when asked for.
        self.assertTrue(any(row["local"].endswith(":80") and row["state"] == "TIME-WAIT"
                            for row in self.spated.cli("tcp show state time-wait")))
        self.assertFalse(any(row["state"] == "TIME-WAIT" for row in self.spated.cli("tcp show")))
        # Half closed: what was asked is answered.
        heard = self.ask(get * 3, Pair.R6A, end=True)
        self.assertEqual(heard.count(b"\r\n\r\n0123456789"), 3)

    def test_refused(self):
        """RFC 9112 11.2: nobody can hide a request in another."""
        hidden = b"0\r\n\r\nGET /ten.txt HTTP/1.1\r\nHost: a\r\n\r\n"
        for fields, code in ((b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", b"400"),
                             (b"Content-Length: 4\r\nContent-Length: 5\r\n", b"400"),
                             (b"Transfer-Encoding: chunked\r\n", b"411"),
                             (b"Transfer-Encoding : chunked\r\n", b"400"),
                             (b"X: a\r\n Transfer-Encoding: chunked\r\n", b"400"),
                             (b"X: " + 9000 * b"x" + b"\r\n", b"431")):
            with self.subTest(fields[:40]):
                heard = self.ask(b"POST / HTTP/1.1\r\nHost: a\r\n" + fields + b"\r\n" + hidden)
                self.assertTrue(heard.startswith(b"HTTP/1.1 " + code + b" "), heard[:100])
                self.assertEqual(heard.count(b"HTTP/1.1"), 1)
        self.assertTrue(self.ask(b"GET / HTTP/2.0\r\n\r\n").startswith(b"HTTP/1.1 505 "))
        self.assertTrue(self.ask(5000 * b"x").startswith(b"HTTP/1.1 414 "))

    def test_those_who_do_not_read(self):
        """Closed windows take no memory that others need: more want big files than there are buffers."""
        before = self.spated.available()
        request = b"GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n"
        for _ in range(160):
            sock = self.a.socket(socket.AF_INET, socket.SOCK_STREAM)
            self.addCleanup(sock.close)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            sock.settimeout(10)
            sock.connect((Pair.R4A, 80))
            sock.sendall(request)
        most = 3 * before // 4 // 4
        wait_for(lambda: before - self.spated.available() > most, "little is left of the send buffers")
        for host in (Pair.R4A, f"[{Pair.R6A}]"):
            for _ in range(5):
                self.assertEqual(self.curl(f"http://{host}/ten.txt"), b"0123456789")
        self.doCleanups()
        wait_for(lambda: self.counters()["open"] == 0, "all are closed")
        wait_for(lambda: self.spated.available() == before, "all buffers are back")

    def test_configuration(self):
        self.assertIn(f"service start http dir {self.root} port 80\n",
                      self.spated.do("config show"))
        with open(self.lab.path("a b.txt"), "w", encoding="ascii") as file:
            file.write("text")
        self.spated.do(f"service start http dir {self.root}/docs port 8080 addr {Pair.R4A} "
                       "connections 2 requests 1 idle 5")
        self.assertIn(f"service start http dir {self.root}/docs connections 2 requests 1 idle 5 "
                      f"port 8080 addr {Pair.R4A}\n", self.spated.do("config show"))
        self.assertEqual(self.curl(f"http://{Pair.R4A}:8080/"), b"<p>docs</p>\n")
        self.spated.do(f"service stop http port 8080 addr {Pair.R4A}")
        for command, text in ((f"service start http dir {self.root}", "runs there already"),
                              (f"service start udp-echo port 80\nservice start bench-server port 80",
                               "taken"),
                              ("service start http dir /nowhere port 81", "/nowhere: No such"),
                              (f"service start http dir {self.root}/ten.txt port 81", "Not a dir"),
                              ("service show nothing", "'service show' lists")):
            with self.assertRaises(CliError) as refused:
                self.spated.do(*command.split("\n"))
            self.assertIn(text, refused.exception.text)
        self.spated.do("service stop udp-echo port 80")


if __name__ == "__main__":
    main()
