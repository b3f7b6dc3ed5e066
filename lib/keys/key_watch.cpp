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

/// All are of one length: joined they take half the room, for each of very many accounts.
constexpr std::size_t fingerprint_length = 50;

std::vector<std::string> split(const std::string& joined) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at < joined.size(); at += fingerprint_length)
        parts.push_back(joined.substr(at, fingerprint_length));
    return parts;
}

std::string join(const std::vector<std::string>& parts) {
    std::string joined;
    joined.reserve(parts.size() * fingerprint_length);
    for (const auto& part : parts)
        joined += part;
    return joined;
}

} // namespace

KeyWatch::State* KeyWatch::find(const std::string& file) {
    const auto found = std::find_if(files_.begin(), files_.end(),
                                    [&](const State& state) { return state.file == file; });
    return found == files_.end() ? nullptr : &*found;
}

void KeyWatch::read(const std::string& file, std::string_view text, const KeyRules& rules) {
    State now;
    now.file = file;
    KeyNews news;
    news.file = file;
    std::vector<std::string> keys;
    for (const auto& listed : list_keys(text, rules)) {
        if (listed.ignored) {
            now.ignored.push_back(*listed.ignored);
            news.ignored.push_back({listed.first_line, *listed.ignored});
        } else if (listed.key) {
            ++news.accepted;
            if (news.accepted <= most_keys)
                keys.push_back(sha256_fingerprint(listed.key->blob));
        }
    }
    now.is_whole = news.accepted <= most_keys;
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    now.fingerprints = join(keys);

    auto* const known = find(file);
    if (known != nullptr && now.is_whole && known->is_whole) {
        const auto before = split(known->fingerprints);
        news.appeared = only_in(keys, before);
        news.gone = only_in(before, keys);
    }
    if (known != nullptr && known->ignored == now.ignored)
        news.ignored.clear(); // told before
    if (known != nullptr)
        *known = std::move(now);
    else
        files_.push_back(std::move(now));
    if (news.is_change() || news.is_unusable())
        news_.push_back(std::move(news));
}

void KeyWatch::expect(const std::string& file, const std::string& fingerprint) {
    auto* const known = find(file);
    if (known == nullptr)
        return; // the first reading tells nothing
    auto keys = split(known->fingerprints);
    const auto place = std::lower_bound(keys.begin(), keys.end(), fingerprint);
    if (place == keys.end() || *place != fingerprint)
        keys.insert(place, fingerprint);
    known->fingerprints = join(keys);
}

std::vector<KeyNews> KeyWatch::take_news() { return std::exchange(news_, {}); }

} // namespace sshpermd
