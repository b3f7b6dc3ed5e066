#!/bin/bash
# The last step before the image is taken: nothing that was seen on the build machine may count as known
# on its instances. A daemon that runs would learn again, so it is stopped first.
set -euo pipefail
systemctl is-enabled sshpermd
sshpermctl config check
systemctl stop sshpermd
sshpermctl forget
