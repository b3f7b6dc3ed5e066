# The installed service, killed again and again while it repairs, and each time started by systemd.
kills=$(cat in/kills)
drop_in=/etc/systemd/system/sshpermd.service.d

# breaker: one account's targets are made wrong again as soon as they are right, until the file "stop" is
# there. Says how often it saw one repaired, and of each mode that is neither how it was nor how it is to be.
cat > breaker.pl <<'P'
use strict;
my %wrong = ("/home/alice/.ssh" => [0755, 0700], "/home/alice/.ssh/authorized_keys" => [0644, 0600]);
my ($seen, %is_wrong) = (0);
sub look {
    my ($path) = @_;
    my ($was, $right) = @{$wrong{$path}};
    my $mode = (stat $path)[2] & 07777;
    print "$path: wider than it was: ", sprintf("%04o\n", $mode) if $mode & ~$was;
    $seen += 1 if $is_wrong{$path} && $mode == $right;
    $is_wrong{$path} = $mode != $right;
}
until (-e "stop") {
    for my $path (keys %wrong) {
        look($path);
        next if $is_wrong{$path};
        chmod $wrong{$path}[0], $path;
        $is_wrong{$path} = 1;
    }
    select undef, undef, undef, $ARGV[0];
}
sleep 2;
look($_) for keys %wrong;
print "seen: $seen\n";
P

another() { # there is one, and not the one that was killed
    local now
    now=$(pid)
    [ "$now" != 0 ] && [ "$now" != "$victim" ] && active
}

make_user alice
mkdir -p $drop_in
printf '[Service]\nRestartSec=20ms\n' > $drop_in/soon.conf
systemctl daemon-reload
install_daemon '{"flap": {"burst": 1000, "window": "1s"}}'
# So seldom that the record, a ring of 64 MiB, holds all of it: half a millisecond for 50 kills.
perl breaker.pl "$(printf '0.%05d' "$kills")" > seen &
breaker=$!
for ((kill = 0; kill < kills; kill++)); do
    victim=$(pid)
    sleep "0.$(printf %03d $((RANDOM % 250)))"
    kill -KILL "$victim"
    eventually "after kill $kill there is another" another
done
check "as systemd counts them" [ "$(systemctl show -P NRestarts sshpermd)" = "$kills" ]
touch stop
wait $breaker
eventually "all is right" right alice
seen=$(sed -n 's/^seen: //p' seen)
check "no target was ever wider than before" never grep -q wider seen
say "seen repaired $seen times, on record $(on_record permission.repaired), cut off $(on_record repair.interrupted)"
told=$(($(on_record permission.repaired) + $(on_record repair.interrupted)))
check "it repaired between the kills" [ "$seen" -ge "$kills" ]
check "each of the repairs is on record" [ "$seen" -le $told ]
check "and none over and over" [ $told -le $((seen + 2 * kills)) ]
well_again
