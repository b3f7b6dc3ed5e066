# Each option of the unit's sandbox, shown by an attempt in the daemon's place; the control is the same
# attempt without the sandbox. A container cannot show ProtectKernelTunables=, ProtectKernelLogs=,
# ProtectKernelModules= and ProtectClock=: there nobody may do these things.
make_user alice
dpkg -i in/sshpermd.deb
touch /tmp/of-somebody-else
runuser -u alice -- sleep 600 &
eventually "a process of a user's is there" pgrep -u alice sleep
stranger=$(pgrep -u alice sleep)
install in/sandbox_probe /usr/local/bin/probe

run_in() { # run_in NAME: the probe's lines
    systemctl daemon-reload
    systemctl start "$1"
    journalctl --sync
    journalctl -q -b -o cat -u "$1" _COMM=probe
}
sed -E -e "s|^ExecStart=.*|ExecStart=/usr/local/bin/probe $stranger|" -e 's/^Type=.*/Type=oneshot/' \
    -e '/^(ExecReload|Restart|WatchdogSec)/d' /lib/systemd/system/sshpermd.service > /etc/systemd/system/inside.service
printf '[Service]\nType=oneshot\nExecStart=/usr/local/bin/probe %s\n' "$stranger" > /etc/systemd/system/outside.service
run_in inside.service > inside
run_in outside.service > outside

cat > expected <<'LINES'
capabilities: 000000001000000d
no new privileges: 1
filter: 2
write below /etc: no (EROFS)
write below /usr: no (EROFS)
write below /var/log: no (EROFS)
write below /root: yes
write below /opt: no (EROFS)
write below /home: yes
write below /run/sshpermd: yes
write below /var/lib/sshpermd: yes
see what others keep in /tmp: no (ENOENT)
see the devices: no (ENOENT)
see a process of a user's: no (ENOENT)
change control groups: no (EROFS)
make files that others can read: no
use the network: no (EAFNOSUPPORT)
use UNIX sockets: yes
map memory that is writable and executable: no (EPERM)
change the personality: no (EPERM)
become real-time: no (EPERM)
lower its nice value: no (EPERM)
change the host's name: no (EPERM)
mount: no (EPERM)
use keyrings: no (EPERM)
use asynchronous I/O: no (EPERM)
become another user: no (EPERM)
change an owner: yes
resolve with openat2: yes
survive a call that nobody knows: yes
make a user namespace: no (EPERM)
LINES
grep -v '^namespace' inside > said
diff expected said || fail "the sandbox is not as it should be (- expected, + found)"
say "ok: the sandbox takes what it should, and no more"

# What the bare unit may do as well was not shown to be the sandbox's work.
sed -n '4,$p' expected | grep ': no' | cut -d: -f1 | while read -r what; do
    check "without the sandbox one can: $what" grep -q "^$what: yes" outside
done
check "nor has the bare unit these capabilities only" never grep -q '^capabilities: 000000001000000d' outside
check "nor a filter" grep -q '^filter: [02]' outside
check "and it is in the machine's namespaces" \
    [ "$(grep -c "^namespace: \($(readlink /proc/self/ns/net)\|$(readlink /proc/self/ns/ipc)\|$(readlink /proc/self/ns/mnt)\)" outside | tr -d '\\')" = 3 ]
check "the sandboxed one in none of them" [ -z "$(grep '^namespace' inside | grep -Fxf <(grep '^namespace' outside))" ]
