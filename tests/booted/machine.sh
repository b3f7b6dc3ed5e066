#!/usr/bin/env bash
# As guest.sh, but in a virtual machine with a kernel of its own: for what a container cannot show. It is
# emulated (KVM is not asked for: where it is broken the guest only hangs), and takes half a minute.
# Its kernel does not test its timer: on a busy machine an emulated one fails that and the kernel panics.
# usage: machine.sh BASE SCRIPT [FILE...]       BASE is of `base.sh DIRECTORY machine`; one boot only
# SSHPERMD_BEFORE_BOOT names a program that is given the mounted disk before the machine has it.
set -euo pipefail
limit=${SSHPERMD_GUEST_SECONDS:-900}
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
. "$here/guest_root.sh"
base=$(readlink -f "$1")
script=$(readlink -f "$2")
shift 2
work=$(mktemp -d "${base%/*}/machine.XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 143' TERM INT HUP

prepare_root "$base" "$work/root" "$script" "$@"
echo 1 > "$work/root/guest/boot"
kernel=("$work"/root/boot/vmlinuz-*)
cp "${kernel[0]}" "$work/kernel"
truncate -s 2G "$work/disk"
mke2fs -q -F -t ext4 -d "$work/root" "$work/disk"
rm -rf --one-file-system "$work/root"

if [ -n "${SSHPERMD_BEFORE_BOOT:-}" ]; then
    mkdir "$work/mounted"
    mount -o loop "$work/disk" "$work/mounted"
    trap 'umount "$work/mounted"; rm -rf --one-file-system "$work"' EXIT
    "$SSHPERMD_BEFORE_BOOT" "$work/mounted"
    umount "$work/mounted"
    trap 'rm -rf --one-file-system "$work"' EXIT
fi

# NVMe and ext4 are built into the kernel, so there is no initrd; no network.
timeout --kill-after=10 "$limit" qemu-system-x86_64 -accel tcg,thread=multi -cpu qemu64 -smp 2 -m 768 \
    -nodefaults -nic none -display none -no-reboot -device virtio-rng-pci \
    -serial "file:$work/console" -serial "file:$work/report" \
    -drive "file=$work/disk,if=none,id=disk,format=raw,cache=unsafe" -device nvme,drive=disk,serial=guest \
    -kernel "$work/kernel" \
    -append "console=ttyS0 root=/dev/nvme0n1 rootfstype=ext4 rw quiet panic=-1 no_timer_check" || true

tr -d '\r' < "$work/report" > "$work/said"
status=$(sed -n 's/^status: //p' "$work/said" | tail -n 1)
if [ "${status:-125}" != 0 ]; then
    echo "FAILED: ${script##*/} in a virtual machine, status ${status:-unknown}"
    cat "$work/said"
    echo "---- the end of the console"
    tail -n 30 "$work/console"
fi
exit "${status:-125}"
