# Where Debian's packages come from on this machine; sourced by those that make a root directory.

# release: the codename of this machine's distribution.
release() { (. /etc/os-release && echo "$VERSION_CODENAME"); }

# mirror: from where this machine gets the packages of its release.
mirror() {
    # shellcheck disable=SC2016  # apt's words, not the shell's
    apt-get indextargets --format '$(SITE)' "Codename: $(release)" 'Created-By: Packages' | sed -n 1p | grep . ||
        { echo "apt knows no mirror for $(release) (apt-get update?)" >&2; return 1; }
}
