#!/bin/bash
# The parser and docs/config.schema.json judge the same configurations alike.
# usage: config_test.sh CONFIG_VERDICTS SOURCE_DIRECTORY
set -euo pipefail
exec python3 -B "$(dirname "$(readlink -f "$0")")/config_test.py" "$1" "$2"
