#!/usr/bin/env bash
# Runs a command as root on a throw-away machine: private mount, network and process namespaces
# in which /home, /srv, /etc, /var, /run, /root and /tmp can be changed and nothing outside is.
#
#   namespace.sh COMMAND [ARGUMENT...]
#
# /home and /srv lie on a real file system (a directory in /var/tmp, or in $SSHPERMD_TEST_STORE);
# /etc and /var are overlays, so that accounts can be added as useradd does it, by rename.
# COMMAND and what SSHPERMD_DAEMON, _CTL, _PROBE and _NSS_MODULE name are bound into /run,
# so they may lie anywhere, below /home too. The command's exit status is this script's.
#
# One setting is the whole machine's, outside too: fs.protected_hardlinks. A test that changes it
# holds /run/machine-lock and writes what was into that file; what is left of a killed one is put
# right by a keeper outside.
set -euo pipefail

PATH=$PATH:/usr/sbin:/sbin
program=${0##*/}
machine_lock=/run/sshpermd-tests.lock

die() {
    echo "$program: $1" >&2
    exit 1
}

outside() {
    [[ $# -gt 0 ]] || die "usage: $program COMMAND [ARGUMENT...]"
    [[ $EUID -eq 0 ]] || die "needs root to make namespaces and mounts; run it with sudo"
    local tool
    for tool in unshare mount setpriv ip flock; do
        command -v "$tool" >/dev/null || die "needs $tool (packages util-linux, mount, iproute2)"
    done
    [[ -d /home && -d /srv ]] || die "needs the directories /home and /srv to mount over"

    store=$(mktemp -d "${SSHPERMD_TEST_STORE:-/var/tmp}/sshpermd.XXXXXX")
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    mkdir -m 0755 "$store/home" "$store/srv"
    touch "$machine_lock" "$store/machine-lock"
    mkfifo "$store/alive"
    (keep_machine_setting <"$store/alive" &>/dev/null &)
    exec 8>"$store/alive"

    # In the background, because a signal interrupts `wait` and nothing else.
    local self status=0
    self=$(readlink -f -- "$0")
    setpriv --pdeathsig KILL \
        unshare --mount --net --pid --ipc --fork --kill-child --mount-proc \
        -- "$BASH" "$self" --inside "$store" "$@" <&0 &
    child=$!
    wait "$child" || status=$?
    exit "$status"
}

# Outlives all others: sees the end of who holds the pipe, then waits for who holds the lock.
keep_machine_setting() {
    trap '' INT TERM HUP
    cat
    exec 9<>"$machine_lock"
    flock 9
    if [[ -s $machine_lock ]]; then
        cat "$machine_lock" >/proc/sys/fs/protected_hardlinks
        : >"$machine_lock"
    fi
}

# Ends what still runs, then removes the store; the last processes may take a moment to go.
# shellcheck disable=SC2317  # called by the trap
clean_up() {
    if [[ -n ${child:-} ]] && kill -KILL "$child" 2>/dev/null; then
        wait "$child" 2>/dev/null || true
    fi
    local pause
    for pause in 0.1 0.2 0.5 1 2; do
        rm -rf --one-file-system -- "$store" 2>/dev/null && return
        sleep "$pause"
    done
    echo "$program: could not remove $store" >&2
}

# Makes a directory of the system changeable: what it holds stays readable, changes stay here.
overlay() {
    local layers=/run/layers$1
    mkdir -p "$layers/upper" "$layers/work"
    mount -t overlay -o "lowerdir=$1,upperdir=$layers/upper,workdir=$layers/work" overlay "$1" \
        2>/dev/null
}

# Binds a program to a path below /run that no later mount hides, and prints that path.
carry() {
    local program=$1
    [[ $program == */* ]] || { echo "$program"; return; }
    [[ -x $program ]] || die "cannot run $program"
    local carried=/run/carried/$2-${program##*/}
    touch "$carried"
    mount --bind "$program" "$carried"
    echo "$carried"
}

# Takes the machine's own people out of the account files: their homes are not here.
leave_out_people() {
    local file
    for file in passwd group; do
        awk -F: '$3 < 1000 || $3 >= 65534' "/etc/$file" >"/run/$file"
        cat "/run/$file" >"/etc/$file"
    done
    awk -F: 'NR == FNR { known[$1]; next } $1 in known' /run/passwd /etc/shadow >/run/shadow
    cat /run/shadow >/etc/shadow
    rm /run/passwd /run/group /run/shadow
}

inside() {
    local store=$1
    shift
    exec 8>&-
    mount --bind "$machine_lock" "$store/machine-lock"
    mount -t tmpfs -o mode=0755 tmpfs /run
    mkdir -m 0755 /run/layers /run/carried /run/sshd /run/lock
    touch /run/machine-lock
    mount --bind "$store/machine-lock" /run/machine-lock
    local command
    command=$(carry "$1" command)
    [[ -z ${SSHPERMD_DAEMON:-} ]] || SSHPERMD_DAEMON=$(carry "$SSHPERMD_DAEMON" daemon)
    [[ -z ${SSHPERMD_CTL:-} ]] || SSHPERMD_CTL=$(carry "$SSHPERMD_CTL" ctl)
    [[ -z ${SSHPERMD_PROBE:-} ]] || SSHPERMD_PROBE=$(carry "$SSHPERMD_PROBE" probe)
    [[ -z ${SSHPERMD_NSS_MODULE:-} ]] || SSHPERMD_NSS_MODULE=$(carry "$SSHPERMD_NSS_MODULE" nss)
    export SSHPERMD_DAEMON SSHPERMD_CTL SSHPERMD_PROBE SSHPERMD_NSS_MODULE
    shift

    cd /
    mount --bind "$store/home" /home
    mount --bind "$store/srv" /srv
    # Inside a container the kernel may refuse overlays: a copy does for /etc, nothing for /var.
    if ! overlay /etc; then
        mkdir -m 0755 /run/layers/etc/copy
        cp -a --one-file-system /etc/. /run/layers/etc/copy
        mount --bind /run/layers/etc/copy /etc
    fi
    overlay /var || { mount -t tmpfs -o mode=0755 tmpfs /var; mkdir -p /var/lib /var/log; }
    mount -t tmpfs -o mode=1777 tmpfs /tmp
    mount -t tmpfs -o mode=0700 tmpfs /root
    rm -rf /etc/nologin /etc/sshpermd /var/lib/sshpermd
    leave_out_people
    ip link set lo up

    # The mark by which a test knows that it is not on somebody's machine.
    touch /run/throw-away-machine
    local status=0
    "$command" "$@" || status=$?
    exit "$status"
}

if [[ ${1:-} == --inside ]]; then
    shift
    inside "$@"
else
    outside "$@"
fi
