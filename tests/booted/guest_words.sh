# The words that the scripts in the guest are written in.

# Each check is a sentence; the first that does not hold ends the script.
say() { echo "$(cut -d' ' -f1 /proc/uptime) $*"; }
fail() { say "FAILED: $*"; exit 1; }
check() { # check SENTENCE COMMAND...
    local sentence=$1
    shift
    "$@" && say "ok: $sentence" || fail "$sentence ($*)"
}
never() { ! "$@"; }

uptime() { local seconds; read -r seconds _ < /proc/uptime; echo "${seconds%.*}"; } # whatever the clock does

# Polls for twenty seconds; what takes long by itself, twenty times.
eventually() {
    local sentence=$1 i end
    shift
    end=$(($(uptime) + 20))
    for ((i = 0; i < 20 || $(uptime) < end; i++)); do
        if "$@" > /dev/null 2>&1; then say "ok: $sentence"; return; fi
        sleep 0.05
    done
    fail "not even after twenty seconds: $sentence ($*)"
}

again() { touch /guest/again; exit 0; }

make_user() { # make_user NAME: with a key that logs in
    [ -e /root/key ] || ssh-keygen -q -t ed25519 -N '' -f /root/key
    useradd -m -s /bin/sh -p '*' "$1"
    install -d -o "$1" -g "$1" -m 0700 "/home/$1" "/home/$1/.ssh"
    install -o "$1" -g "$1" -m 0600 /root/key.pub "/home/$1/.ssh/authorized_keys"
}
mode() { stat -c %a "$@" | xargs; }
modes_of() { mode "/home/$1" "/home/$1/.ssh" "/home/$1/.ssh/authorized_keys"; }
right() { [ "$(modes_of "$1")" = "700 700 600" ]; }
login() { # login NAME [KEY]
    [ "$(ssh -F none -i "${2:-/root/key}" -o BatchMode=yes -o StrictHostKeyChecking=no -o ConnectTimeout=5 \
        -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR "$1@127.0.0.1" id -un 2> /dev/null)" = "$1" ]
}

active() { systemctl is-active --quiet "${1:-sshpermd}"; }
pid() { systemctl show -P MainPID sshpermd; }
off() { [ "$(systemctl is-enabled "$1" 2> /dev/null || true)" = disabled ] && ! active "$1"; }
has_event() { journalctl -q -b -o cat SSHPERMD_EVENT="$1" | grep -- "${2:-.}" > /dev/null; }
# The status line of the service: what `systemctl status` shows as Status.
status_says() { systemctl show -P StatusText sshpermd | grep -- "$1"; }

# The words of the faults: what is broken by these is counted, and is to be on record in the end.
install_daemon() { # install_daemon [CONFIGURATION]: it runs, and has looked at everybody
    dpkg -i in/sshpermd.deb > /dev/null
    echo "${1:-"{}"}" > /etc/sshpermd/sshpermd.json
    systemctl -q enable --now sshpermd
    eventually "the daemon has looked at everybody" has_event scan.completed
}
broken=0
break_it() { # break_it NAME: two targets of an account
    chmod 755 "/home/$1/.ssh"
    chmod 644 "/home/$1/.ssh/authorized_keys"
    broken=$((broken + 2))
}
comes_right() { # comes_right SENTENCE NAME
    break_it "$2"
    eventually "$1" right "$2"
}
on_record() { cat /var/lib/sshpermd/record/*.jsonl | jq -s "map(select(.event == \"$1\")) | length"; }
no_trouble() { sshpermctl status --json | jq -e '.ok and .ready and .left == 0 and .events_dropped == 0' > /dev/null; }
# After every fault (docs/reliability.md): right and sound; and told.
record_is_sound() { jq -es 'length > 0' /var/lib/sshpermd/record/*.jsonl > /dev/null; }
well_again() {
    eventually "nothing is wrong" sshpermctl -q check
    eventually "no trouble lasts" no_trouble
    check "all of the record can be read" record_is_sound
}
all_told() { check "each of the $broken changes is on record" [ "$(on_record permission.repaired)" = $broken ]; }

installed_deb() { [ "$(dpkg-query -W -f='${Version}' sshpermd 2> /dev/null)" = "$1" ]; }

# next_boot INSTANCE HOSTNAME USER_DATA [PUBLIC_KEY]: what cloud-init is told at the next boot, and from
# then on. It is in the base, and runs at no boot before.
next_boot() {
    local seed=/var/lib/cloud/seed/nocloud
    install -d $seed
    printf '%s\n' "instance-id: $1" "local-hostname: $2" ${4:+"public-keys:" "- $(cat "$4")"} > $seed/meta-data
    cp "$3" $seed/user-data
    cat > /etc/cloud/cloud.cfg.d/99_guest.cfg <<'CONFIG'
datasource_list: [ NoCloud, None ]
network: {config: disabled}
locale: false
apt: {preserve_sources_list: true}
ssh_genkeytypes: [ ed25519 ]
system_info: {default_user: {name: ec2-user}}
CONFIG
    # EC2 is asked anew at each boot, a seed only where nothing is kept of the boot before.
    rm -f /etc/cloud/cloud-init.disabled /var/lib/cloud/instance/obj.pkl
}
cloud_init_done() {
    systemctl start cloud-init.target
    check "cloud-init has done its work" jq -e '.v1.errors == []' /run/cloud-init/result.json
}
