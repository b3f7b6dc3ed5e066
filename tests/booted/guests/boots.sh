# One machine over several boots: what drifted while it was down, a broken configuration, ssh.socket, a
# dead network mount, the one-shot unit, and the first boot of an image.
conf=/etc/sshpermd/sshpermd.json

# The order in which two units were started.
started_after() { # started_after LATER EARLIER: LATER's first step is not before EARLIER was ready
    [ "$(systemctl show -P InactiveExitTimestampMonotonic "$1")" -ge \
        "$(systemctl show -P ActiveEnterTimestampMonotonic "$2")" ]
}
# What systemd says of the first jobs at a boot goes to the kernel's log, which a container has not: so the
# same units are asked again.
no_job_dropped() {
    ! { journalctl -q -b _PID=1; systemd-analyze verify --man=no default.target; } 2>&1 |
        grep -iE 'ordering cycle|deleted to break' && active sockets.target && active basic.target
}
hanging() { [ "$(systemctl is-active mnt-dead.mount)" = activating ]; }

case $BOOT in
1)
    make_user alice
    dpkg -i in/sshpermd.deb
    systemctl -q enable sshpermd
    systemctl -q start sshpermd
    eventually "it has seen alice" has_event scan.completed
    # Down, and things drift. What is mounted from a server that does not answer takes for ever.
    systemctl stop sshpermd
    chmod 777 /home/alice/.ssh
    chmod 000 /home/alice/.ssh/authorized_keys
    systemctl -q disable ssh.service
    systemctl -q enable ssh.socket
    printf '#!/bin/sh\nexec sleep 600\n' > /sbin/mount.dead
    chmod 755 /sbin/mount.dead
    mkdir -p /mnt/dead
    echo 'server:/export /mnt/dead dead _netdev 0 0' > /etc/fstab
    again
    ;;
2)
    eventually "after a reboot it runs" active
    eventually "what drifted while it was down is repaired" right alice
    check "as the first thing" grep -q '"trigger":"startup"' \
        <(journalctl -q -b -o cat SSHPERMD_EVENT=permission.repaired)
    eventually "ssh.socket listens" active ssh.socket
    check "sshd answers, through the socket" grep -q SSH-2.0 <(ssh-keyscan 127.0.0.1 2>&1)
    check "no job was dropped" no_job_dropped
    check "the network mount hangs, and nobody has waited for it" hanging
    check "the daemon neither needs nor waits for it" never grep -q remote-fs \
        <(systemctl list-dependencies --after sshpermd)
    # Until that mount has failed, users are kept out by pam_nologin: systemd-user-sessions waits.
    systemctl stop mnt-dead.mount || true
    eventually "then a login by key works" login alice

    systemctl stop sshpermd
    chmod 777 /home/alice/.ssh
    echo '{"mode": "repare"}' > $conf
    systemctl -q disable ssh.socket
    systemctl -q enable ssh.service
    : > /etc/fstab
    again
    ;;
3)
    eventually "it runs with a broken configuration" active
    eventually "by the last one that was accepted" right alice
    check "that is said at priority crit" grep -q config.rejected <(journalctl -q -b -p crit -o cat)
    eventually "systemctl status shows the reason" status_says repare
    eventually "sshd runs" active ssh
    eventually "a login by key works" login alice
    check "sshd was started when all was looked at" started_after ssh sshpermd
    echo '{}' > $conf
    systemctl reload sshpermd
    eventually "put right, the trouble is over" has_event daemon.recovered config_fallback
    eventually "and the status is silent about it" never status_says repare
    check "no job was dropped" no_job_dropped

    systemctl -q disable --now sshpermd
    systemctl -q enable sshpermd-once
    chmod 777 /home/alice/.ssh
    again
    ;;
4)
    eventually "sshd runs" active ssh
    check "the one-shot unit has repaired" right alice
    check "without a complaint" [ "$(systemctl show -P Result sshpermd-once)" = success ]
    check "before sshd was started" [ "$(systemctl show -P InactiveExitTimestampMonotonic ssh)" -ge \
        "$(systemctl show -P InactiveEnterTimestampMonotonic sshpermd-once)" ]
    check "and is gone" off sshpermd
    check "with its repair in the journal" has_event permission.repaired
    eventually "a login by key works" login alice

    # An image that was sealed with the package installed, and nothing enabled.
    systemctl -q disable sshpermd-once
    printf '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n' \
        > /etc/systemd/system/control.service
    echo uninitialized > /etc/machine-id
    chmod 755 /home/alice
    again
    ;;
5)
    eventually "sshd runs" active ssh
    check "a first boot enables what no preset names" systemctl is-enabled --quiet control
    check "but not the daemon" off sshpermd
    check "nor the one-shot unit" off sshpermd-once
    check "no home was narrowed" [ "$(mode /home/alice)" = 755 ]
    ;;
esac
