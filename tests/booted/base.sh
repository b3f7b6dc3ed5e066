#!/usr/bin/env bash
# Makes the root directory that every booted test starts from a copy of: a small system with systemd
# as its PID 1, sshd, rpm, and what our packages depend on; in a container's is cloud-init, too, and off.
# Kept until this file changes.
# usage: base.sh DIRECTORY [container|machine]       prints the path of the base; a machine's has a kernel
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
. "$here/guest_root.sh"
. "$here/mirror.sh"

packages="systemd systemd-sysv dbus libpam-systemd openssh-server openssh-client rpm jq acl procps
 iproute2 passwd libssl3 libstdc++6 libsystemd0"

container_packages="cloud-init"
machine_packages="udev kmod linux-image-cloud-amd64 busybox-static"

make_base() {
    local root=$1 suite=$2 from
    from=$(mirror)
    # shellcheck disable=SC2086
    # In a mount namespace of its own: nothing stays mounted when it is ended.
    INITRD=No unshare --mount mmdebstrap --quiet --variant=minbase --skip=check/empty \
        --include="$(echo $packages | tr ' ' ',')" \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
        --dpkgopt='path-exclude=/usr/share/doc/*' \
        "$suite" "$root" "$from"
    rm -rf "$root"/var/cache/apt/*.bin "$root"/var/lib/apt/lists/*
    : > "$root/etc/machine-id"
    [ ! -d "$root/etc/cloud" ] || touch "$root/etc/cloud/cloud-init.disabled" # a test that wants it says so
    : > "$root/etc/fstab"
    rm -f "$root/etc/resolv.conf"
    echo guest > "$root/etc/hostname"
    printf '127.0.0.1 localhost guest\n' > "$root/etc/hosts"
    # The journal survives a reboot, keeps everything and is on disk at once.
    mkdir -p "$root/etc/systemd/journald.conf.d"
    printf '[Journal]\nStorage=persistent\nRateLimitIntervalSec=0\nSyncIntervalSec=1s\n' \
        > "$root/etc/systemd/journald.conf.d/guest.conf"
    local unit
    for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
        e2scrub_reap.service fstrim.timer systemd-timesyncd.service systemd-networkd-wait-online.service; do
        ln -sf /dev/null "$root/etc/systemd/system/$unit"
    done
}

directory=$(realpath -m "$1")
suite=$(release)
kind=${2:-container}
case $kind in container) packages+=" $container_packages" ;; machine) packages+=" $machine_packages" ;; esac
base=$directory/$kind.$({ echo "$suite"; cat "$0"; } | sha256sum | cut -c1-16)
mkdir -p "$directory"
exec 9> "$directory/lock" # one at a time
flock 9
if [ ! -d "$base" ]; then
    rm -rf --one-file-system "$directory/$kind".*
    # In memory where there is room: installing is many small files.
    work=$(mktemp -d "$(roomy "$directory")/sshpermd-base.XXXXXX")
    trap 'rm -rf --one-file-system "$work"' EXIT
    make_base "$work/root" "$suite" >&2 9>&-
    cp -a "$work/root" "$base.new"
    mv "$base.new" "$base"
fi
echo "$base"
