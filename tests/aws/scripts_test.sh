#!/bin/bash
# Runs the very scripts that packaging/aws carries, as root on a throw-away machine: broken homes come
# right, a key is added, and nothing that a user planted leads root astray.
# usage: scripts_test.sh SSHPERMD SSHPERMCTL SOURCE_DIRECTORY
set -euo pipefail

outside() {
    [ "$(id -u)" = 0 ] || { echo "SKIPPED: needs root, for a machine to throw away" >&2; exit 77; }
    local source self scripts name status=0
    SSHPERMD_DAEMON=$(readlink -f "$1") SSHPERMD_CTL=$(readlink -f "$2") source=$(readlink -f "$3")
    self=$(readlink -f "$0")
    export SSHPERMD_DAEMON SSHPERMD_CTL
    scripts=$(mktemp -d /var/tmp/sshpermd-scripts.XXXXXX)
    trap 'rm -rf "$scripts"' EXIT
    for name in user-data-repair user-data-add-key image-builder-seal image-builder-prove ssm-sshpermctl; do
        python3 -B "$source/tests/aws/carried.py" "$source" "$name" > "$scripts/$name"
        chmod +x "$scripts/$name"
    done
    # The machine's /var is seen in there as it is now.
    "$source/tests/system/namespace.sh" "$self" --inside "$scripts" || status=$?
    exit "$status"
}

failures=0
fail() { echo "FAILED: $*" >&2; failures=$((failures + 1)); }
# is EXPECTED ACTUAL WHAT
is() { [ "$1" = "$2" ] || fail "$3: $2 instead of $1"; }

# Anew for each case, with a key that works.
make_account() {
    userdel -r ec2-user > /dev/null 2>&1 || true
    rm -rf /home/ec2-user /var/lib/sshpermd
    useradd -m -s /bin/bash ec2-user
    home=/home/ec2-user
    install -d -o ec2-user -g ec2-user -m 0700 $home $home/.ssh
    install -o ec2-user -g ec2-user -m 0600 /run/own.pub $home/.ssh/authorized_keys
}

targets() { stat -c '%a %U:%G' /home $home $home/.ssh $home/.ssh/authorized_keys | xargs; }
right="755 root:root 700 ec2-user:ec2-user 700 ec2-user:ec2-user 600 ec2-user:ec2-user"
keys() { grep -c . $home/.ssh/authorized_keys; }

# add_key [works|fails]: the user data as somebody has filled it in.
add_key() {
    local status=0
    sed "s|^key=.*|key='$(cat /run/new.pub)'|" "$scripts/user-data-add-key" > /run/add-key
    timeout 100 bash /run/add-key > /run/said 2>&1 || status=$?
    case $1 in
    works) [ "$status" = 0 ] || fail "$case: exit status $status: $(cat /run/said)" ;;
    fails) [ "$status" != 0 ] || fail "$case: it says that all is well" ;;
    esac
}

test_repair() {
    case="the five chmods in one line"
    make_account
    chown 12345 /home
    chmod 0777 /home $home $home/.ssh
    chmod 0666 $home/.ssh/authorized_keys
    bash "$scripts/user-data-repair" > /run/said 2>&1 || fail "$case: $(cat /run/said)"
    is "$right" "$(targets)" "$case"

    case="all of it root's"
    make_account
    chown -R root:root $home
    bash "$scripts/user-data-repair" > /run/said 2>&1 || fail "$case: $(cat /run/said)"
    is "$right" "$(targets)" "$case"

    case="the user data says what was withheld"
    make_account
    sshpermctl repair > /dev/null 2>&1
    chmod 0777 $home/.ssh
    cat /run/stranger.pub >> $home/.ssh/authorized_keys
    ! bash "$scripts/user-data-repair" > /run/said 2>&1 || fail "$case: it says that all is well"
    grep -q -- '--trust-content=SHA256:' /run/said || fail "$case: $(cat /run/said)"
}

test_add_key() {
    case="a key is added where everything is 0777"
    make_account
    sshpermctl repair > /dev/null 2>&1
    chmod -R 0777 $home
    add_key works
    is "$right" "$(targets)" "$case"
    is 2 "$(keys)" "$case"
    add_key works
    is 2 "$(keys)" "a second boot: $(cat $home/.ssh/authorized_keys)"

    case="a key is added where there is no .ssh"
    make_account
    rm -r $home/.ssh
    add_key works
    is "$right" "$(targets)" "$case"
    is 1 "$(keys)" "$case"

    case="a last line without an end"
    make_account
    printf '%s' "$(cat /run/own.pub)" > $home/.ssh/authorized_keys
    add_key works
    is 2 "$(keys)" "$case"

    case="what is no key is not added"
    make_account
    bash "$scripts/user-data-add-key" > /run/said 2>&1 && fail "$case: it says that all is well"
    is 1 "$(keys)" "$case"

    case="a stranger's key is put aside, not opened"
    make_account
    sshpermctl repair > /dev/null 2>&1
    chmod 0777 $home/.ssh
    cat /run/stranger.pub >> $home/.ssh/authorized_keys
    add_key works
    is "$right" "$(targets)" "$case"
    is "$(cat /run/new.pub)" "$(cat $home/.ssh/authorized_keys)" "$case"
    is 1 "$(find $home/.ssh -name 'authorized_keys.withheld-*' -perm 0000 | wc -l)" "$case: kept"
}

