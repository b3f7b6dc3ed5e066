#include "key_files/wanted_key.hpp"

#include "event/text.hpp"
#include "finding/gate.hpp"
#include "io/transfer.hpp"
#include "io/unique_fd.hpp"
#include "key_files/advice.hpp"
#include "key_files/instance_metadata.hpp"
#include "key_files/settings.hpp"
#include "keys/ignored_words.hpp"
#include "system/clock_digits.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace sshpermd {
namespace {

/// The longest line that fits into a request to the daemon, names and escapes included.
constexpr std::size_t longest_line = 6000;

Addition refusal(const Account& account, std::string_view reason, std::string why,
                 std::string fix = {}) {
    Addition addition;
    addition.user = account.name;
    addition.reason = reason;
    addition.why = std::move(why);
    addition.fix = std::move(fix);
    return addition;
}

std::string why_not(const NoNewKey& problem) {
    if (problem.is_private)
        return "this is a private key, which never leaves its owner's machine: sshd wants its "
               "public half. If anybody else could have seen it here, make a new pair";
    if (problem.ignored && problem.ignored->ignored)
        return "sshd would ignore this line: " + why_ignored(*problem.ignored);
    if (problem.keys > 1)
        return "this is a list of " + std::to_string(problem.keys) + " keys: add one at a time";
    switch (problem.format) {
    case KeyFormat::certificate:
        return "this is a certificate, or a request for one: sshd wants the public key";
    case KeyFormat::empty: return "there is nothing in it";
    case KeyFormat::unknown:
    case KeyFormat::authorized_keys: return "there is no public key in it";
    default: return "this is " + std::string{title(problem.format)} + ", and not a whole one";
    }
}

/// The name of the file in `.ssh` that this path is, if it is one.
std::optional<std::string> name_in_ssh_dir(const std::string& path, const Account& account) {
    const auto dir = account.home + (account.home.ends_with('/') ? "" : "/") + ".ssh/";
    if (!path.starts_with(dir))
        return std::nullopt;
    auto name = path.substr(dir.size());
    return name.empty() || name.find('/') != std::string::npos ? std::nullopt
                                                               : std::optional{std::move(name)};
}

/// The first file of those that sshd reads which is a target; or why there is none.
std::variant<std::string, Addition> file_for(const KeySettings& sshd, const Account& account,
                                             const Config& config) {
    const auto& targets = config.key_files;
    std::optional<std::string> other;
    for (const auto& path : sshd.files) {
        auto name = name_in_ssh_dir(path, account);
        if (name && std::find(targets.begin(), targets.end(), *name) != targets.end())
            return *std::move(name);
        if (name && !other)
            other = std::move(name);
    }
    if (other)
        return refusal(account, "not_a_target",
                       "sshd reads .ssh/" + *other +
                           ", which is not among authorized_keys_files of the configuration: "
                           "name it there, then try again");
    if (sshd.files.empty())
        return refusal(account, "no_key_file",
                       "sshd reads no key file of this account (AuthorizedKeysFile none)");
    return refusal(account, "outside",
                   "sshd reads " + sshd.files.front() +
                       ", which is not in the account's .ssh: only there sshpermd writes. Whoever "
                       "manages that file adds the line to it");
}

} // namespace

std::string read_wanted_key(const Options& options) {
    if (options.from_imds)
        return read_launch_key();
    const bool is_input = options.file == "-";
    const auto named = is_input ? "standard input" : printable(options.file);
    const auto fail = [&](int error) {
        throw std::system_error(error, std::generic_category(), "cannot read " + named);
    };
    UniqueFd fd;
    if (!is_input) {
        fd = UniqueFd{open(options.file.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
        struct stat about {};
        if (!fd || fstat(fd.get(), &about) != 0)
            fail(errno);
        if (!S_ISREG(about.st_mode))
            fail(S_ISDIR(about.st_mode) ? EISDIR : EINVAL);
    }
    auto text = read_all(is_input ? 0 : fd.get(), max_key_file);
    if (!text)
        fail(errno);
    if (text->size() > max_key_file)
        fail(EFBIG);
    return *std::move(text);
}

std::variant<WantedKey, Addition> wanted_key(const std::string& text, const Account& account,
                                             const Config& config, const Sysroot& root) {
    Sshd asked{root};
    const auto sshd = asked.settings_for(account);
    const KeyRules rules{sshd.required_rsa_bits, clock_digits()};
    auto made = new_key_of(text, rules);
    if (const auto* const problem = std::get_if<NoNewKey>(&made))
        return refusal(account, word(*problem), why_not(*problem));
    auto& key = std::get<NewKey>(made);
    const auto refused = [&](std::string_view reason, std::string why) {
        auto addition = refusal(account, reason, std::move(why));
        addition.key = key_ref(key);
        return addition;
    };
    if (!is_utf8(key.line) || key.line.size() > longest_line)
        return refused("too_long", "the line is longer than 6,000 bytes, or not in UTF-8");
    if (!sshd.takes_keys)
        return refused("no_keys",
                       "sshd takes nobody's keys for this account (PubkeyAuthentication no)");
    if (!sshd.accept(key.key))
        return refused("algorithm", "sshd takes no " + key.key.type +
                                        " (PubkeyAcceptedAlgorithms): use another kind of key");
    if (root.is_image() && !sshd.by_sshd) {
        auto addition = refused({}, {});
        addition.result = AdditionResult::failed;
        addition.error = EventError{error_name(geteuid() == 0 ? ENODATA : EPERM),
                                    "cannot tell which file its sshd reads: " + sshd.silence};
        return addition;
    }
    auto file = file_for(sshd, account, config);
    if (auto* const problem = std::get_if<Addition>(&file)) {
        problem->key = key_ref(key);
        return std::move(*problem);
    }
    return WantedKey{std::move(key), rules, std::get<std::string>(std::move(file)),
                     root.is_image() ? root.image()->path() : std::string{}};
}

} // namespace sshpermd
