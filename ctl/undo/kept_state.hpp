// Kept state: the piece of configuration with which the daemon accepts what was given back.
#pragma once

#include "event/undo.hpp"
#include "policy/account.hpp"
#include "policy/config.hpp"

#include <optional>
#include <string>

namespace sshpermd {

inline constexpr const char* kept_states_dir = "/etc/sshpermd/conf.d";

/// What a configuration has to say so that a target may be in a state.
struct KeptState {
    std::string file; ///< below kept_states_dir, one for an account and one for all home roots
    std::string said; ///< JSON: an entry for `overrides`, or what `policy` says of home roots
    bool is_ignored = false; ///< no mode that could be accepted: the target is left alone instead
};

/// As an addition to the configuration in force: it says again what that says already. Nothing when
/// no configuration can have the target in that state. `account` is null for a home root, `group`
/// the name of the state's group.
std::optional<KeptState> kept_state(const Config& config, const Account* account, Target target,
                                    const Expected& state, const std::optional<std::string>& group);

/// Writes it into its file, which may have more in it, and puts back what was there unless it is to
/// stay. Root's, 0644. Throws std::system_error, ConfigError.
class KeptStateFile {
  public:
    explicit KeptStateFile(const KeptState& kept);
    KeptStateFile(const KeptStateFile&) = delete;
    KeptStateFile& operator=(const KeptStateFile&) = delete;
    ~KeptStateFile();

    void stay() { stays_ = true; }
    /// Now, and not only at the end. Throws std::system_error.
    void take_back();

  private:
    std::string path_;
    std::optional<std::string> before_;
    bool stays_ = false;
};

} // namespace sshpermd
