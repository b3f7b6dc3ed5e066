#!/usr/bin/env bash
# Runs a command in packaging/cross.sh's root directory, where the kernel gives every program for aarch64
# to qemu. That is said in a user namespace of its own (Linux 6.7), so this machine runs none; and what is
# changed in the root is gone in the end. As there, /source is the sources and /arm64 is ARM64.
# usage: emulated.sh SOURCE ARM64 COMMAND...
set -euo pipefail
source=$(readlink -f "$1") work=$(readlink -f "$2")
shift 2

# All users of the machine are there, and are who they are outside.
unshare --user sleep infinity &
holder=$!
trap 'exit 143' TERM INT HUP
trap 'kill $holder 2> /dev/null || true' EXIT
until [ "$(readlink /proc/$holder/ns/user)" != "$(readlink /proc/self/ns/user)" ]; do sleep 0.01; done
for map in uid_map gid_map; do echo "0 0 4294967295" > /proc/$holder/$map; done

magic='\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00'
mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
changed=$(mktemp -d "$work/changed.XXXXXX")
trap 'kill $holder 2> /dev/null || true; rm -rf --one-file-system "$changed"' EXIT
mkdir "$changed/upper" "$changed/work" "$changed/root" "$changed/tmp"
chmod 0755 "$changed" "$changed"/*
export source work changed binfmt=":aarch64:M::$magic:$mask:$work/root/usr/bin/qemu-aarch64-static:F"
nsenter --target $holder --user --setuid 0 --setgid 0 \
    unshare --mount --pid --net --fork --kill-child --propagation private bash -euc '
    root=$changed/root
    mount -t overlay -o "userxattr,lowerdir=$work/root,upperdir=$changed/upper,workdir=$changed/work" overlay "$root"
    mkdir -p "$root/source" "$root/arm64"
    mount --rbind -o ro "$source" "$root/source"
    mount --rbind "$work" "$root/arm64"
    mount --bind "$changed/tmp" "$root/var/tmp" # a real file system
    mount --rbind /dev "$root/dev"
    mount -t proc proc "$root/proc"
    mount -t binfmt_misc none "$root/proc/sys/fs/binfmt_misc"
    echo "$binfmt" > "$root/proc/sys/fs/binfmt_misc/register"
    exec env -i HOME=/root LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$root" "$@"' emulated "$@"
