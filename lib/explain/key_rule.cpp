#include "explain/key_rule.hpp"

#include "explain/server_checks.hpp"
#include "keys/fingerprint.hpp"
#include "keys/ignored_words.hpp"
#include "keys/key_options.hpp"

#include <unistd.h>

namespace sshpermd {
namespace {

/// Is it one of the fingerprints that a key has, in any of the ways in which it is shown?
bool has_fingerprint(const PublicKey& key, const std::string& wanted) {
    const auto sha256 = sha256_fingerprint(key.blob);
    const auto md5 = md5_fingerprint(key.blob);
    return wanted == sha256 || wanted == sha256 + "=" || "SHA256:" + wanted == sha256 ||
           "SHA256:" + wanted == sha256 + "=" ||
           (md5 && (wanted == *md5 || "MD5:" + wanted == *md5)) || wanted == ec2_fingerprint(key);
}

std::string line_of(const ListedKey& listed) { return "line " + std::to_string(listed.first_line); }

} // namespace

KeyRule::KeyRule(const LoginCase& login) : login_(login) {
    if (login.sshd.settings->has("revokedkeys"))
        revoked_.emplace(login.root, login.sshd.settings->value("revokedkeys"));
}

bool KeyRule::is_meant(const ListedKey& listed) const {
    const auto& wanted = login_.question.key;
    return wanted.empty() || (listed.key && has_fingerprint(*listed.key, wanted));
}

std::optional<KeyFlaw> KeyRule::flaw_of(const ListedKey& listed) {
    if (listed.ignored)
        return KeyFlaw{true, line_of(listed) + " is ignored: " + why_ignored(listed),
                       "sshd ignores the line without a word",
                       login_.advice.sshpermctl("keys", shell_word(login_.question.user))};
    if (listed.is_authority)
        return KeyFlaw{true, line_of(listed) + " is the key of a CA, for certificates only", "",
                       ""};
    if (login_.question.public_key) // then these were asked of it
        return option_flaw(listed);
    if (auto flaw = algorithm_flaw(*listed.key))
        return flaw;
    if (auto flaw = revocation_flaw(*listed.key))
        return flaw;
    return option_flaw(listed);
}

/// auth2-pubkey.c userauth_pubkey(). With RSA it is a matter of the signature: today's clients sign
/// with SHA-512, unless the server says, which it does from OpenSSH 9.6 on, that it wants SHA-256.
std::optional<KeyFlaw> KeyRule::algorithm_flaw(const PublicKey& key) const {
    auto keyword = std::string{"pubkeyacceptedalgorithms"};
    if (!login_.sshd.settings->has(keyword))
        keyword = "pubkeyacceptedkeytypes"; // before OpenSSH 8.5
    const auto& accepted = login_.sshd.settings->value(keyword);
    const auto takes = [&](std::string_view algorithm) {
        return accepted.empty() || match_list(algorithm, accepted) == 1;
    };
    const bool is_rsa = key.kind == KeyKind::rsa;
    const std::string algorithm = is_rsa ? "rsa-sha2-512" : key.type;
    if (takes(algorithm))
        return std::nullopt;
    KeyFlaw flaw;
    flaw.is_certain = !is_rsa || !takes("rsa-sha2-256");
    flaw.summary = "PubkeyAcceptedAlgorithms has none for keys of type " + key.type;
    if (!flaw.is_certain)
        flaw.summary += " but rsa-sha2-256, which not every client tries";
    else if (is_rsa && takes("ssh-rsa"))
        flaw.summary += " but SHA-1, which only old clients offer";
    flaw.cause = "userauth_pubkey: signature algorithm " + algorithm +
                 " not in PubkeyAcceptedAlgorithms [preauth]";
    flaw.fix = "ssh-keygen -t ed25519  # and add its public half";
    return flaw;
}

std::optional<KeyFlaw> KeyRule::revocation_flaw(const PublicKey& key) {
    if (!revoked_)
        return std::nullopt;
    const auto& file = login_.sshd.settings->value("revokedkeys");
    switch (revoked_->look_up(key)) {
    case Revocation::none: return std::nullopt;
    case Revocation::revoked:
        return KeyFlaw{true, "the key is revoked (RevokedKeys)",
                       "error: Authentication key " + std::string{word(key.kind)} + " " +
                           sha256_fingerprint(key.blob) + " revoked by file " + file,
                       "ssh-keygen -t ed25519  # and add its public half"};
    case Revocation::unreadable:
        return KeyFlaw{geteuid() == 0,
                       "the list of revoked keys cannot be read: that keeps everybody out",
                       "error: Error checking authentication key " + std::string{word(key.kind)} +
                           " " + sha256_fingerprint(key.blob) + " in revoked keys file " + file,
                       login_.advice.on("ls -l", file)};
    case Revocation::cannot_tell: break;
    }
    return KeyFlaw{false, "ssh-keygen does not say whether the key is revoked", "",
                   login_.advice.on("ssh-keygen -Q KEY.pub -f", file)};
}

std::optional<KeyFlaw> KeyRule::option_flaw(const ListedKey& listed) const {
    const auto options = parse_key_options(listed.options);
    if (options.from) {
        const auto match = match_host(login_.client(), *options.from);
        if (match == Match::cannot_tell)
            return KeyFlaw{
                false, line_of(listed) + " is for clients from " + *options.from + ": --from ADDR",
                "",
                login_.advice.sshpermctl("explain",
                                         shell_word(login_.question.user) + " --from ADDR")};
        if (match != Match::yes)
            return KeyFlaw{true,
                           line_of(listed) + " is for clients from " + *options.from + " only",
                           "Authentication tried for " + login_.question.user +
                               " with correct key but not from a permitted host (host=" +
                               *login_.question.from + ", ip=" + *login_.question.from +
                               ", required=" + *options.from + ").",
                           login_.advice.sshpermctl("keys", shell_word(login_.question.user))};
    }
    const bool needs_command = login_.person->account.uid == 0 &&
                               login_.sshd.settings->is("permitrootlogin", "forced-commands-only");
    if (needs_command && !options.has_command)
        return KeyFlaw{true,
                       line_of(listed) + " has no command=, and root may come with nothing else "
                                         "(PermitRootLogin forced-commands-only)",
                       "ROOT LOGIN REFUSED FROM " + login_.question.from.value_or("IP") + " port N",
                       where_is(login_, "PermitRootLogin")};
    return std::nullopt;
}

} // namespace sshpermd
