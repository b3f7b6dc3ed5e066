#!/usr/bin/env bash
# Shows sshpermd at work on a throw-away /home with three accounts, a real sshd and a real ssh
# client; the machine it runs on stays as it is. Exits 0 only if all was repaired.
#
#   sandbox.sh BUILD_DIR        (root; see system/namespace.sh)
set -uo pipefail

start() {
    local build
    build=$(readlink -f -- "${1:?usage: sandbox.sh BUILD_DIR}") || exit 1
    export SSHPERMD_DAEMON=$build/daemon/sshpermd SSHPERMD_CTL=$build/ctl/sshpermctl
    local self
    self=$(readlink -f -- "$0")
    exec "${self%/*}/system/namespace.sh" "$self" --inside
}

people=(alice bob carol)
dir=/run/sandbox
events=$dir/events
failed=0

fail() {
    echo "    FAILED: $1"
    failed=1
}

heading() { printf '\n== %s\n' "$1"; }

# Shows a command as one would type it, runs it, and shows what it says.
try() {
    echo "  # $*"
    "$@" 2>&1 | sed 's/^/    /'
}

make_people() {
    mkdir -m 0700 "$dir"
    ssh-keygen -q -t ed25519 -N '' -C sandbox -f "$dir/key"
    local name
    for name in "${people[@]}"; do
        useradd --create-home --no-log-init --shell /bin/sh --password '*' "$name"
        install -d -o "$name" -g "$name" -m 0700 "/home/$name" "/home/$name/.ssh"
        install -o "$name" -g "$name" -m 0600 "$dir/key.pub" "/home/$name/.ssh/authorized_keys"
    done
}

start_sshd() {
    sshd=$(command -v sshd) || { echo "sshd is not installed: no logins will be shown."; return; }
    ssh-keygen -q -t ed25519 -N '' -f "$dir/host_key"
    printf '%s\n' "Port 22" "ListenAddress 127.0.0.1" "HostKey $dir/host_key" "PidFile none" \
        "UsePAM no" "PasswordAuthentication no" "KbdInteractiveAuthentication no" \
        >"$dir/sshd_config"
    "$sshd" -f "$dir/sshd_config" -E "$dir/sshd.log"
    until_true sshd_answers # it goes into the background before it listens
}

sshd_answers() { (: </dev/tcp/127.0.0.1/22) 2>/dev/null; }

# login NAME works|refused
login() {
    [[ -n $sshd ]] || return
    echo "  # ssh $1@127.0.0.1 id -un"
    local said status=0
    said=$(ssh -F none -i "$dir/key" -o BatchMode=yes -o IdentitiesOnly=yes \
        -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
        -o GlobalKnownHostsFile=/dev/null -o LogLevel=ERROR \
        "$1@127.0.0.1" id -un 2>&1) || status=$?
    echo "    $said"
    case $2 in
    works) [[ $status -eq 0 && $said == "$1" ]] || fail "the login does not work" ;;
    refused) [[ $status -ne 0 ]] || fail "the login works, though it should not" ;;
    esac
}

# explained NAME FIX: why sshd refuses the user, and that this command is said to help.
explained() {
    [[ -n $sshd ]] || return
    echo "  # sshpermctl explain $1 --from 127.0.0.1"
    local said
    said=$("$SSHPERMD_CTL" explain "$1" --from 127.0.0.1)
    printf '%s\n' "$said" | sed 's/^/    /'
    [[ $said == REFUSED* && $said == *"fix:  $2"* ]] || fail "that does not help"
}

targets() { echo "/home/$1" "/home/$1/.ssh" "/home/$1/.ssh/authorized_keys"; }

right() {
    local name
    for name in "$@"; do
        # shellcheck disable=SC2046  # these paths have no blanks
        [[ $(stat -c '%a %U %G' $(targets "$name") | xargs) == \
            "700 $name $name 700 $name $name 600 $name $name" ]] || return
    done
}

# Polls for at most ten seconds.
until_true() {
    local i
    for ((i = 0; i < 1000; i++)); do
        "$@" && return
        sleep 0.01
    done
    fail "still not so after ten seconds: $*"
}

# shown NAME: ls, at once; a second time only if the repair was slower than ls.
shown() {
    # shellcheck disable=SC2046
    try ls -ld $(targets "$1")
    if ! right "$1"; then
        until_true right "$1"
        # shellcheck disable=SC2046
        try ls -ld $(targets "$1")
    fi
}

count() { grep -c "\"event\":\"$1\"" "$events"; }

# What the repairs since the last call said: whole lines, or only their message; one of $2 is among them.
# How many there are is the daemon's to say: what it sees while it holds the names still is one with them.
told=0
news_of() {
    grep '"event":"permission.repaired"' "$events" | tail -n +$((told + 1)) | grep -q "\"user\":{\"name\":\"$1\""
}
tell() {
    until_true news_of "$2"
    grep '"event":"permission.repaired"' "$events" | tail -n +$((told + 1)) |
        case $1 in
        whole) sed 's/^/    /' ;;
        short) sed -E 's/.*"message":"(([^"\\]|\\.)*)".*/    \1/' ;;
        esac
    told=$(count permission.repaired)
}

inside() {
    echo "A throw-away /home, /etc and network; this machine is not touched."
    make_people
    start_sshd

    heading "Without sshpermd, one chmod locks a user out"
    login alice works
    try chmod 777 /home/alice/.ssh
    try ls -ld /home/alice/.ssh
    login alice refused
    explained alice "sshpermctl repair alice"
    [[ -z $sshd ]] || grep -m1 'bad ownership or modes' "$dir/sshd.log" | sed 's/^/    sshd: /'

    heading "sshpermd starts, and repairs what it finds"
    echo '{"mode": "repair"}' >"$dir/config.json"
    echo "  # sshpermd --log-target stderr &"
    touch "$events"
    "$SSHPERMD_DAEMON" --config "$dir/config.json" --log-target stderr 2>"$events" &
    local daemon=$!
    until_true grep -q '"event":"scan.completed"' "$events"
    tell short alice
    login alice works

    heading "From now on no breakage lasts: ls shows what is left of it"
    try chmod 777 /home/alice/.ssh
    shown alice
    tell whole alice
    login alice works

    try chmod -R 777 /home/bob
    shown bob
    tell short bob
    login bob works

    try chmod 000 /home/carol/.ssh/authorized_keys
    shown carol
    tell short carol
    login carol works

    heading "And in the end"
    echo "  # sshpermctl check --verbose"
    "$SSHPERMD_CTL" check --config "$dir/config.json" --verbose --color never | sed 's/^/    /' ||
        fail "sshpermctl finds something wrong"
    right "${people[@]}" || fail "not every target is right"
    kill -TERM "$daemon"
    local status=0
    wait "$daemon" || status=$?
    [[ $status -eq 0 ]] || fail "sshpermd ended with status $status: $(tail -n 3 "$events")"
    if [[ $failed -ne 0 ]]; then
        echo "Something was not repaired; see FAILED above."
        exit 1
    fi
    echo "Everything was repaired."
}

sshd=
if [[ ${1:-} == --inside ]]; then
    inside
else
    start "$@"
fi
