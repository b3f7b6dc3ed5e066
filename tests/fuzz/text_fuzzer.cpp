// Fuzzes the text room: UTF-8, cutting, base64, and what a terminal is given.
#include "fuzz.hpp"

#include "event/text.hpp"
#include "keys/base64.hpp"

#include <nlohmann/json.hpp>

namespace {

using namespace sshpermd;

/// nlohmann's strict writer, as a second opinion.
bool json_takes(std::string_view bytes) {
    try {
        return !nlohmann::json(bytes).dump().empty();
    } catch (const nlohmann::json::type_error&) {
        return false;
    }
}

void check_cut(std::string_view text, std::size_t max) {
    const auto part = cut(text, max);
    fuzz::check(part.size() <= max && text.starts_with(part), "a cut text is a prefix that fits");
    fuzz::check(!is_utf8(text) || is_utf8(part), "a cut never leaves half a character");
    fuzz::check(part.size() + 4 > std::min(max, text.size()), "a cut takes no more than it must");
}

void check_printable(std::string_view bytes) {
    const auto shown = printable(bytes);
    fuzz::check(is_utf8(shown), "what is printed is UTF-8");
    fuzz::check(printable(shown) == shown, "what is printed is printable");
    for (const char c : shown)
        fuzz::check(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F, "no control character");
    for (const char* const mark : {"\u009b", "\u061c", "\u200e", "\u202e", "\u2066", "\u2069"})
        fuzz::check(shown.find(mark) == std::string::npos, "nothing that reorders text");
    fuzz::check(!fuzz::is_printable_ascii(bytes) || shown == bytes, "plain text stays as it is");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const auto text = fuzz::text_of(data + 1, size - 1);
    fuzz::check(is_utf8(text) == json_takes(text), "UTF-8 is what a JSON writer takes");
    check_cut(text, data[0]);
    check_printable(text);
    fuzz::check(text.empty() || decode_base64(encode_base64(text)) == text, "base64 round trip");
    return 0;
}
