#!/bin/bash
# Fetches the monitoring programs that the tests run, from the distribution's own packages, once, and
# unpacks them below DIRECTORY. Nothing is installed and nothing is started.
# usage: tools.sh DIRECTORY
set -euo pipefail

packages="rsyslog systemd-journal-remote prometheus prometheus-node-exporter prometheus-alertmanager stunnel4"
mkdir -p "$1"
directory=$(readlink -f "$1")

skip() { echo "SKIPPED: $1" >&2; exit 77; }

exec 9> "$directory/lock"
flock 9
[ "$(cat "$directory/complete" 2> /dev/null)" != "$packages" ] || exit 0
for tool in apt-get dpkg; do
    command -v "$tool" > /dev/null || skip "no $tool on this machine, so the packages $packages cannot be fetched"
done

# apt finds what they need besides; nothing of that touches the machine.
fetch() {
    rm -rf "$directory/archives"
    mkdir -p "$directory/archives/partial"
    # shellcheck disable=SC2086
    apt-get install --download-only --yes --quiet=2 --no-install-recommends --no-remove \
        -o Debug::NoLocking=1 -o APT::Sandbox::User=root \
        -o Acquire::Retries=1 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 \
        -o Dir::Cache::archives="$directory/archives" $packages > "$directory/apt.log" 2>&1
}
fetch || { apt-get update -qq > "$directory/apt.log" 2>&1 && fetch; } ||
    skip "the packages $packages cannot be fetched: $(tail -n 1 "$directory/apt.log")"

rm -rf "$directory/root"
mkdir "$directory/root"
for archive in "$directory"/archives/*.deb; do
    # All of them may be installed already.
    [ ! -e "$archive" ] || dpkg --extract "$archive" "$directory/root"
done
rm -r "$directory/archives"
echo "$packages" > "$directory/complete"
