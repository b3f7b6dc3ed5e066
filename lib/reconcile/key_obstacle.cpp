#include "event/text.hpp"
#include "reconcile/key_adding.hpp"

#include <utility>

// What a round left in the way of adding a key.

namespace sshpermd {
namespace {

void refuse(Addition& addition, std::string_view reason, std::string why, std::string fix = {}) {
    addition.result = AdditionResult::refused;
    addition.reason = reason;
    addition.why = std::move(why);
    addition.fix = std::move(fix);
}

/// "sshpermctl repair", with --root where it belongs.
std::string repair_of(const WantedKey& wanted) {
    return "sshpermctl repair " +
           (wanted.image_dir.empty() ? "" : "--root " + shell_word(wanted.image_dir) + " ");
}

void refuse(Addition& addition, const Report& report, RefusalReason reason,
            const WantedKey& wanted) {
    const auto named = std::string{word(report.target)} + ": ";
    if (report.managed)
        return refuse(addition, word(reason),
                      named + "it is root's and lets the account log in: whoever manages it adds "
                              "the key there");
    const bool is_owners =
        reason == RefusalReason::foreign_owner || reason == RefusalReason::root_owned_home;
    refuse(addition, word(reason), named + std::string{why(reason)},
           is_owners ? repair_of(wanted) + "--take-ownership " + addition.user : "");
}

void refuse_withheld(Addition& addition, const Report& report, const WantedKey& wanted) {
    const bool has_hash = report.content && report.target == Target::authorized_keys;
    refuse(
        addition, word(RefusalReason::content_unknown),
        std::string{word(report.target)} + ": " + std::string{why(RefusalReason::content_unknown)},
        has_hash
            ? repair_of(wanted) + "--trust-content=" + report.content->sha256 + " " + addition.user
            : "");
}

void fail(Addition& addition, const Failure& failure) {
    addition.result = AdditionResult::failed;
    addition.error = EventError{error_name(failure.number),
                                "cannot " + failure.doing + ": " + error_text(failure.number)};
}

/// Says in the addition what is in the way; false when nothing is.
bool is_in_the_way(const Report& report, const WantedKey& wanted, Addition& addition) {
    if (is_client_side(report.target))
        return false;
    const bool is_above = report.target == Target::home || report.target == Target::home_root;
    if (report.target == Target::authorized_keys && report.path != addition.path)
        return false;
    if (report.failure)
        fail(addition, *report.failure);
    else if (report.action == Action::withheld)
        refuse_withheld(addition, report, wanted);
    else if (const auto* const refusal = std::get_if<Refusal>(&report.finding))
        refuse(addition, report, refusal->reason, wanted);
    else if (report.action == Action::would_repair && report.exposed)
        refuse(addition, "exposed",
               std::string{word(report.target)} +
                   ": others could write it, and a repair has to judge what is in it first",
               repair_of(wanted) + addition.user);
    else if (is_above && std::holds_alternative<Missing>(report.finding))
        refuse(addition, "missing", std::string{word(report.target)} + ": it is not there");
    else
        return false;
    return true;
}

} // namespace

Addition blank_addition(const WantedKey& wanted, const Home& home) {
    Addition addition;
    addition.user = home.account->name;
    addition.path = home.path() + "/.ssh/" + wanted.file;
    addition.key = key_ref(wanted.key);
    return addition;
}

std::optional<Addition> obstacle_to(const WantedKey& wanted, const Home& home,
                                    const RootRound& root, const HomeRound& found) {
    auto addition = blank_addition(wanted, home);
    if (is_in_the_way(root.report, wanted, addition))
        return addition;
    for (const auto& report : found.reports)
        if (is_in_the_way(report, wanted, addition))
            return addition;
    return std::nullopt;
}

} // namespace sshpermd
