#!/usr/bin/env bash
# The packages on booted systems: what each script in guests/ says, on a fresh copy of one base.
# usage: booted_test.sh PACKAGES PROBE WORK [NAME]
#   PACKAGES  the directory that packaging/build.sh has filled
#   WORK      where the base is kept and guests run; NAME: that script only
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
packages=$(realpath -m "$1") probe=$2 work=$(realpath -m "$3")

for tool in mmdebstrap systemd-nspawn dpkg-deb rpmbuild; do
    command -v $tool > /dev/null || { echo "SKIPPED: no $tool on this machine (./dev setup installs it)"; exit 77; }
done
compgen -G "$packages/sshpermd_*.deb" > /dev/null || { echo "SKIPPED: no packages (see the test package)"; exit 77; }
base=$("$here/base.sh" "$work" | tail -n 1)
inputs=$(mktemp -d "$work/in.XXXXXX")
trap 'rm -rf "$inputs"' EXIT

cp "$packages"/sshpermd_*.deb "$inputs/sshpermd.deb"
cp "$packages"/sshpermd-[0-9]*.rpm "$inputs/sshpermd.rpm"
cp "$probe" "$inputs/sandbox_probe"
cp -r "$here/../../packaging/aws" "$inputs/aws"
echo 50 > "$inputs/kills"
if [ "${SSHPERMD_LONG:-0}" = 1 ]; then
    echo 1000 > "$inputs/kills"
    export SSHPERMD_GUEST_SECONDS=1800
fi
# The same program as a newer version, whose configuration has changed as well.
dpkg-deb -R "$inputs/sshpermd.deb" "$inputs/tree"
sed -i 's/^Version: .*/Version: 9.0.0/' "$inputs/tree/DEBIAN/control"
echo '{} // newer' > "$inputs/tree/etc/sshpermd/sshpermd.json"
dpkg-deb -b "$inputs/tree" "$inputs/newer.deb" > /dev/null
cp "$packages/newer/"sshpermd-9*.rpm "$inputs/newer.rpm"
"$here/oldest_system.sh" "$inputs/oldest_system.rpm"

status=0
for script in "$here"/guests/${4:-*}.sh; do
    started=$SECONDS
    if "$here/guest.sh" "$base" "$script" "$inputs"/*.deb "$inputs"/*.rpm "$inputs"/{sandbox_probe,aws,kills}; then
        echo "ok: ${script##*/} ($((SECONDS - started)) s)"
    else
        status=1
    fi
done
exit $status
