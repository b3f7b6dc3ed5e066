# The .rpm, installed by rpm with a database of its own: its scriptlets, files and unit. This is no system of
# an RPM distribution: what those have is in a package without files.
by_rpm() { rpm --dbpath /var/lib/rpm "$@"; }
conf=/etc/sshpermd/sshpermd.json
make_user alice
chmod 755 /home/alice
check "it needs something" never by_rpm -i in/sshpermd.rpm
by_rpm -i in/oldest_system.rpm
by_rpm -i in/sshpermd.rpm
check "installing neither enables nor starts the daemon" off sshpermd
check "nor the one-shot unit" off sshpermd-once
check "installing narrows no home" [ "$(mode /home/alice)" = 755 ]
check "the group of the status socket is there" getent group sshperm
check "the catalog is there" grep -q sshpermd <(journalctl --list-catalog)
check "every file is as the package has it" by_rpm -V sshpermd
check "the configuration is right" sshpermctl config check
systemctl -q enable --now sshpermd
eventually "enabled, it repairs" right alice
eventually "sshd is there" active ssh
check "a login by key works" login alice

echo '{/* by hand */}' > $conf
before=$(pid)
by_rpm -U in/newer.rpm
check "an upgrade starts the new program" [ "$(pid)" != "$before" ]
check "and is installed" [ "$(by_rpm -q --qf '%{VERSION}' sshpermd)" = 9.0.0 ]
check "an edited configuration is kept" grep -q 'by hand' $conf
check "it stays enabled" systemctl is-enabled --quiet sshpermd
chmod 777 /home/alice/.ssh
eventually "it repairs" right alice
systemctl stop sshpermd
by_rpm -U --oldpackage in/sshpermd.rpm
check "a downgrade does not start what was stopped" never active

systemctl start sshpermd
by_rpm -e sshpermd
check "what was edited by hand is kept" grep -q 'by hand' $conf.rpmsave
rm -r /etc/sshpermd
check "removed, nothing of it runs" never pgrep sshpermd
left=$(find / -xdev \( -path /guest -o -path /var/log -o -path /home -o -path /tmp -o -path /proc \) -prune \
    -o -name '*sshperm*' -print; find /run -name '*sshperm*')
check "nothing is left behind: $left" [ -z "$left" ]
check "not even the group" never getent group sshperm
check "no unit has failed" [ -z "$(systemctl --failed --plain --no-legend)" ]
