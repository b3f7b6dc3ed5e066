#!/usr/bin/env bash
# Builds the packages from one compiled tree and checks them: symbols, lintian, rpmlint. The same
# sources and compiler give the same bytes, wherever and whenever.
# usage: build.sh [deb|rpm] [arm64]        into build/packages, or $SSHPERMD_PACKAGES
# For arm64 it does the same in a root directory that compiles for it (cross.sh), into build/arm64/packages.
# For the tests: SSHPERMD_PACKAGE_VERSION is another version than the sources say, and with
# SSHPERMD_UNCHECKED=1 the linters are left out.
set -euo pipefail
source=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
packages=$(realpath -m "${SSHPERMD_PACKAGES:-$source/build/packages}")
built=$(realpath -m "${SSHPERMD_BUILT:-$source/build/package}")
work=$packages/work
accepted=$source/packaging/accepted

die() { echo "packaging: $1" >&2; exit 1; }

# What was built, with its output only when it fails.
quietly() {
    "$@" > "$work/log" 2>&1 || { cat "$work/log" >&2; die "failed: $1"; }
}

version_of_sources() { sed -nE 's/^project\(sshpermd VERSION ([0-9.]+) .*/\1/p' "$source/CMakeLists.txt"; }

one_version() {
    version=$(version_of_sources)
    [ "$(dpkg-parsechangelog -l "$source/packaging/debian/changelog" -S Version)" = "$version" ] ||
        die "packaging/debian/changelog is of another version than CMakeLists.txt ($version)"
    grep -qE "^Version: +$version$" "$source/packaging/sshpermd.spec" ||
        die "packaging/sshpermd.spec is of another version than CMakeLists.txt ($version)"
}

build_deb() {
    local tree=$work/sshpermd
    mkdir -p "$tree"
    cp -r "$source/packaging/debian" "$tree/debian"
    [ -z "${SSHPERMD_PACKAGE_VERSION:-}" ] ||
        sed -i "1s/(.*)/($SSHPERMD_PACKAGE_VERSION)/" "$tree/debian/changelog"
    (cd "$tree" && SOURCE=$source BUILT=$built quietly dpkg-buildpackage -b -uc -us -d ${cross:+-aarm64})
    mv "$work"/*.deb "$packages/"
}

build_rpm() {
    local spec=$work/sshpermd.spec
    cp "$source/packaging/sshpermd.spec" "$spec"
    # Another version is for a test, which debugs nothing.
    [ -z "${SSHPERMD_PACKAGE_VERSION:-}" ] ||
        sed -i -E -e "s/^(Version: +).*/\\1$SSHPERMD_PACKAGE_VERSION/" -e '/:%debug_package}$/d' "$spec"
    # --nodeps: what building needs has other names here.
    quietly rpmbuild -bb --nodeps "$spec" ${cross:+--target aarch64} \
        --define "_topdir $work/rpm" --define "_rpmdir $work/out" --define "_dbpath $work/rpmdb" \
        --define "sshpermd_source $source" --define "sshpermd_built $built" \
        --define "_buildhost reproducible" --define "use_source_date_epoch_as_buildtime 1" \
        --define "clamp_mtime_to_source_date_epoch 1" --define "_docdir /usr/share/doc"
    mv "$work"/out/*/*.rpm "$packages/"
}

# What is accepted is listed with its reason in packaging/accepted.
lint_deb() {
    lintian --allow-root --fail-on error,warning --suppress-tags-from-file "$accepted/lintian" "$packages"/*.deb
}
lint_rpm() {
    rpmlint --strict -c "$accepted/rpmlint.toml" "$packages"/*.rpm > "$work/log" 2>&1 || { cat "$work/log" >&2; die "rpmlint"; }
}

usage() { sed -n 's/^# usage: /usage: /p' "$0" >&2; exit 2; }
which=all cross=
for argument in "$@"; do
    case $argument in deb | rpm) which=$argument ;; arm64) cross=arm64 ;; *) usage ;; esac
done
if [ -n "$cross" ] && [ "${SSHPERMD_CROSS:-}" != "$cross" ]; then
    # This script again, in the root directory.
    "$source/packaging/cross.sh" env SSHPERMD_PACKAGES=/arm64/packages SSHPERMD_BUILT=/arm64/built \
        SSHPERMD_UNCHECKED="${SSHPERMD_UNCHECKED:-0}" /source/packaging/build.sh "$@" |
        sed "s|^/arm64/|${SSHPERMD_ARM64:-$source/build/arm64}/|"
    exit
fi
one_version
rm -rf "$packages"
mkdir -p "$work"
export SOURCE_DATE_EPOCH
SOURCE_DATE_EPOCH=$(dpkg-parsechangelog -l "$source/packaging/debian/changelog" -S Timestamp)
"$source/packaging/compile.sh" "$built"
"$source/packaging/symbols.sh" "$built/daemon/sshpermd" "$built/ctl/sshpermctl"
[ "$which" = rpm ] || build_deb
[ "$which" = deb ] || build_rpm
if [ "${SSHPERMD_UNCHECKED:-0}" = 0 ]; then
    [ "$which" = rpm ] || lint_deb
    [ "$which" = deb ] || lint_rpm
fi
rm -rf "$work"
ls "$packages"/*.deb "$packages"/*.rpm 2>/dev/null || true
