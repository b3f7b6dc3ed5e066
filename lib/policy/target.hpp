// Target: what sshpermd keeps right. There are no others.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace sshpermd {

/// The links of the chain from a home root to the keys, outermost first.
enum class Target { home_root, home, ssh_dir, authorized_keys };

inline constexpr std::array all_targets{Target::home_root, Target::home, Target::ssh_dir,
                                        Target::authorized_keys};

/// The word for a target in JSON, journal, command line and manuals.
constexpr std::string_view word(Target target) {
    constexpr std::array<std::string_view, 4> words{"home_root", "home", "ssh_dir",
                                                    "authorized_keys"};
    return words.at(static_cast<std::size_t>(target));
}

} // namespace sshpermd
