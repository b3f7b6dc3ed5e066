#include "reconcile/learn.hpp"

#include "io/kernel.hpp"
#include "system/clock_digits.hpp"
#include "system/content.hpp"

#include <algorithm>
#include <utility>

namespace sshpermd {
namespace {

/// As splitmix64 does it: each bit depends on all.
std::uint64_t spread(std::uint64_t bits) {
    bits += 0x9E3779B97F4A7C15U;
    bits = (bits ^ bits >> 30U) * 0xBF58476D1CE4E5B9U;
    bits = (bits ^ bits >> 27U) * 0x94D049BB133111EBU;
    return bits ^ bits >> 31U;
}

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

std::uint64_t Hints::mark_of(const Observed& observed, bool content) {
    const auto mark =
        spread(spread(observed.inode) + static_cast<std::uint64_t>(observed.changed_us));
    return (mark & ~std::uint64_t{3}) | (content ? 3U : 2U); // never 0, which is no mark
}

std::uint64_t Hints::mark(std::size_t link) const {
    if (link < usual_.size())
        return usual_.at(link);
    const auto behind = link - usual_.size();
    return more_ && behind < more_->marks.size() ? more_->marks[behind] : 0;
}

void Hints::set_mark(std::size_t link, std::uint64_t mark) {
    if (link < usual_.size()) {
        usual_.at(link) = mark;
        return;
    }
    auto& marks = more_.make().marks;
    const auto behind = link - usual_.size();
    marks.resize(std::max(marks.size(), behind + 1));
    marks[behind] = mark;
}

bool Hints::has(std::size_t link, const Observed& observed, bool content) const {
    const auto known = mark(link);
    return known == mark_of(observed, true) || (!content && known == mark_of(observed, false));
}

void Hints::learned(std::size_t link, const Observed& observed, bool content) {
    set_mark(link, mark_of(observed, content));
    if (more_)
        more_->withheld.erase(link);
}

const ContentFacts* Hints::withheld(std::size_t link, const Observed& observed) const {
    if (!more_)
        return nullptr;
    const auto found = more_->withheld.find(link);
    return found != more_->withheld.end() && found->second.mark == mark_of(observed, false)
               ? &found->second.facts
               : nullptr;
}

void Hints::keep_withheld(std::size_t link, const Observed& observed, ContentFacts facts) {
    learned(link, observed, false);
    more_.make().withheld.insert_or_assign(link,
                                           Withheld{mark_of(observed, false), std::move(facts)});
}

Lesson learn(const Chain& chain, Memory& memory, Learn learn, Hints* hints, KeyWatch* watch) {
    // A change within the same tick of the kernel's clock would have the same ctime.
    constexpr std::int64_t tick_us = 20'000;
    Lesson lesson;
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
        if (hints != nullptr && hints->has(i, observed, content))
            continue;
        memory.learn(*link.report.account, link.thing, link.handle->identity());
        lesson.has_read = lesson.has_read || content;
        if (content && !learn_content(link, memory, watch)) {
            lesson.is_complete = false;
            continue;
        }
        if (hints != nullptr && coarse_now_us() - observed.changed_us > tick_us)
            hints->learned(i, observed, content);
        else
            is_lasting = false;
    }
    lesson.is_lasting = is_lasting;
    return lesson;
}

} // namespace sshpermd
