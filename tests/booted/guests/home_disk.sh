# The disk with the homes under the installed service: full, read-only, gone, and another one in its place.
# It is memory here: a container has no disk to mount.
writable() { mount -o "remount,$1" /home; }
unmounted() { umount /home; }
mounted_for_the_service() { grep -q ' /home .* tmpfs ' "/proc/$(pid)/mountinfo"; }
left() { sshpermctl status --json | jq -e ".left == $1" > /dev/null; }
refused_as_read_only() { has_event repair.refused "read-only"; }

make_user alice
cp -a /home/alice /root/home # as it is right
mount -t tmpfs -o size=200k,nr_inodes=200,mode=755 tmpfs /home
cp -a /root/home /home/alice
install_daemon
check "the service sees this disk" mounted_for_the_service

head -c 1M /dev/zero > /home/filler 2> /dev/null || true
check "the disk is full" never cp /root/key.pub /home/more
comes_right "on a full disk it repairs" alice
rm /home/filler /home/more

kill -STOP "$(pid)"
break_it alice
writable ro
kill -CONT "$(pid)"
eventually "on a read-only disk it says that it cannot" refused_as_read_only
check "and how much is left" left 2
writable rw
eventually "once it can be written, all is repaired" right alice
comes_right "and so is what comes then" alice

eventually "the disk can be unmounted under it" unmounted
eventually "the service lets go of it, too" never mounted_for_the_service
eventually "it looks at what was below" right alice
comes_right "which it repairs" alice
mkdir /root/other
mount -t tmpfs -o mode=755 tmpfs /root/other
cp -a /root/home /root/other/alice
chmod 755 /root/other/alice/.ssh
chmod 644 /root/other/alice/.ssh/authorized_keys
broken=$((broken + 2))
mount --bind /root/other /home
eventually "another disk in its place is repaired" right alice
comes_right "and watched" alice
systemctl stop sshpermd
systemctl start sshpermd
comes_right "also by the next daemon" alice
eventually "the disk can be unmounted at last" unmounted
well_again
all_told
