// Trust: who vouches for what is in a key file that others could have written.
#pragma once

#include "finding/gate.hpp"
#include "policy/config.hpp"
#include "record/memory.hpp"
#include "repair/report.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sshpermd {

/// What an operator says on the command line.
struct Word {
    bool take_ownership = false;              ///< whoever owns it now, it is the account's
    std::optional<std::string> trust_content; ///< "SHA256:…" of the one content that is right
};

/// Everybody whose word counts for one account's keys.
struct Vouchers {
    const Memory& memory;
    const Account& account;
    OnExposed on_exposed = OnExposed::first;
    bool is_first = false; ///< no round has seen this account before
    std::optional<std::string> trust_content;
    std::function<std::vector<LineHash>()> launch_keys; ///< asked only when it matters

    /// Whatever is in it, by the configuration?
    bool trust_anything() const;
};

struct Judgement {
    bool trusted = false;
    ContentFacts facts;          ///< when trusted of all keys, else of those nobody vouches for
    std::vector<LineHash> lines; ///< every significant line
};

/// Pure. A file that is too large to be read whole is trusted by nobody but the configuration.
Judgement judge_content(const KeyFileContent& content, const Vouchers& vouchers);

} // namespace sshpermd
