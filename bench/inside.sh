#!/usr/bin/env bash
# The part of run.sh that happens inside the private mount namespace.
set -euo pipefail
build=$1 work=$2 changes=$3 homes=$4 check_homes=$5 runs=$6 scheduler=$7 only=$8 names=$9 beside=${10}
accounts=${11} journal_changes=${12}

fail() {
    echo "bench: $*" >&2
    exit 1
}

# What follows mounts over /etc and /home.
[[ $$ == 1 ]] || fail "is started by run.sh only, as the first process of its namespace"

# A private /etc, whose accounts are the machine's own minus those with a home below /home.
mount -t tmpfs -o mode=0755 tmpfs /run
mkdir -p /run/etc/upper /run/etc/work "$work"/{home,minimal,script,other,state,other-state,build,beside}
cp "${BASH_SOURCE[0]%/*}/script_watcher.sh" "$work"
# The builds may lie below what is mounted over.
mount --bind "$build" "$work/build" && build=$work/build
[[ ! $beside ]] || { mount --bind "$beside" "$work/beside" && beside=$work/beside; }
mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/etc/upper,workdir=/run/etc/work /etc
awk -F: '$6 !~ "^/home(/|$)"' /etc/passwd >/run/passwd.before
cp /etc/group /run/group.before
config=/run/sshpermd-bench.json
(umask 077 && echo '{}' >"$config")

mount --bind "$work/home" /home
mount --bind "$work/minimal" /mnt
mount --bind "$work/state" /var/lib

# make_accounts COUNT: that many homes below /home, and no others.
make_accounts() {
    [[ /home -ef $work/home && $(findmnt -n -o FSTYPE /etc) == overlay ]] ||
        fail "this is not the private /home and /etc"
    find "$work"/{home,minimal,script,other} -mindepth 1 -delete
    cp /run/passwd.before /run/passwd
    cp /run/group.before /run/group
    "$build/bench/make_homes" /home "$1" --passwd /run/passwd --group /run/group
    cp /run/passwd /etc/passwd
    cp /run/group /etc/group
    sync
}

# start_watcher OUTPUT COMMAND…: on CPU 0; its process id is in $started.
start_watcher() {
    local output=$1 priority=()
    shift
    : >"$output"
    [[ $scheduler != fifo ]] || priority=(chrt -f 10)
    "${priority[@]}" taskset -c 0 "$@" >"$output" 2>&1 &
    started=$!
}

# What the other build's daemon has in place of /home, /run and /var/lib, which the first one has.
# shellcheck disable=SC2016
apart='mount --bind "$0/other" /home && mount --bind "$0/other-state" /var/lib &&
    mount -t tmpfs -o mode=0755 tmpfs /run && (umask 077 && echo "{}" >"$1") && shift && exec "$@"'

# wait_for TEXT OUTPUT PROCESS
wait_for() {
    local tries
    for ((tries = 0; tries < 600; ++tries)); do
        grep -q "$1" "$2" && return
        kill -0 "$3" 2>/dev/null || break
        sleep 0.1
    done
    tail -n 5 "$2" >&2
    fail "no '$1' from $(basename "$2" .out)"
}

measure_latency() {
    local minimal daemon other started comparison=()
    make_accounts "$homes"
    "$build/bench/make_homes" /mnt "$homes"
    start_watcher "$work/minimal_loop.out" "$build/bench/minimal_loop" /mnt
    minimal=$started
    wait_for ready "$work/minimal_loop.out" "$minimal"
    start_watcher "$work/sshpermd.out" \
        "$build/daemon/sshpermd" --config "$config" --log-target stderr
    daemon=$started
    wait_for scan.completed "$work/sshpermd.out" "$daemon"
    if command -v inotifywait >/dev/null; then
        "$build/bench/make_homes" "$work/script" "$homes"
        start_watcher "$work/script.out" "$work/script_watcher.sh" "$work/script"
        wait_for established "$work/script.out" "$started"
        comparison=(--script-root "$work/script" --script-pid "$started")
    else
        echo "bench: no inotifywait (inotify-tools) here; going on without the script" >&2
    fi
    if [[ $beside ]]; then
        "$build/bench/make_homes" "$work/other" "$homes"
        start_watcher "$work/other.out" unshare --mount --propagation private \
            sh -c "$apart" "$work" "$config" \
            "$beside/daemon/sshpermd" --config "$config" --log-target stderr
        other=$started
        wait_for scan.completed "$work/other.out" "$other"
        comparison+=(--other-root "$work/other" --other-pid "$other"
            --other-events "$work/other.out")
    fi
    sleep 1

    "$build/bench/latency" --minimal-root /mnt --minimal-pid "$minimal" \
        --daemon-root /home --daemon-pid "$daemon" --events "$work/sshpermd.out" \
        "${comparison[@]}" \
        --changes "$changes" --scheduler "$scheduler" --json "$work/report.json"

    kill "$minimal" "$daemon" ${other:+"$other"}
    wait "$minimal" "$daemon" ${other:+"$other"} || true
}

