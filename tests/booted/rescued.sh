# Who was repaired on the disk before the boot logs in, and who was not does not.
check "this is the disk: $(cat in/disk)" [ "$(findmnt -no FSTYPE /)" = "$(cat in/disk)" ]
install -m 0600 in/key /root/key
for i in {0..9}; do eventually "u$i logs in" login "u$i"; done
check "who was left broken does not" never login u10
