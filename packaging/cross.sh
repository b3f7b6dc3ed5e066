#!/usr/bin/env bash
# Runs a command in a root directory of Debian 12 that compiles for arm64 and wraps what comes out; on
# an amd64 machine of Debian's, which itself gets no foreign package. The root is made at first and kept
# until the list below changes. In it /source is these sources (not to be written) and /arm64 is build/arm64.
# usage: cross.sh COMMAND...
# Another place than build/arm64 is in $SSHPERMD_ARM64.
set -euo pipefail
source=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
work=$(realpath -m "${SSHPERMD_ARM64:-$source/build/arm64}")
. "$source/tests/booted/mirror.sh"

die() { echo "packaging: $1" >&2; exit 1; }

# Tools are this machine's, libraries are arm64's; of header-only ones there is but one. qemu is for the test.
packages="g++-aarch64-linux-gnu cmake ninja-build pkg-config debhelper dpkg-dev fakeroot rpm debugedit elfutils file
 lintian rpmlint systemd openssh-server openssh-client iproute2 nlohmann-json3-dev libcli11-dev catch2 qemu-user-static
 libboost-dev:arm64 libspdlog-dev:arm64 libfmt-dev:arm64 libssl-dev:arm64 libsystemd-dev:arm64"

make_root() {
    [ "$(cat "$work/made_of" 2> /dev/null)" != "$packages" ] || return 0
    echo "packaging: making the root directory for arm64 in $work" >&2
    rm -rf --one-file-system "$work/root"
    mkdir -p "$work"
    # In a mount namespace of its own: nothing stays mounted when it is ended.
    unshare --mount --propagation private mmdebstrap --quiet --variant=minbase --architectures=amd64,arm64 \
        --include="$(echo $packages | tr ' ' ',')" \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        --dpkgopt='path-exclude=/usr/bin/qemu-*' --dpkgopt='path-include=/usr/bin/qemu-aarch64-static' \
        bookworm "$work/root" "$(mirror)" > "$work/log" 2>&1 < /dev/null || { tail -n 20 "$work/log" >&2; die "no root directory"; }
    rm -rf "$work"/root/var/cache/apt/*.bin "$work"/root/var/lib/apt/lists/*
    echo "$packages" > "$work/made_of"
}

[ $# -gt 0 ] || { sed -n 's/^# usage: /usage: /p' "$0" >&2; exit 2; }
[ "$(id -u)" = 0 ] || die "a root directory of another architecture needs root"
[ "$(. /etc/os-release && echo "$ID") $(dpkg --print-architecture)" = "debian amd64" ] ||
    die "packages for arm64 are made on Debian on amd64, or natively"
command -v mmdebstrap > /dev/null || die "no mmdebstrap on this machine (./dev setup cross installs it)"
make_root
export root=$work/root source work
exec unshare --mount --pid --net --fork --kill-child --propagation private bash -euc '
    mount --bind "$root" "$root" # a root is a mount point: tests make theirs private
    mkdir -p "$root/source" "$root/arm64"
    mount --bind -o ro "$source" "$root/source"
    mount --bind "$work" "$root/arm64"
    mount -t proc proc "$root/proc"
    exec env -i HOME=/root LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        SSHPERMD_CROSS=arm64 CMAKE_TOOLCHAIN_FILE=/source/packaging/aarch64.cmake OBJDUMP=aarch64-linux-gnu-objdump \
        chroot "$root" "$@"' cross "$@"
