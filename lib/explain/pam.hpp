// PAM: which of its modules have a say in who may log in with a key.
#pragma once

#include "explain/sshd_settings.hpp"
#include "system/sysroot.hpp"

#include <string>
#include <vector>

namespace sshpermd {

/// The account rules of sshd's service: with a key, no others are asked before a session begins.
struct PamRules {
    std::string file;
    bool asks_unix = false;          ///< pam_unix: expired, aged out
    bool asks_nologin = false;       ///< pam_nologin
    std::vector<std::string> others; ///< modules that may refuse, by rules of their own
};

/// Follows its includes.
PamRules account_rules_of_pam(const Sysroot& root, const SshdSettings& settings);

} // namespace sshpermd
