#!/bin/bash
# The architecture as a test: which room may include what, which rooms only compute, who may print.
# Then a test of this test: a copy of the tree with one planted violation of each kind must fail.
# usage: rooms_test.sh SOURCE_DIRECTORY
set -euo pipefail

# From the ground up: a room includes itself and the rooms before it.
rooms="policy watch keys finding repair event record io store system reconcile explain"
# These touch the system; all others compute.
touching="io store system reconcile explain"
# The two programs have floors, from the ground up: one includes itself, those before it, any room, and
# what lies in the program's own directory.
floors="daemon/events daemon/keeper daemon/socket
 ctl/socket ctl/homes ctl/repairs ctl/undo ctl/key_files ctl/sshd"
# The headers of others that a computing room may use, in all rooms and in single ones.
computing="algorithm array cctype charconv chrono climits compare concepts cstddef cstdint cstring
 ctime functional initializer_list iterator limits map memory numeric optional set span stdexcept
 string string_view system_error tuple type_traits unordered_map unordered_set utility variant
 vector cerrno sys/types.h"
computing_in="policy:fnmatch.h policy:nlohmann/json.hpp event:nlohmann/json.hpp
 watch:sys/inotify.h keys:openssl/ record:nlohmann/json.hpp"
# Longer than this is too long to hold in the head; the exceptions, each with its reason:
longest=300
long_files="lib/policy/config_reader.cpp" # one function a key, nothing else in it

