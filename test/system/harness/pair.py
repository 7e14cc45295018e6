# SPDX-License-Identifier: BSD-3-Clause
"""The topology of most tests, made by a lab.py and warmed up by echo.py."""
from .echo import ping


class Pair:
    """Two hosts, A and B, with spated between them: what most tests need.

    A is 10.0.0.2 and 2001:db8::2 on port p0, B is 10.0.1.2 and 2001:db8:0:1::2 on p1.
    """

    A4, B4, R4A, R4B = "10.0.0.2", "10.0.1.2", "10.0.0.1", "10.0.1.1"
    A6, B6, R6A, R6B = "2001:db8::2", "2001:db8:0:1::2", "2001:db8::1", "2001:db8:0:1::1"

    def __init__(self, lab, driver="af_packet", queues=1, workers=1, config=(), **more):
        self.lab = lab
        self.router = lab.namespace()
        self.a, self.b = lab.namespace(), lab.namespace()
        lines = []
        for i, host in enumerate((self.a, self.b)):
            args = f"net_tap{i},iface=p{i}"
            if driver == "af_packet":
                lab.veth(self.router, f"p{i}", host)
                args = f"net_af_packet{i},iface=p{i},qpairs={queues}"
            lines += [f"port add p{i} devargs {args} rxq {queues} txq {queues}",
                      f"addr add 10.0.{i}.1/24 dev p{i}",
                      f"addr add 2001:db8:0:{i}::1/64 dev p{i}"]
        self.spated = lab.spated(self.router, lines + list(config), workers=workers, **more)
        for i, host in enumerate((self.a, self.b)):
            if driver == "tap":
                lab.tap_to(self.spated, f"p{i}", host)
            lab.address(host, f"10.0.{i}.2/24", f"2001:db8:0:{i}::2/64")
            host.ip(f"route add default via 10.0.{i}.1")
            host.ip(f"-6 route add default via 2001:db8:0:{i}::1")

    def warm_up(self):
        """All neighbours known, both families, both directions."""
        for address in (self.B4, self.B6):
            ping(self.a, address)
