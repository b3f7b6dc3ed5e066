#!/usr/bin/env bash
# Ten accounts on another machine's disk, each broken in its way, and repaired by SSHPERMD_CTL; an eleventh
# is left broken, as the control.
# usage: break_and_repair.sh DISK       mounted there
set -euo pipefail
disk=$1

for i in {0..10}; do
    id=$((20000 + i)) home=$disk/home/u$i
    echo "u$i:x:$id:$id::/home/u$i:/bin/sh" >> "$disk/etc/passwd"
    echo "u$i:x:$id:" >> "$disk/etc/group"
    echo "u$i:*:20000:0:99999:7:::" >> "$disk/etc/shadow"
    install -d -o $id -g $id -m 0700 "$home" "$home/.ssh"
    install -o $id -g $id -m 0600 "$disk/guest/in/key.pub" "$home/.ssh/authorized_keys"
done

chain() { echo "$disk/home/u$1" "$disk/home/u$1/.ssh" "$disk/home/u$1/.ssh/authorized_keys"; }
keys() { echo "$disk/home/u$1/.ssh/authorized_keys"; }
# shellcheck disable=SC2046
{
    chmod 777 $(chain 0)
    chmod 000 $(keys 1) "$disk/home/u1/.ssh" "$disk/home/u1"
    chown 0:0 $(chain 2)
    chmod 700 $(chain 2)
    chown 0:0 $(keys 3) && chmod 600 $(keys 3)
    chown 0:0 "$disk/home/u4/.ssh"
    chmod 666 $(keys 5)
    chmod 775 "$disk/home/u6"
    chmod 000 $(keys 7)
    chown 1005:1005 $(chain 8)
    chmod 400 "$disk/home/u9/.ssh"
    chmod 777 $(chain 10)
}

! "$SSHPERMD_CTL" check --root "$disk" > /dev/null || { echo "FAILED: nothing is found wrong"; exit 1; }
"$SSHPERMD_CTL" repair --root "$disk" u{0..9}
"$SSHPERMD_CTL" check -q --root "$disk" u{0..9}
