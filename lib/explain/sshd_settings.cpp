#include "explain/sshd_settings.hpp"

#include "policy/fields.hpp"
#include "policy/letters.hpp"

namespace sshpermd {
SshdSettings::SshdSettings(std::string_view effective) {
    while (!effective.empty()) {
        auto line = trim(take_field(effective, "\n"), " \t\r");
        const auto keyword = lowered(take_field(line, " "));
        if (!keyword.empty())
            values_[keyword].emplace_back(trim(line, " "));
    }
}

const std::vector<std::string>& SshdSettings::values(const std::string& keyword) const {
    static const std::vector<std::string> none;
    const auto found = values_.find(keyword);
    return found == values_.end() ? none : found->second;
}

const std::string& SshdSettings::value(const std::string& keyword) const {
    static const std::string none;
    const auto& all = values(keyword);
    return all.empty() ? none : all.front();
}

bool SshdSettings::is(const std::string& keyword, std::string_view word) const {
    return is_word(value(keyword), word);
}

bool SshdSettings::has(const std::string& keyword) const {
    return !value(keyword).empty() && !is(keyword, "none");
}

} // namespace sshpermd