# Prints every violation in a tree.
violations() {
    (cd "$1" && find lib daemon ctl -name '*.cpp' -o -name '*.hpp' | LC_ALL=C sort) |
    (cd "$1" && xargs awk -v rooms="$rooms" -v floors="$floors" -v touching="$touching" -v computing="$computing" \
        -v computing_in="$computing_in" -v longest="$longest" -v long_files="$long_files" '
    function complain(what) { print FILENAME ":" FNR ": " what }
    function list(text, into,   parts, count, i) {
        count = split(text, parts, /[ \n]+/)
        for (i = 1; i <= count; ++i)
            if (parts[i] != "") into[parts[i]] = i
    }
    function exists(path,   line, found) {
        found = (getline line < path) >= 0
        close(path)
        return found
    }
    function may_compute_with(header,   pair) {
        if (header in is_computing) return 1
        for (pair in is_computing_in)
            if (index(room ":" header, pair) == 1) return 1
        return 0
    }
    BEGIN {
        list(rooms, height); list(floors, floor_height); list(touching, touches); list(computing, is_computing)
        list(computing_in, is_computing_in); list(long_files, may_be_long)
    }
    function ended(file, lines) {
        if (lines > longest && !(file in may_be_long))
            print file ": " lines " lines, " longest " are allowed: it does more than one thing"
    }
    FNR == 1 {
        if (last != "") ended(last, length_of_last)
        last = FILENAME
        split(FILENAME, path, "/")
        top = path[1]; room = top == "lib" ? path[2] : ""
        if (top == "lib" && !(room in height)) complain("no room is called " room)
        floor = top == "lib" || path[3] == "" ? "" : top "/" path[2]
        if (floor != "" && !(floor in floor_height)) complain("no floor is called " floor)
        computes = top == "lib" && (room in height) && !(room in touches)
        comment = 0
    }
    { length_of_last = FNR }
    /^[ \t]*#[ \t]*include/ {
        name = $0
        sub(/^[ \t]*#[ \t]*include[ \t]*/, "", name)
        quote = substr(name, 1, 1)
        sub(/^["<]/, "", name); sub(/[">].*$/, "", name)
        if (quote == "\"") {
            other = name; sub(/\/.*$/, "", other)
            is_room = index(name, "/") > 0 && (other in height)
            if (top == "lib") {
                if (!is_room) complain("includes \"" name "\", which is in no room")
                else if (height[other] > height[room]) complain(room " includes the higher room " other)
            } else if (index(name, "../") > 0) {
                complain("includes \"" name "\": " top " includes rooms and itself only")
            } else if (!is_room) {
                if (!exists(top "/" name))
                    complain("includes \"" name "\", which is neither in a room nor in " top)
                else if (floor != "" && floor_height[top "/" other] > floor_height[floor])
                    complain(floor " includes the higher floor " top "/" other)
            }
        } else if (computes && !may_compute_with(name))
            complain(room " only computes, and <" name "> is not among the headers for that")
        if (quote == "<" && top == "lib" &&
            (name ~ /^(iostream|cstdio|stdio\.h|print|syslog\.h|syncstream)$/ || name ~ /^(spdlog|fmt)\//))
            complain("the library does not print, and <" name "> does")
        next
    }
    {
        code = $0
        gsub(/"([^"\\]|\\.)*"/, "\"\"", code)
        sub(/\/\/.*$/, "", code)
    }
    top == "lib" && code ~ /(^|[^A-Za-z0-9_])(v?f?printf|puts|fputs|perror|syslog)[ \t]*\(/ {
        complain("the library does not print")
    }
    top == "lib" && code ~ /(^|[^A-Za-z0-9_])(std::)?(cout|cerr|clog)([^A-Za-z0-9_]|$)/ {
        complain("the library does not print")
    }
    computes && code ~ /[Cc]lock::now[ \t]*\(|(^|[^A-Za-z0-9_])(getenv|secure_getenv|time|clock_gettime|random|rand)[ \t]*\(/ {
        complain(room " only computes: its caller brings clock and environment")
    }
    computes && code ~ /(^|[^A-Za-z0-9_:>.])::[a-z_0-9]+[ \t]*\(/ {
        complain(room " only computes: no system call")
    }
    END { if (last != "") ended(last, length_of_last) }
    ')
}

test_the_tree() {
    local found
    found=$(violations "$1")
    [ -z "$found" ] || { printf '%s\n' "$found" >&2; return 1; }
}

# plant FILE LINE WHAT: a copy of the tree with this line at the end of the file must fail with WHAT.
planted=0
plant() {
    local file=$1 line=$2 what=$3 found
    cp -r "$copy/clean" "$copy/planted"
    mkdir -p "$(dirname "$copy/planted/$file")"
    printf '%s\n' "$line" >> "$copy/planted/$file"
    found=$(violations "$copy/planted")
    rm -r "$copy/planted"
    planted=$((planted + 1))
    if [ -z "$what" ] && [ -n "$found" ]; then
        printf 'FAILED: harmless in %s, but complained of: %s\n%s\n' "$file" "$line" "$found" >&2
        exit 1
    fi
    [ -z "$what" ] && return
    case $found in
    *"$file"*"$what"*) ;;
    *) printf 'FAILED: not found in %s: %s\n(wanted: %s, got: %s)\n' \
           "$file" "$line" "$what" "${found:-nothing}" >&2; exit 1 ;;
    esac
}

test_the_test() {
    copy=$(mktemp -d)
    trap 'rm -rf "$copy"' EXIT
    mkdir "$copy/clean"
    (cd "$1" && find lib daemon ctl -name '*.cpp' -o -name '*.hpp' | xargs cp --parents -t "$copy/clean")

    plant lib/policy/mode.cpp '#include "finding/finding.hpp"' 'higher room finding'
    plant lib/watch/watch_map.cpp '#include "event/event.hpp"' 'higher room event'
    plant lib/event/text.cpp '#include "system/handle.hpp"' 'higher room system'
    plant lib/store/journal.cpp '#include "system/handle.hpp"' 'higher room system'
    plant lib/io/transfer.cpp '#include "store/journal.hpp"' 'higher room store'
    plant lib/system/handle.cpp '#include "reconcile/round.hpp"' 'higher room reconcile'
    plant lib/reconcile/round.cpp '#include "explain/explain.hpp"' 'higher room explain'
    plant lib/reconcile/round.cpp '# include "daemon/ledger.hpp"' 'in no room'
    plant lib/reconcile/round.cpp '#include "../daemon/ledger.hpp"' 'in no room'
    plant lib/reconcile/round.cpp '#include "round.hpp"' 'in no room'
    plant lib/utils/strings.cpp 'int x;' 'no room is called utils'
    plant daemon/app.cpp '#include "homes/survey.hpp"' 'nor in daemon'
    plant daemon/app.cpp '#include "../ctl/homes/survey.hpp"' 'rooms and itself only'
    plant daemon/app.cpp '#include "ctl/homes/survey.hpp"' 'nor in daemon'
    plant ctl/homes/check.cpp '#include "keeper/ledger.hpp"' 'nor in ctl'
    plant ctl/homes/check.cpp '#include "daemon/keeper/ledger.hpp"' 'nor in ctl'
    plant daemon/keeper/ledger.cpp '#include "socket/server.hpp"' 'higher floor daemon/socket'
    plant daemon/keeper/ledger.cpp '#include "fights.hpp"' 'nor in daemon'
    plant ctl/homes/check.cpp '#include "repairs/recorder.hpp"' 'higher floor ctl/repairs'
    plant daemon/utils/strings.cpp 'int x;' 'no floor is called daemon/utils'
    local header
    for header in unistd.h fcntl.h sys/stat.h fstream filesystem iostream thread mutex cstdlib \
        sys/inotify.h pwd.h grp.h random future atomic sstream nonsense; do
        plant lib/finding/judge.cpp "#include <$header>" "<$header> is not among"
    done
    plant lib/policy/homes.cpp '#include <sys/inotify.h>' '<sys/inotify.h> is not among'
    plant lib/watch/watch_map.cpp '#include <fnmatch.h>' '<fnmatch.h> is not among'
    plant lib/io/kernel.cpp '#include <iostream>' 'does not print'
    plant lib/io/kernel.cpp '#include <spdlog/spdlog.h>' 'does not print'
    plant lib/io/kernel.cpp '#include <cstdio>' 'does not print'
    plant lib/reconcile/round.cpp 'void f() { printf("x"); }' 'does not print'
    plant lib/reconcile/round.cpp 'void f() { std::cerr << 1; }' 'does not print'
    plant lib/repair/pace.cpp 'auto f() { return Clock::now(); }' 'brings clock'
    plant lib/repair/pace.cpp 'auto f() { return std::chrono::system_clock::now(); }' 'brings clock'
    plant lib/repair/plan.cpp 'auto f() { return std::getenv("HOME"); }' 'brings clock'
    plant lib/repair/plan.cpp 'void f() { ::close(3); }' 'no system call'
    plant daemon/events/log.cpp "$(yes '//' | head -301)" 'it does more than one thing'
    plant lib/repair/plan.hpp "$(yes '//' | head -301)" 'it does more than one thing'

    plant lib/reconcile/round.cpp '#include "system/handle.hpp"' ''
    plant lib/repair/plan.cpp '#include "repair/pace.hpp"' ''
    plant lib/repair/plan.cpp '#include <vector>' ''
    plant lib/repair/plan.cpp '// the caller says printf(...), Clock::now() and "std::cout"' ''
    plant lib/repair/plan.cpp 'auto words = "printf(x) std::cerr ::open(y)";' ''
    plant lib/io/kernel.cpp '#include <unistd.h>' ''
    plant daemon/app.cpp '#include "keeper/ledger.hpp"' ''
    plant daemon/socket/server.cpp '#include "keeper/noise.hpp"' ''
    plant daemon/keeper/ledger.cpp '#include "exchange.hpp"' ''
    plant ctl/homes/check.cpp '#include "reconcile/round.hpp"' ''
    plant ctl/homes/check.cpp '#include <iostream>' ''
    plant lib/policy/config_reader.cpp "$(yes '//' | head -301)" ''
}

test_the_tree "$1"
test_the_test "$1"
echo "the rooms are in order; $planted planted cases were told apart"
