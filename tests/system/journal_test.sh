#!/usr/bin/env bash
# A real journald gets every repair with its fields. Run by namespace.sh, with SSHPERMD_DAEMON set.
set -euo pipefail

journald=/lib/systemd/systemd-journald
for program in "$journald" journalctl useradd jq; do
    command -v "$program" > /dev/null || { echo "SKIPPED: no $program on this machine"; exit 77; }
done

mkdir -p /run/log/journal /run/systemd/journal
"$journald" > /dev/null 2>&1 &
journal=$!
for _ in $(seq 100); do [ -S /run/systemd/journal/socket ] && break; sleep 0.1; done

useradd -m -K UID_MIN=1000 alice
chmod 700 ~alice
"$SSHPERMD_DAEMON" --log-target journal &
daemon=$!

repaired() {
    journalctl --no-pager -q -o json SSHPERMD_EVENT=permission.repaired SSHPERMD_MODE_BEFORE=0777
}
for _ in $(seq 100); do
    chmod 777 ~alice
    sleep 0.1
    [ -z "$(repaired)" ] || break
done
kill "$daemon"
wait "$daemon"

repaired | sed -n 1p | jq -e '
    (.MESSAGE_ID | test("^[0-9a-f]{32}$")) and .PRIORITY == "5" and ._UID == "0" and
    .SYSLOG_IDENTIFIER == "sshpermd" and .SSHPERMD_USER == "alice" and
    .SSHPERMD_TARGET == "home" and .SSHPERMD_PATH == "/home/alice" and
    .SSHPERMD_MODE_AFTER == "0700" and .SSHPERMD_OUTCOME == "repaired" and
    (.MESSAGE | fromjson | .event == "permission.repaired")' > /dev/null || {
    echo "FAILED: this is what the journal has:"
    repaired
    exit 1
}

# What sshd writes about a user is explained, and what others write in its name is not.
systemd-cat -t sshd sh -c '
    echo "Authentication refused: bad ownership or modes for directory /home/alice"
    echo "Connection closed by authenticating user alice 10.0.0.1 port 1 [preauth]"'
setpriv --reuid "$(id -u alice)" --clear-groups \
    systemd-cat -t sshd sh -c 'echo "User alice not allowed because account is locked"'
explained() {
    "$SSHPERMD_CTL" explain alice --json || true
}
for _ in $(seq 100); do
    explained | jq -e '.log | length >= 2' > /dev/null && break
    sleep 0.1
done
explained | jq -e '
    (.log | any((.line | startswith("Authentication refused")) and
                .fix == "sshpermctl repair alice")) and
    (.log | all(.line | contains("locked") | not))' > /dev/null || {
    echo "FAILED: this is what explain found in the journal:"
    explained | jq .log
    exit 1
}

# Without a journal everything is repaired and on record; with one again it is told again.
in_the_record() { cat /var/lib/sshpermd/record/* | jq -ce 'select(.event == "permission.repaired" and .before.mode == "'"$1"'")'; }
journaled() { journalctl --no-pager -q -o cat SSHPERMD_EVENT=permission.repaired SSHPERMD_MODE_BEFORE="$1" | grep -q .; }
until_true() { for _ in $(seq 200); do if "$@" > /dev/null 2>&1; then return; fi; sleep 0.1; done; echo "FAILED: not even after 20 s: $*"; exit 1; }
is_right() { [ "$(stat -c %a ~alice)" = 700 ]; }
"$SSHPERMD_DAEMON" --log-target journal &
daemon=$!
chmod 755 ~alice
until_true journaled 0755
kill -9 "$journal"
wait "$journal" 2> /dev/null || true
chmod 750 ~alice
until_true is_right
until_true in_the_record 0750
rm -f /run/systemd/journal/socket /run/systemd/journal/stdout /run/systemd/journal/dev-log
"$journald" > /dev/null 2>&1 &
for _ in $(seq 100); do [ -S /run/systemd/journal/socket ] && break; sleep 0.1; done
chmod 711 ~alice
until_true is_right
until_true journaled 0711
kill "$daemon"
wait "$daemon"
