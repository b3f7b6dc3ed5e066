#!/bin/bash
# What can be known of packaging/aws without AWS.
# usage: aws_test.sh SOURCE_DIRECTORY
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
PYTHONPATH=$here/.. exec python3 -B "$here/aws_test.py" "$1"
