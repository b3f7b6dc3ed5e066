#!/bin/bash
# Options, --help, manuals, completions, schemas and code say the same.
# usage: manuals_test.sh SSHPERMD SSHPERMCTL SOURCE_DIRECTORY
set -euo pipefail
exec python3 -B "$(dirname "$(readlink -f "$0")")/manuals_test.py" "$1" "$2" "$3"
