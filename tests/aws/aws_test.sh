#!/bin/bash
# What can be known of packaging/aws without AWS.
# usage: aws_test.sh SOURCE_DIRECTORY
set -euo pipefail
exec python3 -B "$(dirname "$(readlink -f "$0")")/aws_test.py" "$1"
