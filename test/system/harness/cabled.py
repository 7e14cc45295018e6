# SPDX-License-Identifier: BSD-3-Clause
"""A topology made by a lab.py: what goes on between the kernel's TCP and spated's is a cable's to say."""
from .echo import ping

# For `config`: another link between the two, for associations of two paths.
SECOND = ("port add d0 cable peer d1 queues 2", "port add d1 cable peer d0 queues 2",
          "iface set d1 vrf services", "addr add 10.8.0.1/24 dev d0", "addr add 10.8.0.2/24 dev d1")
TWO_PATHS = "to 10.9.0.2 from 10.9.0.1 to 10.8.0.2 from 10.8.0.1"


class Cabled:
    """A host on a tap, and services in a VRF of their own, behind a router and a cable:

        A (10.0.0.2) -- p0 (10.0.0.1), router, c0 (10.9.0.1) == c1 (10.9.0.2) in VRF services
    """

    A4, A6 = "10.0.0.2", "2001:db8::2"
    S4, S6 = "10.9.0.2", "2001:db8:9::2"

    def __init__(self, lab, config=(), workers=2, **more):
        self.seed = 0
        self.router = lab.namespace()
        self.a = lab.namespace()
        self.spated = lab.spated(self.router, (
            "vrf add services",
            f"port add p0 devargs net_tap0,iface=p0 rxq {workers} txq {workers}",
            f"port add c0 cable peer c1 queues {workers}", f"port add c1 cable peer c0 queues {workers}",
            "iface set c1 vrf services",
            "addr add 10.0.0.1/24 dev p0", "addr add 2001:db8::1/64 dev p0",
            "addr add 10.9.0.1/24 dev c0", "addr add 2001:db8:9::1/64 dev c0",
            "addr add 10.9.0.2/24 dev c1", "addr add 2001:db8:9::2/64 dev c1",
            "route add default via 10.9.0.1 vrf services",
            "route add default via 2001:db8:9::1 vrf services", *config), workers=workers, **more)
        lab.tap_to(self.spated, "p0", self.a)
        lab.address(self.a, "10.0.0.2/24", "2001:db8::2/64")
        self.a.ip("route add default via 10.0.0.1")
        self.a.ip("-6 route add default via 2001:db8::1")

    def warm_up(self):
        """All neighbours known, of both families."""
        for address in (self.S4, self.S6):
            ping(self.a, address)

    def impair(self, words):
        """Both directions of the cable, from now on; in words of 'cable set'. None: all is well."""
        commands = ["cable clear c0", "cable clear c1"]
        for port in ("c0", "c1") if words else ():
            self.seed += 1
            commands.append(f"cable set {port} seed {self.seed} {words}")
        self.spated.do(*commands)

    @staticmethod
    def endpoint(name):
        """A socket's name as spated writes it."""
        return f"[{name[0]}]:{name[1]}" if ":" in name[0] else f"{name[0]}:{name[1]}"

    def view(self, sock):
        """What spated tells of the connection whose other end is a socket of A's."""
        local, remote = self.endpoint(sock.getpeername()), self.endpoint(sock.getsockname())
        return self.spated.cli(f"tcp show {local} {remote} vrf services")

    def state(self, name, local=None):
        """The state of the one whose other end (and own end) has this name, or None: there is none."""
        own = f"local {local[0]} local-port {local[1]} " if local else ""
        rows = self.spated.cli(f"tcp show {own}remote {name[0]} remote-port {name[1]} vrf services")
        return rows[0]["state"] if rows else None
