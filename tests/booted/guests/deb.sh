# The .deb from its first install to the purge, on a machine with a user, a key and sshd.
deb=in/sshpermd.deb newer=in/newer.deb
conf=/etc/sshpermd/sshpermd.json
eventually "sshd is there" active ssh

make_user alice
chmod 755 /home/alice
dpkg -i "$deb"
check "installing neither enables nor starts the daemon" off sshpermd
check "nor the one-shot unit" off sshpermd-once
check "installing narrows no home" [ "$(mode /home/alice)" = 755 ]
check "the group of the status socket is there" getent group sshperm
check "the catalog is there" grep -q sshpermd <(journalctl --list-catalog)
systemctl -q preset sshpermd
check "a preset does not enable it either" off sshpermd
sshpermctl config show > /tmp/with
mv $conf /tmp/conf
sshpermctl config show > /tmp/without
mv /tmp/conf $conf
check "the configuration that it brings changes nothing" cmp /tmp/with /tmp/without
check "and is right" sshpermctl config check
check "a dry run names what would change" grep -q /home/alice <(sshpermctl repair --dry-run)
check "and changes nothing" [ "$(mode /home/alice)" = 755 ]
check "systemd understands all of its units" \
    [ -z "$(systemd-analyze verify --man=no --recursive-errors=no sshpermd.service sshpermd-once.service 2>&1)" ]

systemctl -q enable --now sshpermd
check "enabled, it is active" active
eventually "and repairs what was there" right alice
check "a login by key works" login alice
chmod 777 /home/alice/.ssh
eventually "a chmod is undone" right alice
check "and the login works" login alice

journalctl --sync
journalctl -q -b -o json SSHPERMD_EVENT=permission.repaired SSHPERMD_TARGET=ssh_dir | tail -n 1 > /tmp/record
check "the journal has the repair with its fields" jq -e '
    .MESSAGE_ID == "5e9dd7252e08463da5c210ece6954d19" and .PRIORITY == "5" and ._UID == "0" and
    ._SYSTEMD_UNIT == "sshpermd.service" and .SSHPERMD_USER == "alice" and
    .SSHPERMD_PATH == "/home/alice/.ssh" and .SSHPERMD_MODE_BEFORE == "0777" and
    .SSHPERMD_MODE_AFTER == "0700" and (.MESSAGE | fromjson | .event == "permission.repaired")' /tmp/record
check "journalctl -x explains it" grep -q 'The mode was 0777 and is now 0700' \
    <(journalctl -q -b -x SSHPERMD_EVENT=permission.repaired SSHPERMD_TARGET=ssh_dir)
ends_with() { local expected=$1 status=0; shift; "$@" > /dev/null 2>&1 || status=$?; [ $status = "$expected" ]; }
check "a reader without rights may not ask" ends_with 4 runuser -u alice -- sshpermctl status
usermod -aG sshperm alice
check "a member of the group may" runuser -u alice -- sshpermctl status

echo '{"mode": "observe"}' > $conf
kill -HUP "$(pid)"
eventually "SIGHUP reads the configuration again" has_event config.reloaded
chmod 755 /home/alice
eventually "in observe mode drift is reported" has_event drift.detected
check "and left" [ "$(mode /home/alice)" = 755 ]
echo '{"mode": "repair" /* by hand */}' > $conf
systemctl reload sshpermd
eventually "a reload to repair mode repairs it" right alice

check "a repair goes before what other services do" [ "$(systemctl show -P CPUWeight sshpermd)" = 1000 ]
check "it has a watchdog" [ "$(systemctl show -P WatchdogUSec sshpermd)" = 1min ]
mkdir -p /etc/systemd/system/sshpermd.service.d
printf '[Service]\nWatchdogSec=1\n' > /etc/systemd/system/sshpermd.service.d/watchdog.conf
systemctl daemon-reload
systemctl restart sshpermd
before=$(pid)
kill -STOP "$before"
chmod 777 /home/alice/.ssh
eventually "the watchdog ends a daemon that hangs, and its successor repairs" right alice
check "by another process" [ "$(pid)" != "$before" ]
check "because of the watchdog" grep -q 'Watchdog timeout' <(journalctl -q -b -u sshpermd)
rm -r /etc/systemd/system/sshpermd.service.d
systemctl daemon-reload
systemctl restart sshpermd

before=$(pid)
(while :; do chmod 777 /home/alice/.ssh; sleep 0.01; done) &
breaker=$!
dpkg --force-confdef -i "$newer"
kill $breaker
check "the newer package is installed" installed_deb 9.0.0
check "an upgrade starts the new program" [ "$(pid)" != "$before" ]
check "it is active" active
eventually "what drifted during the upgrade is repaired" right alice
check "an edited configuration is kept" grep -q 'by hand' $conf
check "what the newer package brings lies beside it" grep -q newer $conf.dpkg-dist
rm $conf.dpkg-dist

systemctl stop sshpermd
dpkg --force-confdef -i "$deb"
check "a downgrade installs" installed_deb "$(dpkg-deb -f "$deb" Version)"
check "what was stopped is not started by it" never active
check "what was enabled stays so" systemctl is-enabled --quiet sshpermd
systemctl start sshpermd
chmod 777 /home/alice/.ssh
eventually "the older one repairs as well" right alice

dpkg -r sshpermd
check "removed, nothing of it runs" never pgrep sshpermd
check "and nothing waits to be started" never test -L /etc/systemd/system/multi-user.target.wants/sshpermd.service
check "the configuration is kept" grep -q 'by hand' $conf
check "and so is what was remembered" test -d /var/lib/sshpermd/record
check "nothing of it is in /run" never test -e /run/sshpermd
check "a login still works" login alice

dpkg -P sshpermd
left=$(find / -xdev \( -path /guest -o -path /var/log -o -path /home -o -path /tmp -o -path /proc \) -prune \
    -o -name '*sshperm*' -print; find /run -name '*sshperm*')
check "purged, nothing is left behind: $left" [ -z "$left" ]
check "not even the group" never getent group sshperm
check "nor an entry of the catalog" never grep -q sshpermd <(journalctl --list-catalog)
check "no unit has failed" [ -z "$(systemctl --failed --plain --no-legend)" ]
