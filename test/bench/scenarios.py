# SPDX-License-Identifier: BSD-3-Clause
"""What is measured: one line a scenario. Used by bench.py and wiring.py."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Scenario:
    """Packets, routes, and what is on."""
    family: int = 4
    routes: int = 1
    paths: int = 1  # of each route
    sources: int = 1
    frame: int = 60  # bytes, without FCS, and without VLAN tags
    target: float = None  # of the ratio to testpmd mac
    memif: bool = False  # the devices, in place of net_pcap and net_null
    tags: tuple = ()  # VLANs of what comes in and of what goes out, the outer one first
    options: bytes = b''  # IPv4's
    tunnel: bool = False  # IPv4 in IPv4, of one pair of routers
    vrf: str = None  # of the interfaces and routes
    counted: bool = False  # the routes
    workers: int = 1
    config: tuple = ()  # more lines of it
    commands: tuple = ()  # to be given when it runs; {directory}: for its files
    telemetry: str = None  # what is asked once a second
    base: str = None  # of a feature: the scenario without it

    @property
    def length(self):
        """Bytes of a frame, without FCS."""
        return self.frame + 4 * len(self.tags) + len(self.options)

    @property
    def may_lose(self):
        """Where somebody else has to keep up, on a CPU that others use."""
        return self.memif or self.workers > 1


# Beside testpmd. The shortest frames of Ethernet; IPv6 and UDP need two bytes more.
SCENARIOS = {
    'ip4-one': Scenario(target=0.70),
    'ip4-10k': Scenario(routes=10000, target=0.60),
    'ip4-1m': Scenario(routes=1000000, target=0.40),
    'ip6-10k': Scenario(family=6, frame=62, routes=10000, target=0.50),
    'ip6-200k': Scenario(family=6, frame=62, routes=200000),
    'ip4-group8': Scenario(paths=8, target=0.55),
    'ip4-10k-2ports': Scenario(routes=10000, sources=2),
    'ip4-1500': Scenario(frame=1514),
    'ip6-1500': Scenario(family=6, frame=1514),
    'memif': Scenario(memif=True),
}
BY_DEFAULT = [name for name, scenario in SCENARIOS.items() if scenario.target is not None]

# Beside spated without them: cycles a packet.
FEATURES = {
    'vlan': Scenario(tags=(10,), base='ip4-one'),
    'vlan-10k': Scenario(tags=(10,), routes=10000, base='ip4-10k'),
    'qinq': Scenario(tags=(100, 10), base='ip4-one'),
    'options': Scenario(options=b'\1\1\1\0', base='ip4-one'),
    'fragment': Scenario(frame=1514, config=('iface set p1 mtu 800',), base='ip4-1500'),
    'counted': Scenario(routes=10000, counted=True, base='ip4-10k'),
    'policy-l4': Scenario(paths=8, config=('multipath set policy l4 seed 1',), base='ip4-group8'),
    'policy-l3': Scenario(paths=8, config=('multipath set policy l3',), base='ip4-group8'),
    'policy-symmetric': Scenario(paths=8, config=('multipath set policy l4 symmetric',),
                                 base='ip4-group8'),
    'policy-inner': Scenario(frame=82, paths=8, tunnel=True,
                             config=('multipath set policy l4 inner',), base='ip4-group8'),
    'vrf': Scenario(vrf='red', base='ip4-one'),
    'vrf-10k': Scenario(vrf='red', routes=10000, base='ip4-10k'),
    'spread': Scenario(workers=2, config=('rss set p0 software on',), base='ip4-one'),
    'trace-idle': Scenario(commands=('trace add 1 src 192.0.2.1/32',), base='ip4-one'),
    'capture-idle': Scenario(commands=('capture start {directory}/none filter "port 5"',),
                             base='ip4-one'),
    'capture': Scenario(commands=('capture start {directory}/some snaplen 64 '
                                  'filter "udp src portrange 1024-9087"',), base='ip4-one'),
    'telemetry': Scenario(telemetry='/spate/stats/show', base='ip4-one'),
}
