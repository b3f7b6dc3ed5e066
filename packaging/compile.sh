#!/usr/bin/env bash
# Compiles what the packages ship. What comes out depends on the sources and the compiler, not on where
# or when.
# usage: compile.sh BUILD_DIRECTORY [CMAKE_ARGUMENT...] [-- TARGET...]
set -euo pipefail
source=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
built=$1
shift
arguments=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do arguments+=("$1"); shift; done
[ $# = 0 ] || shift # the rest are targets
mkdir -p "$built"
exec 9> "$built/lock" # one at a time
flock 9
launcher=()
! command -v ccache > /dev/null || launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
cmake -S "$source" --preset release -B "$built" -DCMAKE_INSTALL_PREFIX=/usr -DSSHPERMD_BENCH=OFF \
    "${launcher[@]}" "${arguments[@]}" > /dev/null 9>&-
# No relative paths from ccache: they would be in the debug symbols, and other ones without it.
env -u CCACHE_BASEDIR -u CCACHE_NOHASHDIR cmake --build "$built" -- --quiet "$@" 9>&-
