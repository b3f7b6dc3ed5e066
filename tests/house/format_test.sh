#!/bin/bash
# Every source file is formatted as .clang-format says; ./dev format does it.
# usage: format_test.sh SOURCE_DIRECTORY
set -euo pipefail
cd "$1"

sources() {
    if git rev-parse --is-inside-work-tree > /dev/null 2>&1; then
        git ls-files -zco --exclude-standard '*.cpp' '*.hpp'
    else
        find lib daemon ctl tests bench \( -name '*.cpp' -o -name '*.hpp' \) -print0
    fi
}

# Deleted files are still in git's list until the deletion is committed.
existing() {
    local file
    while IFS= read -rd '' file; do
        [ ! -e "$file" ] || printf '%s\0' "$file"
    done
}

count=$(sources | existing | tr -dc '\0' | wc -c)
[ "$count" -gt 0 ] || { echo "FAILED: no source file found in $1" >&2; exit 1; }
sources | existing | xargs -0 clang-format --dry-run --Werror

# The control: a badly formatted file is found.
control=$(mktemp --suffix=.cpp)
trap 'rm -f "$control"' EXIT
printf 'int  main( ) {return 0 ;}\n' > "$control"
if clang-format --style=file:.clang-format --dry-run --Werror "$control" 2> /dev/null; then
    echo "FAILED: clang-format finds nothing to say about a badly formatted file" >&2
    exit 1
fi
echo "$count files are formatted"
