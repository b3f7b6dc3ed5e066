// Relabel: an image whose SELinux refuses files without a label has them labelled when its machine
// boots.
#pragma once

#include "system/image.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

/// Does its machine look at labels? SELINUX=enforcing or permissive in its etc/selinux/config.
bool uses_selinux(const Image& image);

/// Has this file in the image no label, or is not there? `path` is as its machine has it
/// ("/home/alice/.ssh"); a link at its end is not followed.
bool lacks_label(const Image& image, const std::string& path);

enum class Relabelling { would_request, requested, already_requested };

std::string_view word(Relabelling relabelling);

/// Half a sentence, for a person.
std::string_view why(Relabelling relabelling);

enum class RelabelHand { look, request };

/// After these files of an image were changed or made (or, with `look`, would be): its machine
/// relabels everything at its next boot when one of them has no label. A chmod or chown keeps what
/// is there, and a replaced file gets the old one's; one that was made by a system without SELinux
/// has none, and its sshd cannot read it. Nothing when that is not needed.
///
/// The request is the distributions' own (fixfiles onboot, selinux-autorelabel(8)): an empty
/// regular file /.autorelabel, root's, 0644. Throws std::system_error, with EEXIST when the name
/// stands for anything but a regular file of root's.
std::optional<Relabelling> relabel_after(const Image& image, const std::vector<std::string>& paths,
                                         RelabelHand hand);

} // namespace sshpermd
