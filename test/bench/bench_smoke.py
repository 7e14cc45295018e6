# SPDX-License-Identifier: BSD-3-Clause
"""One short round of bench.py: packets flowed through all, and the report says so.

Usage: bench_smoke.py BUILD
"""
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SCENARIO = 'ip4-group8'
# Each of them sees far more than that in a tenth of a second, sanitizers or not.
PACKETS_MIN = 1000


def check(condition, what):
    if not condition:
        sys.exit(f'bench_smoke: {what}')


def check_round(result):
    for who in ('io', 'mac', 'spate'):
        check(result[who]['packets'] >= PACKETS_MIN, f'{who} sent {result[who]["packets"]} packets')
        check(result[who]['cycles'] > 0, f'{who} took no time')
    check(result['ratio'] > 0, 'there is no ratio')
    stages = result['spate']['stages']
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
             '-j', report, SCENARIO], stdout=subprocess.PIPE, text=True, check=False)
        print(result.stdout)
        check(result.returncode == 0, f'bench.py ended with {result.returncode}')
        check(any(line.startswith(SCENARIO) for line in result.stdout.splitlines()),
              'the table has no line of the scenario')
        scenarios = json.loads(report.read_text())['scenarios']
        check([row['scenario'] for row in scenarios] == [SCENARIO], 'the report lacks the scenario')
        check(len(scenarios[0]['rounds']) == 1, 'one round was asked for')
        check_round(scenarios[0]['rounds'][0])


if __name__ == '__main__':
    main()
