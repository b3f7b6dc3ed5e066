# What only a kernel of its own can do to the installed service: no process may be started, no memory is
# left, and the clock is set.
limit() { systemctl set-property --runtime sshpermd "$1"; }
lasts() { sshpermctl status --json | jq -e --arg trouble "$1" '.degraded | any(.reason == $trouble)' > /dev/null; }

make_user alice
install_daemon '{"flap": {"burst": 1000, "window": "1s"}}'
comes_right "it repairs" alice
before=$(pid)

# Accounts are asked of a child process; those of /etc/passwd are known without.
all_told
limit TasksMax="$(systemctl show -P TasksCurrent sshpermd)"
make_user bob
eventually "that it can start no process is told as a trouble" lasts accounts_unavailable
eventually "and stands in the status line" status_says Degraded
check "its health says so" never no_trouble
eventually "an account that is new in /etc/passwd is right" right bob
broken=$(on_record permission.repaired) # that of bob may have been made before it was right
comes_right "and repaired" bob
comes_right "as is one that was there" alice
limit TasksMax=infinity
eventually "once it can start one again, the trouble is over" never lasts accounts_unavailable
comes_right "and it goes on to repair" alice
check "by the same process" [ "$(pid)" = "$before" ]
well_again
all_told

# Less memory than it needs: it is killed, and comes back when there is some.
killed() { [ "$(systemctl show -P NRestarts sshpermd)" -ge 1 ] && grep -q oom-kill <(journalctl -q -b -u sshpermd); }
limit MemoryMax=1M
chmod 755 /home/alice/.ssh
eventually "without memory it is killed" killed
limit MemoryMax=infinity
eventually "with memory again it repairs" right alice
check "and has that on record" [ $(($(on_record permission.repaired) + $(on_record repair.interrupted))) -gt $broken ]
broken=$(on_record permission.repaired)
comes_right "and goes on to do so" alice
well_again
all_told

# The clock is set: nothing waits for the time that was.
before=$(pid)
clock() { date -s "$1" > /dev/null; }
for jump in "+1 day" "-2 days"; do
    clock "$jump"
    comes_right "with the clock set by $jump it repairs" alice
    sshpermctl pause --for 4s --reason "a test" > /dev/null
    check "a pause begins" lasts paused
    chmod 755 /home/alice/.ssh
    clock "$jump"
    eventually "and ends, though the clock was set in it" never lasts paused
    eventually "then it repairs" right alice
    broken=$((broken + 1))
done
check "by the same process" [ "$(pid)" = "$before" ]
well_again
all_told
