#!/bin/bash
# Lines and branches that the tests reached, by room, from the counters in a coverage build.
# usage: coverage.sh BUILD_DIRECTORY
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
gcovr --root . --filter 'lib/' --filter 'daemon/' --exclude-throw-branches --json-summary "$1/coverage.json" "$1" > /dev/null
python3 - "$1/coverage.json" <<'PYTHON'
import collections, json, pathlib, sys

rooms = collections.defaultdict(lambda: [0, 0, 0, 0])
for file in json.load(open(sys.argv[1], encoding="utf-8"))["files"]:
    path = pathlib.Path(file["filename"])
    room = rooms[str(path.parent)]
    for i, key in enumerate(("line_covered", "line_total", "branch_covered", "branch_total")):
        room[i] += file[key]
print(f"{'room':<16} {'lines':>14} {'branches':>14}")
for name, (lines, all_lines, branches, all_branches) in sorted(rooms.items()):
    print(f"{name:<16} {lines:>5}/{all_lines:<5} {100 * lines // max(all_lines, 1):>3}%"
          f" {branches:>5}/{all_branches:<5} {100 * branches // max(all_branches, 1):>3}%")
PYTHON
