#!/bin/bash
# Everything that the status socket of a real daemon answers is as docs/openapi.json describes it.
# Needs root. usage: api_test.sh SSHPERMD SOURCE_DIRECTORY
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
[ "$(id -u)" = 0 ] || { echo "SKIPPED: needs root"; exit 77; }
answers=$(mktemp)
trap 'rm -f "$answers"' EXIT
SSHPERMD_DAEMON=$1 "$here/../system/namespace.sh" "$here/collect.py" > "$answers"
PYTHONPATH=$here/.. python3 -B "$here/api_test.py" "$answers" "$2"
