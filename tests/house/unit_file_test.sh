#!/bin/bash
# The units are understood whole by systemd, and give away no more than their threshold.
# usage: unit_file_test.sh DIRECTORY_OF_UNITS DROP_IN_FOR_OLDER_SYSTEMD
set -euo pipefail
units=$1
older=$2
threshold=15 # exposure in tenths; a unit without any sandbox has 96

command -v systemd-analyze > /dev/null || {
    echo "SKIPPED: no systemd-analyze on this machine (package systemd)"
    exit 77
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# verify only prints what it does not understand. The programs themselves are not installed here.
understood() {
    local complaints
    complaints=$(systemd-analyze verify --man=no --recursive-errors=no "$1" 2>&1 |
        grep -v 'is not executable: No such file or directory' || true)
    [ -z "$complaints" ] || {
        echo "FAILED: systemd does not understand all of $1:" >&2
        echo "$complaints" >&2
        exit 1
    }
}

security() { systemd-analyze security --offline=yes --no-pager --threshold=$threshold "$1"; }

for unit in sshpermd.service sshpermd-once.service; do
    understood "$units/$unit"
    security "$units/$unit" | tail -n 1

    # The control: without the capability bound the same unit is over the threshold.
    sed '/^CapabilityBoundingSet=/d' "$units/$unit" > "$work/$unit"
    if security "$work/$unit" > /dev/null 2>&1; then
        echo "FAILED: $unit with every capability passes as well" >&2
        exit 1
    fi
done

# Of the filter, which an older systemd would read as a list of next to nothing, the drop-in leaves none.
filtered() {
    systemd-analyze security --offline=yes --no-pager --json=short "$1" |
        jq -e '.[] | select(.json_field == "SystemCallFilter_reboot") | .set' > /dev/null
}
cp "$units/sshpermd.service" "$work"
filtered "$work/sshpermd.service" || { echo "FAILED: no filter to begin with" >&2; exit 1; }
mkdir "$work/sshpermd.service.d"
cp "$older" "$work/sshpermd.service.d"
understood "$work/sshpermd.service"
if filtered "$work/sshpermd.service"; then
    echo "FAILED: with $older there is still a filter" >&2
    exit 1
fi
