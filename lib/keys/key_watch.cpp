#include "keys/key_watch.hpp"

#include "keys/fingerprint.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sshpermd {
namespace {

std::vector<std::string> only_in(const std::vector<std::string>& one,
                                 const std::vector<std::string>& other) {
    std::vector<std::string> rest;
    std::set_difference(one.begin(), one.end(), other.begin(), other.end(),
                        std::back_inserter(rest));
    return rest;
}

} // namespace

void KeyWatch::read(const std::string& file, std::string_view text, const KeyRules& rules) {
    State now;
    KeyNews news;
    news.file = file;
    for (const auto& listed : list_keys(text, rules)) {
        if (listed.ignored) {
            now.ignored.push_back(*listed.ignored);
            news.ignored.push_back({listed.first_line, *listed.ignored});
        } else if (listed.key) {
            ++news.accepted;
            if (news.accepted <= most_keys)
                now.fingerprints.push_back(sha256_fingerprint(listed.key->blob));
        }
    }
    now.is_whole = news.accepted <= most_keys;
    auto& keys = now.fingerprints;
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());

    const auto known = files_.find(file);
    const bool was_read = known != files_.end();
    if (was_read && now.is_whole && known->second.is_whole) {
        news.appeared = only_in(keys, known->second.fingerprints);
        news.gone = only_in(known->second.fingerprints, keys);
    }
    if (was_read && known->second.ignored == now.ignored)
        news.ignored.clear(); // told before
    files_[file] = std::move(now);
    if (news.is_change() || news.is_unusable())
        news_.push_back(std::move(news));
}

void KeyWatch::expect(const std::string& file, const std::string& fingerprint) {
    const auto known = files_.find(file);
    if (known == files_.end())
        return; // the first reading tells nothing
    auto& keys = known->second.fingerprints;
    const auto place = std::lower_bound(keys.begin(), keys.end(), fingerprint);
    if (place == keys.end() || *place != fingerprint)
        keys.insert(place, fingerprint);
}

std::vector<KeyNews> KeyWatch::take_news() { return std::exchange(news_, {}); }

} // namespace sshpermd
