#!/usr/bin/env bash
# A disk that is broken in ten ways, repaired from outside, and then booted in a virtual machine whose
# accounts log in by key: one with ext4, and one with xfs. Only where SSHPERMD_LONG asks for it.
# usage: rescue_test.sh SSHPERMCTL WORK
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
SSHPERMD_CTL=$(readlink -f "$1") work=$(realpath -m "$2")
export SSHPERMD_CTL

skip() { echo "SKIPPED: $1"; exit 77; }
[ "${SSHPERMD_LONG:-0}" = 1 ] || skip "an emulated machine takes minutes (./dev test --long)"
[ "$(id -u)" = 0 ] || { echo "FAILED: mounting a disk needs root"; exit 1; }
for tool in mmdebstrap qemu-system-x86_64 mke2fs mkfs.xfs cpio ssh-keygen; do
    command -v $tool > /dev/null || skip "no $tool on this machine (./dev setup long installs it)"
done

base=$("$here/base.sh" "$work" machine | tail -n 1)
inputs=$(mktemp -d "$work/in.XXXXXX")
trap 'rm -rf "$inputs"' EXIT
ssh-keygen -q -t ed25519 -N '' -C rescued -f "$inputs/key"
export SSHPERMD_BEFORE_BOOT=$here/break_and_repair.sh
for disk in ext4 xfs; do
    echo $disk > "$inputs/disk"
    SSHPERMD_DISK=$disk "$here/machine.sh" "$base" "$here/rescued.sh" "$inputs"/{disk,key,key.pub}
    echo "ok: ten broken accounts were repaired on a disk with $disk and log in once it is booted"
done
