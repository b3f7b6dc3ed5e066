#!/bin/bash
# The parser and docs/config.schema.json judge the same configurations alike.
# usage: config_test.sh CONFIG_VERDICTS SOURCE_DIRECTORY
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
PYTHONPATH=$here/.. exec python3 -B "$here/config_test.py" "$1" "$2"
