# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# What the scripts share: where the tree is, and how they speak. To be sourced.
set -euo pipefail

# shellcheck disable=SC2034 # used by the scripts
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() {
	printf '%s: %s\n' "${0##*/}" "$*"
}

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

need_root() {
	[ "$(id -u)" -eq 0 ] || die "must run as root$1"
}

# The script's own heading comment is its help.
usage() {
	sed -n '/^# Usage/,/^[^#]/{s/^# \{0,1\}//p}' "$0"
	exit "$1"
}