test_traps() {
    local before
    before=$(stat -c '%a %u %s' /etc/shadow)-$(sha256sum < /etc/shadow)

    case="a link to a file of root's that nobody else may read: the link is put aside"
    make_account
    ln -sfn /etc/shadow $home/.ssh/authorized_keys
    add_key works
    is "$before" "$(stat -c '%a %u %s' /etc/shadow)-$(sha256sum < /etc/shadow)" "$case"
    is "$right" "$(targets)" "$case"

    case="a link to a file of root's that others may read"
    make_account
    install -m 0644 /run/own.pub /run/roots-keys
    ln -sfn /run/roots-keys $home/.ssh/authorized_keys
    add_key fails
    is "$(cat /run/own.pub)" "$(cat /run/roots-keys)" "$case"

    case="a link to a directory of root's"
    make_account
    rm -r $home/.ssh
    install -d -m 0700 /root/.ssh
    ln -s /root/.ssh $home/.ssh
    add_key fails
    [ ! -e /root/.ssh/authorized_keys ] || fail "$case: a key was added to root's"

    case="a FIFO"
    make_account
    rm $home/.ssh/authorized_keys
    mkfifo $home/.ssh/authorized_keys
    chown ec2-user: $home/.ssh/authorized_keys
    add_key fails
    [ -p $home/.ssh/authorized_keys ] || fail "$case is gone"

    # The control: what people paste, done by root and by path.
    case="the control"
    make_account
    ln -sfn /run/victim $home/.ssh/authorized_keys
    : > /run/victim
    cat /run/new.pub >> $home/.ssh/authorized_keys
    [ -s /run/victim ] || fail "a script that works by path would pass as well"
}

# The service manager of the image, as far as the scripts ask it.
make_systemctl() {
    cat > /run/bin/systemctl << 'SYSTEMCTL'
#!/bin/sh
case $1 in
is-enabled | is-active) echo yes ;;
stop) kill "$(cat /run/daemon.pid)" && while kill -0 "$(cat /run/daemon.pid)" 2> /dev/null; do sleep 0.05; done ;;
esac
SYSTEMCTL
    chmod +x /run/bin/systemctl
}

# start_daemon [OPTION...]
start_daemon() {
    "$SSHPERMD_DAEMON" --log-target stderr "$@" 2> /run/events &
    echo $! > /run/daemon.pid
    local _
    for _ in $(seq 200); do
        ! grep -q scan.completed /run/events || return 0
        sleep 0.05
    done
    fail "the daemon does not start: $(tail -n 3 /run/events)"
}

test_image() {
    case="an image is proved and sealed"
    make_account
    make_systemctl
    start_daemon
    bash "$scripts/image-builder-prove" > /run/said 2>&1 || fail "$case: $(cat /run/said)"
    ! getent passwd sshpermd-proof > /dev/null || fail "$case: the account of the proof is still there"
    bash "$scripts/image-builder-seal" > /run/said 2>&1 || fail "$case: $(cat /run/said)"
    ! kill -0 "$(cat /run/daemon.pid)" 2> /dev/null || fail "$case: the daemon still runs"
    # Nothing is known: the first look trusts a key that it would withhold else.
    chmod 0777 $home/.ssh
    cat /run/stranger.pub >> $home/.ssh/authorized_keys
    sshpermctl repair > /dev/null 2>&1 || true
    is "$right" "$(targets)" "$case: something is still remembered"

    case="a daemon that does not repair is not proved"
    echo '{"mode": "observe"}' > /run/observe.json
    sed -i 's|seq 100|seq 5|' "$scripts/image-builder-prove"
    start_daemon --config /run/observe.json
    ! bash "$scripts/image-builder-prove" > /run/said 2>&1 || fail "$case: it passes"
    grep -q 'not repaired' /run/said || fail "$case: for another reason: $(cat /run/said)"
    /run/bin/systemctl stop
}

test_fleet() {
    case="the fleet document"
    make_account
    chmod 0777 $home
    local status=0
    SSM_Action=check SSM_Users=ec2-user sh "$scripts/ssm-sshpermctl" > /run/said 2>&1 || status=$?
    is 1 "$status" "$case, check"
    is 777 "$(stat -c %a $home)" "$case, check changes nothing"
    SSM_Action=repair SSM_Users='' sh "$scripts/ssm-sshpermctl" > /run/said 2>&1 || fail "$case: $(cat /run/said)"
    is "$right" "$(targets)" "$case, repair"
}

inside() {
    scripts=$1
    mkdir /run/bin
    ln -s "$SSHPERMD_CTL" /run/bin/sshpermctl
    export PATH=/run/bin:/usr/sbin:/usr/bin:/sbin:/bin
    local name
    for name in own new stranger; do
        ssh-keygen -q -t ed25519 -N '' -C "$name" -f "/run/$name"
    done
    test_repair
    test_add_key
    test_traps
    test_fleet
    test_image
    [ "$failures" = 0 ] || exit 1
    echo "the scripts do what they say"
}

if [ "${1:-}" = --inside ]; then
    inside "$2"
else
    outside "$@"
fi
