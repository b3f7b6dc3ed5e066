# Locked out: the user data of packaging/aws, run by the real cloud-init on a machine where sshpermd is
# installed, and not enabled. The same instance boots with user data that changed while it was stopped.
user=ec2-user
new_key() { ssh-keygen -q -t ed25519 -N '' -f /root/new_key; }
lock_out() { chmod 777 /home/$user /home/$user/.ssh /home/$user/.ssh/authorized_keys; }
locked_out() { [ "$(modes_of $user)" = "777 777 777" ] && ! login $user; }
lines_with() { grep -cF -- "$(cat "$1")" /home/$user/.ssh/authorized_keys; }
said() { grep -q -- "$1" /var/log/cloud-init-output.log; }

case $BOOT in
1)
    make_user $user
    dpkg -i in/sshpermd.deb
    printf '#!/bin/sh\necho user data of somebody\n' > plain
    next_boot i-locked-out guest plain
    lock_out
    again
    ;;
2)
    cloud_init_done
    check "cloud-init runs user data" said "user data of somebody"
    eventually "sshd is there" active ssh
    check "without ours, the machine is as it was, and the login refused" locked_out
    next_boot i-locked-out guest in/aws/user-data-repair.txt
    again
    ;;
3)
    cloud_init_done
    check "the instance is the same one" [ "$(ls /var/lib/cloud/instances)" = i-locked-out ]
    check "the home, .ssh and the keys are right" right $user
    eventually "a login by key works" login $user
    check "the system log says what was repaired" said "/home/$user/.ssh"
    check "nothing else of sshpermd runs" off sshpermd

    new_key
    lock_out
    check "locked out again" locked_out
    sed "s|^key=.*|key='$(cat /root/new_key.pub)'|" in/aws/user-data-add-key.txt > filled_in
    next_boot i-locked-out guest filled_in
    again
    ;;
4 | 5)
    cloud_init_done
    check "the home, .ssh and the keys are right" right $user
    eventually "the key that was added logs in" login $user /root/new_key
    check "and so does the old one" login $user
    check "each of them is there once" [ "$(lines_with /root/new_key.pub) $(lines_with /root/key.pub)" = "1 1" ]
    check "though the user data ran at each boot" \
        [ "$(grep -cxF "$(ssh-keygen -lf /root/new_key.pub)" /var/log/cloud-init-output.log)" = $((BOOT - 3)) ]
    [ "$BOOT" = 5 ] || again
    ;;
esac
