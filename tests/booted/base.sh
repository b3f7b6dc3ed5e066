#!/usr/bin/env bash
# Makes the root directory that every booted test starts from a copy of: a small system with systemd
# as its PID 1, sshd, rpm, and what our packages depend on. Kept until this file changes.
# usage: base.sh DIRECTORY [container|machine]       prints the path of the base; a machine's has a kernel
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/guest_root.sh"

packages="systemd systemd-sysv dbus libpam-systemd openssh-server openssh-client rpm jq acl procps
 iproute2 passwd libssl3 libstdc++6 libsystemd0"

machine_packages="udev kmod linux-image-cloud-amd64"

# As this machine: its release, from where it gets its own packages.
release() { (. /etc/os-release && echo "$VERSION_CODENAME"); }
mirror() {
    # shellcheck disable=SC2016  # apt's words, not the shell's
    apt-get indextargets --format '$(SITE)' "Codename: $1" 'Created-By: Packages' | sed -n 1p | grep . ||
        { echo "base: apt knows no mirror for $1 (apt-get update?)" >&2; return 1; }
}

make_base() {
    local root=$1 suite=$2 from
    from=$(mirror "$suite")
    # shellcheck disable=SC2086
    INITRD=No mmdebstrap --quiet --variant=minbase --skip=check/empty \
        --include="$(echo $packages | tr ' ' ',')" \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
        --dpkgopt='path-exclude=/usr/share/doc/*' \
        "$suite" "$root" "$from"
    rm -rf "$root"/var/cache/apt/*.bin "$root"/var/lib/apt/lists/*
    : > "$root/etc/machine-id"
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
        e2scrub_reap.service fstrim.timer systemd-timesyncd.service; do
        ln -sf /dev/null "$root/etc/systemd/system/$unit"
    done
}

directory=$(realpath -m "$1")
suite=$(release)
kind=${2:-container}
[ "$kind" = container ] || packages+=" $machine_packages"
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
