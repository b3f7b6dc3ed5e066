#!/usr/bin/env bash
# The packages are built, checked and the same bytes again when they are built somewhere else.
# usage: package_test.sh SOURCE PACKAGES       fills PACKAGES, which the booted tests install
# With SSHPERMD_LONG=1 the programs, too, are compiled a second time, from a copy of the sources elsewhere.
set -euo pipefail
source=$(readlink -f "$1") packages=$2
for tool in dpkg-buildpackage dh rpmbuild lintian rpmlint; do
    command -v $tool > /dev/null || { echo "SKIPPED: no $tool on this machine (./dev setup installs it)"; exit 77; }
done
newest=2.36 # a newer libc would put its own symbols into the programs
libc=$(getconf GNU_LIBC_VERSION | cut -d' ' -f2)
[ "$(printf '%s\n' "$libc" $newest | sort -V | tail -n 1)" = $newest ] || {
    echo "SKIPPED: packages for all systems are built on Debian 12 or Ubuntu 22.04, and this has glibc $libc"
    exit 77
}
samples=(lib/CMakeFiles/sshpermd_repair.dir/Unity/unity_repair_cxx.cxx.o
    daemon/CMakeFiles/sshpermd.dir/Unity/unity_events_cxx.cxx.o ctl/CMakeFiles/sshpermctl.dir/Unity/unity_homes_cxx.cxx.o)
fail() { echo "FAILED: $1" >&2; exit 1; }
elsewhere=$(mktemp -d /var/tmp/sshpermd-package.XXXXXX)
trap 'rm -rf "$elsewhere"' EXIT
export SSHPERMD_BUILT=$source/build/package

SSHPERMD_PACKAGES=$packages "$source/packaging/build.sh"
export SSHPERMD_UNCHECKED=1
SSHPERMD_PACKAGES=$packages/newer SSHPERMD_PACKAGE_VERSION=9.0.0 "$source/packaging/build.sh" rpm > /dev/null

again=$source
if [ "${SSHPERMD_LONG:-0}" = 1 ]; then
    again=$elsewhere/another-place/with/a-longer-name
    mkdir -p "$again"
    (cd "$source" && tar -c --exclude=./build --exclude=./.git .) | tar -x -C "$again"
    export SSHPERMD_BUILT=$elsewhere/built CCACHE_DISABLE=1
else
    echo "compiled once but for a few files: SSHPERMD_LONG=1 compiles everything twice and compares"
    # A few files are compiled elsewhere, too: no path may be in them.
    mkdir "$elsewhere/sources"
    (cd "$source" && tar -c --exclude=./build --exclude=./.git .) | tar -x -C "$elsewhere/sources"
    (cd "$elsewhere/sources" && CCACHE_DISABLE=1 packaging/compile.sh "$elsewhere/built" -- "${samples[@]}")
    for sample in "${samples[@]}"; do
        cmp "$SSHPERMD_BUILT/$sample" "$elsewhere/built/$sample" || fail "$sample depends on where it is compiled"
    done
fi
SSHPERMD_PACKAGES=$elsewhere/packages "$again/packaging/build.sh" > /dev/null
for package in "$packages"/*.deb "$packages"/*.rpm; do
    cmp "$package" "$elsewhere/packages/${package##*/}" || fail "${package##*/} is not reproducible"
done
echo "ok: the same bytes again"

# The controls: the gate of the symbols is not open to everything, and the comparison sees a difference.
! SSHPERMD_GLIBC=2.17 "$source/packaging/symbols.sh" "$source/build/package/daemon/sshpermd" 2> /dev/null ||
    fail "the gate lets symbols through that are newer than its limit"
! cmp -s "$packages"/sshpermd-0*.rpm "$packages/newer/"sshpermd-9*.rpm || fail "the comparison sees no difference"

contents=$(dpkg-deb -c "$packages"/sshpermd_*.deb)
files=$(rpm -qlp "$packages"/sshpermd-[0-9]*.rpm)
for file in usr/sbin/sshpermd usr/bin/sshpermctl etc/sshpermd/sshpermd.json usr/lib/sysusers.d/sshpermd.conf \
    usr/lib/tmpfiles.d/sshpermd.conf usr/lib/systemd/catalog/sshpermd.catalog; do
    grep -q " ./$file$" <<< "$contents" || fail "the .deb has no $file"
    grep -qx "/$file" <<< "$files" || fail "the .rpm has no $file"
done
[ "$(dpkg-deb -f "$packages"/sshpermd_*.deb Package)" = sshpermd ]
grep -qx /etc/sshpermd/sshpermd.json <<< "$(dpkg-deb -I "$packages"/sshpermd_*.deb conffiles)" || fail "no conffile in the .deb"
grep -qx /etc/sshpermd/sshpermd.json <<< "$(rpm -qcp "$packages"/sshpermd-[0-9]*.rpm)" || fail "no config in the .rpm"

# Debug symbols are in packages of their own, for just these programs.
dpkg-deb -x "$packages"/sshpermd_*.deb "$elsewhere/deb"
symbols=$(dpkg-deb -c "$packages"/sshpermd-dbgsym_*.deb)
for program in usr/sbin/sshpermd usr/bin/sshpermctl; do
    ! grep -q '\.debug_info' <<< "$(readelf -S "$elsewhere/deb/$program")" || fail "$program has its debug symbols"
    id=$(readelf -n "$elsewhere/deb/$program" | sed -nE 's/ *Build ID: (..)(.*)/\1\/\2/p')
    grep -q "/$id.debug" <<< "$symbols" || fail "no debug symbols of $program in the .deb"
done
grep -q 'sshpermd.*\.debug' <<< "$(rpm -qlp "$packages"/sshpermd-debuginfo-*.rpm)" || fail "no debug symbols in the .rpm"

# The bill of materials names each library with its version.
dpkg-deb --fsys-tarfile "$packages"/sshpermd_*.deb | tar -xO ./usr/share/doc/sshpermd/sshpermd.spdx.json | jq -e '
    .spdxVersion == "SPDX-2.3" and .dataLicense == "CC0-1.0" and .SPDXID == "SPDXRef-DOCUMENT" and
    (.documentNamespace | test("^https://[^#]+$")) and (.creationInfo.created | test("^[0-9-]+T[0-9:]+Z$")) and
    (.creationInfo.creators | length > 0) and
    ([.packages[].name] | sort == ["CLI11","boost","fmt","nlohmann_json","spdlog","sshpermd"]) and
    all(.packages[]; (.versionInfo | test("^[0-9]+(\\.[0-9]+)+$")) and .SPDXID and .downloadLocation) and
    ([.relationships[].relatedSpdxElement] | sort) == ([.packages[].SPDXID] | sort)' > /dev/null ||
    fail "the bill of materials is not whole"
echo "ok"
