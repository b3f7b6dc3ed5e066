// Fuzzes the configuration: what is accepted survives being printed, what is not is explained in
// one line that a terminal can take.
#include "fuzz.hpp"

#include "policy/config.hpp"

namespace {

using namespace sshpermd;

std::optional<Config> parse(std::string_view text) {
    try {
        return parse_config(text, "sshpermd.json");
    } catch (const ConfigError& error) {
        const std::string_view what = error.what();
        fuzz::check(what.starts_with("sshpermd.json:"), "an error begins with the file");
        fuzz::check(fuzz::is_printable_ascii(what), "an error is one line of printable ASCII");
        return std::nullopt;
    }
}

void check_safe(const Rule& rule, unsigned needed) {
    fuzz::check(!rule.mode.has(0022), "no policy lets others write");
    fuzz::check((rule.mode.bits() & needed) == needed, "no policy locks an account out");
    for (const auto mode : rule.accept)
        fuzz::check(!mode.has(0002), "no accepted mode lets everybody write");
}

void check_safe(const AccountPolicy& policy) {
    check_safe(policy.home, 0500);
    check_safe(policy.ssh_dir, 0500);
    check_safe(policy.authorized_keys, 0400);
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto config = parse(fuzz::text_of(data, size));
    if (!config)
        return 0;
    check_safe(config->home_root, 0001);
    check_safe(config->policy);
    for (const auto& entry : config->overrides)
        check_safe(entry.policy);
    config->includes("alice");

    const auto text = to_text(*config);
    fuzz::check(parse(text) == config, "a configuration survives being printed");
    return 0;
}
