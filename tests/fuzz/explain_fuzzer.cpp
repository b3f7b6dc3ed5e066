// Fuzzes what explain reads: sshd's own settings, its command line and its log, PAM's rules, lists
// of revoked keys, patterns, and the keys of a file against all of that.
#include "fuzz.hpp"

#include "explain/key_rule.hpp"
#include "explain/log_words.hpp"
#include "explain/pam.hpp"
#include "explain/patterns.hpp"
#include "explain/revoked.hpp"
#include "explain/session_manager.hpp"
#include "explain/sshd_settings.hpp"
#include "keys/key_line.hpp"
#include "system/mounts.hpp"
#include "system/sshd_process.hpp"

#include <sys/mman.h>
#include <unistd.h>

namespace {

using namespace sshpermd;

/// A file without a name that has this text in it.
class NamelessFile {
  public:
    explicit NamelessFile(std::string_view text) : fd_(memfd_create("text", MFD_CLOEXEC)) {
        fuzz::check(fd_ >= 0 && write(fd_, text.data(), text.size()) >= 0, "there is memory");
    }
    ~NamelessFile() { close(fd_); }
    NamelessFile(const NamelessFile&) = delete;
    NamelessFile& operator=(const NamelessFile&) = delete;
    std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

  private:
    int fd_;
};

void check_command_line(std::string_view text) {
    const auto arguments = parse_sshd_arguments(text);
    if (!arguments)
        return;
    fuzz::check(arguments->options.size() % 2 == 0, "each option has its value");
    for (std::size_t i = 0; i < arguments->options.size(); i += 2)
        fuzz::check(arguments->options[i].size() == 2 && arguments->options[i][0] == '-' &&
                        arguments->options[i] != "-f",
                    "an option is one letter, and the file is none of them");
}

void check_tables(std::string_view text) {
    for (const auto& mount : parse_mountinfo(text))
        fuzz::check(mount.id >= 0 && !mount.type.empty(), "a mount has a number and a type");
    fuzz::check(unescaped(text).size() <= text.size(), "nothing grows when it is unescaped");
    parse_listeners(text);
    fuzz::check(fuzz::lies_inside(last_error(text), text), "the last error is one of the log's");
}

void check_log(std::string_view text) {
    std::vector<LogLine> lines;
    for (const auto line : lines_of(text))
        lines.push_back({static_cast<std::int64_t>(lines.size()), 1, std::string{line}});
    std::size_t count = 0;
    for (const auto& told : told_about("alice", lines))
        count += told.count;
    fuzz::check(count <= lines.size(), "a line is told once");
}

void check_patterns(std::string_view text) {
    const auto half = text.size() / 2;
    const auto name = text.substr(0, half);
    const auto pattern = text.substr(half);
    fuzz::check(!matches(name, pattern) || match_list(name, pattern) != 0 ||
                    pattern.find_first_of(",!") != std::string_view::npos || pattern.empty() ||
                    pattern.size() > 1000, // sshd gives up on longer ones
                "a list of one pattern is that pattern");
    fuzz::check(matches(text, "*"), "everything matches an asterisk");
    match_addresses("192.0.2.1", text);
    match_addresses("2001:db8::1", text);
    match_host({std::string{name.substr(0, name.find('\0'))}, true}, pattern);
    match_user(name, {"192.0.2.1", false}, pattern);
}

void check_pam(std::string_view text) {
    const NamelessFile file{text};
    account_rules_of_pam({}, SshdSettings{"pamservicename " + file.path()});
}

void check_keys(std::string_view text) {
    if (text.starts_with("SSHKRL")) // ssh-keygen's to read
        return;
    const NamelessFile file{text};
    LoginCase login;
    login.question.from = "192.0.2.1";
    login.person.emplace();
    login.sshd.settings.emplace(std::string{text} + "\nrevokedkeys " + file.path() + "\n");
    KeyRules rules;
    rules.now = {"20260601120000", "20260601120000"};
    const auto listed = list_keys(text, rules);
    if (login.sshd.settings->value("revokedkeys") != file.path()) // another file of this machine
        return;
    KeyRule rule{login};
    RevokedKeys revoked{{}, file.path()};
    for (const auto& key : listed) {
        const auto flaw = rule.flaw_of(key);
        fuzz::check(flaw || (!key.ignored && !key.is_authority), "what sshd ignores is a flaw");
        fuzz::check(key.ignored || !key.options.empty() ||
                        revoked.look_up(*key.key) != Revocation::none,
                    "a key without options in the list of revoked keys is revoked");
    }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    check_command_line(text);
    check_tables(text);
    check_log(text);
    check_patterns(text);
    check_pam(text);
    check_keys(text);
    const SshdSettings settings{text};
    fuzz::check(!settings.has("keyword") || !settings.values("keyword").empty(),
                "what is set has a value");
    return 0;
}
