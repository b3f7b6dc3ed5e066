#!/usr/bin/env bash
# The benchmark still measures: a quick run gives figures for everything, which can be compared and
# drawn, and leaves nothing behind, however it ends. No figure is judged.
# Only with SSHPERMD_LONG=1: it takes minutes, and a release build.
# usage: bench_test.sh SOURCE_DIRECTORY
set -euo pipefail
source=$(readlink -f "$1")
build=$source/build/release
watches=/proc/sys/fs/inotify/max_user_watches

skip() {
    echo "skipped: $1"
    exit 77
}
[[ ${SSHPERMD_LONG:-0} == 1 ]] || skip "takes minutes and a release build: SSHPERMD_LONG=1 runs it"
((EUID == 0)) || skip "needs root for namespaces and other people's files"
(($(nproc) >= 2)) || skip "needs two processors"
for tool in unshare setpriv taskset strace systemd-tmpfiles; do
    PATH=$PATH:/usr/sbin command -v "$tool" >/dev/null || skip "no $tool here (./dev setup bench)"
done

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
fail() {
    echo "FAILED: $1" >&2
    exit 1
}

# Its own directory is named in what it says first; others may be measuring, too.
leaves_nothing() {
    local tries
    for ((tries = 0; tries < 100; ++tries)); do
        [[ -e $1 ]] || break
        sleep 0.1
    done
    [[ ! -e $1 ]] || fail "$1 is left"
    [[ $(<$watches) == "$before" ]] || fail "max_user_watches was $before, is $(<$watches)"
    ! pgrep -f "^[^ ]*$1/" >"$out/left" || fail "processes are left: $(<"$out/left")"
}

"$source/dev" build release
before=$(<$watches)
"$source/bench/run.py" "$build" --quick --normal-priority --json "$out/run.json" >"$out/table" 2>"$out/said" || {
    cat "$out/said" "$out/table" >&2
    fail "the quick run"
}
work=$(sed -n 's/^bench: works in //p' "$out/said")
[[ $work == /var/tmp/sshpermd-bench.* ]] || fail "it does not say where it works"
leaves_nothing "$work"
cat "$out/table"

python3 -B - "$source/bench" "$out/run.json" <<'PYTHON'
import json, math, sys
sys.path.insert(0, sys.argv[1])
from measure import everything
run = json.load(open(sys.argv[2]))
assert run["schema"] == "sshpermd.bench/1", run["schema"]
for name in everything.NAMES:
    figures = [figure for figure in run["figures"] if figure["measurement"] == name]
    assert figures, f"no figures of {name}"
    for figure in figures:
        assert math.isfinite(figure["value"]), figure
        assert figure["reference"] is None or math.isfinite(figure["reference_value"]), figure
        assert figure["ratio"] is None or figure["ratio"] > 0, figure
ids = [figure["id"] for figure in run["figures"]]
assert len(ids) == len(set(ids)), "an id stands twice"
PYTHON

"$source/bench/compare.py" "$out/run.json" "$out/run.json" >"$out/compared"
! grep -qE 'WORSE|better| new$| gone$' "$out/compared" || fail "a run differs from itself: $(<"$out/compared")"
grep -q '1.00x' "$out/compared" || fail "nothing was compared"
"$source/bench/plot.py" "$out/run.json" "$out"
for plot in latency check; do
    python3 -c 'import sys, xml.dom.minidom as xml; xml.parse(sys.argv[1])' "$out/bench_$plot.svg"
done

# Killed at once and for all, in the middle: what outlives it puts everything back.
"$source/bench/run.py" "$build" --quick --normal-priority --only latency >"$out/killed" 2>&1 &
run=$!
for ((tries = 0; tries < 100; ++tries)); do
    work=$(sed -n 's/^bench: works in //p' "$out/killed")
    [[ ! -d $work/minimal ]] || break
    sleep 0.1
done
[[ -d $work/minimal ]] || fail "the run to be killed did not begin: $(<"$out/killed")"
kill -KILL "$run"
wait "$run" || true
leaves_nothing "$work"
