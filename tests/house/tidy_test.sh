#!/bin/bash
# clang-tidy has nothing to say about the library, the daemon and the tool. What it has passed is looked at again only
# when it, a header of the project, .clang-tidy or the way it is compiled has changed.
# In the short run it reads each directory as one file, as the build does; in the long run, with the analyzer, each file
# by itself, which also shows that each includes what it needs.
# usage: tidy_test.sh SOURCE_DIRECTORY BUILD_DIRECTORY [beside]
# "beside" other tests it begins at the end, on one processor, and fails for nothing: the test itself, which meets it
# half-way, has that much less to do.
set -euo pipefail
source=$(readlink -f "$1")
build=$(readlink -f "$2")
beside=${3:-}
passed=$build/tidy-passed
mkdir -p "$passed"
export source build passed

# The analyzer is two fifths of the time: it runs in the long run, and then deep.
if [ "${SSHPERMD_LONG:-0}" = 0 ]; then
    together=ON
    options="--checks=-clang-analyzer-*,-bugprone-suspicious-include" # of a file .cpp
    mistake='int* f() { return 0; }' # no nullptr
else
    together=OFF
    options="--extra-arg=-Xclang --extra-arg=-analyzer-config --extra-arg=-Xclang --extra-arg=mode=deep"
    mistake='int f(int* p) { if (!p) return *p; return 0; }'
fi
export options

# How it is compiled, without sanitizers, which slow the analysis down, and without precompiled headers. Nothing is
# built.
database=$build/tidy
export database
mkdir -p "$database"
(cd "$source" && flock "$database" cmake --preset tidy -B "$database" -DSSHPERMD_TESTS=OFF -DSSHPERMD_BENCH=OFF \
    -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON -DCMAKE_UNITY_BUILD=$together > /dev/null)

everything=$(cd "$source" && {
    clang-tidy --version
    echo "$options"
    find lib daemon ctl -name '*.hpp' -print0 | LC_ALL=C sort -z | xargs -0 cat .clang-tidy
} | sha256sum)
export everything

# What is compiled as one: a file of ours, or some that another includes.
sources_of() {
    case $1 in
    */Unity/*) sed -n 's/^#include "\(.*\)"$/\1/p' "$1" ;;
    *) echo "$1" ;;
    esac
}

tidy() {
    local unit=$1 state
    state=$({ printf '%s\n' "$everything"
              grep -F "$unit" "$database/compile_commands.json" || true
              sources_of "$unit" | xargs cat; } | sha256sum | cut -d' ' -f1)
    [ ! -e "$passed/$state" ] || return 0
    # shellcheck disable=SC2086  # several words
    if clang-tidy -p "$database" --quiet $options "$unit" 2> /dev/null; then
        : > "$passed/$state"
    else
        echo "FAILED: $unit" >&2
        return 1
    fi
}
export -f sources_of tidy

# Every source must be in the database, or clang-tidy would guess how it is compiled.
units=$(sed -n 's/^ *"file": "\(.*\)",\{0,1\}$/\1/p' "$database/compile_commands.json")
compiled=$(for unit in $units; do sources_of "$unit"; done)
sources=$(find "$source/lib" "$source/daemon" "$source/ctl" -name '*.cpp')
for file in $sources; do
    grep -qxF "$file" <<< "$compiled" || {
        echo "FAILED: $file is not compiled" >&2
        exit 1
    }
done

# The control: clang-tidy with our checks finds a plain mistake, also in a file that another includes.
control=$(mktemp -d)
trap 'rm -rf "$control"' EXIT
mkdir "$control/lib"
echo "$mistake" > "$control/lib/control.cpp"
echo "#include \"$control/lib/control.cpp\"" > "$control/together.cpp"
for file in "$control/lib/control.cpp" "$control/together.cpp"; do
    # shellcheck disable=SC2086
    if clang-tidy --config-file="$source/.clang-tidy" --quiet $options "$file" -- -std=c++20 > /dev/null 2>&1; then
        echo "FAILED: clang-tidy finds nothing to say about: $mistake" >&2
        exit 1
    fi
done

if [ "$beside" = beside ]; then
    for unit in $(tac <<< "$units"); do tidy "$unit" > /dev/null 2>&1 || true; done
    exit
fi

# shellcheck disable=SC2016
xargs -P "$(nproc)" -I{} bash -c 'tidy "$1"' _ {} <<< "$units"
echo "clang-tidy has passed $(wc -l <<< "$sources") files"
