// explain: its verdict is what a real sshd does with a real client, and it says why.
#include "catch.hpp"
#include "daemon.hpp"
#include "explain_state.hpp"

#include <cstdlib>
#include <iostream>
#include <string>

namespace {

using namespace system_tests;

Json explained(const Arguments& arguments) {
    Arguments command{sshpermctl(), "explain", "--json"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const auto ended = run(command);
    INFO(ended.err);
    const auto document = Json::parse(ended.out);
    CHECK(document.at("schema") == "sshpermd.explain/1");
    const auto& verdict = document.at("verdict");
    CHECK(ended.status == (verdict == "accepted" ? 0 : verdict == "refused" ? 1 : 5));
    return document;
}

std::size_t number_from(const char* name, std::size_t otherwise) {
    const char* const text = std::getenv(name);
    return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

bool is_long() { return number_from("SSHPERMD_LONG", 0) == 1; }

TEST_CASE("explain says what sshd does, whatever the state", "[explain]") {
    const auto seed = number_from("SSHPERMD_SEED", std::random_device{}());
    const auto states = number_from("SSHPERMD_STATES", is_long() ? 1200 : 60);
    constexpr std::size_t states_of_a_setup = 6;
    std::size_t accepted = 0;
    std::size_t unknown = 0;
    std::size_t wrong = 0;
    Dice dice{seed};
    for (std::size_t done = 0; done < states;) {
        const auto setup = roll_setup(dice);
        const SetupServer sshd{setup};
        for (std::size_t i = 0; i < states_of_a_setup && done < states; ++i, ++done) {
            const ExplainState state{dice, setup};
            const auto before = sshd.log().size();
            const auto login = sshd.login(state.user(), state.key());

            const auto answer =
                explained({state.user(), "--key", state.key().secret.native() + ".pub", "--from",
                           "127.0.0.1"});

            const auto verdict = answer.at("verdict").get<std::string>();
            accepted += login.accepted ? 1U : 0U;
            unknown += verdict == "unknown" ? 1U : 0U;
            const bool is_right = verdict == "unknown" || (verdict == "accepted") == login.accepted;
            wrong += is_right ? 0U : 1U;
            INFO("seed " << seed << ", state " << done << "\n"
                         << setup.words() << "\n"
                         << state.story() << login.message << sshd.log().substr(before)
                         << answer.dump(1));
            CHECK(is_right);
        }
    }
    std::cout << "explain: seed " << seed << ": " << states << " states, " << accepted
              << " accepted by sshd, " << unknown << " that explain cannot tell, " << wrong
              << " wrong\n";
    CHECK(accepted * 100 > states * 15); // or the states are of no use
    CHECK(accepted * 100 < states * 85);
    CHECK((unknown * 100 < states * 2 || (!is_long() && unknown <= 12)));
}

} // namespace
