#!/bin/bash
# What can be known of packaging/monitoring without running it; with promtool, also what its rules do.
# usage: configs_test.sh SOURCE_DIRECTORY TOOLS_DIRECTORY
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
"$here/tools.sh" "$2" || [ $? = 77 ]
PYTHONPATH=$here/.. exec python3 -B "$here/configs_test.py" "$1" "$2"
