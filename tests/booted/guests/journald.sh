# journald under the installed service: stopped, back again, restarted, and with a full disk.
journald=(systemd-journald.socket systemd-journald-dev-log.socket systemd-journald.service)
repairs_in_the_journal() { journalctl --sync; journalctl -q -b -o cat SSHPERMD_EVENT=permission.repaired | wc -l; }
more_than() { [ "$(repairs_in_the_journal)" -gt "$1" ]; }

make_user alice
mount -t tmpfs -o size=16M tmpfs /var/log/journal
systemctl restart systemd-journald
install_daemon
comes_right "with journald it repairs" alice
before=$(pid)

systemctl stop "${journald[@]}"
check "journald is gone" never active systemd-journald
comes_right "without journald it repairs" alice
check "and answers" sshpermctl -q ping
systemctl start "${journald[@]}"
known=$(repairs_in_the_journal)
comes_right "with journald back it repairs" alice
eventually "and the journal has it" more_than "$known"

systemctl restart systemd-journald
known=$(repairs_in_the_journal)
comes_right "with journald restarted it repairs" alice
eventually "and the journal has it" more_than "$known"

head -c 32M /dev/zero > /var/log/journal/filler 2> /dev/null || true
check "the disk of the journal is full" never cp /root/key /var/log/journal/more
comes_right "with the journal's disk full it repairs" alice
check "and answers" sshpermctl -q ping
rm /var/log/journal/filler /var/log/journal/more
systemctl restart systemd-journald
known=$(repairs_in_the_journal)
comes_right "with room again it repairs" alice
eventually "and the journal has it" more_than "$known"
check "by the same process all the time" [ "$(pid)" = "$before" ]
well_again
all_told
