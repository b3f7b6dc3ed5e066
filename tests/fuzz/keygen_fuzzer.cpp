// Holds our reading of authorized_keys against OpenSSH's: each key that `ssh-keygen -l` finds in a
// text must be a key line with the same fingerprint. One process an input: for the long run.
#include "fuzz.hpp"

#include "keys/fingerprint.hpp"
#include "keys/key_line.hpp"

#include <fcntl.h>
#include <set>
#include <sys/mman.h>
#include <unistd.h>

namespace {

using namespace sshpermd;

std::set<std::string> fingerprints_of(std::string_view text) {
    std::set<std::string> found;
    for (const auto line : lines_of(text))
        if (const auto parsed = parse_key_line(line); std::holds_alternative<KeyLine>(parsed))
            found.insert(sha256_fingerprint(std::get<KeyLine>(parsed).blob));
    return found;
}

/// The text lies in a file without a name that the child inherits.
std::string keygen_says(std::string_view text) {
    const int file = memfd_create("keys", 0);
    fuzz::check(file >= 0 && write(file, text.data(), text.size()) >= 0 && lseek(file, 0, 0) == 0,
                "the text can be handed to ssh-keygen");
    const auto command = "ssh-keygen -lf - 2>/dev/null <&" + std::to_string(file);
    auto* const pipe = popen(command.c_str(), "r");
    std::string answer;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe))
        answer += static_cast<char>(c);
    pclose(pipe);
    close(file);
    return answer;
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    // ssh-keygen ends a line at a NUL or CR, sshd does not.
    if (text.find_first_of(std::string_view{"\0\r", 2}) != std::string_view::npos ||
        text.find("AAAA") == std::string_view::npos)
        return 0;
    const auto known = fingerprints_of(text);
    const auto answer = keygen_says(text);
    for (const auto line : lines_of(answer)) {
        // "256 SHA256:... comment (ED25519)"
        const auto word = line.substr(std::min(line.find(' ') + 1, line.size()));
        const std::string fingerprint{word.substr(0, word.find(' '))};
        const bool is_certificate = line.ends_with("-CERT)"); // named after the key in it
        fuzz::check(is_certificate || known.contains(fingerprint),
                    "a key that ssh-keygen finds is one of our key lines");
    }
    return 0;
}
