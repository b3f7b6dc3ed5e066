// The watch algorithm as a model, explored in full; the wrong ones are what the explorer is tried
// on.
#include "catch.hpp"
#include "explorer.hpp"

#include <cstdlib>
#include <iostream>
#include <string>

namespace {

using namespace model;

int most_deeds() {
    const char* const is_long = std::getenv("SSHPERMD_LONG");
    return is_long != nullptr && std::string{is_long} != "0" ? 7 : 5;
}

void require_right(const char* name, const Algorithm& algorithm) {
    const auto verdict = explore(algorithm, most_deeds());

    INFO(verdict.story);
    REQUIRE(verdict.comes_right);
    std::cout << name << ": " << verdict.worlds << " worlds of up to " << most_deeds()
              << " deeds, all come right\n";
}

/// The story says why, to whoever reads the output.
void require_wrong(const char* name, const Algorithm& algorithm) {
    const auto verdict = explore(algorithm, most_deeds());

    REQUIRE_FALSE(verdict.comes_right);
    std::cout << name << " fails after " << verdict.worlds << " worlds:\n" << verdict.story;
}

TEST_CASE("when the deeds stop every target comes right", "[model]") {
    require_right("look, repair, watch, and look again after a new watch", {});
}

TEST_CASE("to watch before the look is as right", "[model]") {
    Algorithm algorithm;
    algorithm.watches_first = true;
    require_right("watch, look, repair", algorithm);
}

TEST_CASE("without a look after new watches something stays wrong", "[model]") {
    Algorithm algorithm;
    algorithm.looks_after_new_watches = false;
    require_wrong("repair first, then watch", algorithm);
}

TEST_CASE("without the home's watch something stays wrong", "[model]") {
    Algorithm algorithm;
    algorithm.watches_home = false;
    require_wrong("one watch a user", algorithm);
}

TEST_CASE("without a look after an overflow something stays wrong", "[model]") {
    Algorithm algorithm;
    algorithm.heeds_overflow = false;
    require_wrong("overflow ignored", algorithm);
}

TEST_CASE("without watching again what has been replaced something stays wrong", "[model]") {
    Algorithm algorithm;
    algorithm.watches_again = false;
    require_wrong("watched once and for all", algorithm);
}

TEST_CASE("without a mark after the last look allowed something stays wrong", "[model]") {
    Algorithm algorithm;
    algorithm.marks_unfinished = false;
    require_wrong("gives up after the last look", algorithm);
}

TEST_CASE("without a poll where no watch can be had something stays wrong", "[model]") {
    Algorithm algorithm;
    algorithm.polls_unwatched = false;
    require_wrong("watch limit ignored", algorithm);
}

TEST_CASE("repairs of what is right never end", "[model]") {
    Algorithm algorithm;
    algorithm.repairs_only_drift = false;
    require_wrong("chmod without a check", algorithm);
}

} // namespace
