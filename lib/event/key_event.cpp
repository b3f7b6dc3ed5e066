#include "event/key_event.hpp"

#include <utility>

namespace sshpermd {
namespace {

std::string count_of(std::size_t count, const char* one, const char* many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string change_of(const KeyNews& news) {
    std::string text = news.file + " has changed: ";
    if (!news.appeared.empty())
        text += count_of(news.appeared.size(), "key", "keys") + " came (" + news.appeared.front() +
                (news.appeared.size() > 1 ? ", ...)" : ")");
    if (!news.gone.empty())
        text += (news.appeared.empty() ? "" : ", ") + count_of(news.gone.size(), "key", "keys") +
                " went";
    return text;
}

std::string flaw_of(const KeyNews& news) {
    const auto& first = news.ignored.front();
    const auto lines = news.ignored.size() == 1 ? "line " + std::to_string(first.number)
                                                : count_of(news.ignored.size(), "", "places") +
                                                      " from line " + std::to_string(first.number);
    return "sshd ignores " + lines + " of " + news.file + " (" + std::string{word(first.why)} +
           (news.ignored.size() > 1 ? ", ...)" : ")") +
           (news.accepted == 0 ? ", and there is no key in it that it takes" : "");
}

} // namespace

std::vector<Event> events_of(const KeyNews& news, const Account& account, const std::string& path,
                             Trigger trigger) {
    std::vector<Event> events;
    const auto add = [&](EventType type, std::string message) {
        auto& event = events.emplace_back();
        event.type = type;
        event.severity = Severity::warning;
        event.outcome = Outcome::reported;
        event.message = std::move(message);
        event.trigger = trigger;
        event.user = UserRef{account.name, account.uid};
        event.target = Target::authorized_keys;
        event.file = FileRef{path, FileType::file, std::nullopt, std::nullopt};
        event.keys = news;
    };
    if (news.is_change())
        add(EventType::keys_changed, change_of(news));
    if (news.is_unusable())
        add(EventType::keys_unusable, flaw_of(news));
    return events;
}

} // namespace sshpermd
