# SPDX-License-Identifier: BSD-3-Clause
"""One short round of bench.py, of a scenario and a feature: packets flowed, and the report says so.

Usage: bench_smoke.py BUILD
"""
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SCENARIO = 'ip4-group8'
FEATURE = 'vlan'
# Each of them sees far more than that in a tenth of a second, sanitizers or not.
PACKETS_MIN = 1000


def check(condition, what):
    if not condition:
        sys.exit(f'bench_smoke: {what}')


def check_programs(result, names):
    for who in names:
        check(result[who]['packets'] >= PACKETS_MIN, f'{who} sent {result[who]["packets"]} packets')
        check(result[who]['cycles'] > 0, f'{who} took no time')
    stages = result[names[-1]]['stages']
    check({'rx', 'tx'} <= stages.keys(), f'the stages are {sorted(stages)}')
    check(any(cycles > 0 for cycles in stages.values()), 'no stage took time')


def main():
    if shutil.which('dpdk-testpmd') is None:
        print('skipped: no dpdk-testpmd (Debian: dpdk-dev)')
        sys.exit(77)
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory, 'report.json')
        result = subprocess.run(
            [sys.executable, Path(__file__).with_name('bench.py'), '--build', sys.argv[1],
             '--no-huge', '-t', '0.1', '-r', '1', '--flows', '256', '--mbufs', '4096',
             '-j', report, SCENARIO, FEATURE], stdout=subprocess.PIPE, text=True, check=False)
        print(result.stdout)
        check(result.returncode == 0, f'bench.py ended with {result.returncode}')
        for name in SCENARIO, FEATURE:
            check(any(line.startswith(name) for line in result.stdout.splitlines()),
                  f'the table has no line of {name}')
        scenarios = json.loads(report.read_text())['scenarios']
        check([row['scenario'] for row in scenarios] == [SCENARIO, FEATURE],
              'the report lacks one of them')
        check(all(len(row['rounds']) == 1 for row in scenarios), 'one round was asked for')
        check_programs(scenarios[0]['rounds'][0], ['io', 'mac', 'spate'])
        check(scenarios[0]['rounds'][0]['ratio'] > 0, 'there is no ratio')
        check_programs(scenarios[1]['rounds'][0], ['off', 'on'])
        check('cost' in scenarios[1]['rounds'][0], 'there is no cost')


if __name__ == '__main__':
    main()
