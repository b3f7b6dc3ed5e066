#include "record/trust.hpp"

#include "keys/fingerprint.hpp"

#include <algorithm>

namespace sshpermd {
namespace {

void add_fingerprint(ContentFacts& facts, const SignificantLine& line) {
    if (line.fingerprint.empty())
        return;
    if (facts.fingerprints.size() < ContentFacts::most)
        facts.fingerprints.push_back(line.fingerprint);
    else
        ++facts.more;
}

} // namespace

bool Vouchers::trust_anything() const {
    return on_exposed == OnExposed::repair || (on_exposed == OnExposed::first && is_first);
}

Judgement judge_content(const KeyFileContent& content, const Vouchers& vouchers) {
    Judgement judgement;
    judgement.facts.sha256 = sha256_fingerprint(content.text);
    const auto lines = significant_lines(content.text);
    std::vector<const SignificantLine*> unknown;
    for (const auto& line : lines) {
        judgement.lines.push_back(line.hash);
        if (!vouchers.memory.knows_line(vouchers.account, line.hash))
            unknown.push_back(&line);
    }
    if (!unknown.empty() && vouchers.on_exposed == OnExposed::first && vouchers.launch_keys) {
        const auto launch = vouchers.launch_keys();
        std::erase_if(unknown, [&](const SignificantLine* line) {
            return std::find(launch.begin(), launch.end(), line->hash) != launch.end();
        });
    }
    const bool is_too_large = content.too_large || lines.size() > most_significant_lines;
    judgement.trusted =
        vouchers.trust_anything() ||
        (!is_too_large && (unknown.empty() || vouchers.trust_content == judgement.facts.sha256));
    if (judgement.trusted)
        for (const auto& line : lines)
            add_fingerprint(judgement.facts, line);
    else
        for (const auto* const line : unknown)
            add_fingerprint(judgement.facts, *line);
    return judgement;
}

} // namespace sshpermd
