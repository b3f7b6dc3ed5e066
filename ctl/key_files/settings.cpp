#include "key_files/settings.hpp"

#include "policy/fields.hpp"
#include "policy/sshd_config.hpp"

#include <charconv>
#include <string_view>

namespace sshpermd {
namespace {

constexpr const char* usual_files = ".ssh/authorized_keys .ssh/authorized_keys2";

bool has_word(std::string_view list, std::string_view wanted) {
    while (!list.empty())
        if (take_field(list, ",") == wanted)
            return true;
    return false;
}

} // namespace

bool KeySettings::accept(const PublicKey& key) const {
    if (algorithms.empty() || has_word(algorithms, key.type))
        return true;
    return key.kind == KeyKind::rsa &&
           (has_word(algorithms, "rsa-sha2-256") || has_word(algorithms, "rsa-sha2-512"));
}

KeySettings Sshd::settings_for(const Account& account) {
    const auto& answer = answer_for(account);
    const auto setting = [&](std::string_view keyword) {
        return answer.settings ? setting_of(*answer.settings, keyword) : std::nullopt;
    };
    const auto files = setting("authorizedkeysfile");
    KeySettings settings;
    settings.files = key_files_of(files.value_or(usual_files), account);
    settings.by_sshd = files.has_value();
    settings.silence = answer.silence;
    settings.takes_keys = setting("pubkeyauthentication") != "no";
    settings.algorithms = setting("pubkeyacceptedalgorithms").value_or("");
    if (settings.algorithms.empty()) // before OpenSSH 8.5
        settings.algorithms = setting("pubkeyacceptedkeytypes").value_or("");
    if (const auto bits = setting("requiredrsasize"))
        std::from_chars(bits->data(), bits->data() + bits->size(), settings.required_rsa_bits);
    return settings;
}

Sshd::Sshd(const Sysroot& root) {
    if (root.is_image()) {
        image_.emplace(root);
        return;
    }
    sshd_ = find_sshd_in_force();
    reading_ = read_sshd_config_files(root, {sshd_.config}, {sshd_.program});
}

const ImageSshdAnswer& Sshd::answer_for(const Account& account) {
    const bool for_everybody = image_ ? image_->files().for_everybody : reading_.for_everybody;
    if (!can_be_asked(account.name)) {
        static const ImageSshdAnswer none{{}, "sshd cannot be asked about a name like this"};
        return none;
    }
    const auto name = for_everybody ? std::string{} : account.name;
    const auto known = answers_.find(name);
    return known != answers_.end() ? known->second
                                   : answers_.emplace(name, ask_about(account.name)).first->second;
}

ImageSshdAnswer Sshd::ask_about(const std::string& user) {
    if (image_)
        return image_->settings_for(user, SshdQuestion{}.address);
    if (!sshd_.can_be_asked())
        return {};
    return {ask_sshd(inquirer_, sshd_.question_about(user)), {}};
}

} // namespace sshpermd
