#!/usr/bin/env bash
# Measures a build beside its references, in a private mount namespace, and leaves nothing behind.
set -euo pipefail

usage() {
    cat <<'USAGE'
usage: bench/run.sh BUILD_DIR [--json OUT] [--changes N] [--homes N] [--check-homes N] [--runs N]
                    [--accounts N] [--journal-changes N] [--normal-priority] [--names]
                    [--only latency|memory|socket|check] [--beside BUILD_DIR]

  BUILD_DIR          a release build, for example build/release
  --json OUT         also write the results to OUT
  --changes N        changes of each target under each watcher (5000)
  --homes N          homes that the changes are spread over (2000)
  --check-homes N    homes of the full check (10000)
  --runs N           runs of each command of the full check (9)
  --accounts N       accounts that the daemon knows whose socket is asked (10000)
  --journal-changes N  changes with a journal that reads, and with one that is stopped (10000)
  --normal-priority  do not run watchers and observer under SCHED_FIFO
  --names            also time one find that looks up names (slow)
  --only WHICH       only one of the four measurements
  --beside BUILD_DIR latency of another release build's daemon, too, in turns with this one's
USAGE
}

fail() {
    echo "bench: $*" >&2
    exit 1
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build='' json='' only='' beside=''
changes=5000 homes=2000 check_homes=10000 runs=9 accounts=10000 journal_changes=10000 scheduler=fifo names=''
while (($#)); do
    case $1 in
    --json | --changes | --homes | --check-homes | --runs | --accounts | --journal-changes | --only | --beside)
        (($# > 1)) || fail "$1 needs a value"
        name=${1#--}
        printf -v "${name//-/_}" %s "$2"
        shift
        ;;
    --normal-priority) scheduler=other ;;
    --names) names=--names ;;
    -h | --help) usage && exit 0 ;;
    -*) usage >&2 && exit 2 ;;
    *) build=$1 ;;
    esac
    shift
done
[[ $build ]] || { usage >&2 && exit 2; }
[[ $only =~ ^(|latency|memory|socket|check)$ ]] || fail "--only takes latency, memory, socket or check"
for number in "$changes" "$homes" "$check_homes" "$runs" "$accounts" "$journal_changes"; do
    [[ $number =~ ^[1-9][0-9]{0,6}$ ]] || fail "'$number' is not a number of things"
done
((EUID == 0)) || fail "needs root: sudo $0 $build"
(($(nproc) >= 2)) || fail "needs two processors, one for the watcher and one for the observer"
build=$(cd "$build" && pwd)
for program in daemon/sshpermd ctl/sshpermctl \
    bench/{minimal_loop,latency,memory,full_check,make_homes,socket,stopped_journal,journal_socket}; do
    [[ -x $build/$program ]] || fail "$build/$program is missing; build first"
done
if [[ $beside ]]; then
    beside=$(cd "$beside" && pwd)
    [[ -x $beside/daemon/sshpermd ]] || fail "$beside/daemon/sshpermd is missing; build first"
fi
if [[ $scheduler == fifo ]] && ! chrt -f 10 true 2>/dev/null; then
    echo "bench: SCHED_FIFO is not allowed here; going on without" >&2
    scheduler=other
fi

# On the disk, not in memory: what is measured includes the file system.
work=$(mktemp -d /var/tmp/sshpermd-bench.XXXXXX)
limits=/proc/sys/fs/inotify
watches_before=$(<$limits/max_user_watches)
clean_up() {
    [[ $(<$limits/max_user_watches) == "$watches_before" ]] ||
        echo "$watches_before" >$limits/max_user_watches
    rm -rf --one-file-system "$work" 2>/dev/null || { sleep 1 && rm -rf --one-file-system "$work"; }
}
trap clean_up EXIT
trap 'exit 143' INT TERM HUP

# Four watchers at most, two watches a home, and room for what else runs here.
watches_needed=$((8 * homes + 20000))
((watches_needed > 4 * accounts + 20000)) || watches_needed=$((4 * accounts + 20000))
if ((watches_before < watches_needed)); then
    echo "$watches_needed" >$limits/max_user_watches
fi

# In the background, so that a signal ends the wait. Only SIGKILL ends unshare while its child runs.
unshare --mount --propagation private --pid --fork --kill-child --mount-proc \
    "$here/inside.sh" "$build" "$work" "$changes" "$homes" "$check_homes" "$runs" \
    "$scheduler" "$only" "$names" "$beside" "$accounts" "$journal_changes" &
inside=$!
trap 'kill -KILL "$inside" 2>/dev/null || true; wait "$inside" 2>/dev/null || true; exit 143' INT TERM HUP
wait "$inside"

if [[ $json ]]; then
    cp "$work/report.json" "$json"
fi
