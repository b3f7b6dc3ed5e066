// Log words: what a line of sshd's means, and what to do about it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sshpermd {

struct LogWord {
    std::string_view part; ///< the line has this in it
    std::string_view meaning;
    std::string_view fix; ///< a command; USER stands for the user
};

/// The first that fits counts. docs/symptoms.md has every one of them.
std::span<const LogWord> log_words();

/// Null when nothing is known of such a line.
const LogWord* log_word_for(std::string_view line);

/// One line of sshd's.
struct LogLine {
    std::int64_t microseconds = 0; ///< since 1970
    std::int64_t pid = 0;
    std::string text;
};

/// What sshd said about a user.
struct ToldLine {
    LogLine last;          ///< the latest of those that mean this
    std::size_t count = 0; ///< of all of them
    std::string meaning;
    std::string fix; ///< with the user's name
};

/// Lines that name the user, and those of the same process about the same time, which do not: "bad
/// ownership" names nobody. Only those that mean something here, the latest first.
std::vector<ToldLine> told_about(std::string_view user, std::span<const LogLine> lines);

} // namespace sshpermd
