#include "policy/instance_data.hpp"

#include <nlohmann/json.hpp>

#include <array>

namespace sshpermd {
namespace {

using Document = nlohmann::json;

constexpr int deepest = 32;

/// EC2's source writes down what it crawled, with hyphens; the others what they made of it.
constexpr std::array<const char*, 5> places{
    "/v1/public_ssh_keys", "/ds/meta_data/public-keys", "/ds/meta_data/public_keys",
    "/ds/meta-data/public-keys", "/ds/meta-data/public_keys"};

struct TooDeep {};

/// Parsing takes no stack, but the document would when it is taken down.
Document parse(std::string_view text) {
    const auto check = [](int depth, Document::parse_event_t /*event*/, Document& /*value*/) {
        if (depth > deepest)
            throw TooDeep{};
        return true;
    };
    try {
        return Document::parse(text.begin(), text.end(), check);
    } catch (const Document::exception&) {
        return nullptr;
    } catch (const TooDeep&) {
        return nullptr;
    }
}

/// As deep as a key can lie below "public-keys", and no deeper.
void collect(const Document& value, int levels, std::vector<std::string>& keys) {
    if (value.is_string())
        keys.push_back(value.get<std::string>());
    if (levels > 0 && value.is_structured())
        for (const auto& item : value)
            collect(item, levels - 1, keys);
}

} // namespace

std::vector<std::string> public_keys_of(std::string_view instance_data) {
    std::vector<std::string> keys;
    const auto document = parse(instance_data);
    for (const auto* const place : places) {
        const Document::json_pointer pointer{place};
        if (document.contains(pointer))
            collect(document.at(pointer), 3, keys);
    }
    return keys;
}

} // namespace sshpermd
