#!/bin/bash
# On an instance of the image: the daemon is there, and what drifts is repaired and on record. Needs
# the mode "repair", and makes an account of its own for it.
set -euo pipefail
login=sshpermd-proof

systemctl is-active sshpermd
sshpermctl ping

trap 'userdel -r "$login" 2> /dev/null || true' EXIT
useradd -m "$login"
home=$(getent passwd "$login" | cut -d: -f6)
install -d -o "$login" -g "$(id -g "$login")" -m 0700 "$home/.ssh"
chmod 0777 "$home/.ssh"
for _ in $(seq 100); do
    [ "$(stat -c %a "$home/.ssh")" != 700 ] || break
    sleep 0.1
done
[ "$(stat -c %a "$home/.ssh")" = 700 ] || { echo "not repaired within ten seconds" >&2; exit 1; }

on_record() {
    grep -hF '"event":"permission.repaired"' /var/lib/sshpermd/record/*.jsonl | grep -qF "\"name\":\"$login\""
}
for _ in $(seq 100); do
    ! on_record || exit 0
    sleep 0.1
done
echo "repaired, but not on record" >&2
exit 1
