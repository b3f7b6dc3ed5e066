#!/bin/bash
# Installs the package at /var/tmp/sshpermd-package, a .deb or an .rpm, and shows what it would change
# on this image. Enables the service, which starts with the first boot of an instance.
set -euo pipefail
package=/var/tmp/sshpermd-package

if command -v dnf > /dev/null; then
    mv "$package" "$package.rpm"
    dnf install -y "$package.rpm"
elif command -v apt-get > /dev/null; then
    mv "$package" "$package.deb"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$package.deb"
else
    echo "neither dnf nor apt-get here" >&2
    exit 1
fi
rm -f "$package.rpm" "$package.deb"

sshpermctl config check
# 1: something would be changed. That is for whoever reads the log to judge.
status=0
sshpermctl repair --dry-run || status=$?
[ "$status" -le 1 ] || exit "$status"
systemctl enable sshpermd
