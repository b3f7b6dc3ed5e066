// Fuzzes a file that may be a key in any format, and a list of keys with all that may be wrong.
#include "fuzz.hpp"

#include "keys/fingerprint.hpp"
#include "keys/key_file.hpp"
#include "keys/key_line.hpp"

namespace {

using namespace sshpermd;

void check_list(std::string_view text, const KeyRules& rules) {
    std::size_t before = 0;
    const auto count = lines_of(text).size();
    for (const auto& listed : list_keys(text, rules)) {
        fuzz::check(listed.first_line >= 1 && listed.first_line <= listed.last_line &&
                        listed.last_line <= count,
                    "what is listed is in the file");
        fuzz::check(listed.first_line >= before, "the order is that of the file");
        before = listed.last_line;
        fuzz::check(listed.key || listed.ignored, "what is no key is ignored");
        if (listed.key)
            fuzz::check(std::holds_alternative<PublicKey>(parse_public_key(listed.key->blob)),
                        "a key that is listed is one");
        if (!listed.ignored)
            fuzz::check(std::holds_alternative<KeyLine>(
                            parse_key_line(lines_of(text)[listed.first_line - 1])),
                        "what is accepted is a key line");
    }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    const KeyRules rules{1024, {"20260601120000", "20260601120000"}};
    check_list(text, rules);
    const auto reading = read_key(text, rules);
    fuzz::check(!word(reading.format).empty(), "every format has a name");
    if (reading.key)
        ec2_fingerprint(*reading.key);
    return 0;
}
