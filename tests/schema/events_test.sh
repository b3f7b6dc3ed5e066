#!/bin/bash
# Every line that an event can become is what docs/event.schema.json promises.
# usage: events_test.sh EVENT_SAMPLES SOURCE_DIRECTORY
set -euo pipefail
samples=$1
source=$2

lines=$(mktemp)
trap 'rm -f "$lines"' EXIT
"$samples" > "$lines"
here=$(dirname "$(readlink -f "$0")")
PYTHONPATH=$here/.. exec python3 -B "$here/events_test.py" "$lines" "$source"
