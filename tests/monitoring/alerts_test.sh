#!/bin/bash
# chmod on one machine, an alert on another: the examples of packaging/monitoring with the programs that
# people run (journald, rsyslog, systemd-journal-upload and -remote, node_exporter, Prometheus,
# Alertmanager), on three machines in namespaces of their own.
# usage: alerts_test.sh SSHPERMD SSHPERMCTL SOURCE_DIRECTORY TOOLS_DIRECTORY
set -euo pipefail

outside() {
    [ "$(id -u)" = 0 ] || { echo "SKIPPED: needs root, for machines to throw away" >&2; exit 77; }
    local tool source tools
    child=
    for tool in journalctl logger openssl curl jq useradd ip ss unshare nsenter setpriv; do
        command -v "$tool" > /dev/null || { echo "SKIPPED: no $tool on this machine" >&2; exit 77; }
    done
    [ -x /lib/systemd/systemd-journald ] || { echo "SKIPPED: no systemd-journald on this machine" >&2; exit 77; }
    source=$(readlink -f "$3")
    "$source/tests/monitoring/tools.sh" "$4"
    tools=$(readlink -f "$4")
    SSHPERMD_DAEMON=$(readlink -f "$1") SSHPERMD_CTL=$(readlink -f "$2")
    export SSHPERMD_DAEMON SSHPERMD_CTL
    # In the background, because a signal interrupts `wait` and nothing else.
    SSHPERMD_TEST_STORE=$(mktemp -d /var/tmp/sshpermd-alerts.XXXXXX)
    export SSHPERMD_TEST_STORE
    trap 'kill -KILL "$child" 2> /dev/null || true; wait; rm -rf --one-file-system "$SSHPERMD_TEST_STORE"' EXIT
    trap 'exit 143' INT TERM HUP
    unshare --mount --net --pid --fork --kill-child --mount-proc -- \
        "$BASH" "$(readlink -f "$0")" --inside "$source" "$tools" &
    child=$!
    local status=0
    wait "$child" || status=$?
    exit "$status"
}

# The machines cover /tmp, /root, /run and /home, so what they need is bound where they do not.
inside() {
    mount -t tmpfs tmpfs /mnt
    mkdir /mnt/source /mnt/tools /mnt/bin /mnt/pki
    mount --bind "$1" /mnt/source
    mount --bind "$2" /mnt/tools
    touch /mnt/bin/sshpermd /mnt/bin/sshpermctl
    mount --bind "$SSHPERMD_DAEMON" /mnt/bin/sshpermd
    mount --bind "$SSHPERMD_CTL" /mnt/bin/sshpermctl
    ip link set lo up
    ip link add site0 type bridge
    ip addr add 10.77.0.254/24 dev site0
    ip link set site0 up
    # Debian's Alertmanager looks for its templates here, and nowhere else.
    local share=/mnt/tools/root/usr/share
    if [ -d $share/prometheus ]; then
        mount -t overlay -o lowerdir=$share:/usr/share overlay /usr/share ||
            { echo "SKIPPED: no overlays on this machine, and Alertmanager is not installed" >&2; exit 77; }
    fi
    PYTHONPATH=/mnt/source/tests exec python3 -B /mnt/source/tests/monitoring/alerts_test.py
}

if [ "$1" = --inside ]; then shift; inside "$@"; else outside "$@"; fi
