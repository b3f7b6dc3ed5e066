#!/usr/bin/env bash
# Boots a fresh copy of the base with systemd as PID 1, in a container without a network, and runs one
# script in it as root. The script's exit status is this one's; 125 if it never got to its end.
# usage: guest.sh BASE SCRIPT [FILE...]
#   In the guest: /guest/script.sh, the files in /guest/in, $BOOT counts its boots from 1; a script that
#   does `again` and ends with 0 is run once more after a reboot. What stays in /guest/out is shown
#   when it fails.
set -euo pipefail
limit=${SSHPERMD_GUEST_SECONDS:-120}
most_boots=6

die() { echo "guest: $1" >&2; exit 125; }
[ "$EUID" = 0 ] || die "needs root to boot a system"

here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
. "$here/guest_root.sh"
base=$(readlink -f "$1")
script=$(readlink -f "$2")
shift 2
# The root in memory where there is room, the homes on a disk in any case.
homes=$(mktemp -d "${base%/*}/homes.XXXXXX")
work=$(mktemp -d "$(roomy "${base%/*}")/sshpermd-guest.XXXXXX")
root=$work/root
child=

finish() {
    [ -z "$child" ] || { kill "$child" && wait "$child"; } 2> /dev/null || true
    rm -rf --one-file-system "$work" "$homes"
}
trap finish EXIT
trap 'exit 143' TERM INT HUP

# A mount namespace with a pure cgroup2, as systemd wants it, and a group of our own in it. Without
# "bpf @keyring" the guest would silently not apply IPAddressDeny= and DevicePolicy=.
boot() {
    root=$root work=$work homes=$homes timeout --kill-after=10 "$limit" \
        unshare --mount --propagation private bash -euc '
        umount -R /sys/fs/cgroup
        mount -t cgroup2 cgroup2 /sys/fs/cgroup
        group=/sys/fs/cgroup/sshpermd-guest-${work##*.}
        mkdir "$group"
        echo $$ > "$group/cgroup.procs"
        clean() {
            trap "" TERM INT
            echo $$ > /sys/fs/cgroup/cgroup.procs
            echo 1 > "$group/cgroup.kill" || :
            sleep 0.1
            find "$group" -depth -type d -exec rmdir {} + || :
        }
        trap clean EXIT
        trap "exit 143" TERM INT
        systemd-nspawn --quiet --register=no --keep-unit --private-network --boot \
            --system-call-filter="bpf @keyring" --resolv-conf=off --timezone=off --link-journal=no \
            --machine="sshpermd-${work##*.}" --hostname=guest --bind="$homes:/home" -D "$root" < /dev/null &
        wait $!' >> "$work/console" 2>&1 &
    child=$!
    wait "$child" || true
    child=
}

chmod 755 "$homes"
prepare_root "$base" "$root" "$script" "$@"

for ((number = 1; number <= most_boots; number++)); do
    echo "$number" > "$root/guest/boot"
    rm -f "$root/guest/status" "$root/guest/again"
    boot
    status=$(cat "$root/guest/status" 2> /dev/null || echo 125)
    [ "$status" = 0 ] && [ -e "$root/guest/again" ] || break
done
if [ "$status" != 0 ]; then
    echo "FAILED: ${script##*/}, boot $number, status $status"
    echo "---- log"; cat "$root/guest/out/log" 2> /dev/null || true
    echo "---- the end of the journal"; tail -n 60 "$root/guest/out/journal" 2> /dev/null || true
    echo "---- the end of the console"; tail -n 20 "$work/console" || true
fi
exit "$status"
