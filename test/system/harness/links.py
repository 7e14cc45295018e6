# SPDX-License-Identifier: BSD-3-Clause
"""A topology made by a lab.py: several links between two nodes, each of which can be cut."""
from .echo import ping


class Links:
    """Each link is a bridge in a namespace between the two ends, and of one family:

        spated p0 (10.0.0.1) ----- b0 ----- eth0 (10.0.0.2) host
               p1 (2001:db8:1::1)  b1       eth1 (2001:db8:1::2)      if 1 is in `six`

    With `far`, the configuration of another spated, that one has eth0 and the others as its p0 and so on.
    """

    def __init__(self, lab, count, workers=1, six=(), config=(), far=None, **more):
        self.count = count
        self.six = six
        self.more = {"lab": lab, "workers": workers, **more}
        self.router, self.middle, self.host = lab.namespace(), lab.namespace(), lab.namespace()
        # What is asked for at one link is not told of another.
        self.host.sysctl("ipv4/conf/all/arp_ignore", 1)
        self.host.sysctl("ipv4/conf/all/arp_announce", 2)
        self.host.sysctl("ipv4/conf/all/rp_filter", 0)
        self.host.sysctl("ipv4/conf/default/rp_filter", 0)
        for i in range(count):
            self.bridge(lab, i)
        self.spated = self.start(self.router, "p", 1, config)
        if far is not None:
            self.far = self.start(self.host, "eth", 2, far)
            return
        for i in range(count):
            lab.address(self.host, self.prefix(i, 2), dev=f"eth{i}")

    def start(self, namespace, devices, end, config):
        lines = []
        for i in range(self.count):
            lines += [f"port add p{i} devargs net_af_packet{i},iface={devices}{i},qpairs=2 rxq 2 txq 2",
                      f"addr add {self.prefix(i, end)} p{i}"]
        more = dict(self.more)
        return more.pop("lab").spated(namespace, (*lines, *config), **more)

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
