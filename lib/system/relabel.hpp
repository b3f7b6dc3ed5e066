// Relabel: an image whose SELinux refuses files without a label has them labelled when its machine
// boots.
#pragma once

#include "system/image.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

enum class Selinux { disabled, permissive, enforcing };

/// What its machine does with labels when it has booted: SELINUX= in its etc/selinux/config, the
/// first line that says it (selinux_getenforcemode of libselinux).
Selinux selinux_of(const Image& image);

enum class Relabelling { would_request, requested, already_requested };

std::string_view word(Relabelling relabelling);

/// Half a sentence, for a person.
std::string_view why(Relabelling relabelling);

enum class RelabelHand { look, request };

/// After these files of an image were changed or made (or, with `look`, would be): its machine
/// relabels everything at its next boot when it looks at labels, enforcing or not, and one of them
/// has none. `paths` are as its machine has them ("/home/alice/.ssh"). A chmod or chown keeps what
/// is there, and a replaced file gets the old one's; one that was made by a system without SELinux
/// has none, and its sshd cannot read it. Nothing when that is not needed.
///
/// The request is the distributions' own (fixfiles onboot, selinux-autorelabel(8)): an empty
/// regular file /.autorelabel, root's, 0644. Throws std::system_error, with EEXIST when the name
/// stands for anything but a regular file of root's.
std::optional<Relabelling> relabel_after(const Image& image, const std::vector<std::string>& paths,
                                         RelabelHand hand);

} // namespace sshpermd
