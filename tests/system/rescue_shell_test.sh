#!/usr/bin/env bash
# The tool as the first thing in a rescue shell: no environment, no daemon, no network, / read-only or /proc
# not mounted. What is missing is said, with the command that brings it, and nothing crashes.
# usage: SSHPERMD_CTL=... SSHPERMD_PROBE=... namespace.sh rescue_shell_test.sh
set -euo pipefail
root=/srv/shell
tool=/etc/sshpermctl
failed=0

fail() { echo "FAILED: $*"; sed 's/^/    | /' /run/out /run/err; failed=1; }

mkdir -p $root /srv/state
cp "$SSHPERMD_CTL" $tool
cp "$SSHPERMD_PROBE" /etc/readiness-probe
chmod 0755 $tool /etc/readiness-probe
echo 'alice:x:20001:20001::/home/alice:/bin/sh' >> /etc/passwd
echo 'alice:x:20001:' >> /etc/group
install -d -o 20001 -g 20001 -m 0700 /home/alice /home/alice/.ssh
ssh-keygen -q -t ed25519 -N '' -C alice -f /run/key
install -o 20001 -g 20001 -m 0600 /run/key.pub /home/alice/.ssh/authorized_keys
install -o 20001 -g 20001 -m 0600 /run/key.pub /home/alice/new.pub

mount --bind / $root
for dir in /etc /home /var /dev; do mount --bind $dir $root$dir; done

# As init=/bin/bash leaves it: nothing in the environment.
in_shell() { chroot $root /usr/bin/env -i "$@" < /dev/null > /run/out 2> /run/err; }

# expect STATUS TEXT ARGUMENT...     the text is anywhere in what is said
expect() {
    local wanted=$1 text=$2 status=0
    shift 2
    in_shell $tool "$@" || status=$?
    [ $status = "$wanted" ] || fail "$*: status $status instead of $wanted"
    [ -z "$text" ] || grep -qF -- "$text" /run/out /run/err || fail "$*: does not say \"$text\""
    ! grep -q $'\033' /run/out /run/err || fail "$*: an escape sequence"
    ! grep -qE 'Sanitizer|terminate called' /run/err || fail "$*: a crash"
}

# The verdict is to be seen on a screen of 80 columns and 24 lines. (Without a journal the event, a line
# of JSON, goes to standard error.)
is_narrow() {
    local wide
    wide=$(awk 'length > 80 && !/^{/' /run/out /run/err | head -n 3)
    [ -z "$wide" ] || fail "$1: wider than 80 columns: $wide"
}
fits() {
    is_narrow "$1"
    [ "$(wc -l < /run/out)" -le 24 ] || fail "$1: more than 24 lines"
}

# on_console STATUS TEXT ARGUMENT...     what is said there is not one line each, as in a pipe
on_console() {
    local wanted=$1 text=$2 status=0
    shift 2
    script -qec "chroot $root /usr/bin/env -i $tool $*" /run/console < /dev/null > /dev/null || status=$?
    sed '1d;$d' /run/console | tr -d '\r' > /run/out
    : > /run/err
    [ $status = "$wanted" ] || fail "$* on a console: status $status instead of $wanted"
    tr -s ' \n' ' ' < /run/out | grep -qF -- "$text" || fail "$* on a console: does not say \"$text\""
    fits "$* on a console"
}

# ---- without /proc (a sanitizer cannot do without it, so the probe asks) ----
in_shell /etc/readiness-probe && fail "without /proc nothing is missing"
grep -qxF "/proc is not mounted: mount -t proc proc /proc" /run/out || fail "does not say how /proc comes"

# ---- / read-only, /run empty and on it ----
mount -t proc proc $root/proc
for dir in "" /etc /home /var; do mount -o remount,bind,ro $root$dir; done
chmod 0666 /home/alice/.ssh/authorized_keys
for words in "repair" "repair alice" "repair --recursive alice" "repair --create alice" "repair --sshd" \
    "add-key alice /home/alice/new.pub"; do
    # shellcheck disable=SC2086
    expect 5 "/ is read-only: mount -o remount,rw /" $words
    fits "$words"
done
expect 1 "/home/alice/.ssh/authorized_keys" check alice
fits check
expect 1 "should be 0600" repair --dry-run alice
fits "repair --dry-run"
expect 0 "sshpermctl " version
expect 0 "ED25519" keys alice
fits keys
expect 0 "ED25519" check-key /home/alice/new.pub
expect 0 "home_roots" config show
expect 0 "built-in" config check
expect 0 "{" config suggest
for words in "" repair check explain keys check-key add-key undo status users events pause resume reload forget \
    metrics config "config show" "config check" "config suggest" version; do
    # shellcheck disable=SC2086
    expect 0 "Usage" $words --help
    is_narrow "$words --help"
done
for words in status users events "pause --for 5m --reason rescue" resume reload metrics; do
    # shellcheck disable=SC2086
    on_console 3 "no daemon answers" $words
done
on_console 2 "need exactly one USER" repair --recursive
on_console 2 "--for needs a duration" pause --for never --reason none
on_console 2 "unknown command" repaired
on_console 5 "/ is read-only: mount -o remount,rw /" repair alice
on_console 1 "no key" check-key /etc/passwd
expect 1 "REFUSED" explain alice
fits explain
expect 3 "no daemon answers" status

# ---- / can be written, /run is an empty one in memory: all works ----
for dir in "" /etc /home /var; do mount -o remount,bind,rw $root$dir; done
mount -t tmpfs -o mode=0755 tmpfs $root/run
expect 0 "" repair alice
fits repair
[ "$(stat -c %a /home/alice/.ssh/authorized_keys)" = 600 ] || fail "repair: the key file is still open"
# As at every boot, by the user data of an instance: the second time there is nothing to say.
expect 0 "" repair -q alice
[ -z "$(cat /run/out /run/err)" ] || fail "repair -q, once more: says something"
expect 0 "" repair alice
[ "$(wc -l < /run/out)" -le 1 ] || fail "repair, once more: more than a line"
expect 0 "" repair --recursive alice
fits "repair --recursive"
expect 0 "nothing is missing" repair --create alice
expect 0 "" add-key alice /home/alice/new.pub
fits add-key
expect 0 "" undo
fits undo

umount -R $root 2> /dev/null || umount -l $root
[ $failed = 0 ] && echo "ok: a rescue shell is enough, or it is said what is missing"
exit $failed
