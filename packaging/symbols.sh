#!/usr/bin/env bash
# The programs load on the oldest systems that we name (Amazon Linux 2023, EL9, Ubuntu 22.04): no symbol
# is newer than theirs.
# usage: symbols.sh PROGRAM...
set -euo pipefail

# too_new PROGRAM SET NEWEST: the versions of SET that the program needs and that are newer.
too_new() {
    objdump -T "$1" | grep -oE "\\b$2_[0-9][0-9.]*" | sort -u | while read -r version; do
        [ "$(printf '%s\n' "$version" "$2_$3" | sort -V | tail -n 1)" = "$2_$3" ] || echo "$version"
    done
}

status=0
for program in "$@"; do
    [ "$(objdump -T "$program" | grep -c 'GLIBC_')" -gt 0 ] || { echo "FAILED: $program names no symbol" >&2; exit 1; }
    for limit in GLIBC:${SSHPERMD_GLIBC:-2.34} GLIBCXX:3.4.29 CXXABI:1.3.13 OPENSSL:3.0.0 LIBSYSTEMD:249; do
        new=$(too_new "$program" "${limit%:*}" "${limit#*:}")
        [ -z "$new" ] || { echo "FAILED: ${program##*/} needs" $new "and the oldest system has ${limit/:/_}" >&2; status=1; }
    done
done
exit $status
