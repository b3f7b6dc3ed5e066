#!/bin/bash
# Fuzzes what reads bytes of others: the corpora first, then new inputs, under AddressSanitizer and
# UndefinedBehaviorSanitizer. 5 s a fuzzer; 10 min with SSHPERMD_LONG=1; SSHPERMD_FUZZ_SECONDS
# overrides both. Where no clang with libFuzzer is installed, only the corpora are replayed.
# usage: fuzz_test.sh SOURCE_DIRECTORY BUILD_DIRECTORY
set -euo pipefail
source=$(readlink -f "$1")/tests/fuzz
mkdir -p "$2/fuzz"
build=$(readlink -f "$2")/fuzz
seconds=5
[ "${SSHPERMD_LONG:-0}" = 0 ] || seconds=600
seconds=${SSHPERMD_FUZZ_SECONDS:-$seconds}
fuzzers="inotify config keys key_file event text acl login_defs memory record host_files request accounts explain"
slow_fuzzer="keygen" # one process an input: replayed in the short run, fuzzed in the long one

die() { echo "FAILED: $*" >&2; exit 1; }

# The first clang that can link libFuzzer and build C++20.
compiler_with_libfuzzer() {
    local probe=$build/probe compiler
    printf '%s\n' '#include <cstddef>' '#include <cstdint>' '#include <span>' \
        'extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t*, std::size_t) { return 0; }' \
        > "$probe.cpp"
    for compiler in clang++ $(compgen -c clang++- | grep -xE 'clang\+\+-[0-9]+' | sort -uVr); do
        command -v "$compiler" > /dev/null || continue
        if "$compiler" -std=c++20 -fsanitize=fuzzer,address,undefined "$probe.cpp" -o "$probe" \
            > /dev/null 2>&1; then
            echo "$compiler"
            return
        fi
    done
}

# The keys are read by three fuzzers.
inputs_of() { case $1 in keygen | key_file) echo keys ;; *) echo "$1" ;; esac; }

# fuzz NAME SECONDS: the corpus, and then as many new inputs as fit into SECONDS (none for 0).
# What breaks a promise is kept in findings/NAME; what reaches new code, in grown/NAME.
fuzz() {
    local name=$1 seconds=$2 inputs status=0
    inputs=$(inputs_of "$name")
    local findings=$build/findings/$name grown=$build/grown/$name log=$build/$name.log
    local options=(-artifact_prefix="$findings/" -print_final_stats=1 -timeout=10
                   -rss_limit_mb=1024)
    [ ! -e "$source/dictionary/$inputs.dict" ] ||
        options+=(-dict="$source/dictionary/$inputs.dict")
    mkdir -p "$findings" "$grown"
    "$programs/fuzz_$name" "${options[@]}" -runs=0 "$source/corpus/$inputs" > "$log" 2>&1 ||
        status=$?
    if [ "$status" = 0 ] && [ "$seconds" != 0 ]; then
        "$programs/fuzz_$name" "${options[@]}" -max_total_time="$seconds" "$grown" \
            "$source/corpus/$inputs" > "$log" 2>&1 || status=$?
    fi
    if [ "$status" != 0 ]; then
        grep -aE 'PROMISE BROKEN|ERROR|SUMMARY|runtime error|Test unit written' "$log" >&2 ||
            tail -n 20 "$log" >&2
        echo "FAILED: $name; all it said is in $log, its inputs in $findings" >&2
        return 1
    fi
    echo "$name: $(sed -n 's/stat::number_of_executed_units: *//p' "$log") inputs"
}
export -f fuzz inputs_of

compiler=$(compiler_with_libfuzzer)
if [ -n "$compiler" ]; then
    programs=$build/libfuzzer
    options=(-DSSHPERMD_LIBFUZZER=ON -DCMAKE_CXX_COMPILER="$compiler")
else
    programs=$build/replay
    options=()
    seconds=0
fi
export source build programs
if ! { cmake -S "$source" -B "$programs" -G Ninja "${options[@]}" &&
       cmake --build "$programs"; } > "$build/build.log" 2>&1; then
    tail -n 40 "$build/build.log" >&2
    die "the fuzzers do not build"
fi

# The control: one byte read past the end is found. libFuzzer comes upon the input by itself.
planted=$build/planted
mkdir -p "$planted"
if [ -n "$compiler" ]; then
    mkdir -p "$planted/corpus" # the first is added to: never the one of the tree
    set -- -max_total_time=60 "$planted/corpus" "$source/corpus/login_defs"
else
    printf '\xb6' > "$planted/input"
    set -- "$planted/input"
fi
if "$programs/fuzz_control" -artifact_prefix="$planted/" "$@" > "$build/control.log" 2>&1; then
    die "the planted bug was not found; see $build/control.log"
fi
grep -aq 'AddressSanitizer: heap-buffer-overflow' "$build/control.log" ||
    die "the planted bug was found for a wrong reason; see $build/control.log"

slow_seconds=0
[ "${SSHPERMD_LONG:-0}" = 0 ] || slow_seconds=$seconds
{
    # shellcheck disable=SC2086
    printf "%s $seconds\n" $fuzzers
    printf "%s $slow_seconds\n" "$slow_fuzzer"
} | xargs -P "$(nproc)" -L 1 bash -c 'fuzz "$@"' fuzz ||
    die "new findings are in $build/findings"

if [ -n "$compiler" ]; then
    echo "fuzzed $seconds s each with $compiler; the planted bug was found"
else
    echo "ONLY THE CORPORA WERE REPLAYED: no clang with libFuzzer here" \
        "(packages clang and libclang-rt-dev); the planted bug was found"
fi
