// Fuzzes a file of authorized_keys: its lines, its keys, their base64 and fingerprints.
#include "fuzz.hpp"

#include "keys/base64.hpp"
#include "keys/fingerprint.hpp"
#include "keys/key_line.hpp"
#include "keys/public_key.hpp"

namespace {

using namespace sshpermd;

void check_key(const KeyLine& key, std::string_view line) {
    for (const auto part : {key.options, key.type, key.comment})
        fuzz::check(fuzz::lies_inside(part, line), "the views of a key line lie inside the line");
    fuzz::check(!key.type.empty() && key.type.size() < 256, "a key has a type");
    fuzz::check(key_type_in(key.blob) == key_type_of(key.type), "a blob begins with its type");
    if (const auto parsed = parse_public_key(key.blob); std::holds_alternative<PublicKey>(parsed)) {
        const auto& whole = std::get<PublicKey>(parsed);
        const auto again = parse_public_key(whole.blob);
        fuzz::check(std::holds_alternative<PublicKey>(again) &&
                        std::get<PublicKey>(again).blob == whole.blob,
                    "OpenSSH's own spelling of a key is read as itself");
    }
    fuzz::check(decode_base64(encode_base64(key.blob)) == key.blob, "base64 round trip");
    const auto fingerprint = sha256_fingerprint(key.blob);
    fuzz::check(fingerprint.starts_with("SHA256:") && fingerprint.size() == 50,
                "a fingerprint has 43 digits");
}

void check_neutral(std::string_view line, std::size_t kind) {
    const auto changed = " \t" + std::string{line} + "\r\n";
    fuzz::check(parse_key_line(changed).index() == kind,
                "blanks before a line and its end do not change what it is");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    std::string joined;
    bool all_known = true;
    for (const auto line : lines_of(text)) {
        fuzz::check(fuzz::lies_inside(line, text), "a line lies inside the text");
        joined.append(line).push_back('\n');
        const auto parsed = parse_key_line(line);
        if (const auto* const key = std::get_if<KeyLine>(&parsed))
            check_key(*key, line);
        check_neutral(line, parsed.index());
        all_known = all_known && !std::holds_alternative<OtherLine>(parsed) &&
                    line.find('\0') == std::string_view::npos;
    }
    fuzz::check(joined == text || joined == std::string{text} + '\n', "no byte is in no line");
    fuzz::check(is_key_file(text) == all_known, "a key file is one whose lines all are known");

    if (const auto bytes = decode_base64(text))
        fuzz::check(decode_base64(encode_base64(*bytes)) == bytes, "what decodes decodes again");
    return 0;
}
