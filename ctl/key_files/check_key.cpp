#include "key_files/check_key.hpp"

#include "complain.hpp"
#include "event/text.hpp"
#include "finding/gate.hpp"
#include "io/transfer.hpp"
#include "io/unique_fd.hpp"
#include "key_files/advice.hpp"
#include "key_files/words.hpp"
#include "keys/new_key.hpp"
#include "policy/json_text.hpp"
#include "system/clock_digits.hpp"
#include "wrap.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <iostream>
#include <system_error>
#include <variant>

namespace sshpermd {
namespace {

/// With the rights of whoever asks. Throws std::system_error.
SeenKeyFile look_at(const std::string& path) {
    const auto fail = [&](int error) {
        throw std::system_error(error, std::generic_category(), "cannot read " + printable(path));
    };
    const UniqueFd fd{open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
    struct stat about {};
    if (!fd || fstat(fd.get(), &about) != 0)
        fail(errno);
    if (!S_ISREG(about.st_mode))
        fail(S_ISDIR(about.st_mode) ? EISDIR : EINVAL);
    const auto text = read_all(fd.get(), max_key_file);
    if (!text)
        fail(errno);
    if (text->size() > max_key_file)
        fail(EFBIG);
    return {path, Mode{about.st_mode}, about.st_uid,
            read_key(*text, {KeyRules{}.required_rsa_bits, clock_digits()})};
}

Json json_of(const SeenKeyFile& file) {
    const auto& reading = file.reading;
    Json json{{"schema", "sshpermd.key_file/1"},
              {"path", file.path},
              {"mode", to_string(file.mode)},
              {"owner", file.owner},
              {"format", word(reading.format)},
              {"private", reading.is_private},
              {"encrypted", reading.is_encrypted},
              {"read_by_ssh", is_read_by_ssh(file)},
              {"key", nullptr},
              {"comment", reading.comment},
              {"public_line", nullptr},
              {"ec2", nullptr},
              {"keys", Json::array()},
              {"problems", Json::array()}};
    if (const auto& key = reading.key) {
        json["key"] = json_of(*key);
        json["public_line"] = public_line(*key, reading.comment);
        const auto why = why_not_in_ec2(*key);
        json["ec2"] = {{"accepted", why.empty()},
                       {"why", text_or_null(why)},
                       {"created", reading.ec2_created ? Json(*reading.ec2_created) : nullptr}};
    }
    for (const auto& listed : reading.lines)
        json["keys"].push_back(json_of(listed));
    for (const auto& [problem, why, fix] : advice_for(file))
        json["problems"].push_back(
            {{"problem", problem}, {"why", why}, {"fix", text_or_null(fix)}});
    return json;
}

std::string use_of(const SeenKeyFile& file) {
    const auto& reading = file.reading;
    if (is_read_by_ssh(file))
        return reading.is_encrypted ? "ssh -i reads it, with its passphrase" : "ssh -i reads it";
    if (reading.format == KeyFormat::openssh_public)
        return "this is the public half: its line belongs into authorized_keys on the server, and "
               "ssh -i wants the private half";
    return reading.is_private || !reading.key ? "" : "this is the public half";
}

void print_ec2(const KeyFileReading& reading) {
    if (!reading.key)
        return;
    if (reading.ec2_created)
        std::cout << "  in EC2's console, if created there: " << *reading.ec2_created << '\n';
    const auto why = why_not_in_ec2(*reading.key);
    std::cout << wrapped("EC2 key pair: " +
                             (why.empty() ? "yes; its public half can be imported in OpenSSH's "
                                            "format, RFC 4716's and base64 of DER"
                                          : "no: " + why),
                         2);
}

void print(const SeenKeyFile& file) {
    const auto& reading = file.reading;
    std::cout << printable(file.path) << ": " << title(reading.format)
              << (reading.is_encrypted ? ", with a passphrase" : "") << '\n';
    if (const auto use = use_of(file); !use.empty())
        std::cout << wrapped(use, 2);
    if (reading.format == KeyFormat::authorized_keys) {
        print_listed(std::cout, reading.lines);
    } else if (reading.key) {
        print_key(std::cout, *reading.key, "  ");
        print_ec2(reading);
        if (reading.format != KeyFormat::openssh_public)
            std::cout << "  for authorized_keys: "
                      << printable(public_line(*reading.key, reading.comment)) << '\n';
    } else if (reading.is_encrypted) {
        std::cout
            << "  which key it is cannot be told without the passphrase: ssh-keygen -l -f FILE\n";
    }
    for (const auto& [problem, why, fix] : advice_for(file)) {
        std::cout << wrapped("PROBLEM: " + why, 2);
        if (!fix.empty())
            std::cout << "    " << printable(fix) << '\n';
    }
}

} // namespace

ExitCode check_key(const Options& options) {
    if (options.file.empty())
        return complain("check-key needs a FILE (see sshpermctl --help)", ExitCode::usage);
    const auto file = look_at(options.file);
    if (options.output == Output::json)
        std::cout << one_line(json_of(file)) << '\n';
    else if (options.verbosity != Verbosity::quiet)
        print(file);
    const bool is_fine = advice_for(file).empty() && count_ignored(file.reading.lines) == 0;
    return is_fine ? ExitCode::ok : ExitCode::wrong;
}

} // namespace sshpermd
