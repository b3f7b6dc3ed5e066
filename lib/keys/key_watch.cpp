#include "keys/key_watch.hpp"

#include "keys/fingerprint.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sshpermd {
namespace {

/// Nearly always it is this one: packed, no name.
constexpr std::string_view usual_file = "authorized_keys";

std::vector<std::string> only_in(const std::vector<std::string>& one,
                                 const std::vector<std::string>& other) {
    std::vector<std::string> rest;
    std::set_difference(one.begin(), one.end(), other.begin(), other.end(),
                        std::back_inserter(rest));
    return rest;
}

} // namespace

KeyWatch::States KeyWatch::unpack(std::string_view packed) {
    States files;
    Unpacker unpacker{packed};
    while (!unpacker.rest().empty()) {
        State state;
        const auto file = unpacker.text();
        state.file = file.empty() ? usual_file : file;
        auto left = unpacker.number(); // one more than there are; 0: not whole
        state.is_whole = left > 0;
        for (; left > 1; --left)
            state.fingerprints.push_back(digest_text(unpacker.bytes(sha256_size)));
        for (const char why : unpacker.text())
            state.ignored.push_back(static_cast<Ignored>(why));
        files.push_back(std::move(state));
    }
    return files;
}

std::string KeyWatch::pack(const States& files) {
    Packer packer;
    for (const auto& state : files) {
        packer.text(state.file == usual_file ? std::string_view{} : state.file);
        packer.number(state.is_whole ? state.fingerprints.size() + 1 : 0);
        for (const auto& fingerprint : state.fingerprints)
            packer.bytes(digest_of_text(fingerprint).value());
        std::string ignored;
        for (const auto why : state.ignored)
            ignored.push_back(static_cast<char>(why));
        packer.text(ignored);
    }
    return std::string{packer.view()};
}

KeyWatch::State* KeyWatch::find(States& files, const std::string& file) {
    const auto found = std::find_if(files.begin(), files.end(),
                                    [&](const State& state) { return state.file == file; });
    return found == files.end() ? nullptr : &*found;
}

void KeyWatch::read(const std::string& file, std::string_view text, const KeyRules& rules) {
    State now;
    now.file = file;
    KeyNews news;
    news.file = file;
    auto& keys = now.fingerprints;
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
    if (!now.is_whole)
        keys.clear();
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());

    auto files = unpack(files_.view());
    auto* const known = find(files, file);
    if (known != nullptr && now.is_whole && known->is_whole) {
        news.appeared = only_in(keys, known->fingerprints);
        news.gone = only_in(known->fingerprints, keys);
    }
    if (known != nullptr && known->ignored == now.ignored)
        news.ignored.clear(); // told before
    if (known != nullptr)
        *known = std::move(now);
    else
        files.push_back(std::move(now));
    files_ = PackedBytes{pack(files)};
    if (news.is_change() || news.is_unusable())
        news_.make().push_back(std::move(news));
}

void KeyWatch::expect(const std::string& file, const std::string& fingerprint) {
    auto files = unpack(files_.view());
    auto* const known = find(files, file);
    if (known == nullptr || !known->is_whole || !digest_of_text(fingerprint))
        return; // the next reading has nothing to compare with
    auto& keys = known->fingerprints;
    const auto place = std::lower_bound(keys.begin(), keys.end(), fingerprint);
    if (place == keys.end() || *place != fingerprint)
        keys.insert(place, fingerprint);
    files_ = PackedBytes{pack(files)};
}

std::vector<KeyNews> KeyWatch::take_news() {
    const auto news = std::exchange(news_, {});
    return news ? std::move(*news) : std::vector<KeyNews>{};
}

} // namespace sshpermd
