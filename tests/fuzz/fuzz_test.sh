#!/bin/bash
# Fuzzes what reads bytes of others, under AddressSanitizer and UndefinedBehaviorSanitizer. The short
# run reads the corpora and some thousand variations of what is in them, the same in every run. With
# SSHPERMD_LONG=1 libFuzzer looks for new inputs, 10 min a fuzzer, or SSHPERMD_FUZZ_SECONDS.
# usage: fuzz_test.sh SOURCE_DIRECTORY BUILD_DIRECTORY
set -euo pipefail
source=$(readlink -f "$1")/tests/fuzz
mkdir -p "$2/fuzz"
build=$(readlink -f "$2")/fuzz
long=${SSHPERMD_LONG:-0}
variations=200 # of each input
fuzzers="inotify config keys key_file event text acl login_defs memory record host_files request accounts explain"
slow_fuzzer="keygen" # one process an input: only replayed in the short run

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

# fuzz NAME EFFORT: with libFuzzer the corpus, and then as many new inputs as fit into EFFORT seconds;
# without it, the corpus and EFFORT variations of each input.
# What breaks a promise is kept in findings/NAME; what reaches new code, in grown/NAME.
fuzz() {
    local name=$1 effort=$2 inputs status=0
    inputs=$(inputs_of "$name")
    local findings=$build/findings/$name grown=$build/grown/$name log=$build/$name.log
    local options=(-artifact_prefix="$findings/" -print_final_stats=1 -timeout=10
                   -rss_limit_mb=1024)
    [ ! -e "$source/dictionary/$inputs.dict" ] ||
        options+=(-dict="$source/dictionary/$inputs.dict")
    mkdir -p "$findings" "$grown"
    if [ "$long" = 0 ]; then
        "$programs/fuzz_$name" "${options[@]}" -variations="$effort" "$source/corpus/$inputs" > "$log" 2>&1 ||
            status=$?
    else
        "$programs/fuzz_$name" "${options[@]}" -runs=0 "$source/corpus/$inputs" > "$log" 2>&1 &&
            "$programs/fuzz_$name" "${options[@]}" -max_total_time="$effort" "$grown" \
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

if [ "$long" = 0 ]; then
    programs=$build/../tests # built with everything else
else
    compiler=$(compiler_with_libfuzzer)
    [ -n "$compiler" ] || die "no clang with libFuzzer here (packages clang and libclang-rt-dev)"
    programs=$build/libfuzzer
    if ! { cmake -S "$source" -B "$programs" -G Ninja -DCMAKE_CXX_COMPILER="$compiler" &&
           cmake --build "$programs"; } > "$build/build.log" 2>&1; then
        tail -n 40 "$build/build.log" >&2
        die "the fuzzers do not build"
    fi
fi
export source build programs long

# The control: one byte read past the end is found.
planted=$build/planted
mkdir -p "$planted/corpus"
if [ "$long" = 0 ]; then
    # It is in no input of the corpus: a variation comes upon it.
    set -- -variations=2000 "$source/corpus/login_defs"
else
    set -- -max_total_time=60 "$planted/corpus" "$source/corpus/login_defs" # the first is added to
fi
if "$programs/fuzz_control" -artifact_prefix="$planted/" "$@" > "$build/control.log" 2>&1; then
    die "the planted bug was not found; see $build/control.log"
fi
grep -aq 'AddressSanitizer: heap-buffer-overflow' "$build/control.log" ||
    die "the planted bug was found for a wrong reason; see $build/control.log"

effort=$variations slow_effort=0
[ "$long" = 0 ] || effort=${SSHPERMD_FUZZ_SECONDS:-600} slow_effort=${SSHPERMD_FUZZ_SECONDS:-600}
{
    # shellcheck disable=SC2086
    printf "%s $effort\n" $fuzzers
    printf "%s $slow_effort\n" "$slow_fuzzer"
} | xargs -P "$(nproc)" -L 1 bash -c 'fuzz "$@"' fuzz ||
    die "new findings are in $build/findings"

if [ "$long" = 0 ]; then
    echo "the corpora and $variations variations of each input were read; the planted bug was found" \
        "(SSHPERMD_LONG=1 looks for new inputs with libFuzzer)"
else
    echo "fuzzed $effort s each with $compiler; the planted bug was found"
fi
