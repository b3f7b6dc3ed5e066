#!/usr/bin/env bash
# A daemon under random users, drifts, storms, reloads, restarts and visitors of its socket for some
# minutes, on a throw-away machine; fails when something stays wrong, or memory, descriptors or watches
# grow while one process lives.
# usage: soak.sh DAEMON REPORT [SECONDS]
#   REPORT  a directory: report.json and report.svg
#   SECONDS as a test 60, and 3600 with SSHPERMD_LONG=1
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
[ "$EUID" = 0 ] || { echo "soak.sh: needs root to make namespaces and accounts" >&2; exit 1; }
SSHPERMD_DAEMON=$(readlink -f "$1")
export SSHPERMD_DAEMON
mkdir -p "$2"
report=$(readlink -f "$2")
[ "${SSHPERMD_LONG:-0}" = 1 ] && usual=3600 || usual=60
seconds=${3:-$usual}
status=0
# The script by standard input: not every directory is seen inside, nor every python.
# shellcheck disable=SC2016  # of the inner shell
"$here/../system/namespace.sh" bash -c 'exec /usr/bin/python3 -B - "$SSHPERMD_DAEMON" "$1" "$2"' soak \
    "$seconds" "${SSHPERMD_SOAK_SEED:-1}" < "$here/soak.py" > "$report/report.json" || status=$?
[ ! -s "$report/report.json" ] || python3 -B "$here/plot.py" "$report/report.json" > "$report/report.svg"
exit $status
