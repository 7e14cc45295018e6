#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""scripts/check_layers on small made-up trees: each kind of offence must be found."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

CHECK_LAYERS = Path(__file__).parent.parent.parent / 'scripts' / 'check_layers'

# A tree without offence; each test spoils one thing.
GOOD = {
    'lib/layers.txt': 'base L0 -\n'
                      'tcp  L5 base rte  # a comment\n'
                      'sock L6 base tcp\n'
                      'drivers L7 base rte\n'
                      'app L8 base sock drivers\n',
    'lib/base/meson.build': 'deps = [bsd_dep]\n',
    'lib/base/base.c': '#include "base/log.h"\n#include <stdio.h>\n',
    'lib/base/log.h': '',
    'lib/tcp/meson.build': 'deps = [\n\tbase_dep,\n\tdpdk_dep,\n]\n',
    'lib/tcp/tcp.h': '#include "base/log.h"\n',
    'lib/tcp/tcp_sack.h': '#include <rte_mbuf.h>\n',
    'lib/tcp/tcp_sack.c': '#include "tcp/tcp_sack.h"\n#include "tcp/tcp.h"\n',
    'lib/sock/meson.build': 'deps = [base_dep, tcp_dep]\n',
    'lib/sock/sock.h': '#include "tcp/tcp.h"\n',
    'drivers/cable/cable.h': '',
    'drivers/cable/cable.c': '#include <rte_mbuf.h>\n#include "cable/cable.h"\n',
    'app/spated/main.c': '#include "sock/sock.h"\n#include "cable/cable.h"\n',
    'app/spated/cli/cli.h': '',
    'app/spated/cli/cli.c': '#include "cli/cli.h"\n#include "version.h"\n',
    'app/meson.build': "configure_file(output: 'version.h')\n",
}


