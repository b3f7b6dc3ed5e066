#!/bin/bash
# clang-tidy has nothing to say about the library, the daemon and the tool. A file that it has
# passed is looked at again only when the file, a header of the project, .clang-tidy or the way it
# is compiled has changed.
# usage: tidy_test.sh SOURCE_DIRECTORY BUILD_DIRECTORY [beside]
# "beside" other tests it begins with the last file, on one processor, and fails for nothing: the test itself, which
# meets it half-way, has that much less to do.
set -euo pipefail
source=$(readlink -f "$1")
build=$(readlink -f "$2")
beside=${3:-}
passed=$build/tidy-passed
mkdir -p "$passed"
export source build passed

[ -f "$build/compile_commands.json" ] || {
    echo "FAILED: no compile_commands.json in $build" >&2
    exit 1
}

# The compilation database in clang's words: without the sanitizers, which slow the analysis down, and
# without precompiled headers, which are another compiler's or made with them.
database=$(mktemp -d)
trap 'rm -rf "$database"' EXIT
export database
sed -E 's/ -fsanitize=[a-z,]+| -fno-sanitize=[a-z,-]+| -fno-sanitize-recover=[a-z,]+| -Winvalid-pch//g
        s/ (-Xclang )?-include(-pch)? (-Xclang )?[^ ]*cmake_pch.hxx(.pch)?//g' \
    "$build/compile_commands.json" \
    > "$database/compile_commands.json"

# The analyzer is two fifths of the time: it runs in the long run, and then deep.
if [ "${SSHPERMD_LONG:-0}" = 0 ]; then
    options="--checks=-clang-analyzer-*"
    mistake='int* f() { return 0; }' # no nullptr
else
    options="--extra-arg=-Xclang --extra-arg=-analyzer-config --extra-arg=-Xclang --extra-arg=mode=deep"
    mistake='int f(int* p) { if (!p) return *p; return 0; }'
fi
export options

everything=$(cd "$source" && {
    clang-tidy --version
    echo "$options"
    find lib daemon ctl -name '*.hpp' -print0 | LC_ALL=C sort -z | xargs -0 cat .clang-tidy
} | sha256sum)
export everything

tidy() {
    local file=$1 state
    state=$({ printf '%s\n' "$everything"
              grep -F "/$file" "$database/compile_commands.json" || true
              cat "$source/$file"; } | sha256sum | cut -d' ' -f1)
    [ ! -e "$passed/$state" ] || return 0
    # shellcheck disable=SC2086  # several words
    if clang-tidy -p "$database" --quiet $options "$source/$file" 2> /dev/null; then
        : > "$passed/$state"
    else
        echo "FAILED: $file" >&2
        return 1
    fi
}
export -f tidy

# Every source must be in the database, or clang-tidy would guess how it is compiled.
sources=$(cd "$source" && find lib daemon ctl -name '*.cpp' | LC_ALL=C sort)
for file in $sources; do
    grep -qF "\"file\": \"$source/$file\"" "$database/compile_commands.json" || {
        echo "FAILED: $file is not compiled" >&2
        exit 1
    }
done

# The control: clang-tidy with our checks finds a plain mistake.
control=$database/control.cpp
echo "$mistake" > "$control"
# shellcheck disable=SC2086
if clang-tidy --config-file="$source/.clang-tidy" --quiet $options "$control" -- -std=c++20 > /dev/null 2>&1
then
    echo "FAILED: clang-tidy finds nothing to say about: $mistake" >&2
    exit 1
fi

if [ "$beside" = beside ]; then
    for file in $(printf '%s\n' $sources | tac); do tidy "$file" > /dev/null 2>&1 || true; done
    exit
fi

# shellcheck disable=SC2016
printf '%s\n' $sources | xargs -P "$(nproc)" -I{} bash -c 'tidy "$1"' _ {}
echo "clang-tidy has passed $(printf '%s\n' $sources | wc -l) files"
