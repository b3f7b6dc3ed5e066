#include "store/accepted_config.hpp"

#include "policy/config_json.hpp"
#include "policy/json_text.hpp"

#include <system_error>

namespace sshpermd {
namespace {

/// The layers and the last --config have a file each.
const char* file_of(const std::optional<std::string>& named) {
    return named ? "accepted-file.json" : "accepted.json";
}

Json source_of(const std::optional<std::string>& named) {
    return named ? Json(*named) : Json(nullptr);
}

std::string text_of(const Config& config, const std::optional<std::string>& named) {
    const Json json{{"schema", "sshpermd.accepted/1"},
                    {"source", source_of(named)},
                    {"config", Json::parse(to_text(config))}};
    return indented(json) + "\n";
}

/// Throws ConfigError for what is no such text, and Json::exception.
std::optional<Config> config_in(const std::string& text, const std::optional<std::string>& named) {
    const auto whole = parse_json(text, "accepted").root;
    if (whole.at("schema") != "sshpermd.accepted/1" || whole.at("source") != source_of(named))
        return std::nullopt;
    return parse_config(whole.at("config").dump(), "accepted");
}

bool is_kept(int dir, const char* name, const std::string& text) {
    try {
        return read_state_file(dir, name) == text;
    } catch (const std::system_error&) { // whatever is there, it is about to be replaced
        return false;
    }
}

} // namespace

void keep_accepted(const Config& config, const std::optional<std::string>& named,
                   const std::string& state_dir) {
    const auto dir = open_state_dir(StateUse::change, state_dir);
    const auto text = text_of(config, named);
    if (!is_kept(dir.get(), file_of(named), text))
        write_state_file(dir.get(), file_of(named), text);
}

std::optional<Config> read_accepted(const std::optional<std::string>& named,
                                    const std::string& state_dir) {
    try {
        const auto dir = open_state_dir(StateUse::look, state_dir);
        const auto text = dir ? read_state_file(dir.get(), file_of(named)) : std::nullopt;
        return text ? config_in(*text, named) : std::nullopt;
    } catch (const std::system_error&) { // not root's alone, or a disk that cannot be read
        return std::nullopt;
    } catch (const ConfigError&) { // of a version that knew other keys
        return std::nullopt;
    } catch (const Json::exception&) {
        return std::nullopt;
    }
}

} // namespace sshpermd
