#!/bin/bash
# The unit is understood whole by systemd, and gives away no more than its threshold.
# usage: unit_file_test.sh UNIT
set -euo pipefail
unit=$1
threshold=15 # exposure in tenths; a unit without any sandbox has 96

command -v systemd-analyze > /dev/null || {
    echo "SKIPPED: no systemd-analyze on this machine (package systemd)"
    exit 77
}

# verify only prints what it does not understand. The program itself is not installed here.
complaints=$(systemd-analyze verify --man=no --recursive-errors=no "$unit" 2>&1 |
    grep -v 'is not executable: No such file or directory' || true)
[ -z "$complaints" ] || {
    echo "FAILED: systemd does not understand all of $unit:" >&2
    echo "$complaints" >&2
    exit 1
}

systemd-analyze security --offline=yes --no-pager --threshold=$threshold "$unit" | tail -n 1

# The control: without the capability bound the same unit is over the threshold.
loose=$(mktemp -d)
trap 'rm -rf "$loose"' EXIT
sed '/^CapabilityBoundingSet=/d' "$unit" > "$loose/sshpermd.service"
if systemd-analyze security --offline=yes --no-pager --threshold=$threshold \
    "$loose/sshpermd.service" > /dev/null 2>&1; then
    echo "FAILED: a unit with every capability passes as well" >&2
    exit 1
fi
