#!/bin/bash
# ThreadSanitizer has nothing to say about what has threads: the event writer, the files that threads
# share, sshpermctl's parallel look, and the daemon under load. Before that, a planted race is found.
# usage: threads_test.sh SOURCE_DIRECTORY BUILD_DIRECTORY
set -euo pipefail
source=$(readlink -f "$1")
mkdir -p "$2/tsan"
parent=$(readlink -f "$2")
build=$parent/tsan

die() { echo "FAILED: $*" >&2; exit 1; }
skip() { echo "SKIPPED: $*" >&2; exit 77; }

[ "$(id -u)" = 0 ] || skip "needs root, for a machine to throw away"

# What the build around this one was configured with, empty if it does not say.
of_parent() { sed -n "s/^$1:[A-Z]*=//p" "$parent/CMakeCache.txt" 2> /dev/null || true; }
compiler=$(of_parent CMAKE_CXX_COMPILER)
launcher=$(of_parent CMAKE_CXX_COMPILER_LAUNCHER)

# ThreadSanitizer needs its memory where it expects it: newer kernels spread programs more widely
# than older runtimes know. Without that spreading (setarch -R) all of them run.
probe=$build/probe
printf '%s\n' '#include <thread>' 'int main() { std::thread{[] {}}.join(); }' > "$probe.cpp"
"${compiler:-c++}" -std=c++20 -pthread -fsanitize=thread "$probe.cpp" -o "$probe" 2> "$probe.log" ||
    skip "the compiler has no ThreadSanitizer: $(tail -n 1 "$probe.log")"
if setarch -R "$probe" > "$probe.log" 2>&1; then
    run="setarch -R"
elif for _ in 1 2 3 4 5; do "$probe" || exit; done > "$probe.log" 2>&1; then
    run=""
else
    skip "a program with ThreadSanitizer does not run here: $(tail -n 1 "$probe.log")"
fi

if ! { cd "$source" &&
       cmake --preset tsan -B "$build" ${compiler:+-DCMAKE_CXX_COMPILER="$compiler"} \
             ${launcher:+-DCMAKE_CXX_COMPILER_LAUNCHER="$launcher"} &&
       cmake --build "$build" --target sshpermd thread_tests thread_control
     } > "$build/build.log" 2>&1; then
    tail -n 40 "$build/build.log" >&2
    die "it does not build with ThreadSanitizer"
fi

# On standard output, because a test takes standard error away.
export TSAN_OPTIONS="halt_on_error=1 exitcode=66 log_path=stdout"
export SSHPERMD_DAEMON=$build/daemon/sshpermd
# in_namespace PROGRAM [ARGUMENT...]
in_namespace() { $run "$source/tests/system/namespace.sh" "$@"; }

# Whether two threads meet is chance: the control has several tries.
found_planted_race() {
    local status
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        status=0
        in_namespace "$build/tests/threads/thread_control" > "$build/control.log" 2>&1 || status=$?
        [ "$status" != 66 ] ||
            ! grep -q 'WARNING: ThreadSanitizer: data race' "$build/control.log" || return 0
    done
    tail -n 40 "$build/control.log" >&2
    return 1
}
found_planted_race || die "the planted race was not found in ten runs"

in_namespace "$build/tests/threads/thread_tests" --durations yes ||
    die "see above; 66 is ThreadSanitizer's status"
echo "ThreadSanitizer has nothing to say; the planted race was found"
