#include "explain/revoked.hpp"

#include "io/transfer.hpp"
#include "io/unique_fd.hpp"
#include "keys/base64.hpp"
#include "keys/ignored_line.hpp"
#include "keys/key_line.hpp"
#include "system/file_trial.hpp"
#include "system/sshd_process.hpp"

#include <sys/mman.h>

#include <variant>

namespace sshpermd {
namespace {

constexpr std::size_t largest = std::size_t{16} << 20U;
constexpr std::string_view krl_magic{"SSHKRL\n\0", 8};

/// authfile.c sshkey_in_file() of OpenSSH: keys without options.
bool is_listed(const PublicKey& key, std::string_view text) {
    for (const auto line : lines_of(text)) {
        const auto parsed = parse_key_line(seen_by_sshd(line));
        const auto* const found = std::get_if<KeyLine>(&parsed);
        if (found == nullptr || !found->options.empty())
            continue;
        const auto listed = parse_public_key(found->blob);
        const auto* const whole = std::get_if<PublicKey>(&listed);
        if (whole != nullptr && whole->is_certificate == key.is_certificate &&
            whole->blob == key.blob)
            return true;
    }
    return false;
}

/// A file in memory that holds the key's line, for a program to read as its input.
UniqueFd memory_with(const std::string& line) {
    UniqueFd fd{memfd_create("key", MFD_CLOEXEC)};
    if (!fd || write_all(fd.get(), line) != line.size() || lseek(fd.get(), 0, SEEK_SET) != 0)
        return {};
    return fd;
}

} // namespace

RevokedKeys::RevokedKeys(const Sysroot& root, std::string file)
    : root_(root), file_(std::move(file)) {
    const auto fd = root.open(file_);
    auto text = fd ? read_all(fd.get(), largest) : std::nullopt;
    is_readable_ = text.has_value();
    if (text)
        text_ = *std::move(text);
}

/// A list from an image is nobody's to trust: it is read where it can do no harm.
std::optional<Inquirer::Said> RevokedKeys::ask_keygen(const PublicKey& key) {
    const auto line = key.type + " " + encode_base64(key.blob) + "\n";
    if (!is_roots_program(ssh_keygen_path))
        return std::nullopt;
    if (root_.is_image()) {
        const auto dir = std::string{trial_dir};
        return hear_apart({{dir + "/krl", text_}, {dir + "/key.pub", line}},
                          {{ssh_keygen_path, "-Q", "-f", dir + "/krl", dir + "/key.pub"}}, {},
                          ChildProcess::Errors::with_output);
    }
    const auto input = memory_with(line);
    return input
               ? inquirer_.hear({ssh_keygen_path, "-Q", "-f", file_, "/dev/stdin"}, {}, input.get())
               : std::nullopt;
}

Revocation RevokedKeys::look_up(const PublicKey& key) {
    if (!is_readable_)
        return Revocation::unreadable;
    if (!text_.starts_with(krl_magic))
        return is_listed(key, text_) ? Revocation::revoked : Revocation::none;
    const auto said = ask_keygen(key);
    if (!said)
        return Revocation::cannot_tell;
    if (said->text.find("REVOKED") != std::string::npos)
        return Revocation::revoked;
    return said->status == 0 ? Revocation::none : Revocation::unreadable;
}

} // namespace sshpermd
