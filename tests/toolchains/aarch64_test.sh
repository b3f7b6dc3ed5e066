#!/usr/bin/env bash
# The packages for aarch64 are built and checked, and what is in them runs: emulated, but with this
# machine's kernel, real homes and a real sshd. Only where SSHPERMD_LONG asks for it.
# usage: aarch64_test.sh SOURCE_DIRECTORY BUILD_DIRECTORY
#   What is built stays in BUILD_DIRECTORY/arm64: a second run is short.
set -euo pipefail
source=$(readlink -f "$1")
mkdir -p "$2/arm64"
work=$(readlink -f "$2/arm64")
here=$source/tests/toolchains
export SSHPERMD_ARM64=$work

skip() { echo "SKIPPED: $1"; exit 77; }
fail() { echo "FAILED: $1" >&2; exit 1; }
[ "${SSHPERMD_LONG:-0}" = 1 ] || skip "everything is compiled once more, which takes a quarter of an hour (./dev test --long)"
[ "$(id -u)" = 0 ] || skip "needs root, for a root directory with two architectures"
command -v mmdebstrap > /dev/null || skip "no mmdebstrap on this machine (./dev setup installs it)"
[ "$(. /etc/os-release && echo "$ID") $(dpkg --print-architecture)" = "debian amd64" ] || skip "cross.sh is for Debian on amd64"

cross() { "$source/packaging/cross.sh" "$@"; }
emulated() { "$here/emulated.sh" "$source" "$work" "$@"; }
is_aarch64() { grep -q 'Machine: *AArch64' <<< "$(readelf -h "$1")"; }

"$source/packaging/build.sh" arm64
packages=$work/packages
deb=$(echo "$packages"/sshpermd_*_arm64.deb) rpm=$(echo "$packages"/sshpermd-[0-9]*.aarch64.rpm)
[ "$(dpkg-deb -f "$deb" Architecture)" = arm64 ] || fail "the .deb is not for arm64"
[ "$(rpm -qp --qf '%{ARCH}' "$rpm")" = aarch64 ] || fail "the .rpm is not for aarch64"
grep -qE 'libc6 \(>= [0-9.]+\)' <<< "$(dpkg-deb -f "$deb" Depends)" || fail "the .deb does not know which libc it needs"
grep -q '^ld-linux-aarch64' <<< "$(rpm -qp --requires "$rpm")" || fail "the .rpm does not know what loads it"
rm -rf "$work/unpacked" "$work/first"
mkdir -p "$work/unpacked/rpm"
dpkg-deb -x "$deb" "$work/unpacked/deb"
(cd "$work/unpacked/rpm" && rpm2cpio "$rpm" | cpio --quiet -idm)
for program in usr/sbin/sshpermd usr/bin/sshpermctl; do
    is_aarch64 "$work/unpacked/deb/$program" || fail "$program in the .deb is not of aarch64"
    is_aarch64 "$work/unpacked/rpm/$program" || fail "$program in the .rpm is not of aarch64"
    ! grep -q '\.debug_info' <<< "$(readelf -S "$work/unpacked/deb/$program")" || fail "$program has its debug symbols"
done
! is_aarch64 "$(command -v readelf)" || fail "everything is of aarch64"
! cross env SSHPERMD_GLIBC=2.17 /source/packaging/symbols.sh /arm64/built/daemon/sshpermd 2> /dev/null ||
    fail "the gate lets symbols through that are newer than its limit"

# Wrapped again, without the linters.
cp -a "$packages" "$work/first"
SSHPERMD_UNCHECKED=1 "$source/packaging/build.sh" arm64 > /dev/null
for package in "$work"/first/*; do
    cmp "$package" "$packages/${package##*/}" || fail "${package##*/} is not reproducible"
done
rm -rf "$work/first"
echo "ok: the packages"

# The tests beside the very objects that are shipped.
cross /source/packaging/compile.sh /arm64/built -DSSHPERMD_TESTS=ON -- unit_tests home_tests
! "$work/built/daemon/sshpermd" --version 2> /dev/null || fail "this machine runs programs for aarch64 by itself: nothing is emulated"
# qemu 7.2 says that it knows mount ids and gives 0 for each (and has no openat2): what looks for a mount is left out.
blind=("~a mount in the place of .ssh is refused"
    "~a home on a file system of a kind that may never answer is not touched")
for tests in unit_tests home_tests; do
    cross qemu-aarch64-static "/arm64/built/tests/$tests" "${blind[@]}" > "$work/log" 2>&1 ||
        { tail -n 60 "$work/log" >&2; fail "$tests"; }
    echo "ok: $tests: $(tail -n 2 "$work/log" | xargs)"
done

# sshpermd starts itself again as the child that asks for accounts: now the kernel has to know of qemu.
emulated true 2> "$work/log" || skip "the rest: this kernel lets no namespace say what runs programs for aarch64 (Linux 6.7): $(cat "$work/log")"
emulated bash -euc '
    dpkg --install /arm64/packages/sshpermd_*_arm64.deb > /dev/null 2>&1
    version=$(sshpermd --version)
    [ "$(sshpermctl version)" = "sshpermctl ${version#* }" ]
    sshpermctl config check && sshpermctl check
    dpkg --purge sshpermd > /dev/null 2>&1
    /arm64/unpacked/rpm/usr/sbin/sshpermd --version && /arm64/unpacked/rpm/usr/bin/sshpermctl check' > "$work/log" 2>&1 ||
    { cat "$work/log" >&2; fail "what was installed"; }
emulated env SSHPERMD_DAEMON=/arm64/unpacked/deb/usr/sbin/sshpermd SSHPERMD_CTL=/arm64/unpacked/deb/usr/bin/sshpermctl \
    /source/tests/system/namespace.sh /source/tests/sandbox.sh --inside > "$work/log" 2>&1 ||
    { cat "$work/log" >&2; fail "the daemon at work"; }
grep -q '^    sshd: Authentication refused' "$work/log" || fail "no sshd was asked"
echo "ok: installed, and at work"
