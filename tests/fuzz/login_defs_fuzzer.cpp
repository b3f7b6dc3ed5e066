// Fuzzes UID_MIN of login.defs. Compiled with SSHPERMD_PLANTED_BUG it is the control of
// fuzz_test.sh.
#include "fuzz.hpp"

#include "policy/homes.hpp"

#include <cerrno>

namespace {

using sshpermd::uid_min_of;

constexpr uid_t without_a_word = 1000;

/// As lib/getdef.c of shadow has it.
uid_t number_or_default(const std::string& token) {
    char* end = nullptr;
    errno = 0;
    const auto number = std::strtoul(token.c_str(), &end, 0);
    return errno != 0 || *end != '\0' || number >= UINT32_MAX ? without_a_word
                                                              : static_cast<uid_t>(number);
}

/// Beginning with a digit; not "0b", which only younger C libraries read.
bool is_token(std::string_view text) {
    return !text.empty() && text.front() >= '0' && text.front() <= '9' && !text.starts_with("0b") &&
           !text.starts_with("0B") &&
           text.find_first_of(std::string_view{" \t\r\n\"\0", 6}) == std::string_view::npos;
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
#ifdef SSHPERMD_PLANTED_BUG
    const volatile auto* const bytes = data;
    if (size > 0 && bytes[0] == 0xB6)
        return bytes[size] == 0 ? 0 : 0;
#endif
    const std::string text{fuzz::text_of(data, size)};
    const auto uid = uid_min_of(text);

    fuzz::check(uid != UINT32_MAX, "UID_MIN is a uid");
    fuzz::check(text.find("UID_MIN") != std::string::npos || uid == without_a_word,
                "without a word about it UID_MIN is 1000");
    fuzz::check(uid_min_of("#\n" + text + "\n") == uid, "empty lines and comments do not count");
    fuzz::check(uid_min_of(text + "\nUID_MIN\t\t4711") == 4711, "the last line decides");
    if (is_token(text))
        fuzz::check(uid_min_of("UID_MIN " + text) == number_or_default(text),
                    "a number is read as shadow reads it");
    return 0;
}
