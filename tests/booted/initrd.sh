#!/usr/bin/env bash
# Prints an initrd for a machine whose kernel has the file system of its disk as a module only: it loads the
# module, and before it those that modules.dep names, mounts the disk and starts what is on it.
# usage: initrd.sh ROOT FILE_SYSTEM > INITRD       ROOT has the kernel's modules and a static busybox
set -euo pipefail
root=$(realpath "$1") type=$2
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

mkdir "$tree/dev" "$tree/disk" "$tree/modules"
cp "$root/bin/busybox" "$tree/busybox"

# "fs/xfs/xfs.ko: lib/a.ko lib/b.ko": what is needed first stands last.
kernel=$(realpath "$root"/lib/modules/*)
number=0
for module in $(grep -E "/$type\.ko[.a-z]*:" "$kernel/modules.dep" | tr -d : | xargs -n 1 | tac); do
    into=$tree/modules/$((number++))
    case $module in
    *.xz) xz -dc "$kernel/$module" > "$into" ;;
    *) cp "$kernel/$module" "$into" ;;
    esac
done
[ $number != 0 ] || { echo "initrd.sh: no module of the kernel is for $type" >&2; exit 1; }

cat > "$tree/init" <<INIT
#!/busybox sh
/busybox mount -t devtmpfs dev /dev
for module in /modules/*; do /busybox insmod \$module; done
until [ -b /dev/nvme0n1 ]; do /busybox sleep 0.1; done
/busybox mount -t $type /dev/nvme0n1 /disk
exec /busybox switch_root /disk /sbin/init
INIT
chmod 755 "$tree/init"
(cd "$tree" && find . | cpio --quiet -o -H newc)
