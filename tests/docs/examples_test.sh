#!/bin/bash
# The examples for the one who is locked out, as sshpermctl(1) has them, are run word by word: on a
# machine with a console, and on a disk that hangs on another machine.
# usage: examples_test.sh SSHPERMCTL SOURCE_DIRECTORY
set -euo pipefail

outside() {
    [ "$(id -u)" = 0 ] || { echo "SKIPPED: needs root, for a machine to throw away" >&2; exit 77; }
    local source self manual status=0
    SSHPERMD_CTL=$(readlink -f "$1") source=$(readlink -f "$2")
    self=$(readlink -f "$0")
    export SSHPERMD_CTL
    manual=$(mktemp /var/tmp/sshpermctl.XXXXXX)
    trap 'rm -f "$manual"' EXIT
    cat "$source/docs/man/sshpermctl.1" > "$manual"
    "$source/tests/system/namespace.sh" "$self" --inside "$manual" || status=$?
    exit "$status"
}

failures=0
fail() { echo "FAILED: $*" >&2; failures=$((failures + 1)); }
is() { [ "$1" = "$2" ] || fail "$3: $2 instead of $1"; }

# example SUBSECTION NUMBER: that of its literal blocks
example() {
    awk -v title=".Ss $1" -v wanted="$2" '
        /^\.S[sh] / { here = $0 == title }
        here && /^\.Ed/ { inside = 0 }
        inside && number == wanted
        here && /^\.Bd -literal/ { inside = 1; ++number }
    ' "$manual" > /run/example
    [ -s /run/example ] || { echo "FAILED: $1 has no example $2" >&2; exit 1; }
    cat /run/example
}

make_account() {
    userdel -r "$1" > /dev/null 2>&1 || true
    rm -rf /var/lib/sshpermd
    useradd -m "$1"
    install -d -o "$1" -g "$1" -m 0700 "/home/$1" "/home/$1/.ssh"
    install -o "$1" -g "$1" -m 0600 /run/own.pub "/home/$1/.ssh/authorized_keys"
    sshpermctl repair > /run/said 2>&1
}

targets() { stat -c '%a %u' "$1/home/alice" "$1/home/alice/.ssh" "$1/home/alice/.ssh/authorized_keys" | xargs; }

# Looks at the keys and opens them, with the hash that the last command has printed.
vouch() {
    local hash
    hash=$(sed -n 's/.*\(--trust-content=SHA256:[^ ]*\) alice$/\1/p' /run/said | head -n 1)
    [ -n "$hash" ] || fail "$case: no command is printed: $(cat /run/said)"
    example "$console" 2 | sed "s|--trust-content=SHA256:\.\.\.|$hash|" > /run/commands
    bash -e /run/commands > /run/said 2>&1 || fail "$case: $(cat /run/said)"
}

test_console() {
    local console="Locked out, with a serial console" status=0 uid
    case="everything at 0777"
    make_account alice
    uid=$(id -u alice)
    chmod -R 0777 /home/alice
    example "$console" 1 > /run/commands
    bash -e /run/commands > /run/said 2>&1 || status=$?
    is 1 "$status" "$case: the check, which comes first"
    bash /run/commands > /run/said 2>&1 || fail "$case: $(cat /run/said)"
    is "700 $uid 700 $uid 600 $uid" "$(targets '')" "$case"

    case="a stranger's key"
    chmod 0777 /home/alice/.ssh
    cat /run/stranger.pub >> /home/alice/.ssh/authorized_keys
    status=0
    sshpermctl repair > /run/said 2> /dev/null || status=$?
    is 1 "$status" "$case"
    is "700 $uid 700 $uid 0 $uid" "$(targets '')" "$case is let in"
    status=0
    bash /run/commands > /run/said 2> /dev/null || status=$?
    is 1 "$status" "$case, seen again"
    vouch
    grep -qF "$(cat /run/stranger.pub)" /run/said || fail "$case was not shown"
    is "700 $uid 700 $uid 600 $uid" "$(targets '')" "$case, vouched for"

    case="all of it somebody else's"
    make_account alice
    uid=$(id -u alice)
    make_account bob
    rm -r /var/lib/sshpermd
    chown -R bob: /home/alice
    status=0
    sshpermctl repair alice > /run/said 2>&1 || status=$?
    is 1 "$status" "$case"
    example "$console" 3 > /run/commands
    status=0
    bash -e /run/commands > /run/said 2>&1 || status=$?
    is 1 "$status" "$case, taken back"
    is "700 $uid 700 $uid 0 $uid" "$(targets '')" "$case, taken back"
    vouch
    is "700 $uid 700 $uid 600 $uid" "$(targets '')" "$case, vouched for"
}

# A disk without sshpermctl.
make_disk() {
    local disk=/run/disk
    mkdir -p $disk/{etc,proc,run,tmp,home,var/lib}
    cp /etc/login.defs /etc/machine-id $disk/etc 2> /dev/null || true
    # Another uid than alice has here: the disk's own accounts must count.
    printf '%s\n' root:x:0:0::/root:/bin/sh alice:x:1777:1777::/home/alice:/bin/sh > $disk/etc/passwd
    printf '%s\n' root:x:0: alice:x:1777: > $disk/etc/group
    echo 'passwd: files' > $disk/etc/nsswitch.conf
    install -d -o 1777 -g 1777 -m 0700 $disk/home/alice $disk/home/alice/.ssh
    install -o 1777 -g 1777 -m 0600 /run/own.pub $disk/home/alice/.ssh/authorized_keys
}

test_disk() {
    case="a disk from another machine"
    make_disk
    chmod -R 0777 /run/disk/home/alice
    example "Locked out, with the disk in another machine" 1 |
        sed 's|^mount /dev/[a-z0-9]* |mount --bind /run/disk |' > /run/commands
    grep -q 'mount --bind /run/disk /mnt' /run/commands || fail "$case: nothing is mounted"
    bash -e /run/commands > /run/said 2>&1 || fail "$case: $(cat /run/said)"
    is "700 1777 700 1777 600 1777" "$(targets /run/disk)" "$case"
    ! mountpoint -q /mnt || fail "$case is still mounted"
    grep -qF '"event":"permission.repaired"' /run/said || fail "$case: no events on standard error"
    [ ! -e /run/disk/var/lib/sshpermd ] || fail "$case: something is left on the disk"
}

inside() {
    manual=$1
    mkdir /run/bin
    ln -s "$SSHPERMD_CTL" /run/bin/sshpermctl
    export PATH=/run/bin:/usr/sbin:/usr/bin:/sbin:/bin
    local name
    for name in own stranger; do
        ssh-keygen -q -t ed25519 -N '' -C "$name" -f "/run/$name"
    done
    test_console
    test_disk
    [ "$failures" = 0 ] || exit 1
    echo "whoever is locked out gets in by the examples"
}

if [ "${1:-}" = --inside ]; then
    inside "$2"
else
    outside "$@"
fi
