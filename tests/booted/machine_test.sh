#!/usr/bin/env bash
# The .deb in virtual machines: each script in machines/. Only where SSHPERMD_LONG asks for it.
# usage: machine_test.sh PACKAGES WORK
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
packages=$(realpath -m "$1") work=$(realpath -m "$2")

skip() { echo "SKIPPED: $1"; exit 77; }
[ "${SSHPERMD_LONG:-0}" = 1 ] || skip "an emulated machine takes minutes (./dev test --long)"
for tool in mmdebstrap qemu-system-x86_64 mke2fs; do
    command -v $tool > /dev/null || skip "no $tool on this machine (./dev setup long installs it)"
done
compgen -G "$packages/sshpermd_*.deb" > /dev/null || skip "no packages (see the test package)"

base=$("$here/base.sh" "$work" machine | tail -n 1)
inputs=$(mktemp -d "$work/in.XXXXXX")
trap 'rm -rf "$inputs"' EXIT
cp "$packages"/sshpermd_*.deb "$inputs/sshpermd.deb"
status=0
for script in "$here"/machines/*.sh; do
    "$here/machine.sh" "$base" "$script" "$inputs/sshpermd.deb" && echo "ok: ${script##*/}" || status=1
done
exit $status
