#include "event/check_json.hpp"

#include "event/attributes_json.hpp"
#include "policy/json_text.hpp"

#include <utility>

namespace sshpermd {
namespace {

Json json_of(const ContentFacts& content) {
    return {
        {"sha256", content.sha256}, {"fingerprints", content.fingerprints}, {"more", content.more}};
}

Json json_of(const CheckFinding& finding) {
    Json json{{"user", or_null(finding.user)},
              {"target", finding.target},
              {"path", finding.path},
              {"result", finding.result},
              {"reasons", finding.reasons},
              {"blocks_login", or_null(finding.blocks_login)},
              {"exposed", finding.exposed},
              {"observed", nullptr},
              {"expected", json_of(finding.expected)},
              {"action", finding.action},
              {"error", nullptr}};
    if (finding.observed) {
        json["observed"] = json_of(*finding.observed);
        json["observed"]["type"] = finding.type;
    }
    if (finding.error)
        json["error"] = {{"code", finding.error->code}, {"message", finding.error->message}};
    if (finding.after)
        json["after"] = json_of(*finding.after);
    if (!finding.why.empty())
        json["why"] = finding.why;
    if (finding.content)
        json["content"] = json_of(*finding.content);
    if (finding.managed)
        json["managed"] = true;
    if (!finding.loses_access.empty())
        json["loses_access"] = finding.loses_access;
    if (!finding.kept_by.empty())
        json["kept_by"] = Json::parse(finding.kept_by);
    return json;
}

template <typename T>
std::optional<T> optional_at(const Json& json, const char* key) {
    const auto member = json.find(key);
    if (member == json.end() || member->is_null())
        return std::nullopt;
    return member->get<T>();
}

CheckFinding finding_from(const Json& json) {
    CheckFinding finding;
    finding.user = optional_at<std::string>(json, "user");
    finding.target = json.at("target").get<std::string>();
    finding.path = json.at("path").get<std::string>();
    finding.result = json.at("result").get<std::string>();
    finding.reasons = json.at("reasons").get<std::vector<std::string>>();
    finding.why = optional_at<std::string>(json, "why").value_or("");
    finding.blocks_login = optional_at<bool>(json, "blocks_login");
    finding.exposed = json.at("exposed").get<bool>();
    if (const auto& observed = json.at("observed"); !observed.is_null()) {
        finding.observed = attributes_from(observed);
        finding.type = observed.at("type").get<std::string>();
    }
    finding.expected = attributes_from(json.at("expected"));
    if (const auto after = json.find("after"); after != json.end() && !after->is_null())
        finding.after = attributes_from(*after);
    finding.action = json.at("action").get<std::string>();
    finding.managed = optional_at<bool>(json, "managed").value_or(false);
    using Texts = std::vector<std::string>;
    finding.loses_access = optional_at<Texts>(json, "loses_access").value_or(Texts{});
    if (const auto kept_by = json.find("kept_by"); kept_by != json.end())
        finding.kept_by = one_line(*kept_by);
    if (const auto content = json.find("content"); content != json.end() && !content->is_null())
        finding.content = ContentFacts{content->at("sha256").get<std::string>(),
                                       content->at("fingerprints").get<std::vector<std::string>>(),
                                       content->at("more").get<std::size_t>()};
    if (const auto& error = json.at("error"); !error.is_null())
        finding.error =
            EventError{error.at("code").get<std::string>(), error.at("message").get<std::string>()};
    return finding;
}

} // namespace

void CheckText::add(const CheckFinding& finding) {
    text_.append(std::exchange(separator_, ",")).append(one_line(json_of(finding)));
}

std::string CheckText::end(const Check& check) && {
    for (const auto& finding : check.findings)
        add(finding);
    const auto& summary = check.summary;
    const Json counts{{"users", summary.users},       {"compliant", summary.compliant},
                      {"drift", summary.drift},       {"refused", summary.refused},
                      {"missing", summary.missing},   {"errors", summary.errors},
                      {"repaired", summary.repaired}, {"withheld", summary.withheld}};
    text_.append(R"(],"summary":)").append(one_line(counts));
    if (!check.relabel.empty())
        text_.append(R"(,"relabel":)").append(one_line(check.relabel));
    text_.append("}");
    return std::move(text_);
}

std::string to_json(const Check& check) { return CheckText{}.end(check); }

std::optional<Check> parse_check(std::string_view text) {
    try {
        const auto json = Json::parse(text);
        if (json.at("schema") != "sshpermd.check/1")
            return std::nullopt;
        Check check;
        for (const auto& finding : json.at("findings"))
            check.findings.push_back(finding_from(finding));
        const auto& counts = json.at("summary");
        auto& summary = check.summary;
        summary.users = counts.at("users").get<std::size_t>();
        summary.compliant = counts.at("compliant").get<std::size_t>();
        summary.drift = counts.at("drift").get<std::size_t>();
        summary.refused = counts.at("refused").get<std::size_t>();
        summary.missing = counts.at("missing").get<std::size_t>();
        summary.errors = counts.at("errors").get<std::size_t>();
        summary.repaired = counts.at("repaired").get<std::size_t>();
        summary.withheld = counts.at("withheld").get<std::size_t>();
        check.relabel = json.value("relabel", std::string{});
        return check;
    } catch (const Json::exception&) {
        return std::nullopt;
    } catch (const std::invalid_argument&) {
        return std::nullopt;
    }
}

} // namespace sshpermd
