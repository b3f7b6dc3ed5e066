# The root directory of a guest, and the unit in it that runs a test's script; sourced by those that make one.

# roomy DIRECTORY: a directory in memory where programs can be run, if there is one with room; else DIRECTORY.
roomy() {
    local memory=/dev/shm
    if [ "$(df --output=avail $memory 2> /dev/null | tail -n 1)" -gt 2000000 ] 2> /dev/null &&
        ! findmnt -no OPTIONS -T $memory | tail -n 1 | grep -qE '\b(noexec|nodev|nosuid)\b'; then
        echo $memory
    else
        echo "$1"
    fi
}

# prepare_root BASE ROOT SCRIPT [FILE...]: a copy of BASE that runs SCRIPT; the files are in /guest/in.
prepare_root() {
    local base=$1 root=$2 script=$3
    shift 3
    cp -a --reflink=auto "$base" "$root"
    mkdir -p "$root/guest/in" "$root/guest/out"
    cp "$script" "$root/guest/script.sh"
    cp "$(dirname "${BASH_SOURCE[0]}")/guest_words.sh" "$root/guest/"
    [ $# = 0 ] || cp -rL "$@" "$root/guest/in/"
    cat > "$root/etc/systemd/system/guest.service" <<'UNIT'
[Unit]
Description=the script of this test
After=basic.target
SuccessAction=poweroff-force
FailureAction=poweroff-force
[Service]
Type=exec
WorkingDirectory=/guest
Environment=HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive
ExecStart=/bin/bash -c 'BOOT=$$(cat boot) bash -euo pipefail -c ". ./guest_words.sh; . ./script.sh" >> out/log 2>&1 < /dev/null; echo $$? > status'
ExecStopPost=-/bin/sh -c 'journalctl --sync; journalctl -b -o short-precise > out/journal; sync'
ExecStopPost=-/bin/sh -c 'test ! -c /dev/ttyS1 || { tail -n 60 out/journal; cat out/log; echo status: $$(cat status); } > /dev/ttyS1'
UNIT
    mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
    ln -sf ../guest.service "$root/etc/systemd/system/multi-user.target.wants/guest.service"
}
