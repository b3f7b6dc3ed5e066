#include "explain_text.hpp"

#include "event/text.hpp"
#include "explain/instance_checks.hpp"
#include "policy/json_text.hpp"
#include "wrap.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <ostream>

namespace sshpermd {
namespace {

constexpr std::size_t mark_width = 6;
constexpr std::size_t label_width = 12;

std::string mark(CheckResult result) {
    switch (result) {
    case CheckResult::pass: return "ok";
    case CheckResult::fail: return "FAIL";
    case CheckResult::unknown: return "?";
    case CheckResult::note: return "note";
    }
    return "";
}

std::string headline(const LoginQuestion& question, const Explanation& explanation) {
    const auto& user = question.user;
    const auto key = question.key.empty() ? "a key of " + user + "'s" : "the key " + question.key;
    switch (explanation.verdict) {
    case LoginVerdict::accepted: return "ACCEPTED: sshd takes " + key;
    case LoginVerdict::refused:
        return "REFUSED: sshd does not let " + user + " in with " +
               (question.key.empty() ? "any key" : key);
    case LoginVerdict::unknown: break;
    }
    return "CANNOT TELL whether sshd takes " + key;
}

/// Commands are for copying: they are not broken into lines.
void print_details(std::ostream& out, const LoginCheck& check, std::size_t indent) {
    const std::string margin(indent, ' ');
    if (!check.cause.empty())
        out << wrapped(printable(check.cause), indent + label_width - mark_width, margin + "sshd:");
    if (!check.fix.empty())
        out << margin << "fix:  " << printable(check.fix) << '\n';
}

void print_check(std::ostream& out, const LoginCheck& check) {
    out << wrapped(printable(check.summary), mark_width, mark(check.result));
    print_details(out, check, mark_width);
}

/// "2026-11-21T09:00:00Z"
std::string moment(const LogLine& line) {
    const auto seconds = static_cast<std::time_t>(line.microseconds / 1'000'000);
    std::tm parts{};
    std::array<char, 32> text{};
    if (gmtime_r(&seconds, &parts) == nullptr)
        return {};
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

void print_log(std::ostream& out, const std::vector<ToldLine>& log) {
    constexpr std::size_t most = 3;
    for (std::size_t i = 0; i < std::min(log.size(), most); ++i) {
        const auto& told = log[i];
        out << wrapped(
            moment(told.last) +
                (told.count > 1 ? ", " + std::to_string(told.count) + " times in three days" : "") +
                ": " + told.meaning,
            mark_width, "log");
        print_details(out, {"", CheckResult::note, Weight::none, "", told.last.text, told.fix},
                      mark_width);
    }
}

} // namespace

void print_explanation(std::ostream& out, const LoginQuestion& question,
                       const Explanation& explanation, Verbosity verbosity) {
    const auto* const first = first_cause(explanation.checks);
    out << wrapped(printable(headline(question, explanation)), 0);
    if (first != nullptr)
        print_check(out, *first);
    std::vector<std::string> named;
    for (const auto& check : explanation.checks) {
        if (check.result == CheckResult::pass && verbosity != Verbosity::verbose)
            continue;
        named.push_back(check.id);
        if (&check != first)
            print_check(out, check);
    }
    std::string passed;
    for (const auto& check : explanation.checks)
        if (std::find(named.begin(), named.end(), check.id) == named.end()) {
            passed += (passed.empty() ? "" : ", ") + check.id;
            named.push_back(check.id);
        }
    print_log(out, explanation.log);
    if (!passed.empty())
        out << wrapped(passed, mark_width, mark(CheckResult::pass));
    out << wrapped(outside_words, mark_width, "else");
}

Json json_of(const LoginQuestion& question, const Explanation& explanation) {
    const auto* const first = first_cause(explanation.checks);
    Json json{{"schema", "sshpermd.explain/1"},
              {"user", question.user},
              {"key", text_or_null(question.key)},
              {"from", or_null(question.from)},
              {"verdict", word(explanation.verdict)},
              {"because", first != nullptr ? Json(first->summary) : Json(nullptr)},
              {"checks", Json::array()},
              {"log", Json::array()},
              {"outside", outside_words}};
    for (const auto& check : explanation.checks)
        json["checks"].push_back({{"check", check.id},
                                  {"result", word(check.result)},
                                  {"decides", check.weight == Weight::decides},
                                  {"summary", check.summary},
                                  {"cause", text_or_null(check.cause)},
                                  {"fix", text_or_null(check.fix)}});
    for (const auto& told : explanation.log)
        json["log"].push_back({{"time", moment(told.last)},
                               {"count", told.count},
                               {"line", told.last.text},
                               {"meaning", told.meaning},
                               {"fix", told.fix}});
    return json;
}

} // namespace sshpermd