class CheckLayers(unittest.TestCase):
    def run_on(self, **changes):
        """The exit status and output for GOOD with some files' contents replaced."""
        files = {**GOOD, **changes}
        with tempfile.TemporaryDirectory() as tree:
            for name, text in files.items():
                path = Path(tree) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            done = subprocess.run([sys.executable, CHECK_LAYERS, tree], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, check=False)
        return done.returncode, done.stdout

    def expect(self, where, reason, **changes):
        status, output = self.run_on(**changes)
        self.assertEqual(status, 1, output)
        lines = output.splitlines()
        self.assertTrue(any(line.startswith(where + ': ') and reason in line for line in lines),
                        f'no line "{where}: ...{reason}..." in:\n{output}')

    def test_good_tree_passes(self):
        status, output = self.run_on()
        self.assertEqual(status, 0, output)

    def test_folder_not_in_row(self):
        self.expect('lib/tcp/tcp.h:2', 'tcp may not include sock',
                    **{'lib/tcp/tcp.h': '\n#include "sock/sock.h"\n'})

    def test_folder_below_app_not_in_row(self):
        self.expect('app/spated/main.c:1', 'app may not include tcp',
                    **{'app/spated/main.c': '#include "tcp/tcp.h"\n'})

    def test_installed_headers(self):
        """What they include is installed as well, or they are of no use outside of the tree."""
        build = "foreach header : [\n\t'base/log.h',\n\t'sock/sock.h',\n%s]\n"
        self.expect('lib/sock/sock.h:1', '"tcp/tcp.h" is not installed',
                    **{'app/spated/meson.build': build % ''})
        status, output = self.run_on(**{'app/spated/meson.build': build % "\t'tcp/tcp.h',\n"})
        self.assertEqual(status, 0, output)

    def test_private_header(self):
        self.expect('lib/sock/sock.h:1', 'private to tcp',
                    **{'lib/sock/sock.h': '#include "tcp/tcp_sack.h"\n'})

    def test_part_of_the_public_header(self):
        """It may be included by way of the whole, not by itself."""
        whole = {'lib/tcp/tcp.h': '#include "base/log.h"\n#include "tcp/tcp_sack.h"\n',
                 'lib/tcp/tcp_sack.h': '#include "tcp/tcp.h"\n'}
        status, output = self.run_on(**whole)
        self.assertEqual(status, 0, output)
        self.expect('lib/sock/sock.h:1', 'include "tcp/tcp.h"', **whole,
                    **{'lib/sock/sock.h': '#include "tcp/tcp_sack.h"\n'})

    def test_private_header_between_drivers(self):
        self.expect('drivers/ring/ring.c:1', 'private to cable',
                    **{'drivers/ring/ring.c': '#include "cable/cable_rss.h"\n',
                       'drivers/cable/cable_rss.h': ''})

    def test_dpdk_without_rte(self):
        self.expect('lib/sock/sock.h:1', 'sock may not include <rte_mbuf.h>',
                    **{'lib/sock/sock.h': '#include <rte_mbuf.h>\n'})

    def test_dpdk_cmdline_without_rte(self):
        self.expect('lib/base/log.h:1', 'base may not include <cmdline_parse.h>',
                    **{'lib/base/log.h': '  #  include <cmdline_parse.h>\n'})

    def test_include_without_folder(self):
        self.expect('lib/tcp/tcp_sack.c:1', 'must carry its folder',
                    **{'lib/tcp/tcp_sack.c': '#include "tcp_sack.h"\n'})

    def test_include_by_dots(self):
        self.expect('lib/tcp/tcp_sack.c:1', 'must carry its folder',
                    **{'lib/tcp/tcp_sack.c': '#include "../base/log.h"\n'})

    def test_include_in_angle_brackets(self):
        self.expect('lib/base/base.c:1', 'quotes',
                    **{'lib/base/base.c': '#include <sock/sock.h>\n'})

    def test_header_that_is_not_there(self):
        self.expect('lib/tcp/tcp.h:1', 'does not exist',
                    **{'lib/tcp/tcp.h': '#include "base/nothing.h"\n'})

    def test_folder_that_is_not_there(self):
        self.expect('lib/tcp/tcp.h:1', 'no folder',
                    **{'lib/tcp/tcp.h': '#include "nothing/nothing.h"\n'})

    def test_def_files_are_read(self):
        self.expect('lib/base/reason.def:1', 'base may not include tcp',
                    **{'lib/base/reason.def': '#include "tcp/tcp.h"\n'})

    def test_cycle(self):
        layers = 'base L0 -\ntcp L5 base sock rte\nsock L5 base tcp\ndrivers L7 -\napp L8 -\n'
        self.expect('lib/layers.txt:2', 'cycle: tcp -> sock -> tcp', **{'lib/layers.txt': layers})

    def test_upward_row(self):
        layers = GOOD['lib/layers.txt'].replace('base L0 -', 'base L0 app')
        self.expect('lib/layers.txt:1', 'above', **{'lib/layers.txt': layers})

    def test_row_names_unknown_folder(self):
        layers = GOOD['lib/layers.txt'].replace('base L0 -', 'base L0 bass')
        self.expect('lib/layers.txt:1', 'no row', **{'lib/layers.txt': layers})

    def test_malformed_row(self):
        self.expect('lib/layers.txt:6', 'expected',
                    **{'lib/layers.txt': GOOD['lib/layers.txt'] + 'udp base\n'})

    def test_folder_without_row(self):
        self.expect('lib/layers.txt:1', 'lib/udp has no row', **{'lib/udp/udp.h': ''})

    def test_nested_folders_are_read(self):
        self.expect('app/spated/cli/line.c:1', 'app may not include tcp',
                    **{'app/spated/cli/line.c': '#include "tcp/tcp.h"\n'})

    def test_two_folders_of_one_name(self):
        self.expect('app/spated/tcp:1', 'taken by lib/tcp', **{'app/spated/tcp/tcp.h': ''})

    def test_deps_more_than_row(self):
        self.expect('lib/base/meson.build:2', 'deps has tcp',
                    **{'lib/base/meson.build': '# tcp_dep\ndeps = [tcp_dep]\n'})

    def test_deps_less_than_row(self):
        self.expect('lib/tcp/meson.build:1', 'deps lacks rte',
                    **{'lib/tcp/meson.build': 'deps = [base_dep]\n'})

    def test_no_deps(self):
        self.expect('lib/tcp/meson.build:1', 'sets no deps', **{'lib/tcp/meson.build': ''})


if __name__ == '__main__':
    unittest.main()
