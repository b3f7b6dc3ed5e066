#!/usr/bin/env bash
# The reference script: what is found on the web, with a look before each chmod, or it would answer
# its own changes for ever.
# usage: script_watcher.sh ROOT
set -euo pipefail
inotifywait -m -r -e attrib --format '%w%f' "$1" |
    while read -r path; do
        case ${path%/} in
        */.ssh) right=700 ;;
        */.ssh/authorized_keys) right=600 ;;
        *) continue ;;
        esac
        [[ $(stat -c %a "$path") == "$right" ]] || chmod "$right" "$path"
    done
