// Reads a JSON list of texts from standard input and says of each, a line each, what the parser of
// configurations makes of it: "accepted", or the complaint. With --default it prints the built-in
// configuration.
#include "policy/config.hpp"

#include <nlohmann/json.hpp>

#include <iostream>
#include <string>
#include <string_view>

namespace {

std::string verdict(const std::string& text) {
    try {
        sshpermd::parse_config(text, "case");
        return "accepted";
    } catch (const sshpermd::ConfigError& error) {
        return error.what();
    }
}

} // namespace

int main(int argc, char** argv) {
    if (argc > 1 && std::string_view{argv[1]} == "--default") {
        std::cout << sshpermd::to_text({}) << '\n';
        return 0;
    }
    for (const auto& text : nlohmann::json::parse(std::cin))
        std::cout << verdict(text.get<std::string>()) << '\n';
}
