#include "socket/users.hpp"

#include "event/text.hpp"
#include "policy/json_text.hpp"
#include "reconcile/query.hpp"
#include "socket/asking.hpp"

#include <algorithm>
#include <iostream>

namespace sshpermd {
namespace {

/// "alice       1001  protected     /home/alice"
void print_user(const Json& user) {
    const auto field = [](std::string text, std::size_t width) {
        text.resize(std::max(text.size(), width), ' ');
        return text + "  ";
    };
    const auto& state = user.at("state");
    std::cout << field(printable(user.at("name").get<std::string>()), 16)
              << field(user.at("uid").dump(), 5)
              << field(state.is_null() ? "not looked at yet" : state.get<std::string>(), 12)
              << printable(user.at("home").get<std::string>()) << '\n';
}

} // namespace

ExitCode users(const Options& options) {
    auto all = Json::array();
    std::string after;
    do {
        const auto path = "/v1/users?after=" + percent_encoded(after) +
                          "&state=" + percent_encoded(options.state.value_or(""));
        const auto [body, code] = ask_daemon({"GET", path, {}}, options);
        if (!body)
            return code;
        const auto page = Json::parse(*body, nullptr, false);
        if (!page.is_object() || page.value("schema", "") != "sshpermd.users/1")
            return complain_of_other_version();
        for (const auto& user : page.at("users"))
            all.push_back(user);
        after = page.at("next").is_string() ? page.at("next").get<std::string>() : "";
    } while (!after.empty());
    if (options.output == Output::json)
        std::cout << one_line({{"schema", "sshpermd.users/1"}, {"users", all}, {"next", nullptr}})
                  << '\n';
    else if (options.verbosity != Verbosity::quiet)
        std::for_each(all.begin(), all.end(), print_user);
    return ExitCode::ok;
}

} // namespace sshpermd
