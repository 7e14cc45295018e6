# SPDX-License-Identifier: BSD-3-Clause
"""A topology made by a lab.py: several links between two nodes, each of which can be cut."""
from .echo import ping


class Links:
    """Each link is a bridge in a namespace between the two ends, and of one family:

        spated p0 (10.0.0.1) ----- b0 ----- eth0 (10.0.0.2) host
               p1 (2001:db8:1::1)  b1       eth1 (2001:db8:1::2)      if 1 is in `six`
    """

    def __init__(self, lab, count, workers=1, six=(), config=(), **more):
        self.count = count
        self.six = six
        self.router, self.middle, self.host = lab.namespace(), lab.namespace(), lab.namespace()
        # What is asked for at one link is not told of another.
        self.host.sysctl("ipv4/conf/all/arp_ignore", 1)
        self.host.sysctl("ipv4/conf/all/arp_announce", 2)
        self.host.sysctl("ipv4/conf/all/rp_filter", 0)
        self.host.sysctl("ipv4/conf/default/rp_filter", 0)
        lines = []
        for i in range(count):
            self.bridge(lab, i)
            lines += [f"port add p{i} devargs net_af_packet{i},iface=p{i},qpairs=2 rxq 2 txq 2",
                      f"addr add {self.prefix(i, 1)} p{i}"]
        self.spated = lab.spated(self.router, (*lines, *config), workers=workers, **more)
        for i in range(count):
            lab.address(self.host, self.prefix(i, 2), dev=f"eth{i}")

    def bridge(self, lab, i):
        lab.veth(self.router, f"p{i}", self.middle, f"r{i}")
        lab.veth(self.middle, f"h{i}", self.host, f"eth{i}")
        self.middle.ip(f"link add b{i} type bridge stp_state 0 mcast_snooping 0")
        for dev in (f"r{i}", f"h{i}"):
            self.middle.ip(f"link set {dev} master b{i}")
        self.middle.ip(f"link set b{i} up")

    def address(self, link, end):
        return f"2001:db8:{link}::{end}" if link in self.six else f"10.0.{link}.{end}"

    def prefix(self, link, end):
        return self.address(link, end) + ("/64" if link in self.six else "/24")

    def link_of(self, address):
        return next(i for i in range(self.count)
                    if address in (self.address(i, 1), self.address(i, 2)))

    def warm_up(self):
        """All neighbours known."""
        for i in range(self.count):
            ping(self.host, self.address(i, 1))

    def cut(self, i):
        """In the middle: neither end sees it."""
        self.middle.ip(f"link set h{i} nomaster")

    def mend(self, i):
        self.middle.ip(f"link set h{i} master b{i}")

    def down(self, i):
        """At spated's end, which sees it."""
        self.middle.ip(f"link set r{i} down")

    def up(self, i):
        self.middle.ip(f"link set r{i} up")
