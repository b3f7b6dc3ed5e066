# An image that is baked with the daemon enabled and running, sealed, and booted as another machine with
# another launch key, which the real cloud-init lets in.
user=ec2-user
keys=/home/$user/.ssh/authorized_keys
stranger='ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBhx9nkm0LSD4lEGtmg8L5nWlUCXxGkCBTNCuGUqXhHq of-nobody'
# A key that came while others could write the file: is it withheld? Afterwards it is gone again.
withholds() {
    chmod 777 /home/$user/.ssh
    echo "$stranger" >> $keys
    sshpermctl repair || true
    local closed
    closed=$(mode $keys)
    sed -i '$d' $keys
    chmod 600 $keys
    [ "$closed" = 0 ]
}

case $BOOT in
1)
    ssh-keygen -q -t ed25519 -N '' -f /root/key
    ssh-keygen -q -t ed25519 -N '' -f /root/launch_key
    : > /etc/apt/sources.list # there is no network
    echo '#cloud-config' > none
    next_boot i-build build-machine none /root/key.pub
    again
    ;;
2)
    cloud_init_done
    check "this is the build machine" [ "$(hostname)" = build-machine ]
    eventually "the build's key logs in" login $user
    cp in/sshpermd.deb /var/tmp/sshpermd-package
    bash in/aws/install.sh
    check "the script installs it enabled" systemctl is-enabled --quiet sshpermd
    systemctl start sshpermd
    eventually "it has looked at everybody" has_event scan.completed
    chmod 777 /home/$user/.ssh
    eventually "and repairs" right $user

    systemctl stop sshpermd
    check "it remembers the keys here: a stranger's is withheld" withholds
    systemctl start sshpermd

    # The end of the build, as Packer and Image Builder have it.
    bash in/aws/seal.sh
    check "sealed, the daemon is still enabled" systemctl is-enabled --quiet sshpermd
    check "and does not run" never active
    check "the file of its memory has forgotten, too" never grep -q $user /var/lib/sshpermd/memory
    check "nothing is remembered: the look that finds the stranger's key is the first" never withholds
    bash in/aws/seal.sh
    : > $keys
    chmod 777 /home/$user/.ssh
    cat /etc/machine-id > /guest/build_machine
    cloud-init clean --logs --machine-id
    next_boot i-instance new-machine none /root/launch_key.pub
    again
    ;;
3)
    cloud_init_done
    check "this is another machine" [ "$(cat /etc/machine-id)" != "$(cat /guest/build_machine)" ]
    check "of another name" [ "$(hostname)" = new-machine ]
    check "the daemon runs, from the first boot on" active
    eventually "the launch key logs in" login $user /root/launch_key
    check "the build's does not" never login $user
    eventually "everything is right, also what was wrong in the image" right $user
    check "the daemon is healthy" sshpermctl status
    check "it misses nothing of what was known to the other machine" never has_event daemon.degraded
    check "no key was withheld" never has_event repair.withheld
    check "and nobody is" jq -e ".users.protected == 1 and .users.withheld == 0" <(sshpermctl status --json)
    check "it repairs, and has it on record" bash in/aws/prove.sh
    chmod 777 /home/$user /home/$user/.ssh
    eventually "drift is repaired" right $user
    check "and the launch key logs in" login $user /root/launch_key
    ;;
esac
