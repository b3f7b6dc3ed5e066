#!/usr/bin/env bash
# As guest.sh, but in a virtual machine with a kernel of its own: for what a container cannot show. It is
# emulated (KVM is not asked for: where it is broken the guest only hangs), and takes half a minute.
# Its kernel does not test its timer: on a busy machine an emulated one fails that and the kernel panics.
# usage: machine.sh BASE SCRIPT [FILE...]       BASE is of `base.sh DIRECTORY machine`; one boot only
# SSHPERMD_BEFORE_BOOT names a program that is given the mounted disk before the machine has it, and
# SSHPERMD_DISK the file system on it: ext4, or xfs.
set -euo pipefail
limit=${SSHPERMD_GUEST_SECONDS:-900} disk=${SSHPERMD_DISK:-ext4}
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
. "$here/guest_root.sh"
base=$(readlink -f "$1")
script=$(readlink -f "$2")
shift 2
work=$(mktemp -d "${base%/*}/machine.XXXXXX")
clean_up() {
    ! mountpoint -q "$work/mounted" || umount "$work/mounted"
    rm -rf --one-file-system "$work"
}
trap clean_up EXIT
trap 'exit 143' TERM INT HUP

with_disk() { # with_disk COMMAND...: while the machine's disk is mounted
    mkdir -p "$work/mounted"
    mount -o loop "$work/disk" "$work/mounted"
    "$@"
    umount "$work/mounted"
}

prepare_root "$base" "$work/root" "$script" "$@"
echo 1 > "$work/root/guest/boot"
kernel=("$work"/root/boot/vmlinuz-*)
cp "${kernel[0]}" "$work/kernel"
truncate -s 2G "$work/disk"
# NVMe and ext4 are built into the kernel, so for ext4 there is no initrd.
boot_from=()
case $disk in
ext4) mke2fs -q -F -t ext4 -d "$work/root" "$work/disk" ;;
xfs)
    mkfs.xfs -q "$work/disk"
    with_disk cp -a "$work/root/." "$work/mounted"
    "$here/initrd.sh" "$work/root" xfs > "$work/initrd"
    boot_from=(-initrd "$work/initrd")
    ;;
*) echo "machine.sh: no way to make a disk with $disk" >&2; exit 125 ;;
esac
rm -rf --one-file-system "$work/root"
[ -z "${SSHPERMD_BEFORE_BOOT:-}" ] || with_disk "$SSHPERMD_BEFORE_BOOT" "$work/mounted"

# No network.
timeout --kill-after=10 "$limit" qemu-system-x86_64 -accel tcg,thread=multi -cpu qemu64 -smp 2 -m 768 \
    -nodefaults -nic none -display none -no-reboot -device virtio-rng-pci \
    -serial "file:$work/console" -serial "file:$work/report" \
    -drive "file=$work/disk,if=none,id=disk,format=raw,cache=unsafe" -device nvme,drive=disk,serial=guest \
    -kernel "$work/kernel" "${boot_from[@]}" \
    -append "console=ttyS0 root=/dev/nvme0n1 rootfstype=$disk rw quiet panic=-1 no_timer_check" || true

tr -d '\r' < "$work/report" > "$work/said"
status=$(sed -n 's/^status: //p' "$work/said" | tail -n 1)
if [ "${status:-125}" != 0 ]; then
    echo "FAILED: ${script##*/} in a virtual machine, status ${status:-unknown}"
    cat "$work/said"
    echo "---- the end of the console"
    tail -n 30 "$work/console"
fi
exit "${status:-125}"
