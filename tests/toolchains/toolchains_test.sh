#!/usr/bin/env bash
# The programs and the unit tests are built with the oldest compiler that is supported, GCC 11, and with
# the newest at hand, in a root directory of Debian trixie (GCC 14, Boost 1.83, Catch2 3); the unit tests
# run there. Only where SSHPERMD_LONG asks for it.
# usage: toolchains_test.sh SOURCE_DIRECTORY BUILD_DIRECTORY [oldest|newest]
#   What is built stays in BUILD_DIRECTORY/toolchains: a second run is short.
set -euo pipefail
source=$(readlink -f "$1")
mkdir -p "$2/toolchains"
parent=$(readlink -f "$2")
work=$parent/toolchains
which=${3:-oldest newest}
. "$source/tests/booted/mirror.sh"

skip() { echo "SKIPPED: $1"; exit 77; }
fail() { echo "FAILED: $1" >&2; exit 1; }
[ "${SSHPERMD_LONG:-0}" = 1 ] || skip "everything is compiled twice more, which takes half an hour (./dev test --long)"
[ "$(id -u)" = 0 ] || skip "needs root, for a root directory of another distribution"

targets="sshpermd sshpermctl unit_tests"
configuration="-DCMAKE_UNITY_BUILD=ON -G Ninja -DCMAKE_BUILD_TYPE=Debug -DSSHPERMD_BENCH=OFF"

# shown LOG COMMAND...: with what it says only when it fails.
shown() {
    local log=$1
    shift
    "$@" > "$log" 2>&1 < /dev/null || { grep -E 'error|warning:|undefined|FAILED' "$log" | head -n 40 >&2; tail -n 20 "$log" >&2; return 1; }
}

# Here, with this machine's libraries, which are not far from those of the oldest systems.
oldest() {
    command -v g++-11 > /dev/null || { echo "SKIPPED: no g++-11 on this machine (./dev setup long installs it)"; return 77; }
    local launcher
    launcher=$(sed -n 's/^CMAKE_CXX_COMPILER_LAUNCHER:[A-Z]*=//p' "$parent/CMakeCache.txt" 2> /dev/null || true)
    # shellcheck disable=SC2086
    shown "$work/oldest.log" cmake -S "$source" -B "$work/oldest" $configuration -DCMAKE_CXX_COMPILER=g++-11 \
        -DCMAKE_CXX_FLAGS_DEBUG="-O0" ${launcher:+-DCMAKE_CXX_COMPILER_LAUNCHER="$launcher"} || fail "GCC 11: CMake"
    # shellcheck disable=SC2086
    shown "$work/oldest.log" cmake --build "$work/oldest" --target $targets || fail "it does not build with GCC 11"
    shown "$work/oldest.log" "$work/oldest/tests/unit_tests" || fail "the unit tests, built with GCC 11"
    "$work/oldest/daemon/sshpermd" --version > /dev/null || fail "sshpermd, built with GCC 11, does not start"
    "$work/oldest/ctl/sshpermctl" version > /dev/null || fail "sshpermctl, built with GCC 11, does not start"
    echo "ok: $(g++-11 -dumpfullversion): $(tail -n 2 "$work/oldest.log" | xargs)"
}

needed="g++ cmake ninja-build pkg-config libboost-dev nlohmann-json3-dev libspdlog-dev libfmt-dev libcli11-dev
 libssl-dev libsystemd-dev systemd-dev catch2"

# Nothing of the machine is in there but the sources, which cannot be written.
inside() {
    root=$work/newest/root source=$source build=$work/newest/build unshare --mount --pid --fork --kill-child \
        --propagation private bash -euc '
        mkdir -p "$root/source" "$root/build" "$build"
        mount --bind -o ro "$source" "$root/source"
        mount --bind "$build" "$root/build"
        mount -t proc proc "$root/proc"
        export LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin
        exec chroot "$root" "$@"' inside "$@"
}
newest() {
    command -v mmdebstrap > /dev/null || { echo "SKIPPED: no mmdebstrap on this machine (./dev setup installs it)"; return 77; }
    [ "$(. /etc/os-release && echo "$ID")" = debian ] || { echo "SKIPPED: this is no Debian, and has no mirror of it"; return 77; }
    if [ "$(cat "$work/newest/made_of" 2> /dev/null)" != "$needed" ]; then
        rm -rf --one-file-system "$work/newest"
        mkdir -p "$work/newest"
        shown "$work/newest.log" unshare --mount --propagation private mmdebstrap --quiet --variant=minbase --include="$(echo $needed | tr ' ' ',')" \
            --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
            trixie "$work/newest/root" "$(mirror)" || fail "the root directory of Debian trixie"
        echo "$needed" > "$work/newest/made_of"
    fi
    # shellcheck disable=SC2086
    shown "$work/newest.log" inside cmake -S /source -B /build $configuration -DCMAKE_CXX_FLAGS_DEBUG=-O0 || fail "trixie: CMake"
    # shellcheck disable=SC2086
    shown "$work/newest.log" inside cmake --build /build --target $targets || fail "it does not build in Debian trixie"
    shown "$work/newest.log" inside /build/tests/unit_tests || fail "the unit tests, built in Debian trixie"
    inside /build/daemon/sshpermd --version > /dev/null || fail "sshpermd, built in Debian trixie, does not start"
    inside /build/ctl/sshpermctl version > /dev/null || fail "sshpermctl, built in Debian trixie, does not start"
    echo "ok: trixie, GCC $(inside g++ -dumpfullversion): $(tail -n 2 "$work/newest.log" | xargs)"
}

status=0
for one in $which; do
    result=0
    "$one" || result=$?
    [ "$result" = 0 ] || status=$result
done
exit "$status"
