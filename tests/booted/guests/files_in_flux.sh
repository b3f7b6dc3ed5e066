# What the installed service reads, replaced while it reads it: /etc/passwd, and its configuration under
# SIGHUP and reload.
conf=/etc/sshpermd/sshpermd.json
rounds=100
known() { sshpermctl users --json | jq -e --arg name "$1" '.users | any(.name == $name)' > /dev/null; }

make_user alice
install_daemon '{"flap": {"burst": 1000, "window": "1s"}}'
before=$(pid)

# With one more account, and without, by turns; by a rename, as passwd(1) and its kin have it.
cp /etc/passwd /root/few
{ cat /root/few; echo "bob:x:30001:30001::/home/bob:/bin/sh"; } > /root/more
for ((i = 0; i < rounds; i++)); do
    for passwd in /root/more /root/few; do
        cp $passwd /etc/passwd.new
        mv /etc/passwd.new /etc/passwd
    done
    [ $((i % 20)) != 0 ] || comes_right "while accounts come and go it repairs" alice
done
cp /root/more /etc/passwd.new
mv /etc/passwd.new /etc/passwd
eventually "in the end the new account is known" known bob
check "alice was never thought to be gone" never has_event user.removed '"name":"alice"'
cp /root/few /etc/passwd.new
mv /etc/passwd.new /etc/passwd
eventually "and the one that is gone is not" never known bob

# Byte by byte in place, and as a whole; asked to read it by both ways.
text='{"mode": "repair", "flap": {"burst": 1000, "window": "1s"}}'
for ((i = 0; i < rounds; i++)); do
    half=$((i % ${#text}))
    printf %s "${text:0:half}" > $conf
    kill -HUP "$(pid)"
    printf %s "${text:half}" >> $conf
    [ $((i % 5)) != 0 ] || systemctl reload sshpermd
    [ $((i % 20)) != 0 ] || comes_right "while its configuration is written it repairs" alice
done
check "half a configuration was refused at least once" has_event config.rejected
systemctl reload sshpermd
comes_right "in the end it repairs" alice
check "by the whole of the configuration" jq -e '.config.fallback == false' <(sshpermctl status --json)
check "and by the same process" [ "$(pid)" = "$before" ]
well_again
all_told
