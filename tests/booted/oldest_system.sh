#!/usr/bin/env bash
# Builds an empty .rpm that provides what the oldest system has of what ours may need (Amazon Linux 2023,
# EL9: glibc 2.34, GCC 11's libstdc++, OpenSSL 3.0, systemd 249). With it rpm itself says whether ours can
# be installed there.
# usage: oldest_system.sh OUTPUT.rpm
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

versions() { # versions LIBRARY VERSION...
    local library=$1 version
    shift
    echo "Provides: $library()(64bit)"
    for version in "$@"; do echo "Provides: $library($version)(64bit)"; done
}
{
    printf '%s\n' "Name: oldest-system" "Version: 1" "Release: 1" "Summary: what the oldest system has" \
        "License: none" "BuildArch: noarch" "Provides: /bin/sh" "Provides: systemd = 249" "Provides: rtld(GNU_HASH)"
    versions libc.so.6 GLIBC_2.{2.5,2.6,3,3.2,3.3,3.4} $(printf 'GLIBC_2.%s ' {4..34})
    versions libstdc++.so.6 GLIBCXX_3.4 CXXABI_1.3 $(printf 'GLIBCXX_3.4.%s ' {1..29}) $(printf 'CXXABI_1.3.%s ' {1..13})
    versions libgcc_s.so.1 GCC_3.0 GCC_3.3 GCC_3.4 GCC_4.2.0
    versions libcrypto.so.3 OPENSSL_3.0.0
    versions libsystemd.so.0 $(printf 'LIBSYSTEMD_%s ' {209..249})
    versions libm.so.6 GLIBC_2.2.5 GLIBC_2.29
    printf '%s\n' "%description" "For a test." "%files"
} > "$work/oldest-system.spec"
rpmbuild -bb "$work/oldest-system.spec" --define "_topdir $work" --define "_dbpath $work/db" > "$work/log" 2>&1 ||
    { cat "$work/log" >&2; exit 1; }
cp "$work"/RPMS/noarch/*.rpm "$1"
