# Each option of the unit's sandbox, shown by an attempt in the daemon's place; the control is the same
# attempt without the sandbox. A container cannot show ProtectKernelTunables=, ProtectKernelLogs=,
# ProtectKernelModules= and ProtectClock=: there nobody may do these things
# (machines/limits.sh shows them).
dpkg -i in/sshpermd.deb
touch /tmp/of-somebody-else
install in/sandbox_probe /usr/local/bin/probe

run_in() { # run_in NAME: the probe's lines
    systemctl daemon-reload
    systemctl start "$1"
    journalctl --sync
    journalctl -q -b -o cat -u "$1" _COMM=probe
}
sed -E -e "s|^ExecStart=.*|ExecStart=/usr/local/bin/probe|" -e 's/^Type=.*/Type=oneshot/' \
    -e '/^(ExecReload|Restart|WatchdogSec)/d' /lib/systemd/system/sshpermd.service > /etc/systemd/system/inside.service
printf '[Service]\nType=oneshot\nExecStart=/usr/local/bin/probe\n' > /etc/systemd/system/outside.service
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
change control groups: no (EROFS)
make files that others can read: no (EPERM)
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
diff expected said || fail "the sandbox is not as it should be (< expected, > found)"
say "ok: the sandbox takes what it should, and no more"

# What the bare unit may do as well was not shown to be the sandbox's work.
while read -r what; do
    check "without the sandbox one can: $what" grep -q "^$what: yes" outside
done < <(grep ': no (' expected | cut -d: -f1)
check "nor has the bare unit these capabilities only" never grep -q '^capabilities: 000000001000000d' outside
check "nor a filter" grep -q '^filter: [02]' outside
for kind in net ipc mnt; do
    check "and it is in the machine's namespace: $kind" grep -qF "namespace: $(readlink /proc/self/ns/$kind)" outside
    check "the sandboxed one is not" never grep -qF "namespace: $(readlink /proc/self/ns/$kind)" inside
done
