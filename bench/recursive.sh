#!/usr/bin/env bash
# Measures sshpermctl repair --recursive beside chown -R of coreutils over the same files, in turns.
#
#   bench/recursive.sh BUILD_DIRECTORY [FILES [FILES_A_DIRECTORY [TURNS]]]
#
# As root, in a mount namespace of its own: the files lie in a directory below /var/tmp, which is
# /home there, and /etc/passwd, /run and /var/lib are not the machine's. Both hand the files of a uid
# that nobody has to an account; before each turn they are given back and written to the disk.
set -euo pipefail

files=${2:-1000000}
a_directory=${3:-1000}
turns=${4:-5}
account=25000
nobodys=25001

inside() {
    local store=$1 ctl=$2
    mount -t tmpfs tmpfs /run
    mount --bind "$store/home" /home
    mkdir -p "$store/lib"
    mount --bind "$store/lib" /var/lib
    mkdir /run/etc
    cp /etc/passwd /etc/group /run/etc
    echo "bench:x:$account:$account::/home/bench:/bin/sh" >>/run/etc/passwd
    echo "bench:x:$account:" >>/run/etc/group
    mount --bind /run/etc/passwd /etc/passwd
    mount --bind /run/etc/group /etc/group
    mkdir -m 0700 /home/bench
    python3 - "$files" "$a_directory" <<'PYTHON'
import os, sys
files, a_directory = map(int, sys.argv[1:])
os.chdir("/home/bench")
for i in range(files):
    if i % a_directory == 0:
        os.mkdir(f"d{i // a_directory}")
    os.close(os.open(f"d{i // a_directory}/{i}", os.O_CREAT | os.O_WRONLY, 0o644))
PYTHON
    chown -R "$account:$account" /home/bench

    local TIMEFORMAT='%R %U %S' turn of_chown of_ctl
    echo "$files files, $a_directory a directory, on $(stat -f -c %T /home); seconds: wall, user, system"
    for ((turn = 1; turn <= turns; ++turn)); do
        give_back
        of_chown=$({ time chown -R "$account:$account" /home/bench; } 2>&1)
        check
        give_back
        of_ctl=$({ time "$ctl" repair --recursive -q bench &>/run/said; } 2>&1) ||
            { cat /run/said; exit 1; }
        check
        awk -v a="$of_chown" -v b="$of_ctl" 'BEGIN {
            split(a, chown, " "); split(b, ctl, " ")
            printf "chown -R %s   sshpermctl %s   wall %.2fx   processor %.2fx\n", a, b,
                ctl[1] / chown[1], (ctl[2] + ctl[3]) / (chown[2] + chown[3]) }'
    done | tee /run/turns
    awk '{ sub("x", "", $(NF - 2)); wall[NR] = $(NF - 2) + 0; sub("x", "", $NF); cpu[NR] = $NF + 0 }
         function median(list, n,   i, j, t) {
             for (i = 2; i <= n; ++i)
                 for (j = i; j > 1 && list[j - 1] > list[j]; --j) {
                     t = list[j]; list[j] = list[j - 1]; list[j - 1] = t }
             return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2 }
         END { printf "medians: wall %.2fx, processor %.2fx   goal: 1.5x\n", median(wall, NR), median(cpu, NR) }' /run/turns
}

give_back() {
    chown -R "$nobodys:$nobodys" /home/bench/d*
    sync
}

# All of them, or the measurement is of something else.
check() {
    [[ -z $(find /home/bench ! -uid "$account" -print -quit) ]] || { echo "not all are right"; exit 1; }
}

if [[ ${SSHPERMD_BENCH_INSIDE:-} ]]; then
    inside "$SSHPERMD_BENCH_INSIDE" "$1"
    exit
fi
[[ $# -ge 1 && $EUID -eq 0 ]] || { echo "usage, as root: ${0##*/} BUILD_DIRECTORY [FILES [FILES_A_DIRECTORY [TURNS]]]"; exit 2; }
store=$(mktemp -d /var/tmp/sshpermd-bench.XXXXXX)
trap 'rm -rf --one-file-system -- "$store"' EXIT
chmod 0755 "$store"
mkdir -m 0755 "$store/home"
cp "$1/ctl/sshpermctl" "$store/sshpermctl"
SSHPERMD_BENCH_INSIDE=$store unshare --mount --propagation private \
    "$BASH" "$(readlink -f -- "$0")" "$store/sshpermctl" "$files" "$a_directory" "$turns"