measure_check() {
    make_accounts "$check_homes"
    "$build/bench/full_check" --root /home --homes "$check_homes" --runs "$runs" \
        --ctl "$build/ctl/sshpermctl" --config "$config" --json "$work/report.json" \
        ${names:+"$names"}
}

# Few homes, whose goal it has, and as many as the changes are spread over.
measure_memory() {
    local count started
    for count in 10 "$homes"; do
        make_accounts "$count"
        find "$work/state" -mindepth 1 -delete
        start_watcher "$work/memory.out" \
            "$build/daemon/sshpermd" --config "$config" --log-target stderr
        wait_for scan.completed "$work/memory.out" "$started"
        "$build/bench/memory" --daemon-pid "$started" --json "$work/report.json"
        kill "$started"
        wait "$started" || true
    done
    echo
}

# wait_for_look RECORD PROCESS: the record says so also when the journal does not read.
wait_for_look() {
    local tries
    for ((tries = 0; tries < 600; ++tries)); do
        ! grep -qs '"scan.completed"' "$1"/*.jsonl || return 0
        kill -0 "$2" 2>/dev/null || break
        sleep 0.1
    done
    fail "no first look on record in $1"
}

measure_socket() {
    local started daemon record=/var/lib/sshpermd/record
    make_accounts "$accounts"
    find "$work/state" -mindepth 1 -delete
    grep -q '^sshperm:' /etc/group || echo 'sshperm:x:59999:' >>/etc/group
    start_watcher "$work/socket.out" \
        "$build/daemon/sshpermd" --config "$config" --log-target stderr
    daemon=$started
    wait_for scan.completed "$work/socket.out" "$daemon"
    sleep 1
    "$build/bench/socket" --root /home --record "$record" --scheduler "$scheduler" \
        --json "$work/report.json"
    kill "$daemon"
    wait "$daemon" || true
}

# As `apart`, with a journal that is stopped.
# shellcheck disable=SC2016
with_stopped_journal='mount --bind "$0/other" /home && mount --bind "$0/other-state" /var/lib &&
    mount -t tmpfs -o mode=0755 tmpfs /run && mkdir -p /run/systemd/journal &&
    (umask 077 && echo "{}" >"$1") && shift && { "$0/build/bench/journal_socket" --stopped \
    /run/systemd/journal/socket >"$0/stopped.out" & } && until grep -q ready "$0/stopped.out"; do
    sleep 0.1; done && exec "$@"'

measure_stopped_journal() {
    local reader daemon stopped started
    make_accounts "$homes"
    find "$work"/{state,other-state} -mindepth 1 -delete
    "$build/bench/make_homes" "$work/other" "$homes"
    mkdir -p /run/systemd/journal
    "$build/bench/journal_socket" /run/systemd/journal/socket >"$work/reader.out" &
    reader=$!
    wait_for ready "$work/reader.out" "$reader"
    start_watcher "$work/reading.out" \
        "$build/daemon/sshpermd" --config "$config" --log-target journal
    daemon=$started
    : >"$work/stopped.out"
    start_watcher "$work/other.out" unshare --mount --propagation private \
        sh -c "$with_stopped_journal" "$work" "$config" \
        "$build/daemon/sshpermd" --config "$config" --log-target journal
    stopped=$started
    wait_for_look "$work/state/sshpermd/record" "$daemon"
    wait_for_look "$work/other-state/sshpermd/record" "$stopped"
    sleep 1
    "$build/bench/stopped_journal" --root /home --record "$work/state/sshpermd/record" \
        --stopped-root "$work/other" --stopped-record "$work/other-state/sshpermd/record" \
        --changes "$journal_changes" --scheduler "$scheduler" --json "$work/report.json"
    kill "$daemon" "$stopped" "$reader"
    wait "$daemon" "$stopped" "$reader" || true
    rm /run/systemd/journal/socket
}

[[ $only && $only != latency ]] || measure_latency
[[ $only && $only != memory ]] || measure_memory
[[ $only && $only != socket ]] || measure_socket
[[ $only && $only != socket ]] || measure_stopped_journal
[[ $only && $only != check ]] || measure_check
