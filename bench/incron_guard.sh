#!/bin/sh
# The reference script for incron: looks before each chmod, or it would answer its own changes for ever.
# usage: incron_guard.sh PATH
path=${1%/}
case $path in
*/.ssh) right=700 ;;
*/.ssh/authorized_keys) right=600 ;;
*) exit 0 ;;
esac
[ "$(stat -c %a "$path")" = "$right" ] || chmod "$right" "$path"
