#include "reconcile/learn.hpp"

#include "system/clock_digits.hpp"
#include "system/content.hpp"
#include "system/kernel.hpp"

namespace sshpermd {
namespace {

bool is_sound(const Link& link) {
    const auto& report = link.report;
    return link.handle && !report.exposed && !report.unguarded && !report.failure &&
           report.action == Action::none &&
           (report.managed || std::holds_alternative<Compliant>(report.finding));
}

bool is_missing(const Link& link) {
    return !link.handle && !link.report.failure &&
           std::holds_alternative<Missing>(link.report.finding);
}

bool is_fresh(const Hint& hint, const Observed& observed, bool content) {
    return hint.inode == observed.inode && hint.changed_us == observed.changed_us &&
           (hint.content || !content);
}

/// Only if it did not change while it was read: what was written meanwhile may not be the
/// account's.
bool learn_content(const Link& key, Memory& memory, KeyWatch* watch) {
    const auto settled = read_settled_key_file(*key.handle);
    if (settled.content.too_large || settled.writer_remains ||
        key.handle->observe() != *key.report.observed)
        return false;
    if (watch != nullptr)
        watch->read(key.thing, settled.content.text,
                    {KeyRules{}.required_rsa_bits, clock_digits()});
    std::vector<LineHash> lines;
    for (const auto& line : significant_lines(settled.content.text))
        lines.push_back(line.hash);
    if (lines.size() <= most_significant_lines)
        memory.learn_lines(*key.report.account, lines);
    return true;
}

} // namespace

Lesson learn(const Chain& chain, Memory& memory, Learn learn, Hints* hints, KeyWatch* watch) {
    // A change within the same tick of the kernel's clock would have the same ctime.
    constexpr std::int64_t tick_us = 20'000;
    Lesson lesson;
    if (hints != nullptr)
        hints->resize(chain.size());
    bool is_lasting = hints != nullptr;
    for (std::size_t i = 0; i < chain.size(); ++i) {
        const auto& link = chain[i];
        if (!is_sound(link) && i < at_keys)
            return {lesson.has_read, lesson.is_complete, is_lasting && is_missing(link)};
        if (!is_sound(link)) {
            is_lasting = is_lasting && is_missing(link);
            continue;
        }
        const auto& observed = *link.report.observed;
        const bool content = learn == Learn::content && i >= at_keys;
        if (hints != nullptr && is_fresh((*hints)[i], observed, content))
            continue;
        memory.learn(*link.report.account, link.thing, link.handle->identity());
        lesson.has_read = lesson.has_read || content;
        if (content && !learn_content(link, memory, watch)) {
            lesson.is_complete = false;
            continue;
        }
        if (hints != nullptr && coarse_now_us() - observed.changed_us > tick_us)
            (*hints)[i] = {observed.inode, observed.changed_us, nullptr, content};
        else
            is_lasting = false;
    }
    lesson.is_lasting = is_lasting;
    return lesson;
}

} // namespace sshpermd
