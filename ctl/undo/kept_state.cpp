#include "undo/kept_state.hpp"

#include "complain.hpp"
#include "policy/config_json.hpp"
#include "policy/json_text.hpp"
#include "policy/suggestion.hpp"
#include "reconcile/query.hpp"
#include "replace_file.hpp"
#include "system/trusted_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace sshpermd {
namespace {

constexpr const char* file_head =
    "// Written by sshpermctl undo: what was given back stays so. To have it repaired again, take\n"
    "// this file away, then: systemctl reload sshpermd\n";

/// What sshd, or ssh(1), takes; of anything else the configuration says no more than "leave it".
bool may_be_accepted(const Account& account, Target target, const Expected& state) {
    const bool is_theirs = state.owner == account.uid && state.group == account.gid;
    if (!is_client_side(target))
        return is_theirs && !state.mode.has(07022);
    const unsigned never = target == Target::private_key ? 07077U : 07022U;
    return !state.mode.has(never) && state.mode.has(0400);
}

/// A list of modes as `accept` has it.
Json modes_of(const Rule& rule, Mode more) {
    auto modes = Json::array();
    for (const auto mode : rule.accept)
        modes.push_back(to_string(mode));
    modes.push_back(to_string(more));
    return modes;
}

std::optional<KeptState> kept_root(const Config& config, const Expected& state,
                                   const std::optional<std::string>& group) {
    if (state.owner != 0 || state.mode.has(07022) || !group)
        return std::nullopt;
    auto said = Json::object();
    if (state.mode != config.home_root.mode)
        said["accept"] = modes_of(config.home_root, state.mode);
    if (*group != config.home_root_group)
        said["group"] = *group;
    return KeptState{"90-undo.json", one_line(said), false};
}

/// Of a file that is ours, with what somebody may have written into it.
Json merged(Json document, const Json& said) {
    if (!said.contains("users")) {
        document["policy"]["home_root"].merge_patch(said);
        return document;
    }
    auto overrides = Json::array({said});
    for (const auto& other : document.value("overrides", Json::array()))
        if (other.value("users", Json{}) != said.at("users"))
            overrides.push_back(other);
    document["overrides"] = std::move(overrides);
    return document;
}

} // namespace

std::optional<KeptState> kept_state(const Config& config, const Account* account, Target target,
                                    const Expected& state,
                                    const std::optional<std::string>& group) {
    if (account == nullptr)
        return kept_root(config, state, group);
    const bool is_ignored = !may_be_accepted(*account, target, state);
    return KeptState{"90-undo-" + percent_encoded(account->name) + ".json",
                     is_ignored ? override_that_ignores(config, account->name, target)
                                : override_that_accepts(config, account->name, target, state.mode),
                     is_ignored};
}

KeptStateFile::KeptStateFile(const KeptState& kept)
    : path_(kept_states_dir + ("/" + kept.file)), before_(read_trusted_file(path_)) {
    const auto document =
        merged(before_ ? parse_json(*before_, path_).root : Json::object(), Json::parse(kept.said));
    for (const std::string dir : {"/etc/sshpermd", kept_states_dir})
        if (mkdir(dir.c_str(), 0755) != 0 && errno != EEXIST)
            throw std::system_error(errno, std::generic_category(), "cannot make " + dir);
    replace_file(path_, file_head + indented(document) + "\n");
}

void KeptStateFile::take_back() {
    stays_ = true;
    if (before_)
        replace_file(path_, *before_);
    else if (unlink(path_.c_str()) != 0 && errno != ENOENT)
        throw std::system_error(errno, std::generic_category(), "cannot remove " + path_);
}

KeptStateFile::~KeptStateFile() {
    if (stays_)
        return;
    try {
        take_back();
    } catch (const std::system_error& error) {
        print_complaint(std::string{error.what()} + ": take it away by hand");
    }
}

} // namespace sshpermd
