#include "explain.hpp"

#include "complain.hpp"
#include "event/text.hpp"
#include "explain_text.hpp"
#include "finding/gate.hpp"
#include "io/transfer.hpp"
#include "io/unique_fd.hpp"
#include "key_files/words.hpp"
#include "keys/base64.hpp"
#include "keys/fingerprint.hpp"
#include "keys/key_file.hpp"
#include "policy/json_text.hpp"
#include "repairs/rescue.hpp"
#include "system/clock_digits.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <iostream>
#include <optional>
#include <stdexcept>

namespace sshpermd {
namespace {

bool is_address(const std::string& text) {
    std::array<unsigned char, 16> bytes{};
    return inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 ||
           inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

/// As ssh-keygen prints one, or, without a name before it, the EC2 console.
bool is_fingerprint(const std::string& text) {
    const bool is_hexadecimal =
        text.size() > 40 && text.find_first_not_of("0123456789abcdef:") == std::string::npos;
    const bool is_sha256 = text.size() == 44 && decode_base64(text).has_value();
    return text.starts_with("SHA256:") || text.starts_with("MD5:") || is_hexadecimal || is_sha256;
}

/// The key in a file, with the rights of whoever asks. Throws std::runtime_error.
PublicKey key_in(const std::string& path) {
    const UniqueFd fd{open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
    struct stat about {};
    if (!fd || fstat(fd.get(), &about) != 0)
        throw std::system_error(errno, std::generic_category(), "cannot read " + printable(path));
    const auto text = S_ISREG(about.st_mode) ? read_all(fd.get(), max_key_file) : std::nullopt;
    if (!text || text->size() > max_key_file)
        throw std::runtime_error(printable(path) + " is no key file");
    auto reading = read_key(*text, {KeyRules{}.required_rsa_bits, clock_digits()});
    if (!reading.key && reading.lines.size() == 1)
        reading.key = reading.lines.front().key;
    if (!reading.key)
        throw std::runtime_error("no key can be read in " + printable(path) +
                                 ": sshpermctl check-key says why");
    return *std::move(reading.key);
}

LoginQuestion question_of(const Options& options) {
    LoginQuestion question;
    question.user = options.users.front();
    question.from = options.from;
    if (!options.key)
        return question;
    if (is_fingerprint(*options.key)) {
        question.key = *options.key;
        return question;
    }
    question.public_key = key_in(*options.key);
    question.key = sha256_fingerprint(question.public_key->blob);
    return question;
}

} // namespace

ExitCode explain(const Options& options) {
    if (options.users.size() != 1)
        return complain("explain needs one USER (see sshpermctl --help)", ExitCode::usage);
    if (options.from && !is_address(*options.from))
        return complain("--from needs an address such as 203.0.113.7", ExitCode::usage);
    const auto question = question_of(options);
    const auto image = image_for(options);
    const auto explanation = explain_login(question, image ? Sysroot{*image} : Sysroot{});
    if (options.output == Output::json)
        std::cout << one_line(json_of(question, explanation)) << '\n';
    else if (options.verbosity != Verbosity::quiet)
        print_explanation(std::cout, question, explanation, options.verbosity);
    switch (explanation.verdict) {
    case LoginVerdict::accepted: return ExitCode::ok;
    case LoginVerdict::refused: return ExitCode::wrong;
    case LoginVerdict::unknown: break;
    }
    return ExitCode::failed;
}

} // namespace sshpermd
