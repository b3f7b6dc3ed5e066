#!/usr/bin/env bash
# Compiles what the packages ship. What comes out depends on the sources and the compiler, not on where
# or when.
# usage: compile.sh BUILD_DIRECTORY [CMAKE_ARGUMENT...]
set -euo pipefail
source=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
built=$1
shift
mkdir -p "$built"
exec 9> "$built/lock" # one at a time
flock 9
launcher=()
! command -v ccache > /dev/null || launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
cmake -S "$source" --preset release -B "$built" -DCMAKE_INSTALL_PREFIX=/usr -DSSHPERMD_BENCH=OFF \
    "${launcher[@]}" "$@" > /dev/null 9>&-
CCACHE_BASEDIR=${CCACHE_BASEDIR:-$source} CCACHE_NOHASHDIR=1 cmake --build "$built" -- --quiet 9>&-
