# What only a kernel of its own can show: the limits of memory and of inotify, and the part of the sandbox
# that guards the kernel.
users=4500 # two watches each: more than the 8,192 of a small machine

# Accounts with homes that are wrong, made at once.
perl -e '
    open(my $passwd, ">>", "/etc/passwd"); open(my $group, ">>", "/etc/group");
    for my $i (1 .. $ARGV[0]) {
        my ($name, $id) = ("u$i", 10000 + $i);
        print $passwd "$name:x:$id:${id}::/home/$name:/bin/sh\n"; print $group "$name:x:$id:\n";
        mkdir "/home/$name"; mkdir "/home/$name/.ssh";
        open(my $keys, ">", "/home/$name/.ssh/authorized_keys"); close $keys;
        chmod 0777, "/home/$name/.ssh"; chmod 0700, "/home/$name"; chmod 0600, "/home/$name/.ssh/authorized_keys";
        chown $id, $id, "/home/$name", "/home/$name/.ssh", "/home/$name/.ssh/authorized_keys";
    }' $users
sysctl -q fs.inotify.max_user_watches=8192
dpkg -i in/sshpermd.deb
mkdir -p /etc/systemd/system/sshpermd.service.d
printf '[Service]\nMemoryMax=48M\nMemorySwapMax=0\nOOMPolicy=kill\n' > /etc/systemd/system/sshpermd.service.d/limits.conf
systemctl daemon-reload
systemctl enable --now sshpermd
all_right() { [ -z "$(find /home -mindepth 2 -maxdepth 2 -name .ssh ! -perm 0700)" ]; }
with_patience() { local i; for ((i = 0; i < 20; i++)); do if "$@"; then return; fi; sleep 1; done; "$@"; }
check "every account is repaired, also those beyond the watches" with_patience all_right
eventually "too few watches is told" has_event watch.limit 8192
eventually "and stands in the status line" status_says max_user_watches
chmod 777 /home/u1/.ssh
one_right() { [ "$(mode /home/u1/.ssh)" = 700 ]; }
eventually "one that is watched is repaired at once" one_right
check "the limit of memory is there" [ "$(cat /sys/fs/cgroup/system.slice/sshpermd.service/memory.max)" = 50331648 ]
say "at most $(cat /sys/fs/cgroup/system.slice/sshpermd.service/memory.peak) bytes of memory were used"
check "and nobody was killed by it" grep -qx 'oom_kill 0' /sys/fs/cgroup/system.slice/sshpermd.service/memory.events
check "with the first process" [ "$(systemctl show -P NRestarts sshpermd)" = 0 ]

# The control: a limit that nobody could live with is applied.
printf '[Service]\nMemoryMax=1M\nMemorySwapMax=0\n' > /etc/systemd/system/sshpermd.service.d/limits.conf
systemctl daemon-reload
systemctl restart sshpermd || true
eventually "under a megabyte it is killed" grep -q -i 'oom-kill\|killed' <(journalctl -q -b -u sshpermd)
rm -r /etc/systemd/system/sshpermd.service.d
systemctl daemon-reload
systemctl stop sshpermd

# The sandbox's guards of the kernel, in the daemon's place; the bare unit is the control.
cat > /usr/local/bin/try <<'T'
#!/bin/bash
attempt() { local what=$1; shift; if "$@" 2> /dev/null; then echo "$what: yes"; else echo "$what: no"; fi; }
attempt "change the kernel's settings" sh -c 'echo 1 > /proc/sys/vm/swappiness'
attempt "read the kernel's log" sh -c 'dmesg > /dev/null'
attempt "load modules" modprobe loop
attempt "set the clock" date -s @$(date +%s)
T
chmod 755 /usr/local/bin/try
sed -E -e 's|^ExecStart=.*|ExecStart=/usr/local/bin/try|' -e 's/^Type=.*/Type=oneshot/' \
    -e '/^(ExecReload|Restart|WatchdogSec)/d' /lib/systemd/system/sshpermd.service > /etc/systemd/system/inside.service
printf '[Service]\nType=oneshot\nExecStart=/usr/local/bin/try\n' > /etc/systemd/system/outside.service
systemctl daemon-reload
systemctl start inside outside
journalctl --sync
for what in "change the kernel's settings" "read the kernel's log" "load modules" "set the clock"; do
    check "the sandbox takes away: $what" grep -qx "$what: no" <(journalctl -q -b -o cat -u inside)
    check "without it one can: $what" grep -qx "$what: yes" <(journalctl -q -b -o cat -u outside)
done
