#include "explain/log_words.hpp"

#include <algorithm>
#include <array>

namespace sshpermd {
namespace {

constexpr std::int64_t one_connection = 300'000'000; ///< microseconds; LoginGraceTime is 120 s

constexpr std::array sshd_says{
    LogWord{"Authentication refused: bad ownership or modes",
            "a file or a directory on the way to the keys could be changed by others",
            "sshpermctl repair USER"},
    LogWord{"authorized keys", "the key file could not be read with the user's own rights",
            "sshpermctl explain USER"},
    LogWord{"not allowed because account is locked",
            "the account is locked, and sshd asks no PAM (UsePAM no)", "usermod -p '*' USER"},
    LogWord{"not allowed because shell", "the login shell is not there, or cannot be run",
            "usermod -s /bin/sh USER"},
    LogWord{"DenyUsers", "sshd's configuration keeps the user out",
            "grep -ri DenyUsers /etc/ssh/sshd_config*"},
    LogWord{"AllowUsers", "sshd's configuration lets only others in",
            "grep -ri AllowUsers /etc/ssh/sshd_config*"},
    LogWord{"DenyGroups", "sshd's configuration keeps a group of the user's out",
            "grep -ri DenyGroups /etc/ssh/sshd_config*"},
    LogWord{"AllowGroups", "sshd's configuration lets only other groups in",
            "grep -ri AllowGroups /etc/ssh/sshd_config*"},
    LogWord{"nologin exists", "a nologin file keeps everybody out but root", "rm /etc/nologin"},
    LogWord{"Invalid user", "there is no such account", "sshpermctl explain USER"},
    LogWord{"ROOT LOGIN REFUSED", "root may not log in (PermitRootLogin)",
            "grep -ri PermitRootLogin /etc/ssh/sshd_config*"},
    LogWord{"not in PubkeyAcceptedAlgorithms",
            "the client's key, or the way in which it signs, is not accepted any more",
            "ssh-keygen -t ed25519"},
    LogWord{"revoked by file", "the key is in the list of revoked keys", "ssh-keygen -t ed25519"},
    LogWord{"Error checking authentication key",
            "the list of revoked keys cannot be read: that keeps everybody out",
            "grep -ri RevokedKeys /etc/ssh/sshd_config*"},
    LogWord{"Unsafe AuthorizedKeysCommand",
            "the program that sshd asks for keys could be changed by others, and is not run",
            "grep -ri AuthorizedKeysCommand /etc/ssh/sshd_config*"},
    LogWord{"not from a permitted host", "the key's line says from=, and the client is elsewhere",
            "sshpermctl keys USER"},
    LogWord{"Refused by key options", "the options before the key keep the client out",
            "sshpermctl keys USER"},
    LogWord{"bad ownership or modes for chroot directory",
            "the session ends because the chroot could be changed by others",
            "sshpermctl explain USER"},
    LogWord{"by PAM account configuration",
            "PAM refuses: expired, aged out, /etc/nologin, or a rule of its own", "chage -l USER"},
    LogWord{"has expired", "the account has expired", "chage -E -1 USER"},
    LogWord{"Too many authentication failures",
            "the client offers many keys, and the right one too late",
            "ssh -o IdentitiesOnly=yes -i KEY USER@HOST"},
    LogWord{"maximum authentication attempts exceeded",
            "the client offers many keys, and the right one too late",
            "ssh -o IdentitiesOnly=yes -i KEY USER@HOST"},
    LogWord{"no hostkeys available", "sshd has no host key that it can use",
            "ssh-keygen -A; chmod 600 /etc/ssh/ssh_host_*_key"},
    LogWord{"Failed publickey", "the client's key is not among those that sshd accepts",
            "sshpermctl keys USER"},
    LogWord{"Accepted publickey", "sshd accepted a key, and what ended the session came after",
            "getent passwd USER"},
    LogWord{"Connection closed by authenticating user",
            "the client gave up: none of its keys was accepted", "sshpermctl keys USER"}};

/// Does the line name the user as sshd names one?
bool names(std::string_view line, std::string_view user) {
    for (const std::string_view before : {"user ", "User ", "for ", "user '"}) {
        for (auto at = line.find(before); at != std::string_view::npos;
             at = line.find(before, at + 1)) {
            const auto rest = line.substr(at + before.size());
            if (rest.starts_with(user) &&
                (rest.size() == user.size() ||
                 std::string_view{" ':,"}.find(rest[user.size()]) != std::string_view::npos))
                return true;
        }
    }
    return false;
}

std::string with_user(std::string_view fix, std::string_view user) {
    constexpr std::string_view place = "USER";
    std::string text{fix};
    if (const auto at = text.find(place); at != std::string::npos)
        text.replace(at, place.size(), user);
    return text;
}

} // namespace

std::span<const LogWord> log_words() { return sshd_says; }

const LogWord* log_word_for(std::string_view line) {
    const auto* const found =
        std::find_if(sshd_says.begin(), sshd_says.end(), [&](const LogWord& word) {
            return line.find(word.part) != std::string_view::npos;
        });
    return found == sshd_says.end() ? nullptr : found;
}

std::vector<ToldLine> told_about(std::string_view user, std::span<const LogLine> lines) {
    std::vector<const LogLine*> naming;
    for (const auto& line : lines)
        if (names(line.text, user))
            naming.push_back(&line);
    std::vector<ToldLine> told;
    for (const auto& line : lines) {
        const auto* const word = log_word_for(line.text);
        const bool is_about =
            word != nullptr && std::any_of(naming.begin(), naming.end(), [&](const LogLine* other) {
                return other->pid == line.pid &&
                       std::abs(other->microseconds - line.microseconds) < one_connection;
            });
        if (!is_about)
            continue;
        auto known = std::find_if(told.begin(), told.end(), [&](const ToldLine& one) {
            return one.meaning == word->meaning;
        });
        if (known == told.end())
            known = told.insert(told.end(),
                                {line, 0, std::string{word->meaning}, with_user(word->fix, user)});
        known->last = line;
        ++known->count;
    }
    std::sort(told.begin(), told.end(), [](const ToldLine& a, const ToldLine& b) {
        return a.last.microseconds > b.last.microseconds;
    });
    return told;
}

} // namespace sshpermd
