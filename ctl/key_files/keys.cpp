#include "key_files/keys.hpp"

#include "event/text.hpp"
#include "finding/gate.hpp"
#include "homes/place.hpp"
#include "homes/survey.hpp"
#include "key_files/settings.hpp"
#include "key_files/words.hpp"
#include "keys/fingerprint.hpp"
#include "policy/homes.hpp"
#include "policy/json_text.hpp"
#include "reconcile/request.hpp"
#include "repairs/rescue.hpp"
#include "system/account_database.hpp"
#include "system/clock_digits.hpp"
#include "system/config_file.hpp"
#include "system/user_file.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <iostream>
#include <optional>
#include <utility>

namespace sshpermd {
namespace {

struct KeysFile {
    std::string user;
    std::string path;
    bool by_sshd = false;
    UserFile file;
    std::vector<ListedKey> keys;
};

struct Sums {
    std::size_t users = 0;
    std::size_t accepted = 0;
    std::size_t ignored = 0;
    std::size_t errors = 0;
    bool was_denied = false;
    std::string silence; ///< of an image: why sshd did not say which files it reads
};

bool is_missing(const KeysFile& file) { return file.file.error == ENOENT; }
bool is_error(const KeysFile& file) { return file.file.error != 0 && !is_missing(file); }

std::string problem_of(int error) {
    if (error == not_a_regular_file)
        return "not a regular file: sshd does not read it";
    if (error == EFBIG)
        return "larger than 1 MiB: not read here";
    return std::strerror(error);
}

std::vector<Account> choose(const Options& options, const Config& config,
                            const std::shared_ptr<const Accounts>& accounts, uid_t uid_min,
                            const std::function<std::string(const std::string&)>& why_unknown) {
    std::vector<Account> chosen;
    if (options.users.empty())
        for (const auto& home : find_homes(accounts, config, uid_min))
            chosen.push_back(*home.account);
    for (const auto& user : options.users) {
        const auto* const account = accounts->by_name(user);
        if (account == nullptr)
            throw UnknownUser(why_unknown(user));
        chosen.push_back(*account);
    }
    return chosen;
}

std::vector<Account> accounts_for(const Options& options, const Image* image) {
    if (image != nullptr) {
        const auto config = config_for_image(options);
        return choose(
            options, config, image->generation(), image->uid_min(),
            [&](const std::string& user) { return why_unknown_in(*image, user, config); });
    }
    const auto config = load_config(options.config_file).config;
    const auto accounts = read_accounts(config.home_roots);
    return choose(options, config, accounts, read_uid_min(), [&](const std::string& user) {
        return why_unknown(user, *accounts, config, read_uid_min());
    });
}

std::vector<KeysFile> read_files(const Account& account, const Sysroot& root, Sshd& sshd,
                                 Sums& sums) {
    std::vector<KeysFile> files;
    const auto configured = sshd.settings_for(account);
    if (!configured.by_sshd)
        sums.silence = configured.silence;
    for (const auto& path : configured.files) {
        KeysFile file{
            account.name, path, configured.by_sshd, read_as(root, account, path, max_key_file), {}};
        if (file.file.text)
            file.keys = list_keys(*file.file.text, {configured.required_rsa_bits, clock_digits()});
        files.push_back(std::move(file));
    }
    return files;
}

void add(Sums& sums, const KeysFile& file) {
    const auto ignored = count_ignored(file.keys);
    sums.ignored += ignored;
    sums.accepted += file.keys.size() - ignored;
    sums.errors += is_error(file) ? 1U : 0U;
    sums.was_denied = sums.was_denied || file.file.error == EACCES || file.file.error == EPERM;
}

Json json_of(const KeysFile& file) {
    Json json{{"user", file.user},
              {"path", file.path},
              {"configured_by", file.by_sshd ? "sshd" : "default"},
              {"result", is_error(file)     ? "error"
                         : is_missing(file) ? "missing"
                                            : "read"},
              {"error", nullptr},
              {"content", nullptr},
              {"keys", Json::array()}};
    if (is_error(file))
        json["error"] = problem_of(file.file.error);
    if (file.file.text)
        json["content"] = sha256_fingerprint(*file.file.text);
    for (const auto& key : file.keys)
        json["keys"].push_back(sshpermd::json_of(key));
    return json;
}

void print_file(const KeysFile& file) {
    if (is_missing(file))
        return;
    std::cout << printable(file.path) << " (" << printable(file.user) << ")\n";
    if (is_error(file))
        std::cout << "  cannot be read as " << printable(file.user) << ": "
                  << problem_of(file.file.error) << '\n';
    else
        std::cout << "  content " << sha256_fingerprint(*file.file.text) << '\n';
    print_listed(std::cout, file.keys);
}

void print_sums(const Sums& sums, bool by_sshd) {
    std::cout << sums.users << (sums.users == 1 ? " account: " : " accounts: ") << sums.accepted
              << (sums.accepted == 1 ? " key" : " keys") << ", " << sums.ignored << " ignored";
    if (sums.errors > 0)
        std::cout << ", " << sums.errors << (sums.errors == 1 ? " error" : " errors");
    std::cout << '\n';
    if (!by_sshd)
        std::cout << "sshd did not say which files it reads; these are its usual ones"
                  << (sums.silence.empty() ? "" : ": " + printable(sums.silence)) << '\n';
}

} // namespace

ExitCode keys(const Options& options) {
    const auto image = image_for(options);
    const auto root = image ? Sysroot{*image} : Sysroot{};
    const auto accounts = accounts_for(options, image ? &*image : nullptr);
    Sshd sshd{root};
    Sums sums;
    bool by_sshd = true;
    const bool as_json = options.output == Output::json;
    const char* separator = "";
    if (as_json)
        std::cout << R"({"schema":"sshpermd.keys/1","files":[)";
    for (const auto& account : accounts) {
        ++sums.users;
        for (const auto& file : read_files(account, root, sshd, sums)) {
            add(sums, file);
            by_sshd = by_sshd && file.by_sshd;
            if (as_json)
                std::cout << std::exchange(separator, ",") << one_line(json_of(file));
            else if (options.verbosity != Verbosity::quiet)
                print_file(file);
        }
    }
    const Json summary{{"users", sums.users},
                       {"accepted", sums.accepted},
                       {"ignored", sums.ignored},
                       {"errors", sums.errors}};
    if (as_json)
        std::cout << R"(],"summary":)" << one_line(summary) << "}\n";
    else if (options.verbosity != Verbosity::quiet)
        print_sums(sums, by_sshd);
    if (sums.was_denied || (image && !by_sshd && geteuid() != 0))
        return ExitCode::permission_denied;
    if (sums.errors > 0 || (image && !by_sshd))
        return ExitCode::failed;
    return sums.ignored > 0 ? ExitCode::wrong : ExitCode::ok;
}

} // namespace sshpermd
