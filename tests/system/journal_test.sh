#!/usr/bin/env bash
# A real journald gets every repair with its fields. Run by namespace.sh, with SSHPERMD_DAEMON set.
set -euo pipefail

journald=/lib/systemd/systemd-journald
for program in "$journald" journalctl useradd jq; do
    command -v "$program" > /dev/null || { echo "SKIPPED: no $program on this machine"; exit 77; }
done

mkdir -p /run/log/journal /run/systemd/journal
"$journald" > /dev/null 2>&1 &
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

repaired | head -n 1 | jq -e '
    (.MESSAGE_ID | test("^[0-9a-f]{32}$")) and .PRIORITY == "5" and ._UID == "0" and
    .SYSLOG_IDENTIFIER == "sshpermd" and .SSHPERMD_USER == "alice" and
    .SSHPERMD_TARGET == "home" and .SSHPERMD_PATH == "/home/alice" and
    .SSHPERMD_MODE_AFTER == "0700" and .SSHPERMD_OUTCOME == "repaired" and
    (.MESSAGE | fromjson | .event == "permission.repaired")' > /dev/null || {
    echo "FAILED: this is what the journal has:"
    repaired
    exit 1
}
